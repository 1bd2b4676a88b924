#!/usr/bin/env python3
"""Turns the embeddings of two towers into a generation.

  convert_embeddings.py ITEMS.npy --item-ids FILE --output DIR [--users USERS.npy --user-ids FILE]
                        [--regularization X --background-weight X]

Arrays are what numpy.save writes: a row for each item, or user. FILE has their ids, one a line, in
the same order. With --regularization and --background-weight users can be folded in, and a daemon
can serve it; see fold_in_objective in freshet_generation.py. Needs NumPy.
"""

import argparse
import sys

try:
    import numpy as np

    from freshet_generation import fold_in_objective, write_generation

    MISSING = None
except ImportError as error:
    MISSING = error.name


def read_ids(path):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\r\n") for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items")
    parser.add_argument("--item-ids", required=True)
    parser.add_argument("--users")
    parser.add_argument("--user-ids")
    parser.add_argument("--output", required=True)
    parser.add_argument("--regularization", type=float)
    parser.add_argument("--background-weight", type=float)
    options = parser.parse_args()
    if MISSING:
        sys.exit(f"convert_embeddings.py needs the Python package {MISSING}; see --help")
    if (options.users is None) != (options.user_ids is None):
        parser.error("--users and --user-ids go together")
    if (options.regularization is None) != (options.background_weight is None):
        parser.error("--regularization and --background-weight go together")
    users = user_ids = objective = None
    if options.users:
        users, user_ids = np.load(options.users), read_ids(options.user_ids)
    if options.regularization is not None:
        objective = fold_in_objective(options.regularization, options.background_weight)
    try:
        write_generation(options.output, read_ids(options.item_ids), np.load(options.items),
                         user_ids, users, algorithm="two-tower", objective=objective)
    except (ValueError, OSError) as error:
        raise SystemExit(f"convert_embeddings.py: {error}") from error


if __name__ == "__main__":
    main()
