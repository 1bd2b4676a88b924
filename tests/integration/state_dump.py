"""What `freshet dump` says, for tests that count events."""

import re

ITEM = re.compile(r'item "(?P<name>[^"]*)" created=\S+ demand=(?P<demand>\S+) trend=\S+ '
                  r'users=(?P<users>\d+) shown=\d+ chosen=\d+ described=\d(?P<columns>.*)')
OWNER = re.compile(r'(?P<kind>user|visitor) "(?P<name>[^"]*)" described=')
DID = re.compile(r'  did "(?P<item>[^"]*)" ')
EVENTS = re.compile(r"clock -?\d+ events (?P<events>\d+)")


class Item:
    def __init__(self, match):
        self.demand = float(match["demand"])
        self.users = int(match["users"])
        self.columns = match["columns"].strip()


class StateDump:
    """Items by name, (kind, owner, item) of every interaction in a history, and the event count."""

    def __init__(self, text):
        self.text = text
        self.items = {}
        self.interactions = set()
        self.events = int(EVENTS.search(text)["events"])
        owner = None
        for line in text.splitlines():
            if match := DID.match(line):
                self.interactions.add((*owner, match["item"]))
            elif match := ITEM.match(line):
                self.items[match["name"]] = Item(match)
            elif match := OWNER.match(line):
                owner = (match["kind"], match["name"])
