"""freshet train: generations from files and folders, refusals, interruption and resumption."""

import ast
import json
import random
import signal
import struct
import subprocess

from daemon_process import FreshetTest, binary, clean_environment, main, run_freshet


def read_npy(path):
    """Shape and rows of a float32 array, without NumPy."""
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    rows, columns = header["shape"]
    assert header["descr"] == "<f4" and not header["fortran_order"]
    values = struct.unpack(f"<{rows * columns}f", data[10 + length:])
    return [values[row * columns:(row + 1) * columns] for row in range(rows)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


class TrainTest(FreshetTest):
    def events(self, name="events.csv", users=60, count=3000, ratings=False):
        """Users of four kinds, who mostly take items of their own kind."""
        chance = random.Random(1)
        path = self.folder / name
        with open(path, "w", encoding="utf-8") as out:
            out.write("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n")
            for number in range(count):
                user = chance.randrange(users)
                item = chance.randrange(80)
                if not ratings and chance.random() < 0.9:
                    item = item // 4 * 4 + user % 4
                likes = item % 4 == user % 4
                value = (5 if likes else 2) if ratings else ""
                out.write(f"u{user},i{item},{1_700_000_000 + number * 60},view,{value}\n")
        return path

    def train(self, *arguments, check=True, output="generation"):
        return run_freshet("train", "--output", self.folder / output, *arguments, check=check,
                           cwd=self.folder)

    def manifest(self, output="generation"):
        return json.loads((self.folder / output / "manifest.json").read_text())

    def files(self, output):
        return {path.name: path.read_bytes() for path in (self.folder / output).iterdir()
                if path.name != "manifest.json"}

    def test_a_generation_knows_what_its_users_like(self):
        said = self.train("--events", self.events(), "--factors", 8)
        folder = self.folder / "generation"
        self.assertIn("normalized_discounted_cumulative_gain_at_10", said.stdout)
        self.assertFalse((self.folder / "generation.training").exists())
        users = (folder / "user_ids.txt").read_text().split()
        items = (folder / "item_ids.txt").read_text().split()
        manifest = self.manifest()
        self.assertEqual((manifest["users"], manifest["items"], manifest["dimension"]),
                         (len(users), len(items), 8))
        self.assertGreater(manifest["metrics"]["precision_at_5"], 0.3)
        self.assertEqual(manifest["objective"]["user_regularization"]["offset"], 0.3 * len(items))
        user_rows, item_rows = (read_npy(folder / f"{side}_factors.npy") for side in ("user", "item"))
        own = other = 0
        for user, x in zip(users, user_rows):
            for item, y in zip(items, item_rows):
                if int(user[1:]) % 4 == int(item[1:]) % 4:
                    own += dot(x, y)
                else:
                    other += dot(x, y) / 3
        self.assertGreater(own, 3 * other)

    def test_threads_do_not_matter_and_the_seed_does(self):
        events = self.events()
        for name, flags in {"one": ["--threads", 1], "three": ["--threads", 3],
                            "other": ["--seed", 2]}.items():
            self.train("--events", events, "--factors", 20, "--iterations", 3, *flags, output=name)
        self.assertEqual(self.files("one"), self.files("three"))
        self.assertNotEqual(self.files("one"), self.files("other"))

    def test_ratings_are_foretold(self):
        events = self.events(ratings=True)
        self.train("--events", events, "--model", "explicit", "--factors", 6)
        manifest = self.manifest()
        self.assertEqual(manifest["algorithm"], "explicit-als")
        self.assertEqual(manifest["objective"]["feedback"], "explicit")
        self.assertLess(manifest["metrics"]["rmse"], 0.7)

    def test_a_data_folder_trains_as_its_events_do(self):
        events = self.events(ratings=True)
        run_freshet("import", "--data", self.folder / "data", "--events", events, cwd=self.folder)
        for model in ("ials", "explicit"):
            flags = ["--factors", 6, "--iterations", 4, "--model", model]
            self.train("--data", self.folder / "data", *flags, output="from-folder-" + model)
            self.train("--events", events, *flags, output="from-file-" + model)
            one, other = self.manifest("from-folder-" + model), self.manifest("from-file-" + model)
            self.assertEqual(one["trained_through"], {"0": 3001})
            self.assertEqual(one["interactions"], other["interactions"])
            self.assertEqual((one["users"], one["items"]), (other["users"], other["items"]))

    def test_too_little_is_refused_with_the_reason(self):
        few = self.events("few.csv", count=999)
        said = self.train("--events", few, check=False)
        self.assertEqual(said.returncode, 3)
        self.assertIn("999 interactions, 1,000 are needed; --minimum-interactions", said.stderr)
        alone = self.events("alone.csv", users=24)
        said = self.train("--events", alone, check=False)
        self.assertIn("24 users with two items or more, 25 are needed", said.stderr)
        self.assertFalse((self.folder / "generation").exists())
        self.train("--events", alone, "--minimum-users", 10, "--iterations", 1)

    def test_an_output_that_is_there_is_left_alone(self):
        (self.folder / "generation").mkdir()
        said = self.train("--events", self.events(), check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn("is there already", said.stderr)

    def test_wrong_flags_are_named(self):
        for flags in (["--block", "17"], ["--factors", "0"], ["--lambda", "-1"], ["--model", "svd"]):
            said = self.train("--events", "x.csv", *flags, check=False)
            self.assertEqual(said.returncode, 2, flags)
            self.assertIn(flags[0], said.stderr)

    def start(self, output, events):
        return subprocess.Popen(
            [binary("freshet"), "train", "--events", events, "--output", self.folder / output,
             "--factors", "128", "--iterations", "400"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder,
            env=clean_environment())

    def test_ctrl_c_ends_it_soon_and_says_what_to_do(self):
        training = self.start("interrupted", self.events())
        self.assertIn("training with", self.line_with(training, "training with"))
        training.send_signal(signal.SIGINT)
        said = training.communicate(timeout=60)[1]
        self.assertEqual(training.returncode, 1)
        self.assertIn("interrupted; the same command goes on", said)
        self.assertFalse((self.folder / "interrupted").exists())

    def line_with(self, process, text):
        for line in process.stderr:
            if text in line:
                return line
        return ""


if __name__ == "__main__":
    main()
