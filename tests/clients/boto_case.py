"""What the tests with boto3, unmodified, share: a daemon and a client of each of its services."""

import datetime

import boto3
import botocore.config

from daemon_process import DEADLINE_SECONDS, FreshetTest
from http_client import ARN

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
CAMPAIGN = ARN + "campaign/"


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
