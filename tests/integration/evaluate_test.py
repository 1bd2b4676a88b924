"""freshet evaluate and freshet tune, on a stream with an order that can be learned."""

import csv
import json
import random

from daemon_process import FreshetTest, main, run_freshet

COLUMNS = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "SESSION_ID", "PERIOD"]
ITEMS = 40


class StreamTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.rows = []
        chance = random.Random(1)
        for session in range(600):
            item = chance.randrange(ITEMS)
            for step in range(4):
                self.rows.append([f"u{session % 150}", f"i{item}", 1_700_000_000 + 600 * session + step,
                                  "view", f"s{session}", session // 200])
                # What follows is next to what was, mostly.
                item = (item + 1) % ITEMS if chance.random() < 0.8 else chance.randrange(ITEMS)
        self.events = self.write("events.csv", self.rows)

    def write(self, name, rows, columns=COLUMNS):
        path = self.folder / name
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *rows])
        return path


class EvaluateTest(StreamTest):
    def evaluate(self, *arguments):
        return json.loads(run_freshet("evaluate", "--json", "--campaign", "session",
                                      *arguments).stdout)

    def refused(self, *arguments, code=1):
        result = run_freshet("evaluate", *arguments, check=False)
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stderr

    def test_prequential_asks_in_the_second_half_and_finds_the_order(self):
        shown = self.evaluate("--events", self.events)
        questions = sum(a[4] == b[4] and a[1] != b[1]
                        for a, b in zip(self.rows, self.rows[1:]))
        self.assertAlmostEqual(shown["predictions"], questions / 2, delta=5)
        self.assertEqual(shown["learned"], len(self.rows))
        # By chance half of the 40 would be met.
        self.assertGreater(shown["hitRate"], 0.8)
        self.assertGreater(shown["mrr"], 0.4)
        later = self.evaluate("--events", self.events, "--from", "0.9")
        self.assertLess(later["predictions"], shown["predictions"] / 4)

    def test_every_protocol_says_what_it_asked(self):
        test = self.write("test.csv", [row for row in self.rows if row[5] == 2])
        for protocol, asked in (("next-click", 600), ("continual", 1200), ("leave-one-out", 150),
                                ("last-share", 150)):
            with self.subTest(protocol=protocol):
                more = ["--test", test] if protocol == "next-click" else []
                shown = self.evaluate("--protocol", protocol, "--events", self.events, "--n", 25,
                                      *more)
                self.assertEqual(shown["protocol"], protocol)
                self.assertEqual(shown["predictions"], asked)
                self.assertGreater(shown["hitRate"], 0.6)
                metrics = shown["metrics"]
                for k in (5, 10, 25):
                    self.assertGreater(metrics[f"normalized_discounted_cumulative_gain_at_{k}"], 0)
                    self.assertGreater(metrics[f"precision_at_{k}"], 0)
                self.assertEqual(metrics["mean_reciprocal_rank_at_25"], shown["mrr"])
                self.assertEqual(metrics["coverage"], 1)

    def test_what_is_learned_late_is_missed(self):
        # In the second half the order is another one.
        half = len(self.rows) // 2
        turned = [[row[0], f"j{row[1][1:]}", *row[2:]] for row in self.rows[half:]]
        events = self.write("turned.csv", self.rows[:half] + turned)
        live = self.evaluate("--events", events)["hitRate"]
        never = self.evaluate("--events", events, "--retrain", "never")["hitRate"]
        hourly = self.evaluate("--events", events, "--retrain", "6h")["hitRate"]
        self.assertEqual(never, 0)
        self.assertGreater(hourly, 0.5)
        self.assertGreater(live, hourly)

    def test_the_periods_of_continual_are_shown_one_by_one(self):
        shown = self.evaluate("--protocol", "continual", "--events", self.events)
        self.assertEqual([period["predictions"] for period in shown["periods"]], [600, 600])
        mean = sum(period["hitRate"] for period in shown["periods"]) / 2
        self.assertAlmostEqual(shown["hitRate"], mean)
        table = run_freshet("evaluate", "--protocol", "continual", "--events", self.events).stdout
        self.assertRegex(table, r"period 1 .*600\n.*period 2 .*600\n")

    def test_bad_input_is_named(self):
        without = self.write("without.csv", [row[:5] for row in self.rows], COLUMNS[:5])
        self.assertIn("event 1 has no PERIOD",
                      self.refused("--protocol", "continual", "--events", without))
        again = self.write("again.csv", self.rows + [[*self.rows[0][:2], 1_800_000_000, "view", "x", 0]])
        self.assertIn("not in order of PERIOD",
                      self.refused("--protocol", "continual", "--events", again))
        self.assertIn("PERIOD has only one value",
                      self.refused("--protocol", "continual", "--events",
                                   self.write("one.csv", self.rows[:100])))
        self.assertIn("a row is bad", self.refused("--events", self.write(
            "bad.csv", [*self.rows, ["u1", "", 1_800_000_000, "view", "x", 2]])))
        self.assertIn("nothing was asked", self.refused("--events", self.write(
            "single.csv", [row for row in self.rows if row[2] % 600 == 200])))
        self.assertIn("there is no campaign nobody",
                      self.refused("--campaign", "nobody", "--events", self.events))
        for wrong in (["--retrain", "0d"], ["--retrain", "soon"], ["--share", "2"],
                      ["--protocol", "next-click"], ["--test", self.events], ["--n", "0"]):
            with self.subTest(wrong=wrong):
                self.refused("--events", self.events, *wrong, code=2)


class GenerationTest(StreamTest):
    def test_a_generation_counts_in_the_answers_and_what_cannot_be_served_is_refused(self):
        half = self.write("half.csv", self.rows[:len(self.rows) // 2])
        generation = self.folder / "generation"
        run_freshet("train", "--events", half, "--output", generation, "--factors", 8,
                    "--iterations", 4, "--hold-out", 0, cwd=self.folder)

        def measure(campaign, *flags):
            return json.loads(run_freshet("evaluate", "--json", "--events", self.events,
                                          "--campaign", campaign, *flags).stdout)

        self.assertGreater(measure("factors", "--generation", generation)["mrr"], 0)
        strongly = ("--set", "campaign.user-personalization.factors_weight=10")
        without = measure("user-personalization", *strongly)
        with_it = measure("user-personalization", *strongly, "--generation", generation)
        self.assertNotEqual(with_it["mrr"], without["mrr"])
        self.assertEqual(with_it["weights"], without["weights"], "nothing is learned from it")
        for campaign in ("session", "similar-items"):
            self.assertEqual(measure(campaign, "--generation", generation), measure(campaign))

        manifest = json.loads((generation / "manifest.json").read_text())
        del manifest["objective"]
        (generation / "manifest.json").write_text(json.dumps(manifest))
        for folder, reason in ((generation, "objective"), (self.folder / "none", "none")):
            result = run_freshet("evaluate", "--events", self.events, "--generation", folder,
                                 check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(reason, result.stderr)
            self.assertEqual(result.stdout, "")


class TuneTest(StreamTest):
    def tune(self, *arguments, check=True):
        return run_freshet("tune", "--campaign", "similar-items", *arguments, check=check)

    def test_finds_what_is_better_and_does_not_look_at_the_rest(self):
        tries = ["--try", "minimum_count=1,1000", "--set",
                 "campaign.similar-items.minimum_count=1000"]
        said = self.tune("--events", self.events, *tries).stdout
        self.assertIn("as it is", said)
        found = said[said.index("[[campaign]]"):]
        self.assertEqual(found, '[[campaign]]\nname = "similar-items"\nminimum_count = 1\n')
        config = self.folder / "found.toml"
        config.write_text(found, encoding="utf-8")
        run_freshet("evaluate", "--campaign", "similar-items", "--config", config, "--events",
                    self.events)
        half = len(self.rows) // 2
        other = self.write("other.csv", self.rows[:half] + [[row[0], "i1", *row[2:]]
                                                            for row in self.rows[half:]])
        self.assertEqual(self.tune("--events", other, *tries).stdout, said)

    def test_says_when_nothing_is_better(self):
        said = self.tune("--events", self.events, "--try", "minimum_count=1000").stdout
        self.assertIn("Nothing that was tried is better", said)

    def test_wrong_keys_and_values_are_named_before_anything_is_measured(self):
        for wrong, named in (("magic=1", "magic"), ("minimum_count=few", "minimum_count")):
            with self.subTest(wrong=wrong):
                result = self.tune("--events", self.events, "--try", wrong, check=False)
                self.assertEqual(result.returncode, 1)
                self.assertIn(named, result.stderr)
                self.assertEqual(result.stdout, "")
        self.assertEqual(self.tune("--events", self.events, "--try", "x", check=False).returncode, 2)


if __name__ == "__main__":
    main()
