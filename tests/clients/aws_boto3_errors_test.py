"""boto3 against the real daemon: every error by its exception's name, and safe retries."""

import http.server
import json
import threading

import botocore.exceptions

from boto_case import CAMPAIGN, NOW, BotoTest, make_client
from daemon_process import dump, main
from http_client import ARN


class ErrorsTest(BotoTest):
    def setUp(self):
        super().setUp()
        # What botocore itself would refuse must be refused by the server too.
        self.events = make_client("personalize-events", self.daemon.port,
                                  parameter_validation=False)
        self.runtime = make_client("personalize-runtime", self.daemon.port,
                                   parameter_validation=False)
        self.put("ann", "tent")

    def assert_invalid(self, client, call, *words):
        with self.assertRaises(client.exceptions.InvalidInputException) as caught:
            call()
        response = caught.exception.response
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertTrue(response["ResponseMetadata"]["RequestId"])
        for word in words:
            self.assertIn(word, response["Error"]["Message"])

    def assert_bad_event(self, event, *words, **body):
        request = {"trackingId": "tracker", "sessionId": "s", "eventList": [
            {"eventType": "view", "itemId": "tent", "sentAt": NOW, **event}], **body}
        self.assert_invalid(self.events, lambda: self.events.put_events(**request), *words)

    def test_event_limits(self):
        one = {"eventType": "view", "itemId": "tent", "sentAt": NOW}
        self.assert_bad_event({}, "eventList", "10", eventList=[one] * 11)
        self.assert_bad_event({}, "eventList", eventList=[])
        self.assert_bad_event({}, "trackingId", trackingId="")
        self.assert_bad_event({}, "sessionId", "256", sessionId="s" * 257)
        self.assert_bad_event({}, "userId", "256", userId="u" * 257)
        self.assert_bad_event({"impression": ["tent"] * 26}, "impression", "25")
        self.assert_bad_event({"itemId": "i" * 257}, "itemId", "256")
        self.assert_bad_event({"itemId": ""}, "itemId")
        self.assert_bad_event({"eventType": ""}, "eventType")
        self.assert_bad_event({"eventType": "t" * 257}, "eventType", "256")
        self.assert_bad_event({"eventId": "e" * 257}, "eventId", "256")
        self.assert_bad_event({"recommendationId": "R" * 41}, "recommendationId", "40")
        self.assert_bad_event({"properties": json.dumps({"k": "v" * 1024})}, "properties", "1024")
        self.assert_bad_event({"properties": "{not json"}, "Error parsing properties json")
        self.assert_bad_event({"properties": json.dumps({"timestamp": 1})}, "timestamp")

    def test_a_refused_put_leaves_nothing_behind(self):
        good = {"eventType": "view", "itemId": "stove", "sentAt": NOW}
        self.assert_bad_event({}, "eventType", eventList=[good, {**good, "eventType": ""}])
        self.assertNotIn('"stove"', self.stop_and_dump(self.daemon))

    def test_dataset_limits(self):
        items = ARN + "dataset/shop/ITEMS"
        users = ARN + "dataset/shop/USERS"
        put_items, put_users = self.events.put_items, self.events.put_users
        self.assert_invalid(self.events, lambda: put_items(
            datasetArn=items, items=[{"itemId": f"i{n}"} for n in range(11)]), "items", "10")
        self.assert_invalid(self.events, lambda: put_users(
            datasetArn=users, users=[{"userId": f"u{n}"} for n in range(11)]), "users", "10")
        self.assert_invalid(self.events, lambda: put_items(
            datasetArn=items, items=[{"itemId": "i", "properties": json.dumps(
                {"text": "x" * 32000})}]), "properties", "32000")
        self.assert_invalid(self.events, lambda: put_users(
            datasetArn=users, users=[{"userId": "u", "properties": json.dumps(
                {"text": "x" * 24000})}]), "properties", "24000")

    def test_recommendation_limits(self):
        get = self.runtime.get_recommendations
        arn = CAMPAIGN + "user-personalization"
        self.assert_invalid(self.runtime, lambda: get(campaignArn=arn, userId="u", numResults=501),
                            "numResults", "500")
        self.assert_invalid(self.runtime, lambda: get(campaignArn=arn, userId="u", numResults=-1),
                            "numResults")
        self.assert_invalid(self.runtime, lambda: get(campaignArn=arn, userId="u" * 257),
                            "userId", "256")
        self.assert_invalid(self.runtime, lambda: get(
            campaignArn=CAMPAIGN + "similar-items", itemId="i" * 257), "itemId", "256")
        self.assert_invalid(self.runtime, lambda: get(userId="u"), "campaignArn")
        self.assert_invalid(self.runtime, lambda: get(
            campaignArn=arn, userId="u", context={f"K{n}": "v" for n in range(151)}),
            "context", "150")

    def test_ranking_limits(self):
        rank = self.runtime.get_personalized_ranking
        arn = CAMPAIGN + "personalized-ranking"
        self.assert_invalid(self.runtime, lambda: rank(
            campaignArn=arn, userId="u", inputList=[f"i{n}" for n in range(501)]),
            "inputList", "500")
        self.assert_invalid(self.runtime, lambda: rank(
            campaignArn=arn, userId="u", inputList=["i" * 257]), "inputList", "256")
        self.assert_invalid(self.runtime, lambda: rank(campaignArn=arn, inputList=["tent"]),
                            "userId")

    def test_unknown_campaigns_are_not_found(self):
        not_found = self.runtime.exceptions.ResourceNotFoundException
        with self.assertRaises(not_found) as caught:
            self.runtime.get_recommendations(campaignArn=CAMPAIGN + "no-such", userId="u")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 404)
        self.assertIn("no-such", str(caught.exception))
        with self.assertRaises(not_found):
            self.runtime.get_personalized_ranking(campaignArn=CAMPAIGN + "no-such", userId="u",
                                                  inputList=["tent"])

    def test_after_all_errors_the_state_is_what_it_was(self):
        for test in (self.test_event_limits, self.test_dataset_limits,
                     self.test_recommendation_limits, self.test_ranking_limits):
            test()
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertRegex(dump(self.daemon.data), r"(?m)^clock \d+ events 1$")


class OneFailureProxy(http.server.BaseHTTPRequestHandler):
    """Answers the first request with 503 after the daemon has taken it: a lost acknowledgement."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.upstream.post(self.path, body)
        self.server.requests += 1
        status, content = answer.status, answer.body
        if self.server.requests == 1:
            status, content = 503, b'{"message":"the answer was lost"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored):
        pass


class RetriesTest(BotoTest):
    def test_a_retried_put_with_an_event_id_counts_once(self):
        proxy = http.server.HTTPServer(("127.0.0.1", 0), OneFailureProxy)
        self.addCleanup(proxy.server_close)
        proxy.upstream = self.connect(self.daemon)
        proxy.requests = 0
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(proxy.shutdown)
        retrying = make_client("personalize-events", proxy.server_port,
                               retries={"max_attempts": 3, "mode": "standard"})
        retrying.put_events(trackingId="tracker", userId="ann", sessionId="s", eventList=[
            {"eventId": "once", "eventType": "view", "itemId": "tent", "sentAt": NOW}])
        self.assertEqual(proxy.requests, 2)
        self.assertRegex(self.stop_and_dump(self.daemon), r"(?m)^clock \d+ events 1$")

    def test_a_daemon_that_is_away_is_a_connection_error_and_then_works_again(self):
        self.daemon.terminate()
        with self.assertRaises(botocore.exceptions.EndpointConnectionError):
            self.put("ann", "tent")
        self.daemon.start()
        self.put("ann", "tent")
        self.assertEqual(self.recommend(userId="nobody"), ["tent"])


if __name__ == "__main__":
    main()
