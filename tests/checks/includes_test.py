#!/usr/bin/env python3
"""tools/check_includes.py finds a standard name whose header only a compiler brings along."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools/check_includes.py"


def breaches(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        result = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True,
                                check=False)
    *found, _ = result.stdout.splitlines()
    found = [line for line in found if line]
    assert result.returncode == (1 if found else 0), result
    return found


class IncludesTest(unittest.TestCase):
    def test_debian_13_does_not_bring_cstdint_along(self):
        text = "#include <algorithm>\n\nauto port = static_cast<std::uint16_t>(80);\n"
        self.assertEqual(breaches({"tests/bench/http_exchange.cc": text}),
                         ["tests/bench/http_exchange.cc:3: uint16_t needs <cstdint>"])

    def test_the_files_own_include_is_enough(self):
        self.assertEqual(breaches({"core/a.cc": "#include <cstdint>\n\nstd::uint16_t port;\n"}), [])

    def test_an_include_of_one_of_our_headers_is_enough(self):
        files = {"core/a.h": '#pragma once\n#include "core/b.h"\n',
                 "core/b.h": "#pragma once\n#include <vector>\nstd::vector<int> b;\n",
                 "core/a.cc": '#include "core/a.h"\n\nstd::vector<int> a;\n'}
        self.assertEqual(breaches(files), [])

    def test_a_library_header_is_not_enough(self):
        self.assertEqual(breaches({"daemon/a.cc": "#include <boost/json.hpp>\n\nstd::vector<int> a;\n"}),
                         ["daemon/a.cc:3: std::vector needs <vector>"])

    def test_comments_and_texts_need_no_header(self):
        text = '// std::vector\n/* std::map\n */ const char* a = "std::set"; // std::list\n'
        self.assertEqual(breaches({"core/a.cc": text}), [])


if __name__ == "__main__":
    unittest.main()
