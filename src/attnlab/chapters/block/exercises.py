"""Checks of the chapter `transformer/block`."""

from functools import partial
from operator import eq
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.block.widget import BlockWidget
from attnlab.exercises.answers import judges, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call
from attnlab.functional.attention import attention
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.feed_forward import FeedForward


@exercise("block/norm", "layer_norm")
def _norm(layer_norm) -> str:
    for seed, shape in enumerate([(5, 8), (2, 3, 7), (4,)]):
        rng = np.random.default_rng(seed)
        x = 3 * rng.standard_normal(shape) + 2
        gain, bias = rng.standard_normal((2, shape[-1]))
        got = np.asarray(layer_norm(x, gain, bias))
        if got.shape != shape:
            raise Hint(
                "for x of shape {shape} expected that shape back, got {got}",
                shape=shape,
                got=got.shape,
            )

        def norm(x, axis: int | None = -1, ddof=0, gain=gain, bias=bias):
            centered = x - x.mean(axis=axis, keepdims=True)
            variance = centered.var(axis=axis, keepdims=True, ddof=ddof)
            return gain * centered / np.sqrt(variance + 1e-5) + bias

        if np.allclose(got, norm(x), rtol=1e-7, atol=1e-7):
            continue
        rms = np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)
        recognize(got, [
            (norm(x, axis=None), "mean and variance of each token by itself, over its d numbers"),
            (norm(x, axis=0), "over the numbers of one token, the last axis, not over the tokens"),
            (norm(x, ddof=1), "the variance divides by d here, not by d - 1"),
            (norm(x, gain=1.0, bias=0.0), "gain and bias are still to be applied"),
            (gain * x / rms + bias, "subtract the mean first: this is RMSNorm"),
            (gain * norm(x, gain=1.0, bias=0.0) * x.std(axis=-1, keepdims=True) + bias,
             "the size is still what it was: divide by the standard deviation"),
        ], alike=partial(np.allclose, atol=1e-5))  # fmt: skip
        constant = np.full(shape, 1.5)
        with np.errstate(all="ignore"):
            if not np.isfinite(np.asarray(layer_norm(constant, gain, bias))).all():
                raise Hint("a constant token divides by 0: add 1e-5 to the variance, in the root")
        raise Hint("compare with the equation; is 1e-5 added to the variance, inside the root?")
    constant = np.full((2, 6), 1.5)
    if not np.isfinite(np.asarray(layer_norm(constant, np.ones(6), np.zeros(6)))).all():
        raise Hint("a constant token divides by 0: add 1e-5 to the variance, in the root")
    return "right"


@exercise("block/alone", "is_position_wise")
def _alone(is_position_wise) -> str:
    seeds = np.random.default_rng(0)
    w_1, w_2 = seeds.standard_normal((4, 9)), seeds.standard_normal((9, 4))

    def think(x):
        return np.maximum(x @ w_1, 0) @ w_2

    def by_place(x):
        return x * (1 + np.arange(len(x)))[:, None]

    def faint(x):
        return think(x) + 0.01 * x.mean(axis=0)

    def next_door(x):
        return think(x) + np.roll(x, 1, axis=0)

    cases = [
        (think, True, "a feed-forward network is position-wise (you returned {got})"),
        (lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True), True,
         "a norm over each row is position-wise (you returned {got})"),
        (lambda x: attention(x, x, x)[0], False,
         "attention moves with its tokens, as a position-wise function does, but its rows hear of "
         "each other (you returned {got})"),
        (faint, False,
         "a trace of the mean of all rows is enough: this is not position-wise "
         "(you returned {got})"),
        (next_door, False, "each row of this function hears of its neighbor (you returned {got})"),
        (by_place, False, "each row depends on itself only, but the function is another one at "
         "every position, as with a position code (you returned {got})"),
        (lambda x: x[::-1], False,
         "a reversal puts other rows in their places (you returned {got})"),
    ]  # fmt: skip
    for seed, n in enumerate((5, 8)):
        judges(is_position_wise, cases, np.random.default_rng(seed).standard_normal((n, 4)))
    return "right"


@exercise("block/gradient", "norm_gradient")
def _gradient(norm_gradient) -> str:
    for seed, d in enumerate((6, 11)):
        rng = np.random.default_rng(seed)
        x, g = 3 * rng.standard_normal(d) + 1, rng.standard_normal(d)
        sigma = x.std()
        hat = (x - x.mean()) / sigma
        got = np.asarray(norm_gradient(x.copy(), g.copy()))
        if got.shape != (d,):
            raise Hint(
                "for x of shape ({d},) expected that shape back, got {got}", d=d, got=got.shape
            )
        along = hat * (hat @ g) / d
        right = (g - g.mean() - along) / sigma
        if np.allclose(got, right):
            continue
        recognize(got, [
            (right * sigma, "the right direction; still to be divided by σ"),
            (g / sigma, "both directions are still in it: shifting x and stretching x change "
             "nothing"),
            ((g - g.mean()) / sigma, "stretching x changes nothing either: take out the direction "
             "of the normed vector"),
            ((g - along) / sigma, "shifting x changes nothing either: take out the mean"),
            ((g - g.mean() - hat * (hat @ g)) / sigma, "the normed vector has the length √d, so "
             "its dot product is to be divided by d"),
            ((g - g.mean() - x * (x @ g) / d) / sigma, "the direction taken out is that of the "
             "normed vector, not of x"),
        ])  # fmt: skip
        raise Hint("compare with the equation: three terms in the bracket, and σ below all of them")
    return "right: and it is at right angles to all ones and to the normed vector"


@exercise("block/bug", "layer_of_the_text")
def _bug(layer_of_the_text) -> str:
    for seed in range(2):
        torch.manual_seed(seed)
        x = torch.randn(2, 5, 8, dtype=torch.float64)
        attend, think = MultiHeadAttention(8, 2).double(), FeedForward(8, 24).double()
        norms = [nn.LayerNorm(8).double() for _ in range(2)]
        for norm in norms:
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
        norm_1, norm_2 = norms
        with torch.no_grad():
            got = layer_of_the_text(x.clone(), attend, think, norm_1, norm_2)
            if not isinstance(got, torch.Tensor) or got.shape != x.shape:
                raise Hint("return a tensor of the shape of x, {right}", right=tuple(x.shape))
            first = norm_1(x + attend(x))
            if torch.allclose(got, norm_2(first + think(first))):
                continue
            pre = x + attend(norm_1(x))
            inside = x + norm_1(attend(x))
            recognize(got, [
                (pre + think(norm_2(pre)), "this is still pre-norm: the norm stands before"),
                (inside + norm_2(think(inside)), "the norm follows the sum, not the sublayer: "
                 "LN(x + f(x)), not x + LN(f(x))"),
                (norm_2(think(norm_1(attend(x)))), "the residual connections are missing"),
                (norm_1(first + think(first)), "the second norm is another one, norm_2"),
                (norm_2(x + think(first)), "the second sum adds to what the first sublayer left, "
                 "not to the input"),
                (norm_2(pre + think(pre)), "the first sublayer is still pre-norm"),
                (norm_2(first + think(norm_2(first))), "the second sublayer has a norm too many"),
            ], alike=torch.allclose)  # fmt: skip
        raise Hint("twice: the sublayer, the sum with what went in, then the norm of the sum")
    return "right: now text and code are one model"


@exercise("block/widget", "collapse_depth")
def _widget(collapse_depth) -> str:
    state: dict[str, Any]
    for state in (
        {},
        {"depth": 20, "norm": "post"},
        {"residual": True, "norm": "pre", "feed_forward": True},
        {"residual": True, "norm": "post", "depth": 0},
        {"feed_forward": True, "depth": 24},
        {"residual": True},
    ):
        w = BlockWidget(**state)
        below = [depth for depth, left in enumerate(w.diversities) if left < 0.1]
        right = below[0] if below else None
        case = call("BlockWidget", **state)
        got = collapse_depth(BlockWidget(**state))
        if got is None and right is not None:
            raise Hint("{case}: there is such a depth; look at all of `w.diversities`", case=case)
        if right is None:
            if got is None:
                continue
            raise Hint(
                "{case}: the tokens stay apart, so return None; you returned {got}",
                case=case,
                got=got,
            )
        if got != right:
            recognize(got, [
                (w.depth, "{case}: that is the depth as it is set; try them all, from 0 on"),
                (right - 1, "{case}: one off; entry 0 of `w.diversities` is the input"),
                (right + 1, "{case}: one off; entry 0 of `w.diversities` is the input"),
                (below[-1], "{case}: that is the last such depth; the first is asked for"),
            ], alike=eq, case=case)  # fmt: skip
            raise Hint("{case}: expected {right}, got {got}", case=case, right=right, got=got)
    return "right"


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
