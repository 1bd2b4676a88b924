"""Topics change and daemons start late: partitions added, messages gone, where to begin, lag."""

import datetime

from http_client import event
from kafka_case import KafkaTest, fact, main, wait_until
from prometheus_text import Metrics
from state_dump import StateDump


class PartitionsTest(KafkaTest):
    def test_partitions_added_while_it_runs_and_while_it_does_not(self):
        events = self.topic(partitions=2)
        daemon = self.kafka_daemon(events).start()
        self.broker.produce(events, [{"partition": 0, **fact("ann", "item-0")}])
        self.broker.add_partitions(events, 4)
        self.broker.produce(events, [{"partition": 3, **fact("bob", "item-3")}])
        self.wait_learned(daemon, events)
        self.assertEqual(daemon.terminate(), 0)
        self.broker.add_partitions(events, 5)
        self.broker.produce(events, [{"partition": 4, **fact("eve", "item-4")}])
        daemon.start()
        self.wait_learned(daemon, events)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).interactions,
                         {("user", "ann", "item-0"), ("user", "bob", "item-3"),
                          ("user", "eve", "item-4")})

    def test_a_topic_added_to_the_settings_and_taken_away_again(self):
        first, second = self.topic(), self.topic("second")
        for topic in (first, second):
            self.broker.produce(topic, [fact("ann", f"of {topic}")])
        daemon = self.kafka_daemon(first).start()
        self.wait_learned(daemon, first)
        daemon.terminate()
        # The other way round: positions do not depend on the order of topics.
        daemon.settings["log.events_topic"] = f"{second},{first}"
        daemon.start()
        self.wait_learned(daemon, first, second)
        daemon.terminate()
        daemon.settings["log.events_topic"] = first
        daemon.start()
        daemon.terminate()
        daemon.settings["log.events_topic"] = f"{first},{second}"
        daemon.start()
        self.wait_learned(daemon, first, second)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).events, 2)


class LostTest(KafkaTest):
    """Retention took messages before they were learned."""

    def setUp(self):
        super().setUp()
        self.events = self.topic(partitions=2)
        self.daemon = self.kafka_daemon(self.events)

    def learn_then_lose(self):
        """Partition 1 is learned to 10, goes on to 30 and begins at 20."""
        self.produce(0, 10)
        self.daemon.start()
        self.wait_learned(self.daemon, self.events)
        self.assertEqual(self.daemon.terminate(), 0)
        self.produce(10, 30)
        self.broker.delete_records(self.events, 1, 20)

    def produce(self, begin, end):
        self.broker.produce(self.events, [{"partition": 1, **fact(f"user-{n}", "tent")}
                                          for n in range(begin, end)])

    def assert_stopped(self, *words):
        status, reason = wait_until(
            lambda: (r := self.readyz(self.daemon))[0] == 503 and "when_lost" in r[1] and r,
            "/readyz says what is lost and what to do")
        for word in (self.events, *words):
            self.assertIn(word, reason)
        self.wait_log(self.daemon, "level=error", self.events, *words)
        with self.daemon.client() as client:
            self.assertEqual(client.get("/v1/popular").status, 200)
            self.assertEqual(client.put_events("ann", "s", event("tent")).status, 503)
        print(f"/readyz: {status} {reason}")

    def users(self):
        return {name for _, name, _ in
                StateDump(self.stop_and_dump(self.daemon)).interactions}

    def test_stop_says_what_is_lost_and_learns_nothing_more(self):
        self.learn_then_lose()
        self.daemon.launch()
        self.assert_stopped("10", "20")
        self.broker.produce(self.events, [{"partition": 0, **fact("late", "tent")}])
        self.assertEqual(self.users() - {"late"}, {f"user-{n}" for n in range(10)})

    def test_continue_goes_on_at_the_earliest_and_says_so(self):
        self.learn_then_lose()
        self.daemon.settings["log.when_lost"] = "continue"
        self.daemon.start()
        self.wait_learned(self.daemon, self.events)
        self.wait_log(self.daemon, self.events, "10", "20")
        with self.daemon.client() as client:
            metrics = Metrics(client.get("/metrics").body.decode())
        self.assertEqual(metrics.value("freshet_kafka_lost_offsets_total"), 10)
        self.assertEqual(self.users(), {f"user-{n}" for n in (*range(10), *range(20, 30))})

    def test_a_topic_made_anew(self):
        self.produce(0, 10)
        self.daemon.start()
        self.wait_learned(self.daemon, self.events)
        self.assertEqual(self.daemon.terminate(), 0)
        self.broker.delete_topic(self.events)
        self.broker.create_topic(self.events, 2)
        self.produce(100, 103)
        self.daemon.launch()
        self.assert_stopped("10")
        self.daemon.kill()
        self.daemon.settings["log.when_lost"] = "continue"
        self.daemon.start()
        wait_until(lambda: self.status(self.daemon)["counts"]["events"] == 13,
                   "the new topic's messages are learned")


class BeginTest(KafkaTest):
    def learned_from(self, events, start_at):
        daemon = self.kafka_daemon(events, f"from-{len(self.daemons)}", start_at=start_at).start()
        self.broker.produce(events, [{"partition": 0, **fact(start_at, "after")}])
        self.wait_learned(daemon, events)
        return {name for _, name, _ in StateDump(self.stop_and_dump(daemon)).interactions}

    def test_earliest_latest_or_a_time(self):
        events = self.topic(partitions=2)
        noon = datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.timezone.utc).timestamp() * 1000
        self.broker.produce(events, [
            {"partition": n % 2, "timestampMs": int(noon) + n * 3_600_000, **fact(f"hour-{n}", "tent")}
            for n in range(-4, 4)])
        late = {"earliest"}
        self.assertEqual(self.learned_from(events, "earliest"),
                         {f"hour-{n}" for n in range(-4, 4)} | late)
        self.assertEqual(self.learned_from(events, "latest"), {"latest"})
        late |= {"latest", "2025-06-01T12:00:00Z"}
        self.assertEqual(self.learned_from(events, "2025-06-01T12:00:00Z"),
                         {f"hour-{n}" for n in range(4)} | late)
        self.assertEqual(self.learned_from(events, "2100-01-01T00:00:00Z"),
                         {"2100-01-01T00:00:00Z"})

    def test_latest_holds_for_the_first_start_only(self):
        events = self.topic(partitions=2)
        self.broker.produce(events, [{"partition": 1, **fact("before", "tent")}])
        daemon = self.kafka_daemon(events, start_at="latest").start()
        self.assertEqual(daemon.terminate(), 0)
        self.broker.produce(events, [{"partition": 1, **fact("while-down", "tent")}])
        daemon.start()
        self.wait_learned(daemon, events)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).interactions,
                         {("user", "while-down", "tent")})

    def test_what_is_checkpointed_is_committed_for_lag_tools(self):
        events = self.topic(partitions=3)
        group = self.name("group")
        daemon = self.kafka_daemon(events, group_id=group).start()
        self.broker.produce(events, [fact(f"user-{n}", "tent") for n in range(100)])
        self.wait_learned(daemon, events)
        ends = {partition: end for partition, (_, end) in self.broker.ends(events).items()}
        wait_until(lambda: self.broker.committed(group, events) == ends, "the ends are committed")

    def test_a_folder_stays_with_its_kind_of_log(self):
        events = self.topic()
        from_kafka = self.kafka_daemon(events).start()
        self.assertEqual(from_kafka.terminate(), 0)
        journal = self.make_daemon("data").launch()
        self.assertEqual(journal.wait_exit(), 1)
        self.wait_log(journal, "level=error", "Kafka", "journal")
        own = self.start_daemon("own")
        self.assertEqual(own.terminate(), 0)
        kafka = self.kafka_daemon(events, "own").launch()
        self.assertEqual(kafka.wait_exit(), 1)
        self.wait_log(kafka, "level=error", "Kafka", "journal")


if __name__ == "__main__":
    main()
