"""Starts that must be refused, with words that say what to do, and ends that must be clean."""

import re
import socket
import subprocess

from daemon_process import DEADLINE_SECONDS, FreshetTest, binary, clean_environment, dump, main
from http_client import event

# A line of a file, and what the refusal must name: the key and the range or the choice.
BAD_CONFIGS = [
    ("server.listen = 7979", ["server.listen"]),
    ("server.threads = -1", ["server.threads", ".."]),
    ("server.maximum_connections = 0", ["server.maximum_connections", ".."]),
    ("server.maximum_body_bytes = 'big'", ["server.maximum_body_bytes", ".."]),
    ("server.listne = '127.0.0.1:1'", ["server.listne", "server.listen"]),
    ("log.kind = 'paper'", ["log.kind", "journal"]),
    ("log.durability = 'hope'", ["log.durability", "fsync"]),
    ("checkpoint.interval_ms = 99999999999", ["checkpoint.interval_ms", ".."]),
    ("logging.level = 3", ["logging.level", "info"]),
    ("learning.maximum_users = 0", ["learning.maximum_users", ".."]),
    ("learning.trend_prior = true", ["learning.trend_prior", ".."]),
    ("learning.event_weights.view = -1", ["learning.event_weights.view", ".."]),
    ("campaign = [{name = 'x', recipe = 'magic'}]", ["recipe", "similar-items"]),
    ("campaign = [{name = 'x', recipe = 'similar-items', pair_table = 'none'}]",
     ["pair_table", "none"]),
    ("colour = 'blue'", ["colour"]),
]


def run_freshetd(*arguments, environment=()):
    """Runs freshetd until it ends by itself; (exit code, all that it said)."""
    result = subprocess.run([binary("freshetd"), *map(str, arguments)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=DEADLINE_SECONDS, check=False,
                            env=clean_environment(environment))
    return result.returncode, result.stdout


class ConfigTest(FreshetTest):
    def write(self, text):
        path = self.folder / "freshet.toml"
        path.write_text(text + "\n")
        return path

    def test_each_bad_key_is_named_with_its_line_and_range(self):
        for line, words in BAD_CONFIGS:
            with self.subTest(line=line):
                path = self.write("# the line below is bad\n" + line)
                code, said = run_freshetd("--config", path, "--data", self.folder / "data")
                self.assertNotIn(code, (0, -6, -11), said)
                self.assertIn("freshet.toml:2", said)
                for word in words:
                    self.assertIn(word, said)
        self.assertFalse((self.folder / "data").exists(), "a refused start makes no folder")

    def test_all_bad_keys_are_refused_at_once(self):
        lines = [line for line, _ in BAD_CONFIGS if not line.startswith("campaign")]
        code, said = run_freshetd("--config", self.write("\n".join(lines)), "--check-config")
        self.assertNotEqual(code, 0)
        for line in lines:
            self.assertIn(line.split(" ")[0], said)

    def test_broken_toml_is_refused_with_its_place(self):
        code, said = run_freshetd("--config", self.write("[server\nlisten = 1"), "--check-config")
        self.assertNotEqual(code, 0)
        self.assertIn("freshet.toml:1", said)

    def test_a_config_file_that_is_absent_is_named(self):
        code, said = run_freshetd("--config", self.folder / "none.toml", "--check-config")
        self.assertNotEqual(code, 0)
        self.assertIn("none.toml", said)

    def test_bad_flags_and_environment_are_named_as_they_were_given(self):
        code, said = run_freshetd("--check-config", "--set", "server.threads=many")
        self.assertNotEqual(code, 0)
        self.assertIn("server.threads", said)
        code, said = run_freshetd("--check-config",
                                  environment={"FRESHET_SERVER_THREADS": "many"})
        self.assertNotEqual(code, 0)
        self.assertIn("FRESHET_SERVER_THREADS", said)
        code, said = run_freshetd("--no-such-flag")
        self.assertNotEqual(code, 0)
        self.assertIn("--no-such-flag", said)

    def test_flags_go_before_environment_before_file(self):
        path = self.write("server.threads = 1\nserver.maximum_connections = 11")
        code, said = run_freshetd("--config", path, "--set", "server.threads=3", "--print-config",
                                  environment={"FRESHET_SERVER_THREADS": "2",
                                               "FRESHET_CHECKPOINT_INTERVAL_MS": "55"})
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"(?m)^threads = 3\b")
        self.assertRegex(said, r"(?m)^maximum_connections = 11\b")
        self.assertRegex(said, r"(?m)^interval_ms = 55\b")

    def test_the_printed_config_is_a_config(self):
        code, said = run_freshetd("--print-config")
        self.assertEqual(code, 0)
        code, again = run_freshetd("--config", self.write(said), "--print-config")
        self.assertEqual(code, 0, again)
        self.assertEqual(again, said)

    def test_listening_beyond_loopback_needs_to_be_insisted_on(self):
        code, said = run_freshetd("--data", self.folder / "data", "--listen", "0.0.0.0:0")
        self.assertNotEqual(code, 0)
        self.assertIn("insecure", said)


class RefusedStartTest(FreshetTest):
    def refused(self, daemon):
        daemon.launch()
        code = daemon.wait_exit()
        self.assertNotIn(code, (0, -6, -11), daemon.log())
        return daemon.log()

    def test_a_port_in_use_is_named(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            daemon = self.make_daemon()
            daemon.port = other.getsockname()[1]
            said = self.refused(daemon)
        self.assertIn(f"127.0.0.1:{daemon.port}", said)
        self.assertIn("in use", said)

    def test_a_second_daemon_on_the_same_folder_is_refused_and_the_first_goes_on(self):
        first = self.start_daemon()
        client = self.connect(first)
        client.put_events("ann", "s", event("tent"))
        said = self.refused(self.make_daemon())
        self.assertIn(str(first.data), said)
        self.assertIn(str(first.process.pid), said)
        self.assertEqual(client.recommend("popularity-count"), ["tent"])
        self.assertEqual(client.put_events("ann", "s", event("stove")).status, 200)

    def stopped_daemon(self):
        daemon = self.start_daemon()
        with daemon.client() as client:
            for number in range(100):
                client.put_events(f"u{number}", "s", event("tent"))
        self.assertEqual(daemon.terminate(), 0)
        daemon.log_path = self.folder / "refused.log"
        return daemon

    def test_a_folder_of_another_format_version_is_refused_and_left_alone(self):
        daemon = self.stopped_daemon()
        mark = daemon.data / "FORMAT"
        ours = mark.read_text()
        mark.write_text(re.sub(r"\d+", "999", ours))
        said = self.refused(daemon)
        self.assertIn("999", said)
        self.assertIn(str(daemon.data), said)
        mark.write_text(ours)
        self.assertIn("events 100", dump(daemon.data))

    def test_damaged_files_are_refused_by_name(self):
        daemon = self.stopped_daemon()
        for part in ("state", "journal"):
            for path in sorted((daemon.data / part).iterdir()):
                if not re.match(r"(CURRENT|MANIFEST-|\d+\.sst)", path.name):
                    continue
                with self.subTest(file=f"{part}/{path.name}"):
                    whole = path.read_bytes()
                    path.write_bytes(bytes(byte ^ 0x5a for byte in whole))
                    said = self.refused(daemon)
                    self.assertIn(part, said)
                    path.write_bytes(whole)
        self.assertIn("events 100", dump(daemon.data))
        daemon.start()

    def test_damage_in_the_middle_of_the_journals_newest_writes_is_refused(self):
        daemon = self.start_daemon(settings={"checkpoint.interval_ms": 3_600_000})
        with daemon.client() as client:
            for number in range(100):
                client.put_events(f"u{number}", "s", event("tent"))
        daemon.kill()
        daemon.log_path = self.folder / "refused.log"
        log = max((daemon.data / "journal").glob("*.log"), key=lambda path: path.stat().st_size)
        whole = log.read_bytes()
        middle = whole.index(b"u50")
        log.write_bytes(whole[:middle] + b"?" + whole[middle + 1:])
        self.assertIn("journal", self.refused(daemon))
        log.write_bytes(whole)
        self.assertIn("events 100", dump(daemon.data))

    def test_a_folder_that_is_not_ours_is_refused(self):
        (self.folder / "data").mkdir()
        (self.folder / "data" / "holiday.jpg").write_text("not ours")
        self.refused(self.make_daemon())
        self.assertEqual([path.name for path in (self.folder / "data").iterdir()],
                         ["holiday.jpg"])

    def test_a_data_path_that_is_a_file_is_refused(self):
        (self.folder / "data").write_text("a file")
        self.assertIn(str(self.folder / "data"), self.refused(self.make_daemon()))


class EndTest(FreshetTest):
    def test_sigterm_checkpoints_and_ends_with_0_and_nothing_is_replayed(self):
        daemon = self.start_daemon(settings={"checkpoint.interval_ms": 3_600_000})
        with daemon.client() as client:
            lines = [{"userId": f"u{n % 50}", **event(f"i{n % 300}")} for n in range(5000)]
            self.assertEqual(client.bulk(lines).status, 200)
            before = client.recommend(userId="u1")
        self.assertEqual(daemon.terminate(), 0)
        first = dump(daemon.data)
        daemon.log_path = self.folder / "restart.log"
        daemon.start()
        with daemon.client() as client:
            self.assertEqual(client.recommend(userId="u1"), before)
            self.assertEqual(client.get("/v1/status").json["entries"]["applied"], 0, "replayed")
        self.assertEqual(self.stop_and_dump(daemon), first)

    def test_requests_under_way_at_sigterm_are_answered(self):
        daemon = self.start_daemon()
        client = self.connect(daemon)
        lines = [{"userId": f"u{n}", **event("tent")} for n in range(20_000)]
        acknowledged = 0
        # What is answered after the signal holds like any other acknowledgement.
        for begin in range(0, len(lines), 2000):
            if begin == 10_000:
                daemon.process.terminate()
            try:
                answer = client.bulk(lines[begin:begin + 2000])
            except OSError:
                break
            if answer.status != 200:
                break
            acknowledged += 2000
        self.assertEqual(daemon.wait_exit(), 0)
        self.assertGreaterEqual(acknowledged, 10_000)
        self.assertRegex(dump(daemon.data), rf"(?m)^clock \d+ events {acknowledged}$")


if __name__ == "__main__":
    main()
