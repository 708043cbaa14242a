"""Reads {"rows": [[...]], "labels": [...], "scaledL2": N} and prints the least objective, by scikit-learn in f64."""
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
                           tol=1e-14, max_iter=10_000)
model.fit(X, y)
W = model.coef_
if W.shape[0] == 1:
    W = np.vstack([-W[0], W[0]])
z = X @ W.T
m = z.max(axis=1)
losses = m + np.log(np.exp(z - m[:, None]).sum(axis=1)) - z[np.arange(n), y]
print(json.dumps({"objective": losses.mean() + scaled_l2 / n / 2 * (W ** 2).sum()}))
