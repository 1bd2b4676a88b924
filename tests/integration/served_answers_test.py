"""What the daemon answers over HTTP is what `freshet evaluate` measures: equal, item by item.

Asks as an SDK does: PutEvents with userId and sessionId, GetRecommendations with the userId alone.
"""

import csv
import json
import random

from daemon_process import FreshetTest, main, run_freshet
from http_client import event

COLUMNS = ["USER_ID", "SESSION_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"]
COUNT = 10
EVENTS = 900


def stream():
    """Visits of 25 users, some of them on two devices at once, and of visitors without a name."""
    chance = random.Random(21)
    visits = []
    for visit in range(EVENTS // 4):
        user = f"u{chance.randrange(25)}" if chance.random() < 0.8 else ""
        item = chance.randrange(40)
        start = 1_700_000_000 + 200 * visit
        for step in range(chance.randrange(2, 8)):
            kind = "purchase" if chance.random() < 0.2 else "view"
            visits.append((start + 90 * step, user, f"s{visit}", f"i{item}", kind))
            item = (item + 1) % 40 if chance.random() < 0.7 else chance.randrange(40)
    visits.sort()
    return [[user, session, item, kind, time]
            for time, user, session, item, kind in visits[:EVENTS]]


class ServedAnswersTest(FreshetTest):
    def evaluated(self, rows, campaign):
        """By the number of the event, what `evaluate` recommended before it."""
        events = self.folder / "events.csv"
        with open(events, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        answers = self.folder / f"{campaign}.jsonl"
        run_freshet("evaluate", "--events", events, "--campaign", campaign, "--n", COUNT,
                    "--answers", answers)
        lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
        self.assertGreater(len(lines), 200)
        return {line["event"]: line["items"] for line in lines}

    def test_an_answer_by_user_id_is_the_one_that_evaluate_measures(self):
        rows = stream()
        campaigns = ("user-personalization", "session", "similar-items")
        expected = {campaign: self.evaluated(rows, campaign) for campaign in campaigns}
        client = self.connect(self.start_daemon())
        current = {}
        for number, (user, session, item, kind, time) in enumerate(rows, start=1):
            for campaign in campaigns:
                if number not in expected[campaign]:
                    continue
                about = {"userId": user or session}
                if campaign == "similar-items":
                    about = {"itemId": current[session]}
                shown = client.recommend(campaign, numResults=COUNT + 1, **about)
                shown = [one for one in shown if one != current[session]][:COUNT]
                self.assertEqual(shown, expected[campaign][number],
                                 f"{campaign}, before event {number} of {user} in {session}")
            answer = client.put_events(user or None, session, event(item, kind, time))
            self.assertEqual(answer.status, 200, answer)
            current[session] = item

    def test_answers_are_of_the_live_protocol_alone(self):
        for wrong in (["--protocol", "continual"], ["--retrain", "never"]):
            result = run_freshet("evaluate", "--events", "x.csv", "--answers", "x", *wrong,
                                 check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn("--answers", result.stderr)


if __name__ == "__main__":
    main()
