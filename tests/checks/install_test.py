#!/usr/bin/env python3
"""cmake --install puts every file where the unit and an administrator look for it."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("FRESHET_BUILD", "build/release")


class InstallTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def install(self, prefix, destdir=None):
        environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
        if destdir is not None:
            environment["DESTDIR"] = str(destdir)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", str(prefix)], check=True,
                       env=environment, capture_output=True)

    def test_each_file_is_in_its_place_and_the_daemon_runs_from_there(self):
        self.install("/usr", self.root)
        for name in ("usr/bin/freshetd", "usr/bin/freshet", "etc/freshet/freshet.toml",
                     "usr/lib/systemd/system/freshet.service", "usr/lib/sysusers.d/freshet.conf",
                     "usr/share/doc/freshet/README.md",
                     "usr/share/doc/freshet/docs/configuration.md"):
            self.assertTrue((self.root / name).is_file(), name)
        unit = (self.root / "usr/lib/systemd/system/freshet.service").read_text()
        self.assertIn("ExecStart=/usr/bin/freshetd --config /etc/freshet/freshet.toml", unit)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("FRESHET_")}
        checked = subprocess.run(
            [f"{self.root}/usr/bin/freshetd", "--config", f"{self.root}/etc/freshet/freshet.toml",
             "--check-config"], capture_output=True, text=True, env=kept, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_nothing_is_written_outside_of_the_prefix(self):
        prefix = self.root / "there"
        self.install(prefix)
        self.assertTrue((prefix / "etc/freshet/freshet.toml").is_file())
        unit = (prefix / "lib/systemd/system/freshet.service").read_text()
        self.assertIn(f"ExecStart={prefix}/bin/freshetd --config {prefix}/etc/freshet/", unit)
        manifest = pathlib.Path(BUILD, "install_manifest.txt").read_text().split("\n")
        outside = [name for name in manifest if name and not name.startswith(str(prefix))]
        self.assertEqual(outside, [])

    def test_an_edited_configuration_stays(self):
        self.install("/usr", self.root)
        edited = self.root / "etc/freshet/freshet.toml"
        edited.write_text("# mine\n")
        self.install("/usr", self.root)
        self.assertEqual(edited.read_text(), "# mine\n")
        default = (self.root / "etc/freshet/freshet.toml.default").read_text()
        self.assertIn("[server]", default)

    def test_links_between_the_installed_pages_work(self):
        self.install("/usr", self.root)
        documents = self.root / "usr/share/doc/freshet"
        pages = [documents / "README.md", *sorted((documents / "docs").glob("*.md"))]
        self.assertGreater(len(pages), 5)
        for page in pages:
            for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
                if "://" not in link:
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")


if __name__ == "__main__":
    unittest.main()
