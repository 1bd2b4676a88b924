#!/usr/bin/env python3
"""cmake --install puts every file where the unit and an administrator look for it."""

import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("FRESHET_BUILD", "build/release")


class InstallTest(unittest.TestCase):
    def test_each_file_is_in_its_place_and_the_daemon_runs_from_there(self):
        with tempfile.TemporaryDirectory() as root:
            environment = {**os.environ, "DESTDIR": root}
            subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], check=True,
                           env=environment, capture_output=True)
            for name in ("usr/bin/freshetd", "usr/bin/freshet", "etc/freshet/freshet.toml",
                         "usr/lib/systemd/system/freshet.service", "usr/lib/sysusers.d/freshet.conf",
                         "usr/share/doc/freshet/README.md",
                         "usr/share/doc/freshet/configuration.md"):
                self.assertTrue(pathlib.Path(root, name).is_file(), name)
            kept = {name: value for name, value in os.environ.items()
                    if not name.startswith("FRESHET_")}
            checked = subprocess.run(
                [f"{root}/usr/bin/freshetd", "--config", f"{root}/etc/freshet/freshet.toml",
                 "--check-config"], capture_output=True, text=True, env=kept, check=False)
            self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    unittest.main()
