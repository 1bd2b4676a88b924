#!/usr/bin/env python3
"""Trains with implicit and writes a generation.

  train_implicit.py --events interactions.csv.gz --output DIR [--factors 64] [--alpha 10] ...

Needs implicit, NumPy and SciPy. Interactions are CSV with USER_ID, ITEM_ID and, if there is one,
TIMESTAMP in seconds.
"""

import argparse
import csv
import gzip
import sys

try:
    import numpy as np
    import scipy.sparse as sparse
    from implicit.als import AlternatingLeastSquares

    from freshet_generation import write_implicit

    MISSING = None
except ImportError as error:
    MISSING = error.name


def read_pairs(path):
    """Distinct pairs as rows and columns, the ids they stand for, and the newest one's time."""
    opened = gzip.open(path, "rt", encoding="utf-8", newline="") if path.endswith(".gz") else open(
        path, encoding="utf-8", newline="")
    users, items, pairs, newest = {}, {}, set(), 0
    with opened as text:
        for row in csv.DictReader(text):
            if row["USER_ID"]:
                user = users.setdefault(row["USER_ID"], len(users))
                pairs.add((user, items.setdefault(row["ITEM_ID"], len(items))))
                newest = max(newest, int(row.get("TIMESTAMP") or 0))
    return np.array(sorted(pairs)), list(users), list(items), newest


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--alpha", type=float, default=10, help="confidence of a pair, above 1")
    parser.add_argument("--regularization", type=float, default=1)
    parser.add_argument("--iterations", type=int, default=15)
    options = parser.parse_args()
    if MISSING:
        sys.exit(f"train_implicit.py needs the Python package {MISSING}; see --help")
    pairs, users, items, newest = read_pairs(options.events)
    matrix = sparse.csr_matrix((np.ones(len(pairs), dtype=np.float32), (pairs[:, 0], pairs[:, 1])),
                               shape=(len(users), len(items)))
    model = AlternatingLeastSquares(factors=options.factors, alpha=options.alpha,
                                    regularization=options.regularization,
                                    iterations=options.iterations)
    model.fit(matrix)
    write_implicit(options.output, model, items, users, interactions=len(pairs),
                   trained_until_ms=1000 * newest)


if __name__ == "__main__":
    main()
