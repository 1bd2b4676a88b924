"""The broker goes away in the midst of `freshet import --kafka`. Where it comes back, every event is
in the topics once and counts once; where it does not, the command ends within its deadline and says
what was not sent.
"""

import re
import subprocess
import time

from daemon_process import DEADLINE_SECONDS, binary, clean_environment
from kafka_case import TIME, KafkaTest, main, wait_until
from state_dump import StateDump

# More than an import has under way at once: it cannot end while the broker takes nothing.
ROWS = 300_000
PARTITIONS = 3
PATIENT_MS = 120_000
IMPATIENT_MS = 3_000
# Until the last message has timed out; the rest is for the producer's end and a busy machine.
ENDS_WITHIN_SECONDS = IMPATIENT_MS / 1000 + 20


class ImportTest(KafkaTest):
    def setUp(self):
        super().setUp()
        self.own_broker()
        self.events = self.topic(partitions=PARTITIONS)
        self.file = self.folder / "events.csv"
        with open(self.file, "w") as rows:
            rows.write("USER_ID,ITEM_ID,TIMESTAMP\n")
            rows.writelines(f"user-{n // 5},item-{n % 1000},{TIME + n}\n" for n in range(ROWS))

    def start_import(self, delivery_timeout_ms):
        """An import that is in its midst: some of it is in the topic, and the broker hangs."""
        daemon = self.kafka_daemon(self.events, delivery_timeout_ms=delivery_timeout_ms)
        flags = [flag for key, value in daemon.settings.items() for flag in
                 ("--set", f"{key}={value}")]
        self.command = subprocess.Popen(
            [binary("freshet"), "import", "--kafka", "--events", str(self.file), "--rejected",
             str(self.folder / "rejected"), *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment())
        self.addCleanup(self.end_import)
        wait_until(self.stored, "the topic has some of it")
        self.broker.pause()
        self.assertIsNone(self.command.poll(), "it ended before the broker went away")
        return daemon

    def end_import(self):
        if self.command.poll() is None:
            self.command.kill()
        self.command.wait()
        self.command.stdout.close()

    def stored(self):
        return sum(end for _, end in self.broker.ends(self.events).values())

    def check_all_counts_once(self, daemon):
        said, _ = self.command.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(self.command.returncode, 0, said)
        self.assertIn(f"imported {ROWS:,} rows into Kafka", said)
        values = [message.value for message in self.broker.read(self.events)]
        self.assertEqual((len(values), len(set(values))), (ROWS, ROWS))
        daemon.start()
        self.wait_learned(daemon, self.events)
        self.assertEqual(StateDump(self.stop_and_dump(daemon)).events, ROWS)

    def test_the_broker_is_stopped_and_started_again(self):
        daemon = self.start_import(PATIENT_MS)
        self.broker.stop()
        self.assertIsNone(self.command.poll(), "it waits for the broker")
        self.broker.start()
        self.check_all_counts_once(daemon)

    def test_the_broker_is_killed_and_started_again(self):
        daemon = self.start_import(PATIENT_MS)
        self.broker.kill()
        self.assertIsNone(self.command.poll(), "it waits for the broker")
        self.broker.start()
        self.check_all_counts_once(daemon)

    def check_it_gives_up(self):
        """It says how many are there, how many it does not know of, and where it stopped reading."""
        start = time.monotonic()
        said, _ = self.command.communicate(timeout=DEADLINE_SECONDS)
        self.assertLess(time.monotonic() - start, ENDS_WITHIN_SECONDS, said)
        self.assertEqual(self.command.returncode, 1, said)
        self.assertIn(f"within {IMPATIENT_MS} ms (log.delivery_timeout_ms)", said)
        words = re.search(r"after ([\d,]+) imported entries; ([\d,]+) more may be there or not, and "
                          r"nothing behind (\S+):(\d+) was sent", said)
        self.assertIsNotNone(words, said)
        imported, unanswered = (int(words[n].replace(",", "")) for n in (1, 2))
        self.assertEqual(words[3], str(self.file))
        self.assertGreater(unanswered, 0)
        # The first line is the header.
        self.assertEqual(imported + unanswered, int(words[4]) - 1)
        self.broker.resume()
        if self.broker.process.poll() is not None:
            self.broker.start()
        stored = self.stored()
        self.assertLessEqual(imported, stored)
        self.assertLessEqual(stored, imported + unanswered)

    def test_the_broker_is_stopped_and_stays_away(self):
        self.start_import(IMPATIENT_MS)
        self.broker.kill()
        self.check_it_gives_up()

    def test_the_broker_hangs_and_goes_on_hanging(self):
        self.start_import(IMPATIENT_MS)
        self.check_it_gives_up()


if __name__ == "__main__":
    main()
