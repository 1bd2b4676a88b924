#!/usr/bin/env python3
"""Holds who may include whom, and that nothing written is left out of the build.

  check_layering.py [ROOT]     prints each breach as FILE:LINE: what, and exits 1 if there is any

Includes: core knows only the standard library and Eigen; storage and config know core; daemon knows
those three; tools know all; nobody includes tests. Each library is named by the files in LIBRARIES
only. Build: every .cc is listed in a CMakeLists.txt, and every CMakeLists.txt is reached.
"""

import pathlib
import re
import sys

FOLDERS = {
    "core": {"core"},
    "storage": {"core", "storage"},
    "config": {"core", "config"},
    "daemon": {"core", "storage", "config", "daemon"},
    "tools": {"core", "storage", "config", "daemon", "tools"},
    "tests": {"core", "storage", "config", "daemon", "tools", "tests"},
}

# Library: the start of its includes, and the files that may name it.
LIBRARIES = {
    "Eigen": (r"Eigen/", r"(core|tests)/"),
    "RocksDB": (r"rocksdb/", r"storage/rocks_[a-z_]+\.(h|cc)$|tests/"),
    "toml++": (r"toml\+\+/", r"config/toml_file\.cc$"),
    "Boost.JSON": (r"boost/json", r"daemon/|storage/generation_manifest\.cc$|tests/"),
    # The command line is a client of the daemon and speaks HTTP to it.
    "Boost": (r"boost/(?!json)", r"daemon/|tests/|tools/[a-z_]*(http|client)[a-z_]*\.(h|cc)$"),
    "prometheus-cpp": (r"prometheus/", r"(daemon|tests)/"),
    "librdkafka": (r"librdkafka/", r"(daemon/kafka|tests)/"),
    "systemd": (r"systemd/", r"daemon/"),
    "spdlog": (r"(spdlog|fmt)/", r"(daemon|tools|tests)/"),
    "CLI11": (r"CLI/", r"(daemon|tools|tests)/"),
    "zlib": (r"zlib\.h$", r"(tools|tests)/"),
    "OpenSSL": (r"openssl/", r"(daemon|tools|tests)/"),
    "GoogleTest": (r"(gtest|gmock)/", r"tests/"),
    "Google Benchmark": (r"benchmark/", r"tests/"),
    "hnswlib": (r"hnswlib/", r"tests/bench/"),
}
# Folders of the system's own headers.
SYSTEM = re.compile(r"(sys|arpa|netinet|net|linux)/")

# What would make core depend on more than the log it is fed.
CORE_INCLUDES = re.compile(
    r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|"
    r"atomic|chrono|ctime|time\.h|fstream|iostream|filesystem|cstdio|stdio\.h|unistd\.h|fcntl\.h|"
    r"(sys|arpa|netinet|net|linux)/.*)$")
CORE_WORDS = re.compile(
    r"\b(std::(this_thread|j?thread|(shared_|recursive_|timed_)*mutex|atomic\w*|chrono|random_device|"
    r"[io]?fstream|filesystem|cout|cerr|clog)|random_device|system_clock|steady_clock|"
    r"high_resolution_clock|gettimeofday|clock_gettime|s?rand|getenv|fopen|printf|thread_local)\b")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SKIPPED = {"build", ".git", "node_modules", "data", "third_party"}


def sources(root, suffixes):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in suffixes and not SKIPPED & set(inside.parts) and path.is_file():
                yield path, inside.as_posix()


def without_comments_and_texts(line):
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return line.split("//", 1)[0]


def check_own_include(folder, included):
    target = included.split("/", 1)[0]
    if "/" not in included:
        return f'"{included}" is not written from the root'
    if target not in FOLDERS:
        return f'"{included}" is in none of our folders: libraries are included with <>'
    if target not in FOLDERS[folder]:
        return f"{folder} must not include {target}: {included}"
    return None


def check_library_include(name, included):
    folder = name.split("/", 1)[0]
    if folder == "core" and CORE_INCLUDES.match(included):
        return f"core must not include <{included}>"
    for library, (start, users) in LIBRARIES.items():
        if re.match(start, included):
            return None if re.match(users, name) else f"{library} must not be known here: <{included}>"
    if "/" in included and not SYSTEM.match(included):
        return f"<{included}> is of no library that tools/check_layering.py knows"
    return None


def include_breaches(root):
    for path, name in sources(root, {".h", ".cc"}):
        folder = name.split("/", 1)[0]
        lines = path.read_text(encoding="utf-8").splitlines()
        includes = 0
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            what = None
            if match:
                kind, included = match.groups()
                includes += 1
                own = name[:-3] + ".h"
                if includes == 1 and name.endswith(".cc") and (root / own).exists() and included != own:
                    what = f'"{own}" must be the first include, which shows that it compiles alone'
                elif kind == '"':
                    what = check_own_include(folder, included)
                else:
                    what = check_library_include(name, included)
            elif folder == "core":
                word = CORE_WORDS.search(without_comments_and_texts(line))
                what = f"core must not use {word.group(0)}" if word else None
            if what:
                yield f"{name}:{number}: {what}"
        if path.suffix == ".h" and "#pragma once" not in lines:
            yield f"{name}:1: has no #pragma once"


def cmake_lists(root):
    lists = [root / "CMakeLists.txt"]
    for folder in [*FOLDERS, "packaging"]:
        lists += sorted((root / folder).rglob("CMakeLists.txt"))
    return [each for each in lists if each.exists()
            and not SKIPPED & set(each.relative_to(root).parts)]


def commands_of(path):
    return re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))


def build_breaches(root):
    reached = set()
    listed = set()
    for path in cmake_lists(root):
        text = commands_of(path)
        for folder in re.findall(r"add_subdirectory\(\s*([^\s)]+)", text):
            reached.add((path.parent / folder).resolve())
        for source in re.findall(r"[\w./-]+\.cc\b", text):
            listed.add((path.parent / source).resolve())
    for path in cmake_lists(root):
        if path.parent != root and path.parent.resolve() not in reached:
            yield f"{path.relative_to(root)}:1: no add_subdirectory leads here: nothing of it is built"
    for path, name in sources(root, {".cc"}):
        if path.resolve() not in listed:
            kind = "test" if name.endswith("_test.cc") else "source"
            yield f"{name}:1: this {kind} is in no CMakeLists.txt: it is not built"
    scripts = "".join(commands_of(path) for path in cmake_lists(root))
    for path, name in sources(root, {".py"}):
        if path.name.endswith("_test.py") and not re.search(rf"\b{re.escape(path.name)}\b", scripts):
            yield f"{name}:1: this test is in no CMakeLists.txt: it is not run"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    breaches = [*include_breaches(root), *build_breaches(root)]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
