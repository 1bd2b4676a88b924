"""A full disk: puts are refused, queries go on, and free space alone brings everything back.

Mounts a small tmpfs, so it runs as root only; elsewhere it skips and says so.
"""

import os
import subprocess
import unittest

from daemon_process import FreshetTest, main, run_freshet, wait_until
from http_client import event
from state_dump import StateDump

TIME = 1_700_000_000


class FullDiskTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.disk],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise unittest.SkipTest(f"a full disk needs a mount of its own: {mounted.stderr}")
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=False)
        self.acknowledged = 0
        self.sent = 0

    def fill(self, pages=0):
        """Leaves so many pages free, and less than one more."""
        with open(self.disk / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                ballast.truncate(ballast.tell() - pages * 4096)

    def put(self, client):
        """One counted event of a user of its own, heavy enough to need space soon."""
        self.sent += 1
        answer = client.put_events(f"user-{self.sent}", "s",
                                   event("tent", sent_at=TIME, properties='{"k": "%s"}' %
                                         os.urandom(450).hex()))
        if answer.status == 200:
            self.acknowledged += 1
        return answer

    def test_a_full_disk_stops_puts_only_until_there_is_room(self):
        daemon = self.start_daemon("disk/data")
        client = self.connect(daemon)
        for _ in range(100):
            self.assertEqual(self.put(client).status, 200)
        self.fill()

        refused = wait_until(lambda: next((a for a in [self.put(client)] if a.status != 200), None),
                             "a put is refused on the full disk")
        self.assertEqual(refused.status, 503, refused)
        self.assertIn("retry-after", refused.headers)
        self.assertTrue(refused.message)
        self.assertEqual(client.recommend("popularity-count"), ["tent"])
        wait_until(lambda: daemon.readiness() == 503, "/readyz says that ingest has stopped")
        self.assertRegex(client.get("/readyz").body.decode().lower(), "disk|space|write|journal")
        self.assertEqual(client.get("/healthz").status, 200)

        os.remove(self.disk / "ballast")
        wait_until(lambda: daemon.readiness() == 200, "it recovers by itself")
        for _ in range(100):
            self.assertEqual(self.put(client).status, 200)
        daemon.kill()
        daemon.start()
        state = StateDump(self.stop_and_dump(daemon))
        # What was refused may have reached the journal, once; what was acknowledged must have.
        users = len(state.interactions)
        self.assertGreaterEqual(users, self.acknowledged)
        self.assertLessEqual(users, self.sent)
        self.assertEqual(state.events, users)
        self.assertAlmostEqual(state.items["tent"].demand, users, 3)

    def test_a_start_on_a_full_disk_is_refused_or_recovers_but_loses_nothing(self):
        daemon = self.start_daemon("disk/data", settings={"checkpoint.interval_ms": 3_600_000})
        with daemon.client() as client:
            for _ in range(100):
                self.assertEqual(self.put(client).status, 200)
        daemon.kill()
        self.fill()
        daemon.launch()
        wait_until(lambda: daemon.readiness() is not None or not daemon.running(),
                   "it answers or ends")
        self.assertNotIn(daemon.process.poll(), (0, -6, -11))
        daemon.kill()
        os.remove(self.disk / "ballast")
        daemon.start()
        state = StateDump(self.stop_and_dump(daemon))
        self.assertEqual(state.events, self.acknowledged)

    def test_a_generation_that_does_not_fit_is_not_there_and_the_served_one_goes_on(self):
        events = self.folder / "events.csv"
        rows = [f"u{n % 60},i{n * n % 89},{TIME + n},view" for n in range(3000)]
        events.write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "\n".join(rows) + "\n")
        generations = self.disk / "generations"

        def train(name):
            return run_freshet("train", "--events", events, "--output", generations / name,
                               "--factors", 64, "--iterations", 2, "--hold-out", 0, check=False)

        self.assertEqual(train("good").returncode, 0)
        daemon = self.start_daemon(settings={"factors.folder": generations, "factors.poll_ms": 20})
        client = self.connect(daemon)
        self.assertEqual(client.bulk([{"userId": "ann", **event("i4")}]).status, 200)

        def serving():
            return client.get("/v1/generations").json.get("serving")

        wait_until(lambda: serving() == "good", "it is served")
        before = sorted(path.name for path in generations.iterdir())
        failed = 0
        for pages in range(0, 20, 3):
            self.fill(pages)
            said = train(f"with-{pages}")
            os.remove(self.disk / "ballast")
            if said.returncode == 0:
                break
            failed += 1
            self.assertEqual(said.returncode, 1, said)
            self.assertIn("No space left on device", said.stderr)
            self.assertEqual(sorted(path.name for path in generations.iterdir()), before)
            self.assertEqual(serving(), "good")
            self.assertEqual(len(client.recommend("factors", userId="ann", numResults=5)), 1)
        self.assertGreaterEqual(failed, 3)
        self.assertEqual(train("next").returncode, 0)
        wait_until(lambda: serving() == "next", "what fits is served")


if __name__ == "__main__":
    main()
