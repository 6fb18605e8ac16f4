"""The exercises of `before/recurrence`: right answers pass, wrong ones get the hint they need."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.chapters.recurrence.exercises import _bug
from attnlab.exercises import Hint
from attnlab.exercises.work import Work
from tests.exercises.marking import marking_of


def logit(p):
    return np.log(p / (1 - p))


def steps(share, factor):
    k, left = 0, 1.0
    while left > share:
        k, left = k + 1, left * factor
    return k


def within(limit):
    def steps_until(share, factor):
        for k in range(limit):
            if factor**k <= share:
                return k

    return steps_until


def strictly(share, factor):
    k = 0
    while factor**k >= share:
        k += 1
    return k


def quotient(share, factor):
    return np.log(share) / np.log(factor)


def bias_by_search(share, lag):
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-middle))) ** lag < share else (low, middle)
    return low


def gate_by_torch(share, lag):
    return torch.logit(torch.tensor(share, dtype=torch.float64) ** (1 / lag))


def write(rows=(1, 2), *, both=False, value=lambda bias: bias, clear=True, first="ih"):
    """A way to set the forget bias: into which rows, and what becomes of the second vector."""

    def set_forget_bias(lstm, bias):
        d = lstm.hidden_size
        chosen = slice(rows[0] * d, rows[1] * d)
        vectors = [lstm.bias_ih_l0, lstm.bias_hh_l0]
        one, other = vectors if first == "ih" else vectors[::-1]
        with torch.no_grad():
            one[chosen] = value(bias)
            if both:
                other[chosen] = value(bias)
            elif clear:
                other[chosen] = 0

    return set_forget_bias


def through_data(lstm, bias):
    d = lstm.hidden_size
    lstm.bias_hh_l0.data[d : 2 * d].fill_(bias)
    nn.init.zeros_(lstm.bias_ih_l0.data[d : 2 * d])


def by_difference(lstm, bias):
    d = lstm.hidden_size
    with torch.no_grad():
        lstm.bias_ih_l0[d : 2 * d] = bias - lstm.bias_hh_l0[d : 2 * d]


def in_new_parameters(lstm, bias):
    kept = lstm.bias_ih_l0.detach().clone().chunk(4)
    new = torch.cat([kept[0], torch.full_like(kept[1], bias), *kept[2:]])
    lstm.bias_ih_l0 = nn.Parameter(new)
    lstm.bias_hh_l0.data[len(kept[0]) : 2 * len(kept[0])] = 0


def but_the_last(lstm, bias):
    d = lstm.hidden_size
    with torch.no_grad():
        lstm.bias_ih_l0[d : 2 * d - 1] = bias
        lstm.bias_hh_l0[d : 2 * d - 1] = 0


def into_a_copy(lstm, bias):
    biases = lstm.bias_ih_l0.detach().clone()
    biases[lstm.hidden_size : 2 * lstm.hidden_size] = bias


def with_all_forget_rows(lstm, bias):
    d = lstm.hidden_size
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter[d : 2 * d] = 0
        lstm.bias_ih_l0[d : 2 * d] = bias


def adding(times):
    def set_forget_bias(lstm, bias):
        d = lstm.hidden_size
        with torch.no_grad():
            for vector in (lstm.bias_ih_l0, lstm.bias_hh_l0)[:times]:
                vector[d : 2 * d] += bias

    return set_forget_bias


def frozen(lstm, bias):
    write()(lstm, bias)
    lstm.bias_ih_l0.requires_grad_(False)


def leaky(combine):
    """A Jacobian from the slope of tanh (d,), U, alpha, the identity, tanh (d,), and the state."""

    def leaky_jacobian(x, h, W, U, alpha):
        tanh = np.tanh(W @ x + U @ h)
        return combine(1 - tanh**2, U, alpha, np.eye(len(h)), tanh, h)

    return leaky_jacobian


def leaky_step(x, h, W, U, alpha):
    return (1 - alpha) * h + alpha * np.tanh(W @ x + U @ h)


def leaky_by_small_steps(x, h, W, U, alpha):
    columns = []
    for move in 1e-5 * np.eye(len(h)):
        ahead, behind = (leaky_step(x, h + sign * move, W, U, alpha) for sign in (1, -1))
        columns.append((ahead - behind) / 2e-5)
    return np.stack(columns, axis=1)


def leaky_by_autograd(x, h, W, U, alpha):
    x, h, W, U = map(torch.from_numpy, (x, h, W, U))
    step = lambda h: (1 - alpha) * h + alpha * torch.tanh(W @ x + U @ h)  # noqa: E731
    return torch.autograd.functional.jacobian(step, h)


def leaky_entry_by_entry(x, h, W, U, alpha):
    slope = 1 - np.tanh(W @ x + U @ h) ** 2
    places = range(len(h))
    return [[(1 - alpha) * (i == j) + alpha * slope[i] * U[i, j] for j in places] for i in places]


def changing_h(x, h, W, U, alpha):
    h *= 1 - alpha
    return leaky_entry_by_entry(x, h, W, U, alpha)


def lost(w):
    return np.flatnonzero(w.gradients < 2**-24)


def by_loop(w):
    for lag, size in enumerate(w.gradients):
        if size < 2**-24:
            return lag
    return None


def by_setting(w):
    for w.lag in range(201):
        if w.gradient < 2**-24:
            return w.lag
    return None


def up_to(last):
    def first_lost_lag(w):
        return next((lag for lag in range(last) if w.gradients[lag] < 2**-24), None)

    return first_lost_lag


RIGHT = {
    "steps": [
        steps,
        lambda s, f: int(np.ceil(np.log2(s) / np.log2(f))),
        lambda s, f: np.ceil(np.log(s) / np.log(f)),  # a float, but whole
        lambda s, f: math.ceil(math.log(s, f)),
        lambda s, f: torch.tensor(quotient(s, f)).ceil(),
        within(20_000),
    ],
    "bias": [
        lambda share, lag: logit(share ** (1 / lag)),
        lambda share, lag: -np.log(share ** (-1 / lag) - 1),
        gate_by_torch,
        bias_by_search,
        lambda share, lag: [np.log(share) / lag - np.log1p(-(share ** (1 / lag)))][0].item(),
    ],
    "bug": [
        write(),
        write(first="hh"),
        write(both=True, value=lambda bias: bias / 2),
        through_data,
        by_difference,
        lambda lstm, bias: [by_difference(lstm, bias), write()(lstm, bias)][1],
    ],
    "leaky": [
        leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * np.diag(s) @ U),
        leaky(lambda s, U, a, one, t, h: torch.tensor((1 - a) * one + a * s[:, None] * U)),
        leaky_by_small_steps,
        leaky_by_autograd,
        leaky_entry_by_entry,
    ],
    "widget": [
        by_loop,
        lambda w: next(iter(lost(w)), None),
        lambda w: lost(w)[0] if len(lost(w)) else None,
        lambda w: int(np.argmax(w.gradients < 2**-24)) or None,
        by_setting,
    ],
    "clipping": ["b", " B ", "b)"],
    "in-writing": ["The state is large enough. What is missing is a gradient from so far back."],
}

WRONG = {
    "steps": [
        (quotient, "steps_until(0.5, 0.98) should be a whole number"),
        (lambda s, f: int(quotient(s, f)), "more than the share is still left"),
        (lambda s, f: round(quotient(s, f)), "the nearest whole number"),
        (lambda s, f: int(quotient(s, f)) + 1, "no step more"),
        (strictly, "steps_until(0.25, 0.5): when exactly the share is left"),
        (lambda s, f: math.ceil(quotient(s, f) - 0.01), "(0.24999, 0.5): expected 3, got 2"),
        (lambda s, f: int(quotient(s, f) + 0.999), "(0.24999, 0.5): expected 3, got 2"),
        (within(1000), "steps_until(1e-06, 0.999) is None: it takes more steps than you try"),
        (within(10_000), "more steps than you try"),
        (lambda s, f: print(steps(s, f)), "is a `return` missing?"),
        (lambda s, f: math.ceil((1 - s) / (1 - f)), "of what is left"),
        (lambda s, f: math.ceil(1 / quotient(s, f)), "upside down"),
        (lambda s, f: 0, "steps_until(0.5, 0.98): expected 35, got 0"),
        (lambda s, f: 1, "steps_until(0.5, 0.98): expected 35, got 1"),
        (lambda s, f: 10 / s, "steps_until(0.9, 0.5) should be a whole number, got 11.1"),
        (lambda s, f: strictly(s, f) + 1, "expected 35, got 36"),
        (lambda s, f: str(steps(s, f)), "should be one number, got '35'"),
        (lambda s, f: math.ceil(-math.log(s)), "expected 35, got 1"),
    ],
    "bias": [
        (lambda share, lag: share ** (1 / lag), "that is the gate"),
        (lambda share, lag: logit(share), "kept over one step"),
        (lambda share, lag: logit(1 - (1 - share) / lag), "of what is left"),
        (lambda share, lag: logit(share**1 / lag), "not a part of it"),
        (lambda share, lag: -logit(share ** (1 / lag)), "the sign"),
        (lambda share, lag: np.log(share) / lag, "the gate's logarithm"),
        (lambda share, lag: logit(share ** (1 / lag)) / np.log(10), "natural one"),
        (lambda share, lag: np.log(lag), "forget_bias_for(0.5, 100): expected 4.968, got 4.605"),
        (lambda share, lag: np.log(lag / -np.log(share)), "forget_bias_for(0.5, 100): expected"),
        (lambda share, lag: logit(share ** (1 / (lag + 1))), "forget_bias_for(0.5, 100): exp"),
        (lambda share, lag: max(0, logit(share ** (1 / lag))), "forget_bias_for(0.1, 2): exp"),
        (lambda share, lag: round(logit(share ** (1 / lag)), 2), "forget_bias_for(0.5, 100): exp"),
        (lambda share, lag: print(logit(share)), "is a `return` missing?"),
        (lambda share, lag: Fraction(share), "forget_bias_for(0.5, 100): expected"),
    ],
    "bug": [
        (write((0, 1), both=True), "those that have: input"),
        (write((2, 3)), "those that have: cell"),
        (write((3, 4)), "those that have: output"),
        (write((0, 2)), "those that have: input"),
        (write((0, 4)), "those that have: input, cell, output"),
        (write(both=True), "adds two bias vectors: the gate now starts at σ(6)"),
        (write(clear=False), "still has its random start"),
        (write(clear=False, first="hh"), "still has its random start"),
        (adding(1), "what the random start was"),
        (adding(2), "what the random start was"),
        (write(value=lambda bias: 1 / (1 + math.exp(-bias))), "goes into the sigmoid"),
        (write(value=lambda bias: 1 / (1 + math.exp(-bias)), clear=False), "goes into the sig"),
        (write(value=lambda bias: -bias), "must open the gate"),
        (write(value=lambda bias: 0), "bias = 3.0, d_in = 2, d = 3: at [0] expected 3, got 0"),
        (write(value=abs), "bias = -1.5, d_in = 4, d = 4: at [0] expected -1.5, got 1.5"),
        (into_a_copy, "nothing changed, with hidden_size = 3"),
        (but_the_last, "bias = 3.0, d_in = 2, d = 3: at [2] expected 3"),
        (in_new_parameters, "`bias_ih_l0` is another parameter than before"),
        (with_all_forget_rows, "`weight_ih_l0` has changed"),
        (frozen, "would be trained as before"),
        (lambda lstm, bias: [write()(lstm, bias), lstm][1], "returns nothing here"),
        (lambda lstm, bias: lstm.bias_ih_l0[0:1].fill_(bias), "`set_forget_bias` raised Runtime"),
    ],
    "leaky": [
        (leaky(lambda s, U, a, one, t, h: a * s[:, None] * U), "first term too"),
        (leaky(lambda s, U, a, one, t, h: s[:, None] * U), "without the leak"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) + a * s[:, None] * U), "added everywhere"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * s * U), "multiplies the columns"),
        (leaky(lambda s, U, a, one, t, h:
               (1 - a) * one + a * (1 - ((1 - a) * h + a * t) ** 2)[:, None] * U),
         "h_t is not the tanh"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * (1 - h**2)[:, None] * U),
         "not that at the old state"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * (1 - t)[:, None] * U), "a square"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + s[:, None] * U), "with weight α"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * U), "has a slope"),
        (leaky(lambda s, U, a, one, t, h: a * one + (1 - a) * s[:, None] * U), "changed places"),
        (leaky(lambda s, U, a, one, t, h: ((1 - a) * one + a * s[:, None] * U).T), "transposed"),
        (leaky(lambda s, U, a, one, t, h: s), "should have shape (3, 3), got (3,)"),
        (leaky(lambda s, U, a, one, t, h: one + U), "d = 3, d_in = 2, alpha = 0.3: at "),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + 0.3 * s[:, None] * U),
         "d = 5, d_in = 7, alpha = 0.8: at "),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * np.diag(s) * U), "`*` multiplies"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a * s[:, None] * U.T), "is transposed"),
        (leaky(lambda s, U, a, one, t, h: (1 - a) * one + a / np.cosh(U @ h)[:, None] ** 2 * U),
         "of which the input is a part"),
        (changing_h, "changes `h` in place"),
        (leaky_step, "should have shape (3, 3)"),
    ],
    "widget": [
        (lambda w: int(np.argmax(w.gradients < 2**-24)), "no lag is lost here"),
        (lambda w: w.gradient < 2**-24, "should be one number, got False"),
        (lambda w: w.lag if w.gradient < 2**-24 else None, "there is a lag that is lost"),
        (lambda w: int(np.flatnonzero(w.gradients >= 2**-24)[-1]), "the last lag that is still"),
        (lambda w: (lag := by_loop(w)) and lag + 1, "`w.gradients[0]` is lag 0"),
        (lambda w: int((w.gradients < 2**-24).sum()), "how many lags"),
        (lambda w: int((w.gradients < 2**-24).sum()) or None, "how many lags"),
        (lambda w: w.lag, "the lag that is set"),
        (lambda w: lost(w)[-1] if len(lost(w)) else None, "not the first"),
        (lambda w: w.lag + 5, "expected 158, got 55"),
        (up_to(200), "there is a lag that is lost"),
        (up_to(100), "there is a lag that is lost"),
        (lambda w: -1 if by_loop(w) is None else by_loop(w), "expected None, got -1"),
        (lambda w: by_loop(w) or 201, "expected None, got 201"),
        (lambda w: lost(w)[0], "`first_lost_lag` raised IndexError"),
        (lambda w: math.ceil(math.log(2**-24) / math.log(w.gain)) if w.gain < 1 else None,
         "gain=0.9, tanh=True)): expected 118, got 158"),
        (lambda w: next((lag for lag in range(201) if w.gradients[lag] < 1e-6), None), "got 132"),
        (lambda w: next((lag for lag in range(201) if w.gradients[lag] < 6e-8), None), "got 47"),
        (lambda w: next((lag for lag in range(201) if w.gradients[lag] < 5.96e-8), None), "got 73"),
        (lambda w: lost(w)[:1], "first_lost_lag(RecurrenceWidget(lag=50, gain=0.9"),
    ],
    "clipping": [
        ("a", "once, after the whole gradient"),
        ("c", "by one number"),
        ("d", "even"),
        ("e", "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (12, "should be text"), ("...", "no words")],
}  # fmt: skip


TestMarking = marking_of("recurrence", RIGHT, WRONG)


def test_a_parameter_that_is_gone_is_told():
    def without(lstm, bias):
        del lstm.bias_hh_l0

    with pytest.raises(Hint, match="would be trained as before"):
        _bug(Work("set_forget_bias", without, in_place=True))
