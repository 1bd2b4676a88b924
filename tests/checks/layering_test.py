#!/usr/bin/env python3
"""tools/check_layering.py finds each kind of breach in a tree made for it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools/check_layering.py"

GOOD = {
    "CMakeLists.txt": "add_subdirectory(core)\nadd_subdirectory(storage)\nadd_subdirectory(tests)\n",
    "core/CMakeLists.txt": "add_library(core state.cc)\n",
    "core/state.h": "#pragma once\n#include <vector>\n",
    "core/state.cc": '#include "core/state.h"\n// std::mutex is not for core\n',
    "storage/CMakeLists.txt": "add_library(storage rocks_store.cc)\n",
    "storage/rocks_store.cc": '#include <rocksdb/db.h>\n\n#include "core/state.h"\n',
    "tests/CMakeLists.txt": "add_executable(state_test state_test.cc)\nadd_test(x kill_test.py)\n",
    "tests/state_test.cc": '#include <gtest/gtest.h>\n\n#include "core/state.h"\n',
    "tests/kill_test.py": "",
}


def breaches(changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**GOOD, **changes}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        result = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True,
                                check=False)
    lines = result.stdout.splitlines()
    assert result.returncode == (1 if lines else 0), result
    assert not result.stderr, result.stderr
    return lines


class LayeringTest(unittest.TestCase):
    def expect(self, changes, *parts):
        found = breaches(changes)
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def test_a_good_tree_has_no_breach(self):
        self.assertEqual(breaches({}), [])

    def test_core_must_not_include_storage(self):
        self.expect({"core/state.h": '#pragma once\n#include "storage/rocks_store.h"\n'},
                    "core/state.h:2:", "core must not include storage")

    def test_nobody_includes_tests(self):
        self.expect({"core/state.h": '#pragma once\n#include "tests/a.h"\n'},
                    "core must not include tests")

    def test_rocksdb_is_known_in_rocks_files_only(self):
        self.expect({"storage/store.h": "#pragma once\n#include <rocksdb/db.h>\n"},
                    "storage/store.h:2:", "RocksDB")

    def test_boost_is_not_for_storage(self):
        self.expect({"storage/store.h": "#pragma once\n#include <boost/asio.hpp>\n"}, "Boost")

    def test_a_library_nobody_has_named_is_refused(self):
        self.expect({"storage/store.h": "#pragma once\n#include <folly/String.h>\n"}, "no library")

    def test_core_has_no_threads(self):
        self.expect({"core/state.h": "#pragma once\n#include <mutex>\n"}, "<mutex>")

    def test_core_has_no_clock_and_no_unseeded_randomness(self):
        self.expect({"core/state.h": "#pragma once\nauto x = std::chrono::system_clock::now();\n"},
                    "core must not use")
        self.expect({"core/state.h": "#pragma once\nstd::random_device seed;\n"},
                    "core must not use")

    def test_the_own_header_comes_first(self):
        self.expect({"core/state.cc": '#include <vector>\n\n#include "core/state.h"\n'},
                    "core/state.cc:1:", "first include")

    def test_includes_are_written_from_the_root(self):
        self.expect({"core/other.h": '#pragma once\n#include "state.h"\n'}, "from the root")

    def test_a_header_needs_its_pragma(self):
        self.expect({"core/other.h": "int x;\n"}, "#pragma once")

    def test_a_test_outside_the_build_is_found(self):
        self.expect({"tests/other_test.cc": ""}, "tests/other_test.cc:1:", "not built")
        self.expect({"tests/other_test.py": ""}, "tests/other_test.py:1:", "not run")

    def test_a_source_that_is_only_in_a_comment_is_not_in_the_build(self):
        self.expect({"core/CMakeLists.txt": "add_library(core # state.cc\n)\n"}, "core/state.cc:1:")

    def test_a_folder_outside_the_build_is_found(self):
        self.expect({"tests/crash/CMakeLists.txt": ""}, "tests/crash/CMakeLists.txt:1:")


if __name__ == "__main__":
    unittest.main()
