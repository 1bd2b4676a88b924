#!/usr/bin/env python3
"""Training and fold-in beside implicit, or Spark's ALS, in one run, in turns.

  bench_factors.py exact      seconds an iteration, exact solves, MovieLens-1M (NCF's training part)
  bench_factors.py loss       seconds to the loss that implicit's conjugate gradient ends with
  bench_factors.py synthetic  200,000 users, 50,000 items, 20,000,000 pairs, 64 factors
  bench_factors.py fold-in    microseconds a user
  bench_factors.py spark      Spark's ALS, local[2] and warm: ratings, clicks, the top 10 of all users

Needs NumPy, SciPy, and implicit or PySpark with Java; tests/bench/README.md says how to have them.
FRESHET_DATA names the folder of movielens-1m, FRESHET_BUILD the build folder (build/release).
"""

import argparse
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import scipy.sparse as sparse  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FRESHET_BUILD", ROOT / "build/release"))
DATA = pathlib.Path(os.environ.get("FRESHET_DATA", ROOT / "../shared/data"))
ALPHA = 10
LAMBDA = 1
LAMBDA_SPARK = 0.1  # times how many pairs a vector has


def movielens():
    path = DATA / "movielens-1m/ncf-protocol/ml-1m.train.rating.gz"
    with gzip.open(path, "rt") as rows:
        pairs = np.loadtxt(rows, usecols=(0, 1), dtype=np.uint32)
    return pairs, int(pairs[:, 0].max()) + 1, int(pairs[:, 1].max()) + 1


def synthetic(users, items, count, seed=1):
    """Users and items of Zipf-like popularity; a pair once."""
    random = np.random.default_rng(seed)
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < count:
        more = count - len(keys) + count // 10
        user = (users * random.random(more) ** 1.5).astype(np.int64)
        item = (items * random.random(more) ** 2).astype(np.int64)
        keys = np.unique(np.concatenate([keys, user * items + item]))
    keys = random.permutation(keys)[:count]
    return np.stack([keys // items, keys % items], axis=1).astype(np.uint32), users, items


class Problem:
    def __init__(self, pairs, users, items, folder, strengths=None):
        self.pairs = pairs
        strengths = np.ones(len(pairs), dtype=np.float32) if strengths is None else strengths
        self.matrix = sparse.csr_matrix((strengths, (pairs[:, 0], pairs[:, 1])),
                                        shape=(users, items))
        self.file = pathlib.Path(folder) / "pairs"
        with open(self.file, "wb") as out:
            np.array([users, items], dtype=np.uint32).tofile(out)
            np.column_stack([pairs, strengths.view(np.uint32)]).tofile(out)

    def loss(self, x, y):
        """Of Hu, Koren and Volinsky, divided by the number of pairs: what factor_bench prints."""
        scores = np.concatenate([
            np.einsum("ij,ij->i", x[part[:, 0]], y[part[:, 1]], dtype=np.float64)
            for part in np.array_split(self.pairs, 1 + len(self.pairs) // 100_000)])
        x, y = x.astype(np.float64), y.astype(np.float64)
        everything = np.sum((x.T @ x) * (y.T @ y))
        observed = np.sum((ALPHA - 1) * (scores - 1) ** 2 + 1 - 2 * scores)
        penalty = LAMBDA * (np.sum(x * x) + np.sum(y * y))
        return (everything + observed + penalty) / len(self.pairs)

    def peer(self, factors, cg, iterations, after_each=lambda: None):
        """Seconds of each iteration, and the model."""
        from implicit.als import AlternatingLeastSquares

        model = AlternatingLeastSquares(
            factors=factors, alpha=ALPHA, regularization=LAMBDA, use_cg=cg, use_native=True,
            num_threads=2, iterations=iterations, random_state=1, dtype=np.float32)
        times = []

        def note(_, seconds, loss=None):
            times.append(seconds)
            after_each()

        model.fit(self.matrix, show_progress=False, callback=note)
        return times, model

    def peer_seconds(self, factors, cg):
        """Of two iterations: seconds, and seconds of processors of the second, which alone has no
        part in getting ready."""
        clocks = [time.process_time()]
        times, _ = self.peer(factors, cg, 2, lambda: clocks.append(time.process_time()))
        return [(seconds, clocks[2] - clocks[1]) for seconds in times]

    def ours(self, factors, block, iterations):
        """A row an iteration: its seconds, all seconds so far, the loss, seconds of processors."""
        said = subprocess.run(
            [BUILD / "tests/factor_bench", "train", self.file, "--factors", str(factors), "--block",
             str(block), "--iterations", str(iterations), "--alpha", str(ALPHA - 1), "--lambda",
             str(LAMBDA), "--threads", "2"], capture_output=True, text=True, check=True).stdout
        return [tuple(map(float, line.split()[1:])) for line in said.splitlines()]


def best(rows):
    return min(min(times) for times in rows)


def exact(problem, rounds):
    print("factors  implicit, s an iteration  freshet  ratio")
    for factors in (64, 128, 256):
        theirs, own = [], []
        for _ in range(rounds):
            theirs.append(problem.peer(factors, False, 2)[0])
            own.append([row[0] for row in problem.ours(factors, 0, 4)])
        print(f"{factors:7}  {best(theirs):24.3f}  {best(own):7.3f}  {best(theirs) / best(own):5.1f}",
              flush=True)


def to_loss(problem, rounds):
    print("factors  implicit cg, s for 15  its loss  block  freshet, s to that loss  ratio")
    for factors in (64, 128, 256):
        theirs, own = [], {block: [] for block in (0, 16, 32) if block < factors}
        loss = None
        for _ in range(rounds):
            times, model = problem.peer(factors, True, 15)
            theirs.append(sum(times))
            loss = loss or problem.loss(model.user_factors, model.item_factors)
            for block, seconds in own.items():
                reached = [row[1] for row in problem.ours(factors, block, 25) if row[2] <= loss]
                seconds.append(reached[0] if reached else float("inf"))
        for block, seconds in own.items():
            print(f"{factors:7}  {min(theirs):21.2f}  {loss:8.5f}  {block:5}  {min(seconds):23.2f}"
                  f"  {min(theirs) / min(seconds):5.1f}", flush=True)


def large(folder, rounds):
    print("pairs       implicit cg  exact  freshet exact  block 16  cg / block 16  cg / exact"
          "  exact / exact  (s an iteration; below: seconds of processors)")
    for part in (5_000_000, 10_000_000, 20_000_000):
        problem = Problem(*synthetic(200_000, 50_000, part), folder)
        ways = [[] for _ in range(4)]
        for _ in range(rounds):
            ways[0] += problem.peer_seconds(64, True)
            ways[1] += problem.peer_seconds(64, False)
            ways[2] += [(row[0], row[3]) for row in problem.ours(64, 0, 2)]
            ways[3] += [(row[0], row[3]) for row in problem.ours(64, 16, 2)]
        for clock, name in enumerate((str(part), "")):
            cg, solved, own, block = (min(each[clock] for each in way) for way in ways)
            print(f"{name:>10}  {cg:11.2f}  {solved:5.2f}  {own:13.2f}  {block:8.2f}"
                  f"  {cg / block:13.1f}  {cg / own:10.1f}  {solved / own:13.1f}", flush=True)


def fold_in(problem, rounds):
    print("factors  pairs  implicit, us  freshet, us (median, best)")
    for factors in (64, 256):
        _, model = problem.peer(factors, True, 1)
        model.num_threads = 1
        user = sparse.csr_matrix(
            (np.full(50, ALPHA, dtype=np.float32), (np.zeros(50, int), np.arange(50) * 61)),
            shape=(1, problem.matrix.shape[1]))
        for _ in range(rounds):
            taken = []
            for _ in range(300):
                start = time.perf_counter()
                model.recalculate_user(0, user)
                taken.append(1e6 * (time.perf_counter() - start))
            own = subprocess.run(
                [BUILD / "tests/factor_bench", "fold-in", "--factors", str(factors), "--pairs", "50"],
                capture_output=True, text=True, check=True).stdout.split()
            print(f"{factors:7}  {50:5}  {np.median(taken):6.1f} {min(taken):6.1f}  {own[0]:>8} {own[1]:>8}",
                  flush=True)


def ratings_part():
    """A random four fifths of all ratings."""
    with gzip.open(DATA / "movielens-1m/ratings-all.csv.gz", "rt") as rows:
        rows = np.loadtxt(rows, delimiter=",", skiprows=1, usecols=(0, 1, 2), dtype=np.uint32)
    rows = rows[np.random.default_rng(1).random(len(rows)) < 0.8]
    users, items = (np.unique(rows[:, side], return_inverse=True)[1] for side in (0, 1))
    pairs = np.stack([users, items], axis=1).astype(np.uint32)
    return pairs, int(users.max()) + 1, int(items.max()) + 1, rows[:, 2].astype(np.float32)


class Spark:
    """A session of two threads, the pairs as a cached table of it."""

    def __init__(self, pairs, strengths, folder):
        from pyspark.sql import SparkSession

        self.session = (SparkSession.builder.master("local[2]").appName("bench")
                        .config("spark.driver.memory", "4g").config("spark.ui.enabled", "false")
                        .config("spark.sql.shuffle.partitions", "4")
                        .config("spark.local.dir", folder).getOrCreate())
        self.session.sparkContext.setLogLevel("ERROR")
        path = pathlib.Path(folder) / "ratings.csv"
        np.savetxt(path, np.column_stack([pairs, strengths.astype(int)]), fmt="%d", delimiter=",")
        self.table = self.session.read.csv(
            str(path), schema="user int, item int, rating float").repartition(4).cache()
        self.table.count()

    def fit(self, implicit, **settings):
        """Seconds, and the model with its factors computed."""
        from pyspark.ml.recommendation import ALS

        als = ALS(implicitPrefs=implicit, regParam=LAMBDA_SPARK, seed=1, maxIter=10,
                  numUserBlocks=2, numItemBlocks=2, **settings)
        start = time.perf_counter()
        model = als.fit(self.table)
        model.userFactors.count(), model.itemFactors.count()
        return time.perf_counter() - start, model

    @staticmethod
    def top(model):
        start = time.perf_counter()
        model.recommendForAllUsers(10).write.format("noop").mode("overwrite").save()
        return time.perf_counter() - start


def spark_loss(problem, model, implicit):
    """What factor_bench prints of its own, of a model of Spark's."""
    x, y = (np.array([row["features"] for row in side.orderBy("id").collect()])
            for side in (model.userFactors, model.itemFactors))
    rows = problem.matrix.tocoo()
    scores = np.einsum("ij,ij->i", x[rows.row], y[rows.col])
    counts = [np.bincount(side, minlength=len(of)) for side, of in ((rows.row, x), (rows.col, y))]
    loss = LAMBDA_SPARK * sum(float(n @ np.sum(of * of, axis=1)) for n, of in zip(counts, (x, y)))
    if implicit:
        loss += np.sum((x.T @ x) * (y.T @ y)) + np.sum(ALPHA * (scores - 1) ** 2 + 1 - 2 * scores)
    else:
        loss += np.sum((scores - rows.data) ** 2)
    return loss / len(scores)


def beside_spark(folder, rounds):
    pairs, users, items, ratings = ratings_part()
    peer = Spark(pairs, ratings, folder)
    print("                          Spark, s    loss  freshet, s    loss  ratio")
    for name, implicit, rank in (("ratings", False, 10), ("clicks", True, 64)):
        problem = Problem(pairs, users, items, folder, None if implicit else ratings)
        settings = {"rank": rank, **({"alpha": float(ALPHA)} if implicit else {})}
        theirs, own = {"fit": [], "top": []}, {"fit": [], "top": []}
        for round_number in range(rounds + 1):
            seconds, model = peer.fit(implicit, **settings)
            top = peer.top(model)
            trained, loss, answered = map(float, subprocess.run(
                [BUILD / "tests/factor_bench", "batch", problem.file, "--factors", str(rank),
                 "--iterations", "10", "--lambda", str(LAMBDA_SPARK), "--exponent", "1",
                 "--alpha", str(ALPHA), "--threads", "2", *([] if implicit else ["--ratings"])],
                capture_output=True, text=True, check=True).stdout.split())
            if round_number == 0:  # Spark's is not warm yet
                peer_loss = spark_loss(problem, model, implicit)
                continue
            for way, fit, best_ten in ((theirs, seconds, top), (own, trained, answered)):
                way["fit"].append(fit)
                way["top"].append(best_ten)
        print(f"{name + f', {rank} factors':22}  {min(theirs['fit']):10.2f}  {peer_loss:6.4f}"
              f"  {min(own['fit']):10.3f}  {loss:6.4f}  {min(theirs['fit']) / min(own['fit']):5.1f}")
        print(f"  top 10 of all users   {min(theirs['top']):10.2f}  {'':6}"
              f"  {min(own['top']):10.3f}  {'':6}  {min(theirs['top']) / min(own['top']):5.1f}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("exact", "loss", "synthetic", "fold-in", "spark"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        alone = {"synthetic": large, "spark": beside_spark}
        if options.what in alone:
            alone[options.what](folder, options.rounds)
            return
        problem = Problem(*movielens(), folder)
        {"exact": exact, "loss": to_loss, "fold-in": fold_in}[options.what](problem, options.rounds)


if __name__ == "__main__":
    main()
