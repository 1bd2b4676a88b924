"""Several daemons on the same topics answer alike, and stand in for one another."""

import itertools
import json
import pathlib
import random
import sys
import threading

from daemon_process import wait_until
from http_client import ARN, event
from kafka_case import TIME, KafkaTest, fact, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
from boto_case import CAMPAIGN, NOW, make_client  # noqa: E402  the path is set just above

LOAD_ANSWERS = 3000


def stream(count, seed=1):
    chance = random.Random(seed)
    for number in range(count):
        user = chance.randrange(300)
        yield fact(f"user-{user}", f"item-{user % 10 * 20 + chance.randrange(20)}",
                   eventType=chance.choice(["view", "view", "cart"]), sentAt=TIME + number)


class Balancer:
    """Knows which daemons are ready, by asking each for /readyz all the time, as load balancers do."""

    def __init__(self, daemons):
        self.daemons = daemons
        self.stopped = threading.Event()
        self.ready = [True] * len(daemons)
        self.threads = [threading.Thread(target=self.watch, args=(number,))
                        for number in range(len(daemons))]
        for thread in self.threads:
            thread.start()

    def watch(self, number):
        while not self.stopped.wait(0.01):
            self.ready[number] = self.daemons[number].readiness() == 200

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


class RoundRobinClient:
    """Asks one ready daemon after the other; what fails is asked of the next one, once."""

    def __init__(self, balancer):
        self.balancer = balancer
        self.clients = [daemon.client() for daemon in balancer.daemons]
        self.turns = itertools.cycle(range(len(self.clients)))
        self.retries = 0

    def next_client(self):
        number = next(self.turns)
        if not self.balancer.ready[number]:
            number = next(self.turns)
        return self.clients[number]

    def request(self, method, path, body=None, headers=None):
        for attempt in (1, 2):
            client = self.next_client()
            try:
                answer = client.request(method, path, body, headers)
                if answer.status != 503 or attempt == 2:
                    return answer
            except OSError:
                if attempt == 2:
                    raise
            self.retries += 1
        raise AssertionError("not reached")

    def close(self):
        for client in self.clients:
            client.close()


class ReplicasTest(KafkaTest):
    def start_two(self, events, **settings):
        daemons = [self.kafka_daemon(events, name, **settings) for name in ("a", "b")]
        for daemon in daemons:
            daemon.launch()
        for daemon in daemons:
            daemon.wait_ready()
        return daemons

    def answers(self, daemon):
        """Item and score of many kinds of question."""
        questions = [f"/v1/items/item-{item}/similar?n=20" for item in range(0, 200, 7)]
        questions += [f"/v1/recommendations?user=user-{user}&n=20" for user in range(0, 300, 7)]
        questions += ["/v1/popular?n=50", "/v1/trending?n=50", "/v1/recommendations?user=nobody"]
        with daemon.client() as client:
            found = {}
            for question in questions:
                answer = client.get(question)
                self.assertEqual(answer.status, 200, answer)
                found[question] = [(item["itemId"], item.get("score"))
                                   for item in answer.json["items"]]
        return found

    def test_the_same_answers_from_one_partition(self):
        events = self.topic()
        one, other = self.start_two(events)
        self.broker.produce(events, stream(20_000))
        self.wait_learned(one, events)
        self.wait_learned(other, events)
        self.assertEqual(self.answers(one), self.answers(other))

    def test_the_same_scores_from_six_partitions(self):
        # Which of two items with one score comes first, and is among the last, depends on which was
        # seen first; their scores do not.
        # The same goes for the order of sessions and for what a blend learns, so neither is asked.
        events = self.topic(partitions=6)
        by_counts = {"campaign__user-personalization__weights": "cooccurrence=1"}
        one, other = self.start_two(events, **by_counts)
        self.broker.produce(events, stream(20_000))
        self.wait_learned(one, events)
        self.wait_learned(other, events)
        mine, others = self.answers(one), self.answers(other)
        for question, items in mine.items():
            scores = [score for _, score in items]
            self.assertEqual(len(scores), len(others[question]), question)
            for score, (_, theirs) in zip(scores, others[question]):
                if score is not None:
                    self.assertAlmostEqual(score, theirs, 5, question)

    def test_reading_ones_own_write_on_the_other(self):
        events = self.topic(partitions=6)
        one, other = self.start_two(events)
        writer, reader = self.connect(one), self.connect(other)
        for number in range(200):
            user, tent, stove = f"ann-{number}", f"tent-{number}", f"stove-{number}"
            answer = writer.put_events(user, f"s-{number}", event(tent), event(stove))
            self.assertEqual(answer.status, 200, answer)
            answer = reader.get(f"/v1/items/{tent}/similar?n=1",
                                {"Freshet-Wait-For": answer.headers["freshet-position"],
                                 "Freshet-Wait-Timeout-Ms": "30000"})
            self.assertEqual([item["itemId"] for item in answer.json["items"]], [stove])

    def test_a_position_that_nobody_reaches_is_a_clear_503(self):
        events = self.topic()
        one, other = self.start_two(events)
        writer, reader = self.connect(one), self.connect(other)
        position = writer.put_events("ann", "s", event("tent")).headers["freshet-position"]
        partition, offset = position.split(":")
        answer = reader.get("/v1/popular", {"Freshet-Wait-For": f"{partition}:{int(offset) + 1000}",
                                            "Freshet-Wait-Timeout-Ms": "100"})
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("retry-after", answer.headers)
        self.assertTrue(answer.message)

    def test_the_aws_sdk_puts_to_one_and_reads_from_the_other(self):
        events = self.topic(partitions=6)
        one, other = self.start_two(events)
        personalize_events = make_client("personalize-events", one.port)
        runtime = make_client("personalize-runtime", other.port)
        wait_for = {}
        runtime.meta.events.register(
            "before-call.personalize-runtime.GetRecommendations",
            lambda params, **_: params["headers"].update(wait_for))
        for number in range(20):
            for item in (f"tent-{number}", f"stove-{number}"):
                put = personalize_events.put_events(
                    trackingId="tracker", userId=f"ann-{number}", sessionId=f"s-{number}",
                    eventList=[{"eventType": "view", "itemId": item, "sentAt": NOW}])
            wait_for["Freshet-Wait-For"] = (
                put["ResponseMetadata"]["HTTPHeaders"]["freshet-position"])
            wait_for["Freshet-Wait-Timeout-Ms"] = "30000"
            answer = runtime.get_recommendations(campaignArn=CAMPAIGN + "similar-items",
                                                 itemId=f"tent-{number}", numResults=1)
            self.assertEqual([item["itemId"] for item in answer["itemList"]], [f"stove-{number}"])

    def test_one_is_killed_under_load_and_no_query_fails(self):
        events = self.topic(partitions=3)
        one, other = self.start_two(events, ready_lag_entries=1)
        self.broker.produce(events, [message for group in range(100) for message in
                                     (fact(f"u{group}", f"tent-{group}"),
                                      fact(f"u{group}", f"stove-{group}"))])
        self.wait_learned(one, events)
        self.wait_learned(other, events)
        load = Load([one, other])
        try:
            load.wait_answers(LOAD_ANSWERS // 3)
            other.kill()
            wait_until(lambda: not load.balancer.ready[1], "the load balancer knows")
            load.wait_answers(LOAD_ANSWERS // 3)
            # It answers queries while it catches up, but is not ready and so is not asked.
            other.launch()
            other.wait_ready()
            load.wait_answers(LOAD_ANSWERS // 3)
        finally:
            load.stop()
        self.assertEqual(load.wrong, [])
        self.assertGreater(load.retries, 0, "the kill was noticed by nobody")
        print(f"{load.answers} answers, {load.retries} retries, {load.puts} Puts")
        self.wait_learned(other, events)
        self.wait_learned(one, events)
        self.assertEqual(self.status(one)["counts"]["events"], self.status(other)["counts"]["events"])


class Load:
    """Clients of a round robin: two ask for what is known, one puts and reads its own write."""

    def __init__(self, daemons):
        self.balancer = Balancer(daemons)
        self.stopped = threading.Event()
        self.wrong = []
        self.answers = 0
        self.retries = 0
        self.puts = 0
        self.lock = threading.Lock()
        work = [self.ask, self.ask, self.put_and_read]
        self.threads = [threading.Thread(target=self.run, args=(number, each))
                        for number, each in enumerate(work)]
        for thread in self.threads:
            thread.start()

    def run(self, number, work):
        client = RoundRobinClient(self.balancer)
        chance = random.Random(number)
        try:
            while not self.stopped.is_set():
                work(client, chance)
                with self.lock:
                    self.answers += 1
        except Exception as error:  # pylint: disable=broad-except
            self.wrong.append(error)
        with self.lock:
            self.retries += client.retries
        client.close()

    def similar(self, client, item, headers=None):
        body = {"campaignArn": ARN + "campaign/similar-items", "itemId": item, "numResults": 1}
        answer = client.request("POST", "/recommendations", json.dumps(body),
                                {"Content-Type": "application/json", **(headers or {})})
        if answer.status != 200:
            raise AssertionError(f"a query was answered {answer}")
        return [item["itemId"] for item in answer.json["itemList"]]

    def ask(self, client, chance):
        group = chance.randrange(100)
        found = self.similar(client, f"tent-{group}")
        if found != [f"stove-{group}"]:
            raise AssertionError(f"the items similar to tent-{group} are {found}")

    def put_and_read(self, client, chance):
        # With event ids a Put may be repeated when its answer got lost.
        tag = f"{chance.randrange(1 << 60)}"
        events = [{**event(f"{item}-{tag}"), "eventId": f"{item}-{tag}"} for item in ("a", "b")]
        answer = client.request("POST", "/events", {
            "trackingId": "t", "userId": f"me-{tag}", "sessionId": tag, "eventList": events})
        if answer.status != 200:
            raise AssertionError(f"a Put was answered {answer}")
        self.puts += 1
        found = self.similar(client, f"a-{tag}",
                             {"Freshet-Wait-For": answer.headers["freshet-position"],
                              "Freshet-Wait-Timeout-Ms": "5000"})
        if found != [f"b-{tag}"]:
            raise AssertionError(f"its own write is not in {found}")

    def wait_answers(self, more):
        target = self.answers + more
        wait_until(lambda: self.answers >= target or self.wrong, f"{more} more answers")

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        self.balancer.stop()


if __name__ == "__main__":
    main()
