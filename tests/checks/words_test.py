#!/usr/bin/env python3
"""tools/check_words.py finds what does not belong, and leaves the rest alone."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools/check_words.py"
SLASHES = ":/" "/"  # written apart, so that this file itself passes


def finds(text):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "page.md").write_text("first line\n" + text + "\n")
        result = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True,
                                check=False)
    lines = result.stdout.splitlines()
    assert result.returncode == (1 if lines else 0), result
    return lines


class WordsTest(unittest.TestCase):
    def test_a_host_that_may_not_be_named_is_found_with_its_line(self):
        found = finds(f"get it from https{SLASHES}packages.somewhere.net/x.tgz")
        self.assertEqual(found, ["page.md:2: names the host packages.somewhere.net"])

    def test_this_machine_and_examples_may_be_named(self):
        for host in ("127.0.0.1:7979/v1", "localhost/x", "[::1]:80/", "shop.example.com/"):
            self.assertEqual(finds(f"curl http{SLASHES}{host}"), [])

    def test_a_host_that_a_program_puts_together_is_not_named(self):
        self.assertEqual(finds(f'f"http{SLASHES}{{address}}/x" "http{SLASHES}$host" "http{SLASHES}%s"'), [])

    def test_a_path_of_one_machine_is_found(self):
        self.assertEqual(finds("see /ho" "me/ann/freshet"),
                         ["page.md:2: names /ho" "me/ann, a path of one machine"])
        self.assertEqual(finds("$HOME/freshet and build/work/x"), [])

    def test_an_unfinished_mark_is_found(self):
        self.assertEqual(finds("TO" "DO: write this"), ["page.md:2: is marked as unfinished"])


if __name__ == "__main__":
    unittest.main()
