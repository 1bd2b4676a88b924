#!/usr/bin/env python3
"""Turns a folder that Spark's ALSModel.save wrote into a generation.

  convert_spark_als.py MODEL --output DIR [--item-ids FILE] [--user-ids FILE] --reg-param X [--alpha X]

MODEL has itemFactors/ and userFactors/, Parquet with `id` (int32) and `features`. Spark's ids are
numbers; FILE is CSV with two columns, the number and the id that it stands for, as a StringIndexer's
labels or a join made them. Without it the numbers are the ids. Needs NumPy and PyArrow.
"""

import argparse
import csv
import pathlib
import sys

try:
    import numpy as np
    import pyarrow.parquet as parquet

    from freshet_generation import spark_objective, write_generation

    MISSING = None
except ImportError as error:
    MISSING = error.name


def read_side(folder, names_file):
    table = parquet.read_table(folder, columns=["id", "features"])
    numbers = table["id"].to_numpy()
    factors = np.array(table["features"].to_pylist(), dtype=np.float32)
    order = np.argsort(numbers)
    names = None
    if names_file:
        with open(names_file, encoding="utf-8", newline="") as rows:
            names = {int(row[0]): row[1] for row in csv.reader(rows) if row and row[0].isdigit()}
        missing = [number for number in numbers if number not in names]
        if missing:
            raise SystemExit(f"{names_file} has no id for number {missing[0]}")
    return [names[n] if names else str(n) for n in numbers[order].tolist()], factors[order]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--output", required=True)
    parser.add_argument("--item-ids")
    parser.add_argument("--user-ids")
    parser.add_argument("--reg-param", type=float, required=True, help="as the training had it")
    parser.add_argument("--alpha", type=float, help="of a training with implicitPrefs")
    options = parser.parse_args()
    if MISSING:
        sys.exit(f"convert_spark_als.py needs the Python package {MISSING}; see --help")
    items, item_factors = read_side(options.model / "itemFactors", options.item_ids)
    users, user_factors = read_side(options.model / "userFactors", options.user_ids)
    write_generation(options.output, items, item_factors, users, user_factors,
                     algorithm="spark-als",
                     objective=spark_objective(options.reg_param, options.alpha))


if __name__ == "__main__":
    main()
