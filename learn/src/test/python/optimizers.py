"""Sequences for kawi.optim.OptimizerReferenceTest: 20 steps of every method on small problems, in double precision, computed by NumPy
from the published rules (the papers are named at each rule). Gradients are written out by hand.

    python3 optimizers.py > ../resources/kawi/optim/sequences.json

Where PyTorch is installed, `python3 optimizers.py --torch` also runs torch.optim on the same gradients and prints the largest
relative difference for each method that it has.
With PyTorch 1.13.1 (Debian): at most 2.6e-15 for all methods but NAdam, 2.1e-3, whose program of that version multiplies ∏μ by μ_t
twice where its documentation, later versions and the paper have it once; with the same factor here the difference is 2e-9, for it
keeps the product in single precision.
"""

import json
import sys

import numpy as np

STEPS = 20

# ---- problems: parameters to start from, and their gradients at step t

A = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, -0.5], [0.0, -0.5, 1.0]])
B = np.array([1.0, -2.0, 0.5])
X = np.array([[0.5, 1.2], [-1.0, 0.3], [1.5, -0.7], [0.2, 0.1], [-0.4, -1.1], [2.0, 0.6], [-1.7, 0.9], [0.8, -0.2]])
Y = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0])
TABLE = np.array([[0.5, -0.3], [1.0, 0.2], [-0.7, 0.4], [0.1, -0.9], [0.3, 0.6], [-0.2, 0.8]])


def quadratic(p, t):
    return [A @ p[0] - B]


def rosenbrock(p, t):
    """(1 − x)² + 10(y − x²)²"""
    x, y = p[0]
    return [np.array([-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)])]


def logistic(p, t):
    """mean ln(1 + exp(−y(xᵀw + b)))"""
    r = -Y / (1 + np.exp(Y * (X @ p[0] + p[1]))) / len(Y)
    return [X.T @ r, np.array([r.sum()])]


def named(t):
    """The rows that step t names; one of them twice."""
    return [t % 5, (2 * t + 1) % 5, t % 5]


def rows(p, t):
    """½ Σᵢ ‖table[i] − (0.1 i, −0.2 i)‖² over the rows that the step names; the last row never is."""
    g = np.zeros_like(p[0])
    for i in named(t):
        g[i] += p[0][i] - np.array([0.1 * i, -0.2 * i])
    return [g]


PROBLEMS = {
    "quadratic": (quadratic, [np.array([2.0, -1.0, 0.5])]),
    "rosenbrock": (rosenbrock, [np.array([-1.2, 1.0])]),
    "logistic": (logistic, [np.array([0.3, -0.2]), np.array([0.1])]),
}
ROWS = {"rows": (rows, [TABLE])}

# ---- methods: each keeps what it needs for one parameter; step(θ, g, t, η) gives the next θ


class Sgd:
    """Polyak 1964; Nesterov's in the form of Sutskever et al. 2013 that PyTorch documents."""

    def __init__(self, mu=0.0, nesterov=False):
        self.mu, self.nesterov, self.v = mu, nesterov, 0

    def step(self, x, g, t, lr):
        self.v = self.mu * self.v + g
        return x - lr * (g + self.mu * self.v if self.nesterov else self.v)


class AdaGrad:
    """Duchi, Hazan, Singer 2011."""

    def __init__(self, eps=1e-10, start=0.0):
        self.eps, self.sum = eps, start

    def step(self, x, g, t, lr):
        self.sum = self.sum + g * g
        return x - lr * g / (np.sqrt(self.sum) + self.eps)


class RmsProp:
    """Tieleman and Hinton 2012; centred: Graves 2013."""

    def __init__(self, alpha=0.99, eps=1e-8, mu=0.0, centred=False):
        self.alpha, self.eps, self.mu, self.centred = alpha, eps, mu, centred
        self.v = self.mean = self.b = 0

    def step(self, x, g, t, lr):
        self.v = self.alpha * self.v + (1 - self.alpha) * g**2
        self.mean = self.alpha * self.mean + (1 - self.alpha) * g
        root = np.sqrt(self.v - self.mean**2) if self.centred else np.sqrt(self.v)
        self.b = self.mu * self.b + g / (root + self.eps)
        return x - lr * self.b


class AdaDelta:
    """Zeiler 2012, algorithm 1."""

    def __init__(self, rho=0.9, eps=1e-6):
        self.rho, self.eps, self.g2, self.d2 = rho, eps, 0, 0

    def step(self, x, g, t, lr):
        self.g2 = self.rho * self.g2 + (1 - self.rho) * g**2
        delta = -np.sqrt(self.d2 + self.eps) / np.sqrt(self.g2 + self.eps) * g
        self.d2 = self.rho * self.d2 + (1 - self.rho) * delta**2
        return x + lr * delta


class Adam:
    """Kingma and Ba 2015, algorithm 1; amsgrad: Reddi, Kale, Kumar 2018 with Adam's bias corrections."""

    def __init__(self, b1=0.9, b2=0.999, eps=1e-8, amsgrad=False):
        self.b1, self.b2, self.eps, self.amsgrad = b1, b2, eps, amsgrad
        self.m = self.v = self.largest = 0

    def moments(self, g):
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = self.b2 * self.v + (1 - self.b2) * g**2

    def step(self, x, g, t, lr):
        self.moments(g)
        self.largest = np.maximum(self.largest, self.v)
        v = self.largest if self.amsgrad else self.v
        return x - lr * (self.m / (1 - self.b1**t)) / (np.sqrt(v / (1 - self.b2**t)) + self.eps)


class AdaMax(Adam):
    """Kingma and Ba 2015, algorithm 2, with PyTorch's ε."""

    def step(self, x, g, t, lr):
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = np.maximum(self.b2 * self.v, np.abs(g) + self.eps)
        return x - lr / (1 - self.b1**t) * self.m / self.v


class NAdam(Adam):
    """Dozat 2016, algorithm 2, with the schedule of its section on μ (ψ = 0.004)."""

    def step(self, x, g, t, lr):
        self.moments(g)
        mu = lambda k: self.b1 * (1 - 0.5 * 0.96 ** (0.004 * k))
        upto = np.prod([mu(k) for k in range(1, t + 1)])
        m = mu(t + 1) * self.m / (1 - upto * mu(t + 1)) + (1 - mu(t)) * g / (1 - upto)
        return x - lr * m / (np.sqrt(self.v / (1 - self.b2**t)) + self.eps)


class RAdam(Adam):
    """Liu et al. 2020, algorithm 2, with the bound 5 of their program."""

    def step(self, x, g, t, lr):
        self.moments(g)
        m = self.m / (1 - self.b1**t)
        end = 2 / (1 - self.b2) - 1
        rho = end - 2 * t * self.b2**t / (1 - self.b2**t)
        if rho <= 5:
            return x - lr * m
        r = np.sqrt((rho - 4) * (rho - 2) * end / ((end - 4) * (end - 2) * rho))
        return x - lr * m * r * np.sqrt(1 - self.b2**t) / (np.sqrt(self.v) + self.eps)


class Lars:
    """You, Gitman, Ginsburg 2017, algorithm 1."""

    def __init__(self, mu, trust=0.001, decay=0.0):
        self.mu, self.trust, self.decay, self.v = mu, trust, decay, 0

    def step(self, x, g, t, lr):
        w, n = np.linalg.norm(x), np.linalg.norm(g)
        local = self.trust * w / (n + self.decay * w) if w > 0 and n > 0 else 1
        self.v = self.mu * self.v + lr * local * (g + self.decay * x)
        return x - self.v


class Lamb(Adam):
    """You et al. 2020, algorithm 2, φ(z) = z."""

    def __init__(self, decay=0.0):
        super().__init__(eps=1e-6)
        self.decay = decay

    def step(self, x, g, t, lr):
        self.moments(g)
        r = (self.m / (1 - self.b1**t)) / (np.sqrt(self.v / (1 - self.b2**t)) + self.eps)
        u = r + self.decay * x
        w, n = np.linalg.norm(x), np.linalg.norm(u)
        return x - lr * (w / n if w > 0 and n > 0 else 1) * u


class Lookahead:
    """Zhang et al. 2019, algorithm 1."""

    def __init__(self, fast, k, alpha):
        self.fast, self.k, self.alpha, self.slow = fast, k, alpha, None

    def begin(self, x):
        self.slow = x if self.slow is None else self.slow

    def step(self, x, g, t, lr):
        x = self.fast.step(x, g, t, lr)
        if t % self.k == 0:
            self.slow = x = self.slow + self.alpha * (x - self.slow)
        return x


# ---- around a method


def coupled(decay):
    return lambda x, g, lr: (x, g + decay * x)


def decoupled(decay):
    return lambda x, g, lr: (x * (1 - lr * decay), g)


def soft(decay):
    return lambda x, lr: np.sign(x) * np.maximum(np.abs(x) - lr * decay, 0)


def clip_value(c):
    return lambda gs: [np.clip(g, -c, c) for g in gs]


def clip_each(c):
    return lambda gs: [g * min(1, c / np.linalg.norm(g)) for g in gs]


def clip_global(c):
    def clip(gs):
        n = np.sqrt(sum((g**2).sum() for g in gs))
        return [g * min(1, c / n) for g in gs]

    return clip


def sequence(problem, method, lr, decay=None, proximal=None, clips=(), last=None, lazy=False, accumulate=1, average=None):
    """20 rows: all parameters one after the other after each step, or their averages.

    lr: a number or a function of t from 0; last: (lr, decay) of the last of several parameters; average: weight of step t from 1.
    """
    gradients, start = problem
    xs = [x.copy() for x in start]
    means = [x.copy() for x in start]
    methods = [method() for _ in xs]
    if lazy:  # every row is a parameter of its own, which waits until it is named
        row_methods = [method() for _ in xs[0]]
    out, t, waiting = [], 0, []
    for call in range(1, STEPS + 1):
        waiting.append(gradients(xs, call))
        if len(waiting) == accumulate:
            t += 1
            gs = [sum(g) / accumulate for g in zip(*waiting)]
            waiting = []
            for clip in clips:
                gs = clip(gs)
            for i, g in enumerate(gs):
                rate, shrink = (lr(t - 1) if callable(lr) else lr), decay
                if last is not None and i == len(gs) - 1 and len(gs) > 1:
                    rate, shrink = last
                if lazy:
                    for row in sorted(set(named(call))):
                        xs[i][row] = one(row_methods[row], xs[i][row], g[row], t, rate, shrink, proximal)
                else:
                    xs[i] = one(methods[i], xs[i], g, t, rate, shrink, proximal)
                if average is not None:
                    means[i] = means[i] + average(t) * (xs[i] - means[i])
        out.append(np.concatenate([x.ravel() for x in (xs if average is None else means)]))
    return out


def one(method, x, g, t, rate, decay, proximal):
    if isinstance(method, Lookahead):
        method.begin(x)
    if decay is not None:
        x, g = decay(x, g, rate)
    x = method.step(x, g, t, rate)
    return x if proximal is None else proximal(x, rate)


# name: (arguments of sequence, the same in torch or None)
CASES = {
    "sgd": (dict(method=Sgd, lr=0.02), ("SGD", dict())),
    "sgd momentum": (dict(method=lambda: Sgd(0.9), lr=0.005), ("SGD", dict(momentum=0.9))),
    "sgd nesterov": (dict(method=lambda: Sgd(0.9, True), lr=0.005), ("SGD", dict(momentum=0.9, nesterov=True))),
    "sgd decay": (dict(method=Sgd, lr=0.02, decay=coupled(0.1)), ("SGD", dict(weight_decay=0.1))),
    "sgd nesterov decay": (dict(method=lambda: Sgd(0.8, True), lr=0.005, decay=coupled(0.1)), ("SGD", dict(momentum=0.8, nesterov=True, weight_decay=0.1))),
    "sgd momentum decoupled": (dict(method=lambda: Sgd(0.9), lr=0.005, decay=decoupled(0.3)), None),
    "adagrad": (dict(method=AdaGrad, lr=0.2), ("Adagrad", dict())),
    "adagrad start decay": (dict(method=lambda: AdaGrad(1e-6, 0.5), lr=0.2, decay=coupled(0.1)), ("Adagrad", dict(eps=1e-6, initial_accumulator_value=0.5, weight_decay=0.1))),
    "rmsprop": (dict(method=RmsProp, lr=0.01), ("RMSprop", dict())),
    "rmsprop centred": (dict(method=lambda: RmsProp(0.9, centred=True), lr=0.01), ("RMSprop", dict(alpha=0.9, centered=True))),
    "rmsprop momentum": (dict(method=lambda: RmsProp(mu=0.8), lr=0.005), ("RMSprop", dict(momentum=0.8))),
    "rmsprop all": (dict(method=lambda: RmsProp(0.9, 1e-6, 0.8, True), lr=0.005, decay=coupled(0.1)), ("RMSprop", dict(alpha=0.9, eps=1e-6, momentum=0.8, centered=True, weight_decay=0.1))),
    "adadelta": (dict(method=AdaDelta, lr=1.0), ("Adadelta", dict())),
    "adadelta decay": (dict(method=lambda: AdaDelta(0.8, 1e-4), lr=0.5, decay=coupled(0.1)), ("Adadelta", dict(rho=0.8, eps=1e-4, weight_decay=0.1))),
    "adam": (dict(method=Adam, lr=0.05), ("Adam", dict())),
    "adam decay": (dict(method=lambda: Adam(0.8, 0.95, 1e-6), lr=0.05, decay=coupled(0.1)), ("Adam", dict(betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1))),
    "adam amsgrad": (dict(method=lambda: Adam(b2=0.8, amsgrad=True), lr=0.05), ("Adam", dict(betas=(0.9, 0.8), amsgrad=True))),
    "adam amsgrad decay": (dict(method=lambda: Adam(b2=0.8, amsgrad=True), lr=0.05, decay=coupled(0.1)), ("Adam", dict(betas=(0.9, 0.8), amsgrad=True, weight_decay=0.1))),
    "adamw": (dict(method=Adam, lr=0.05, decay=decoupled(0.01)), ("AdamW", dict(weight_decay=0.01))),
    "adamw amsgrad": (dict(method=lambda: Adam(b2=0.8, amsgrad=True), lr=0.05, decay=decoupled(0.3)), ("AdamW", dict(betas=(0.9, 0.8), amsgrad=True, weight_decay=0.3))),
    "adamax": (dict(method=AdaMax, lr=0.05), ("Adamax", dict())),
    "adamax decay": (dict(method=lambda: AdaMax(0.8, 0.9), lr=0.05, decay=coupled(0.1)), ("Adamax", dict(betas=(0.8, 0.9), weight_decay=0.1))),
    "nadam": (dict(method=NAdam, lr=0.05), ("NAdam", dict())),
    "nadam decay": (dict(method=lambda: NAdam(0.8, 0.9), lr=0.05, decay=coupled(0.1)), ("NAdam", dict(betas=(0.8, 0.9), weight_decay=0.1))),
    "radam": (dict(method=RAdam, lr=0.02), ("RAdam", dict())),
    "radam decay": (dict(method=lambda: RAdam(0.8, 0.95), lr=0.02, decay=coupled(0.1)), ("RAdam", dict(betas=(0.8, 0.95), weight_decay=0.1))),
    "lars": (dict(method=lambda: Lars(0.9, 0.02), lr=0.5), None),
    "lars decay": (dict(method=lambda: Lars(0.9, 0.02, 0.1), lr=0.5), None),
    "lamb": (dict(method=Lamb, lr=0.02), None),
    "lamb decay": (dict(method=lambda: Lamb(0.1), lr=0.02), None),
    "lookahead sgd": (dict(method=lambda: Lookahead(Sgd(0.9), 5, 0.5), lr=0.005), None),
    "lookahead adamw": (dict(method=lambda: Lookahead(Adam(), 3, 0.8), lr=0.05, decay=decoupled(0.1)), None),
    "sgd l1": (dict(method=Sgd, lr=0.02, proximal=soft(0.5)), None),
    "adam l1": (dict(method=Adam, lr=0.05, proximal=soft(0.4)), None),
    "sgd schedule": (dict(method=lambda: Sgd(0.9), lr=lambda t: 0.01 * 0.5 ** (t // 6)), None),
    "adamw groups": (dict(method=Adam, lr=0.05, decay=decoupled(0.3), last=(0.01, None)), None),
    "sgd clip value": (dict(method=Sgd, lr=0.05, clips=[clip_value(0.3)]), None),
    "sgd clip each norm": (dict(method=Sgd, lr=0.05, clips=[clip_each(0.2)]), None),
    "sgd clip both": (dict(method=lambda: Sgd(0.9), lr=0.01, clips=[clip_value(2), clip_global(0.5)]), None),
    "adam accumulate": (dict(method=Adam, lr=0.05, accumulate=3), None),
    "adam ema": (dict(method=Adam, lr=0.05, average=lambda t: 0.1), None),
    "sgd polyak ruppert": (dict(method=Sgd, lr=0.02, average=lambda t: 1 if t <= 5 else 1 / (t - 5)), None),
    "sgd swa": (dict(method=Sgd, lr=0.02, average=lambda t: 1 if t <= 6 else (1 / ((t - 6) // 4 + 1) if (t - 6) % 4 == 0 else 0)), None),
}

LAZY = {
    "rows sgd momentum": dict(method=lambda: Sgd(0.9), lr=0.1, lazy=True),
    "rows sgd decay": dict(method=Sgd, lr=0.1, decay=coupled(0.1), lazy=True),
    "rows adagrad": dict(method=AdaGrad, lr=0.1, lazy=True),
    "rows adam": dict(method=Adam, lr=0.05, lazy=True),
    "rows adamw": dict(method=Adam, lr=0.05, decay=decoupled(0.1), lazy=True),
    "rows dense adam": dict(method=Adam, lr=0.05),
}


def torch_differences():
    import torch

    for name, (arguments, same) in CASES.items():
        if same is None:
            continue
        worst = 0
        for problem, (gradients, start) in PROBLEMS.items():
            ours = sequence((gradients, start), **arguments)
            ps = [torch.nn.Parameter(torch.tensor(x, dtype=torch.float64)) for x in start]
            optimizer = getattr(torch.optim, same[0])(ps, lr=arguments["lr"], **same[1])
            for t in range(STEPS):
                for p, g in zip(ps, gradients([p.detach().numpy() for p in ps], t + 1)):
                    p.grad = torch.tensor(g)
                optimizer.step()
                theirs = np.concatenate([p.detach().numpy().ravel() for p in ps])
                worst = max(worst, np.abs(theirs - ours[t]).max() / np.abs(ours[t]).max())
        print("%-22s %.1e" % (name, worst), file=sys.stderr)


def main():
    if "--torch" in sys.argv:
        torch_differences()
        return
    out = {}
    for name, (arguments, _) in CASES.items():
        out[name] = {k: [list(map(float, row)) for row in sequence(p, **arguments)] for k, p in PROBLEMS.items()}
    for name, arguments in LAZY.items():
        out[name] = {k: [list(map(float, row)) for row in sequence(p, **arguments)] for k, p in ROWS.items()}
    print("{")
    lines = []
    for name, problems in out.items():
        for problem, sequence_ in problems.items():
            assert np.isfinite(sequence_).all(), (name, problem)
            lines.append('"%s, %s": %s' % (name, problem, json.dumps([[float("%.13g" % v) for v in row] for row in sequence_], separators=(",", ":"))))
    print(",\n".join(lines))
    print("}")


main()
