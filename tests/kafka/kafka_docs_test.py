"""docs/kafka.md is followed step by step: its own blocks, with other ports, against a real broker."""

import os
import pathlib
import re
import subprocess

from daemon_process import (DEADLINE_SECONDS, binary, clean_environment, free_port,
                            wait_until)
from kafka_broker import jars
from kafka_case import KafkaTest, main
from state_dump import StateDump

DOCUMENT = pathlib.Path(os.environ["FRESHET_SOURCE"]) / "docs" / "kafka.md"
TOPICS = ("events", "items", "users", "freshet-dead")
# Kafka's own commands, which are scripts around these classes.
COMMANDS = {"kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
            "kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)


class DocsTest(KafkaTest):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.own = {topic: self.name(topic) for topic in TOPICS}
        commands = self.folder / "bin"
        commands.mkdir()
        for name, java_class in COMMANDS.items():
            command = commands / name
            command.write_text("#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 "
                               "-Dorg.slf4j.simpleLogger.defaultLogLevel=error "
                               f"-cp '{jars(self.broker.version)}/*' {java_class} \"$@\"\n")
            command.chmod(0o755)
        path = f"{commands}:{os.environ['FRESHET_BUILD']}:{os.environ['PATH']}"
        self.environment = {**clean_environment(), "PATH": path}

    def adapted(self, text):
        """With this test's ports, topics and files in place of the document's."""
        for topic, own in self.own.items():
            text = re.sub(rf'(--topic |-t |["=]){topic}(?=["\s])', rf"\g<1>{own}", text)
        return (text.replace("localhost:9092", self.broker.address)
                .replace("127.0.0.1:7979", f"127.0.0.1:{self.port}"))

    def block(self, language, word):
        found = [each for each in blocks(language) if word in each]
        self.assertEqual(len(found), 1, f"blocks of {language} with {word}")
        return self.adapted(found[0])

    def run_text(self, *command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, cwd=self.folder,
                              env=self.environment, timeout=DEADLINE_SECONDS)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def shell(self, word):
        return self.run_text("bash", "-ec", self.block("sh", word))

    def start_documented(self):
        """The daemon of the document's flags; its port is ours."""
        words = self.block("sh", "build/release/freshetd").replace("\\\n", " ").split()
        settings = dict(word.split("=", 1) for word in words if word.startswith("log."))
        for key, topic in (("log.events_topic", "events"), ("log.items_topic", "items"),
                           ("log.users_topic", "users"), ("log.dead_letter_topic", "freshet-dead")):
            self.assertIn(settings[key], (topic, self.own[topic]))
            settings[key] = self.own[topic]
        daemon = self.make_daemon(settings={**settings, "log.group_id": self.own["events"]})
        daemon.port = self.port
        return daemon.start()

    def test_step_by_step(self):
        self.shell("kafka-topics.sh")
        self.assertEqual({self.broker.topics()[own] for own in self.own.values()}, {1, 3, 6})
        daemon = self.start_documented()

        # The last line of the block asks for the items similar to the tent.
        lines = self.block("sh", "kcat -P").splitlines(keepends=True)
        self.run_text("bash", "-ec", "".join(lines[:-1]))
        self.wait_learned(daemon, self.own["events"], self.own["items"])
        self.assertIn('"itemId":"stove"', self.run_text("bash", "-ec", lines[-1]))

        users = {"ann"}
        if self.python_client():
            self.run_text("/usr/bin/python3", "-c", self.block("python", "confluent_kafka"))
            users.add("bob")
        if self.java_compiler():
            source = self.folder / "Shop.java"
            source.write_text(self.block("java", "KafkaProducer"))
            self.run_text("java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp",
                          f"{jars(self.broker.version)}/*", str(source))
            users.add("eve")
        print(f"users that the examples wrote for: {users}")

        self.broker.produce(self.own["events"], [{"key": "joe", "value": "not JSON"}])
        self.wait_learned(daemon, self.own["events"], self.own["items"])
        wait_until(lambda: self.broker.read(self.own["freshet-dead"]), "the letter is copied")
        shown = self.shell("kcat -C")
        self.assertIn("freshet-reason=", shown)
        self.assertIn("joe not JSON", shown)
        self.assertIn('"value":"not JSON"', self.shell("dead-letters list"))

        lag = self.block("sh", "--describe --group freshet").replace(
            "--group freshet", f"--group {self.own['events']}")
        shown = self.run_text("bash", "-ec", lag)
        self.assertIn("freshet_kafka", shown)
        self.assertRegex(shown, rf"{self.own['events']} +{self.own['events']} +\d ")

        state = StateDump(self.stop_and_dump(daemon))
        self.assertEqual({name for _, name, _ in state.interactions}, users)
        self.assertNotIn("lamp", state.items)
        self.assertIn('CATEGORY="camping"', state.items["tent"].columns)

    def python_client(self):
        return subprocess.run(["/usr/bin/python3", "-c", "import confluent_kafka"],
                              stderr=subprocess.DEVNULL, check=False).returncode == 0

    def java_compiler(self):
        return "jdk.compiler" in subprocess.run(["java", "--list-modules"], capture_output=True,
                                                text=True, check=False).stdout

    def test_the_configuration_file_of_the_document_is_a_good_one(self):
        file = self.folder / "freshet.toml"
        file.write_text(self.block("toml", "[log]"))
        self.run_text(binary("freshetd"), "--config", str(file), "--check-config")


if __name__ == "__main__":
    main()
