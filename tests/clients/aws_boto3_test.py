"""boto3, unmodified, against the real daemon: an application moves over by its endpoint alone."""

import datetime
import http.server
import json
import threading

import boto3
import botocore.config
import botocore.exceptions

from daemon_process import DEADLINE_SECONDS, FreshetTest, dump, main
from http_client import ARN

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
CAMPAIGN = ARN + "campaign/"
RECOMMENDATION_ID = r"^RID-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def make_client(service, port, **config):
    settings = {"retries": {"max_attempts": 0}, "read_timeout": DEADLINE_SECONDS, **config}
    return boto3.client(
        service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
        config=botocore.config.Config(**settings))


def members_of(client, operation):
    return client.meta.service_model.operation_model(operation).input_shape.members


class BotoTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon()
        self.events = make_client("personalize-events", self.daemon.port)
        self.runtime = make_client("personalize-runtime", self.daemon.port)

    def put(self, user, *items, session=None, event_type="view"):
        for item in items:
            self.events.put_events(
                trackingId="tracker", userId=user, sessionId=session or f"session of {user}",
                eventList=[{"eventType": event_type, "itemId": item, "sentAt": NOW}])

    def recommend(self, campaign="user-personalization", **members):
        answer = self.runtime.get_recommendations(campaignArn=CAMPAIGN + campaign, **members)
        return [item["itemId"] for item in answer["itemList"]]


class AnswersTest(BotoTest):
    def test_an_event_is_in_the_next_answer_for_its_user_and_for_everyone(self):
        self.put("ann", "tent", "stove")
        self.assertEqual(self.recommend("similar-items", itemId="tent"), ["stove"])
        self.put("bob", "tent")
        answer = self.recommend(userId="bob")
        self.assertEqual(answer[0], "stove")
        self.assertNotIn("tent", answer, "what bob has just seen")
        self.put("ann", "lamp")
        self.assertIn("lamp", self.recommend("similar-items", itemId="tent"))
        self.assertIn("lamp", self.recommend(userId="bob"))

    def test_put_answers_200_with_an_empty_body_and_a_request_id(self):
        answer = self.events.put_events(
            trackingId="tracker", sessionId="s",
            eventList=[{"eventType": "view", "itemId": "tent", "sentAt": NOW}])
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.assertEqual(answer["ResponseMetadata"]["HTTPHeaders"].get("content-length"), "0")
        self.assertTrue(answer["ResponseMetadata"]["RequestId"])

    def test_recommendation_ids_have_personalizes_form(self):
        self.put("ann", "tent", "stove")
        first = self.runtime.get_recommendations(campaignArn=CAMPAIGN + "similar-items",
                                                 itemId="tent")
        second = self.runtime.get_recommendations(campaignArn=CAMPAIGN + "similar-items",
                                                  itemId="tent")
        self.assertRegex(first["recommendationId"], RECOMMENDATION_ID)
        self.assertNotEqual(first["recommendationId"], second["recommendationId"])
        self.assertTrue(first["ResponseMetadata"]["RequestId"])

    def test_every_member_of_an_event_is_taken(self):
        event = {"eventId": "e-1", "eventType": "purchase", "eventValue": 9.5, "itemId": "tent",
                 "properties": json.dumps({"discount": True, "numRatings": 12}), "sentAt": NOW,
                 "recommendationId": "RID-279bc670-9f3a-4633-b670-1183fd50c323",
                 "impression": ["tent", "stove"]}
        element = members_of(self.events, "PutEvents")["eventList"].member.members
        if "metricAttribution" in element:
            event["metricAttribution"] = {"eventAttributionSource": "newsletter"}
        self.events.put_events(trackingId="tracker", userId="ann", sessionId="s", eventList=[event])
        self.assertEqual(self.recommend(userId="nobody"), ["tent"])

    def test_item_and_value_may_stand_inside_properties(self):
        self.put("ann", "stove")
        self.events.put_events(
            trackingId="tracker", userId="ann", sessionId="s",
            eventList=[{"eventType": "view", "sentAt": NOW,
                        "properties": json.dumps({"itemId": "tent", "eventValue": "true"})}])
        self.assertEqual(self.recommend("similar-items", itemId="tent"), ["stove"])

    def test_a_time_in_the_future_is_taken(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)
        self.events.put_events(
            trackingId="tracker", userId="ann", sessionId="s",
            eventList=[{"eventType": "view", "itemId": "tent", "sentAt": soon}])
        self.assertEqual(self.recommend(userId="nobody"), ["tent"])

    def test_an_anonymous_session_is_known_by_its_id_and_joins_its_user(self):
        self.put("ann", "tent", "stove")
        self.events.put_events(
            trackingId="tracker", sessionId="visit-1",
            eventList=[{"eventType": "view", "itemId": "tent", "sentAt": NOW}])
        self.assertEqual(self.recommend(userId="visit-1"), ["stove"])
        self.put("carol", "lamp", session="visit-1")
        self.assertEqual(self.recommend(userId="carol"), ["stove"])

    def test_unknown_users_and_items_get_what_is_popular(self):
        self.put("ann", "tent", "stove")
        self.put("bob", "stove")
        self.assertEqual(self.recommend(userId="never seen"), ["stove", "tent"])
        self.assertEqual(self.recommend("similar-items", itemId="never seen"), ["stove", "tent"])
        self.assertEqual(self.recommend("popularity-count", userId="never seen"), ["stove", "tent"])
        self.assertEqual(set(self.recommend("trending-now")), {"stove", "tent"})

    def test_num_results_limits_the_answer(self):
        for number in range(30):
            self.put("ann", f"item-{number}")
        self.assertEqual(len(self.recommend("popularity-count")), 25, "the default")
        self.assertEqual(len(self.recommend("popularity-count", numResults=7)), 7)
        self.assertEqual(len(self.recommend("popularity-count", numResults=500)), 30)

    def test_scores_are_shown_where_personalize_shows_them(self):
        self.put("ann", "tent", "stove", "lamp")
        self.put("bob", "tent")
        personal = self.runtime.get_recommendations(
            campaignArn=CAMPAIGN + "user-personalization", userId="bob")["itemList"]
        self.assertAlmostEqual(sum(item["score"] for item in personal), 1.0, places=4)
        similar = self.runtime.get_recommendations(campaignArn=CAMPAIGN + "similar-items",
                                                   itemId="tent")["itemList"]
        self.assertTrue(all("score" not in item for item in similar))

    def test_a_recommender_arn_names_a_campaign_too(self):
        if "recommenderArn" not in members_of(self.runtime, "GetRecommendations"):
            self.skipTest("this boto3 does not know recommenderArn")
        self.put("ann", "tent", "stove")
        answer = self.runtime.get_recommendations(recommenderArn=ARN + "recommender/similar-items",
                                                  itemId="tent")
        self.assertEqual([item["itemId"] for item in answer["itemList"]], ["stove"])


class RankingTest(BotoTest):
    def rank(self, user, items):
        answer = self.runtime.get_personalized_ranking(
            campaignArn=CAMPAIGN + "personalized-ranking", userId=user, inputList=items)
        self.assertTrue(answer["recommendationId"].startswith("RID-"))
        return answer["personalizedRanking"]

    def test_known_items_come_first_and_unknown_ones_keep_their_place_without_a_score(self):
        self.put("ann", "tent", "stove")
        self.put("carol", "soap")
        self.put("bob", "tent")
        ranking = self.rank("bob", ["ghost-2", "soap", "stove", "ghost-1"])
        self.assertEqual([item["itemId"] for item in ranking],
                         ["stove", "soap", "ghost-2", "ghost-1"])
        self.assertGreater(ranking[0]["score"], 0)
        self.assertNotIn("score", ranking[2])
        self.assertNotIn("score", ranking[3])

    def test_the_next_ranking_knows_the_last_event(self):
        self.put("ann", "tent", "stove")
        self.put("carol", "soap", "towel")
        self.put("bob", "soap")
        self.assertEqual(self.rank("bob", ["stove", "towel"])[0]["itemId"], "towel")
        self.put("dave", "tent")
        self.assertEqual(self.rank("dave", ["towel", "stove"])[0]["itemId"], "stove")

    def test_an_unknown_user_gets_every_item_back(self):
        self.put("ann", "tent", "stove")
        ranking = self.rank("never seen", ["stove", "tent"])
        self.assertEqual({item["itemId"] for item in ranking}, {"stove", "tent"})


class MetadataTest(BotoTest):
    def put_items(self, *items):
        self.events.put_items(datasetArn=ARN + "dataset/shop/ITEMS", items=list(items))

    def test_a_put_item_can_be_recommended_before_its_first_event(self):
        self.put_items({"itemId": "tent", "properties": json.dumps({"genres": "outdoor|sleep"})})
        self.assertEqual(self.recommend(userId="nobody"), ["tent"])

    def test_put_items_and_users_store_their_properties(self):
        self.put_items({"itemId": "tent", "properties": json.dumps({"categoryL1": "out|door"})},
                       {"itemId": "lamp"})
        self.events.put_users(datasetArn=ARN + "dataset/shop/USERS", users=[
            {"userId": "ann", "properties": json.dumps({"membershipType": "gold"})}])
        state = self.stop_and_dump(self.daemon)
        self.assertRegex(state, r'item "tent".* CATEGORY_L1="out\|door"')
        self.assertRegex(state, r'item "lamp"')
        self.assertRegex(state, r'user "ann".* MEMBERSHIP_TYPE="gold"')

    def test_a_second_put_replaces_the_whole_record(self):
        self.put_items({"itemId": "tent", "properties": json.dumps({"price": 5, "brand": "b"})})
        self.put_items({"itemId": "tent", "properties": json.dumps({"price": 6})})
        state = self.stop_and_dump(self.daemon)
        self.assertIn("PRICE=6", state)
        self.assertNotIn("BRAND", state)

    def test_metadata_comes_back_in_camel_case(self):
        if "metadataColumns" not in members_of(self.runtime, "GetRecommendations"):
            self.skipTest("this boto3 does not know metadataColumns")
        self.put_items({"itemId": "tent", "properties": json.dumps(
            {"genres": "a|b", "creationTimestamp": 1500000000, "price": 9.5})})
        answer = self.runtime.get_recommendations(
            campaignArn=CAMPAIGN + "popularity-count",
            metadataColumns={"ITEMS": ["GENRES", "CREATION_TIMESTAMP"]})
        self.assertEqual(answer["itemList"][0]["metadata"],
                         {"genres": "a|b", "creationTimestamp": "1500000000"})


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
