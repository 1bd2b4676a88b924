"""What the tests of Freshet's own endpoints share."""

from daemon_process import FreshetTest
from http_client import event


class ApiTest(FreshetTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon()
        self.client = self.connect(self.daemon)

    def learn(self, user, *items, **members):
        answer = self.client.bulk([{"userId": user, **event(item, **members)} for item in items])
        self.assertEqual(answer.status, 200, answer)
        return answer

    def get(self, path, status=200):
        answer = self.client.get(path)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def ids(self, path):
        return [item["itemId"] for item in self.get(path)["items"]]
