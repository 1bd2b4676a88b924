"""Freshet's own endpoints: bulk events, answers, and the records of items and users."""

import json

from api_case import ApiTest
from daemon_process import main
from http_client import ARN, event, quoted

LINE = {"userId": "ann", **event("tent")}


class BulkTest(ApiTest):
    def test_every_good_line_is_learned_and_every_bad_one_named(self):
        answer = self.client.bulk([
            LINE,
            "{broken",
            {**LINE, "itemId": ""},
            "",
            {**LINE, "itemId": "stove"},
            {**LINE, "userId": None},
            {**LINE, "sentAt": -1},
            "[]",
            {"userId": "ann", "itemId": "lamp", "eventType": "view"},
        ])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["accepted"], 3)
        self.assertEqual([failed["line"] for failed in answer.json["failed"]], [2, 3, 6, 7, 8])
        self.assertEqual(answer.json["failedCount"], 5)
        for failed, word in zip(answer.json["failed"],
                                ("", "itemId", "userId", "sentAt", "array")):
            self.assertIn(word, failed["error"])
        self.assertEqual(set(self.ids("/v1/items/tent/similar")), {"stove", "lamp"})

    def test_a_body_without_one_good_line_is_400(self):
        answer = self.client.bulk(["{broken", "also broken"])
        self.assertEqual(answer.status, 400)
        self.assertIn("line 1", answer.message)
        self.assertEqual(self.client.bulk([]).status, 400)

    def test_an_array_and_a_single_event_are_taken_as_json(self):
        self.assertEqual(self.client.post("/v1/events", [LINE, {**LINE, "itemId": "stove"}]).status,
                         200)
        self.assertEqual(self.client.post("/v1/events", {**LINE, "itemId": "lamp"}).status, 200)
        self.assertEqual(set(self.ids("/v1/items/tent/similar")), {"stove", "lamp"})

    def test_more_lines_than_the_limit_are_refused_as_a_whole(self):
        self.daemon.terminate()
        self.daemon.settings["server.maximum_bulk_lines"] = 10
        self.daemon.start()
        answer = self.client.bulk([LINE] * 11)
        self.assertEqual(answer.status, 400)
        self.assertIn("10", answer.message)
        self.assertEqual(self.client.bulk([LINE] * 10).json["accepted"], 10)

    def test_windows_line_ends_and_a_missing_last_one_do_no_harm(self):
        text = '{"userId":"ann","itemId":"tent","eventType":"view"}\r\n' \
               '{"userId":"ann","itemId":"stove","eventType":"view"}'
        answer = self.client.post("/v1/events", text, {"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.json["accepted"], 2, answer)

    def test_an_event_id_counts_once_wherever_it_comes_from(self):
        once = {**LINE, "eventId": "e1"}
        self.client.bulk([once, once])
        self.client.bulk([once])
        self.client.put_events("ann", "s", event("tent", eventId="e1"))
        status = self.get("/v1/status")
        self.assertEqual(status["counts"]["events"], 1)
        self.assertEqual(status["entries"]["duplicates"], 3)
        self.daemon.kill()
        self.daemon.start()
        self.client.bulk([once])
        self.assertEqual(self.get("/v1/status")["counts"]["events"], 1, "after a crash too")

    def test_a_large_batch_is_applied_whole_before_the_answer(self):
        lines = [{"userId": f"u{n % 100}", **event(f"i{n % 1000}")} for n in range(20_000)]
        self.assertEqual(self.client.bulk(lines).json["accepted"], len(lines))
        self.assertEqual(self.get("/v1/status")["counts"]["events"], len(lines))


class RecommendTest(ApiTest):
    def test_the_users_own_event_and_other_users_show_at_once(self):
        self.learn("ann", "tent", "stove")
        self.learn("bob", "tent")
        self.assertEqual(self.ids("/v1/recommendations?user=bob&n=1"), ["stove"])
        self.assertNotIn("tent", self.ids("/v1/recommendations?user=bob"))
        self.assertEqual(self.ids("/v1/items/tent/similar?n=1"), ["stove"])
        self.learn("ann", "lamp")
        self.assertIn("lamp", self.ids("/v1/recommendations?user=bob"))

    def test_an_anonymous_session_gets_its_own_answer(self):
        self.learn("ann", "tent", "stove")
        self.client.bulk([{"sessionId": "visit", **event("tent")}])
        self.assertEqual(self.ids("/v1/recommendations?session=visit&n=1"), ["stove"])

    def test_nobody_is_never_answered_with_nothing(self):
        self.learn("ann", "tent", "stove")
        self.learn("bob", "stove")
        for path in ("/v1/recommendations", "/v1/recommendations?user=nobody",
                     "/v1/recommendations?session=none", "/v1/items/nothing/similar",
                     "/v1/popular", "/v1/trending"):
            with self.subTest(path=path):
                self.assertEqual(set(self.ids(path)), {"tent", "stove"})
        self.assertEqual(self.ids("/v1/popular"), ["stove", "tent"])
        self.assertEqual(self.ids("/v1/recommendations?user=ann"), ["tent"],
                         "all but the item the visitor is at")

    def test_a_category_is_all_that_a_restricted_answer_has(self):
        for item, category in (("tent", "camp"), ("stove", "camp"), ("soap", "bath")):
            self.client.put(f"/v1/items/{item}", {"category": category})
        self.learn("ann", "tent", "stove", "soap")
        self.assertEqual(self.ids("/v1/recommendations?user=nobody&category=bath"), ["soap"])
        self.assertEqual(set(self.ids("/v1/popular?category=camp")), {"tent", "stove"})
        self.assertEqual(self.ids("/v1/items/tent/similar?category=camp"), ["stove"])
        self.assertEqual(self.ids("/v1/popular?category=garden"), [])

    def test_an_explanation_names_the_item_that_argued(self):
        self.learn("ann", "tent", "stove")
        self.learn("bob", "tent")
        plain = self.get("/v1/recommendations?user=bob&n=1")["items"][0]
        self.assertNotIn("because", plain)
        told = self.get("/v1/recommendations?user=bob&n=1&explain=1")["items"][0]
        self.assertEqual(told["because"], "tent")
        self.assertTrue(told["features"])

    def test_bought_together_counts_purchases_of_one_session(self):
        self.client.put_events("ann", "s1", event("tent", "purchase"), event("peg", "purchase"))
        self.client.put_events("ann", "s2", event("lamp", "purchase"))
        self.client.put_events("ann", "s1", event("stove", "view"))
        answer = self.get("/v1/items/tent/similar?campaign=bought-together")["items"]
        self.assertEqual([item["itemId"] for item in answer if "score" in item], ["peg"])

    def test_parameters_that_nobody_knows_are_refused(self):
        answer = self.client.get("/v1/recommendations?usr=ann")
        self.assertEqual(answer.status, 400)
        self.assertIn("usr", answer.message)

    def test_any_id_can_be_written_in_a_path(self):
        for name in ("a b", "a/b", "50%", "\u00e9\U0001f3d5", "a?b#c", "..", "similar", "a+b", '"'):
            with self.subTest(name=name):
                self.learn(f"friend of {name}", name, f"beside {name}")
                self.assertEqual(self.ids(f"/v1/items/{quoted(name)}/similar?n=1"),
                                 [f"beside {name}"])
                self.assertEqual(self.get(f"/v1/items/{quoted(name)}")["itemId"], name)
                user = self.get(f"/v1/users/{quoted('friend of ' + name)}")
                self.assertEqual(user["userId"], f"friend of {name}")


class RecordsTest(ApiTest):
    def test_an_item_is_put_read_and_deleted(self):
        self.get("/v1/items/tent", 404)
        answer = self.client.put("/v1/items/tent", {"genres": "a|b", "price": 9.5, "adult": False,
                                                    "tags": ["x", "y"], "none": None})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.get("/v1/items/tent")["metadata"],
                         {"genres": "a|b", "price": 9.5, "adult": False, "tags": "x|y"})
        self.client.put("/v1/items/tent", {"price": 3})
        self.assertEqual(self.get("/v1/items/tent")["metadata"], {"price": 3}, "a full replace")
        self.assertEqual(self.client.delete("/v1/items/tent").status, 200)
        self.get("/v1/items/tent", 404)
        self.assertEqual(self.client.delete("/v1/items/tent").status, 404)

    def test_metadata_that_is_asked_for_comes_with_the_answer(self):
        self.client.put_items({"itemId": "tent", "properties": json.dumps(
            {"genres": "a|b", "creationTimestamp": 1500000000, "price": 9.5, "adult": True})})
        answer = self.client.post("/recommendations", {
            "campaignArn": ARN + "campaign/popularity-count",
            "metadataColumns": {"ITEMS": ["GENRES", "creationTimestamp", "PRICE", "ADULT", "X"]}})
        self.assertEqual(answer.json["itemList"][0]["metadata"],
                         {"genres": "a|b", "creationTimestamp": "1500000000", "price": "9.5",
                          "adult": "true"})

    def test_a_deleted_item_is_gone_from_the_very_next_answer_and_from_disk(self):
        self.learn("ann", "tent", "secret", "stove")
        self.learn("bob", "tent")
        self.assertIn("secret", self.ids("/v1/items/tent/similar"))
        self.client.delete("/v1/items/secret")
        for path in ("/v1/items/tent/similar", "/v1/recommendations?user=bob", "/v1/popular",
                     "/v1/trending", "/v1/recommendations?user=ann"):
            with self.subTest(path=path):
                self.assertNotIn("secret", self.ids(path))
        self.assertNotIn("secret", self.client.get("/v1/users/ann").body.decode())
        self.assertNotIn("secret", self.stop_and_dump(self.daemon))

    def test_a_deleted_user_is_gone_and_so_is_what_only_they_taught(self):
        self.learn("ann", "tent", "stove")
        self.learn("bob", "tent", "lamp")
        self.assertEqual(self.client.delete("/v1/users/ann").status, 200)
        self.get("/v1/users/ann", 404)
        answer = self.get("/v1/items/tent/similar")["items"]
        self.assertEqual([item["itemId"] for item in answer if "score" in item], ["lamp"])
        self.assertNotIn('"ann"', self.stop_and_dump(self.daemon))

    def test_a_user_is_put_read_and_has_a_history(self):
        self.client.put("/v1/users/ann", {"age": 33})
        self.learn("ann", "tent")
        self.learn("ann", "stove", event_type="purchase", sent_at=1_700_000_100)
        user = self.get("/v1/users/ann")
        self.assertEqual(user["metadata"], {"age": 33})
        self.assertEqual([(did["itemId"], did["weight"], did["time"]) for did in user["history"]],
                         [("stove", 5, 1_700_000_100), ("tent", 1, 1_700_000_000)])
        self.assertEqual(len(self.get("/v1/users/ann?n=1")["history"]), 1)

    def test_bad_records_are_refused(self):
        for body in ("{", "[]", '{"a": {"b": 1}}', '{"a": [{"b": 1}]}'):
            with self.subTest(body=body):
                self.assertEqual(self.client.put("/v1/items/tent", body).status, 400)
        self.get("/v1/items/tent", 404)


if __name__ == "__main__":
    main()
