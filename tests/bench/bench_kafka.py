#!/usr/bin/env python3
"""Freshet's speed with its log in Kafka, beside a real broker on the same machine.

  tests/bench/bench_kafka.py catchup   a backlog learned and checkpointed, beside a consumer that only counts
  tests/bench/bench_kafka.py effect    from a plain producer to the effect in another user's answer
  tests/bench/bench_kafka.py put       PutEvents over HTTP, through Kafka, to the answer
  tests/bench/bench_kafka.py all       the three in turn

Needs a release build with tests and benchmarks (cmake --preset release && cmake --build --preset
release) and, as bench.py does, diginetica-weekly under --data. The broker is Apache Kafka's with its own
Java settings and 512 MB, started for each of the three; what share of the processor it took is said.
FRESHET_TEST_KAFKA_VERSION picks its version.
"""

import argparse
import itertools
import os
import pathlib
import statistics
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / part) for part in ("bench", "integration", "kafka")]
os.environ.setdefault("FRESHET_BUILD", str(SOURCE / "build" / "release"))
from bench import (bench_program, events_file, load, mebibytes, resident_bytes,  # noqa: E402
                   rows_of, run_json, status, table, write_requests)
from daemon_process import Daemon, wait_until  # noqa: E402
from kafka_broker import KafkaBroker  # noqa: E402

TOPIC = "events"
JAVA_SETTINGS = ("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")
DEADLINE_SECONDS = 1800
# A Java process is slow before its code is compiled: what is measured comes after so much.
WARMING_PROBES = 1000
WARMING_SECONDS = 15


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_broker(options, folder):
    broker = KafkaBroker(folder / "kafka", jvm_options=JAVA_SETTINGS).start()
    broker.create_topic(TOPIC, options.partitions)
    return broker


def kafka_daemon(folder, broker, name="data"):
    return Daemon(folder / name, folder / f"{name}.log",
                  {"log.kind": "kafka", "log.brokers": broker.address, "log.events_topic": TOPIC,
                   "log.group_id": name})


def backlog(options, folder, count):
    """Keyed lines, one flattened event a message, of the log that bench.py uses; where that is too
    short it comes again, later and with other users."""
    events = events_file(options, folder)
    rows = list(itertools.islice(rows_of(events), count))
    span = int(rows[-1]["TIMESTAMP"]) - int(rows[0]["TIMESTAMP"])
    for number in range(count):
        row = rows[number % len(rows)]
        turn = number // len(rows)
        user = f'{row["USER_ID"]}-{turn}' if row["USER_ID"] else ""
        session = f'{row["SESSION_ID"]}-{turn}'
        owner = f'"userId":"{user}",' if user else ""
        yield (f'{user or session}\t{{{owner}"sessionId":"{session}","itemId":"{row["ITEM_ID"]}",'
               f'"eventType":"{row["EVENT_TYPE"]}","sentAt":{int(row["TIMESTAMP"]) + turn * span}}}\n')


def produce_backlog(options, folder, broker, count):
    producer = broker.producer(TOPIC, "--keyed",
                               properties=[f"compression.type={options.compression}"])
    producer.stdin.writelines(backlog(options, folder, count))
    producer.stdin.close()
    producer.stdout.read()
    if producer.wait() != 0:
        sys.exit("the backlog could not be produced")


class Sample:
    """What a daemon has learned so far and what memory it has."""

    def __init__(self, daemon):
        shown = status(daemon)
        self.events = shown["counts"]["events"]
        self.structures = sum(size for name, size in shown["bytes"].items() if name != "resident")
        self.resident = resident_bytes(daemon.process.pid)
        self.positions = shown["positions"]
        self.checkpoint_bytes = shown["checkpoints"]["lastBytes"]

    @property
    def beside_state(self):
        return self.resident - self.structures


def catch_up(daemon, broker, count):
    """(seconds to learned and checkpointed, samples on the way, the daemon's and broker's share)"""
    broker_before = broker.cpu_seconds()
    start = time.monotonic()
    daemon.launch()
    wait_until(lambda: daemon.readiness() is not None, "freshetd listens")
    samples = []

    def done():
        samples.append(Sample(daemon))
        last = samples[-1]
        time.sleep(0.1)
        return (last.events >= count and
                last.positions["checkpointed"] == last.positions["applied"])

    wait_until(done, f"{count} events are learned and checkpointed", DEADLINE_SECONDS)
    seconds = time.monotonic() - start
    daemon_share = cpu_seconds(daemon.process.pid) / seconds
    return seconds, samples, daemon_share, (broker.cpu_seconds() - broker_before) / seconds


def memory_by_million(samples, count):
    rows, end = [], 0
    while end < count:
        begin, end = end, min(end + 1_000_000, count)
        part = [s for s in samples if begin < s.events <= end]
        if not part:
            continue
        beside = [s.beside_state for s in part]
        rows.append([f"{count:,}", f"{begin:,} to {end:,}",
                     mebibytes(max(s.resident for s in part)), mebibytes(part[-1].structures),
                     mebibytes(statistics.median(beside)), mebibytes(max(beside)),
                     mebibytes(max(s.checkpoint_bytes for s in part))])
    return rows


def catchup(options, folder):
    rows, memory = [], []
    for count in sorted({min(options.events, 1_000_000), options.events}):
        broker = start_broker(options, folder / str(count))
        produce_backlog(options, folder, broker, count)
        counted = max((broker.count(TOPIC) for _ in range(2)), key=lambda c: 1 / c["seconds"])
        counting = count / counted["seconds"]
        for run in range(options.runs):
            daemon = kafka_daemon(folder, broker, f"data-{count}-{run}")
            seconds, samples, daemon_share, broker_share = catch_up(daemon, broker, count)
            daemon.terminate()
            rows.append([f"{count:,}", f"{seconds:.1f}", f"{count / seconds:,.0f}",
                         f"{count / seconds / counting:.2f}", f"{daemon_share:.2f}",
                         f"{broker_share:.2f}"])
            memory += memory_by_million(samples, count)
        rows.append([f"{count:,}, counted only", f"{counted['seconds']:.1f}", f"{counting:,.0f}",
                     "1.00", f"{counted['cpuSeconds'] / counted['seconds']:.2f}", ""])
        broker.kill()
    table(f"Catching up with JSON events over {options.partitions} partitions "
          f"({options.compression}): from exec to all learned and checkpointed",
          ["events", "seconds", "events/s", "of counting", "processors", "broker's"], rows)
    table("Memory while catching up, from one million events to the next",
          ["backlog", "events", "resident at most", "structures at the end", "median beside them",
           "at most beside them", "largest checkpoint"], memory)


def probe_effect(options, broker, daemon, probes):
    before, start = broker.cpu_seconds(), time.monotonic()
    result = run_json(bench_program("kafka_effect_probe"), "--brokers", broker.address, "--topic",
                      TOPIC, "--port", daemon.port, "--probes", probes, "--events-per-second",
                      options.events_per_second)
    return result, (broker.cpu_seconds() - before) / (time.monotonic() - start)


def effect(options, folder):
    broker = start_broker(options, folder)
    daemon = kafka_daemon(folder, broker).start()
    try:
        probe_effect(options, broker, daemon, WARMING_PROBES)
        result, share = probe_effect(options, broker, daemon, options.probes)
    finally:
        daemon.terminate()
        broker.kill()
    table(f"From a plain producer to another user's answer, {result['background_per_second']:,.0f} "
          "events/s arriving beside it",
          ["probes", "p50 ms", "p99 ms", "max ms", "broker's processors"],
          [[result["probes"], result["p50_ms"], result["p99_ms"], result["max_ms"], f"{share:.2f}"]])


def put(options, folder):
    broker = start_broker(options, folder)
    daemon = kafka_daemon(folder, broker).start()
    lines = [f'POST /events {{"trackingId":"t","userId":"u{n}","sessionId":"s{n}","eventList":'
             f'[{{"eventType":"view","itemId":"i{n * 7 % 5000}","sentAt":{1_700_000_000 + n}}}]}}'
             for n in range(20_000)]
    requests = write_requests(folder / "puts.txt", lines)
    rows = []
    try:
        load(daemon.port, requests, argparse.Namespace(seconds=WARMING_SECONDS,
                                                       connections=options.connections))
        for rate in (100, 1000):
            before, start = broker.cpu_seconds(), time.monotonic()
            result = load(daemon.port, requests, options, rate=rate)
            share = (broker.cpu_seconds() - before) / (time.monotonic() - start)
            rows.append([rate, result["answers"], result["p50_ms"], result["p99_ms"],
                         result["max_ms"], result["failed"], f"{share:.2f}"])
    finally:
        daemon.terminate()
        broker.kill()
    table(f"PutEvents over HTTP through Kafka, {options.connections} connections",
          ["a second", "answers", "p50 ms", "p99 ms", "max ms", "failed", "broker's processors"],
          rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["catchup", "effect", "put", "all"])
    parser.add_argument("--events", type=int, default=5_000_000, help="of the backlog")
    parser.add_argument("--data",
                        default=os.environ.get("FRESHET_DATA", SOURCE.parent / "shared" / "data"))
    parser.add_argument("--partitions", type=int, default=6)
    parser.add_argument("--compression", default="none", help="of the backlog's messages")
    parser.add_argument("--runs", type=int, default=1, help="of the catching up")
    parser.add_argument("--probes", type=int, default=1000)
    parser.add_argument("--events-per-second", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    os.environ.pop("FRESHET_DATA", None)
    if "FRESHET_TEST_KAFKA" in os.environ:
        sys.exit("a broker that is elsewhere has no processor time to measure")
    for name, bench in {"catchup": catchup, "effect": effect, "put": put}.items():
        if options.what in (name, "all"):
            with tempfile.TemporaryDirectory(prefix="freshet-bench-") as folder:
                bench(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
