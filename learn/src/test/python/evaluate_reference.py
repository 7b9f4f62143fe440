"""Figures for kawi.evaluate.ReferenceTest, computed by NumPy and SciPy.

    python3 evaluate_reference.py > ../resources/kawi/evaluate/reference.json
"""

import json
import sys

import numpy as np
from scipy import special, stats

random = np.random.default_rng(11)


class JavaRandom:
    """java.util.Random as its documentation gives it, so that both sides draw the same resamples."""

    def __init__(self, seed):
        self.state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def bits(self, n):
        self.state = (self.state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        value = self.state >> (48 - n)
        return value - (1 << n) if value >= 1 << (n - 1) and n == 32 else value

    def next_int(self, bound):
        if bound & -bound == bound:
            return (bound * self.bits(31)) >> 31
        while True:
            bits = self.bits(31)
            value = bits % bound
            if bits - value + bound - 1 < 1 << 31:
                return value


def binomial():
    cases = []
    for n in (1, 2, 5, 30, 100, 1000, 16281):
        for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            for confidence in (0.8, 0.95, 0.999):
                test = stats.binomtest(k, n)
                half = (1 - confidence) / 2
                low = special.betaincinv(k, n - k + 1, half) if k > 0 else 0.0
                high = special.betaincinv(k + 1, n - k, 1 - half) if k < n else 1.0
                exact = test.proportion_ci(confidence, method="exact")  # which looks for its roots to 1e-12
                assert abs(exact.low - low) + abs(exact.high - high) < 1e-10
                wilson = test.proportion_ci(confidence, method="wilson")
                cases.append([k, n, confidence, low, high, wilson.low, wilson.high])
    return cases


def beta():
    cases = []
    for a, b in ((0.5, 0.5), (1, 1), (2, 3), (0.1, 20), (50, 3), (300, 400), (5000, 3), (1e5, 2e5)):
        mean = a / (a + b)
        for x in (1e-6, 0.1 * mean, mean, 1 - 0.5 * (1 - mean), 0.999999):
            cases.append([x, a, b, special.betainc(a, b, x)])
    return cases


def bootstraps():
    """Efron and Tibshirani's formulas for the mean, and for the ratio of two means, over the resamples of java.util.Random."""
    cases = []
    for n, ratio in ((12, False), (40, False), (25, True)):
        x = random.gamma(2.0, size=n)
        y = random.gamma(3.0, size=n)

        def statistic(i):
            return x[i].mean() / y[i].mean() if ratio else x[i].mean()

        java = JavaRandom(5)
        values = np.array([statistic(np.array([java.next_int(n) for _ in range(n)])) for _ in range(2000)])
        confidence = 0.9
        percentile = np.quantile(values, [0.05, 0.95])
        observed = statistic(np.arange(n))
        z0 = stats.norm.ppf((values < observed).mean() + 0.5 * (values == observed).mean())
        without = np.array([statistic(np.delete(np.arange(n), i)) for i in range(n)])
        d = without.mean() - without
        a = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
        z = stats.norm.ppf([0.05, 0.95])
        bca = np.quantile(values, stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
        cases.append({"x": list(x), "y": list(y) if ratio else None, "percentile": list(percentile), "bca": list(bca)})
    return cases


def ranking():
    """ROC and precision-recall by counting, with ties."""
    cases = []
    for n, digits in ((2, 1), (7, 0), (50, 1), (200, 3)):
        score = np.round(random.standard_normal(n), digits)
        positive = random.random(n) < 0.4
        positive[0], positive[1] = True, False
        pairs = np.sign(score[positive][:, None] - score[~positive][None, :])
        auc = ((pairs + 1) / 2).mean()
        average, before = 0.0, 0.0
        for t in sorted(set(score), reverse=True):
            chosen = score >= t
            recall = (chosen & positive).sum() / positive.sum()
            average += (recall - before) * (chosen & positive).sum() / chosen.sum()
            before = recall
        cases.append({"score": list(score), "positive": [int(p) for p in positive], "auc": auc, "average_precision": average})
    return cases


def student():
    return [[c, nu, stats.t.ppf((1 + c) / 2, nu)] for c in (0.5, 0.9, 0.95, 0.999) for nu in (1, 2, 4, 9, 99, 1e4)]


json.dump(
    {"binomial": binomial(), "beta": beta(), "bootstrap": bootstraps(), "ranking": ranking(), "student": student()},
    sys.stdout,
)
