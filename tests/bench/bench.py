#!/usr/bin/env python3
"""Freshet's speed, measured from outside and printed as tables.

  tests/bench/bench.py answers   answers a second and latencies over keep-alive HTTP, beside an empty server
  tests/bench/bench.py arriving  latencies at half of the greatest load, or a given one, while events arrive
  tests/bench/bench.py effect    from an event put to its effect in an answer, while events arrive
  tests/bench/bench.py import    a file, and its journal, into fresh folders, learned and checkpointed; restart; memory
  tests/bench/bench.py all       the four in turn

Needs a release build with benchmarks (cmake --preset release && cmake --build --preset release) and
diginetica-weekly under --data (default: FRESHET_DATA or ../shared/data beside the source); without it
says so and uses a generated stream. Server, load and everything else share this machine.
"""

import argparse
import concurrent.futures
import csv
import gzip
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))
os.environ.setdefault("FRESHET_BUILD", str(SOURCE / "build" / "release"))
from daemon_process import Daemon, binary, run_freshet, wait_until  # noqa: E402  the path is set just above

REQUEST_COUNT = 20_000
EVENTS_A_PUT = 10
PUT_CONNECTIONS = 32


def table(title, header, rows):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |")
    print(flush=True)


def events_file(options, folder):
    """The real log where it is, else a generated one of about the same size."""
    real = pathlib.Path(options.data) / "diginetica-weekly" / "interactions.csv.gz"
    if real.exists():
        return real
    print(f"{real} is not here: using a generated stream instead")
    made = folder / "generated.csv"
    run_freshet("generate", "--output", made, "--events", 1_000_000, "--users", 200_000,
                "--items", 40_000, "--seed", 1)
    return made


def rows_of(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
    with opened as file:
        yield from csv.DictReader(file)


def bench_program(name):
    return str(pathlib.Path(os.environ["FRESHET_BUILD"]) / "tests" / name)


def run_json(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def import_into(data, events):
    start = time.monotonic()
    run_freshet("import", "--data", data, "--events", events)
    return time.monotonic() - start


def status(daemon):
    with daemon.client() as client:
        return json.loads(client.get("/v1/status").body)


def resident_bytes(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) * 1024


def mebibytes(count):
    return f"{count / 2**20:.1f} MiB"


def write_requests(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def recommendation(campaign, **members):
    arn = f"arn:aws:personalize:us-east-1:1:campaign/{campaign}"
    return "POST /recommendations " + json.dumps({"campaignArn": arn, "numResults": 20, **members},
                                                 separators=(",", ":"))


def load(port, requests, options, **more):
    arguments = [f"--{name}={value}" for name, value in more.items()]
    return run_json(bench_program("http_load"), "--port", port, "--requests", requests,
                    "--seconds", options.seconds, "--connections", options.connections, *arguments)


def medians(results):
    """Of each figure, over several loads."""
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def load_row(name, result, limit):
    return [name, f"{result['per_second']:,.0f}", f"{result['per_second'] / limit:.2f}",
            result["p50_ms"], result["p99_ms"], result["p999_ms"], f"{result['bytes']:.0f}",
            result["failed"]]


def answers(options, folder):
    events = events_file(options, folder)
    import_into(folder / "data", events)
    seen = list(itertools.islice(rows_of(events), 0, None, 37))[:REQUEST_COUNT]
    kinds = {
        "similar-items": [recommendation("similar-items", itemId=row["ITEM_ID"]) for row in seen],
        "user-personalization": [recommendation("user-personalization", userId=row["USER_ID"])
                                 for row in seen if row["USER_ID"]],
        "session": [recommendation("session", userId=row["USER_ID"]) for row in seen if row["USER_ID"]],
        "popularity-count": [recommendation("popularity-count", userId="nobody")],
    }
    results = {}

    def measure(settings, names):
        daemon = Daemon(folder / "data", folder / "log", {"server.threads": 1, **settings}).start()
        try:
            for name, kind, rate in names:
                requests = write_requests(folder / f"{kind}.txt", kinds[kind])
                load(daemon.port, requests,
                     argparse.Namespace(seconds=0.5, connections=options.connections))
                more = {"rate": results[kind]["per_second"] * rate} if rate else {}
                results[name] = load(daemon.port, requests, options, **more)
        finally:
            daemon.terminate()

    measure({}, [(kind, kind, None) for kind in kinds] +
            [("user-personalization at half load", "user-personalization", 0.5)])
    measure({"campaign.user-personalization.weights": "cooccurrence=1"},
            [("user-personalization by co-occurrence alone", "user-personalization", None)])
    limit = empty_server(options, folder / "user-personalization.txt",
                         int(results["user-personalization"]["bytes"]))
    rows = [load_row(name, result, limit["per_second"]) for name, result in results.items()]
    rows.append(load_row("an empty Beast server, same bytes", limit, limit["per_second"]))
    table(f"Answers over keep-alive HTTP: one server thread, {options.connections} connections, "
          f"20 items an answer, after {events.parent.name}",
          ["what", "answers/s", "ratio", "p50 ms", "p99 ms", "p99.9 ms", "bytes", "failed"], rows)


def empty_server(options, requests, body_bytes, **more):
    server = subprocess.Popen([bench_program("empty_beast_server"), str(body_bytes)],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        return load(port, requests, options, **more)
    finally:
        server.kill()
        server.wait()


def put_events(rows):
    """PutEvents bodies of as many events as one may hold, each of one visitor."""
    for some in itertools.zip_longest(*[iter(rows)] * EVENTS_A_PUT):
        events = [{"eventType": "view", "itemId": row["ITEM_ID"], "sentAt": int(row["TIMESTAMP"])}
                  for row in some if row]
        body = {"trackingId": "bench", "sessionId": some[0]["SESSION_ID"],
                "userId": some[0]["USER_ID"], "eventList": events}
        yield "POST /events " + json.dumps(body, separators=(",", ":"))


def serving(daemon):
    """The name of the generation that is served."""
    with daemon.client() as client:
        return json.loads(client.get("/v1/generations").body).get("serving")


def arriving(options, folder):
    events = events_file(options, folder)
    import_into(folder / "data", events)
    rows = list(rows_of(events))
    puts = write_requests(folder / "puts.txt", put_events(rows[-200_000:]))
    requests = write_requests(folder / "asked.txt", [
        recommendation(options.campaign, userId=row["USER_ID"])
        for row in rows[::37][:REQUEST_COUNT]])
    if options.factors:
        run_freshet("train", "--events", events, "--factors", options.factors, "--hold-out", 0,
                    "--output", folder / "data" / "generations" / "first")
    daemon = Daemon(folder / "data", folder / "log", {"server.threads": options.threads}).start()
    try:
        if options.factors:
            wait_until(lambda: serving(daemon), "the generation is served")
        greatest = load(daemon.port, requests, options)
        rate = options.answers_per_second or greatest["per_second"] / 2
        alone, loaded, put = [], [], []
        for _ in range(options.runs):
            alone.append(load(daemon.port, requests, options, rate=rate))
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                putting = beside.submit(load, daemon.port, puts, argparse.Namespace(
                    seconds=options.seconds + 1, connections=PUT_CONNECTIONS),
                    rate=options.arriving_per_second / EVENTS_A_PUT)
                time.sleep(0.5)
                loaded.append(load(daemon.port, requests, options, rate=rate))
                put.append(putting.result())
    finally:
        daemon.terminate()
    # What of the slowest answers is the machine's.
    empty = empty_server(options, requests, int(greatest["bytes"]), rate=rate)
    limit = greatest["per_second"]
    alone, loaded, put = medians(alone), medians(loaded), medians(put)
    arrived = put["per_second"] * EVENTS_A_PUT
    mixed = f" with {options.factors} factors" if options.factors else ""
    table(f"{options.campaign}{mixed} over keep-alive HTTP, {options.threads} server threads, "
          f"{options.connections} connections; medians of {options.runs} runs",
          ["what", "answers/s", "ratio", "p50 ms", "p99 ms", "p99.9 ms", "bytes", "failed"],
          [load_row("all it takes", greatest, limit), load_row("at a steady rate", alone, limit),
           load_row(f"the same, {arrived:,.0f} events/s arriving", loaded, limit),
           load_row("the puts of these", put, limit),
           load_row("an empty Beast server, same rate and bytes", empty, limit)])


def effect(options, folder):
    daemon = Daemon(folder / "effect-data", folder / "log").start()
    try:
        result = run_json(bench_program("effect_probe"), "--port", daemon.port, "--probes",
                          options.probes, "--events-per-second", options.events_per_second)
    finally:
        daemon.terminate()
    rows = [[name, result[key]["probes"], result[key]["p50_ms"], result[key]["p99_ms"],
             result[key]["max_ms"]]
            for key, name in (("own", "the user's own recommendations"),
                              ("other", "similar items, for everyone"))]
    table(f"Event to effect over HTTP, fsync on, {result['background_per_second']:,.0f} events/s "
          f"arriving beside it; {result['late']} answers came without the event before them",
          ["effect in", "probes", "p50 ms", "p99 ms", "max ms"], rows)


def import_and_restart(options, folder):
    events = events_file(options, folder)
    count = sum(1 for _ in rows_of(events))
    rows = []
    for run in range(options.runs):
        data = folder / f"import-{run}"
        seconds = import_into(data, events)
        rows.append([run + 1, f"{count:,}", f"{seconds:.2f}", f"{count / seconds:,.0f}"])
    table(f"freshet import of {events.parent.name} into a fresh folder, learned and checkpointed",
          ["run", "events", "seconds", "events/s"], rows)

    rows = []
    for run in range(options.runs):
        start = time.monotonic()
        run_freshet("replay", "--data", folder / "import-0", "--into", folder / f"replay-{run}")
        seconds = time.monotonic() - start
        rows.append([run + 1, f"{seconds:.2f}", f"{count / seconds:,.0f}"])
    table("freshet replay of its journal into a fresh folder, the same",
          ["run", "seconds", "events/s"], rows)

    daemon = Daemon(folder / "import-0", folder / "log")
    rows = []
    for run in range(options.runs):
        start = time.monotonic()
        daemon.start()
        rows.append([run + 1, f"{time.monotonic() - start:.3f}"])
        if run + 1 < options.runs:
            daemon.terminate()
    table("Restart with that state: from exec to ready", ["run", "seconds"], rows)

    shown = status(daemon)
    sizes = {name: size for name, size in shown["bytes"].items() if name != "resident"}
    rows = [[name, mebibytes(size)] for name, size in sizes.items()]
    rows.append(["all structures", mebibytes(sum(sizes.values()))])
    rows.append(["resident, whole process", mebibytes(resident_bytes(daemon.process.pid))])
    daemon.terminate()
    table("Memory after it", ["structure", "size"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["answers", "arriving", "effect", "import", "all"])
    parser.add_argument("--data", default=os.environ.get("FRESHET_DATA", SOURCE.parent / "shared" / "data"))
    parser.add_argument("--seconds", type=float, default=5, help="of each load")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--probes", type=int, default=1000)
    parser.add_argument("--events-per-second", type=int, default=10_000, help="of effect")
    parser.add_argument("--arriving-per-second", type=int, default=20_000, help="of arriving")
    parser.add_argument("--answers-per-second", type=int, help="of arriving (default: half of the greatest)")
    parser.add_argument("--threads", type=int, default=1, help="of the server in arriving")
    parser.add_argument("--campaign", default="user-personalization", help="that arriving asks")
    parser.add_argument("--factors", type=int, default=0, help="of a generation to train for arriving; 0: none")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ.pop("FRESHET_DATA", None)
    benches = {"answers": answers, "arriving": arriving, "effect": effect, "import": import_and_restart}
    binary("freshetd")
    for name, bench in benches.items():
        if options.what in (name, "all"):
            with tempfile.TemporaryDirectory(prefix="freshet-bench-") as folder:
                bench(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
