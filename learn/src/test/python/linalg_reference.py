"""Figures for kawi.linalg.ReferenceTest, computed by NumPy and SciPy (LAPACK) in double precision.

    python3 linalg_reference.py > ../resources/kawi/linalg/reference.json
"""

import json
import sys

import numpy as np
import scipy.linalg

random = np.random.default_rng(7)
cases = []


def array(a):
    a = np.asarray(a, dtype=np.float64)
    numbers = [str(x) if not np.isfinite(x) else float(x) for x in a.ravel()]
    return {"shape": list(a.shape), "data": numbers}


def case(name, inputs, *outputs):
    cases.append({"function": name, "inputs": [array(i) for i in inputs], "outputs": [array(o) for o in outputs]})


def normal(*shape):
    return random.standard_normal(shape)


def each(f, a, rank=2):
    """Applies f to the last axes, for functions of SciPy that take no batches."""
    batch = a.shape[: a.ndim - rank]
    return np.array([f(m) for m in a.reshape((-1,) + a.shape[a.ndim - rank :])]).reshape(batch + np.shape(f(a.reshape((-1,) + a.shape[a.ndim - rank :])[0])))


def positive(*shape):
    a = normal(*shape)
    return a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1])


def symmetric(*shape):
    a = normal(*shape)
    return a + np.swapaxes(a, -1, -2)


def largest_positive(u):
    at = np.argmax(np.abs(u), axis=-2, keepdims=True)
    return np.sign(np.take_along_axis(u, at, axis=-2))


SQUARE = [(1, 1), (2, 2), (5, 5), (9, 9), (2, 3, 3), (2, 1, 4, 4)]
ANY = SQUARE + [(1, 4), (4, 1), (5, 3), (3, 5), (2, 4, 2), (3, 2, 6)]

for shape in SQUARE:
    a = normal(*shape)
    case("inv", [a], np.linalg.inv(a))
    case("det", [a], np.linalg.det(a))
    case("slogdet", [a], *np.linalg.slogdet(a))
    b = normal(*shape[:-1], 3)
    case("solve", [a, b], np.linalg.solve(a, b))
    case("matrixExp", [a], scipy.linalg.expm(a))
    case("matrixExp", [7 * a], scipy.linalg.expm(7 * a))
    case("matrixPower3", [a], np.linalg.matrix_power(a, 3))
    case("matrixPower-2", [a], np.linalg.matrix_power(a, -2))
    p = positive(*shape)
    case("cholesky", [p], np.linalg.cholesky(p))
    s = symmetric(*shape)
    w, v = np.linalg.eigh(s)
    case("eigh", [s], w, v * largest_positive(v))
    for name, order in (("1", 1), ("-1", -1), ("2", 2), ("-2", -2), ("inf", np.inf), ("-inf", -np.inf)):
        case("cond" + name, [a], np.linalg.cond(a, order))
    lower = np.tril(a) + 3 * np.eye(shape[-1])
    case("solveLower", [lower, b], each(lambda m: scipy.linalg.solve_triangular(m[:, :-3], m[:, -3:], lower=True), np.concatenate([lower, b], -1)))
    case("solveUpperUnit", [a, b], each(lambda m: scipy.linalg.solve_triangular(m[:, :-3], m[:, -3:], unit_diagonal=True), np.concatenate([a, b], -1)))

for shape in ANY:
    a = normal(*shape)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    signs = largest_positive(u)
    case("svd", [a], u * signs, s, vh * np.swapaxes(signs, -1, -2))
    q, r = np.linalg.qr(a)
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    case("qr", [a], q * signs[..., None, :], r * signs[..., :, None])
    case("pinv", [a], np.linalg.pinv(a))
    case("trace", [a], np.trace(a, axis1=-2, axis2=-1))
    case("matrixRank", [a], np.linalg.matrix_rank(a))
    case("frobenius", [a], np.linalg.norm(a, "fro", axis=(-2, -1)))
    case("nuclear", [a], np.linalg.norm(a, "nuc", axis=(-2, -1)))
    for name, order in (("1", 1), ("-1", -1), ("2", 2), ("-2", -2), ("inf", np.inf), ("-inf", -np.inf)):
        case("matrixNorm" + name, [a], np.linalg.norm(a, order, axis=(-2, -1)))
    for name, order in (("0", 0), ("1", 1), ("2", 2), ("3.5", 3.5), ("0.5", 0.5), ("-1.5", -1.5), ("inf", np.inf), ("-inf", -np.inf)):
        case("vectorNorm" + name, [a], np.linalg.norm(a, order, axis=-1))
    b = normal(*shape[:-1], 2)
    case("lstsq", [a, b], each(lambda m: np.linalg.lstsq(m[:, :-2], m[:, -2:], rcond=None)[0], np.concatenate([a, b], -1)))

# Without full rank
thin = normal(6, 2) @ normal(2, 5)
b = normal(6, 3)
case("pinv", [thin], np.linalg.pinv(thin, rcond=1e-12))
case("matrixRank", [thin], np.linalg.matrix_rank(thin))
case("lstsq", [thin, b], np.linalg.lstsq(thin, b, rcond=1e-12)[0])
case("matrixRank", [np.zeros((3, 4))], 0)
case("pinv", [np.zeros((3, 4))], np.zeros((4, 3)))
# Near the limits of the exponent
case("svd", [np.array([[1e-200]])], [[1]], [1e-200], [[1]])
case("vectorNorm2", [np.array([3e200, 4e200])], 5e200)
case("vectorNorm2", [np.array([3e-200, 4e-200])], 5e-200)
case("inv", [1e-20 * np.eye(3)], 1e20 * np.eye(3))
case("solve", [1e-30 * np.array([[2.0, 1], [1, 3]]), np.array([[1.0], [2]])], 1e30 * np.array([[0.2], [0.6]]))
factors = [normal(2, 30), normal(30, 3), normal(3, 20), normal(20, 4)]
case("multiDot", factors, np.linalg.multi_dot(factors))

json.dump(cases, sys.stdout, separators=(",", ":"))
