"""Checks of the chapter `before/recurrence`."""

from operator import eq

import numpy as np
import torch
from torch import nn

from attnlab.chapters.recurrence.widget import RecurrenceWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import IN_PLACE, Hint, exercise
from attnlab.exercises.notation import call


@exercise("recurrence/steps", "steps_until")
def _steps(steps_until) -> str:
    for share, factor, right in ((0.5, 0.98, 35), (1e-6, 0.45, 18), (1e-3, 0.99, 688)):
        got = steps_until(share, factor)
        case = call("steps_until", share, factor)
        if np.isclose(got, np.log(share) / np.log(factor)):
            raise Hint("{case} is not a whole number yet: you can only take whole steps", case=case)
        if got == right - 1:
            raise Hint(
                "{case} stops a step too early: {factor:g}^{steps} = {left:.3g} is still more "
                "than {share:g}",
                case=case, factor=factor, steps=right - 1, left=factor ** (right - 1), share=share,
            )  # fmt: skip
        if abs(got - (1 - share) / (1 - factor)) <= 1:
            raise Hint(
                "every step takes a fraction of what is left, not of what there was at first"
            )
        if abs(got - np.log(factor) / np.log(share)) <= 1:
            raise Hint(
                "the logarithms are the other way about: factor^k = share, so k = log share …"
            )
        if got != right:
            raise Hint("{case} should be {right}, you gave {got}", case=case, right=right, got=got)
    return "right: the number of steps grows only with the logarithm of what may be lost"


@exercise("recurrence/bias", "forget_bias_for")
def _bias(forget_bias_for) -> str:
    for share, lag in ((0.5, 100), (0.9, 20), (0.1, 7)):
        gate = share ** (1 / lag)
        got = forget_bias_for(share, lag)
        if np.isclose(got, np.log(gate / (1 - gate))):
            continue
        recognize(got, [
            (gate, "that is the gate; its bias is what the sigmoid takes to this value"),
            (np.log(share / (1 - share)),
             "that keeps {share} in one step; after {lag} steps almost nothing is left"),
            (np.log(lag / (1 - share) - 1),
             "the gates multiply: solve f^lag = share, not 1 - lag·(1 - f) = share"),
            (np.log(1 / gate - 1), "the sign: a gate near 1 needs a large positive bias"),
        ], share=share, lag=lag)  # fmt: skip
        raise Hint(
            "{case} gave a bias with which {kept:.3g} is kept after {lag} steps",
            case=call("forget_bias_for", share, lag), kept=(1 / (1 + np.exp(-got))) ** lag, lag=lag,
        )  # fmt: skip
    return "right"


@exercise("recurrence/bug", "set_forget_bias", asks=IN_PLACE)
def _bug(set_forget_bias) -> str:
    for d, bias in ((3, 3.0), (5, 1.0)):
        lstm = nn.LSTM(2, d)
        before = _gate_biases(lstm)
        set_forget_bias(lstm, bias)
        after = _gate_biases(lstm)
        moved = [not torch.equal(was, now) for was, now in zip(before, after, strict=True)]
        if not any(moved):
            raise Hint("nothing changed: write into the vectors in place, lstm.bias_ih_l0[…] = …")
        if all(moved):
            raise Hint("all four gates changed; only the rows of the forget gate should")
        if moved[0]:
            raise Hint(
                "the first d rows are the input gate; the order is input, forget, cell, output"
            )
        if moved[2] or moved[3]:
            raise Hint(
                "rows of the cell or the output gate changed: other libraries order their gates "
                "in another way, PyTorch's order is input, forget, cell, output"
            )
        if torch.allclose(after[1], torch.tensor(2 * bias)):
            raise Hint(
                "PyTorch adds two bias vectors: the gate now starts at σ({twice:g})", twice=2 * bias
            )
        if not torch.allclose(after[1], torch.tensor(bias)):
            raise Hint(
                "the other bias vector is added too, and still has its random start: clear it"
            )
    return "right: the forget gate's rows, and one bias of the two"


def _gate_biases(lstm: nn.LSTM) -> list[torch.Tensor]:
    """The biases of the input, forget, cell and output gate, as they act: both vectors added."""
    both = lstm.get_parameter("bias_ih_l0") + lstm.get_parameter("bias_hh_l0")
    return list(both.detach().clone().chunk(4))


@exercise("recurrence/leaky", "leaky_jacobian")
def _leaky(leaky_jacobian) -> str:
    rng = np.random.default_rng(0)
    for d, d_in, alpha in ((3, 2, 0.3), (5, 7, 0.8)):
        x, h = rng.standard_normal(d_in), rng.standard_normal(d)
        W, U = rng.standard_normal((d, d_in)), rng.standard_normal((d, d))
        tanh = np.tanh(W @ x + U @ h)
        slope, one = 1 - tanh**2, np.eye(d)
        mixed = (1 - alpha) * h + alpha * tanh  # the new state
        right = (1 - alpha) * one + alpha * slope[:, None] * U
        got = np.asarray(leaky_jacobian(x, h, W, U, alpha))
        if got.shape != (d, d):
            raise Hint("expected shape ({d}, {d}), got {got}", d=d, got=got.shape)
        if np.allclose(got, right):
            continue
        recognize(got, [
            (alpha * slope[:, None] * U,
             "h_{{t-1}} stands in the first term too: (1 - α) h_{{t-1}}"),
            ((1 - alpha) + alpha * slope[:, None] * U, "the first term's derivative is (1 - α) "
             "times the identity matrix, not a number that is added everywhere"),
            ((1 - alpha) * one + alpha * slope * U, "row i belongs to output i, so its slope "
             "multiplies row i of U; yours multiplies the columns"),
            ((1 - alpha) * one + alpha * (1 - mixed**2)[:, None] * U,
             "the slope is 1 - tanh² of what is inside the tanh; h_t is not the tanh here"),
            ((1 - alpha) * one + alpha * (1 - h**2)[:, None] * U,
             "the slope is taken where this step is, at W x + U h, not at the old state"),
            ((1 - alpha) * one + slope[:, None] * U, "the new part is mixed in with weight α"),
            ((1 - alpha) * one + alpha * U, "tanh has a slope: 1 - tanh²"),
            (right.T,
             "transposed: row i is for number i of h_t, column j for number j of h_{{t-1}}"),
        ])  # fmt: skip
        raise Hint("not the derivative yet; compare with a small nudge of one number of h")
    return "right: on the diagonal there is always a path that keeps 1 - α"


@exercise("recurrence/widget", "first_lost_lag")
def _widget(first_lost_lag) -> str:
    for gain, tanh in ((0.9, False), (0.7, False), (0.9, True), (1.1, True), (1.0, False)):
        w = RecurrenceWidget(lag=50, gain=gain, tanh=tanh)
        lost = np.flatnonzero(w.gradients < 2**-24)
        right = int(lost[0]) if len(lost) else None
        got = first_lost_lag(w)
        case = call("RecurrenceWidget", gain=gain, tanh=tanh)
        if right is None:
            if got is None:
                continue
            if got == 0:
                raise Hint(
                    "{case}: argmax of a list without a True is 0; no lag is lost here, so the "
                    "answer is None",
                    case=case,
                )
            raise Hint("{case}: no lag is lost here, so the answer is None", case=case)
        if got is None or isinstance(got, (bool, np.bool_)):
            raise Hint(
                "{case}: look at every lag in w.gradients, not only at the one that is set",
                case=case,
            )
        if got != right:
            recognize(got, [
                (right - 1,
                 "{case}: lag {got} is the last that is still heard; the next one is lost"),
                (right + 1,
                 "{case}: one too many; w.gradients[0] is lag 0, so the index is the lag"),
                (len(lost), "{case}: that is how many lags are lost, not which is the first"),
            ], alike=eq, case=case, got=got)  # fmt: skip
            raise Hint(
                "{case}: the first lag below 2^-24 is {right}, you gave {got}",
                case=case, right=right, got=got,
            )  # fmt: skip
    return "right"


choice(
    "recurrence/clipping",
    "clipping",
    right="b",
    hints={
        "a": "clipping happens once, after the whole gradient has been computed: on its way back "
        "every Jacobian multiplies as before",
        "c": "clipping scales the whole gradient by one number; it has no way to know which part "
        "of it came from far back",
        "d": "Adam evens out the size over many steps, but one exploding step still spoils its "
        "averages; and the loss did become smooth, so something that mattered was mended",
    },
    praise="right: explosions are cured, what has vanished stays lost",
)
