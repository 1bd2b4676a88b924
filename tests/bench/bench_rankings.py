#!/usr/bin/env python3
"""How good `personalized-ranking` is, without and with a generation of factors.

  bench_rankings.py     HR@10 and NDCG@10 on MovieLens-1M's ratings of 4 and 5

Each user's latest item is held out and ranked, by a real daemon that has learned all the others,
among 100 random items that the user never had. Beside it the same by the number of an item's users
alone. The generation is what `freshet train` makes of the same events by its defaults. FRESHET_DATA
names the folder of movielens-1m, FRESHET_BUILD the build folder (build/release).
"""

import argparse
import collections
import csv
import gzip
import math
import os
import pathlib
import random
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))
os.environ.setdefault("FRESHET_BUILD", str(ROOT / "build/release"))
from daemon_process import Daemon, run_freshet, wait_until  # noqa: E402
from http_client import ARN  # noqa: E402

DATA = pathlib.Path(os.environ.get("FRESHET_DATA", ROOT / "../shared/data"))
OTHERS = 100


def split(learned):
    """Writes what is to be learned; the held out item of each user, and all items of each."""
    with gzip.open(DATA / "movielens-1m/interactions.csv.gz", "rt", newline="") as text:
        rows = list(csv.reader(text))
    last = {row[0]: number for number, row in enumerate(rows[1:], 1)}  # they are in order of time
    held_out = set(last.values())
    with open(learned, "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(row for i, row in enumerate(rows) if i not in held_out)
    had = {}
    for row in rows[1:]:
        had.setdefault(row[0], set()).add(row[1])
    return {user: rows[number][1] for user, number in last.items()}, had


def show(name, lists, rank):
    """HR@10 and NDCG@10 of what rank(user, items) puts first."""
    places = [rank(user, items).index(wanted) for user, (wanted, items) in lists.items()]
    gains = [1 / math.log2(place + 2) for place in places if place < 10]
    print(f"{name:20}  {len(gains) / len(lists):.4f}  {sum(gains) / len(lists):.4f}", flush=True)


def main():
    argparse.ArgumentParser(description=__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        held_out, had = split(folder / "learned.csv")
        items = sorted(set().union(*had.values()), key=int)
        chance = random.Random(1)
        lists = {}
        for user in sorted(held_out, key=int):
            never = [item for item in items if item not in had[user]]
            lists[user] = (held_out[user], chance.sample(never, OTHERS) + [held_out[user]])
        daemon = Daemon(folder / "data", folder / "log", {"factors.poll_ms": 20})
        run_freshet("import", "--data", daemon.data, "--events", folder / "learned.csv")
        run_freshet("train", "--events", folder / "learned.csv", "--output", folder / "made",
                    "--hold-out", 0)
        generations = daemon.data / "generations"
        generations.mkdir()
        counts = collections.Counter(item for user in had for item in had[user] - {held_out[user]})
        show("by how many had it", lists, lambda _, items: sorted(items, key=lambda i: -counts[i]))
        try:
            with daemon.start().client() as client:
                def rank(user, items):
                    answer = client.post("/personalize-ranking", {
                        "campaignArn": ARN + "campaign/personalized-ranking", "userId": user,
                        "inputList": items}).json["personalizedRanking"]
                    return [item["itemId"] for item in answer]

                show("without a generation", lists, rank)
                (folder / "made").rename(generations / "made")
                wait_until(lambda: client.get("/v1/generations").json.get("serving") == "made",
                           "the generation is served")
                show("with a generation", lists, rank)
        finally:
            daemon.kill()


if __name__ == "__main__":
    main()
