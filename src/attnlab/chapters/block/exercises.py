"""Checks of the chapter `transformer/block`."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.block.widget import MAX_DEPTH, BlockWidget
from attnlab.exercises.answers import Comparison, array, judges, near, parts, tensor, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.feed_forward import FeedForward

EPS = 1e-5  # of the norms


@exercise("block/norm", "layer_norm")
def _norm(layer_norm) -> str:
    with Comparison() as compare:
        for shape, size, dtype in (
            ((5, 8), 3.0, float),
            ((2, 3, 7), 1.0, float),  # a batch in front
            ((4,), 2.0, float),  # one token by itself
            ((3, 6), 0.01, float),  # small numbers: where the 1e-5 stands can be seen
            ((2, 1, 3, 9), 5.0, np.float32),
            ((6, 4), 0.0, float),  # tokens whose numbers are all alike
        ):
            rng = np.random.default_rng(shape[-1])
            x = (size * rng.standard_normal(shape) + 1.5).astype(dtype)
            gain, bias = rng.standard_normal((2, shape[-1])).astype(dtype)
            over: dict[str, Any] = {"axis": -1, "keepdims": True}
            with np.errstate(all="ignore"):
                centered, variance = x - x.mean(**over), x.var(**over)
                sigma = np.sqrt(variance + EPS)
                hat = centered / sigma
                rms = np.sqrt((x**2).mean(**over) + EPS)
                through = gain * x
                wrong = [
                    (_over_axis(x, 0) * gain + bias,
                     "mean and variance run over the numbers of one token, not over the tokens"),
                    (_over_axis(x, None) * gain + bias,
                     "each token has a mean and a variance of its own"),
                    (hat, "gain and bias are still to be applied"),
                    (hat + bias, "the gain is still to be applied"),
                    (gain * hat, "the bias is still to be added"),
                    (bias * hat + gain, "gain and bias are exchanged"),
                    (gain * (hat + bias), "the bias comes after the gain"),
                    (gain * x / rms + bias, "that is RMSNorm, which subtracts no mean"),
                    (gain * x / sigma + bias, "the mean has not been subtracted"),
                    (gain * centered / rms + bias,
                     "what is divided by has the mean in it still: it is no standard deviation"),
                    (gain * centered + bias, "nothing was divided: the size is what it was"),
                    (gain * centered / (variance + EPS) + bias,
                     "that divides by the variance: the root is missing"),
                    (gain * centered / (np.sqrt(variance) + EPS) + bias,
                     "the 1e-5 belongs to the variance, not to its root"),
                    (gain * centered / np.sqrt(variance) + bias,
                     "the 1e-5 is missing: the numbers of a token may all be alike"),
                    (gain * centered / (np.abs(centered).mean(**over) + EPS) + bias,
                     "the mean of the sizes is no standard deviation"),
                    (gain * centered / np.sqrt(shape[-1] * variance + EPS) + bias,
                     "that divides by the length of the token: it is the mean of the squares, not "
                     "their sum"),
                    (gain * centered / np.sqrt(x.var(ddof=1, **over) + EPS) + bias,
                     "the variance divides by d here, not by d - 1"),
                    ((through - through.mean(**over)) / np.sqrt(through.var(**over) + EPS) + bias,
                     "the gain comes after the division"),
                    (x, "nothing has changed"),
                ]  # fmt: skip
            got = array(layer_norm(x, gain, bias), shape, finite=False)
            got = got.astype(dtype)  # as exact as what came in
            compare(got, gain * hat + bias, wrong, case=equations(shape=shape, size=size))
    return "right: whatever stands in front of the last axis, each token by itself"


def _over_axis(x: np.ndarray, axis: int | None) -> np.ndarray:
    """Numbers less their mean and over their deviation, both over an axis or over all."""
    deviation = np.sqrt(x.var(axis=axis, keepdims=True) + EPS)
    return (x - x.mean(axis=axis, keepdims=True)) / deviation


@exercise("block/rms", "rms_norm")
def _rms(rms_norm) -> str:
    with Comparison() as compare:
        for shape, size, dtype in (
            ((5, 8), 3.0, float),
            ((2, 3, 7), 1.0, float),  # a batch in front
            ((4,), 2.0, float),  # one token by itself
            ((3, 6), 0.01, float),  # small numbers: where the 1e-5 stands can be seen
            ((1, 9), 5.0, np.float32),
            ((6, 2), 0.0, float),  # tokens of zeros
        ):
            rng = np.random.default_rng(len(shape))
            x = (size * (rng.standard_normal(shape) + 1)).astype(dtype)
            gain = rng.standard_normal(shape[-1:]).astype(dtype)

            def over(x, axis: int | None = -1):
                return np.mean(x**2, axis=axis, keepdims=True)

            with np.errstate(all="ignore"):
                right = gain * x / np.sqrt(over(x) + EPS)
                centered = x - x.mean(axis=-1, keepdims=True)
                wrong = [
                    (gain * centered / np.sqrt(over(centered) + EPS),
                     "that is LayerNorm: here no mean is subtracted"),
                    (gain * x / np.sqrt(over(centered) + EPS),
                     "that divides by the standard deviation, which subtracts the mean first"),
                    (gain * centered / np.sqrt(over(x) + EPS), "no mean is subtracted"),
                    (gain * x / np.sqrt(shape[-1] * over(x) + EPS),
                     "that divides by the length of the token: it is the mean of the squares, not "
                     "their sum"),
                    (gain * x / (over(x) + EPS), "the root is missing"),
                    (gain * x / (np.sqrt(over(x)) + EPS), "the 1e-5 stands in the root"),
                    (gain * x / np.sqrt(over(x)), "the 1e-5 is missing: a token may be all zeros"),
                    (gain * x / (np.abs(x).mean(axis=-1, keepdims=True) + EPS),
                     "squares, their mean, the root of it: not the mean of the sizes"),
                    (gain * x / np.sqrt(over(x, axis=0) + EPS),
                     "over the numbers of one token, the last axis, not over the tokens"),
                    (gain * x / np.sqrt(over(x, axis=None) + EPS),
                     "each token by itself: no other one enters into it"),
                    (x / np.sqrt(over(x) + EPS), "the gain is still to be applied"),
                    (gain * x / np.sqrt(over(gain * x) + EPS), "the gain comes after the division"),
                    (x, "nothing was divided"),
                ]  # fmt: skip
            got = array(rms_norm(x, gain), shape, finite=False)
            got = got.astype(dtype)  # as exact as what came in
            compare(got, right, wrong, case=equations(shape=shape, size=size))
    return "right: one line less than LayerNorm, and one direction less taken out"


@exercise("block/alone", "is_position_wise")
def _alone(is_position_wise) -> str:
    for seed, (n, d) in enumerate(((5, 4), (8, 6), (3, 4))):
        x = np.random.default_rng(seed).standard_normal((n, d))
        judges(is_position_wise, _functions(d), x)
    return "right: whoever stands beside it, and wherever it stands"


def _functions(d: int) -> list:
    """Functions that are position-wise or not, and what to tell whoever judges them wrongly."""
    rng = np.random.default_rng(d)
    w_1, w_2 = rng.standard_normal((d, 9)), rng.standard_normal((9, d))

    def think(x):
        return np.maximum(x @ w_1, 0) @ w_2

    def heard(rows=slice(None), columns=slice(None), by=0.5):
        """Beside what each row thinks, some numbers of some rows hear of another row."""

        def f(x):
            out = think(x)
            heard = by * np.roll(x, 1, axis=0)
            out[rows, columns] += heard[rows, columns]
            return out

        return f

    def first_and_second(x):
        out, other = think(x), np.roll(x, 1, axis=0)[:, 0]
        out[:, 0] += other
        out[:, 1] -= other
        return out

    def at(place, x):
        out = think(x)
        out[place] *= 2
        return out

    return [
        (think, True, "a feed-forward network is position-wise (you returned {got})"),
        (lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True), True,
         "a norm over each row is position-wise (you returned {got})"),
        (softmax, True, "a softmax over each row is position-wise (you returned {got})"),
        # Another width, and steps: a small change of the input may change nothing.
        (lambda x: np.sign(x[:, :3]), True,
         "the signs of each row's first numbers are its own (you returned {got})"),
        (lambda x: np.ones((len(x), 2)), True,
         "a function may return the same for whatever row, it is position-wise (you returned "
         "{got})"),
        # Moves with its tokens, which those look at who only change the order.
        (lambda x: attention(x, x, x)[0], False,
         "attention moves with its tokens, as a position-wise function does, but its rows hear of "
         "each other (you returned {got})"),
        (lambda x: think(x) + 1e-3 * x.mean(axis=0), False,
         "a trace of the mean of all rows is enough: this is not position-wise "
         "(you returned {got})"),
        (lambda x: x + (x == x.max(axis=0)), False,
         "a row of this function learns whether its numbers are the largest of all rows' "
         "(you returned {got})"),
        (lambda x: think(x) + np.sign(np.roll(x, 1, axis=0)), False,
         "each row of this function hears of a neighbor's signs (you returned {got})"),
        # Some rows or columns alone, for whoever looks at one.
        (heard(), False, "each row of this function hears of its neighbor (you returned {got})"),
        (heard(rows=slice(1, None)), False,
         "all rows of this function but the first hear of the one before (you returned {got})"),
        (heard(rows=slice(None, 1)), False,
         "the first row of this function hears of the last (you returned {got})"),
        (heard(rows=slice(1, 2)), False,
         "the second row of this function hears of the first, no other does (you returned {got})"),
        (heard(rows=slice(-1, None)), False,
         "the last row of this function hears of the one before (you returned {got})"),
        (heard(columns=slice(1)), False,
         "one number in each row hears of the neighbor, the first (you returned {got})"),
        (heard(columns=slice(-1, None)), False,
         "one number in each row hears of the neighbor, the last (you returned {got})"),
        (first_and_second, False,
         "the numbers of each row have the same sum as if it were alone, and are not the same "
         "(you returned {got})"),
        (lambda x: np.cumsum(x, axis=0), False,
         "each row is a sum of all up to it (you returned {got})"),
        # Each row by itself, and not everywhere alike.
        (lambda x: x * (1 + np.arange(len(x)))[:, None], False,
         "each row depends on itself only, but the function is another one at every position, as "
         "with a position code (you returned {got})"),
        (partial(at, slice(-1, None)), False,
         "each row depends on itself only, but the function is another one at the last position "
         "(you returned {got})"),
        (partial(at, slice(1, None, 2)), False,
         "each row depends on itself only, but at every second position the function is another "
         "one (you returned {got})"),
        (lambda x: x[::-1], False,
         "a reversal puts other rows in their places (you returned {got})"),
        (lambda x: x[np.argsort(x[:, 0])], False,
         "to sort the rows puts other rows in their places (you returned {got})"),
    ]  # fmt: skip


@exercise("block/gradient", "norm_gradients")
def _gradient(norm_gradients) -> str:
    given = []
    for shape, size, dtype in (
        ((5, 6), 3.0, float),
        ((2, 3, 11), 1.0, float),  # a batch: gain and bias hear of all of its tokens
        ((7,), 2.0, float),  # one token: there is nothing to sum over
        ((4, 8), 0.003, float),  # tokens so small that 1e-5 counts
        ((3, 5), 0.0, float),  # all numbers of a token alike
        ((6, 9), 2.0, np.float32),
    ):
        rng = np.random.default_rng(shape[-1])
        x = (size * rng.standard_normal(shape) + 1).astype(dtype)
        gain = rng.standard_normal(shape[-1:]).astype(dtype)
        g = rng.standard_normal(shape).astype(dtype)
        names = "the gradient of x", "that of the gain", "that of the bias"
        got = parts(norm_gradients(x, gain, g), *names)
        sizes = shape, gain.shape, gain.shape
        got = [
            array(each, right, name=name, finite=False)
            for each, right, name in zip(got, sizes, names, strict=True)
        ]
        given.append((x, gain, g, *got))
    # Gradients that were found by small steps are right to five digits or so.
    alike = partial(near, rtol=1e-5)
    with Comparison(alike) as compare, np.errstate(all="ignore"):
        for x, gain, g, got, _, _ in given:
            right, wrong = _gradient_of_x(x, gain, g)
            compare(got, right, wrong, case=equations(shape=x.shape, gradient="x"))
    with Comparison(alike) as compare:
        for x, gain, g, _, got, _ in given:
            tokens, hat = tuple(range(x.ndim - 1)), _normed(x)[0]
            wrong = [
                (g.sum(axis=tokens), "that is the gradient of the bias, and the gain comes first"),
                ((g * hat).mean(axis=tokens),
                 "all tokens add to the gradient of the gain; that is their mean"),
                ((g * x).sum(axis=tokens), "the gain multiplies the normed token, not x"),
                ((gain * g * hat).sum(axis=tokens),
                 "g is the gradient of what comes out: the gain is not part of its own gradient"),
                (hat.sum(axis=tokens), "g is not in the gradient of the gain"),
            ]  # fmt: skip
            compare(
                got,
                (g * hat).sum(axis=tokens),
                wrong,
                case=equations(shape=x.shape, gradient="gain"),
            )
    with Comparison(alike) as compare:
        for x, gain, g, _, _, got in given:
            tokens = tuple(range(x.ndim - 1))
            wrong = [
                (
                    g.mean(axis=tokens),
                    "all tokens add to the gradient of the bias; that is their mean",
                ),
                ((gain * g).sum(axis=tokens), "the bias is added behind the gain"),
                (np.ones(x.shape[-1]), "g is not in the gradient of the bias"),
            ]
            compare(got, g.sum(axis=tokens), wrong, case=equations(shape=x.shape, gradient="bias"))
    return "right: and that of x is at right angles to all ones and to the normed token"


def _normed(x: np.ndarray, eps=EPS, ddof=0) -> tuple[np.ndarray, np.ndarray]:
    """Tokens after LayerNorm without gain and bias, and their σ."""
    sigma = np.sqrt(x.var(axis=-1, keepdims=True, ddof=ddof) + eps)
    return (x - x.mean(axis=-1, keepdims=True)) / sigma, sigma


def _gradient_of_x(x, gain, g) -> tuple[np.ndarray, list]:
    """The right one, and what is often taken for it, with hints."""

    def back(g, hat, sigma, *, shifting=1, stretching=1, axis: int | None = -1):
        shift = g.mean(axis=axis, keepdims=True)
        stretch = hat * (hat * g).mean(axis=axis, keepdims=True)
        return (g - shifting * shift - stretching * stretch) / sigma

    behind, (hat, sigma), d = gain * g, _normed(x), x.shape[-1]
    wrong = [
        (back(g, hat, sigma), "the gain lies between g and the normed token"),
        (gain * back(g, hat, sigma), "on the way back the gain comes before the projection"),
        (behind / sigma,
         "the gradient of x has two directions in it still: to shift x changes nothing, and to "
         "stretch it neither"),
        (back(behind, hat, sigma, stretching=0),
         "to stretch x changes nothing, and the gradient still points there"),
        (back(behind, hat, sigma, shifting=0),
         "to shift x changes nothing, and the gradient still points there"),
        (back(behind, hat, sigma, stretching=d),
         "the normed token has the length √d, so too much of its direction is taken out"),
        (back(behind, hat, 1),
         "the direction is right, but a token ten times as large should have a tenth of the "
         "gradient"),
        (back(behind, hat, sigma**2), "the gradient of x was divided by σ twice"),
        ((behind - behind.mean(axis=-1, keepdims=True)
          - x * (x * behind).mean(axis=-1, keepdims=True)) / sigma,
         "the direction taken out is that of the normed token, not of x"),
        (back(behind, hat, sigma, axis=None), "each token has means of its own"),
        (back(behind, *_normed(x, eps=0)), "σ has the 1e-5 in it, on the way back as well"),
        (-back(behind, hat, sigma), "the gradient of x has the wrong sign"),
    ]  # fmt: skip
    if d > 2:
        wrong.append((back(behind, *_normed(x, ddof=1)), "σ² divides by d, not by d - 1"))
    return back(behind, hat, sigma), wrong


@exercise("block/bug", "layer_of_the_text")
def _bug(layer_of_the_text) -> str:
    with Comparison() as compare:
        for seed, (B, n, d, dtype) in enumerate((
            (2, 5, 8, torch.float64),
            (1, 3, 6, torch.float64),
            (3, 1, 4, torch.float64),  # one token: attention finds itself alone
            (2, 4, 10, torch.float32),
        )):  # fmt: skip
            torch.manual_seed(seed)
            x = torch.randn(B, n, d, dtype=dtype)
            attend, think = MultiHeadAttention(d, 2).to(dtype), FeedForward(d, 3 * d).to(dtype)
            norms = [nn.LayerNorm(d, dtype=dtype) for _ in range(2)]
            for norm in norms:  # gains and biases that tell the norms apart
                nn.init.normal_(norm.weight)
                nn.init.normal_(norm.bias)
            norm_1, norm_2 = norms
            got = layer_of_the_text(x, attend, think, norm_1, norm_2)
            with torch.no_grad():
                first, pre = norm_1(x + attend(x)), x + attend(norm_1(x))
                inside, other = x + norm_1(attend(x)), norm_2(x + attend(x))
                before = norm_1(x + think(x))
                wrong = [
                    (pre + think(norm_2(pre)), "this is still pre-norm: the norm stands before"),
                    (inside + norm_2(think(inside)),
                     "the norm follows the sum, not the sublayer alone"),
                    (norm_2(think(norm_1(attend(x)))), "the residual connections are missing"),
                    (norm_2(think(first)), "the second residual connection is missing"),
                    (norm_2(norm_1(attend(x)) + think(norm_1(attend(x)))),
                     "the first residual connection is missing"),
                    (norm_1(first + think(first)), "each sublayer has a norm of its own"),
                    (norm_2(other + think(other)), "each sublayer has a norm of its own"),
                    (norm_1(other + think(other)), "the two norms are exchanged"),
                    (norm_2(before + attend(before)), "attention is the first sublayer"),
                    (norm_2(x + think(first)),
                     "the second sum adds to what the first sublayer left, not to the input"),
                    (norm_2(first + think(x)), "the second sublayer gets what the first one left"),
                    (norm_2(pre + think(pre)), "the first sublayer is still pre-norm"),
                    (first + think(norm_2(first)), "the second sublayer is still pre-norm"),
                    (norm_2(pre + think(norm_2(pre))), "a norm at the end does not make it "
                     "post-norm: the others still stand before their sublayers"),
                    (norm_2(first + think(norm_2(first))),
                     "the second sublayer has a norm too many"),
                    (first + think(first), "the second norm is missing"),
                    (norm_2(x + attend(x) + think(x + attend(x))), "the first norm is missing"),
                    (x + attend(x) + think(x + attend(x)), "both norms are missing"),
                    (first, "the second sublayer is missing"),
                ]  # fmt: skip
            got = tensor(got, {"B": B, "n": n, "d": d}).to(dtype)  # as exact as what came in
            compare(got, norm_2(first + think(first)), wrong, case=equations(B=B, n=n, d=d))
    return "right: now text and code are one model"


@exercise("block/widget", "collapse_depth")
def _widget(collapse_depth) -> str:
    state: dict[str, Any]
    with Comparison() as compare:
        for state in (
            {},  # as on the page
            {"depth": 20, "norm": "post"},  # 3 in place of 2: a norm is not ignored
            {"residual": True, "norm": "pre", "feed_forward": True},  # there is none
            {"residual": True, "norm": "post", "depth": 0},  # 13
            {"residual": True, "norm": "post", "feed_forward": True, "depth": 5},  # 10
            {"residual": True, "depth": 24},  # 12
            {"residual": True, "feed_forward": True, "depth": 8},  # 13
            {"feed_forward": True, "norm": "pre", "depth": 17},  # 2 in place of 3
        ):
            w, below = BlockWidget(**state), _below(state)
            right = next(iter(below), None)
            wrong = [
                (None, "{case}: there is such a depth"),
                (w.depth, "{case}: that is the depth as it is set; try them all, from 0 on"),
                (right if right is None or right <= w.depth else None,
                 "{case}: look beyond the depth that is set, too"),
                (int(np.argmin(w.diversities)), "{case}: there the diversity is least"),
            ]  # fmt: skip
            for name in ("residual", "norm", "feed_forward"):
                without = _below({key: value for key, value in state.items() if key != name})
                other = "{case}: that goes by other settings than those of the widget"
                wrong.append((next(iter(without), None), other))
            if right is None:  # what a search that finds nothing may end with
                no = "{case}: the diversity is never below 0.1, so the answer is None"
                wrong += [(depth, no) for depth in (-1, 0, MAX_DEPTH, MAX_DEPTH + 1)]
            else:
                wrong += [
                    (right, "{case}: the diversity is never below 0.1, so the answer is None"),
                    (right + 1, "{case}: one too many; entry 0 of `w.diversities` is the input"),
                    (right - 1, "{case}: one too few; entry 0 of `w.diversities` is the input"),
                    (below[-1], "{case}: that is the last such depth; the first is asked for"),
                    (len(below), "{case}: that is how many such depths there are"),
                ]
            case = call("BlockWidget", **state)
            got = collapse_depth(BlockWidget(**state))
            got = None if got is None else whole(got, name=case)
            compare(got, right, wrong, case=case)
    return "right: the residual holds it off, and only with the norm before for good"


def _below(state: dict[str, Any]) -> list[int]:
    """The depths at which the diversity is below 0.1."""
    return np.flatnonzero(BlockWidget(**state).diversities < 0.1).tolist()


choice(
    "block/explain",
    "advice",
    right="c",
    hints={
        "a": "the quiet start had gradients at the top as large as the stack that failed, and "
        "learned",
        "b": "with a quiet start, post-norm learned the task with 24 layers in all three seeds",
        "d": "without residual connections the tokens are one and the same after four layers",
    },
    praise="right: what learned had tokens that were still apart at the top",
)


written(
    "block/in-writing",
    "about_the_network",
    points=[
        "Attention brings values together in weighted means; as long as the weights do not depend "
        "on the values, what comes out is linear in them.",
        "The measurement: look-ups alone did not get an XOR of two bits right, two linear maps "
        "behind them did not help, and with a rectifier between the maps it worked.",
        "The limit: where keys and values come from one vector attention is not linear any more; "
        "two heads that are set by hand can compute the XOR, training gets part of the way, and "
        "every such trick takes heads.",
        "The feed-forward network cannot do without attention either: it sees each position by "
        "itself, with the same weights everywhere, and brings no two tokens together.",
    ],
)
