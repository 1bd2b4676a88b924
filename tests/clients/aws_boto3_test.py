"""boto3 against the real daemon: an application moves over by its endpoint alone."""

import datetime
import json

from boto_case import CAMPAIGN, NOW, BotoTest, members_of
from daemon_process import main
from http_client import ARN

RECOMMENDATION_ID = r"^RID-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


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
        self.assertEqual(set(self.recommend(userId="carol")), {"tent", "stove"})

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


if __name__ == "__main__":
    main()
