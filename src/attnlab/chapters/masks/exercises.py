"""Checks of the chapter `mechanism/masks`."""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.masks.leaking import (
    a_trace,
    another_number,
    beside_a_large_one,
    causal,
    far_away,
    first_pair,
    growth_ahead,
    judge,
    less_the_mean,
    lowered,
    one_ahead,
    one_number,
    only_the_last,
    with_leak,
    without_a_sum,
)
from attnlab.chapters.masks.widget import MasksWidget
from attnlab.exercises.answers import array, near, tensor, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.attention import attention
from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.nn.attention import MultiHeadAttention


@exercise("masks/packed", "packed_mask")
def _packed(packed_mask) -> str:
    with Comparison() as compare:
        for lengths in (
            [4, 3, 3],  # two of one length: for whoever numbers texts by how long they are
            [1, 5],
            [2, 2, 2, 2],
            [6],  # one text: the causal mask alone
            [1],
            [1, 1, 1],  # nobody but oneself
            [11, 9, 8, 11, 10, 9, 12, 7, 10, 9, 8, 10],  # many: for whoever numbers them anew
        ):
            n = sum(lengths)
            text_of = np.repeat(np.arange(len(lengths)), lengths)
            same = text_of[:, None] == text_of
            as_long = np.equal.outer(*[np.repeat(lengths, lengths)] * 2)
            case = call("packed_mask", lengths)
            right = same & causal_mask(n)
            wrong = [
                (~right, "{case}: the wrong way round: True means may attend"),
                (right.T, "{case}: transposed: rows are queries, and their past lies to the left"),
                (right & ~np.eye(n, dtype=bool), "{case}: a place may see itself too"),
                (same, "{case}: within a text, the future must not be seen either"),
                (causal_mask(n), "{case}: a text must not see the texts packed before it"),
                (causal_mask(n) | same, "{case}: texts see what was packed before them, and their "
                 "own future"),
                (as_long & causal_mask(n) if as_long.any() else right,
                 "{case}: texts of the same length are different texts"),
                (~same & causal_mask(n), "{case}: only the other texts are seen, not one's own"),
            ]  # fmt: skip
            got = array(packed_mask(list(lengths)), (n, n), of="booleans", name=case)
            compare(got, right, wrong, case=case)
    return "right: the same text, and not later"


@exercise("masks/leaks", "leaks")
def _leaks(leaks) -> str:
    for shape in ((5, 3), (11, 4), (3, 9), (6, 2)):  # (3, 9): for whoever takes one for the other
        x = np.random.default_rng(shape[0]).standard_normal(shape)
        for f, right, hint in (
            (causal, False, "causal attention does not leak: its outputs depend on their own "
             "place and on earlier ones; you returned {got}"),
            (lambda x: 3 * x, False,
             "what treats each place by itself does not leak; you returned {got}"),
            (lambda x: x.cumsum(axis=0), False, "a running sum does not leak; you returned {got}"),
            (lambda x: attention(x, x, x)[0], True,
             "attention without a mask leaks; you returned {got}"),
            (lambda x: np.roll(x, -1, axis=0), True,
             "a shift by one reads the next place; you returned {got}"),
            (lambda x: 1e-30 * x[::-1].cumsum(axis=0)[::-1], True, "a tiny leak is a leak: without "
             "one, outputs are equal exactly; you returned {got}"),
            (a_trace, True, "a tiny leak beside a 1 is a leak: without one, outputs are equal "
             "exactly; you returned {got}"),
        ):  # fmt: skip
            judge(leaks, f, x, right, hint)
        for leak, hint in (
            # For whoever changes the last place alone.
            (one_ahead, "a function leaks that reads one place ahead, but never the last place; "
             "you returned {got}"),
            (first_pair, "a function leaks in which the first place reads the second one, and no "
             "other reads ahead; you returned {got}"),
            # For whoever tries one place or half of them, or looks at one output.
            (only_the_last, "a function leaks in which the second place reads the last one, and "
             "no other reads ahead; you returned {got}"),
            *((leak, "a function leaks if one number of one output depends on one number of a "
               "later place; you returned {got}") for leak in (one_number, another_number)),
            # For whoever compares sums, means or lengths, or looks for a rise.
            (lowered, "a leak may make an output smaller; you returned {got}"),
            (without_a_sum, "a leak may raise one number of an output by what it takes from "
             "another; you returned {got}"),
            (beside_a_large_one, "a leak may be in one number of an output beside a much larger "
             "one; you returned {got}"),
            (less_the_mean, "a function leaks that takes the mean from each vector first, and so "
             "does not notice one number that is added to all of it; you returned {got}"),
        ):  # fmt: skip
            judge(leaks, with_leak(leak), x, True, hint)
        judge(
            leaks, lambda x: np.hstack([x, np.roll(x, -1, axis=0)]), x, True,
            "an output may be longer than an input, and all of it counts; you returned {got}",
        )  # fmt: skip
    judge(
        leaks, with_leak(growth_ahead), np.zeros((5, 3)), True,
        "a function that reads one place ahead leaks where its input is 0, too; you returned {got}",
    )  # fmt: skip
    judge(
        leaks, far_away, x, False,
        "this function leaks where a number is above 50 in size, not at `x`; you returned {got}",
    )  # fmt: skip
    x[0, 0] = 10
    for f, right, hint in (  # for whoever puts another input in the place of x
        (lambda x: x + (x[0, 0] > 9) * x[-1], True,
         "this function leaks at `x`, if not everywhere; you returned {got}"),
        (lambda x: x + (x[0, 0] < 9) * x[-1], False,
         "this function leaks elsewhere, and not at `x`; you returned {got}"),
    ):  # fmt: skip
        judge(leaks, f, x, right, hint)
    judge(
        leaks, causal, x[:1], False, "where there is one place, none is later; you returned {got}"
    )
    return "right: every place, every output, every number"


@exercise("masks/softmax", "masked_softmax")
def _softmax(masked_softmax) -> str:
    inf, nan = np.inf, np.nan
    rng = np.random.default_rng(0)
    s, some = rng.standard_normal((5, 7)), rng.random((5, 7)) < 0.6
    some[:, 2] = True
    empty = some.copy()
    empty[1] = False
    both = [[True, True]]
    with Comparison() as compare, np.errstate(all="ignore"):
        for given, kept in (
            (s, np.ones_like(some)),
            (s, some),
            (s.astype(np.float32), some),
            (s[:4, :4], some[:4, :4]),  # square: for sums down the columns
            # Nothing open: alone, beside others, in all rows.
            ([[0.5]], [[False]]),
            (s, empty),
            (s[:3], np.zeros_like(some[:3])),
            # Large ones: for whoever subtracts nothing, or one maximum for all rows.
            ([[800.0, 799.0]], both),
            ([[-800.0, -799.0]], both),
            ([[800.0, 799.0], [-800.0, -799.0]], both * 2),
            # Masked ones: for whoever fills in a number, or takes their maximum.
            ([[-1e12, 0.0, 1e12]], [[True, False, False]]),
            ([[0.0, 1.0, nan], [0.0, inf, -inf]], [[True, True, False], [True, False, False]]),
            # Infinite ones that are open: inf - inf is NaN.
            ([[0.0, inf]], both),
            ([[inf, 1.0, inf, inf]], [[True, True, True, False]]),
            ([[0.0, -inf, 1.0]], [[True, True, True]]),
            # Beside very large ones, and these alone: for whoever takes large for infinite.
            ([[inf, 1e5, sys.float_info.max]], [[True, True, True]]),
            ([[1e300, 2e300]], both),
            ([[-inf, -inf], [-inf, 5.0]], [[True, True], [True, False]]),
            # One row is infinite, and the other is not.
            ([[0.0, inf], [0.0, 1.0]], both * 2),
            # Large ones that are close: for whoever lets the largest take all.
            ([[1001.0, 1000.0], [100_001.0, 100_000.0]], both * 2),
            # The least that there are: no number is small enough to stand for a masked one.
            ([[-1e300, -2e300]], both),
            ([[-sys.float_info.max, 0.0]], [[True, False]]),
        ):
            scores, mask = np.array(given), np.array(kept)
            case = call("masked_softmax", given, kept)
            if isinstance(given, np.ndarray):
                case = equations(n=given.shape[0], m=given.shape[1])
            top = np.where(mask, scores, -inf).max(axis=-1, keepdims=True)
            hardest = _limit(np.where(scores == top, 0, -inf), mask).astype(scores.dtype)
            right = _limit(scores, mask)
            wrong = [
                *((weights,
                   "{case}: masked scores were given a large negative number; nothing makes sure "
                   "that the open ones are larger")
                  for fill in _FILLS for weights in _filled(scores, mask, fill)),
                *((np.where(top > hard, hardest, right),
                   "{case}: the largest takes all; large ones share like others if they are close")
                  for hard in (100, 700, 1000, 10_000)),
                (_plain(scores) * mask,
                 "{case}: the masked weights are 0, and the others did not get their share"),
                (_limit(scores, ~mask), "{case}: the wrong way round: True means may attend"),
                (_limit(scores.T, mask.T).T, "{case}: the weights sum to 1 down the columns"),
                (np.where(mask, scores, 0), "{case}: these are scores still, and not weights"),
            ]  # fmt: skip
            if (infinite := mask & (scores == inf)).any():
                wrong.append((
                    _limit(np.where(infinite, 0, -inf), mask),
                    "{case}: whether a score is infinite was asked of all rows together",
                ))  # fmt: skip
            if mask.any():
                e = np.where(mask, np.exp(scores - scores[mask].max()), 0)
                for total in (e.sum(-1, keepdims=True), np.maximum(e.sum(-1, keepdims=True), 1e-9)):
                    wrong.append((e / total, "{case}: one maximum was taken for all rows"))
            got = array(masked_softmax(scores, mask), right.shape, finite=False)
            if near(got, right) and (got[~mask] != 0).any():
                raise Hint(
                    "{case}: a masked weight must be exactly 0, got {got}",
                    case=case, got=float(np.abs(got[~mask]).max()),
                )  # fmt: skip
            total = got.sum(axis=-1)
            off = np.where(total > 0.5, np.abs(total - 1), 0)
            double = scores.dtype == float and (got != got.astype(np.float32)).any()
            if near(got, right) and double and off.max() > 1e-10:
                raise Hint(
                    "{case}: the weights of row {row} sum to {got}, and not to 1",
                    more="{case}: the weights of row {row} sum to {got}, and not to 1, as they do "
                    "when something small is added to the sum that divides them",
                    case=case, row=int(off.argmax()), got=float(total[off.argmax()]),
                )  # fmt: skip
            compare(got, right, wrong, case=case)
    return "right, in the limit as well"


# What is filled in for a masked score, and the least number of either precision.
_FILLS = -1e4, -1e9, -1e10, -1e15, -1e20, -1e30, -(2.0**128 - 2.0**104), -sys.float_info.max


def _filled(s: np.ndarray, mask: np.ndarray, fill: float) -> Iterator[np.ndarray]:
    """The weights with a number in the place of each masked score: plainly, and with care."""
    s = np.where(mask, s, fill)
    yield _plain(s)
    some = (mask & (s > -np.inf)).any(axis=-1, keepdims=True)
    yield np.where(some, _limit(s, np.ones_like(mask)), 0)


def _plain(s: np.ndarray) -> np.ndarray:
    """The softmax of each row as it is usually written."""
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _limit(s: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The softmax over the open scores of each row, which may be infinite: its limit."""
    s = np.where(mask, s, -np.inf)
    top = s.max(axis=-1, keepdims=True)
    e = np.where(s == top, 1.0, np.exp(s - top)) * (s > -np.inf)
    return e / np.maximum(e.sum(axis=-1, keepdims=True), 1)


@exercise("masks/bug", "attend")
def _bug(attend) -> str:
    with Comparison() as compare:
        for n, sizes, d, h, dtype in (
            (6, [4, 6, 3], 8, 2, torch.float64),
            (7, [7, 2], 6, 3, torch.float64),
            (4, [4, 2, 3, 1], 8, 2, torch.float64),  # B = n, and a sentence of one word
            (6, [4, 4], 8, 2, torch.float64),  # none as long as the batch: for whoever cuts it off
            (9, [9, 8, 9], 4, 1, torch.float32),
        ):
            torch.manual_seed(n)
            layer = nn.MultiheadAttention(d, h, batch_first=True, dtype=dtype)
            for bias in (layer.in_proj_bias, layer.out_proj.bias):
                nn.init.normal_(bias)  # a new layer's are 0: for whoever leaves them out
            x, lengths = torch.randn(len(sizes), n, d, dtype=dtype), torch.tensor(sizes)
            real, near_by = padding_mask(lengths, n), window_mask(n, 3, like=x)
            ours = MultiHeadAttention.from_torch(layer)
            padded = ~real.mT  # (B, n, 1): what these queries get is of no interest
            case = equations(n=n, lengths=sizes)
            got = tensor(attend(layer, x, lengths), tuple(x.shape), finite=False)
            got = got.masked_fill(padded, 0)
            with torch.no_grad():
                if got.isnan().any():
                    # What is open where at least one mask means the contrary.
                    mixed = ~real & ~near_by, ~real & near_by, real & ~near_by, ~real | ~near_by
                    for opened in (*mixed, ~near_by):
                        empty = ~opened.any(dim=-1, keepdim=True)
                        seen = ours(x, mask=opened).masked_fill(empty, torch.nan)
                        if near(got, seen.masked_fill(padded, 0)):
                            raise Hint(
                                "{case}: some real words get NaN",
                                more="{case}: some real words get NaN, as a query does from which "
                                "everything is hidden: look at what True means to this layer",
                                case=case,
                            )
                    sentence, word, _ = got.isnan().nonzero()[0].tolist()
                    raise Hint(
                        "{case}: some real words get NaN",
                        more="{case}: word {word} of sentence {sentence}, both counted from 0, "
                        "gets NaN, which is what a query gets from which everything is hidden",
                        case=case, word=word, sentence=sentence,
                    )  # fmt: skip
                wrong = [
                    (ours(x, mask=mask).masked_fill(padded, 0), hint)
                    for mask, hint in (
                        (None, "{case}: no mask has any effect"),
                        (real, "{case}: the padding is hidden, but words see all the others, near "
                         "or not"),
                        (near_by, "{case}: only near words are seen, but padding is among them"),
                        (~near_by & real, "{case}: words see what is far from them, and not what "
                         "is near"),
                        (near_by & causal_mask(n, like=x) & real,
                         "{case}: this window looks back only"),
                        (window_mask(n, 2, like=x) & real,
                         "{case}: this window ends one place away, and not two"),
                        (window_mask(n, 4, like=x) & real,
                         "{case}: this window ends three places away, and not two"),
                        (real | near_by, "{case}: a pair is open if one of the masks opens it; "
                         "both must"),
                    )
                ]  # fmt: skip
                right = ours(x, mask=real & near_by).masked_fill(padded, 0)
            compare(got, right, wrong, case=case)
    return "right: change a hidden word, and nothing moves"


@exercise("masks/widget", "smallest_window")
def _widget(smallest_window) -> str:
    state: dict[str, Any]
    with Comparison() as compare:
        for state in (
            {},
            {"length": 3, "window": 1},
            {"length": 8},
            {"length": 1},  # the largest window is needed: for whoever stops at 7
            {"length": 3, "causal": False},
            {"causal": False, "flips": ((0, 0),)},  # with `causal`, there is none
            # Clicks that open what the rule forbids, and clicks that close what it allows.
            {"length": 2, "flips": ((7, 7), (6, 6), (5, 5))},
            {"length": 8, "causal": False, "flips": ((0, 0), (0, 1))},
            # With one less it works, with one more it does not: for whoever counts down.
            {"length": 8, "causal": False, "window": 3, "flips": ((4, 4), (4, 5), (4, 3))},
            # None: the first word may see itself alone, and that pair was clicked.
            {"flips": ((0, 0),)},
            {"length": 1, "window": 3, "flips": tuple((i, 0) for i in range(8))},
        ):
            works = _windows(MasksWidget(**state))
            right = works[0] if works else None
            rule = _windows(MasksWidget(**{**state, "flips": ()}))
            causal, free = (_windows(MasksWidget(**{**state, "causal": x})) for x in (True, False))
            down = next((n for n in range(8, 0, -1) if n not in works), 0) + 1
            case = call("MasksWidget", **state)
            wrong = [
                (rule[0], "{case}: that is right by the rule; the clicked pairs count too"),
                (state.get("window", 8), "{case}: that is the window as it is set; try others"),
                (causal[0] if causal else None, "{case}: that would be right with `causal=True`"),
                (free[0] if free else None, "{case}: that would be right with `causal=False`"),
                (_real_words(MasksWidget(**state)),
                 "{case}: with that window every real word sees something, and padding does not"),
                (down if down < 9 else None,
                 "{case}: there is a smaller one: more may be closed by a larger window"),
                (right if right and right < 8 else None, "{case}: a window of 8 is one as well"),
            ]  # fmt: skip
            if right:
                wrong += [
                    (right - 1, "{case}: that is one too small"),
                    (None, "{case}: there is such a window, and you returned None"),
                ]
            got = smallest_window(MasksWidget(**state))
            compare(got if got is None else whole(got), right, wrong, case=case)
    return "right: clicks turn a pair over, whatever the window says"


def _windows(w: MasksWidget) -> list[int]:
    """The windows with which all places see something."""
    return [w.window for w.window in range(1, 9) if w.mask.any(axis=-1).all()]


def _real_words(w: MasksWidget) -> int | None:
    """The smallest window with which all real words see something."""
    for w.window in range(1, 9):
        if w.mask[: w.length].any(axis=-1).all():
            return w.window
    return None


choice(
    "masks/explain",
    "what_decides",
    right="c",
    hints={
        "a": "copying the next character works on text from any source",
        "b": "it has learned nothing by heart: it reads the answer, and that takes a small model",
        "d": "a change shows a missing mask, but no change shows nothing: the future may come in "
        "elsewhere, before the attention",
    },
    praise="right: if the prediction moves, the future gets in, by whatever path",
)


written(
    "masks/in-writing",
    "mask_in_one_layer",
    points=[
        "After a layer without the mask, the vector at place i already holds what stands later; a "
        "mask on the scores of a later layer hides places, not what their vectors hold.",
        "So every layer needs the mask: one path from the future to a prediction is enough.",
        "Training and validation loss will both look very good, since the leak works on any text; "
        "the model fails where the text ends, when it has to write.",
        "A test: change what stands after place i and see whether the prediction at i moves (or "
        "the derivatives above the diagonal), from the input to the output of the whole model, "
        "before any training.",
    ],
)
