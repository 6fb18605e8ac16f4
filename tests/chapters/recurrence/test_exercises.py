"""The exercises of `before/recurrence`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from tests.exercises.marking import marking_of


def logit(p):
    return np.log(p / (1 - p))


def steps(share, factor):
    k, left = 0, 1.0
    while left > share:
        k, left = k + 1, left * factor
    return k


def write(rows, *, both=None, value=None, clear=True):
    """A way to set the forget bias: into which rows, and what becomes of the second vector."""

    def set_forget_bias(lstm, bias):
        d = lstm.hidden_size
        chosen = slice(rows[0] * d, rows[1] * d)
        with torch.no_grad():
            lstm.bias_ih_l0[chosen] = bias
            if both:
                lstm.bias_hh_l0[chosen] = bias
            elif clear:
                lstm.bias_hh_l0[chosen] = 0

    return set_forget_bias


def into_a_copy(lstm, bias):
    biases = lstm.bias_ih_l0.detach().clone()
    biases[lstm.hidden_size : 2 * lstm.hidden_size] = bias


def split_over_both(lstm, bias):
    d = lstm.hidden_size
    with torch.no_grad():
        for vector in (lstm.bias_ih_l0, lstm.bias_hh_l0):
            vector[d : 2 * d] = bias / 2


def leaky(combine):
    """A Jacobian from the slope of tanh (d,), U, alpha, the identity, tanh (d,), and the state."""

    def leaky_jacobian(x, h, W, U, alpha):
        tanh = np.tanh(W @ x + U @ h)
        return combine(1 - tanh**2, U, alpha, np.eye(len(h)), tanh, h)

    return leaky_jacobian


def by_loop(w):
    for lag, size in enumerate(w.gradients):
        if size < 2**-24:
            return lag
    return None


RIGHT = {
    "steps": [
        (steps),
        (lambda s, f: int(np.ceil(np.log2(s) / np.log2(f)))),
        (lambda s, f: np.ceil(np.log(s) / np.log(f))),  # a float, but whole
    ],
    "bias": [
        (lambda share, lag: logit(share ** (1 / lag))),
        (lambda share, lag: -np.log(share ** (-1 / lag) - 1)),
        (lambda s, lag: torch.logit(torch.tensor(s ** (1 / lag)).double()).item()),
    ],
    "bug": [(write((1, 2))), (split_over_both)],
    "leaky": [
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * np.diag(s) @ U)),
        (leaky(lambda s, U, a, one, t, h: torch.tensor((1 - a) * one + a * s[:, None] * U))),
    ],
    "widget": [
        (by_loop),
        (lambda w: next(iter(np.flatnonzero(w.gradients < 2**-24)), None)),
    ],
    "clipping": [("b"), (" B ")],
}

WRONG = {
    "steps": [
        (lambda s, f: np.log(s) / np.log(f), "whole steps"),
        (lambda s, f: int(np.log(s) / np.log(f)), "a step too early"),
        (lambda s, f: int(np.ceil((1 - s) / (1 - f))), "of what is left"),
        (lambda s, f: int(np.ceil(np.log(f) / np.log(s))), "the other way about"),
        (lambda s, f: 10 / s, "should be 35"),
    ],
    "bias": [
        (lambda share, lag: share ** (1 / lag), "that is the gate"),
        (lambda share, lag: logit(share), "in one step"),
        (lambda share, lag: logit(1 - (1 - share) / lag), "the gates multiply"),
        (lambda share, lag: -logit(share ** (1 / lag)), "the sign"),
        (lambda share, lag: np.log(lag), "is kept after"),
    ],
    "bug": [
        (write((0, 1), both=True), "the first d rows are the input gate"),
        (write((2, 3)), "cell or the output gate"),
        (write((1, 2), both=True), "adds two bias vectors"),
        (write((1, 2), clear=False), "clear it"),
        (write((0, 4)), "all four gates"),
        (into_a_copy, "nothing changed"),
    ],
    "leaky": [
        (leaky(lambda s, U, a, one, t, h: a * s[:, None] * U), "first term too"),
        (
            leaky(lambda s, U, a, one, t, h: (1 - a) + a * s[:, None] * U),
            "identity matrix",
        ),
        (
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * s * U),
            "multiplies the columns",
        ),
        (
            leaky(
                lambda s, U, a, one, t, h: (
                    (1 - a) * one + a * (1 - ((1 - a) * h + a * t) ** 2)[:, None] * U
                )
            ),
            "h_t is not the tanh",
        ),
        (
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * (1 - h**2)[:, None] * U),
            "not at the old state",
        ),
        (
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + s[:, None] * U),
            "with weight α",
        ),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * U), "has a slope"),
        (
            leaky(lambda s, U, a, one, t, h: ((1 - a) * one + a * s[:, None] * U).T),
            "transposed",
        ),
        (leaky(lambda s, U, a, one, t, h: s), "expected shape (3, 3)"),
        (leaky(lambda s, U, a, one, t, h: one + U), "not the derivative yet"),
    ],
    "widget": [
        (lambda w: int(np.argmax(w.gradients < 2**-24)), "argmax of a list"),
        (lambda w: w.gradient < 2**-24, "only at the one that is set"),
        (
            lambda w: w.lag if w.gradient < 2**-24 else None,
            "only at the one that is set",
        ),
        (
            lambda w: int(np.flatnonzero(w.gradients >= 2**-24)[-1]),
            "the last that is still heard",
        ),
        (lambda w: (lag := by_loop(w)) and lag + 1, "the index is the lag"),
        (lambda w: int((w.gradients < 2**-24).sum()) or None, "how many lags"),
        (lambda w: w.lag + 5, "you gave 55"),
    ],
    "clipping": [
        ("a", "once, after the whole gradient"),
        ("c", "by one number"),
        ("d", "one exploding step"),
        ("e", "expected one of the letters"),
    ],
}


TestMarking = marking_of("recurrence", RIGHT, WRONG)
