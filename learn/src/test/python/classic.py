"""Writes ../resources/kawi/classic/reference.json: solutions of small problems by NumPy and SciPy in double precision, for kawi.classic.
Run in this folder: python3 classic.py"""
import json
import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

rng = np.random.default_rng(5)
n, d, classes = 60, 4, 3
x = rng.normal(size=(n, d)) @ np.diag([1, 2, 0.5, 1]) + np.array([1, -2, 0, 3])
y = x @ np.array([1.0, -0.5, 2.0, 0.0]) + 3 + 0.3 * rng.normal(size=n)
label = np.argmax(x @ rng.normal(size=(d, classes)) + rng.gumbel(size=(n, classes)), axis=1)
sign = np.where(label == 0, -1.0, 1.0)
out = dict(x=x.tolist(), y=y.tolist(), label=label.tolist(), sign=sign.tolist())

mean = x.mean(0)
w, *_ = np.linalg.lstsq(x - mean, y - y.mean(), rcond=None)
out["leastSquares"] = [*w, y.mean() - mean @ w]

lam = 2.5
a = np.vstack([x - mean, np.sqrt(lam) * np.eye(d)])  # ridge as least squares of more rows
w, *_ = np.linalg.lstsq(a, np.concatenate([y - y.mean(), np.zeros(d)]), rcond=None)
out["ridge"] = [*w, y.mean() - mean @ w]

penalty = 0.01
def logistic(t):
    return np.mean(np.logaddexp(0, -sign * (x @ t[:d] + t[d]))) + penalty / 2 * t[:d] @ t[:d]
out["logistic"] = minimize(logistic, np.zeros(d + 1), method="BFGS", options=dict(gtol=1e-10)).x.tolist()

def softmax(t):
    t = t.reshape(d + 1, classes)
    logp = log_softmax(x @ t[:d] + t[d], axis=1)
    return -logp[np.arange(n), label].mean() + penalty / 2 * np.sum(t[:d] ** 2)
t = minimize(softmax, np.zeros((d + 1) * classes), method="BFGS", options=dict(gtol=1e-10)).x.reshape(d + 1, classes)
out["softmax"] = np.exp(log_softmax(x @ t[:d] + t[d], axis=1)).tolist()

joint = np.empty((n, classes))
for c in range(classes):
    m = x[label == c]
    var = m.var(0) + 1e-9 * x.var(0).max()
    joint[:, c] = np.log(len(m) / n) - 0.5 * np.sum(np.log(var) + (x - m.mean(0)) ** 2 / var, axis=1)
out["naiveBayes"] = np.exp(log_softmax(joint, axis=1)).tolist()

k = np.exp(-0.3 * ((x[:, None] - x[None]) ** 2).sum(2))
out["kernelRidge"] = (k @ np.linalg.solve(k + 0.7 * np.eye(n), y)).tolist()

u, s, vh = np.linalg.svd(x - mean, full_matrices=False)
vh *= np.sign(vh[np.arange(d), np.abs(vh).argmax(1)])[:, None]
out["components"] = vh.tolist()
out["variances"] = (s ** 2 / (n - 1)).tolist()

with open("../resources/kawi/classic/reference.json", "w") as f:
    json.dump({key: np.round(v, 14).tolist() for key, v in out.items()}, f, separators=(",", ":"))
    f.write("\n")
