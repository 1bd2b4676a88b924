"""Bad requests: each is refused with the member and the limit it breaks, and nothing changes.

Tables say what is sent and which words the message must have. A body that is just within its limit
stands beside each that is beyond, so that no limit is off by one.
"""

import json

from daemon_process import FreshetTest, main
from http_client import ARN, event, quoted

LONG = "x" * 256
TOO_LONG = "x" * 257
# 256 and 258 bytes in half as many characters: limits count bytes.
WIDE = "\u00e9" * 128
TOO_WIDE = "\u00e9" * 129


def put_events(**members):
    return {"trackingId": "t", "userId": "u", "sessionId": "s", "eventList": [event("tent")],
            **members}


def one_event(**members):
    return put_events(eventList=[event("tent", **members)])


def without(body, *path):
    *parents, last = path
    copy = json.loads(json.dumps(body))
    place = copy
    for step in parents:
        place = place[step]
    del place[last]
    return copy


def properties(size):
    """A JSON object of `size` bytes as text."""
    return json.dumps({"k": "v" * (size - len('{"k": ""}'))})


BROKEN_JSON = [b"", b" ", b"{", b"[]", b"null", b'"text"', b"1", b'{"trackingId":}', b"{}x",
               b'{"a":1,}', b"{'a':1}", b"\x00\x01\x02", b"[" * 10_000, b'{"a":' * 10_000]

BAD_EVENTS = [
    (without(put_events(), "trackingId"), ["trackingId"]),
    (without(put_events(), "sessionId"), ["sessionId"]),
    (without(put_events(), "eventList"), ["eventList"]),
    (without(put_events(), "eventList", 0, "eventType"), ["eventType"]),
    (without(put_events(), "eventList", 0, "sentAt"), ["sentAt"]),
    (without(put_events(), "eventList", 0, "itemId"), ["itemId"]),
    (put_events(trackingId=""), ["trackingId"]),
    (put_events(trackingId=TOO_LONG), ["trackingId", "256"]),
    (put_events(trackingId=5), ["trackingId"]),
    (put_events(userId=""), ["userId"]),
    (put_events(userId=TOO_LONG), ["userId", "256"]),
    (put_events(userId=TOO_WIDE), ["userId", "256"]),
    (put_events(userId=["u"]), ["userId"]),
    (put_events(sessionId=""), ["sessionId"]),
    (put_events(sessionId=TOO_LONG), ["sessionId", "256"]),
    (put_events(sessionId={"s": 1}), ["sessionId"]),
    (put_events(eventList=[]), ["eventList"]),
    (put_events(eventList=[event("tent")] * 11), ["eventList", "10"]),
    (put_events(eventList={}), ["eventList"]),
    (put_events(eventList="tent"), ["eventList"]),
    (put_events(eventList=["tent"]), ["eventList"]),
    (put_events(eventList=[event("tent"), event("")]), ["itemId"]),
    (one_event(eventType=""), ["eventType"]),
    (one_event(eventType=TOO_LONG), ["eventType", "256"]),
    (one_event(eventType=1), ["eventType"]),
    (one_event(itemId=TOO_LONG), ["itemId", "256"]),
    (one_event(itemId=TOO_WIDE), ["itemId", "256"]),
    (one_event(itemId=7), ["itemId"]),
    (one_event(eventId=TOO_LONG), ["eventId", "256"]),
    (one_event(eventId=""), ["eventId"]),
    (one_event(eventValue="much"), ["eventValue"]),
    (one_event(eventValue=[1]), ["eventValue"]),
    (one_event(sentAt=-1), ["sentAt", "1970"]),
    (one_event(sentAt=-0.001), ["sentAt", "1970"]),
    (one_event(sentAt=253402300800), ["sentAt", "9999"]),
    (one_event(sentAt=1e300), ["sentAt", "9999"]),
    (one_event(sentAt="1969-12-31T23:59:59Z"), ["sentAt", "1970"]),
    (one_event(sentAt="10000-01-01T00:00:00Z"), ["sentAt", "9999"]),
    (one_event(sentAt="yesterday"), ["sentAt"]),
    (one_event(sentAt=True), ["sentAt"]),
    (one_event(sentAt=[]), ["sentAt"]),
    (one_event(recommendationId="R" * 41), ["recommendationId", "40"]),
    (one_event(impression=[]), ["impression"]),
    (one_event(impression=["tent"] * 26), ["impression", "25"]),
    (one_event(impression=[TOO_LONG]), ["impression", "256"]),
    (one_event(impression=[""]), ["impression"]),
    (one_event(impression=[1]), ["impression"]),
    (one_event(impression="tent"), ["impression"]),
    (one_event(properties=properties(1025)), ["properties", "1024"]),
    (one_event(properties="{"), ["Error parsing properties json"]),
    (one_event(properties="[]"), ["properties"]),
    (one_event(properties=5), ["properties"]),
    (one_event(properties='{"UserId": "u"}'), ["properties", "UserId"]),
    (one_event(properties='{"impression": "a"}'), ["properties", "impression"]),
    (one_event(metricAttribution={}), ["eventAttributionSource"]),
    (one_event(metricAttribution={"eventAttributionSource": "x" * 1025}),
     ["eventAttributionSource", "1024"]),
    (one_event(metricAttribution={"eventAttributionSource": "  "}), ["eventAttributionSource"]),
]

GOOD_EVENTS = [
    put_events(userId=LONG, sessionId=LONG, trackingId=LONG),
    put_events(userId=WIDE),
    put_events(eventList=[event("tent")] * 10),
    without(put_events(), "userId"),
    one_event(eventType=LONG, itemId=LONG, eventId=LONG),
    one_event(itemId=WIDE),
    one_event(itemId="a\tb\"c\\d\u0001\U0001f3d5"),
    one_event(recommendationId="R" * 40),
    one_event(impression=[LONG] * 25),
    one_event(properties=properties(1024)),
    one_event(metricAttribution={"eventAttributionSource": "x" * 1024}),
    one_event(sentAt=0), one_event(sentAt=253402300799), one_event(sentAt=1.7e9),
    one_event(sentAt=1553631760.75), one_event(sentAt="1553631760"),
    one_event(sentAt=1700000000123), one_event(sentAt="2026-01-02T03:04:05.678+01:00"),
    one_event(eventValue="4.5"), one_event(eventValue=-1), one_event(unknownMember={"a": [1]}),
]

ITEMS = ARN + "dataset/d/ITEMS"
USERS = ARN + "dataset/d/USERS"
BAD_ITEMS = [
    ({"items": [{"itemId": "a"}]}, ["datasetArn"]),
    ({"datasetArn": USERS, "items": [{"itemId": "a"}]}, ["datasetArn", "ITEMS"]),
    ({"datasetArn": ITEMS}, ["items"]),
    ({"datasetArn": ITEMS, "items": []}, ["items"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": "a"}] * 11}, ["items", "10"]),
    ({"datasetArn": ITEMS, "items": [{}]}, ["itemId"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": TOO_LONG}]}, ["itemId", "256"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": "a", "properties": properties(32001)}]},
     ["properties", "32000"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": "a", "properties": "{"}]}, ["properties"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": "a", "properties": '{"a": {"b": 1}}'}]},
     ["properties", "a"]),
    ({"datasetArn": ITEMS, "items": [{"itemId": "a", "properties": json.dumps(
        {f"column{n}": n for n in range(101)})}]}, ["properties", "100"]),
]
BAD_USERS = [
    ({"datasetArn": ITEMS, "users": [{"userId": "a"}]}, ["datasetArn", "USERS"]),
    ({"datasetArn": USERS, "users": [{"userId": "a"}] * 11}, ["users", "10"]),
    ({"datasetArn": USERS, "users": [{"userId": TOO_LONG}]}, ["userId", "256"]),
    ({"datasetArn": USERS, "users": [{"userId": "a", "properties": properties(24001)}]},
     ["properties", "24000"]),
]


def ask(**members):
    return {"campaignArn": ARN + "campaign/user-personalization", "userId": "u", **members}


BAD_QUERIES = [
    ({"userId": "u"}, ["campaignArn"]),
    (ask(campaignArn=5), ["campaignArn"]),
    (ask(campaignArn=""), ["campaignArn"]),
    (ask(userId=TOO_LONG), ["userId", "256"]),
    (ask(userId=5), ["userId"]),
    (ask(itemId=TOO_LONG), ["itemId", "256"]),
    (ask(numResults=501), ["numResults", "500"]),
    (ask(numResults=-1), ["numResults"]),
    (ask(numResults=1.5), ["numResults"]),
    (ask(numResults="10"), ["numResults"]),
    (ask(numResults=51, metadataColumns={"ITEMS": ["GENRES"]}), ["numResults", "50"]),
    (ask(metadataColumns={"ITEMS": [f"C{n}" for n in range(100)]}), ["metadataColumns"]),
    (ask(metadataColumns={"PEOPLE": ["GENRES"]}), ["metadataColumns"]),
    (ask(metadataColumns={"ITEMS": ["x" * 151]}), ["metadataColumns", "150"]),
    (ask(context={f"K{n}": "v" for n in range(151)}), ["context", "150"]),
    (ask(context=[]), ["context"]),
    (ask(campaignArn=ARN + "campaign/similar-items"), ["itemId"]),
]

RANK = {"campaignArn": ARN + "campaign/personalized-ranking", "userId": "u", "inputList": ["tent"]}
BAD_RANKINGS = [
    (without(RANK, "campaignArn"), ["campaignArn"]),
    (without(RANK, "userId"), ["userId"]),
    (without(RANK, "inputList"), ["inputList"]),
    ({**RANK, "inputList": [f"i{n}" for n in range(501)]}, ["inputList", "500"]),
    ({**RANK, "inputList": [TOO_LONG]}, ["inputList", "256"]),
    ({**RANK, "inputList": [""]}, ["inputList"]),
    ({**RANK, "inputList": "tent"}, ["inputList"]),
    ({**RANK, "inputList": [1]}, ["inputList"]),
]


class BadInputTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon()
        self.client = self.connect(self.daemon)
        self.assertEqual(self.client.put_events("ann", "s", event("tent")).status, 200)

    def assert_state_is_unchanged(self):
        """One event of one user about one item, as setUp left it, and it is still an answer."""
        self.assertEqual(self.client.recommend("popularity-count"), ["tent"])
        state = self.stop_and_dump(self.daemon)
        self.assertRegex(state, r"(?m)^clock 1700000000000 events 1$")
        self.assertEqual(state.count("\nitem "), 1, state)
        self.assertEqual(state.count("\nuser "), 1, state)
        self.assertEqual(state.count("\nvisitor "), 0, state)

    def assert_refused(self, path, body, words):
        answer = self.client.post(path, body)
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual(answer.headers.get("x-amzn-errortype"), "InvalidInputException")
        self.assertEqual(answer.json["__type"], "InvalidInputException")
        for word in words:
            self.assertIn(word, answer.message)

    def check_table(self, path, table):
        for body, words in table:
            with self.subTest(path=path, words=words, body=str(body)[:100]):
                self.assert_refused(path, body, words)

    def test_each_limit_of_the_wire_exceeded_by_one(self):
        self.check_table("/events", BAD_EVENTS)
        self.check_table("/items", BAD_ITEMS)
        self.check_table("/users", BAD_USERS)
        self.check_table("/recommendations", BAD_QUERIES)
        self.check_table("/personalize-ranking", BAD_RANKINGS)
        self.assert_state_is_unchanged()

    def test_just_within_each_limit_is_taken(self):
        for body in GOOD_EVENTS:
            with self.subTest(body=str(body)[:100]):
                self.assertEqual(self.client.post("/events", body).status, 200)
        answer = self.client.put_items({"itemId": LONG, "properties": properties(32000)})
        self.assertEqual(answer.status, 200, answer)
        answer = self.client.post("/users", {"datasetArn": USERS, "users": [
            {"userId": LONG, "properties": properties(24000)}]})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(self.client.recommend("popularity-count", numResults=500)), 4)
        ranking = self.client.post("/personalize-ranking", {
            **RANK, "inputList": [f"i{n}" for n in range(500)]})
        self.assertEqual(ranking.status, 200, ranking)

    def test_broken_json(self):
        for path in ("/events", "/items", "/users", "/recommendations", "/personalize-ranking"):
            for body in BROKEN_JSON:
                with self.subTest(path=path, body=body[:20]):
                    self.assert_refused(path, body, [])
        self.assert_state_is_unchanged()

    def test_nan_and_infinity_are_named(self):
        for text in ("NaN", "Infinity", "-Infinity", "1e999", '"nan"'):
            body = json.dumps(one_event()).replace('"sentAt"', f'"eventValue": {text}, "sentAt"')
            with self.subTest(text=text):
                self.assert_refused("/events", body, [])
            body = json.dumps(one_event()).replace("1700000000", text)
            with self.subTest(text=text, member="sentAt"):
                self.assert_refused("/events", body, [])
        self.assert_state_is_unchanged()

    def test_invalid_utf8(self):
        for bad in (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"):
            body = json.dumps(one_event(itemId="MARK")).encode().replace(b"MARK", b"a" + bad)
            with self.subTest(bad=bad):
                self.assert_refused("/events", body, [])
                path = "/v1/items/a" + "".join(f"%{byte:02x}" for byte in bad)
                self.assertEqual(self.client.put(path, {"price": 1}).status, 400)
                line = json.dumps({"userId": "u", **event("MARK")}).encode()
                answer = self.client.post("/v1/events", line.replace(b"MARK", b"a" + bad),
                                          {"Content-Type": "application/x-ndjson"})
                self.assertEqual([failed["line"] for failed in answer.json["failed"]], [1])
        self.assert_state_is_unchanged()

    def test_ids_in_paths_and_parameters_have_the_same_limit(self):
        for name in ("items", "users"):
            answer = self.client.put(f"/v1/{name}/{quoted(TOO_WIDE)}", {"price": 1})
            self.assertEqual(answer.status, 400, answer)
            self.assertIn("256", answer.message)
            self.assertEqual(self.client.put(f"/v1/{name}/", {"price": 1}).status // 100, 4)
        for parameters in (f"user={TOO_LONG}", f"session={TOO_LONG}", "user=u&n=-1", "user=u&n=x",
                           "user=u&n=501", "user=u&n=1.5"):
            with self.subTest(parameters=parameters[:20]):
                answer = self.client.get(f"/v1/recommendations?{parameters}")
                self.assertEqual(answer.status, 400, answer)
                self.assertIn(parameters.split("&")[-1].split("=")[0], answer.message)
        self.assert_state_is_unchanged()

    def test_unknown_campaigns_are_404_by_name(self):
        for body in (ask(campaignArn=ARN + "campaign/none"), ask(campaignArn="none")):
            answer = self.client.post("/recommendations", body)
            self.assertEqual(answer.status, 404, answer)
            self.assertEqual(answer.headers["x-amzn-errortype"], "ResourceNotFoundException")
            self.assertIn("none", answer.message)
        self.assertEqual(self.client.get("/v1/recommendations?user=u&campaign=none").status, 404)


if __name__ == "__main__":
    main()
