"""Checks of the chapter `mechanism/masks`."""

from operator import eq
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.masks.widget import MasksWidget
from attnlab.exercises.answers import judges, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call
from attnlab.functional.attention import attention
from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.functional.softmax import softmax
from attnlab.nn.attention import MultiHeadAttention


@exercise("masks/packed", "packed_mask")
def _packed(packed_mask) -> str:
    for lengths in ([4, 3, 3], [1, 5], [2, 2, 2, 2], [6]):
        n = sum(lengths)
        text_of = np.repeat(np.arange(len(lengths)), lengths)
        same = text_of[:, None] == text_of
        got = np.asarray(packed_mask(list(lengths)))
        case = call("packed_mask", lengths)
        if got.shape != (n, n):
            raise Hint(
                "{case} must have shape ({n}, {n}), got {got}", case=case, n=n, got=got.shape
            )
        right = same & causal_mask(n)
        if got.dtype != bool:
            raise Hint("a mask is boolean; {case} has the dtype {got}", case=case, got=got.dtype)
        if np.array_equal(got, right):
            continue
        recognize(got, [
            (~right, "the wrong way round: True means may attend"),
            (right.T, "transposed: rows are queries, and the past of a query lies to the left"),
            (right & ~np.eye(n, dtype=bool), "a place may see itself too"),
            (same, "within a text, the future must not be seen either"),
            (causal_mask(n), "a text must not see the texts packed before it"),
        ], alike=np.array_equal)  # fmt: skip
        i, j = np.argwhere(got != right)[0]
        raise Hint(
            "{case}: query {i} and key {j} should be {right}",
            case=case, i=i, j=j, right=right[i, j],
        )  # fmt: skip
    return "right"


@exercise("masks/leaks", "leaks")
def _leaks(leaks) -> str:
    def causal(x):
        return attention(x, x, x, mask=causal_mask(len(x)))[0]

    def one_ahead(x):  # of the places before the last two
        ahead = causal(x).copy()
        ahead[:-2] += x[1:-1]
        return ahead

    def faint(x):
        return causal(x) + 1e-6 * x.sum(axis=0)

    cases = [
        (causal, False, "causal attention does not leak: outputs at and after the change may move "
         "(you returned {got})"),
        (lambda x: 3 * x, False,
         "a function of each place by itself does not leak (you returned {got})"),
        (lambda x: attention(x, x, x)[0], True,
         "attention without a mask leaks (you returned {got})"),
        (one_ahead, True, "a function that reads one place ahead, but nowhere the last place, "
         "leaks: change every place in its turn (you returned {got})"),
        (lambda x: np.roll(x, -1, axis=0), True,
         "a shift by one reads the next place: it leaks (you returned {got})"),
        (faint, True, "a leak of a millionth is a leak: without one the outputs are equal exactly "
         "(you returned {got})"),
    ]  # fmt: skip
    for seed, shape in enumerate([(5, 3), (8, 4)]):
        judges(leaks, cases, np.random.default_rng(seed).standard_normal(shape))
    return "right"


@exercise("masks/softmax", "masked_softmax")
def _softmax(masked_softmax) -> str:
    rng = np.random.default_rng(0)
    s, mask = rng.standard_normal((5, 7)), rng.random((5, 7)) < 0.6
    mask[:, 2] = True
    empty = mask.copy()
    empty[1] = False
    huge = np.where(mask, -1e12, 1e12)
    for scores, kept, hint in (
        (s, np.ones_like(mask), "with everything open it is the softmax of each row"),
        (s, mask, "not yet the softmax over the open keys of each row"),
        (s, ~mask, "not yet the softmax over the open keys of each row"),
        (s, empty, "a row in which all is masked must have weights 0"),
        (np.where(mask, 800.0, 0.0), mask, "scores of 800 overflow: subtract the largest"),
        (huge, mask, "with large scores, masked keys get weight: leave them out by -inf, and take "
         "the largest of the open scores"),
    ):  # fmt: skip
        got = np.asarray(masked_softmax(scores, kept))
        right = softmax(scores, mask=kept)
        if got.shape != right.shape:
            raise Hint("expected shape {right}, got {got}", right=right.shape, got=got.shape)
        if np.allclose(got, right):
            if (got[~kept] != 0).any():
                raise Hint("a masked weight must be exactly 0")
            continue
        if np.isnan(got).any() and kept is empty:
            raise Hint("there are NaN: a row in which all is masked must have weights 0")
        if scores is s and np.allclose(got, np.where(kept, softmax(s), 0.0)):
            raise Hint(
                "the masked weights are 0, but the others did not get their share: mask first"
            )
        if scores is s and np.allclose(got[kept], 0):
            raise Hint("the wrong way round: True means may attend")
        raise Hint(hint)
    return "right"


@exercise("masks/bug", "attend")
def _bug(attend) -> str:
    for seed, (n, sizes) in enumerate([(6, [4, 6, 3]), (7, [7, 2]), (4, [4, 2, 3, 1])]):
        torch.manual_seed(seed)
        layer = nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
        x = torch.randn(len(sizes), n, 8, dtype=torch.float64)
        lengths = torch.tensor(sizes)
        real, near = padding_mask(lengths, n), window_mask(n, 3, like=x)
        ours = MultiHeadAttention.from_torch(layer)
        asked = real[:, 0]  # (B, n): what padded queries get is of no interest
        with torch.no_grad():
            got = attend(layer, x, lengths)
            if not isinstance(got, torch.Tensor) or got.shape != x.shape:
                raise Hint("return the context, a tensor of shape {right}", right=tuple(x.shape))
            if torch.allclose(got[asked], ours(x, mask=real & near)[asked]):
                continue
            if got[asked].isnan().any():
                raise Hint("some real words see nothing and get NaN: what is True in this layer?")
            recognize(got[asked], [
                (ours(x, mask=mask)[asked], hint)
                for mask, hint in (
                    (None, "no mask has any effect"),
                    (real, "the padding is hidden, but words see all the others, near or not"),
                    (near, "only near words are seen, but padding is among them"),
                    (~near & real, "the window is still the wrong way round"),
                    (near & causal_mask(n, like=x) & real, "this window looks back only"),
                )
            ], alike=torch.allclose)  # fmt: skip
        raise Hint("real words do not get what they should; change one hidden word at a time")
    return "right: change a hidden word, and nothing moves"


@exercise("masks/widget", "smallest_window")
def _widget(smallest_window) -> str:
    first_column = tuple((i, 0) for i in range(8))
    state: dict[str, Any]
    for state in (
        {},
        {"length": 3, "window": 1},
        {"length": 8},
        {"length": 3, "causal": False},
        {"length": 2, "flips": ((7, 7), (6, 6), (5, 5))},
        {"length": 1, "flips": first_column},
    ):
        expected = MasksWidget(**state)
        right = next((n for n in range(1, 9) if _all_see(expected, n)), None)
        got = smallest_window(MasksWidget(**state))
        case = call("MasksWidget", **state)
        if got is None and right is not None:
            raise Hint(
                "{case}: there is such a window; does every row of `w.mask` have a True?", case=case
            )
        if right is None:
            if got is None:
                continue
            raise Hint(
                "{case}: there is none, so return None; you returned {got}", case=case, got=got
            )
        if got != right:
            unclicked = MasksWidget(**{**state, "flips": ()})
            recognize(got, [
                (next(n for n in range(1, 9) if _all_see(unclicked, n)),
                 "{case}: the clicked pairs count too: use `w.mask`, not `w.rule`"),
                (state.get("window", 8),
                 "{case}: that is the window as it is set; try them all, from 1 on"),
                (right - 1, "{case}: one too small; a window of 1 sees the place itself only"),
            ], alike=eq, case=case)  # fmt: skip
            raise Hint("{case}: expected {right}, got {got}", case=case, right=right, got=got)
    return "right"


def _all_see(w: MasksWidget, window: int) -> bool:
    w.window = window
    return bool(w.mask.any(axis=-1).all())


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
