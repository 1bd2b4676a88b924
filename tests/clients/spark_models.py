"""What spark_test.py has Spark do, in one session: spark-submit spark_models.py FOLDER.

FOLDER has events.csv. Writes the generations `implicit` and `explicit` as tools/spark/train_als.py
does, and a model of a user's own as ALSModel.save does: the folder `model`, the ids that its numbers
stand for (users.csv, items.csv), and its own score of each user and item (scores.json).
"""

import csv
import json
import pathlib
import sys

from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, functions

import train_als

RANK = 8
REGULARIZATION = 0.02
ALPHA = 3


def save_model(spark, folder):
    events = spark.read.csv(str(folder / "events.csv"), header=True).select("USER_ID", "ITEM_ID")
    indexer = StringIndexer(inputCols=["USER_ID", "ITEM_ID"], outputCols=["user", "item"])
    indexer = indexer.fit(events)
    numbers = [functions.col(side).cast("int") for side in ("user", "item")]
    pairs = indexer.transform(events.distinct()).select(*numbers, functions.lit(1.0).alias("rating"))
    model = ALS(rank=RANK, maxIter=3, regParam=REGULARIZATION, implicitPrefs=True, alpha=ALPHA,
                seed=7, numUserBlocks=2, numItemBlocks=2).fit(pairs)
    model.save(str(folder / "model"))
    users, items = indexer.labelsArray
    for name, ids in (("users.csv", users), ("items.csv", items)):
        with open(folder / name, "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(enumerate(ids))
    scores = {users[row["user"]]: {items[one["item"]]: one["rating"] for one in row["recommendations"]}
              for row in model.recommendForAllUsers(len(items)).collect()}
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")


def main():
    folder = pathlib.Path(sys.argv[1])
    common = ["--events", str(folder / "events.csv"), "--rank", str(RANK), "--iterations", "3",
              "--reg-param", str(REGULARIZATION)]
    train_als.main([*common, "--output", str(folder / "implicit"), "--implicit",
                    "--alpha", str(ALPHA)])
    train_als.main([*common, "--output", str(folder / "explicit")])
    save_model(SparkSession.builder.getOrCreate(), folder)


if __name__ == "__main__":
    main()
