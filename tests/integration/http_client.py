"""A keep-alive HTTP client for tests, and the few requests that most of them make."""

import http.client
import json
import select
import urllib.parse

ARN = "arn:aws:personalize:us-east-1:123456789012:"


class Answer:
    """Status, headers (names in lower case) and body of one response."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def message(self):
        """An error's words, in Personalize's shape or in that of /v1."""
        body = self.json
        return body["message"] if "message" in body else body["error"]["message"]

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:2000]!r}"


def event(item, event_type="view", sent_at=1_700_000_000, **members):
    return {"eventType": event_type, "itemId": item, "sentAt": sent_at, **members}


def quoted(name):
    """An id as one segment of a path."""
    return urllib.parse.quote(name, safe="")


class Client:
    """One connection at a time, opened when needed. Not thread-safe: one a thread."""

    def __init__(self, port, timeout):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()

    def close(self):
        self.connection.close()

    def drop_if_closed(self):
        """Makes the next request open a connection anew if the daemon has closed this one."""
        if not self.connection.sock:
            return
        poll = select.poll()
        poll.register(self.connection.sock, select.POLLIN)
        if poll.poll(0):
            self.close()

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes and text go as they are, anything else as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        self.drop_if_closed()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            content = response.read()
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        except OSError:
            self.close()
            raise
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, content)

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def put(self, path, body, headers=None):
        return self.request("PUT", path, body, headers)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)

    def put_events(self, user, session, *events):
        """PutEvents; the answer."""
        body = {"trackingId": "test", "sessionId": session, "eventList": list(events)}
        if user is not None:
            body["userId"] = user
        return self.post("/events", body)

    def put_items(self, *items):
        return self.post("/items", {"datasetArn": ARN + "dataset/test/ITEMS", "items": list(items)})

    def bulk(self, lines):
        """POST /v1/events with one JSON text, or value, a line."""
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n"
                       for line in lines)
        return self.post("/v1/events", text, {"Content-Type": "application/x-ndjson"})

    def recommend(self, campaign="user-personalization", **members):
        """GetRecommendations; item ids, best first."""
        body = {"campaignArn": ARN + "campaign/" + campaign, **members}
        answer = self.post("/recommendations", body)
        if answer.status != 200:
            raise AssertionError(f"GetRecommendations {body}: {answer}")
        return [item["itemId"] for item in answer.json["itemList"]]

    def similar(self, item, count=25):
        return self.recommend("similar-items", itemId=item, numResults=count)
