#!/usr/bin/env python3
"""Trains Spark's ALS on a cluster and writes a generation: for data that outgrow one machine.

  spark-submit --py-files tools/python/freshet_generation.py tools/spark/train_als.py \\
      --events EVENTS --output DIR [--rank 64] [--implicit --alpha 10] ...

EVENTS are interactions as CSV with USER_ID and ITEM_ID (and EVENT_VALUE, without --implicit), a file
or a folder on any file system that Spark reads. DIR is on the driver's own disk: factors are
collected there, numbers of items and users times rank times four bytes. Needs NumPy.
"""

import argparse
import sys

try:
    import numpy as np
    from pyspark.ml.feature import StringIndexer
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession, functions

    from freshet_generation import spark_objective, write_generation

    MISSING = None
except ImportError as error:
    MISSING = error.name

SIDES = ("USER_ID", "ITEM_ID")
NUMBERS = ("USER_NUMBER", "ITEM_NUMBER")


def numbered(pairs):
    """The pairs with a number for each id, since ALS takes nothing else, and each side's ids."""
    indexer = StringIndexer(inputCols=SIDES, outputCols=NUMBERS, stringOrderType="alphabetAsc")
    model = indexer.fit(pairs)
    numbers = [functions.col(name).cast("int") for name in NUMBERS]
    return model.transform(pairs).select(*numbers, "STRENGTH"), model.labelsArray


def collect(factors, ids):
    """The ids that have a vector, and the vectors."""
    rows = list(factors.orderBy("id").toLocalIterator())
    return [ids[row["id"]] for row in rows], np.array([row["features"] for row in rows], "f4")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--reg-param", type=float, default=0.1)
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--alpha", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if MISSING:
        sys.exit(f"train_als.py needs the Python package {MISSING}; see --help")
    spark = SparkSession.builder.appName("freshet-train").getOrCreate()
    events = spark.read.csv(options.events, header=True).where("USER_ID != '' AND ITEM_ID != ''")
    strength = functions.lit(1.0) if options.implicit else functions.col("EVENT_VALUE")
    pairs = events.groupBy(*SIDES).agg(functions.avg(strength.cast("double")).alias("STRENGTH"))
    pairs = pairs.where("STRENGTH IS NOT NULL").cache()
    numbers, (users, items) = numbered(pairs)
    als = ALS(userCol=NUMBERS[0], itemCol=NUMBERS[1], ratingCol="STRENGTH",
              rank=options.rank, maxIter=options.iterations, regParam=options.reg_param,
              implicitPrefs=options.implicit, alpha=options.alpha, seed=options.seed)
    model = als.fit(numbers)
    write_generation(options.output, *collect(model.itemFactors, items),
                     *collect(model.userFactors, users), algorithm="spark-als",
                     interactions=pairs.count(),
                     objective=spark_objective(options.reg_param,
                                               options.alpha if options.implicit else None))


if __name__ == "__main__":
    main()
