"""Checks of the chapter `transformer/block`."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.block import norms
from attnlab.chapters.block.position_wise import functions
from attnlab.chapters.block.widget import MAX_DEPTH, BlockWidget
from attnlab.exercises.answers import array, near, parts, tensor, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison, judges
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.feed_forward import FeedForward


@exercise("block/norm", "layer_norm")
def _norm(layer_norm) -> str:
    with Comparison() as compare:
        for x, gain, bias, case in (*norms.cases(shift=1.5), norms.far_from_zero()):
            got = array(layer_norm(x, gain, bias), x.shape, finite=False)
            got = got.astype(x.dtype)  # as exact as what came in
            right, wrong = norms.layer_norms(x, gain, bias)
            compare(got, right, wrong, case=case)
    return "right: whatever stands in front of the last axis, each token by itself"


@exercise("block/rms", "rms_norm")
def _rms(rms_norm) -> str:
    with Comparison() as compare:
        for x, gain, _, case in norms.cases():
            got = array(rms_norm(x, gain), x.shape, finite=False)
            got = got.astype(x.dtype)  # as exact as what came in
            right, wrong = norms.rms_norms(x, gain)
            compare(got, right, wrong, case=case)
    return "right: one line less than LayerNorm, and one direction less taken out"


@exercise("block/alone", "is_position_wise")
def _alone(is_position_wise) -> str:
    for seed, (n, d) in enumerate(((5, 4), (8, 6), (3, 4))):
        x = np.random.default_rng(seed).standard_normal((n, d))
        judges(is_position_wise, functions(d), x)
    return "right: whoever stands beside it, and wherever it stands"


@exercise("block/gradient", "norm_gradients")
def _gradient(norm_gradients) -> str:
    what = "the gradient of x", "that of the gain", "that of the bias"
    full = "the gradient of x", "the gradient of the gain", "the gradient of the bias"
    given = []
    for x, gain, _, case in norms.cases(shift=1.0):
        g = np.random.default_rng(0).standard_normal(x.shape).astype(x.dtype)
        got, sizes = parts(norm_gradients(x, gain, g), *what), (x.shape, gain.shape, gain.shape)
        got = [
            array(each, shape, name=name, finite=False)
            for each, shape, name in zip(got, sizes, full, strict=True)
        ]
        given.append((got, norms.gradients(x, gain, g), case))
    for i, name in enumerate(full):
        # Gradients that were found by small steps are right to five digits or so.
        with Comparison(partial(near, rtol=1e-5)) as compare:
            for got, gradients, case in given:
                compare(got[i], *gradients[i], case=listed([case, name]))
    return "right: and that of x is at right angles to all ones and to the normed token"


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
                (right if right is None else max(right, w.depth),
                 "{case}: begin at depth 0, not at the depth that is set"),
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
            got = None if got is None else whole(got)
            compare(got, right, wrong, case=case)
    return "right: the residual holds it off, and only with the norm before is it still off at 24"


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
