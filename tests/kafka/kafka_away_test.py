"""The broker goes away, hangs, or was never there: nothing is lost, nothing counts twice, and
queries are answered all the while.

FRESHET_KAFKA_SCALE=20 keeps it away for a minute.
"""

import pathlib
import random
import sys
import threading
import time

from daemon_process import free_port
from http_client import event
from kafka_case import SCALE, TIME, KafkaTest, fact, main, wait_until
from state_dump import StateDump

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))
from workload import EVENTS_OF_A_USER, ITEMS, Ledger  # noqa: E402  the path is set just above

AWAY_SECONDS = 3 * SCALE
DELIVERY_TIMEOUT_MS = 2000
APPLY_TIMEOUT_MS = 5000
# A Put waits for its delivery, and when that was the last that the broker did, for being read back;
# the rest is for a busy machine.
ANSWER_SECONDS = (DELIVERY_TIMEOUT_MS + APPLY_TIMEOUT_MS) / 1000 + 5


class Putter:
    """A client that puts events without a pause, each pair of user and item once."""

    def __init__(self, name, daemon, ledger, stopped):
        self.name = name
        self.daemon = daemon
        self.ledger = ledger
        self.stopped = stopped
        self.random = random.Random(name)
        self.taken = 0
        self.refused = 0
        self.slowest = 0
        self.error = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with self.daemon.client() as client:
                for user in range(1_000_000):
                    for items in self.batches():
                        if self.stopped.is_set():
                            return
                        self.put(client, f"{self.name}-{user}", items)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def batches(self):
        items = self.random.sample(range(ITEMS), EVENTS_OF_A_USER)
        return [items[at:at + 5] for at in range(0, len(items), 5)]

    def put(self, client, user, items):
        names = [f"item-{item}" for item in items]
        interactions = {("user", user, name) for name in names}
        self.ledger.sent(interactions)
        start = time.monotonic()
        answer = client.put_events(user, f"of {user}", *[event(name, sent_at=TIME) for name in names])
        self.slowest = max(self.slowest, time.monotonic() - start)
        if answer.status == 200:
            self.ledger.answered(interactions)
            self.taken += 1
        elif answer.status == 503 and "retry-after" in answer.headers:
            self.refused += 1
            self.stopped.wait(0.01)
        else:
            raise AssertionError(f"PutEvents was answered {answer}")


class Asker:
    """A client that asks without a pause; every answer must be a good one."""

    def __init__(self, daemon, stopped):
        self.daemon = daemon
        self.stopped = stopped
        self.answers = 0
        self.error = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with self.daemon.client() as client:
                while not self.stopped.is_set():
                    if "known-stove" not in client.similar("known-tent"):
                        raise AssertionError("an answer without what was learned long ago")
                    self.answers += 1
                    self.stopped.wait(0.002)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error


class BrokerAwayTest(KafkaTest):
    def setUp(self):
        super().setUp()
        self.own_broker()
        self.events = self.topic(partitions=3)
        self.daemon = self.kafka_daemon(self.events, delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                                        server__apply_timeout_ms=APPLY_TIMEOUT_MS).start()
        known = [event("known-tent"), event("known-stove")]
        self.known = len(known)
        with self.daemon.client() as client:
            answer = client.put_events("known", "s", *known)
            self.assertEqual(answer.status, 200, answer)

    def check_through(self, leave, come_back):
        """Load before, while and after the broker is away; then the state has each event once."""
        ledger, stopped = Ledger(), threading.Event()
        ledger.noise = self.known
        putters = [Putter(f"p{number}", self.daemon, ledger, stopped) for number in range(3)]
        asker = Asker(self.daemon, stopped)
        try:
            self.wait_taken(putters, 100)
            leave()
            refused = sum(putter.refused for putter in putters)
            answers = asker.answers
            self.wait_while_away(putters, refused + 1)
            self.assertGreater(asker.answers, answers + 10, "queries while the broker is away")
            come_back()
            self.wait_taken(putters, 100)
            wait_until(lambda: self.daemon.readiness() == 200, "ready again by itself")
        finally:
            stopped.set()
            for each in [*putters, asker]:
                each.thread.join()
        self.assertEqual([each.error for each in [*putters, asker] if each.error], [])
        self.assertLess(max(putter.slowest for putter in putters), ANSWER_SECONDS)
        self.wait_learned(self.daemon, self.events)
        ledger.check(self, StateDump(self.stop_and_dump(self.daemon)))
        print(f"{len(ledger.acknowledged)} acknowledged, {len(ledger.unknown)} refused or unknown, "
              f"{asker.answers} queries, slowest Put {max(p.slowest for p in putters):.2f} s")

    def wait_taken(self, putters, more):
        target = sum(putter.taken for putter in putters) + more
        wait_until(lambda: sum(p.taken for p in putters) >= target or any(p.error for p in putters),
                   f"{more} more Puts are taken")

    def wait_while_away(self, putters, refused):
        """Until Puts are refused and /readyz says why, and for AWAY_SECONDS at least."""
        end = time.monotonic() + AWAY_SECONDS
        wait_until(lambda: sum(p.refused for p in putters) >= refused, "Puts are refused")
        status, reason = wait_until(
            lambda: (r := self.readyz(self.daemon))[0] == 503 and r, "/readyz is 503")
        self.assertTrue(reason)
        print(f"/readyz while the broker is away: {status} {reason}")
        wait_until(lambda: time.monotonic() > end, "it was away long enough")

    def test_it_is_stopped_under_load_and_started_again(self):
        self.check_through(self.broker.stop, self.broker.start)

    def test_it_is_killed_under_load_and_started_again(self):
        self.check_through(self.broker.kill, self.broker.start)

    def test_it_hangs_under_load_and_goes_on(self):
        self.check_through(self.broker.pause, self.broker.resume)


class StartTest(KafkaTest):
    def test_no_broker(self):
        nobody = f"127.0.0.1:{free_port()}"
        daemon = self.kafka_daemon("events", brokers=nobody).launch()
        self.assert_says_why(daemon, nobody)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_exits(self.kafka_daemon("events", "other", brokers=nobody), nobody)

    def test_what_was_learned_answers_until_the_broker_comes(self):
        broker = self.own_broker()
        events = self.topic()
        daemon = self.kafka_daemon(events).start()
        with daemon.client() as client:
            self.assertEqual(client.put_events("ann", "s", event("tent"), event("stove")).status, 200)
        self.assertEqual(daemon.terminate(), 0)
        broker.stop()
        daemon.launch()
        self.assert_says_why(daemon, broker.address)
        with daemon.client() as client:
            self.assertEqual(client.similar("tent"), ["stove"])
        broker.start()
        daemon.wait_ready()
        self.broker.produce(events, [fact("bob", "lamp")])
        self.wait_learned(daemon, events)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).events, 3)

    def test_a_topic_that_is_missing(self):
        events, missing = self.topic(), self.name("missing")
        for key in ("events_topic", "items_topic", "users_topic", "dead_letter_topic"):
            with self.subTest(key):
                settings = {key: missing if key != "events_topic" else f"{events},{missing}"}
                daemon = self.kafka_daemon(events, key, **settings).launch()
                self.assert_says_why(daemon, missing)
                daemon.kill()
        daemon = self.kafka_daemon([events, missing], "again").launch()
        self.assert_says_why(daemon, missing)
        self.broker.create_topic(missing, 2)
        daemon.wait_ready()
        self.broker.produce(missing, [{"value": {"userId": "ann", "itemId": "tent",
                                                 "eventType": "view"}}])
        self.wait_learned(daemon, events, missing)
        self.assert_exits(self.kafka_daemon("not-there", "exits"), "not-there")

    def test_credentials_that_are_refused(self):
        broker = self.own_broker()
        events = self.topic()
        login = {"brokers": broker.sasl_address,
                 "log__librdkafka__security.protocol": "SASL_PLAINTEXT",
                 "log__librdkafka__sasl.mechanism": "PLAIN",
                 "log__librdkafka__sasl.username": "freshet"}
        daemon = self.kafka_daemon(
            events, **login, **{"log__librdkafka__sasl.password": "right"}).start()
        with daemon.client() as client:
            self.assertEqual(client.put_events("ann", "s", event("tent")).status, 200)
        wrong = {**login, "log__librdkafka__sasl.password": "wrong"}
        daemon = self.kafka_daemon(events, "wrong", **wrong).launch()
        self.assert_says_why(daemon, "uthentication")
        self.assertNotIn("wrong-password", daemon.log())
        self.assert_exits(self.kafka_daemon(events, "exits", **wrong), "uthentication")

    def test_a_property_that_librdkafka_does_not_know(self):
        for setting, words in ((("no.such.property", "1"), ("no.such.property",)),
                               (("fetch.min.bytes", "many"), ("fetch.min.bytes", "Invalid value"))):
            with self.subTest(setting[0]):
                daemon = self.kafka_daemon(
                    "events", **{f"log__librdkafka__{setting[0]}": setting[1]}).launch()
                self.assertIn(daemon.wait_exit(), (1, 2))
                for word in words:
                    self.assertIn(word, daemon.log())


if __name__ == "__main__":
    main()
