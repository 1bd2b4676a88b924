"""What messages teach: forms, keys, times, duplicates, transactions, compressions, and bad ones."""

import json

from http_client import ARN, event
from kafka_case import TIME, KafkaTest, fact, main
from order_free_dump import OrderFreeDump
from prometheus_text import Metrics
from state_dump import StateDump

BROKERS_LIMIT = 1_048_588  # message.max.bytes of a topic that sets none


class LearnTest(KafkaTest):
    def learn(self, daemon, *topics):
        """Everything of the topics, then an orderly stop; what `freshet dump` says."""
        if not daemon.running():
            daemon.start()
        self.wait_learned(daemon, *topics)
        return self.stop_and_dump(daemon)

    def metrics(self, daemon):
        with daemon.client() as client:
            return Metrics(client.get("/metrics").body.decode())


class MessagesTest(LearnTest):
    def test_one_event_or_a_whole_put_events_body(self):
        first, second = self.topic(partitions=2), self.topic("more")
        daemon = self.kafka_daemon([first, second]).start()
        self.broker.produce(first, [
            fact("ann", "tent"),
            {"value": {"trackingId": "t", "userId": "bob", "sessionId": "visit",
                       "eventList": [event("tent"), event("stove", "purchase")]}},
            {"key": "a key says nothing", "value": {"sessionId": "nobody", "itemId": "lamp",
                                                    "eventType": "view", "sentAt": TIME}}])
        self.broker.produce(second, [fact("eve", "tent", properties={"eventValue": 3})])
        state = StateDump(self.learn(daemon, first, second))
        self.assertEqual(state.interactions, {
            ("user", "ann", "tent"), ("user", "bob", "tent"), ("user", "bob", "stove"),
            ("visitor", "nobody", "lamp"), ("user", "eve", "tent")})
        self.assertEqual(state.events, 5)

    def test_without_sent_at_an_event_takes_the_messages_time(self):
        events = self.topic()
        self.broker.produce(events, [{"key": "ann", "timestampMs": 1_650_000_000_123,
                                      "value": {"userId": "ann", "itemId": "tent",
                                                "eventType": "view"}}])
        text = self.learn(self.kafka_daemon(events), events)
        self.assertIn('  did "tent" weight=1 time=1650000000\n', text)

    def test_items_and_users_are_the_last_message_of_their_key(self):
        events = self.topic()
        items = self.topic("items", cleanup_policy="compact")
        users = self.topic("users", cleanup_policy="compact")
        self.broker.produce(items, [
            {"key": "tent", "value": {"properties": {"colour": "red"}}},
            {"key": "tent", "value": {"itemId": "tent", "properties": '{"colour": "green"}'}},
            {"key": "stove", "value": {"itemId": "stove", "properties": {"price": 12.5}}},
            {"key": "stove", "value": None}])
        self.broker.produce(users, [
            {"key": "ann", "value": {"userId": "ann", "properties": {"plan": "gold"}}},
            {"key": "bob", "value": {"properties": {"plan": "none"}}},
            {"key": "bob", "value": None}])
        daemon = self.kafka_daemon(events, items_topic=items, users_topic=users)
        text = self.learn(daemon, events, items, users)
        self.assertIn('COLOUR="green"', text)
        self.assertNotIn("stove", text)
        self.assertIn('user "ann" described=1 PLAN="gold"', text)
        self.assertNotIn("bob", text)

    def test_what_is_put_over_http_lies_in_the_topics_by_its_key(self):
        events = self.topic(partitions=3)
        items = self.topic("items", cleanup_policy="compact")
        users = self.topic("users", cleanup_policy="compact")
        daemon = self.kafka_daemon(events, items_topic=items, users_topic=users).start()
        client = self.connect(daemon)
        self.assertEqual(client.put_events("ann", "visit", event("tent"), event("lamp")).status, 200)
        self.assertEqual(client.put_events(None, "nobody", event("tent")).status, 200)
        self.assertEqual(client.put_items(
            {"itemId": "tent", "properties": '{"colour": "red"}'},
            {"itemId": "stove", "properties": '{"colour": "blue"}'}).status, 200)
        self.assertEqual(client.post("/users", {
            "datasetArn": ARN + "dataset/test/USERS",
            "users": [{"userId": "ann", "properties": '{"plan": "gold"}'},
                      {"userId": "bob", "properties": '{"plan": "none"}'}]}).status, 200)
        self.assertIn(client.delete("/v1/items/stove").status, (200, 204))
        self.assertIn(client.delete("/v1/users/bob").status, (200, 204))

        self.assertEqual(sorted(m.key for m in self.broker.read(events)),
                         [b"ann", b"ann", b"nobody"])
        self.assertEqual(len({m.partition for m in self.broker.read(events) if m.key == b"ann"}), 1)
        self.assertEqual(json.loads(self.broker.read(items)[0].value)["itemId"], "tent")
        self.assertEqual([(m.key, m.value is None) for m in self.broker.read(items)],
                         [(b"tent", False), (b"stove", False), (b"stove", True)])
        self.assertEqual([(m.key, m.value is None) for m in self.broker.read(users)],
                         [(b"ann", False), (b"bob", False), (b"bob", True)])

        learned = OrderFreeDump(self.learn(daemon, events, items, users))
        another = self.kafka_daemon(events, "another", items_topic=items, users_topic=users)
        learned.assert_equal(self, OrderFreeDump(self.learn(another, events, items, users)))

    def test_a_retried_event_id_counts_once(self):
        events = self.topic(partitions=2)
        daemon = self.kafka_daemon(events).start()
        batch = [fact(f"user-{n % 7}", f"item-{n % 5}", eventId=f"event-{n}") for n in range(1000)]
        for _ in range(3):
            self.broker.produce(events, batch)
        self.wait_learned(daemon, events)
        with daemon.client() as client:
            self.assertEqual(client.put_events("user-0", "s", {
                **event("item-0"), "eventId": "event-0"}).status, 200)
        self.assertEqual(self.metrics(daemon).total("freshet_duplicate_events_total"), 2001)
        state = StateDump(self.learn(daemon, events))
        self.assertEqual(state.events, 1000)
        # Each of seven users counts once for what others see.
        self.assertAlmostEqual(state.items["item-0"].demand, 7, 3)

    def test_only_committed_transactions_are_learned(self):
        events = self.topic(partitions=3)
        daemon = self.kafka_daemon(events).start()
        messages = [fact(f"user-{n}", f"item-{n // 10 % 2}") for n in range(100)]
        report = self.broker.produce(events, messages, "--transactional-id", events,
                                     "--transaction-size", 10, "--abort-every", 2)
        self.assertEqual(report["aborted"], 5)
        # The ends lie behind markers and aborted messages: what is applied must get past them.
        state = StateDump(self.learn(daemon, events))
        self.assertEqual(state.interactions,
                         {("user", f"user-{n}", "item-0") for n in range(100) if n // 10 % 2 == 0})
        daemon.start()
        self.assertEqual(StateDump(self.learn(daemon, events)).events, 50)

    def test_every_compression(self):
        events = self.topic(partitions=2)
        daemon = self.kafka_daemon(events).start()
        wanted = set()
        for compression in ("lz4", "zstd", "gzip", "snappy"):
            names = [f"{compression}-{n}" for n in range(500)]
            self.broker.produce(events, [fact(name, "tent") for name in names],
                                properties=[f"compression.type={compression}"])
            wanted |= {("user", name, "tent") for name in names}
        self.assertEqual(StateDump(self.learn(daemon, events)).interactions, wanted)

    def test_messages_at_the_size_limit(self):
        usual = self.topic()
        large = self.topic("large", max_message_bytes=8_000_000)
        daemon = self.kafka_daemon([usual, large]).start()
        # 88 bytes or so are the batch's and the record's own.
        for topic, user, size in ((usual, "ann", BROKERS_LIMIT - 200), (large, "bob", 7_900_000)):
            message = fact(user, "tent")
            text = json.dumps(message["value"])
            message["value"] = text[:-1] + " " * (size - len(text) - 20) + "}"
            self.broker.produce(topic, [message, fact(user, "stove")],
                                properties=["message.max.bytes=9000000", "linger.ms=0",
                                            "batch.num.messages=1"])
        state = StateDump(self.learn(daemon, usual, large))
        self.assertEqual(state.interactions, {(kind, user, item) for kind, user in
                                              (("user", "ann"), ("user", "bob"))
                                              for item in ("tent", "stove")})


class BadMessagesTest(LearnTest):
    """Each bad message is a dead letter with its reason; those around it are learned."""

    EVENTS = [
        ({"valueHex": "00ff80"}, "JSON"),
        ({"value": "not JSON"}, "JSON"),
        ({"value": ""}, ""),
        ({"key": "ann", "value": None}, "no value"),
        ({"value": "[]"}, "object"),
        ({"value": {"userId": "ann", "eventType": "view"}}, "itemId"),
        ({"value": {"itemId": "tent", "eventType": "view"}}, "userId"),
        ({"value": {"userId": "a" * 257, "itemId": "tent", "eventType": "view"}}, "userId"),
        ({"value": {"userId": "ann", "itemId": "tent", "eventType": "view", "sentAt": "soon"}},
         "sentAt"),
        ({"value": {"trackingId": "t", "sessionId": "s", "eventList": []}}, "eventList"),
        ({"value": {"trackingId": "t", "sessionId": "s",
                    "eventList": [event("unlearned"), event("")]}}, "itemId"),
        ({"value": "{" * 100_000}, ""),
    ]
    ITEMS = [
        ({"key": "tent", "value": {"itemId": "stove", "properties": {}}}, "tent"),
        ({"value": {"properties": {}}}, "itemId"),
        ({"value": None}, "key"),
        ({"key": "tent", "value": "[1]"}, ""),
    ]

    def produce_bad(self, topic, bad, good):
        """Good messages before, between and after the bad ones, all in one partition."""
        messages = []
        for number, (message, _) in enumerate(bad):
            messages += [good(number), message]
        self.broker.produce(topic, [{"partition": 0, **message}
                                    for message in [*messages, good(len(bad))]])

    def test_they_become_dead_letters_and_the_stream_goes_on(self):
        events, dead = self.topic(), self.topic("dead")
        items = self.topic("items")
        daemon = self.kafka_daemon(events, items_topic=items, dead_letter_topic=dead).start()
        self.produce_bad(events, self.EVENTS, lambda n: fact(f"good-{n}", "tent"))
        self.produce_bad(items, self.ITEMS,
                         lambda n: {"key": f"good-{n}", "value": {"properties": {"n": n}}})
        self.wait_learned(daemon, events, items)
        bad = [(events, *each) for each in self.EVENTS] + [(items, *each) for each in self.ITEMS]
        self.assertEqual(self.metrics(daemon).total("freshet_dead_letters_total"), len(bad))
        state = StateDump(self.stop_and_dump(daemon))
        self.assertEqual(state.interactions,
                         {("user", f"good-{n}", "tent") for n in range(len(self.EVENTS) + 1)})
        self.assertEqual({item for item in state.items if item.startswith("good-")},
                         {f"good-{n}" for n in range(len(self.ITEMS) + 1)})
        self.check_letters(dead, bad)

    def check_letters(self, dead, bad):
        sources = {(m.topic, m.partition, m.offset): m for topic in {topic for topic, *_ in bad}
                   for m in self.broker.read(topic)}
        letters = {}
        for letter in self.broker.read(dead):
            place = tuple(letter.headers["freshet-" + name].decode()
                          for name in ("topic", "partition", "offset"))
            letters[place[0], int(place[1]), int(place[2])] = letter
        self.assertEqual(len(letters), len(bad), "each once")
        reasons = {}
        for place, letter in letters.items():
            source = sources[place]
            self.assertEqual((letter.key, letter.value or b""), (source.key, source.value or b""))
            self.assertEqual(int(letter.headers["freshet-timestamp"]), source.timestamp_ms)
            reasons[place] = letter.headers["freshet-reason"].decode()
        for topic in {topic for topic, *_ in bad}:
            found = [reasons[place] for place in sorted(reasons) if place[0] == topic]
            wanted = [word for source, _, word in bad if source == topic]
            for reason, word in zip(found, wanted, strict=True):
                self.assertIn(word, reason)
                self.assertTrue(reason)

    def test_a_dead_letter_topic_that_is_gone_does_not_stop_the_stream(self):
        events, dead = self.topic(), self.topic("dead")
        daemon = self.kafka_daemon(events, dead_letter_topic=dead).start()
        self.broker.delete_topic(dead)
        self.broker.produce(events, [fact("ann", "tent"), {"value": "bad"}, fact("ann", "stove")])
        self.wait_learned(daemon, events)
        with daemon.client() as client:
            self.assertEqual(client.put_events("ann", "s", event("lamp")).status, 200)
        self.assertEqual(self.metrics(daemon).total("freshet_dead_letters_total"), 1)
        self.assertEqual(len(StateDump(self.stop_and_dump(daemon)).interactions), 3)


if __name__ == "__main__":
    main()
