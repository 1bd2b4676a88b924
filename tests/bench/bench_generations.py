#!/usr/bin/env python3
"""A large generation of factors beside a serving daemon: what it costs while it is read, and answers by it.

  tests/bench/bench_generations.py                      1,000,000 items, 64 factors
  tests/bench/bench_generations.py --items 200000 --factors 128

A generated shop is imported, `freshet train` makes a generation of it, and a daemon with one server thread is
asked at a steady rate: for similar-items and user-personalization while there is no generation, while one is
made ready beside it, and afterwards; then for the campaign factors, alone and while events arrive. At last a
copy of the generation takes the place of the first. Needs a release build with benchmarks.
"""

import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / part) for part in ("bench", "integration")]
os.environ.setdefault("FRESHET_BUILD", str(SOURCE / "build" / "release"))
os.environ.setdefault("FRESHET_DEADLINE_SECONDS", "900")  # training takes minutes
import bench  # noqa: E402  the path is set just above
from daemon_process import Daemon, run_freshet  # noqa: E402


def make_shop(options, folder):
    events, items = folder / "events.csv", folder / "items.csv"
    run_freshet("generate", "--output", events, "--items-output", items, "--events", options.events,
                "--users", options.users, "--items", options.items, "--seed", 1, "--quiet")
    run_freshet("import", "--data", folder / "data", "--items", items, "--events", events)
    return events


def train(options, folder, events):
    start = time.monotonic()
    run_freshet("train", "--events", events, "--output", folder / "first", "--factors", options.factors,
                "--iterations", options.iterations, "--hold-out", 0)
    manifest = json.loads((folder / "first" / "manifest.json").read_text())
    print(f"freshet train: {manifest['items']:,} items, {manifest['users']:,} users, {manifest['interactions']:,} "
          f"interactions, {options.iterations} iterations in {time.monotonic() - start:.0f} s", flush=True)


def newest_rows(events, count):
    with open(events, newline="") as file:
        size = events.stat().st_size
        header = next(csv.reader([file.readline()]))
        file.seek(max(0, size - 200 * count))
        file.readline()
        return list(csv.DictReader(file, header))[-count:]


def copy_aside(daemon, made, name):
    folder = pathlib.Path(daemon.data) / "generations"
    folder.mkdir(exist_ok=True)
    shutil.copytree(made, folder / f"{name}.new")
    os.sync()  # what is written late is not the daemon's


def put_generation(daemon, name):
    """As docs/training.md says, what was copied aside is renamed. Returns the seconds until it answers."""
    folder = pathlib.Path(daemon.data) / "generations"
    start = time.monotonic()
    (folder / f"{name}.new").rename(folder / name)
    while bench.serving(daemon) != name:
        time.sleep(0.2)  # asking without a pause would slow down what is measured
    return time.monotonic() - start


class Asking:
    """Loads at one steady rate, as rows of a table."""

    def __init__(self, daemon, options):
        self.daemon, self.options, self.rows = daemon, options, []

    def ask(self, name, requests):
        result = bench.load(self.daemon.port, requests, self.options, rate=self.options.rate)
        self.rows.append([name, *bench.load_row("", result, self.options.rate)[3:6], result["failed"],
                          bench.mebibytes(bench.resident_bytes(self.daemon.process.pid))])

    def ask_beside(self, name, requests, task):
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            other = beside.submit(task)
            self.ask(name, requests)
            return other.result()


def measure(options, folder):
    events = make_shop(options, folder)
    train(options, folder, events)
    rows = newest_rows(events, 100_000)
    puts = bench.write_requests(folder / "puts.txt", bench.put_events(rows))
    visitors = [row["USER_ID"] or row["SESSION_ID"]
                for row in rows[::7][:bench.REQUEST_COUNT]]
    mixed, by_factors = (
        bench.write_requests(folder / f"{name}.txt", [bench.recommendation(name, userId=visitor) for visitor in visitors])
        for name in ("user-personalization", "factors"))
    daemon = Daemon(folder / "data", folder / "log", {"server.threads": 1}).start()
    try:
        asking = Asking(daemon, options)
        copy_aside(daemon, folder / "first", "first")
        asking.ask("user-personalization, no generation", mixed)
        took = asking.ask_beside("the same while one is made ready", mixed,
                                 lambda: put_generation(daemon, "first"))
        asking.ask("the same with it", mixed)
        asking.ask("factors", by_factors)
        asking.ask_beside(
            f"factors, {options.arriving_per_second:,} events/s arriving", by_factors,
            lambda: bench.load(daemon.port, puts,
                               argparse.Namespace(seconds=options.seconds, connections=bench.PUT_CONNECTIONS),
                               rate=options.arriving_per_second / bench.EVENTS_A_PUT))
        copy_aside(daemon, folder / "first", "second")
        took_again = asking.ask_beside("factors while another takes its place", by_factors,
                                       lambda: put_generation(daemon, "second"))
        asking.ask("factors by the other", by_factors)
    finally:
        daemon.terminate()
    bench.table(f"{options.rate:,} answers/s over keep-alive HTTP, one server thread, {options.connections} connections; "
                f"made ready in {took:.1f} s and {took_again:.1f} s",
                ["what", "p50 ms", "p99 ms", "p99.9 ms", "failed", "resident"], asking.rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--rate", type=int, default=2_000, help="answers a second")
    parser.add_argument("--arriving-per-second", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--connections", type=int, default=8)
    with tempfile.TemporaryDirectory(prefix="freshet-bench-") as folder:
        measure(parser.parse_args(), pathlib.Path(folder))


if __name__ == "__main__":
    main()
