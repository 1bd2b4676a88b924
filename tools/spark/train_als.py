#!/usr/bin/env python3
"""Trains Spark's ALS on a cluster and writes a generation: for data that outgrow one machine.

  spark-submit --py-files tools/python/freshet_generation.py tools/spark/train_als.py \\
      --events EVENTS --output DIR [--rank 64] [--implicit --alpha 10] ...

EVENTS are interactions as CSV with USER_ID and ITEM_ID (and EVENT_VALUE, without --implicit), a file
or a folder on any file system that Spark reads. DIR is on the driver's own disk: factors are
collected there, numbers of items and users times rank times four bytes. Needs NumPy.
"""

import argparse

import numpy as np
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, functions

from freshet_generation import spark_objective, write_generation


def numbered(events, column):
    """The distinct ids of a column and a number below 2^31 for each: ALS takes nothing else."""
    rows = events.select(column).distinct().rdd.map(lambda row: row[0]).zipWithIndex()
    return rows.toDF([column, column + "_NUMBER"]).withColumn(
        column + "_NUMBER", functions.col(column + "_NUMBER").cast("int")).cache()


def collect(factors, ids, column):
    rows = factors.join(ids, factors["id"] == ids[column + "_NUMBER"]).select(column, "features")
    ids, vectors = [], []
    for row in rows.orderBy(column).toLocalIterator():
        ids.append(row[0])
        vectors.append(np.array(row[1], dtype=np.float32))
    return ids, np.stack(vectors)


def main():
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
    options = parser.parse_args()
    spark = SparkSession.builder.appName("freshet-train").getOrCreate()
    events = spark.read.csv(options.events, header=True).where("USER_ID != '' AND ITEM_ID != ''")
    strength = functions.lit(1.0) if options.implicit else functions.col("EVENT_VALUE")
    pairs = events.groupBy("USER_ID", "ITEM_ID").agg(functions.avg(strength.cast("double")))
    pairs = pairs.toDF("USER_ID", "ITEM_ID", "STRENGTH").where("STRENGTH IS NOT NULL").cache()
    users, items = numbered(pairs, "USER_ID"), numbered(pairs, "ITEM_ID")
    als = ALS(userCol="USER_ID_NUMBER", itemCol="ITEM_ID_NUMBER", ratingCol="STRENGTH",
              rank=options.rank, maxIter=options.iterations, regParam=options.reg_param,
              implicitPrefs=options.implicit, alpha=options.alpha, seed=options.seed)
    model = als.fit(pairs.join(users, "USER_ID").join(items, "ITEM_ID"))
    write_generation(options.output, *collect(model.itemFactors, items, "ITEM_ID"),
                     *collect(model.userFactors, users, "USER_ID"), algorithm="spark-als",
                     interactions=pairs.count(),
                     objective=spark_objective(options.reg_param,
                                               options.alpha if options.implicit else None))
    spark.stop()


if __name__ == "__main__":
    main()
