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
        ("steps_until", steps),
        ("steps_until", lambda s, f: int(np.ceil(np.log2(s) / np.log2(f)))),
        ("steps_until", lambda s, f: np.ceil(np.log(s) / np.log(f))),  # a float, but whole
    ],
    "bias": [
        ("forget_bias_for", lambda share, lag: logit(share ** (1 / lag))),
        ("forget_bias_for", lambda share, lag: -np.log(share ** (-1 / lag) - 1)),
        (
            "forget_bias_for",
            lambda s, lag: torch.logit(torch.tensor(s ** (1 / lag)).double()).item(),
        ),
    ],
    "bug": [("set_forget_bias", write((1, 2))), ("set_forget_bias", split_over_both)],
    "leaky": [
        ("leaky_jacobian", leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * np.diag(s) @ U)),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: torch.tensor((1 - a) * one + a * s[:, None] * U)),
        ),
    ],
    "widget": [
        ("first_lost_lag", by_loop),
        ("first_lost_lag", lambda w: next(iter(np.flatnonzero(w.gradients < 2**-24)), None)),
    ],
    "clipping": [("clipping", "b"), ("clipping", " B ")],
}

WRONG = {
    "steps": [
        ("steps_until", lambda s, f: np.log(s) / np.log(f), "whole steps"),
        ("steps_until", lambda s, f: int(np.log(s) / np.log(f)), "a step too early"),
        ("steps_until", lambda s, f: int(np.ceil((1 - s) / (1 - f))), "of what is left"),
        ("steps_until", lambda s, f: int(np.ceil(np.log(f) / np.log(s))), "the other way about"),
        ("steps_until", lambda s, f: 10 / s, "should be 35"),
    ],
    "bias": [
        ("forget_bias_for", lambda share, lag: share ** (1 / lag), "that is the gate"),
        ("forget_bias_for", lambda share, lag: logit(share), "in one step"),
        ("forget_bias_for", lambda share, lag: logit(1 - (1 - share) / lag), "the gates multiply"),
        ("forget_bias_for", lambda share, lag: -logit(share ** (1 / lag)), "the sign"),
        ("forget_bias_for", lambda share, lag: np.log(lag), "is kept after"),
    ],
    "bug": [
        ("set_forget_bias", write((0, 1), both=True), "the first d rows are the input gate"),
        ("set_forget_bias", write((2, 3)), "cell or the output gate"),
        ("set_forget_bias", write((1, 2), both=True), "adds two bias vectors"),
        ("set_forget_bias", write((1, 2), clear=False), "clear it"),
        ("set_forget_bias", write((0, 4)), "all four gates"),
        ("set_forget_bias", into_a_copy, "nothing changed"),
    ],
    "leaky": [
        ("leaky_jacobian", leaky(lambda s, U, a, one, t, h: a * s[:, None] * U), "first term too"),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: (1 - a) + a * s[:, None] * U),
            "identity matrix",
        ),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * s * U),
            "multiplies the columns",
        ),
        (
            "leaky_jacobian",
            leaky(
                lambda s, U, a, one, t, h: (
                    (1 - a) * one + a * (1 - ((1 - a) * h + a * t) ** 2)[:, None] * U
                )
            ),
            "h_t is not the tanh",
        ),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * (1 - h**2)[:, None] * U),
            "not at the old state",
        ),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: (1 - a) * one + s[:, None] * U),
            "with weight α",
        ),
        ("leaky_jacobian", leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * U), "has a slope"),
        (
            "leaky_jacobian",
            leaky(lambda s, U, a, one, t, h: ((1 - a) * one + a * s[:, None] * U).T),
            "transposed",
        ),
        ("leaky_jacobian", leaky(lambda s, U, a, one, t, h: s), "expected shape (3, 3)"),
        ("leaky_jacobian", leaky(lambda s, U, a, one, t, h: one + U), "not the derivative yet"),
    ],
    "widget": [
        ("first_lost_lag", lambda w: int(np.argmax(w.gradients < 2**-24)), "argmax of a list"),
        ("first_lost_lag", lambda w: w.gradient < 2**-24, "only at the one that is set"),
        (
            "first_lost_lag",
            lambda w: w.lag if w.gradient < 2**-24 else None,
            "only at the one that is set",
        ),
        (
            "first_lost_lag",
            lambda w: int(np.flatnonzero(w.gradients >= 2**-24)[-1]),
            "the last that is still heard",
        ),
        ("first_lost_lag", lambda w: (lag := by_loop(w)) and lag + 1, "the index is the lag"),
        ("first_lost_lag", lambda w: int((w.gradients < 2**-24).sum()) or None, "how many lags"),
        ("first_lost_lag", lambda w: w.lag + 5, "you gave 55"),
    ],
    "clipping": [
        ("clipping", "a", "once, after the whole gradient"),
        ("clipping", "c", "by one number"),
        ("clipping", "d", "one exploding step"),
        ("clipping", "e", "expected one of the letters"),
    ],
}


TestMarking = marking_of("recurrence", RIGHT, WRONG)
