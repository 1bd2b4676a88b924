"""tools/spark and convert_spark_als.py with the real Spark: what its ALS has trained is served, and
users are folded in as Spark itself would score them.

Spark runs in local mode, from the Python package in an environment beside the build folders. Skips, and
says why, where that cannot be had.
"""

import csv
import fcntl
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import numpy as np

from daemon_process import FreshetTest, binary, main, run_freshet, wait_until

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = pathlib.Path(os.environ["FRESHET_SOURCE"]) / "tools"
REQUIREMENTS = HERE / "spark_requirements.txt"
FOLDER = pathlib.Path(binary("")).resolve().parent / "spark"  # of all build folders
PROGRAMS = FOLDER / "environment/bin"
INSTALL_SECONDS = 900
SPARK_SECONDS = 600
USERS = 60
ITEMS = 200


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)


def install_spark():
    """Installs what is pinned, once; SkipTest when that is impossible here."""
    if not shutil.which("java"):
        raise unittest.SkipTest("Java is absent: Spark cannot run")
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = FOLDER / REQUIREMENTS.name
    with open(FOLDER / "LOCK", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == REQUIREMENTS.read_bytes():
            return
        made = run(sys.executable, "-m", "venv", "--clear", PROGRAMS.parent)
        if made.returncode != 0:
            raise unittest.SkipTest("no environment for Spark:\n" + made.stdout)
        try:
            installed = run(PROGRAMS / "pip", "install", "--quiet", "--requirement", REQUIREMENTS,
                            timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            raise unittest.SkipTest(
                f"pip did not end in {INSTALL_SECONDS} s: is it offline?") from None
        if installed.returncode != 0:
            raise unittest.SkipTest("pip could not install Spark:\n" + installed.stdout[-3000:])
        shutil.copy(REQUIREMENTS, stamp)


def write_events(path):
    """Users of four kinds, who mostly take items of their own kind and rate these higher."""
    chance = random.Random(1)
    with open(path, "w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"))
        for number in range(3000):
            user, item = chance.randrange(USERS), chance.randrange(ITEMS)
            if chance.random() < 0.8:
                item = item // 4 * 4 + user % 4
            rows.writerow((f"ü{user}", f"i{item}", 1_700_000_000 + 60 * number, "view",
                           5 if item % 4 == user % 4 else 2))


def train_with_spark(folder):
    quick_start = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    files = f"{TOOLS / 'python/freshet_generation.py'},{TOOLS / 'spark/train_als.py'}"
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1",
                   "PYSPARK_PYTHON": str(PROGRAMS / "python")}
    environment.pop("SPARK_HOME", None)
    done = run(PROGRAMS / "spark-submit", "--master", "local[2]", "--driver-memory", "1g",
               "--driver-java-options", quick_start, "--conf", "spark.ui.enabled=false",
               "--conf", "spark.sql.shuffle.partitions=2", "--py-files", files,
               HERE / "spark_models.py", folder, cwd=folder, env=environment, timeout=SPARK_SECONDS)
    if done.returncode != 0:
        raise AssertionError("spark-submit:\n" + done.stdout[-10000:])


class Generation:
    def __init__(self, folder):
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.items, self.users = (
            dict(zip((folder / f"{side}_ids.txt").read_text(encoding="utf-8").splitlines(),
                     np.load(folder / f"{side}_factors.npy").astype(np.float64)))
            for side in ("item", "user"))

    def score(self, user, item):
        return float(self.users[user] @ self.items[item])


class SparkTest(FreshetTest):
    @classmethod
    def setUpClass(cls):
        install_spark()
        cls.trained = pathlib.Path(tempfile.mkdtemp(prefix="freshet-spark-"))
        cls.addClassCleanup(shutil.rmtree, cls.trained, ignore_errors=True)
        write_events(cls.trained / "events.csv")
        train_with_spark(cls.trained)
        with open(cls.trained / "events.csv", encoding="utf-8", newline="") as rows:
            cls.events = list(csv.DictReader(rows))

    def serve(self, name):
        """A client of a daemon that has learned what Spark was trained with, and serves that."""
        daemon = self.make_daemon(settings={"factors.poll_ms": 20})
        run_freshet("import", "--data", daemon.data, "--events", self.trained / "events.csv")
        generations = daemon.data / "generations"
        shutil.copytree(self.trained / name, generations / name)
        run_freshet("generations", "promote", name, "--folder", generations)
        daemon.start()
        client = self.connect(daemon)
        wait_until(lambda: client.get("/v1/generations").json.get("serving") == name,
                   f"{name} is served")
        return client

    def expect_answers(self, client, score):
        """That every user, folded in, gets the best of what they have not had by score(user, item)."""
        for user in sorted({row["USER_ID"] for row in self.events}):
            had = {row["ITEM_ID"] for row in self.events if row["USER_ID"] == user}
            wanted = sorted((score(user, f"i{item}") for item in range(ITEMS)
                             if f"i{item}" not in had), reverse=True)[:5]
            answer = client.get("/v1/recommendations?campaign=factors&n=5&explain=1&user="
                                + urllib.parse.quote(user)).json["items"]
            for item, best in zip(answer, wanted, strict=True):
                self.assertNotIn(item["itemId"], had)
                folded_in = item["features"]["factors"]
                self.assertAlmostEqual(folded_in, score(user, item["itemId"]), places=4)
                self.assertAlmostEqual(folded_in, best, places=4)

    def test_what_train_als_made_of_clicks_answers_as_spark_trained_it(self):
        generation = Generation(self.trained / "implicit")
        self.assertEqual((generation.manifest["items"], generation.manifest["users"]),
                         (ITEMS, USERS))
        pairs = {(row["USER_ID"], row["ITEM_ID"]) for row in self.events}
        self.assertEqual(generation.manifest["interactions"], len(pairs))
        client = self.serve("implicit")
        self.expect_answers(client, generation.score)
        # And the vectors have the right names.
        answer = client.recommend("factors", userId="ü2", numResults=5)
        self.assertEqual({int(item[1:]) % 4 for item in answer}, {2}, answer)

    def test_what_train_als_made_of_ratings_foretells_them_and_is_not_served(self):
        folder = self.trained / "explicit"
        generation = Generation(folder)
        self.assertEqual(generation.manifest["objective"]["feedback"], "explicit")
        wrong = [generation.score(row["USER_ID"], row["ITEM_ID"]) - int(row["EVENT_VALUE"])
                 for row in self.events]
        self.assertLess(np.sqrt(np.mean(np.square(wrong))), 0.5)
        # A user's vector is what the manifest's objective gives, items held still.
        mine = {row["ITEM_ID"]: int(row["EVENT_VALUE"])
                for row in self.events if row["USER_ID"] == "ü7"}
        known = np.stack([generation.items[item] for item in mine])
        side = generation.manifest["objective"]["user_regularization"]
        self.assertEqual(side["exponent"], 1)
        left = known.T @ known + side["lambda"] * len(mine) * np.eye(known.shape[1])
        solved = np.linalg.solve(left, known.T @ np.array(list(mine.values())))
        np.testing.assert_allclose(generation.users["ü7"], solved, atol=1e-4)
        refused = run_freshet("generations", "promote", "explicit", "--folder", self.trained,
                              check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("explicit", refused.stderr)

    def test_what_alsmodel_save_wrote_is_converted_and_answers_as_the_model(self):
        converted = run(PROGRAMS / "python", TOOLS / "python/convert_spark_als.py",
                        self.trained / "model", "--output", self.trained / "converted",
                        "--item-ids", self.trained / "items.csv",
                        "--user-ids", self.trained / "users.csv",
                        "--reg-param", "0.02", "--alpha", "3")
        self.assertEqual(converted.returncode, 0, converted.stdout)
        scores = json.loads((self.trained / "scores.json").read_text(encoding="utf-8"))
        self.assertEqual(len(scores), USERS)
        self.expect_answers(self.serve("converted"), lambda user, item: scores[user][item])


if __name__ == "__main__":
    main()
