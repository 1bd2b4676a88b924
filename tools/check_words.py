#!/usr/bin/env python3
"""Looks through every file for what does not belong in the repository.

  check_words.py [ROOT]     prints each find as FILE:LINE: what, and exits 1 if there is any

- An address of a host that is not in HOSTS: what a user or a test fetches comes from packages by
  name, so that mirrors work.
- A path of somebody's own machine.
- A mark that something is unfinished: that is for the issues.
"""

import pathlib
import re
import subprocess
import sys

# Hosts that may be named: this machine, names kept for examples, and the identifiers of formats.
HOSTS = re.compile(
    r"([\w-]+(:\d+)?$|localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[[0-9a-f:]*\]|[\w.-]*example(\.(com|org|net))?|"
    r"[\w.-]+\.(local|test|invalid)|www\.w3\.org|json-schema\.org|spec\.openapis\.org|"
    r"prometheus\.io|grouplens\.org|files\.grouplens\.org|archive\.ics\.uci\.edu|"
    r"creativecommons\.org|www\.apache\.org|opensource\.org|docs\.aws\.amazon\.com|\$?\{.*)$")
URL = re.compile(r"\b(?:https?|wss?|ftp|git|ssh)://(?:[^/@\s]*@)?(\[[^\]]*\]|[^\s/:'\"<>()`,;|\\?#]+)")
OWN_PATH = re.compile(r"(?<![\w.$}-])/(?:work|home|root|Users)/[\w.-]+")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
BINARY = {".gz", ".zip", ".png", ".jpg", ".ico", ".bin", ".pyc", ".npy"}
SKIPPED = {"build", ".git", "node_modules", "data", "__pycache__"}


def files(root):
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        paths = [root / name for name in sorted(set(names))]
    else:
        paths = sorted(path for path in root.rglob("*")
                       if not SKIPPED & set(path.relative_to(root).parts))
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def finds_in(line):
    for match in URL.finditer(line):
        # A host that a program puts together is not a host that is named.
        host = match.group(1)
        if not HOSTS.match(host) and not re.match(r"[%$+{]", host):
            yield f"names the host {host}"
    for match in OWN_PATH.finditer(line):
        yield f"names {match.group(0)}, a path of one machine"
    if UNFINISHED.search(line):
        yield "is marked as unfinished"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = 0
    for path in files(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        if "\0" in text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for what in finds_in(line):
                found += 1
                print(f"{path.relative_to(root)}:{number}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
