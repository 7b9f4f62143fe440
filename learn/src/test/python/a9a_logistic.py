"""The minimum of logistic regression on a9a, for kawi.optim.FiniteSumTest: Newton's method in NumPy, checked by SciPy's L-BFGS-B.

    python3 a9a_logistic.py FOLDER_OF_a9a > ../resources/kawi/optim/a9a.json
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize

LAMBDA = 1e-4
x = np.zeros((32561, 123))
y = np.zeros(32561)
for i, line in enumerate(open(sys.argv[1] + "/a9a")):
    label, *entries = line.split()
    y[i] = float(label)
    for entry in entries:
        index, value = entry.split(":")
        x[i, int(index) - 1] = float(value)


def loss(w):
    z = -y * (x @ w)
    return np.logaddexp(0, z).mean() + LAMBDA / 2 * w @ w, x.T @ (-y / (1 + np.exp(-z))) / len(y) + LAMBDA * w


w = np.zeros(123)
for _ in range(20):
    p = 1 / (1 + np.exp(-(x @ w)))
    hessian = (x * (p * (1 - p))[:, None]).T @ x / len(y) + LAMBDA * np.eye(123)
    w -= np.linalg.solve(hessian, loss(w)[1])
value, gradient = loss(w)
other = minimize(loss, np.zeros(123), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "maxfun": 20000, "ftol": 0, "gtol": 1e-9})
assert abs(other.fun - value) < 1e-12, (other.fun, value)
assert np.linalg.norm(gradient) < 1e-13
json.dump({"lambda": LAMBDA, "value": value, "w": list(w)}, sys.stdout)
