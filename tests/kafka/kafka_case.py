"""What the tests with a Kafka broker share: KafkaTest, a FreshetTest with a broker and topics.

One broker serves all tests of a file; each test has topics of its own.
"""

import itertools
import os
import pathlib
import shutil
import tempfile
import time
import unittest

from daemon_process import FreshetTest, main, wait_until  # noqa: F401  main is for the tests
from http_client import event
from kafka_broker import KafkaBroker, require_broker, wanted_version

# Multiplies how much the long tests do, and how long they keep the broker away.
SCALE = float(os.environ.get("FRESHET_KAFKA_SCALE", "1"))

TIME = 1_700_000_000

# How soon a daemon must say what is wrong with its brokers.
NAMED_WITHIN_SECONDS = 20


def fact(user, item, **members):
    """An event's message, flattened, with the user as its key."""
    return {"key": user, "value": {"userId": user, "itemId": item, "eventType": "view",
                                   "sentAt": TIME, **members}}


class KafkaTest(FreshetTest):
    broker = None
    names = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        if "FRESHET_TEST_KAFKA" not in os.environ:
            require_broker(wanted_version())
        if KafkaTest.broker is not None:
            return
        folder = tempfile.mkdtemp(prefix="freshet-kafka-")
        unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
        KafkaTest.broker = cls.make_broker(pathlib.Path(folder))
        unittest.addModuleCleanup(KafkaTest.broker.kill)
        KafkaTest.broker.start()

    @classmethod
    def make_broker(cls, folder):
        """Not started yet; its data are in the folder."""
        return KafkaBroker(folder)

    def own_broker(self):
        """The broker, for a test that stops it; skips where it belongs to somebody else."""
        if not self.broker.owned:
            self.skipTest("the broker of FRESHET_TEST_KAFKA is not ours to stop")
        self.addCleanup(self.bring_back)
        return self.broker

    def bring_back(self):
        """For the next test, whatever this one has left behind."""
        self.broker.resume()
        if self.broker.process.poll() is not None:
            self.broker.start()

    def name(self, name):
        """A name of this test alone; it has the process's number, for brokers that outlive it."""
        return f"{name}-{os.getpid()}-{next(self.names)}"

    def topic(self, name="events", partitions=1, **config):
        return self.broker.create_topic(self.name(name), partitions, **config)

    def kafka_daemon(self, events, data="data", **settings):
        """A daemon over these topics of events that is not started yet.

        Settings have __ for a dot, and are those of `log` when they have none.
        """
        topics = [events] if isinstance(events, str) else list(events)
        named = {"log.kind": "kafka", "log.brokers": self.broker.address,
                 "log.events_topic": ",".join(topics), "log.group_id": f"{topics[0]}-{data}"}
        for key, value in settings.items():
            named[key.replace("__", ".") if "__" in key else f"log.{key}"] = value
        return self.make_daemon(data, named)

    # What a daemon says of itself.

    def status(self, daemon):
        with daemon.client() as client:
            answer = client.get("/v1/status")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def readyz(self, daemon):
        """Status and reason of /readyz; (None, "") while nobody listens."""
        try:
            with daemon.client() as client:
                answer = client.get("/readyz")
        except OSError:
            return None, ""
        return answer.status, answer.json.get("reason", "")

    def assert_says_why(self, daemon, *words):
        """The log and /readyz name the problem, while queries are answered."""
        def named():
            self.assertTrue(daemon.running(), "freshetd ended: " + daemon.log())
            status, reason = self.readyz(daemon)
            return status == 503 and all(word in reason for word in words)
        wait_until(named, f"/readyz says {words}", NAMED_WITHIN_SECONDS)
        self.wait_log(daemon, "level=error", *words)
        with daemon.client() as client:
            self.assertEqual(client.get("/v1/popular").status, 200)
            self.assertEqual(client.put_events("ann", "s", event("tent")).status, 503)

    def assert_exits(self, daemon, *words):
        """With when_unreachable = exit it ends and names the problem."""
        daemon.settings["log.when_unreachable"] = "exit"
        daemon.launch()
        start = time.monotonic()
        self.assertEqual(daemon.wait_exit(), 1)
        self.assertLess(time.monotonic() - start, NAMED_WITHIN_SECONDS)
        self.wait_log(daemon, "level=error", *words)

    def applied(self, daemon, topic):
        """{partition: the offset of the next message to learn}"""
        found = {}
        for partition in self.status(daemon)["log"]["partitions"]:
            name, _, number = partition["name"].rpartition("/")
            if name == topic:
                found[int(number)] = partition["applied"]
        return found

    def wait_learned(self, daemon, *topics):
        wanted = [(topic, partition, end) for topic in topics
                  for partition, (_, end) in self.broker.ends(topic).items()]

        def learned():
            self.assertTrue(daemon.running(), "freshetd ended")
            applied = {topic: self.applied(daemon, topic) for topic in topics}
            return all(applied[topic].get(partition, 0) >= end for topic, partition, end in wanted)

        wait_until(learned, f"everything of {', '.join(topics)} is learned")

    def wait_log(self, daemon, *words):
        """Waits for one line of the daemon's log that has all the words; returns it."""
        def line():
            return next((line for line in daemon.log().splitlines()
                         if all(word in line for word in words)), None)
        return wait_until(line, f"a line of the log with {words}")
