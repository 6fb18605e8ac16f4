"""Checks of the chapter `before/recurrence`."""

import math
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.recurrence.widget import RecurrenceWidget
from attnlab.exercises.answers import array, near, number, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import IN_PLACE, Hint, exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written


@exercise("recurrence/steps", "steps_until")
def _steps(steps_until) -> str:
    with Comparison() as compare:
        for share, factor in (
            (0.5, 0.98),  # 34.3: for whoever rounds down
            (0.25, 0.5),  # reached exactly: for whoever goes on until less is left
            (1e-6, 0.999),  # 13809 steps: for whoever stops counting at 1000, or at 10 000
            (1e-6, 0.45),  # 17.3: for whoever rounds to the nearest
            (0.9, 0.5),  # one step is more than enough
            (1e-3, 0.37),
            (0.24999, 0.5),  # 2.00006: for whoever lets a little too much pass
        ):
            exact = math.log(share) / math.log(factor)
            right, case = math.ceil(exact), call("steps_until", share, factor)
            wrong = [
                (math.floor(exact),
                 "{case}: after {got} steps more than the share is still left"),
                (round(exact), "{case}: {got} steps are the nearest whole number, not enough"),
                (math.floor(exact) + 1,
                 "{case}: when exactly the share is left, it is at most the share: no step more"),
                (math.ceil((1 - share) / (1 - factor)),
                 "{case}: every step takes a fraction of what is left, not of what there was at "
                 "first"),
                (math.ceil(1 / exact),
                 "{case}: the quotient is upside down: a smaller share takes more steps"),
            ]  # fmt: skip
            got = steps_until(share, factor)
            if got is None and right > 1000:  # there was an answer to smaller ones
                raise Hint("{case} is None: it takes more steps than you try", case=case)
            got = whole(got, name=case)
            compare(got, right, wrong, case=case, got=got)
    return "right: the number of steps grows only with the logarithm of what may be lost"


@exercise("recurrence/bias", "forget_bias_for")
def _bias(forget_bias_for) -> str:
    # A bias that was found by a search is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for share, lag in (
            (0.5, 100),  # a long way: for whoever forgets the lag
            (0.9, 20),  # where the sum of small losses is nearly right
            (0.1, 7),  # and where it is not
            (0.1, 2),  # a gate below one half, and so a negative bias
            (0.3, 1),  # one step: the gate is the share
        ):
            gate = share ** (1 / lag)
            wrong = [
                (gate, "that is the gate; its bias is what the sigmoid takes to this value"),
                (_logit(share),
                 "with this bias the share is kept over one step; over more, less is left"),
                (_logit(share / lag),
                 "the gates multiply: a step keeps more than the share, not a part of it"),
                (-_logit(gate), "the sign: a gate near 1 needs a large positive bias"),
                (_logit(gate) / np.log(10), "the logarithm must be the natural one, to base e"),
                (np.log(gate), "that is the gate's logarithm; the sigmoid's inverse is another"),
            ]  # fmt: skip
            if (linear := 1 - (1 - share) / lag) > 0:
                wrong.append((
                    _logit(linear),
                    "every gate takes a fraction of what is left, not of what there was at first",
                ))  # fmt: skip
            case = call("forget_bias_for", share, lag)
            got = number(forget_bias_for(share, lag), name=case)
            compare(got, _logit(gate), wrong, case=case)
    return "right: it grows with the logarithm of the lag"


def _logit(p: float) -> float:
    """Where the sigmoid takes the value p."""
    return float(np.log(p / (1 - p)))


GATES = ("input", "forget", "cell", "output")


@exercise("recurrence/bug", "set_forget_bias", asks=IN_PLACE)
def _bug(set_forget_bias) -> str:
    returned = []
    # The sum of two vectors in single precision is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for d_in, d, bias, dtype in (
            (2, 3, 3.0, torch.float32),
            (7, 5, 1.0, torch.float64),
            (4, 4, -1.5, torch.float32),  # inputs as many as states, and a gate to be closed
            (3, 1, 2, torch.float64),
        ):
            torch.manual_seed(d)
            lstm = nn.LSTM(d_in, d, dtype=dtype)
            # Starts far apart, so that what is left of them shows.
            with torch.no_grad():
                for each in lstm.parameters():
                    each.normal_()
            given = dict(lstm.named_parameters())
            before = {name: each.detach().clone() for name, each in given.items()}
            returned.append(set_forget_bias(lstm, bias))
            after = dict(lstm.named_parameters())
            _trained_as_before(given, after)
            _only_the_forget_gate(before, after)
            ih, hh = (before[name].chunk(4)[1].double() for name in ("bias_ih_l0", "bias_hh_l0"))
            gate = 1 / (1 + math.exp(-bias))
            wrong = [
                (torch.full_like(ih, 2 * bias),
                 "PyTorch adds two bias vectors: the gate now starts at σ({twice:g})"),
                (ih + bias, "the other bias vector is added too, and still has its random start"),
                (hh + bias, "the other bias vector is added too, and still has its random start"),
                (ih + hh + bias,
                 "you add to what the random start was: the gates must start at σ(bias) itself"),
                (ih + hh + 2 * bias,
                 "you add to what the random start was: the gates must start at σ(bias) itself"),
                (torch.full_like(ih, gate),
                 "that is where the gate should start; the bias is what goes into the sigmoid"),
                (ih + gate,
                 "that is where the gate should start; the bias is what goes into the sigmoid"),
                (hh + gate,
                 "that is where the gate should start; the bias is what goes into the sigmoid"),
                (torch.full_like(ih, -bias), "the sign: a large bias must open the gate"),
            ]  # fmt: skip
            compare(
                _added(after)[1],
                torch.full_like(ih, bias),
                wrong,
                case=equations(bias=bias, d_in=d_in, d=d),
                twice=2 * bias,
            )
    if any(each is not None for each in returned):
        raise Hint(
            "the LSTM is as it should be; only, a function that changes what it is given returns "
            "nothing here"
        )
    return "right: the forget gate's rows, and one bias of the two"


def _trained_as_before(given: dict, after: dict) -> None:
    """A hint unless the LSTM has the parameters that it had, whatever is in them."""
    if set(given) != set(after) or not all(each.requires_grad for each in after.values()):
        raise Hint("not all parameters of the LSTM would be trained as before")
    for name, parameter in given.items():
        if after[name] is not parameter:
            raise Hint(
                "`{name}` is another parameter than before, which an optimizer that was made "
                "before does not know: write into the old one",
                name=name,
            )


def _only_the_forget_gate(before: dict, after: dict) -> None:
    """A hint if anything has changed but the biases of the forget gate, or nothing at all."""
    for name, was in before.items():
        if after[name].shape != was.shape or after[name].dtype != was.dtype:
            raise Hint("`{name}` has another shape or dtype than before", name=name)
        if name.startswith("weight") and not torch.equal(was, after[name]):
            raise Hint("`{name}` has changed; only biases should", name=name)
    pairs = zip(GATES, _added(before), _added(after), strict=True)
    moved = [name for name, was, now in pairs if not torch.equal(was, now)]
    others = [name for name in moved if name != "forget"]
    if not moved and len(before["bias_hh_l0"]) > len(GATES):  # rows of one unit are soon missed
        raise Hint(
            "nothing changed, with hidden_size = {d}: write into the vectors in place, "
            "lstm.bias_ih_l0[…] = …",
            d=len(before["bias_hh_l0"]) // len(GATES),
        )
    if others:
        raise Hint(
            "the biases of other gates than the forget gate have changed; those that have: {gates}",
            more="the order is input, forget, cell, output, d rows each; those that you have "
            "changed: {gates}",
            gates=listed(others),
        )


def _added(parameters: dict) -> list[torch.Tensor]:
    """The biases of each gate, as they act: both vectors added."""
    both = parameters["bias_ih_l0"].detach().double() + parameters["bias_hh_l0"].detach().double()
    return list(both.chunk(4))


@exercise("recurrence/leaky", "leaky_jacobian")
def _leaky(leaky_jacobian) -> str:
    # A derivative that was found by small steps is right to six digits or so.
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for d, d_in, alpha, dtype in (
            (3, 2, 0.3, float),
            (5, 7, 0.8, float),  # another α: for whoever exchanges it with 1 - α
            (4, 4, 0.5, np.float32),  # d_in = d, where W and U could stand for one another
            (6, 1, 1.0, float),  # the plain RNN: nothing is kept
            (1, 3, 0.2, float),
        ):
            rng = np.random.default_rng(d)
            x, h = rng.standard_normal(d_in).astype(dtype), rng.standard_normal(d).astype(dtype)
            W, U = (rng.standard_normal((d, k)).astype(dtype) for k in (d_in, d))
            tanh = np.tanh(W @ x + U @ h)
            slope, kept = 1 - tanh**2, (1 - alpha) * np.eye(d)
            mixed = (1 - alpha) * h + alpha * tanh  # the new state
            right = kept + alpha * slope[:, None] * U
            wrong = [
                (alpha * slope[:, None] * U,
                 "h_{{t-1}} stands in the first term too: (1 - α) h_{{t-1}}"),
                (slope[:, None] * U, "that is the Jacobian of the plain RNN, without the leak"),
                ((1 - alpha) + alpha * slope[:, None] * U,
                 "the first term's derivative is no number that is added everywhere",
                 "the first term's derivative is (1 - α) times the identity matrix, not a number "
                 "that is added everywhere"),
                (kept + alpha * slope * U, "yours multiplies the columns of U by the slopes",
                 "row i belongs to output i, so its slope multiplies row i of U; yours multiplies "
                 "the columns"),
                (kept + alpha * (1 - mixed**2)[:, None] * U,
                 "the slope is 1 - tanh² of what is inside the tanh; h_t is not the tanh here"),
                (kept + alpha * (1 - h**2)[:, None] * U,
                 "the slope is not that at the old state",
                 "the slope is taken where this step is, at W x + U h, not at the old state"),
                (kept + alpha * (1 - tanh)[:, None] * U, "the slope of tanh has a square in it"),
                (kept + slope[:, None] * U, "the new part is mixed in with weight α"),
                (kept + alpha * U, "tanh has a slope: 1 - tanh²"),
                (kept + alpha * (1 - np.tanh(U @ h) ** 2)[:, None] * U,
                 "the slope is that of the whole sum in the tanh, of which the input is a part"),
                (kept + alpha * np.diag(slope) * U,
                 "of U only the diagonal is left: `*` multiplies number by number"),
                (kept + alpha * slope[:, None] * U.T, "U is transposed, though its rows are right"),
                (alpha * np.eye(d) + (1 - alpha) * slope[:, None] * U,
                 "α and 1 - α have changed places"),
                (right.T,
                 "transposed: row i is for number i of h_t, column j for number j of h_{{t-1}}"),
            ]  # fmt: skip
            got = array(leaky_jacobian(x, h, W, U, alpha), (d, d))
            compare(got, right, wrong, case=equations(d=d, d_in=d_in, alpha=alpha))
    return "right: on the diagonal there is always a path that keeps 1 - α"


@exercise("recurrence/widget", "first_lost_lag", sets=("lag",))
def _widget(first_lost_lag) -> str:
    state: dict[str, Any]
    with Comparison() as compare:
        for state in (
            {"lag": 50, "gain": 0.9, "tanh": False},  # for lag 0 counted as 1
            # A lag is set that is long lost; and for whoever rounds the threshold to 6e-8.
            {"lag": 200, "gain": 0.702, "tanh": False},
            {"lag": 10, "gain": 0.7937, "tanh": False},  # or to 5.96e-8
            {"lag": 3, "gain": 0.9, "tanh": True},  # less than gain^lag, for whoever computes that
            {"lag": 120, "gain": 1.0, "tanh": False},  # none is lost
            {"lag": 7, "gain": 1.1, "tanh": True},  # some are faint, and none is lost
            {"lag": 60, "gain": 0.92, "tanh": False},  # the very last: for whoever stops at 199
        ):
            w = RecurrenceWidget(**state)
            lost = np.flatnonzero(w.gradients < 2**-24)
            right = int(lost[0]) if len(lost) else None
            heard = np.flatnonzero(w.gradients >= 2**-24)
            wrong = [
                (0 if right is None else right,
                 "{case}: no lag is lost here; lag 0 is the present, whose gradient is 1"),
                (int(heard[-1]), "{case}: that is the last lag that is still heard"),
                (len(lost), "{case}: that is how many lags are lost, not which is the first"),
                (len(lost) or None,
                 "{case}: that is how many lags are lost, not which is the first"),
                (w.lag, "{case}: that is the lag that is set; look at all of `w.gradients`"),
                (200 if right else None, "{case}: that is a lost lag, but not the first"),
            ]  # fmt: skip
            if right is not None:
                wrong.append((right + 1, "{case}: one too many: `w.gradients[0]` is lag 0"))
            case = call("first_lost_lag", w)
            got = first_lost_lag(RecurrenceWidget(**state))
            if got is None and right is not None:
                raise Hint("{case}: there is a lag that is lost, and you return None", case=case)
            compare(None if got is None else whole(got, name=case), right, wrong, case=case)
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


written(
    "recurrence/in-writing",
    "to_a_colleague",
    points=[
        "The gradient from 30 steps back is a product of 30 Jacobians, and factors below 1 make it "
        "vanish: what was shown so early hardly moves the weights.",
        "A larger state does not change these factors; more room is no help to a network that "
        "never learns to use what it has.",
        "There is evidence: with the same size and the same training the tanh-RNN recalls from "
        "another start (and LSTM and GRU from the same start, after longer training on mixed "
        "distances).",
        "It names something to try that acts on the factors, or goes around them: an orthogonal "
        "start with small inputs, an LSTM with a forget bias, attention. Mixed distances count "
        "for a network with gates only.",
        "It does not claim that an RNN cannot remember, nor that the remedy must work: a "
        "gradient that arrives makes learning likely.",
    ],
)
