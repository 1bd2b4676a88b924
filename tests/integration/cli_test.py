"""freshet, the command line: import, generate, replay and dump."""

import csv
import gzip
import hashlib
import json
import os
import subprocess

from daemon_process import FreshetTest, binary, clean_environment, dump, main, run_freshet
from http_client import event

HEADER = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE\n"
ROWS = ("ann,tent,1700000000,view,,phone\n"
        "ann,stove,1700000060,purchase,12.5,\"a \"\"big\"\" screen\"\n"
        "bob,tent,1700000120,,,\n")


def tables(folder):
    """Name and digest of every table file below `folder`: what the databases hold.

    Opening a database, for whatever purpose, begins new files of its own bookkeeping.
    """
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*.sst")}


class CliTest(FreshetTest):
    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def import_into(self, name, *arguments, check=True):
        """Imports into the folder `name` of this test; what the command said."""
        return run_freshet("import", "--data", self.folder / name, *arguments, check=check,
                           cwd=self.folder)

    def imported(self, name, *arguments):
        self.import_into(name, *arguments)
        return dump(self.folder / name)

    def generate(self, name, *arguments):
        path = self.folder / name
        run_freshet("generate", "--output", path, "--events", 3000, "--users", 100, "--items", 80,
                    "--days", 3, *arguments)
        return path


class ImportTest(CliTest):
    def test_a_csv_in_personalizes_schema_is_learned(self):
        state = self.imported("data", "--events", self.write("events.csv", HEADER + ROWS))
        self.assertIn("events 3", state)
        self.assertRegex(state, r'user "ann".*\n  did "stove" weight=5 .*\n  did "tent" weight=1 ')

    def test_columns_may_come_in_any_order_and_spelling(self):
        one = self.imported("one", "--events", self.write("one.csv", HEADER + ROWS))
        other = self.write("other.csv", "timestamp,itemId,DEVICE,user_id,EVENT_VALUE,eventType\r\n"
                           "1700000000,tent,phone,ann,,view\r\n"
                           "1700000060,stove,\"a \"\"big\"\" screen\",ann,12.5,purchase\r\n"
                           "1700000120,tent,,bob,,\r\n")
        self.assertEqual(self.imported("two", "--events", other), one)

    def test_a_missing_column_is_named_and_nothing_is_learned(self):
        for column, header in (("ITEM_ID", "USER_ID,TIMESTAMP\n"),
                               ("TIMESTAMP", "USER_ID,ITEM_ID\n"),
                               ("USER_ID", "ITEM_ID,TIMESTAMP\n")):
            with self.subTest(column=column):
                path = self.write("events.csv", header + "a,1\n")
                result = self.import_into("data", "--events", path, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(column, result.stderr)
                self.assertIn("events.csv", result.stderr)
        path = self.write("items.csv", "TITLE,PRICE\nA tent,5\n")
        result = self.import_into("data", "--items", path, check=False)
        self.assertIn("ITEM_ID", result.stderr)
        if (self.folder / "data" / "FORMAT").exists():
            self.assertIn("events 0", dump(self.folder / "data"))

    def test_bad_rows_are_counted_and_written_aside_with_their_lines(self):
        bad = {3: "ann,stove,yesterday,view,,phone", 4: "ann,lamp", 6: ",,1700000000,view,,phone",
               7: f"{'u' * 257},tent,1700000000,view,,phone", 9: "ann,mat,1700000000,view,much,"}
        good = iter(ROWS.splitlines())
        lines = [bad.get(number) or next(good, "carol,soap,1700000200,view,,")
                 for number in range(2, 11)]
        path = self.write("events.csv", HEADER + "\n".join(lines) + "\n")
        aside = self.folder / "aside.csv"
        result = self.import_into("data", "--events", path, "--rejected", aside, check=False)
        self.assertEqual(result.returncode, 4, "some rows were not taken")
        self.assertRegex(result.stdout + result.stderr, r"\b5 rows were not taken")
        self.assertIn("events 4", dump(self.folder / "data"))
        with open(aside, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({int(row["LINE"]): row["ROW"] for row in rows}, bad)
        for row, word in zip(rows, ("TIMESTAMP", "fields", "", "256", "EVENT_VALUE")):
            self.assertTrue(row["FILE"].endswith("events.csv"))
            self.assertIn(word, row["REASON"])

    def test_gzip_ndjson_and_folders_give_the_same_state(self):
        path = self.generate("events.csv")
        text = path.read_text()
        plain = self.imported("plain", "--events", path)
        self.assertEqual(self.imported("gz", "--events", self.write("again.csv.gz", text)), plain)

        names = {"USER_ID": "userId", "ITEM_ID": "itemId", "EVENT_TYPE": "eventType",
                 "SESSION_ID": "sessionId"}
        lines = []
        for row in csv.DictReader(text.splitlines()):
            line = {name: row[column] for column, name in names.items() if row[column]}
            line["sentAt"] = int(row["TIMESTAMP"])
            if row["EVENT_VALUE"]:
                line["eventValue"] = float(row["EVENT_VALUE"])
            lines.append(json.dumps(line) + "\n")
        ndjson = self.write("events.ndjson", "".join(lines))
        self.assertEqual(self.imported("ndjson", "--events", ndjson), plain)

        header, *rows = text.splitlines(keepends=True)
        self.write("parts/part-1.csv", header + "".join(rows[:1000]))
        self.write("parts/part-2.csv.gz", header + "".join(rows[1000:2000]))
        self.write("parts/part-3.csv", header + "".join(rows[2000:]))
        self.assertEqual(self.imported("parts-data", "--events", self.folder / "parts"), plain)

    def test_a_running_daemon_learns_the_same_as_a_folder(self):
        items, users = self.folder / "items.csv", self.folder / "users.csv"
        events = self.generate("events.csv", "--items-output", items, "--users-output", users)
        files = ["--events", events, "--items", items, "--users", users]
        direct = self.imported("direct", *files)
        daemon = self.start_daemon("served")
        run_freshet("import", "--to", f"http://127.0.0.1:{daemon.port}", *files, cwd=self.folder)
        with daemon.client() as client:
            self.assertTrue(client.recommend("popularity-count"))
        self.assertEqual(self.stop_and_dump(daemon).splitlines(), direct.splitlines())

    def test_items_and_users_bring_their_metadata(self):
        items = self.write("items.csv", "ITEM_ID,GENRES,PRICE,CREATION_TIMESTAMP\n"
                           "tent,\"sleep|walk\",99.5,1500000000\nstove,,,\n")
        users = self.write("users.csv", "USER_ID,AGE,ZIP\nann,33,\"01234\"\n")
        state = self.imported("data", "--items", items, "--users", users)
        self.assertRegex(state, r'item "tent" created=1500000000000 .*GENRES="sleep\|walk"')
        self.assertRegex(state, r'item "tent" .*PRICE=99.5')
        self.assertRegex(state, r'user "ann".*AGE=33.*ZIP="01234"')

    def test_a_damaged_gzip_and_an_absent_file_are_named(self):
        path = self.write("events.csv.gz", HEADER + ROWS * 1000)
        path.write_bytes(path.read_bytes()[:-20])
        result = self.import_into("data", "--events", path, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("events.csv.gz", result.stderr)
        result = self.import_into("data", "--events", self.folder / "none.csv", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("none.csv", result.stderr)

    def test_what_follows_a_gzip_member_is_an_error_and_nothing_is_dropped(self):
        path = self.write("events.csv.gz", HEADER + ROWS)
        path.write_bytes(path.read_bytes() + ROWS.encode())
        result = self.import_into("data", "--events", path, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"events.csv.gz: at byte \d+, behind 1 whole gzip member")
        members = gzip.compress((HEADER + ROWS).encode()) + gzip.compress(ROWS.encode())
        path.write_bytes(members + bytes(512))
        self.assertIn("events 6", self.imported("whole", "--events", path))

    def test_the_exit_code_says_whether_all_some_or_no_rows_were_taken(self):
        bad = "ann,tent\n"
        cases = ((HEADER + ROWS, (), 0), (HEADER + ROWS + bad, (), 4), (HEADER + bad, (), 1),
                 (HEADER, (), 1), (HEADER + ROWS + bad, ("--maximum-rejected", "1"), 0),
                 (HEADER + ROWS + bad, ("--maximum-rejected", "25%"), 0),
                 (HEADER + ROWS + bad, ("--maximum-rejected", "24%"), 4),
                 (HEADER + bad, ("--maximum-rejected", "100%"), 1),
                 (HEADER + ROWS, ("--maximum-rejected", "few"), 1))
        daemon = self.start_daemon("served")
        url = f"http://127.0.0.1:{daemon.port}"
        for number, (text, flags, code) in enumerate(cases):
            with self.subTest(text=text, flags=flags):
                path = self.write(f"{number}.csv", text)
                result = self.import_into(f"data-{number}", "--events", path, *flags, check=False)
                self.assertEqual(result.returncode, code, result.stderr)
                result = run_freshet("import", "--to", url, "--events", path, *flags, check=False,
                                     cwd=self.folder)
                self.assertEqual(result.returncode, code, result.stderr)

    def test_a_file_in_any_order_teaches_the_same_as_the_sorted_one(self):
        rows = [f"u{n % 17},i{n * n % 23},{1_700_000_000 + 977 * n}\n" for n in range(2000)]
        shuffled = [rows[n * 743 % len(rows)] for n in range(len(rows))]
        header = "USER_ID,ITEM_ID,TIMESTAMP\n"
        items = self.write("items.csv", "ITEM_ID,GENRES,CREATION_TIMESTAMP\n"
                           "i1,a,1500000000\ni2,b,1500000000\n")
        learned = self.imported("sorted", "--items", items, "--events",
                                self.write("sorted.csv", header + "".join(rows)))
        for name, order in (("shuffled", shuffled), ("reversed", rows[::-1])):
            path = self.write(f"{name}.csv.gz", header + "".join(order))
            result = self.import_into(name, "--items", items, "--events", path)
            self.assertRegex(result.stderr, r"[\d,]+ events were earlier than one before them")
            self.assertEqual(dump(self.folder / name), learned)
        self.write("parts/1.csv", header + "".join(rows[::2]))
        self.write("parts/2.csv", header + "".join(rows[1::2]))
        self.assertEqual(self.imported("parts-data", "--items", items, "--events",
                                       self.folder / "parts"), learned)

    def test_rows_may_come_from_standard_input_and_pipes(self):
        learned = self.imported("file", "--events", self.write("events.csv", HEADER + ROWS))
        for name, source in (("dash", "-"), ("device", "/dev/stdin")):
            for data in ((HEADER + ROWS).encode(), gzip.compress((HEADER + ROWS).encode())):
                folder = self.folder / f"{name}-{len(data)}"
                done = subprocess.run(
                    [binary("freshet"), "import", "--data", str(folder), "--events", source],
                    input=data, capture_output=True, env=clean_environment(), cwd=self.folder,
                    check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(dump(folder), learned)

    def test_usual_files_are_understood_as_they_are(self):
        result = self.import_into("csv", "--events", self.write(
            "ratings.csv", "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n"
            "1,10,4.0,1260759108\n"), "--items", self.write(
                "movies.csv", 'movieId,title,genres\n31,"Dangerous Minds (1995)",Drama\n'))
        self.assertIn("movieId is taken as ITEM_ID, rating is taken as EVENT_VALUE", result.stderr)
        learned = dump(self.folder / "csv")
        self.assertIn('TITLE="Dangerous Minds (1995)"', learned)
        events = self.write("u.data", "1\t31\t2.5\t1260759144\n1\t10\t4.0\t1260759108\n")
        result = self.import_into("tab", "--events", events, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("has tabs between the fields: add --delimiter tab", result.stderr)
        self.import_into("tab", "--events", events, "--delimiter", "tab", "--columns",
                         "USER_ID,ITEM_ID,EVENT_VALUE,TIMESTAMP")
        self.import_into("tab", "--items", self.folder / "movies.csv")
        self.assertIn("events 2", dump(self.folder / "tab"))
        films = self.write("films.csv", "wer;film;wann\nann;tent;1700000000\n")
        self.import_into("renamed", "--events", films, "--delimiter", ";", "--rename",
                         "wer=USER_ID", "--rename", "film=ITEM_ID", "--rename", "wann=TIMESTAMP")
        self.assertIn("events 1", dump(self.folder / "renamed"))

    def test_a_wrong_kind_of_file_shows_no_control_bytes(self):
        path = self.write("x.csv", b"PK\x03\x04\x1b[2J\x00\x00x.csv")
        result = self.import_into("data", "--events", path, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("x.csv is a ZIP archive", result.stderr)
        path = self.write("y.csv", "USER_ID,ITEM_ID,TIMESTAMP\nann,tent,\x1b[2J\n")
        result = self.import_into("data", "--events", path, check=False)
        self.assertNotIn("\x1b", result.stderr)

    def test_a_folder_that_a_daemon_has_is_refused(self):
        daemon = self.start_daemon("data")
        path = self.write("events.csv", HEADER + ROWS)
        result = self.import_into("data", "--events", path, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(str(daemon.process.pid), result.stderr)

    def test_a_daemon_starts_on_an_imported_folder(self):
        self.import_into("data", "--events", self.generate("events.csv"))
        before = dump(self.folder / "data")
        daemon = self.start_daemon("data")
        with daemon.client() as client:
            self.assertEqual(client.get("/v1/status").json["counts"]["events"], 3000)
            self.assertEqual(client.get("/v1/status").json["entries"]["applied"], 0, "replayed")
        self.assertEqual(self.stop_and_dump(daemon), before)


class GenerateTest(CliTest):
    def test_a_seed_gives_the_same_files_and_another_seed_others(self):
        files = []
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            items, users = self.folder / f"items-{name}.csv", self.folder / f"users-{name}.csv"
            events = self.generate(f"{name}.csv", "--seed", seed, "--items-output", items,
                                   "--users-output", users)
            files.append([path.read_bytes() for path in (events, items, users)])
        self.assertEqual(files[0], files[1])
        self.assertNotEqual(files[0][0], files[2][0])

    def test_the_stream_is_in_time_order_skewed_and_partly_anonymous(self):
        path = self.generate("events.csv")
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 3000)
        times = [int(row["TIMESTAMP"]) for row in rows]
        self.assertEqual(times, sorted(times))
        self.assertLess(sum(1 for row in rows if not row["USER_ID"]), 2000)
        self.assertGreater(sum(1 for row in rows if not row["USER_ID"]), 0)
        counts = sorted((sum(1 for row in rows if row["ITEM_ID"] == item)
                         for item in {row["ITEM_ID"] for row in rows}), reverse=True)
        self.assertGreater(sum(counts[:len(counts) // 5]), 3000 * 0.4, "a fifth of the items")
        self.assertTrue({"view", "cart", "purchase"} <= {row["EVENT_TYPE"] for row in rows})

    def test_it_writes_gzip_and_standard_output(self):
        plain = self.generate("events.csv").read_bytes()
        zipped = self.generate("events.csv.gz")
        self.assertEqual(gzip.decompress(zipped.read_bytes()), plain)
        out = run_freshet("generate", "--output", "-", "--events", 3000, "--users", 100, "--items",
                          80, "--days", 3).stdout
        self.assertEqual(out.encode(), plain)

    def test_wrong_use_ends_with_2(self):
        for arguments in (["generate"], ["generate", "--output", "-", "--events", "-1"],
                          ["nonsense"], [], ["dump"], ["import", "--no-such-flag"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(run_freshet(*arguments, check=False).returncode, 2)


class ReplayAndDumpTest(CliTest):
    def make_folder(self):
        """A folder that a daemon has filled, with deletions and records in its journal."""
        daemon = self.start_daemon("data")
        with daemon.client() as client:
            for number in range(200):
                client.put_events(f"u{number % 20}", f"s{number % 30}", event(f"i{number % 40}"))
            client.put("/v1/items/i1", {"category": "a|b"})
            client.put("/v1/users/u1", {"age": 3})
            client.delete("/v1/items/i2")
            client.delete("/v1/users/u2")
            client.bulk([{"sessionId": "s3", **event("i3")}, {"userId": "u3", **event("i4")}])
        self.assertEqual(daemon.terminate(), 0)
        return daemon.data

    def test_a_replay_learns_the_same_state(self):
        data = self.make_folder()
        run_freshet("replay", "--data", data, "--into", self.folder / "again")
        self.assertEqual(dump(self.folder / "again").splitlines(), dump(data).splitlines())

    def test_a_replay_into_a_folder_with_files_is_refused(self):
        data = self.make_folder()
        self.write("full/file", "mine")
        result = run_freshet("replay", "--data", data, "--into", self.folder / "full", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(os.listdir(self.folder / "full"), ["file"])

    def test_a_dump_changes_nothing_of_what_the_folder_holds(self):
        data = self.make_folder()
        before = tables(data)
        self.assertTrue(before)
        first = dump(data)
        self.assertEqual(tables(data), before)
        self.assertEqual(dump(data), first)

    def test_a_dump_after_a_crash_knows_the_tail_and_leaves_it_to_the_daemon(self):
        daemon = self.start_daemon("data", settings={"checkpoint.interval_ms": 3_600_000})
        with daemon.client() as client:
            for number in range(50):
                client.put_events(f"u{number}", "s", event("tent"))
        daemon.kill()
        self.assertIn("events 50", dump(daemon.data))
        self.assertIn("events 50", dump(daemon.data))
        self.assertIn("events 50", self.stop_and_dump(daemon.start()))

    def test_a_dump_of_no_folder_or_of_a_running_daemons_is_refused(self):
        result = run_freshet("dump", "--data", self.folder / "none", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertFalse((self.folder / "none").exists())
        daemon = self.start_daemon("data")
        result = run_freshet("dump", "--data", daemon.data, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(str(daemon.process.pid), result.stderr)

    def test_a_reader_that_leaves_early_is_no_crash(self):
        data = self.make_folder()
        with subprocess.Popen([binary("freshet"), "dump", "--data", str(data)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=clean_environment()) as process:
            process.stdout.close()
            process.stderr.read()
        self.assertIn(process.returncode, (0, 1))


if __name__ == "__main__":
    main()
