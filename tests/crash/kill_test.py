"""kill -9 at any moment, then restart: every acknowledged event is there once.

FRESHET_CRASH_CYCLES (default 20) is the number of kills under load, FRESHET_SEED the seed of all
chance; each run prints its own.
"""

import os
import random
import threading

from daemon_process import FreshetTest, dump, main, run_freshet, wait_until
from http_client import event
from state_dump import StateDump
from workload import TIME, Ledger, Writer

CYCLES = int(os.environ.get("FRESHET_CRASH_CYCLES", "20"))
SEED = int(os.environ.get("FRESHET_SEED", random.SystemRandom().randrange(1 << 32)))


def pause(seconds):
    """Lets a random moment come. Nothing depends on how long this really takes."""
    threading.Event().wait(seconds)


class KillTest(FreshetTest):
    def setUp(self):
        super().setUp()
        print(f"FRESHET_SEED={SEED}")
        self.random = random.Random(SEED)

    def assert_replay_agrees(self, data):
        """A replay of the whole journal into a new folder learns the very same state."""
        again = self.folder / "replayed"
        run_freshet("replay", "--data", data, "--into", again)
        # Lists, so that a failure shows the few lines that differ.
        self.assertEqual(dump(again).splitlines(), dump(data).splitlines())

    def crash_once(self, daemon, writers, ledger):
        target = ledger.answers + self.random.randint(1, 150)
        for writer in writers:
            writer.start(daemon)
        try:
            wait_until(lambda: ledger.answers >= target or any(w.error for w in writers),
                       f"{target} answers")
            pause(self.random.uniform(0, 0.02))
        finally:
            daemon.kill()
            for writer in writers:
                writer.join()
        for writer in writers:
            self.assertIsNone(writer.error)

    def test_kill_under_load_loses_nothing_and_doubles_nothing(self):
        ledger = Ledger()
        writers = [Writer(f"w{number}", ledger, random.Random(self.random.random()))
                   for number in range(4)]
        daemon = self.make_daemon()
        for cycle in range(CYCLES):
            daemon.settings["checkpoint.interval_ms"] = self.random.choice([10, 100, 3_600_000])
            daemon.start()
            self.crash_once(daemon, writers, ledger)
            if cycle % 5 == 4:
                ledger.check(self, StateDump(dump(daemon.data)))
        print(f"{CYCLES} kills, {len(ledger.acknowledged)} counted events acknowledged, "
              f"{len(ledger.unknown)} never answered, {ledger.answers} answers")
        ledger.check(self, StateDump(dump(daemon.data)))
        self.assert_replay_agrees(daemon.data)
        ledger.check(self, StateDump(self.stop_and_dump(daemon.start())))

    def test_kill_while_checkpoints_are_written(self):
        ledger = Ledger()
        writers = [Writer("w0", ledger, random.Random(self.random.random()))]
        daemon = self.make_daemon(settings={"checkpoint.interval_ms": 10})
        for _ in range(CYCLES // 2):
            daemon.start()
            self.crash_once(daemon, writers, ledger)
        ledger.check(self, StateDump(dump(daemon.data)))
        self.assert_replay_agrees(daemon.data)

    def test_kill_while_starting_and_replaying(self):
        daemon = self.start_daemon(settings={"checkpoint.interval_ms": 3_600_000})
        events = [{"userId": f"user-{n % 997}", **event(f"item-{n // 997}", sent_at=TIME)}
                  for n in range(60_000)]
        client = self.connect(daemon)
        for begin in range(0, len(events), 20_000):
            self.assertEqual(client.bulk(events[begin:begin + 20_000]).status, 200)
        daemon.kill()
        before = dump(daemon.data)
        self.assertEqual(StateDump(before).events, len(events))
        daemon.settings["checkpoint.interval_ms"] = 10
        for _ in range(CYCLES // 2):
            daemon.launch()
            pause(self.random.uniform(0, 0.4))
            daemon.kill()
        daemon.start()
        self.assertEqual(self.stop_and_dump(daemon).splitlines(), before.splitlines())


if __name__ == "__main__":
    main()
