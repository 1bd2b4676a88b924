"""Generations of factors from the trainer to the answers, with the real processes."""

import json
import random
import shutil
import threading
import time

from daemon_process import FreshetTest, main, run_freshet, wait_until
from http_client import event


class GenerationsTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.events = self.folder / "events.csv"
        chance = random.Random(1)
        with open(self.events, "w", encoding="utf-8") as out:
            out.write("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n")
            for number in range(3000):
                user = chance.randrange(60)
                item = chance.randrange(80)
                if chance.random() < 0.9:
                    item = item // 4 * 4 + user % 4  # of the user's own kind
                out.write(f"u{user},i{item},{1_700_000_000 + number * 60},view\n")
        self.daemon = self.make_daemon(settings={"factors.poll_ms": 20})
        self.generations = self.daemon.data / "generations"

    def train(self, name, *flags):
        run_freshet("train", "--events", self.events, "--output", self.generations / name,
                    "--factors", 8, "--iterations", 4, "--hold-out", 0, *flags, cwd=self.folder)

    def start(self):
        self.daemon.start()
        self.client = self.connect(self.daemon)
        events = [{"userId": "everybody", **event(f"i{item}")} for item in range(80)]
        events += [{"userId": "ann", **event(f"i{item}")} for item in (0, 4, 8)]
        self.assertEqual(self.client.bulk(events).status, 200)

    def ask(self, client=None, user="ann"):
        answer = (client or self.client).get(
            f"/v1/recommendations?campaign=factors&user={user}&n=10&explain=1")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def listed(self):
        answer = self.client.get("/v1/generations")
        self.assertEqual(answer.status, 200, answer)
        return {one["name"]: one for one in answer.json["generations"]}

    def wait_for_state(self, name, state):
        return wait_until(lambda: self.listed().get(name, {}).get("state") == state
                          and self.listed()[name], f"{name} is {state}")

    def command(self, *arguments, check=True):
        return run_freshet("generations", *arguments, "--folder", self.generations, check=check)

    def test_a_trained_generation_is_served_and_the_next_event_counts(self):
        self.start()
        self.assertEqual({item.get("reason") for item in self.ask()["items"]}, {"Popular item"})
        self.train("first")
        first = self.wait_for_state("first", "serving")
        self.assertEqual((first["algorithm"], first["dimension"], first["items"], first["users"]),
                         ("ials", 8, 80, 60))
        answer = self.ask()
        self.assertEqual(answer["generation"], "first")
        own_kind = [item for item in answer["items"] if int(item["itemId"][1:]) % 4 == 0]
        self.assertGreaterEqual(len(own_kind), 8, answer)
        for item in answer["items"]:
            self.assertIn("factors", item["features"])
            self.assertNotIn(item["itemId"], ("i0", "i4", "i8"), "it was seen")
        self.assertEqual(self.client.recommend("factors", userId="ann", numResults=10),
                         [item["itemId"] for item in answer["items"]])
        likes_others = [{"userId": "bob", **event(f"i{item}")} for item in (1, 5, 9)]
        self.assertEqual(self.client.bulk(likes_others).status, 200)
        self.assertEqual({int(item["itemId"][1:]) % 4 for item in self.ask(user="bob")["items"][:5]},
                         {1})
        metrics = self.client.get("/metrics").body.decode()
        self.assertIn('freshet_generation_created_timestamp_seconds{generation="first"}', metrics)
        self.assertIn("freshet_generations_served_total 1", metrics)

    def test_an_item_born_since_the_training_is_recommended_to_the_like_minded(self):
        self.daemon.settings["campaign.similar-items.measure"] = "factors"
        self.daemon.settings["factors.fold_in_ms"] = 20
        self.train("first")
        self.start()
        self.wait_for_state("first", "serving")
        self.assertNotIn("born", self.client.recommend("factors", userId="ann", numResults=25))
        bought = [{"userId": f"buyer{n}", **event(f"i{item}")}
                  for n in range(5) for item in (4 * n, 4 * n + 4, 4 * n + 8, 4 * n + 12)]
        bought += [{"userId": f"buyer{n}", **event("born", "purchase")} for n in range(5)]
        likes_others = [{"userId": "bob", **event(f"i{item}")} for item in (1, 5, 9)]
        self.assertEqual(self.client.bulk(bought + likes_others).status, 200)

        def factors_of_born(user):
            return [item["features"]["factors"] for item in self.ask(user=user)["items"]
                    if item["itemId"] == "born" and "factors" in item["features"]]

        wait_until(lambda: factors_of_born("ann"), "it is folded in and recommended")
        self.assertGreater(factors_of_born("ann")[0], 0)
        self.assertFalse(factors_of_born("bob"), "nobody like bob has bought it")
        listed = self.client.get("/v1/generations").json
        self.assertEqual((listed["serving"], listed["newbornItems"]), ("first", 1))
        self.assertIn("freshet_generation_newborn_items 1", self.client.get("/metrics").body.decode())
        alike = self.client.get("/v1/items/born/similar?n=5").json["items"]
        self.assertEqual({int(item["itemId"][1:]) % 4 for item in alike}, {0}, alike)
        self.train("second", "--seed", 2)
        self.wait_for_state("second", "serving")
        wait_until(lambda: factors_of_born("ann"), "it is folded into the next as well")
        self.assertEqual(self.ask()["generation"], "second")
        self.assertEqual(self.client.delete("/v1/items/born").status, 200)
        self.assertFalse(factors_of_born("ann"))
        wait_until(lambda: self.client.get("/v1/generations").json["newbornItems"] == 0,
                   "it is forgotten")

    def test_what_is_served_takes_part_in_the_mix_and_in_rankings(self):
        self.daemon.settings["campaign.similar-items.measure"] = "factors"
        self.train("first")
        self.start()
        self.wait_for_state("first", "serving")
        # Of a visitor of fewer than 15 items the mix does not ask it.
        likes_more = [{"userId": "ann", **event(f"i{item}")} for item in range(12, 60, 4)]
        self.assertEqual(self.client.bulk(likes_more).status, 200)
        path = "/v1/recommendations?user=ann&n=40&explain=1"
        mixed = self.client.get(path).json
        self.assertEqual(mixed["generation"], "first")
        self.assertTrue(any("factors" in item["features"] for item in mixed["items"]), mixed)
        alike = self.client.get("/v1/items/i0/similar?n=5&explain=1").json
        self.assertEqual(alike["generation"], "first")
        self.assertEqual({int(item["itemId"][1:]) % 4 for item in alike["items"]}, {0}, alike)
        for item in alike["items"]:
            self.assertAlmostEqual(item["score"], item["features"]["factors"], places=5)

    def test_what_lies_is_refused_and_the_old_one_goes_on(self):
        self.train("good")
        self.start()
        self.wait_for_state("good", "serving")
        before = self.ask()["items"]
        aside = self.folder / "aside"

        def broken(name, damage):
            shutil.copytree(self.generations / "good", aside)
            manifest = json.loads((aside / "manifest.json").read_text())
            manifest["created_ms"] += 1_000_000
            damage(aside, manifest)
            (aside / "manifest.json").write_text(json.dumps(manifest))
            aside.rename(self.generations / name)
            return self.wait_for_state(name, "refused")["reason"]

        def truncate(folder, _):
            path = folder / "item_factors.npy"
            path.write_bytes(path.read_bytes()[:-10])

        def put_nan(folder, _):
            path = folder / "item_factors.npy"
            path.write_bytes(path.read_bytes()[:-4] + b"\x00\x00\xc0\x7f")

        def repeat_an_id(folder, _):
            path = folder / "item_ids.txt"
            lines = path.read_text().splitlines()
            path.write_text("\n".join([lines[1], *lines[1:]]) + "\n")

        self.assertIn("item_factors.npy", broken("truncated", truncate))
        self.assertIn("item_factors.npy", broken("not-a-number", put_nan))
        self.assertIn("item_ids.txt", broken("repeated", repeat_an_id))
        self.assertIn("format is 9", broken("future", lambda _, m: m.update(format=9)))
        self.assertIn("manifest.json says 81", broken("shape", lambda _, m: m.update(items=81)))
        self.assertIn("objective", broken("embedding", lambda _, m: m.pop("objective")))
        self.assertEqual(self.ask()["generation"], "good")
        self.assertEqual(self.ask()["items"], before)
        self.assertIn("freshet_generations_refused_total 6",
                      self.client.get("/metrics").body.decode())
        self.assertEqual(self.daemon.log().count("is refused"), 6, "each once")
        refused = self.command("promote", "not-a-number", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("item_factors.npy", refused.stderr)
        self.assertIn("objective", self.command("promote", "embedding", check=False).stderr)
        self.assertFalse((self.generations / "current").exists())

    def test_promote_and_rollback(self):
        for number, name in enumerate(("monday", "tuesday", "wednesday")):
            self.train(name, "--seed", number + 1)
        self.start()
        self.wait_for_state("wednesday", "serving")
        self.command("rollback")
        self.wait_for_state("tuesday", "serving")
        self.command("promote", "monday")
        self.wait_for_state("monday", "serving")
        lines = self.command("list").stdout.splitlines()
        states = {one["name"]: one for one in map(json.loads, lines)}
        self.assertEqual(len(states), 3)
        self.assertTrue(states["monday"]["current"])
        self.assertTrue(states["tuesday"]["former"])
        self.train("thursday")
        self.wait_for_state("thursday", "available")
        self.assertEqual(self.ask()["generation"], "monday", "what was promoted stays")
        self.command("rollback")
        self.wait_for_state("tuesday", "serving")
        self.assertEqual(self.daemon.terminate(), 0)
        self.daemon.start()
        self.client = self.connect(self.daemon)
        self.wait_for_state("tuesday", "serving")
        (self.generations / "current").unlink()
        self.wait_for_state("thursday", "serving")

    def test_wrong_names_are_refused(self):
        said = self.command("list", check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn("no sub-folder with a manifest.json", said.stderr)
        self.train("only")
        self.assertIn("no folder of a generation",
                      self.command("promote", "other", check=False).stderr)
        self.assertIn("no name of a generation",
                      self.command("promote", "../x", check=False).stderr)
        self.assertIn("no generation before only", self.command("rollback", check=False).stderr)
        self.command("promote", "only")
        self.command("promote", "only")
        self.assertEqual((self.generations / "current").read_text(), "only\n")

    def test_ten_swaps_in_ten_seconds_under_queries(self):
        names = ("one", "two")
        for number, name in enumerate(names):
            self.train(name, "--seed", number + 1)
        self.start()
        self.command("promote", "one")
        by_name = {}
        for name in names:
            self.command("promote", name)
            self.wait_for_state(name, "serving")
            by_name[name] = self.ask()["items"]
        self.assertNotEqual(by_name["one"], by_name["two"])
        stop = threading.Event()
        answers, failures = [], []

        def query():
            try:
                with self.daemon.client() as client:
                    while not stop.is_set():
                        answer = self.ask(client)
                        if answer["items"] != by_name[answer["generation"]]:
                            failures.append(answer)
                        answers.append(answer["generation"])
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        threads = [threading.Thread(target=query) for _ in range(3)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        for swap in range(10):
            self.command("promote", names[swap % 2])
            self.wait_for_state(names[swap % 2], "serving")
        took = time.monotonic() - began
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(set(answers), set(names))
        print(f"{len(answers)} answers while ten swaps took {took:.1f} s")


if __name__ == "__main__":
    main()
