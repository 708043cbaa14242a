"""A certificate once more, from saved weights and saved duals, in f64; and the least objective an independent solver finds.

Arguments: folder (posed.ts; the bias, if any, is one more feature), scaled L2, seconds at most, then prefixes of pairs
weights and duals: PREFIX-weights.bin f32 [features][classes], PREFIX-duals.bin f32 [rows][classes]. The first pair is the
model that is checked; the last, the most exact one, bounds the optimum from below. Prints one JSON object.
"""
import json
import sys
import time

import numpy as np
from scipy.optimize import minimize

from problem import Problem

folder, scaled_l2, limit, prefixes = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
problem = Problem(folder, scaled_l2)
X, y, n, l2, K = problem.X, problem.y, problem.rows, problem.l2, problem.classes


def read(prefix):
    weights = np.fromfile(f"{folder}/{prefix}-weights.bin", "<f4").reshape(-1, K).T.astype(np.float64)
    q = np.fromfile(f"{folder}/{prefix}-duals.bin", "<f4").reshape(-1, K).astype(np.float64)
    # The label's own mass is 1 less the others: docs/numerics.md, section 2.
    q[np.arange(n), y] = 0
    q[np.arange(n), y] = 1 - q.sum(axis=1)
    return weights, q


def dual(q):
    """D(q) = mean entropy - (lambda/2) |W(q)|^2. Any distribution q gives a lower bound of every objective."""
    assert q.min() >= -1e-12 and np.abs(q.sum(axis=1) - 1).max() < 1e-12
    q = np.clip(q, 0, 1)
    a = -q
    a[np.arange(n), y] += 1
    squares = 0.0
    Xt = X.T.tocsr()
    for first in range(0, problem.features, 65536):
        W = Xt[first:first + 65536] @ a / scaled_l2
        squares += float((W * W).sum())
    entropy = -(q * np.log(np.maximum(q, 1e-300))).sum(axis=1).mean()
    return float(entropy - l2 / 2 * squares)


class OutOfTime(Exception):
    pass


def independent_optimum(lower):
    """L-BFGS from zero; the least objective found and whether it came within 1e-8 of the lower bound, in time."""
    start, best = time.perf_counter(), [np.inf]

    def value_and_gradient(flat):
        W = flat.reshape(K, -1)
        loss, p = problem.losses(np.asarray(X @ W.T))
        p[np.arange(n), y] -= 1
        value = loss + l2 / 2 * float((W * W).sum())
        best[0] = min(best[0], value)
        if best[0] - lower < 1e-8 or time.perf_counter() - start > limit:
            raise OutOfTime
        return value, (np.asarray((X.T @ p).T) / n + l2 * W).ravel()

    try:
        minimize(value_and_gradient, np.zeros(K * problem.features), jac=True, method="L-BFGS-B",
                 options=dict(maxiter=100_000, maxfun=1_000_000, ftol=0, gtol=1e-12, maxcor=10))
    except OutOfTime:
        pass
    return best[0], time.perf_counter() - start


W, q = read(prefixes[0])
objective, lower = problem.objective(W), dual(q)
exactW, exactQ = read(prefixes[-1])
least_known, best_lower = problem.objective(exactW), dual(exactQ)
# The vectors of L-BFGS: two and ten pairs, each of all weights.
found, seconds = (None, 0.0) if 8 * 24 * K * problem.features > 6e9 else independent_optimum(best_lower)
print(json.dumps({
    "objective": objective, "dual": lower, "gap": objective - lower, "bestObjective": least_known, "bestDual": best_lower,
    "independent": found, "seconds": seconds,
}))
