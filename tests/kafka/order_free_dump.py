"""What `freshet dump` says, without what depends on the order in which partitions were read.

Kafka orders the messages of one partition, not those of several. Two daemons that read the same six
partitions may therefore differ in, and only in:

- the numbers of sessions, which are given in the order in which sessions begin, and with them which
  sessions are the newest of an item that has more than are kept;
- an item's `created`, the time of the first event about it that was learned;
- the weights of the blends, which are learned from one choice after the other;
- the last digits of `demand` and `trend`, sums of floating-point numbers in another order.

Everything else is the same as long as no cap makes somebody give way, and no visitor's session lies
in another partition than what the user did after the login: each user's history in its
order, sessions and their items, baskets, every count of items, users and pairs, and the clock.
Numbers in floating point are compared to one part in a million. With one partition nothing depends
on chance, and dumps are compared byte by byte.
"""

import math
import re

ITEM = re.compile(r'(item ".*") created=\S+ demand=(\S+) trend=(\S+) (users=.*)')
SESSION = re.compile(r"session (\d+) (.*)")
POSTINGS = re.compile(r'(postings ".*") sessions=(\d+) newest (.*)')
KEPT_SESSIONS = 1000  # of one item: learning.maximum_postings
USER = re.compile(r"((?:user|visitor) .*) session=\d+$")
BASKET_OF_SESSION = re.compile(r"(basket \S+ of session) \d+ (.*)")


class OrderFreeDump:
    def __init__(self, text):
        self.numbers = {}
        self.lines = []
        sessions = {}
        postings = []
        baskets = []
        for line in text.splitlines():
            if match := ITEM.match(line):
                self.numbers[match[1]] = (float(match[2]), float(match[3]))
                self.lines.append(f"{match[1]} {match[4]}")
            elif match := SESSION.match(line):
                sessions[match[1]] = match[2]
            elif match := POSTINGS.match(line):
                postings.append(match)
            elif match := BASKET_OF_SESSION.match(line):
                baskets.append(f"{match[1]} {match[2]}")
            elif line.startswith(("blend ", "  weight ")):
                continue
            elif match := USER.match(line):
                self.lines.append(match[1])
            else:
                self.lines.append(line)
        self.lines += sorted(sessions.values()) + sorted(baskets)
        for item, count, numbers in (match.groups() for match in postings):
            if int(count) < KEPT_SESSIONS:
                self.lines.append(f"{item} {sorted(sessions.get(n, 'erased') for n in numbers.split())}")

    def assert_equal(self, test, other):
        different = [f"{mine}   <>   {others}" for mine, others in zip(self.lines, other.lines)
                     if mine != others]
        test.assertEqual(different[:20], [], "lines that differ, at most 20")
        test.assertEqual(len(self.lines), len(other.lines))
        test.assertEqual(self.numbers.keys(), other.numbers.keys())
        far = {item: (mine, other.numbers[item]) for item, mine in self.numbers.items()
               if not all(math.isclose(a, b, rel_tol=1e-6)
                          for a, b in zip(mine, other.numbers[item]))}
        test.assertEqual(far, {}, "demand and trend that differ")
