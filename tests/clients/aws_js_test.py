"""Runs aws_js/sdk_test.mjs with Node against the real daemon.

Skips, and says why, where Node is older than 20 or the SDK's packages cannot be had.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from daemon_process import DEADLINE_SECONDS, FreshetTest, binary, main

SOURCE = pathlib.Path(__file__).resolve().parent / "aws_js"
FOLDER = pathlib.Path(binary("tests")) / "aws_js"
FILES = ("package.json", "package-lock.json", "sdk_test.mjs")


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)


def node_major():
    if not shutil.which("node"):
        return 0
    return int(re.match(r"v(\d+)", run("node", "--version").stdout).group(1))


def install_packages():
    """Installs the pinned SDK into the build folder; SkipTest when that is impossible here."""
    if node_major() < 20:
        raise unittest.SkipTest(f"Node {node_major() or 'is absent'}: the SDK needs 20 or newer")
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is absent")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(SOURCE / file, FOLDER / file)
    lock = (SOURCE / "package-lock.json").read_bytes()
    stamp = FOLDER / "installed-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    try:
        installed = run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=FOLDER,
                        timeout=300)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest("npm ci did not end in 300 s: is the registry out of reach?")
    if installed.returncode != 0:
        raise unittest.SkipTest("npm ci failed, the SDK is not tested:\n" + installed.stdout)
    stamp.write_bytes(lock)


class AwsJavaScriptTest(FreshetTest):
    @classmethod
    def setUpClass(cls):
        install_packages()

    def test_the_sdk_gets_on_with_the_daemon(self):
        daemon = self.start_daemon()
        url = f"http://127.0.0.1:{daemon.port}"
        environment = {**os.environ, "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": url,
                       "AWS_ENDPOINT_URL_PERSONALIZE_RUNTIME": url}
        result = run("node", "--test", "--test-reporter=spec", "sdk_test.mjs", cwd=FOLDER,
                     env=environment, timeout=DEADLINE_SECONDS * 2)
        print(result.stdout)
        self.assertEqual(result.returncode, 0, "node --test, see above")


if __name__ == "__main__":
    main()
