"""kill -9 at any moment while a million messages are learned: as if nothing had happened.

FRESHET_KAFKA_SCALE multiplies the events and the kills, FRESHET_SEED is the seed of all chance; each
run prints its own.
"""

import os
import random
import threading

from daemon_process import dump
from kafka_case import SCALE, TIME, KafkaTest, main, wait_until
from order_free_dump import OrderFreeDump
from state_dump import StateDump

SEED = int(os.environ.get("FRESHET_SEED", random.SystemRandom().randrange(1 << 32)))
EVENTS = int(1_000_000 * SCALE)
KILLS = max(3, int(10 * SCALE))
PARTITIONS = 6
USERS = 5_000
GROUPS = 50  # of users with a taste in common
ITEMS_OF_A_GROUP = 40


def lines(count, chance):
    """Keyed lines for kafka_tool. No cap is reached by them, so nobody gives way to anybody.

    A user's events lie in one partition and grow in time; some are retried with their event id.
    """
    last = None
    for number in range(count):
        user = chance.randrange(USERS)
        item = user % GROUPS * ITEMS_OF_A_GROUP + min(
            chance.randrange(ITEMS_OF_A_GROUP), chance.randrange(ITEMS_OF_A_GROUP))
        kind = "view" if number % 5 else "cart"
        event_id = f'"eventId":"e{number}",' if number % 50 == 0 else ""
        line = (f'user-{user}\t{{"userId":"user-{user}","sessionId":"s{user}-{number // 200_000}",'
                f'"itemId":"item-{item}",{event_id}"eventType":"{kind}","sentAt":{TIME + number}}}\n')
        yield line
        if event_id:
            last = line
        elif last and number % 100 == 7:
            yield last
            last = None


class KafkaKillTest(KafkaTest):
    def setUp(self):
        super().setUp()
        print(f"FRESHET_SEED={SEED}")
        self.random = random.Random(SEED)

    def learned_events(self, daemon):
        return self.status(daemon)["counts"]["events"]

    def kill_after(self, daemon, events):
        """kill -9 once that many more events are learned; False if it never came to it."""
        def learned():
            return daemon.readiness() is not None and self.learned_events(daemon) >= target
        wait_until(lambda: daemon.readiness() is not None, "freshetd listens")
        target = self.learned_events(daemon) + events
        wait_until(learned, f"{target} events are learned")
        # A moment of chance within the work on the next batches and checkpoints.
        threading.Event().wait(self.random.uniform(0, 0.05))
        daemon.kill()

    def learn_all(self, topic, data):
        daemon = self.kafka_daemon(topic, data).start()
        self.wait_learned(daemon, topic)
        return self.stop_and_dump(daemon)

    def kill_and_learn(self, topic, produce):
        """The dump of a daemon that is killed again and again while it learns."""
        daemon = self.kafka_daemon(topic, "killed")
        producer = threading.Thread(target=produce)
        producer.start()
        try:
            for _ in range(KILLS):
                daemon.settings["checkpoint.interval_ms"] = self.random.choice([10, 100, 1000])
                daemon.launch()
                self.kill_after(daemon, self.random.randrange(EVENTS // 2 // KILLS))
        finally:
            producer.join()
        daemon.start()
        self.wait_learned(daemon, topic)
        return self.stop_and_dump(daemon)

    def test_a_million_events_over_six_partitions(self):
        topic = self.topic(partitions=PARTITIONS)
        text = "".join(lines(EVENTS, self.random))
        reports = []
        killed = self.kill_and_learn(topic, lambda: reports.append(self.broker.produce(
            topic, text, "--keyed", properties=["compression.type=lz4"])))
        self.assertEqual(reports[0]["delivered"], text.count("\n"))
        undisturbed = self.learn_all(topic, "undisturbed")
        self.assertEqual(StateDump(undisturbed).events, EVENTS)
        OrderFreeDump(killed).assert_equal(self, OrderFreeDump(undisturbed))
        print(f"{KILLS} kills, {text.count(chr(10))} messages, {EVENTS} events")

    def test_one_partition_byte_by_byte(self):
        topic = self.topic()
        count = EVENTS // 10
        text = "".join(lines(count, self.random))
        killed = self.kill_and_learn(
            topic, lambda: self.broker.produce(topic, text, "--keyed"))
        undisturbed = self.learn_all(topic, "undisturbed")
        self.assertEqual(killed.splitlines(), undisturbed.splitlines())


if __name__ == "__main__":
    main()
