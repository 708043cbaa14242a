"""scikit-learn's LogisticRegression on a matrix written by posed.ts: a ladder of iteration limits, each a run of its own.

Arguments: folder, solver, scaled L2 (lambda * n), target objective, seconds at most, runs of a short rung. Prints one JSON object a line for
every rung: iterations, seconds (median of the runs), objective. Ends with the first rung at the target, or before the
one that would take longer than allowed.
"""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

from problem import Problem

folder, solver = sys.argv[1:3]
scaled_l2, target, limit, repeats = map(float, sys.argv[3:7])
warnings.simplefilter("ignore")
# saga works in the precision of its input, and is faster in single.
problem = Problem(folder, scaled_l2, np.float32 if solver == "saga" else np.float64)
two = problem.classes == 2
# Of two classes the solver gets the log-odds v alone, W = (-v/2, v/2): (lambda/2) |W|^2 is (lambda/4) |v|^2.
settings = dict(solver=solver, C=(2 if two else 1) / scaled_l2, fit_intercept=False, tol=1e-14, random_state=1)
if not two:
    settings["multi_class"] = "multinomial"


def fit(iterations):
    model = LogisticRegression(max_iter=iterations, **settings)
    start = time.perf_counter()
    model.fit(problem.X, problem.y)
    return time.perf_counter() - start, model


iterations = 2
while True:
    seconds, model = fit(iterations)
    taken = [seconds] + [fit(iterations)[0] for _ in range(int(repeats) - 1 if seconds < 2 else 0)]
    seconds = float(np.median(taken))
    objective = problem.objective(model.coef_)
    print(json.dumps({"steps": iterations, "seconds": seconds, "objective": objective}), flush=True)
    more = max(iterations + 1, int(np.ceil(iterations * 1.4)))
    ended = int(np.max(model.n_iter_)) < iterations
    if objective <= target or ended or seconds * more / iterations > limit:
        break
    iterations = more
