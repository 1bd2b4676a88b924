#!/usr/bin/env python3
"""Freshet's session recommendations beside Serenade's (bolcom/serenade on GitHub), in one run.

  tests/bench/bench_serenade.py --serenade DIR/target/release/serving

Both learn diginetica-weekly's weeks before the last and, as sessions that go on, the first clicks of
sessions of the last week. Then both are asked over keep-alive HTTP what comes next in the same of these
sessions, with m = 500, k = 100, the last 9 items and 20 items an answer. Each server runs on the first
processor, Freshet with one server thread and Serenade with one worker; the load comes from the last one,
to the two and to an empty Beast server in turn, round by round. Medians of the rounds are shown. Before
them, with neither server running, the same questions are asked in process, on one processor.

Serenade stores a session at each request; its requests here repeat the session's newest click, which it
takes for no new one, so what it reads, computes and writes is that of any click. How to build it is in
tests/bench/README.md.
"""

import argparse
import contextlib
import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / part) for part in ("bench", "integration")]
os.environ.setdefault("FRESHET_BUILD", str(SOURCE / "build" / "release"))
from bench import (bench_program, import_into, mebibytes, medians, resident_bytes, rows_of,  # noqa: E402
                   run_json, table, write_requests)
from daemon_process import Daemon, clean_environment, free_port, wait_until  # noqa: E402

SAMPLE, NEIGHBOURS, LAST_ITEMS, ANSWER_ITEMS = 500, 100, 9, 20
PROCESSORS = sorted(os.sched_getaffinity(0))

# It insists on every key.
SERENADE_CONFIG = f"""config_type = "toml"
[server]
host = "127.0.0.1"
port = {{port}}
num_workers = 1
[data]
training_data_path = "{{training}}"
[model]
m_most_recent_sessions = {SAMPLE}
neighborhood_size_k = {NEIGHBOURS}
max_items_in_session = {LAST_ITEMS}
num_items_to_recommend = {ANSWER_ITEMS}
idf_weighting = 1
[logic]
enable_business_logic = false
example_item_id = 1
[hyperparam]
training_data_path = ""
test_data_path = ""
validation_data_path = ""
num_iterations = 1
save_records = false
out_path = ""
enable_business_logic = false
n_most_recent_sessions_range = [100, 2500]
neighborhood_size_k_range = [50, 1500]
last_items_in_session_range = [1, 20]
idf_weighting_range = [0, 5]
"""


def split(rows, limit):
    """The rows to learn, and what up to `limit` sessions of the last week have clicked so far."""
    last = max(int(row["PERIOD"]) for row in rows)
    learned = [row for row in rows if int(row["PERIOD"]) < last]
    sessions = {}
    for row in rows:
        if int(row["PERIOD"]) == last:
            sessions.setdefault(row["SESSION_ID"], []).append(row)
    # Cut after any of their clicks, as often after one as after another.
    begun = [clicks[:1 + i % len(clicks)] for i, clicks in enumerate(sessions.values())]
    return learned, begun[:limit]


def write_csv(path, rows):
    with open(path, "w") as file:
        file.write("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,SESSION_ID\n")
        for row in rows:
            file.write("{USER_ID},{ITEM_ID},{TIMESTAMP},view,{SESSION_ID}\n".format(**row))
    return path


def write_serenade_training(path, rows):
    with open(path, "w") as file:
        file.write("SessionId\tItemId\tTime\n")
        for row in rows:
            file.write("{SESSION_ID}\t{ITEM_ID}\t{TIMESTAMP}\n".format(**row))
    return path


def pin(process):
    """Holds all threads of the process to the servers' processor."""
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        os.sched_setaffinity(int(thread), {PROCESSORS[0]})
    return process


def is_open(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serenade(program, folder, learned):
    """A Serenade that has learned the rows: its process and port."""
    folder.mkdir()
    port = free_port()
    training = write_serenade_training(folder / "train.tsv", learned)
    (folder / "config.toml").write_text(SERENADE_CONFIG.format(port=port, training=training))
    with open(folder / "log", "wb") as log:
        command = [pathlib.Path(program).resolve(), "config.toml"]
        with running(command, cwd=folder, stdout=log, stderr=log, env=clean_environment()) as process:
            wait_until(lambda: is_open(port) or process.poll() is not None, "Serenade listens")
            assert process.poll() is None, (folder / "log").read_text()
            yield pin(process), port


@contextlib.contextmanager
def freshet(folder):
    daemon = Daemon(folder / "data", folder / "log", {
        "server.threads": 1, "campaign.session.sample": SAMPLE,
        "campaign.session.neighbours": NEIGHBOURS,
        "campaign.session.recent_items": LAST_ITEMS})
    try:
        yield pin(daemon.start().process), daemon.port
    finally:
        daemon.kill()


@contextlib.contextmanager
def empty_server(body_bytes):
    command = [bench_program("empty_beast_server"), str(body_bytes)]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        yield pin(process), int(process.stdout.readline())


def load(port, requests, options, seconds):
    return run_json("taskset", "-c", PROCESSORS[-1], bench_program("http_load"), "--port", port,
                    "--requests", requests, "--seconds", seconds,
                    "--connections", options.connections)


def serenade_click(row):
    return ("GET /v1/recommend?user_consent=true&session_id={SESSION_ID}&item_id={ITEM_ID}"
            .format(**row))


def play(port, begun):
    """Clicks all that the sessions have clicked so far."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answer = connection.makefile("rb")
        for row in itertools.chain.from_iterable(begun):
            request = f"{serenade_click(row)} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            connection.sendall(request.encode())
            head = b"".join(iter(answer.readline, b"\r\n")).lower()
            answer.read(int(head.split(b"content-length:")[1].split()[0]))


def ask_in_process(events, sessions):
    subprocess.run(["taskset", "-c", str(PROCESSORS[0]), bench_program("core_log_bench"), events,
                    "--newest", str(sessions)], check=True)
    print()


def measure(options, folder):
    rows = list(rows_of(pathlib.Path(options.data) / "diginetica-weekly" / "interactions.csv.gz"))
    learned, begun = split(rows, options.sessions)
    events = write_csv(folder / "events.csv", itertools.chain(learned, *begun))
    ask_in_process(events, len(begun))
    import_into(folder / "data", events)
    ours = write_requests(folder / "freshet.txt", [
        f"GET /v1/recommendations?campaign=session&n={ANSWER_ITEMS}&session={clicks[0]['SESSION_ID']}"
        for clicks in begun])
    theirs = write_requests(folder / "serenade.txt",
                            [serenade_click(clicks[-1]) for clicks in begun])
    with contextlib.ExitStack() as stack:
        our_process, our_port = stack.enter_context(freshet(folder))
        their_process, their_port = stack.enter_context(
            serenade(options.serenade, folder / "serenade", learned))
        play(their_port, begun)
        warm = load(our_port, ours, options, 1)
        load(their_port, theirs, options, 1)
        _, empty_port = stack.enter_context(empty_server(int(warm["bytes"])))
        asked = {"Freshet": (our_port, ours), "Serenade": (their_port, theirs),
                 "an empty Beast server": (empty_port, ours)}
        results = {name: [] for name in asked}
        for _ in range(options.rounds):
            for name, (port, requests) in asked.items():
                results[name].append(load(port, requests, options, options.seconds))
        resident = {"Freshet": resident_bytes(our_process.pid),
                    "Serenade": resident_bytes(their_process.pid)}
    return len(begun), results, resident


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serenade", required=True, help="its built program `serving`")
    parser.add_argument("--data", default=os.environ.get("FRESHET_DATA", SOURCE.parent / "shared" / "data"))
    parser.add_argument("--sessions", type=int, default=5000, help="at most, that go on")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each load")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    os.environ.pop("FRESHET_DATA", None)
    with tempfile.TemporaryDirectory(prefix="freshet-bench-") as folder:
        sessions, results, resident = measure(options, pathlib.Path(folder))
    median = {name: medians(rounds) for name, rounds in results.items()}
    rows = [[name, f"{one['per_second']:,.0f}",
             f"{one['per_second'] / median['Serenade']['per_second']:.2f}", one["p50_ms"],
             one["p99_ms"], f"{one['bytes']:.0f}", f"{one['failed']:.0f}",
             mebibytes(resident[name]) if name in resident else ""]
            for name, one in median.items()]
    table(f"What comes next in {sessions:,} sessions of diginetica-weekly, m = {SAMPLE}, k = {NEIGHBOURS}, "
          f"last {LAST_ITEMS} items: {options.connections} connections, one processor a server, "
          f"medians of {options.rounds} rounds",
          ["server", "answers/s", "ratio", "p50 ms", "p99 ms", "bytes", "failed", "resident"], rows)


if __name__ == "__main__":
    main()
