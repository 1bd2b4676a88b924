"""Positions to wait for, and what an operator sees: status, metrics, the description of the API."""

import signal

from api_case import ApiTest
from daemon_process import main, wait_until
from http_client import event
from prometheus_text import Metrics


class PositionsTest(ApiTest):
    def test_an_acknowledged_position_can_be_waited_for(self):
        first = self.learn("ann", "tent").headers["freshet-position"]
        second = self.client.put_events("ann", "s", event("stove")).headers["freshet-position"]
        self.assertNotEqual(first, second)
        answer = self.client.get("/v1/popular", {"Freshet-Wait-For": second})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(answer.json["items"]), 2)

    def test_a_position_that_does_not_come_in_time_is_503(self):
        position = self.learn("ann", "tent").headers["freshet-position"]
        partition, offset = position.split(":")
        answer = self.client.get("/v1/popular", {"Freshet-Wait-For": f"{partition}:{offset}000",
                                                 "Freshet-Wait-Timeout-Ms": "50"})
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Freshet-Wait-For", answer.message)

    def test_a_position_is_answered_as_soon_as_it_is_reached(self):
        partition, offset = self.learn("ann", "tent").headers["freshet-position"].split(":")
        with self.daemon.client() as waiting:
            waiting.connection.request("GET", "/v1/popular", headers={
                "Freshet-Wait-For": f"{partition}:{int(offset) + 1}",
                "Freshet-Wait-Timeout-Ms": "60000"})
            self.learn("ann", "stove")
            response = waiting.connection.getresponse()
            self.assertEqual(response.status, 200)
            self.assertIn(b"stove", response.read())

    def test_nonsense_is_refused(self):
        for text in ("x", "1", "1:", ":1", "1:x", "-1:1", "1:99999999999999999999999"):
            with self.subTest(text=text):
                answer = self.client.get("/v1/popular", {"Freshet-Wait-For": text})
                self.assertEqual(answer.status, 400)
                self.assertIn("Freshet-Wait-For", answer.message)


class LogTest(ApiTest):
    def test_a_hangup_does_not_end_the_daemon(self):
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "SIGHUP is ignored" in self.daemon.log(), "the line about SIGHUP")
        self.learn("ann", "tent")
        self.assertEqual(self.daemon.terminate(), 0)

    def test_deletes_refusals_and_settings_leave_lines(self):
        self.learn("ann", "tent")
        self.assertEqual(self.client.delete("/v1/users/ann").status, 200)
        self.assertEqual(self.client.put_events("", "", event("tent")).status, 400)
        wait_until(lambda: "refused with 400: POST /events" in self.daemon.log(), "the refusal")
        self.assertIn("deleted by request: DELETE /v1/users/ann", self.daemon.log())
        self.assertIn("settings not at their default: ", self.daemon.log())


class OperationsTest(ApiTest):
    def test_status_counts_what_was_learned(self):
        self.learn("ann", "tent", "stove")
        status = self.get("/v1/status")
        self.assertTrue(status["ready"])
        self.assertEqual({name: status["counts"][name] for name in ("users", "items", "events")},
                         {"users": 1, "items": 2, "events": 2})
        self.assertIn("user-personalization", status["campaigns"])
        wait_until(lambda: self.get("/v1/status")["checkpoints"]["count"] > 0, "a checkpoint")
        self.assertTrue(self.get("/healthz"))
        self.assertTrue(self.get("/readyz")["ready"])

    def test_metrics_are_well_formed_and_count(self):
        self.learn("ann", "tent", "stove")
        self.client.put_events("bob", "s", event("tent"))
        self.client.recommend("similar-items", itemId="tent")
        self.client.get("/v1/nothing")
        answer = self.client.get("/metrics")
        self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
        metrics = Metrics(answer.body.decode())
        self.assertEqual(metrics.value("freshet_ready"), 1)
        self.assertEqual(metrics.total("freshet_learned_events"), 3)
        self.assertEqual(metrics.total("freshet_event_to_effect_seconds_count"), 2)
        self.assertEqual(metrics.total("freshet_acknowledged_entries_total"), 3)
        self.assertEqual(metrics.total("freshet_query_seconds_count"), 1)
        self.assertEqual(metrics.value("freshet_http_requests_total", path="other", status="404"),
                         1)

    def test_the_openapi_file_lists_every_path_that_answers(self):
        document = self.get("/openapi.json")
        self.assertTrue(document["openapi"].startswith("3."))
        answering = {"/events": "post", "/items": "post", "/users": "post",
                     "/recommendations": "post", "/personalize-ranking": "post",
                     "/v1/recommendations": "get", "/v1/items/{id}/similar": "get",
                     "/v1/trending": "get", "/v1/popular": "get", "/v1/events": "post",
                     "/v1/items/{id}": "get", "/v1/users/{id}": "get", "/v1/users": "get",
                     "/v1/campaigns": "get", "/v1/generations": "get", "/v1/status": "get",
                     "/healthz": "get", "/readyz": "get", "/metrics": "get",
                     "/openapi.json": "get"}
        for path, method in answering.items():
            self.assertIn(path, document["paths"])
            self.assertIn(method, document["paths"][path])
        for path, operations in document["paths"].items():
            for method in operations:
                if method not in ("get", "put", "post", "delete"):
                    continue
                with self.subTest(path=path, method=method):
                    body = "{}" if method in ("put", "post") else None
                    answer = self.client.request(method.upper(), path.replace("{id}", "x"), body)
                    if answer.status == 404:
                        self.assertNotIn("nothing at", answer.message)
                    self.assertNotIn(answer.status, (405, 500))


if __name__ == "__main__":
    main()
