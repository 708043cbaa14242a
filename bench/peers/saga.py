"""scikit-learn's saga on a matrix written by saga.ts: the shortest run whose objective is near enough to the target.

Three classes or more. Arguments: folder, scaled L2 (lambda * n), target objective, seconds at most. Prints one JSON object.
"""
import json
import sys
import time
import warnings

import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn.linear_model import LogisticRegression

folder, scaled_l2, target, limit = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
warnings.simplefilter("ignore")
shape = json.load(open(f"{folder}/shape.json"))
read = lambda name, kind: np.fromfile(f"{folder}/{name}.bin", dtype=kind)
X = sp.csr_matrix((read("values", "<f4"), read("indices", "<i4"), read("indptr", "<i4")),
                  shape=(shape["rowCount"], shape["columnCount"]))
y = read("labels", "<u4")
n = X.shape[0]


def objective(model):
    W = model.coef_.astype(np.float64)
    z = X.astype(np.float64) @ W.T
    m = z.max(axis=1)
    lse = m + np.log(np.exp(z - m[:, None]).sum(axis=1))
    return (lse - z[np.arange(n), y]).mean() + scaled_l2 / n / 2 * (W ** 2).sum()


tried = []
epochs = 2
while True:
    model = LogisticRegression(solver="saga", C=1 / scaled_l2, fit_intercept=False, multi_class="multinomial",
                               tol=1e-12, max_iter=epochs, random_state=1)
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    tried.append({"epochs": epochs, "seconds": seconds, "objective": objective(model)})
    if tried[-1]["objective"] <= target or seconds > limit:
        break
    epochs = int(np.ceil(epochs * 1.5))
print(json.dumps({"version": sklearn.__version__, "reached": bool(tried[-1]["objective"] <= target), **tried[-1]}))
