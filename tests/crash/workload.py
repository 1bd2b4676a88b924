"""What the crash tests write, and what they know to have been acknowledged.

Ledger knows, of everything sent, what must be in the state, what may be, and what must not. Writer
is one client thread that sends until the daemon goes away and, after a restart, goes on: what has
event ids is sent again, everything else stays unknown.

Counted events each have an owner and item of their own and all the same time, so that an item's
demand is exactly the number of its events: one lost or counted twice shows. Noise has every type,
any time, anonymous visitors that log in, and deletions: it is there for the replay to agree on.
"""

import collections
import itertools
import threading

from http_client import event, quoted

TIME = 1_700_000_000
ITEMS = 300
EVENTS_OF_A_USER = 60
ABSENT = None


class Ledger:
    """Thread-safe."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = set()  # interactions that are in the state
        self.unknown = set()       # sent, and never answered
        self.versions = {}         # item: the versions, or ABSENT, that it may have
        self.noise = 0             # noise events sent
        self.answers = 0

    def sent(self, interactions):
        with self.lock:
            self.unknown |= interactions

    def answered(self, interactions=frozenset()):
        with self.lock:
            self.unknown -= interactions
            self.acknowledged |= interactions
            self.answers += 1

    def sent_version(self, item, version):
        with self.lock:
            self.versions.setdefault(item, {ABSENT}).add(version)

    def answered_version(self, item, version):
        with self.lock:
            self.versions[item] = {version}
            self.answers += 1

    def check(self, test, state):
        """Asserts that `state` has everything acknowledged once, and nothing that nobody sent."""
        counted = {one for one in state.interactions if one[2].startswith("item-")}
        test.assertEqual(self.acknowledged - counted, set(), "acknowledged and lost")
        test.assertEqual(counted - self.acknowledged - self.unknown, set(), "sent by nobody")
        per_item = collections.Counter(item for _, _, item in counted)
        for name, item in state.items.items():
            if not name.startswith("item-"):
                continue
            test.assertAlmostEqual(item.demand, per_item[name], 3, f"times that {name} was counted")
            test.assertEqual(item.users, per_item[name], f"users that {name} was counted for")
        test.assertGreaterEqual(state.events, len(counted))
        test.assertLessEqual(state.events, len(counted) + self.noise)
        for item, versions in self.versions.items():
            found = ABSENT
            if item in state.items:
                found = int(state.items[item].columns.removeprefix("VERSION="))
            test.assertIn(found, versions, f"the version of {item}")


class Writer:
    """One client. Its names begin with its own, so writers share items but no owners."""

    def __init__(self, name, ledger, random):
        self.name = name
        self.ledger = ledger
        self.random = random
        self.client = None
        self.thread = None
        self.error = None
        self.serial = itertools.count(1)
        self.owners = []
        self.retries = []

    def start(self, daemon):
        self.client = daemon.client()
        self.thread = threading.Thread(target=self.run, name=self.name)
        self.thread.start()

    def join(self):
        self.thread.join()
        self.client.close()

    def run(self):
        """Sends until the daemon is gone. Anything else that goes wrong is kept in `error`."""
        try:
            while self.retries:
                self.retries[0]()
                self.retries.pop(0)
            while True:
                self.step()
        except OSError:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def step(self):
        work = self.random.choices([self.put_events, self.put_bulk, self.put_noise, self.put_item,
                                    self.delete_item, self.delete_user], [6, 3, 3, 2, 1, 1])[0]
        work()

    def expect(self, answer, *statuses):
        if answer.status not in (statuses or (200,)):
            raise AssertionError(f"{self.name} was answered {answer}")

    def fresh_interactions(self, owner, count):
        """Interactions of one owner that were never sent before."""
        kind, name, items = owner
        return {(kind, name, items.pop()) for _ in range(min(count, len(items)))}

    def pick_owner(self):
        self.owners = [owner for owner in self.owners if owner[2]]
        if len(self.owners) < 10:
            kind = self.random.choice(["user", "user", "visitor"])
            name = f"{self.name}-{kind}-{next(self.serial)}"
            items = self.random.sample(range(ITEMS), EVENTS_OF_A_USER)
            self.owners.append((kind, name, [f"item-{item}" for item in items]))
        return self.random.choice(self.owners)

    def as_event(self, interaction, with_id):
        members = {"eventId": f"{interaction[1]}:{interaction[2]}"} if with_id else {}
        return event(interaction[2], sent_at=TIME, **members)

    def send(self, interactions, with_id, send):
        """Sends now, and after a crash once more if that is safe."""
        def once():
            self.expect(send())
            self.ledger.answered(interactions)
        self.ledger.sent(interactions)
        if with_id:
            self.retries.append(once)
        once()
        if with_id:
            self.retries.pop()

    def put_events(self):
        owner = self.pick_owner()
        interactions = self.fresh_interactions(owner, self.random.randint(1, 10))
        with_id = self.random.random() < 0.5
        events = [self.as_event(one, with_id) for one in sorted(interactions)]
        kind, name, _ = owner
        user, session = (name, f"of {name}") if kind == "user" else (None, name)
        self.send(interactions, with_id, lambda: self.client.put_events(user, session, *events))

    def put_bulk(self):
        interactions = set()
        for _ in range(self.random.randint(1, 8)):
            interactions |= self.fresh_interactions(self.pick_owner(), 5)
        with_id = self.random.random() < 0.5
        lines = []
        for one in sorted(interactions):
            owner = {"userId": one[1]} if one[0] == "user" else {"sessionId": one[1]}
            lines.append({**owner, **self.as_event(one, with_id)})
        self.send(interactions, with_id, lambda: self.client.bulk(lines))

    def put_noise(self):
        number = self.random.randint(1, 30)
        user = self.random.choice([None, f"{self.name}-noise-{number}"])
        session = f"{self.name}-noise-session-{number}"
        events = [event(f"noise-{self.random.randint(1, 50)}",
                        self.random.choice(["view", "cart", "purchase", "like"]),
                        TIME - self.random.randint(0, 10_000_000))
                  for _ in range(self.random.randint(1, 5))]
        with self.ledger.lock:
            self.ledger.noise += len(events)
        self.expect(self.client.put_events(user, session, *events))
        self.ledger.answered()

    def put_item(self):
        item, version = f"{self.name}-record-{self.random.randint(1, 20)}", next(self.serial)
        self.ledger.sent_version(item, version)
        self.expect(self.client.put_items(
            {"itemId": item, "properties": f'{{"version": {version}}}'}))
        self.ledger.answered_version(item, version)

    def delete_item(self):
        item = f"{self.name}-record-{self.random.randint(1, 20)}"
        self.ledger.sent_version(item, ABSENT)
        self.expect(self.client.delete(f"/v1/items/{quoted(item)}"), 200, 204, 404)
        self.ledger.answered_version(item, ABSENT)
        self.expect(self.client.delete(f"/v1/items/noise-{self.random.randint(1, 50)}"),
                    200, 204, 404)

    def delete_user(self):
        user = f"{self.name}-noise-{self.random.randint(1, 30)}"
        self.expect(self.client.delete(f"/v1/users/{user}"), 200, 204, 404)
        self.ledger.answered()
