#!/usr/bin/env python3
"""Trains with implicit and writes a generation.

  train_implicit.py --events interactions.csv.gz --output DIR [--factors 64] [--alpha 10] ...

Needs implicit, NumPy and SciPy. Interactions are CSV with USER_ID and ITEM_ID.
"""

import argparse
import csv
import gzip

import numpy as np
import scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares

from freshet_generation import implicit_objective, write_generation


def read_pairs(path):
    """Distinct pairs as rows and columns, and the ids they stand for."""
    opened = gzip.open(path, "rt", encoding="utf-8", newline="") if path.endswith(".gz") else open(
        path, encoding="utf-8", newline="")
    users, items, pairs = {}, {}, set()
    with opened as text:
        for row in csv.DictReader(text):
            if row["USER_ID"]:
                user = users.setdefault(row["USER_ID"], len(users))
                pairs.add((user, items.setdefault(row["ITEM_ID"], len(items))))
    return np.array(sorted(pairs)), list(users), list(items)


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
    pairs, users, items = read_pairs(options.events)
    matrix = sparse.csr_matrix((np.ones(len(pairs), dtype=np.float32), (pairs[:, 0], pairs[:, 1])),
                               shape=(len(users), len(items)))
    model = AlternatingLeastSquares(factors=options.factors, alpha=options.alpha,
                                    regularization=options.regularization,
                                    iterations=options.iterations)
    model.fit(matrix)
    write_generation(options.output, items, model.item_factors, users, model.user_factors,
                     algorithm="implicit-als", interactions=len(pairs),
                     objective=implicit_objective(options.regularization, options.alpha))


if __name__ == "__main__":
    main()
