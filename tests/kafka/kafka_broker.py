#!/usr/bin/env python3
"""A real Apache Kafka broker on this machine, for tests and benchmarks.

KafkaBroker is one node in KRaft mode on free loopback ports, in a folder of its own; with
FRESHET_TEST_KAFKA=HOST:PORT it is the broker that is there instead, which nobody stops. Apache
Kafka's own jars are fetched by Maven into the build folder once; FRESHET_TEST_KAFKA_VERSION picks
another version than the default. What it takes to talk to a broker is the program kafka_tool.

  kafka_broker.py [--port 9092] [--folder DIR]    runs a broker until it is interrupted

By itself it needs kafka_tool in FRESHET_BUILD (default: build/release).
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "tests" / "integration"))
os.environ.setdefault("FRESHET_BUILD", str(SOURCE / "build" / "release"))
from daemon_process import DEADLINE_SECONDS, binary, free_port, wait_until  # noqa: E402

DEFAULT_VERSION = "3.9.1"
POM = pathlib.Path(__file__).resolve().parent / "pom.xml"
FETCH_SECONDS = 900
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# Small, quick to start, and as durable as one node can be. Topics are made by those who need them.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners={clients},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners={clients}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
  required user_freshet="right";
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=8388608
"""

# Besides, where it has a certificate.
TLS_PROPERTIES = """\
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location={key_and_certificate}
"""


class NoBroker(Exception):
    """A broker cannot be had on this machine."""


# Why there is no broker, by version, once that was found out.
_unavailable = {}


def require_broker(version):
    """The folder of the jars; every test that needs a broker skips here, in the same words."""
    if version not in _unavailable:
        try:
            if not shutil.which("java"):
                raise NoBroker("Java is absent")
            return jars(version)
        except NoBroker as why:
            _unavailable[version] = f"there is no Kafka broker to test with: {why}"
    raise unittest.SkipTest(_unavailable[version])


def wanted_version():
    return os.environ.get("FRESHET_TEST_KAFKA_VERSION", DEFAULT_VERSION)


def jars(version):
    """The folder of the jars, fetched when they are not there yet; NoBroker where that fails."""
    folder = pathlib.Path(binary("")).resolve().parent / "kafka" / version
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "pom.xml"
    with open(folder.parent / "LOCK", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != POM.read_bytes():
            fetch_jars(version, folder)
            shutil.copy(POM, stamp)
    return folder


def fetch_jars(version, folder):
    if not shutil.which("mvn"):
        raise NoBroker("Maven is absent")
    for old in folder.glob("*.jar"):
        old.unlink()
    command = ["mvn", "--quiet", "--batch-mode", "--file", str(POM), f"-Dkafka.version={version}",
               "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False,
                              timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise NoBroker(f"Maven did not end in {FETCH_SECONDS} s: is it offline?") from None
    if done.returncode != 0:
        raise NoBroker("Maven could not fetch Apache Kafka:\n" + done.stdout[-3000:])


class Message:
    """One message as it lies in a topic. Key, value and headers' values are bytes or None."""

    def __init__(self, shown):
        self.topic = shown["topic"]
        self.partition = shown["partition"]
        self.offset = shown["offset"]
        self.timestamp_ms = shown["timestampMs"]
        self.key = from_hex(shown["keyHex"])
        self.value = from_hex(shown["valueHex"])
        self.headers = {name: from_hex(value) for name, value in shown["headers"]}

    def __repr__(self):
        return (f"{self.topic}[{self.partition}]@{self.offset} key={self.key} "
                f"headers={self.headers} value={self.value and self.value[:300]}")


def from_hex(text):
    return None if text is None else bytes.fromhex(text)


def lines_of(messages):
    """JSON lines for kafka_tool: a message is a dict with its members, or the value itself."""
    return "".join((m if isinstance(m, str) else json.dumps(m)) + "\n" for m in messages)


class KafkaBroker:
    """One broker, started when it is asked to, or the one of FRESHET_TEST_KAFKA."""

    def __init__(self, folder, version=None, jvm_options=QUICK_START, port=None,
                 key_and_certificate=None):
        self.folder = pathlib.Path(folder)
        self.version = version or wanted_version()
        self.jvm_options = list(jvm_options)
        self.port = port
        self.key_and_certificate = key_and_certificate  # a PEM file: it listens with TLS as well
        self.process = None
        self.address = os.environ.get("FRESHET_TEST_KAFKA")
        self.sasl_address = None  # asks for the user freshet with the password "right", by PLAIN
        self.tls_address = None
        self.owned = self.address is None

    # Its life.

    def start(self):
        """Formats the storage the first time; returns when it answers."""
        if self.owned:
            assert self.process is None or self.process.poll() is not None, "it runs already"
            if self.address is None:
                self.format()
            self.process = self.launch()
        self.wait_ready()
        return self

    def format(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        port = self.port or free_port()
        sasl_port, tls_port, controller_port = free_port(), free_port(), free_port()
        clients = [f"PLAINTEXT://127.0.0.1:{port}", f"SASL://127.0.0.1:{sasl_port}"]
        tls_properties = ""
        if self.key_and_certificate is not None:
            clients.append(f"TLS://127.0.0.1:{tls_port}")
            tls_properties = TLS_PROPERTIES.format(key_and_certificate=self.key_and_certificate)
            self.tls_address = f"127.0.0.1:{tls_port}"
        self.properties().write_text(tls_properties + PROPERTIES.format(
            clients=",".join(clients), controller_port=controller_port, folder=self.folder))
        done = subprocess.run(
            self.java("kafka.tools.StorageTool", "format", "--cluster-id", "freshet-tests-kafka-00",
                      "--config", self.properties()),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=DEADLINE_SECONDS)
        if done.returncode != 0:
            raise AssertionError("the broker's storage could not be formatted:\n" + done.stdout)
        self.address = f"127.0.0.1:{port}"
        self.sasl_address = f"127.0.0.1:{sasl_port}"

    def properties(self):
        return self.folder / "server.properties"

    def java(self, *arguments):
        return ["java", "-Xmx512m", *self.jvm_options,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true", "-cp", f"{require_broker(self.version)}/*",
                *map(str, arguments)]

    def launch(self):
        # A broker must not outlive the tests that were killed at their deadline.
        command = ["setpriv", "--pdeathsig", "KILL", *self.java("kafka.Kafka", self.properties())]
        with open(self.log_path(), "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    cwd=self.folder)

    def wait_ready(self):
        def ready():
            if self.owned and self.process.poll() is not None:
                raise AssertionError(f"the broker ended:\n{self.log()}")
            return self.run("wait-ready", "--seconds", 1, check=False).returncode == 0
        wait_until(ready, f"a Kafka broker answers at {self.address}")

    def stop(self):
        """In order, as an administrator does."""
        self.resume()
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, with_signal):
        if self.process is None:
            return
        if self.process.poll() is None:
            os.kill(self.process.pid, with_signal)
        self.process.wait(DEADLINE_SECONDS)

    def pause(self):
        """SIGSTOP: connections stay open and nothing is answered, as with a disk that hangs."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)

    def log_path(self):
        return self.folder / "broker.log"

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            return self.log_path().read_text(errors="replace")
        return ""

    def cpu_seconds(self):
        """Processor time it has used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # What kafka_tool does.

    def tool(self, *arguments):
        return [binary("tests/kafka_tool"), "--brokers", self.address, *map(str, arguments)]

    def run(self, *arguments, check=True, text=None):
        done = subprocess.run(self.tool(*arguments), input=text or "", capture_output=True,
                              text=True, errors="replace", check=False, timeout=DEADLINE_SECONDS * 3)
        if check and done.returncode != 0:
            raise AssertionError(f"kafka_tool {arguments}: {done.stdout}{done.stderr}")
        return done

    def answer(self, *arguments, **options):
        return json.loads(self.run(*arguments, **options).stdout)

    def create_topic(self, topic, partitions=1, **config):
        """Settings have _ for the dots of Kafka's names: cleanup_policy="compact"."""
        settings = [f"--config={name.replace('_', '.')}={value}" for name, value in config.items()]
        self.run("create", topic, partitions, *settings)
        return topic

    def delete_topic(self, topic):
        self.run("delete", topic)

    def add_partitions(self, topic, in_all):
        self.run("add-partitions", topic, in_all)

    def delete_records(self, topic, partition, before):
        """Drops what retention would drop; `before` is the first offset that stays."""
        self.run("delete-records", topic, partition, before)

    def topics(self):
        return self.answer("topics")

    def ends(self, topic):
        """{partition: (first retained offset, end)}

        A broker that comes back leads nothing for a moment, and one that hung for longer than its
        session answers before that moment too: so it is asked until it answers.
        """
        def ask():
            done = self.run("ends", topic, check=False)
            return done if done.returncode == 0 else None

        return {int(partition): tuple(ends) for partition, ends in
                json.loads(wait_until(ask, f"the ends of {topic}").stdout).items()}

    def committed(self, group, topic):
        """{partition: offset} of what the group has committed."""
        return {int(partition): offset
                for partition, offset in self.answer("group", group, topic)[topic].items()}

    def produce(self, topic, messages, *options, properties=(), check=True):
        """Messages as kafka_produce.h has them; what it reports when all are delivered."""
        settings = [f"--property={setting}" for setting in properties]
        text = messages if isinstance(messages, str) else lines_of(messages)
        return self.answer(*settings, "produce", topic, *options, text=text, check=check)

    def producer(self, topic, *options, properties=()):
        """A producer that takes lines as long as its stdin is open."""
        settings = [f"--property={setting}" for setting in properties]
        return subprocess.Popen(self.tool(*settings, "produce", topic, *options), text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, *topics):
        return [Message(json.loads(line)) for line in self.run("read", *topics).stdout.splitlines()]

    def count(self, *topics, properties=()):
        settings = [f"--property={setting}" for setting in properties]
        return self.answer(*settings, "count", *topics)


def main():
    parser = argparse.ArgumentParser(description="Runs a Kafka broker for trying things out.")
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--folder", help="where its data are; none: they are gone when it ends")
    options = parser.parse_args()
    os.environ.pop("FRESHET_TEST_KAFKA", None)
    # Blocked from here on, so that the signal that ends it is waited for, not acted on.
    signals = {signal.SIGTERM, signal.SIGINT}
    with tempfile.TemporaryDirectory(prefix="freshet-kafka-") as temporary:
        broker = KafkaBroker(options.folder or temporary, port=options.port).start()
        print(f"A Kafka broker answers at {broker.address}", flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        signal.sigwait(signals)
        broker.stop()


if __name__ == "__main__":
    main()
