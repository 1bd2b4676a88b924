#!/usr/bin/env python3
"""systemd understands packaging/freshet.service and packaging/freshet.sysusers, and the unit is as
hardened as it says. Skips where systemd's tools are not installed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FRESHET_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("FRESHET_BUILD", SOURCE / "build/release")).resolve()
UNIT = SOURCE / "packaging/freshet.service"


class ServiceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # verify wants the program to exist and the account to be known here.
        text = UNIT.read_text().replace("/usr/bin/freshetd", str(BUILD / "freshetd"))
        text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.MULTILINE)
        self.unit = pathlib.Path(folder.name, "freshet.service")
        self.unit.write_text(text)

    def analyze(self, *arguments):
        return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True,
                              check=False)

    def test_systemd_finds_nothing_wrong(self):
        result = self.analyze("verify", "--man=no", str(self.unit))
        said = [line for line in (result.stdout + result.stderr).splitlines() if "freshet" in line]
        self.assertEqual(said, [])
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_verify_would_notice_a_mistake(self):
        self.unit.write_text(self.unit.read_text().replace("Type=notify", "Type=notifies"))
        result = self.analyze("verify", "--man=no", str(self.unit))
        self.assertIn("notifies", result.stdout + result.stderr)

    def test_its_exposure_is_low(self):
        result = self.analyze("security", "--offline=true", "--threshold=20", str(self.unit))
        if "nrecognized option" in result.stderr:
            self.skipTest("this systemd-analyze cannot look at a file")
        self.assertEqual(result.returncode, 0, result.stdout[-2000:] + result.stderr)

    def test_the_account_of_the_unit_is_the_one_that_sysusers_makes(self):
        user = re.search(r"^User=(\S+)$", UNIT.read_text(), re.MULTILINE).group(1)
        made = re.findall(r"^u (\S+) ", (SOURCE / "packaging/freshet.sysusers").read_text(),
                          re.MULTILINE)
        self.assertEqual(made, [user])

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd-sysusers is not installed")
    def test_sysusers_makes_the_account(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "etc"))
            made = subprocess.run(
                ["systemd-sysusers", f"--root={root}", "--replace=/usr/lib/sysusers.d/freshet.conf",
                 str(SOURCE / "packaging/freshet.sysusers")],
                capture_output=True, text=True, check=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertIn("freshet:", pathlib.Path(root, "etc/passwd").read_text())


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not installed")
        sys.exit(77)
    unittest.main()
