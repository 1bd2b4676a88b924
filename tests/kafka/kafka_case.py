"""What the tests with a Kafka broker share: KafkaTest, a FreshetTest with a broker and topics.

One broker serves all tests of a file; each test has topics of its own.
"""

import atexit
import itertools
import json
import os
import pathlib
import shutil
import sys
import tempfile

from daemon_process import FreshetTest, main, wait_until  # noqa: F401  main is for the tests
from kafka_broker import KafkaBroker

# Multiplies how much the long tests do.
SCALE = float(os.environ.get("FRESHET_KAFKA_SCALE", "1"))

TIME = 1_700_000_000


class KafkaTest(FreshetTest):
    broker = None
    names = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="freshet-kafka-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.broker = KafkaBroker(pathlib.Path(folder))
        cls.addClassCleanup(cls.broker.kill)
        cls.broker.start()

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

    def topic(self, name="events", partitions=1, **config):
        """A new topic; its name has the process's number, for brokers that outlive the test."""
        topic = f"{name}-{os.getpid()}-{next(self.names)}"
        return self.broker.create_topic(topic, partitions, **config)
