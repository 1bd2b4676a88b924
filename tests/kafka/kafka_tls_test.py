"""A broker that is reached over TLS: the daemon reads and writes with what [log.librdkafka] says, and
a certificate that it cannot verify is named at once.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from http_client import event
from kafka_broker import KafkaBroker
from kafka_case import KafkaTest, fact, main
from state_dump import StateDump


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
                "-keyout", self.key, "-out", self.certificate)

    def sign(self, path):
        """Makes a key and a certificate for this machine's loopback in one PEM file, as Kafka reads
        it."""
        part = {name: self.folder / f"{self.name}-broker.{name}"
                for name in ("key", "request", "extensions", "certificate")}
        part["extensions"].write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker",
                "-keyout", part["key"], "-out", part["request"])
        openssl("x509", "-req", "-days", 2, "-in", part["request"], "-CA", self.certificate,
                "-CAkey", self.key, "-CAcreateserial", "-extfile", part["extensions"],
                "-out", part["certificate"])
        path.write_text(part["key"].read_text() + part["certificate"].read_text())


def openssl(*arguments):
    if not shutil.which("openssl"):
        raise unittest.SkipTest("openssl is absent: there is no certificate to test with")
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}:\n{done.stdout}")


class TlsTest(KafkaTest):
    UNVERIFIED = ("certificate verify failed", "ssl.ca.location")

    @classmethod
    def make_broker(cls, folder):
        made = pathlib.Path(tempfile.mkdtemp(prefix="freshet-tls-"))
        unittest.addModuleCleanup(shutil.rmtree, made, ignore_errors=True)
        TlsTest.ours, TlsTest.other = Authority(made, "ours"), Authority(made, "other")
        TlsTest.key_and_certificate = made / "broker.pem"
        cls.ours.sign(cls.key_and_certificate)
        return KafkaBroker(folder, key_and_certificate=cls.key_and_certificate)

    def setUp(self):
        super().setUp()
        self.own_broker()

    def stop_and_sign(self, authority):
        self.broker.stop()
        authority.sign(self.key_and_certificate)

    def tls_daemon(self, authority, *arguments, **settings):
        return self.kafka_daemon(
            *arguments, brokers=self.broker.tls_address,
            **{"log__librdkafka__security.protocol": "ssl",
               "log__librdkafka__ssl.ca.location": authority}, **settings)

    def test_it_reads_and_writes(self):
        events, items, dead = self.topic(partitions=2), self.topic("items"), self.topic("dead")
        daemon = self.tls_daemon(self.ours.certificate, events, items_topic=items,
                                 dead_letter_topic=dead).start()
        self.broker.produce(events, [fact("bob", "tent"), {"key": "bob", "value": "not JSON"}])
        with daemon.client() as client:
            self.assertEqual(client.put_events("ann", "s", event("tent"), event("stove")).status, 200)
            self.assertEqual(client.similar("tent"), ["stove"])
        self.wait_learned(daemon, events)
        self.assertEqual(sum(end for _, end in self.broker.ends(events).values()), 4)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).events, 3)
        self.assertEqual([letter.value for letter in self.broker.read(dead)], [b"not JSON"])

    def test_an_authority_that_did_not_sign_is_named_and_tried_again(self):
        events = self.topic()
        daemon = self.tls_daemon(self.other.certificate, events).launch()
        self.assert_says_why(daemon, *self.UNVERIFIED)
        self.assert_exits(self.tls_daemon(self.other.certificate, events, "exits"),
                          *self.UNVERIFIED)
        # The broker gets a certificate of the authority that the daemon trusts.
        self.addCleanup(self.stop_and_sign, self.ours)
        self.stop_and_sign(self.other)
        self.broker.start()
        daemon.wait_ready()
        with daemon.client() as client:
            self.assertEqual(client.put_events("ann", "s", event("tent")).status, 200)

    def test_without_tls_the_broker_is_not_understood(self):
        daemon = self.kafka_daemon(self.topic(), brokers=self.broker.tls_address).launch()
        self.assert_says_why(daemon, self.broker.tls_address)

    def test_a_file_of_authorities_that_is_missing_is_refused_at_the_start(self):
        daemon = self.tls_daemon(self.folder / "not-there.pem", "events").launch()
        self.assertIn(daemon.wait_exit(), (1, 2))
        self.assertIn("ssl.ca.location", daemon.log())


if __name__ == "__main__":
    main()
