"""The command line with Kafka: import, replay, and the dead letters' second chance."""

import json

from daemon_process import dump, run_freshet
from http_client import event
from kafka_case import KafkaTest, fact, main, wait_until
from order_free_dump import OrderFreeDump
from state_dump import StateDump

EVENTS = 20_000
ITEMS = 90  # fewer than the neighbours and successors kept of one: nobody has to give way


class CommandsTest(KafkaTest):
    def flags(self, daemon):
        """The daemon's settings of its log, for the command line."""
        return [flag for key, value in daemon.settings.items() if key.startswith("log.")
                for flag in ("--set", f"{key}={value}")]

    def test_an_import_is_learned_by_a_daemon_and_by_a_replay_alike(self):
        # One partition: where a visitor logs in, the number of an item's users depends on whether the
        # anonymous events or the first named one are read first.
        events = self.topic()
        items = self.topic("items", cleanup_policy="compact")
        daemon = self.kafka_daemon(events, items_topic=items).start()
        stream, catalogue = self.folder / "events.csv", self.folder / "items.csv"
        run_freshet("generate", "--quiet", "--output", stream, "--items-output", catalogue,
                    "--events", EVENTS, "--users", 2000, "--items", ITEMS, "--seed", 7)
        run_freshet("import", "--kafka", "--events", stream, "--items", catalogue,
                    "--rejected", self.folder / "rejected", *self.flags(daemon))
        self.assertEqual(sum(end for _, end in self.broker.ends(events).values()), EVENTS)
        self.wait_learned(daemon, events, items)
        learned = self.stop_and_dump(daemon)
        self.assertEqual(StateDump(learned).events, EVENTS)

        again = self.folder / "again"
        run_freshet("replay", "--from-kafka", "--into", again, *self.flags(daemon))
        OrderFreeDump(learned).assert_equal(self, OrderFreeDump(dump(again)))

        # A daemon goes on where the replay ended.
        successor = self.kafka_daemon(events, "again", items_topic=items).start()
        self.broker.produce(events, [fact("late", "item-1")])
        self.wait_learned(successor, events, items)
        self.assertEqual(StateDump(self.stop_and_dump(successor)).events, EVENTS + 1)

    def test_an_import_says_when_a_topic_is_missing(self):
        daemon = self.kafka_daemon(self.name("missing"))
        file = self.folder / "events.csv"
        file.write_text("USER_ID,ITEM_ID,TIMESTAMP\nann,tent,1700000000\n")
        done = run_freshet("import", "--kafka", "--events", file, *self.flags(daemon), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(daemon.settings["log.events_topic"], done.stderr)

    def test_dead_letters_are_listed_and_resubmitted(self):
        events, dead = self.topic(), self.topic("dead")
        daemon = self.kafka_daemon(events, dead_letter_topic=dead).start()
        bad = {"key": "ann", "value": "not JSON", "timestampMs": 1_600_000_000_000}
        self.broker.produce(events, [fact("bob", "tent"), bad, {"valueHex": "00ff"}])
        wait_until(lambda: len(self.broker.read(dead)) == 2, "both are copied")

        listed = [json.loads(line) for line in run_freshet(
            "dead-letters", "list", *self.flags(daemon)).stdout.splitlines()]
        first, second = sorted(listed, key=lambda letter: letter["offset"])
        self.assertTrue(first.pop("reason"))
        self.assertEqual(first, {"topic": events, "partition": 0, "offset": 1, "key": "ann",
                                 "value": "not JSON", "timestampMs": 1_600_000_000_000})
        self.assertEqual((second["key"], second["valueHex"]), (None, "00ff"))

        run_freshet("dead-letters", "resubmit", "--topic", events, "--offset", 1,
                    *self.flags(daemon))
        messages = self.broker.read(events)
        self.assertEqual(len(messages), 4)
        self.assertEqual((messages[-1].key, messages[-1].value, messages[-1].timestamp_ms),
                         (b"ann", b"not JSON", 1_600_000_000_000))
        # It is as bad as it was, and said so again; nothing else happens.
        wait_until(lambda: len(self.broker.read(dead)) == 3, "it is copied again")
        with daemon.client() as client:
            self.assertEqual(client.put_events("bob", "s", event("stove")).status, 200)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).events, 2)


if __name__ == "__main__":
    main()
