"""tools/python: generations made elsewhere are served, and users folded in as their makers would.
Skips where NumPy is not installed."""

import os
import pathlib
import subprocess
import sys
import types
import unittest

from daemon_process import FreshetTest, main, run_freshet, wait_until
from http_client import event

TOOLS = pathlib.Path(os.environ["FRESHET_SOURCE"]) / "tools" / "python"
sys.path.insert(0, str(TOOLS))

try:
    import numpy as np
    from freshet_generation import write_implicit
except ImportError:
    np = None

ITEMS = 30
TOUCHED = (3, 7, 11)


@unittest.skipIf(np is None, "NumPy is not installed")
class PythonToolsTest(FreshetTest):
    def setUp(self):
        super().setUp()
        chance = np.random.default_rng(1)
        self.items = chance.normal(0, 0.5, (ITEMS, 6)).astype(np.float32)
        self.users = chance.normal(0, 0.5, (4, 6)).astype(np.float32)
        self.item_ids = [f"i{number}" for number in range(ITEMS)]
        self.user_ids = [f"u{number}" for number in range(4)]
        self.daemon = self.make_daemon(settings={"factors.poll_ms": 20})
        self.generations = self.daemon.data / "generations"
        self.generations.mkdir(parents=True)

    def serve(self, name):
        self.daemon.start()
        self.client = self.connect(self.daemon)
        events = [{"userId": "everybody", **event(each)} for each in self.item_ids]
        events += [{"userId": "ann", **event(f"i{item}")} for item in TOUCHED]
        self.assertEqual(self.client.bulk(events).status, 200)
        wait_until(lambda: self.client.get("/v1/generations").json.get("serving") == name,
                   f"{name} is served")

    def expect_answer(self, vector):
        """That ann is answered by the items' inner products with it."""
        scores = self.items.astype(np.float64) @ vector
        scores[list(TOUCHED)] = -np.inf
        wanted = np.argsort(-scores)[:5]
        answer = self.client.get("/v1/recommendations?campaign=factors&user=ann&n=5&explain=1")
        got = answer.json["items"]
        self.assertEqual([one["itemId"] for one in got], [f"i{item}" for item in wanted])
        for one, item in zip(got, wanted):
            self.assertAlmostEqual(one["features"]["factors"], scores[item], places=4)

    def test_a_model_of_implicit_folds_in_as_implicit_does(self):
        alpha, regularization = 10, 0.7
        model = types.SimpleNamespace(item_factors=self.items, user_factors=self.users,
                                      alpha=alpha, regularization=regularization)
        write_implicit(self.generations / "night", model, self.item_ids, self.user_ids,
                       interactions=12, trained_until_ms=1_700_000_000_000)
        self.serve("night")
        # Hu, Koren, Volinsky: (YᵀY + Σ (c − 1) y yᵀ + λ I) x = Σ c y, with c = α.
        items = self.items.astype(np.float64)
        known = items[list(TOUCHED)]
        left = items.T @ items + (alpha - 1) * known.T @ known + regularization * np.eye(6)
        self.expect_answer(np.linalg.solve(left, alpha * known.sum(axis=0)))

    def convert(self, name, *flags):
        np.save(self.folder / "items.npy", self.items.astype(np.float64))
        (self.folder / "ids.txt").write_text("\n".join(self.item_ids) + "\n")
        np.save(self.folder / "users.npy", self.users)
        (self.folder / "users.txt").write_text("\n".join(self.user_ids) + "\n")
        return subprocess.run(
            [sys.executable, TOOLS / "convert_embeddings.py", self.folder / "items.npy",
             "--item-ids", self.folder / "ids.txt", "--output", self.generations / name, *flags],
            capture_output=True, text=True, check=False)

    def test_embeddings_of_two_towers_are_folded_in_when_they_say_how(self):
        users = ("--users", self.folder / "users.npy", "--user-ids", self.folder / "users.txt")
        self.assertEqual(self.convert("plain", *users).returncode, 0)
        refused = run_freshet("generations", "promote", "plain", "--folder", self.generations,
                              check=False)
        self.assertIn("no objective", refused.stderr)
        flags = ("--regularization", "0.5", "--background-weight", "0.25")
        self.assertEqual(self.convert("towers", *users, *flags).returncode, 0)
        self.serve("towers")
        items = self.items.astype(np.float64)
        known = items[list(TOUCHED)]
        left = 0.25 * items.T @ items + known.T @ known + 0.5 * np.eye(6)
        self.expect_answer(np.linalg.solve(left, known.sum(axis=0)))

    def test_what_does_not_fit_is_refused_and_leaves_nothing(self):
        self.items[0, 0] = np.nan
        self.assertIn("not all finite", self.convert("wrong").stderr)
        self.items = self.items[1:]
        said = self.convert("wrong")
        self.assertEqual(said.returncode, 1)
        self.assertIn("30 item ids do not fit factors of shape (29, 6)", said.stderr)
        self.assertFalse((self.generations / "wrong").exists())
        self.assertEqual(self.convert("wrong", "--users", "x").returncode, 2)


class MissingPackageTest(unittest.TestCase):
    SCRIPTS = {"python/train_implicit.py": ["--events", "e", "--output", "o"],
               "python/convert_embeddings.py": ["i.npy", "--item-ids", "i", "--output", "o"],
               "python/convert_spark_als.py": ["m", "--output", "o", "--reg-param", "1"],
               "spark/train_als.py": ["--events", "e", "--output", "o"]}

    def test_a_package_that_is_missing_is_named_and_help_needs_none(self):
        for name, arguments in self.SCRIPTS.items():
            # -S: without the packages that this machine has.
            command = [sys.executable, "-S", str(TOOLS.parent / name)]
            helped = subprocess.run([*command, "--help"], capture_output=True, text=True,
                                    check=False)
            self.assertEqual(helped.returncode, 0, helped.stderr)
            run = subprocess.run([*command, *arguments], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 1)
            self.assertRegex(run.stderr, r"\A\w+\.py needs the Python package numpy")


if __name__ == "__main__":
    main()
