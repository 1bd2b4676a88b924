"""A strict reader of Prometheus' text format: what a scraper would only log, it refuses."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"(?P<name>{NAME})(?:\{{(?P<labels>.*)\}})? (?P<value>\S+)(?: -?\d+)?")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")


def parse_labels(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match:
            raise ValueError(f"bad labels: {text}")
        if match[1] in labels:
            raise ValueError(f"label {match[1]} twice: {text}")
        labels[match[1]] = match[2]
        at = match.end()
    return labels


class Metrics:
    """Samples by (name, frozenset of labels); raises ValueError on any breach of the format."""

    def __init__(self, text):
        if not text.endswith("\n"):
            raise ValueError("the last line has no end")
        self.types = {}
        self.helps = set()
        self.samples = {}
        family = None
        for line in text.splitlines():
            if not line:
                continue
            if line.startswith("#"):
                family = self.parse_comment(line)
            else:
                self.parse_sample(line, family)
        self.check_histograms()

    def parse_comment(self, line):
        match = re.fullmatch(rf"# (HELP|TYPE) ({NAME})(?: (.*))?", line)
        if not match:
            raise ValueError(f"bad comment: {line}")
        kind, name, rest = match.groups()
        if kind == "HELP":
            if name in self.helps or not rest:
                raise ValueError(f"HELP twice or empty: {line}")
            self.helps.add(name)
        else:
            if name in self.types or rest not in TYPES:
                raise ValueError(f"TYPE twice or unknown: {line}")
            self.types[name] = rest
        return name

    def parse_sample(self, line, family):
        match = SAMPLE.fullmatch(line)
        if not match:
            raise ValueError(f"bad sample: {line}")
        name = match["name"]
        base = name
        if self.types.get(family) in ("histogram", "summary"):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
        if base != family or family not in self.types or family not in self.helps:
            raise ValueError(f"outside of its family: {line}")
        key = (name, frozenset(parse_labels(match["labels"] or "").items()))
        if key in self.samples:
            raise ValueError(f"the same sample twice: {line}")
        self.samples[key] = float(match["value"])

    def check_histograms(self):
        buckets = {}
        for (name, labels), value in self.samples.items():
            family = name.removesuffix("_bucket")
            if family != name and self.types.get(family) == "histogram":
                rest = frozenset(label for label in labels if label[0] != "le")
                bound = float(dict(labels)["le"])
                buckets.setdefault((family, rest), []).append((bound, value))
        for (family, labels), counts in buckets.items():
            counts.sort()
            values = [value for _, value in counts]
            if values != sorted(values) or counts[-1][0] != float("inf"):
                raise ValueError(f"buckets of {family} do not grow to +Inf: {counts}")
            if self.samples[(family + "_count", labels)] != values[-1]:
                raise ValueError(f"the count of {family} is not its last bucket's")

    def value(self, name, **labels):
        return self.samples[(name, frozenset(labels.items()))]

    def total(self, name):
        """The sum over all labels."""
        found = [value for (each, _), value in self.samples.items() if each == name]
        if not found:
            raise KeyError(name)
        return sum(found)
