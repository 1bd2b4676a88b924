#!/usr/bin/env python3
"""Compiles each header alone.

A header that is the first include of its own .cc is compiled alone by the build already
(check_layering.py holds that order), so that only the others are compiled here.

  check_headers.py [--jobs N] [ROOT]
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys

FOLDERS = ["core", "storage", "config", "daemon", "tools"]
# FRESHET_VERSION is a definition of the build.
FLAGS = ["-std=c++20", '-DFRESHET_VERSION=""', "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused",
         "-x", "c++", "-"]


def library_flags():
    found = subprocess.run(["pkg-config", "--cflags", "eigen3"], capture_output=True, text=True,
                           check=False)
    return found.stdout.split()


def compile_alone(compiler, root, header, flags):
    return subprocess.run([compiler, f"-I{root}", *flags, *FLAGS],
                          input=f'#include "{header}"\n', capture_output=True, text=True,
                          check=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("root", nargs="?", default=".")
    arguments = parser.parse_args()
    root = pathlib.Path(arguments.root).resolve()
    headers = [path.relative_to(root).as_posix() for folder in FOLDERS
               for path in sorted((root / folder).rglob("*.h"))
               if "node_modules" not in path.parts and not path.with_suffix(".cc").exists()]
    compiler = os.environ.get("CXX", "c++")
    flags = library_flags()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = pool.map(lambda header: compile_alone(compiler, root, header, flags), headers)
        for header, result in zip(headers, results):
            if result.returncode != 0:
                failed += 1
                print(f"{header}: does not compile alone\n{result.stderr}")
    print(f"{len(headers) - failed} of {len(headers)} headers without a .cc compile alone")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
