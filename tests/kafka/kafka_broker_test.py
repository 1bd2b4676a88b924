"""The broker harness itself: what the other Kafka tests stand on does what it says."""

import json
import unittest

from kafka_case import KafkaTest, main


class KafkaBrokerTest(KafkaTest):
    def test_what_is_produced_is_read_back(self):
        topic = self.topic(partitions=3)
        report = self.broker.produce(topic, [
            {"partition": 2, "key": "a key", "value": {"n": 1}, "headers": {"from": "a test"},
             "timestampMs": 1_700_000_000_123},
            {"partition": 2, "key": "a key", "value": None},
            {"partition": 0, "valueHex": "00ff"}])
        self.assertEqual(report["delivered"], 3)
        self.assertEqual(report["ends"], {topic: {"0": 1, "2": 2}})
        messages = {(m.partition, m.offset): m for m in self.broker.read(topic)}
        self.assertEqual(sorted(messages), [(0, 0), (2, 0), (2, 1)])
        self.assertEqual(messages[0, 0].value, b"\0\xff")
        self.assertIsNone(messages[0, 0].key)
        first, second = messages[2, 0], messages[2, 1]
        self.assertEqual((first.key, json.loads(first.value)), (b"a key", {"n": 1}))
        self.assertEqual((first.headers, first.timestamp_ms), ({"from": b"a test"}, 1_700_000_000_123))
        self.assertIsNone(second.value)
        self.assertEqual(self.broker.ends(topic), {0: (0, 1), 1: (0, 0), 2: (0, 2)})

    def test_topics_grow_and_are_truncated_and_go(self):
        topic = self.topic(partitions=1)
        self.broker.add_partitions(topic, 3)
        self.assertEqual(self.broker.topics()[topic], 3)
        self.broker.produce(topic, [{"partition": 1, "value": str(n)} for n in range(10)])
        self.broker.delete_records(topic, 1, 7)
        self.assertEqual(self.broker.ends(topic)[1], (7, 10))
        self.assertEqual([m.value for m in self.broker.read(topic)], [b"7", b"8", b"9"])
        self.assertEqual(self.broker.committed("nobody", topic), {})
        self.broker.delete_topic(topic)
        self.assertNotIn(topic, self.broker.topics())

    def test_aborted_transactions_are_not_read(self):
        topic = self.topic()
        report = self.broker.produce(topic, [{"value": str(n)} for n in range(10)],
                                     "--transactional-id", topic, "--transaction-size", 3,
                                     "--abort-every", 2)
        self.assertEqual(report["aborted"], 2)
        self.assertEqual([m.value for m in self.broker.read(topic)],
                         [b"0", b"1", b"2", b"6", b"7", b"8"])
        # 10 messages and 4 markers.
        self.assertEqual(self.broker.ends(topic), {0: (0, 14)})

    def test_a_hundred_thousand_keyed_lines_in_each_compression(self):
        topic = self.topic(partitions=4)
        lines = "".join(f"user-{n % 1000}\tvalue {n}\n" for n in range(25_000))
        for compression in ("lz4", "zstd", "gzip", "snappy"):
            report = self.broker.produce(topic, lines, "--keyed",
                                         properties=[f"compression.type={compression}"])
            self.assertEqual((report["delivered"], report["failed"]), (25_000, 0))
        self.assertEqual(self.broker.count(topic)["messages"], 100_000)
        self.assertTrue(all(high > 20_000 for _, high in self.broker.ends(topic).values()))

    def test_credentials_are_asked_for(self):
        broker, topic = self.own_broker(), self.topic()
        for password, taken in (("right", 1), ("wrong", 0)):
            report = broker.answer(
                f"--property=bootstrap.servers={broker.sasl_address}",
                "--property=security.protocol=SASL_PLAINTEXT", "--property=sasl.mechanism=PLAIN",
                "--property=sasl.username=freshet", f"--property=sasl.password={password}",
                "--property=message.timeout.ms=3000", "produce", topic,
                text='{"value": "x"}\n', check=False)
            self.assertEqual((report["delivered"], report["failed"]), (taken, 1 - taken))

    def test_it_dies_pauses_and_comes_back(self):
        broker = self.own_broker()
        topic = self.topic()
        broker.produce(topic, ["{\"value\": \"before\"}"])
        broker.kill()
        self.assertNotEqual(broker.run("wait-ready", "--seconds", 1, check=False).returncode, 0)
        broker.start()
        broker.pause()
        self.assertNotEqual(broker.run("wait-ready", "--seconds", 1, check=False).returncode, 0)
        broker.resume()
        broker.wait_ready()
        self.assertEqual([m.value for m in broker.read(topic)], [b"before"])


if __name__ == "__main__":
    main()
