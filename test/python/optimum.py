"""Reads {"rows": [[...]], "labels": [...], "scaledL2": N}; prints the least objective, by scikit-learn in f64, and its bound."""
import json
import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")
problem = json.load(sys.stdin)
X, y, scaled_l2 = np.array(problem["rows"]), np.array(problem["labels"]), problem["scaledL2"]
n = len(y)
# C = 1 / (lambda n) of: sum of losses + |W|^2 / (2C); two classes are given as two columns, like the rest.
model = LogisticRegression(C=1 / scaled_l2, fit_intercept=False, multi_class="multinomial", solver="newton-cg",
                           tol=1e-9, max_iter=60)
model.fit(X, y)
W = model.coef_
if W.shape[0] == 1:
    W = np.vstack([-W[0], W[0]])
z = X @ W.T
m = z.max(axis=1)
losses = m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[np.arange(n), y]
probabilities = np.exp(z - m[:, None])
probabilities /= probabilities.sum(axis=1, keepdims=True)
probabilities[np.arange(n), y] -= 1
gradient = probabilities.T @ X / n + scaled_l2 / n * W
# The objective is strongly convex with lambda, so this is how far it may be from the least one.
beyond = (gradient ** 2).sum() / (2 * scaled_l2 / n)
print(json.dumps({"objective": losses.mean() + scaled_l2 / n / 2 * (W ** 2).sum(), "beyond": beyond}))
