"""Writes factors that were trained elsewhere as a generation that Freshet reads (docs/training.md).

Needs NumPy. One file without other parts of Freshet: copy it to where the training runs.
"""

import json
import os
import pathlib
import shutil
import time

import numpy as np


def spark_objective(regularization, alpha=None):
    """Of Spark's ALS: implicit feedback when `alpha` is given, else ratings."""
    side = {"lambda": regularization, "exponent": 1}
    objective = {"feedback": "explicit"}
    if alpha is not None:
        objective = {"feedback": "implicit", "alpha": alpha, "background_weight": 1,
                     "background_target": 1}
    return {**objective, "user_regularization": side, "item_regularization": side}


def implicit_objective(regularization, alpha):
    """Of implicit's AlternatingLeastSquares over a matrix of ones; alpha above 1."""
    side = {"lambda": regularization}
    return {"feedback": "implicit", "alpha": alpha - 1, "background_weight": 1,
            "background_target": 1, "user_regularization": side, "item_regularization": side}


def fold_in_objective(regularization, background_weight):
    """For embeddings that no least squares made, such as those of two towers: how users are folded
    in all the same. A user's vector is then the one whose inner products with the items are near 1
    for what the user touched and near 0 for all items, these counting `background_weight` each."""
    side = {"lambda": regularization}
    return {"feedback": "implicit", "alpha": 1, "background_weight": background_weight,
            "user_regularization": side, "item_regularization": side}


def _write_side(folder, name, ids, factors):
    factors = np.ascontiguousarray(factors, dtype="<f4")
    ids = [str(each) for each in ids]
    if factors.ndim != 2 or len(ids) != len(factors):
        raise ValueError(f"{len(ids)} {name} ids do not fit factors of shape {factors.shape}")
    if not np.isfinite(factors).all():
        raise ValueError(f"{name} factors are not all finite")
    if len(set(ids)) != len(ids):
        raise ValueError(f"{name} ids are not distinct")
    with open(folder / f"{name}_ids.txt", "w", encoding="utf-8", newline="") as out:
        for each in ids:
            escaped = each.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
            out.write(escaped + "\n")
    np.save(folder / f"{name}_factors.npy", factors)


def write_generation(folder, item_ids, item_factors, user_ids=None, user_factors=None, *,
                     algorithm, objective=None, interactions=0, trained_until_ms=0, metrics=None):
    """Creates `folder`, whole or not at all. Without an objective nothing can be folded in.
    `trained_until_ms` is the time of the newest event trained with, where it is known."""
    folder = pathlib.Path(folder)
    if folder.exists():
        raise FileExistsError(f"{folder} is there already; name a new folder")
    aside = folder.with_name(folder.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    _write_side(aside, "item", item_ids, item_factors)
    manifest = {"format": 1, "algorithm": algorithm, "dimension": int(np.shape(item_factors)[1]),
                "items": len(item_factors), "created_ms": int(1000 * time.time()),
                "interactions": int(interactions)}
    if user_factors is not None and len(user_factors) > 0:
        _write_side(aside, "user", user_ids, user_factors)
        manifest["users"] = len(user_factors)
    if trained_until_ms:
        manifest["trained_until_ms"] = int(trained_until_ms)
    if objective is not None:
        manifest["objective"] = objective
    if metrics:
        manifest["metrics"] = {name: float(value) for name, value in metrics.items()}
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in [*aside.iterdir(), aside]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    aside.rename(folder)


def write_implicit(folder, model, item_ids, user_ids, *, interactions=0, trained_until_ms=0):
    """A fitted AlternatingLeastSquares of implicit, trained with a matrix of ones; its rows of users
    and columns of items are named by `user_ids` and `item_ids`."""
    def array(factors):  # those of a GPU are no arrays of NumPy
        return factors.to_numpy() if hasattr(factors, "to_numpy") else factors

    write_generation(folder, item_ids, array(model.item_factors), user_ids,
                     array(model.user_factors), algorithm="implicit-als",
                     objective=implicit_objective(model.regularization, model.alpha),
                     interactions=interactions, trained_until_ms=trained_until_ms)
