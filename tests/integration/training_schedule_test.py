"""The daemon trains generations itself: schedule, gate, limits, and what it leaves behind."""

import json
import pathlib
import random
import stat

from daemon_process import FreshetTest, main, run_freshet, wait_until
from http_client import event

USERS = 40
ITEMS = 200
START = 1_700_000_000
FLAGS = "--factors,8,--iterations,3,--minimum-interactions,200,--minimum-asked,5"


def children_of(pid):
    """The processes that `pid` has started and that are not gone."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def is_there(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # it has ended, and is for whoever adopted it to bury


class TrainingScheduleTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(1)
        self.clock = START

    def events(self, count):
        """The next events: of 4 kinds of users, who mostly take items of their own kind."""
        made = []
        for _ in range(count):
            user = self.chance.randrange(USERS)
            item = self.chance.randrange(ITEMS)
            if self.chance.random() < 0.95:
                item = item // 4 * 4 + user % 4
            self.clock += 60
            made.append({"userId": f"u{user}", **event(f"i{item}", sent_at=self.clock)})
        return made

    def start(self, **settings):
        self.daemon = self.make_daemon(settings={
            "factors.poll_ms": 20, "checkpoint.interval_ms": 20, "training.every": "1s",
            "training.arguments": FLAGS,
            # An address sanitizer maps terabytes.
            "training.maximum_megabytes": 1_000_000_000,
            **{f"training.{name}": value for name, value in settings.items()}})
        self.generations = self.daemon.data / "generations"
        self.daemon.start()
        self.client = self.connect(self.daemon)

    def start_with_script(self, text, **settings):
        """Instead of the trainer, a shell script."""
        path = self.folder / "trainer"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.start(program=path, **settings)

    def teach(self, count):
        answer = self.client.bulk(self.events(count))
        self.assertEqual(answer.status, 200, answer)

    def status(self):
        answer = self.client.get("/v1/generations")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def last(self):
        return self.status()["training"].get("last", {})

    def wait_for_last(self, outcome, reason=""):
        def found():
            last = self.last()
            return last.get("outcome") == outcome and reason in last.get("reason", "") and last
        return wait_until(found, f"a training is {outcome} {reason}")

    def wait_for_serving(self, condition, what):
        return wait_until(lambda: condition(self.status().get("serving")) and self.status(), what)

    def listed(self):
        return {one["name"]: one for one in self.status()["generations"]}

    def runs(self, outcome):
        line = f'freshet_training_runs_total{{outcome="{outcome}"}} '
        metrics = self.client.get("/metrics").body.decode()
        return int(metrics.split(line)[1].split("\n")[0])

    def test_it_trains_by_itself_and_again_when_there_is_news(self):
        self.start(tolerance=0.5)  # 40 users tell little
        self.assertIn("too little to train with", self.wait_for_last("too-little")["reason"])
        self.teach(1500)
        first = self.wait_for_serving(bool, "something is served")["serving"]
        self.assertTrue(first.startswith("scheduled-"), first)
        manifest = json.loads((self.generations / first / "manifest.json").read_text())
        self.assertNotIn("comparison", manifest)
        self.assertEqual(manifest["trained_until_ms"], self.clock * 1000)
        self.wait_for_last("too-little", "new since " + first)
        answer = self.client.get("/v1/recommendations?campaign=factors&user=u1&explain=1&n=10")
        self.assertEqual(answer.json["generation"], first)
        self.teach(400)  # many of them of pairs that the first was trained with
        status = self.wait_for_serving(lambda name: name != first, "the next is served")
        second = self.listed()[status["serving"]]
        self.assertEqual(second["comparison"]["against"], first)
        self.assertTrue(second["comparison"]["holds"])
        self.assertEqual(second["comparison"]["value"],
                         second["metrics"][second["comparison"]["metric"]])
        self.assertEqual(status["training"]["everySeconds"], 1)
        # It is served as soon as it lies there, and counted once the trainer has ended.
        wait_until(lambda: self.runs("made") >= 2, "both are counted")
        self.assertEqual(self.runs("failed"), 0)
        self.assertIn("training: training with", self.daemon.log())
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertFalse((self.daemon.data / "training").exists())
        self.daemon.start()
        self.client = self.connect(self.daemon)
        self.wait_for_serving(lambda name: name == second["name"], "the newest is served again")

    def test_a_worse_one_is_refused_until_it_is_named_and_old_ones_go(self):
        old = self.events(1500)
        path = self.folder / "old.csv"
        lines = [f"{one['userId']},{one['itemId']},{one['sentAt']},view" for one in old]
        path.write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "\n".join(lines) + "\n")
        run_freshet("import", "--data", self.folder / "data", "--events", path)
        run_freshet("train", "--events", path, "--factors", 8, "--iterations", 8,
                    "--output", self.folder / "data" / "generations" / "good")
        worse = FLAGS.replace("8", "1") + ",--lambda,1000"
        self.start(arguments=worse, keep=2)
        self.wait_for_serving(lambda name: name == "good", "the good one is served")
        self.wait_for_last("too-little",
                           "known users have done anything new since good was trained")
        self.teach(400)
        last = self.wait_for_last("refused")
        self.assertIn("falls short of", last["reason"])
        self.assertIn("that of good", last["reason"])
        name = last["generation"]
        one = wait_until(lambda: self.listed().get(name), "it is listed")
        self.assertEqual((one["state"], one["reason"]), ("refused", last["reason"]))
        self.assertFalse(one["comparison"]["holds"])
        wait_until(lambda: self.runs("refused") >= 5, "some more are refused")
        self.assertEqual(self.status()["serving"], "good")
        names = sorted(path.name for path in self.generations.glob("scheduled-*Z"))
        self.assertLessEqual(len(names), 3, "two are kept, and one may be new")
        self.assertNotIn(name, names)
        self.assertTrue((self.generations / "good").exists(), "it is nobody's of the schedule")

        def listing():
            said = run_freshet("generations", "list", "--folder", self.generations).stdout
            return {one["name"]: one for one in map(json.loads, said.splitlines())}

        self.assertTrue(listing()["good"]["current"])
        self.assertFalse(listing()[names[-1]]["comparison"]["holds"])
        run_freshet("generations", "promote", names[-1], "--folder", self.generations)
        self.wait_for_serving(lambda name: name == names[-1], "what is named is served")
        before = self.runs("made") + self.runs("refused") + self.runs("too-little")
        self.teach(400)
        wait_until(lambda: self.runs("made") + self.runs("refused") + self.runs("too-little")
                   >= before + 4, "more trainings")
        self.assertTrue((self.generations / names[-1]).exists(), "it is served")
        run_freshet("generations", "rollback", "--folder", self.generations)
        self.wait_for_serving(lambda name: name == "good", "the good one again")

    def test_a_trainer_that_fails_changes_nothing_and_is_tried_again(self):
        for script, reason in (("echo some words; echo not today >&2; exit 7",
                                "exit code 7: not today"),
                               ("kill -9 $$", "signal: Killed"),
                               ("exit 0", "made no generation"),
                               ("echo freshet: few; exit 3", "few")):
            with self.subTest(script=script):
                self.start_with_script(script)
                last = self.wait_for_last("too-little" if "few" in script else "failed")
                self.assertIn(reason, last["reason"])
                wait_until(lambda: self.runs("failed") + self.runs("too-little") >= 2, "again")
                self.assertIn(reason, self.daemon.log())
                self.assertFalse(self.status().get("serving"))
                self.assertEqual(self.daemon.terminate(), 0)

    def test_a_trainer_that_hangs_is_killed_with_all_that_it_started(self):
        pids = self.folder / "pids"
        self.start_with_script(f"sleep 1000 & echo $$ $! >> {pids}; exec >&- 2>&-; wait",
                               time_limit="1s")
        self.assertIn('training.time_limit = "1s"', self.wait_for_last("failed")["reason"])
        self.assertEqual(self.daemon.terminate(), 0)
        for pid in map(int, pids.read_text().split()):
            wait_until(lambda pid=pid: not is_there(pid), "it has ended")

    def test_a_trainer_without_memory_or_that_is_not_there_fails_with_the_reason(self):
        self.start(maximum_megabytes=16)
        self.teach(1500)
        last = self.wait_for_last("failed")
        self.assertIn("the trainer", last["reason"])
        self.assertEqual(self.daemon.terminate(), 0)
        self.start(program=self.folder / "nothing")
        self.assertIn("nothing: No such file", self.wait_for_last("failed")["reason"])

    def start_a_long_training(self):
        """And the number of its process."""
        self.start(arguments=FLAGS.replace("3", "1000", 1).replace("8", "256"), every="1h")
        self.client.close()
        self.daemon.terminate()
        run_freshet("import", "--data", self.daemon.data, "--events", self.csv(1500))
        self.daemon.start()
        self.client = self.connect(self.daemon)
        wait_until(lambda: "training with" in self.daemon.log(), "it trains")
        self.assertTrue(self.status()["training"]["running"])
        (trainer,) = children_of(self.daemon.process.pid)
        self.assertIn(b"train", pathlib.Path(f"/proc/{trainer}/cmdline").read_bytes())
        nice = pathlib.Path(f"/proc/{trainer}/stat").read_text().rsplit(")", 1)[1].split()[16]
        self.assertGreaterEqual(int(nice), 10)
        self.assertEqual(pathlib.Path(f"/proc/{trainer}/oom_score_adj").read_text().strip(), "1000")
        return trainer

    def csv(self, count):
        path = self.folder / "events.csv"
        lines = [f"{one['userId']},{one['itemId']},{one['sentAt']},view"
                 for one in self.events(count)]
        path.write_text("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "\n".join(lines) + "\n")
        return path

    def test_sigterm_ends_a_training_and_leaves_nothing(self):
        trainer = self.start_a_long_training()
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertFalse(is_there(trainer), "it was waited for")
        self.assertFalse((self.daemon.data / "training").exists())
        self.assertEqual(list(self.generations.glob("*")), [])

    def test_after_kill_9_no_trainer_goes_on_and_the_next_start_cleans_up(self):
        trainer = self.start_a_long_training()
        self.daemon.kill()
        wait_until(lambda: not is_there(trainer), "the trainer has ended")
        self.assertTrue((self.daemon.data / "training").exists())
        left = self.generations / "scheduled-2026-01-01T00-00-00Z.training"
        left.mkdir(parents=True)
        stray = self.generations / "scheduled-2026-01-02T00-00-00Z.pairs"
        whole = self.generations / "scheduled-2026-01-03T00-00-00Z"
        others = self.generations / "mine.pairs"
        whole.mkdir()
        for path in (stray, whole.with_suffix(".pairs"), others):
            path.touch()
        for every in ("off", "1h"):
            self.daemon.settings.update({"training.every": every, "training.program": "/nothing"})
            self.daemon.start()
            self.client = self.connect(self.daemon)
            self.assertEqual("training" in self.status(), every != "off")
            self.assertTrue(left.exists() or every != "off", "whoever does not train leaves it")
            # What a new training has while it runs is no left-over of the killed one.
            self.assertTrue(every == "off" or self.wait_for_last("failed"))
            self.assertFalse((self.daemon.data / "training").exists())
            self.assertEqual(self.daemon.terminate(), 0)
        self.assertFalse(left.exists())
        self.assertFalse(stray.exists(), "its generation was never written")
        self.assertTrue(whole.with_suffix(".pairs").exists())
        self.assertTrue(others.exists())


if __name__ == "__main__":
    main()
