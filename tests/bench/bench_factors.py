#!/usr/bin/env python3
"""Training and fold-in beside implicit, in one run, in turns.

  bench_factors.py exact      seconds an iteration, exact solves, MovieLens-1M (NCF's training part)
  bench_factors.py loss       seconds to the loss that implicit's conjugate gradient ends with
  bench_factors.py synthetic  200,000 users, 50,000 items, 20,000,000 pairs, 64 factors
  bench_factors.py fold-in    microseconds a user

Needs NumPy, SciPy and implicit; tests/bench/README.md says how to have them. FRESHET_DATA names the
folder of movielens-1m, FRESHET_BUILD the build folder (build/release).
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

import implicit  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse as sparse  # noqa: E402
from implicit.als import AlternatingLeastSquares  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FRESHET_BUILD", ROOT / "build/release"))
DATA = pathlib.Path(os.environ.get("FRESHET_DATA", ROOT / "../shared/data"))
ALPHA = 10
LAMBDA = 1


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
    def __init__(self, pairs, users, items, folder):
        self.pairs = pairs
        self.matrix = sparse.csr_matrix(
            (np.ones(len(pairs), dtype=np.float32), (pairs[:, 0], pairs[:, 1])),
            shape=(users, items))
        self.file = pathlib.Path(folder) / "pairs"
        with open(self.file, "wb") as out:
            np.array([users, items], dtype=np.uint32).tofile(out)
            pairs.tofile(out)

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

    def peer(self, factors, cg, iterations):
        """Seconds of each iteration, and the model."""
        model = AlternatingLeastSquares(
            factors=factors, alpha=ALPHA, regularization=LAMBDA, use_cg=cg, use_native=True,
            num_threads=2, iterations=iterations, random_state=1, dtype=np.float32)
        times = []
        model.fit(self.matrix, show_progress=False,
                  callback=lambda iteration, seconds, loss: times.append(seconds))
        return times, model

    def ours(self, factors, block, iterations):
        """A row an iteration: its seconds, all seconds so far, the loss."""
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
    print("pairs       implicit cg  implicit exact  freshet exact  block 16  (s an iteration)")
    for part in (5_000_000, 10_000_000, 20_000_000):
        problem = Problem(*synthetic(200_000, 50_000, part), folder)
        cg, solved, own, block = [], [], [], []
        for _ in range(rounds):
            cg.append(problem.peer(64, True, 1)[0])
            if part == 20_000_000:
                solved.append(problem.peer(64, False, 1)[0])
            own.append([row[0] for row in problem.ours(64, 0, 1)])
            block.append([row[0] for row in problem.ours(64, 16, 1)])
        print(f"{part:10}  {best(cg):11.2f}  {best(solved) if solved else float('nan'):14.2f}"
              f"  {best(own):13.2f}  {best(block):8.2f}", flush=True)


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


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("exact", "loss", "synthetic", "fold-in"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"implicit {implicit.__version__}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "synthetic":
            large(folder, options.rounds)
            return
        problem = Problem(*movielens(), folder)
        {"exact": exact, "loss": to_loss, "fold-in": fold_in}[options.what](problem, options.rounds)


if __name__ == "__main__":
    main()
