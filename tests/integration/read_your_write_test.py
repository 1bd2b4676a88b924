"""The promise: an acknowledged event is in the very next answer, for its user and everyone else.

Every round uses items and users of its own and looks once, right after the acknowledgement, while
other clients keep the daemon busy. There is no second look: one answer that comes too early fails.
"""

import random
import threading

from daemon_process import FreshetTest, main
from http_client import event, quoted

CHECKERS = 3
ROUNDS = 100


class Background:
    """Clients that send events of other users until it ends."""

    def __init__(self, daemon, threads=2):
        self.daemon = daemon
        self.stopped = threading.Event()
        self.errors = []
        self.sent = 0
        self.threads = [threading.Thread(target=self.run, args=(random.Random(number),))
                        for number in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *ignored):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def run(self, chance):
        try:
            with self.daemon.client() as client:
                while not self.stopped.is_set():
                    lines = [{"userId": f"crowd-{chance.randrange(500)}",
                              **event(f"crowd-item-{int(chance.paretovariate(1)) % 2000}")}
                             for _ in range(100)]
                    answer = client.bulk(lines)
                    if answer.status != 200:
                        raise AssertionError(f"the crowd was answered {answer}")
                    self.sent += len(lines)
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append(error)


def letters(number):
    """No ids with numbers, or the items of other rounds would be neighbours."""
    return chr(ord("a") + number // 26) + chr(ord("a") + number % 26)


class Checker:
    """One client that puts and then looks. `other` is a second connection, of somebody else."""

    def __init__(self, test, daemon, name):
        self.test = test
        self.name = name
        self.own = daemon.client()
        self.other = daemon.client()

    def put(self, user, *items):
        for item in items:
            answer = self.own.put_events(user, f"session of {user}", event(item))
            self.test.assertEqual(answer.status, 200, answer)

    def run(self):
        with self.own, self.other:
            for number in range(ROUNDS):
                self.round(f"{self.name}-{letters(number)}")

    def round(self, key):
        tent, stove, lamp = f"tent-{key}", f"stove-{key}", f"lamp-{key}"
        test = self.test

        self.put(f"ann-{key}", tent, stove)
        test.assertEqual(self.other.similar(tent, 1), [stove], "another user's similar items")
        test.assertEqual(self.own.similar(stove, 1), [tent], "and the other way round")

        self.put(f"bob-{key}", tent)
        answer = self.own.recommend(userId=f"bob-{key}", numResults=5)
        test.assertEqual(answer[0], stove, "what goes with the item just seen")
        test.assertNotIn(tent, answer, "the item just seen")
        test.assertEqual(self.other.recommend(userId=f"bob-{key}", numResults=1), [stove],
                         "the same over another connection")

        self.put(f"ann-{key}", lamp)
        test.assertIn(lamp, self.other.recommend(userId=f"bob-{key}", numResults=5),
                      "what somebody else did, in this user's answer")
        test.assertEqual(set(self.other.similar(tent, 2)), {stove, lamp})

        answer = self.own.bulk([{"userId": f"eve-{key}", **event(tent)}])
        test.assertEqual(answer.status, 200, answer)
        test.assertEqual(set(self.other.recommend(userId=f"eve-{key}", numResults=2)),
                         {stove, lamp}, "after a bulk put")

        test.assertIn(self.own.delete(f"/v1/items/{quoted(stove)}").status, (200, 204))
        test.assertNotIn(stove, self.other.similar(tent, 5), "a deleted item")
        test.assertEqual(self.other.recommend(userId=f"bob-{key}", numResults=1), [lamp])


class ReadYourWriteTest(FreshetTest):
    def check(self, **settings):
        daemon = self.start_daemon(settings=settings)
        failures = []

        def run(name):
            try:
                Checker(self, daemon, name).run()
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        with Background(daemon) as crowd:
            threads = [threading.Thread(target=run, args=(letters(number),))
                       for number in range(CHECKERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(crowd.errors, [])
        print(f"{CHECKERS * ROUNDS} rounds, {crowd.sent} events of the crowd beside them")

    def test_the_very_next_answer_knows_the_event(self):
        self.check()

    def test_with_one_server_thread_and_constant_checkpoints(self):
        self.check(**{"server.threads": 1, "checkpoint.interval_ms": 10})


if __name__ == "__main__":
    main()
