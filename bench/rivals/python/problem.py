"""The problem that posed.ts writes, and its objective in f64."""
import json

import numpy as np
import scipy.sparse as sp


class Problem:
    """mean log-loss of softmax(W x) + (lambda / 2) |W|^2, with n lambda = scaled_l2; X: CSR, rows as they were written."""

    def __init__(self, folder, scaled_l2, dtype=np.float64):
        with open(f"{folder}/shape.json") as file:
            self.shape = json.load(file)
        read = lambda name, kind: np.fromfile(f"{folder}/{name}.bin", dtype=kind)
        self.rows, self.features, self.classes = (self.shape[k] for k in ("rowCount", "featureCount", "classCount"))
        self.X = sp.csr_matrix(
            (read("values", "<f4").astype(dtype), read("indices", "<i4"), read("indptr", "<i4")),
            shape=(self.rows, self.features),
        )
        self.y = read("labels", "<u4").astype(np.int64)
        self.l2 = scaled_l2 / self.rows

    def losses(self, z):
        """Mean log-loss of scores [rows][classes], and softmax(z)."""
        m = z.max(axis=1, keepdims=True)
        e = np.exp(z - m)
        total = e.sum(axis=1, keepdims=True)
        return float((m + np.log(total))[:, 0].mean() - z[np.arange(self.rows), self.y].mean()), e / total

    def objective(self, W):
        """W: [classes][features], or [1][features] as two classes are often stored: the log-odds of the second."""
        W = np.asarray(W, dtype=np.float64)
        if W.shape[0] == 1:
            W = np.vstack([-W[0] / 2, W[0] / 2])
        loss, _ = self.losses(np.asarray(self.X.astype(np.float64) @ W.T))
        return loss + self.l2 / 2 * float((W * W).sum())
