"""Our `MLPClassifier` against scikit-learn's, side by side: accuracy and time on three data sets.

``python -m benchmarks.estimators [REPEATS]`` prints the table. Both have their default settings (Adam, one hidden layer
of 100 ReLUs, batches of 200 rows, at most 200 passes), the same five folds, the same scaler, the same seeds, and take
turns; the time is that of the five fits, the median over the repeats.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from typing import Any

import numpy as np
from sklearn import datasets, neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from autograd_lite.interop import sklearn as ours

DATASETS = ("digits", "breast_cancer", "wine")
CANDIDATES = {"scikit-learn": neural_network.MLPClassifier, "autograd_lite": ours.MLPClassifier}


def cross_validated(make: Any, X: Any, y: Any, seed: int) -> tuple[float, float, int]:
    """The mean accuracy over five folds, the seconds for the five fits, and how many passes they made."""
    scores, seconds, passes = [], 0.0, 0
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        scaler = StandardScaler().fit(X[train])
        inputs, model = scaler.transform(X[train]), make(random_state=seed)
        started = time.perf_counter()
        model.fit(inputs, y[train])
        seconds += time.perf_counter() - started
        passes += model.n_iter_
        scores.append(model.score(scaler.transform(X[test]), y[test]))
    return float(np.mean(scores)), seconds, passes


def main(repeats: int) -> None:
    """Print a row for each data set and library."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{'data set':14} {'library':14} {'accuracy':>9} {'seconds':>8} {'passes':>7}   ({repeats} repeats)")
    for name in DATASETS:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        runs: dict[str, list[tuple[float, float, int]]] = {library: [] for library in CANDIDATES}
        for seed in range(repeats):
            for library, make in CANDIDATES.items():
                runs[library].append(cross_validated(make, X, y, seed))
        for library, results in runs.items():
            accuracy = statistics.mean(r[0] for r in results)
            seconds = statistics.median(r[1] for r in results)
            passes = statistics.mean(r[2] for r in results)
            print(f"{name:14} {library:14} {accuracy:9.2%} {seconds:8.3f} {passes:7.0f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
