#!/usr/bin/env python3
"""Runs clang-tidy over our sources, only over those that changed since they were last found clean.

  check_tidy.py [--build DIR] [--jobs N] [--minutes N] [--deep] [FILE...]

What clang-tidy says depends on a file, on those of our headers it includes, on its compile command
and on .clang-tidy; a hash of all of these is kept for each clean file under DIR/tidy. --minutes stops
after that time and says how many files were not looked at; the newest come first. --deep runs the
static analyzer too. Findings change between versions of clang-tidy, so only the one named here is a
judge.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

VERSION = 14
ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("core", "storage", "config", "daemon", "tools")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# The compile commands are GCC's, and macros of librdkafka are GNU C.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-gnu-statement-expression"]
DEEP = ["--checks=clang-analyzer-*"]


def find_program():
    for name in (f"clang-tidy-{VERSION}", "clang-tidy"):
        path = shutil.which(name)
        if path and f"version {VERSION}." in subprocess.run(
                [path, "--version"], capture_output=True, text=True, check=False).stdout:
            return path
    return None


@functools.lru_cache(maxsize=None)
def read(path):
    return path.read_bytes() if path.exists() else b""


def with_headers(path):
    """The file and those of our headers that it includes, directly or not, in a fixed order."""
    seen = [path]
    for each in seen:
        for name in INCLUDE.findall(read(each)):
            header = ROOT / name.decode()
            if header.exists() and header not in seen:
                seen.append(header)
    return seen


def fingerprint(path, command, flags):
    digest = hashlib.sha256()
    for part in (b"".join(map(read, with_headers(path))), read(ROOT / ".clang-tidy"),
                 command.encode(), repr(flags).encode(), str(VERSION).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def tidy(program, flags, path, deadline):
    if time.monotonic() > deadline:
        return None
    return subprocess.run([program, "--quiet", *EXTRA, *flags, str(path)], capture_output=True, text=True,
                          check=False)


def arguments_of_main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("files", nargs="*")
    return parser.parse_args()


def to_check(arguments, build, flags):
    """The files that need a look, newest first, with the mark to set when they are clean."""
    commands = json.loads((build / "compile_commands.json").read_text())
    wanted = {pathlib.Path(name).resolve() for name in arguments.files}
    marks = build / "tidy"
    marks.mkdir(exist_ok=True)
    todo = {}
    for entry in commands:
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        ours = path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS
        if ours and (not wanted or path in wanted):
            todo[path] = marks / fingerprint(path, entry["command"], flags)
    files = sorted(todo.items(), key=lambda item: item[0].stat().st_mtime, reverse=True)
    return [(path, mark) for path, mark in files if not mark.exists()], len(files)


def main():
    arguments = arguments_of_main()
    program = find_program()
    if program is None:
        print(f"skipped: the code is checked by clang-tidy {VERSION}, which is not installed")
        return 0
    build = pathlib.Path(arguments.build)
    flags = DEEP if arguments.deep else []
    files, total = to_check(arguments, build, flags)
    print(f"{total} sources, {len(files)} of them to look at", flush=True)
    deadline = time.monotonic() + arguments.minutes * 60
    left = found = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = pool.map(lambda file: tidy(program, ["-p", str(build), *flags], file[0], deadline), files)
        for (path, mark), result in zip(files, results):
            if result is None:
                left += 1
            elif result.returncode == 0:
                mark.touch()
            else:
                found += 1
                print(f"{path.relative_to(ROOT)}:\n{result.stdout}", flush=True)
    if left:
        print(f"skipped: {left} sources, as the time was up; tools/check_tidy.py looks at all")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
