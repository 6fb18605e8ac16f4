"""Checks of the chapter `transformer/heads`."""

import itertools
from numbers import Real
from operator import eq

import numpy as np

from attnlab.exercises.answers import parts, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.functional.softmax import softmax


@exercise("heads/count", "count")
def _count(count) -> str:
    for d_model, h, n in ((12, 3, 5), (8, 1, 7), (64, 16, 10)):
        given = parts(
            count(d_model, h, n), "the number of learned weights", "that of attention weights"
        )
        learned, attending = (float(x) for x in given)
        if learned != 4 * d_model**2:
            recognize(learned, [
                (4 * d_model**2 * h,
                 "a head is d_model / h wide, not d_model: its matrices are narrow"),
                (3 * d_model**2, "W_O is missing: the matrix that mixes what the heads return"),
                (4 * d_model**2 / h, "that is what one head has; all h of them are asked for"),
                (4 * d_model**2 + 4 * d_model, "this layer has no biases"),
            ], alike=eq)  # fmt: skip
            raise Hint(
                "d_model = {d_model}, h = {h}: not {learned:g} learned weights; count the "
                "matrices W_Q, W_K, W_V of one head, take h of them, and add W_O",
                d_model=d_model, h=h, learned=learned,
            )  # fmt: skip
        if attending != h * n * n:
            recognize(attending, [
                (n * n, "every head has n × n attention weights of its own"),
                (2 * h * n * n, "scores become the weights: count them once"),
            ], alike=eq)  # fmt: skip
            raise Hint(
                "h = {h}, n = {n}: not {attending:g} attention weights",
                h=h, n=n, attending=attending,
            )  # fmt: skip
    return "right: h changes the second number only"


@exercise("heads/writes", "written_by")
def _writes(written_by) -> str:
    rng = np.random.default_rng(0)
    for h, n, d_k in ((3, 5, 2), (4, 4, 4), (1, 6, 3), (2, 3, 5)):
        d_model = h * d_k
        heads, W_o = rng.standard_normal((h, n, d_k)), rng.standard_normal((d_model, d_model))
        blocks = W_o.reshape(h, d_k, d_model)
        right = heads @ blocks  # (h, n, d_model)
        got = np.asarray(written_by(heads, W_o))
        if got.shape == (n, d_model) and h > 1:
            raise Hint("that is their sum; keep the heads apart, (h, n, d_model)")
        if got.shape == heads.shape and (h, n, d_k) != right.shape:
            raise Hint("a head writes into all d_model columns, not into d_k of its own")
        if got.shape != right.shape:
            raise Hint(
                "expected shape {right}, (h, n, d_model); got {got}",
                right=right.shape, got=got.shape,
            )  # fmt: skip
        if np.allclose(got, right):
            continue
        columns = W_o.reshape(d_model, h, d_k).transpose(1, 2, 0)
        interleaved = W_o.reshape(d_k, h, d_model).swapaxes(0, 1)
        recognize(got, [
            (heads @ columns,
             "cut W_O by rows: its rows belong to heads, its columns to the output"),
            (heads @ interleaved,
             "head i has the d_k rows from i d_k on, next to each other, not every h-th"),
            (heads @ blocks[0],
             "every head is multiplied by the rows of the first: cut W_O into blocks"),
        ])  # fmt: skip
        raise Hint("not what each head writes yet: head i times its own rows of W_O")
    return "right: their sum is the layer's output"


@exercise("heads/bug", "attend_in_heads")
def _bug(attend_in_heads) -> str:
    rng = np.random.default_rng(0)
    for B, n, h, d_k in ((2, 5, 3, 4), (1, 4, 4, 4), (3, 6, 2, 1), (2, 3, 1, 5)):
        q, k, v = rng.standard_normal((3, B, n, h * d_k))
        right = _in_heads(q, k, v, h)
        got = np.asarray(attend_in_heads(q.copy(), k.copy(), v.copy(), h))
        if got.shape == (B, h, n, d_k) and got.shape != right.shape:
            raise Hint("join the heads again: (B, h, n, d_k) back to (B, n, d_model)")
        if got.shape != right.shape:
            raise Hint(
                "expected shape {right}, (B, n, d_model); got {got}",
                right=right.shape, got=got.shape,
            )  # fmt: skip
        if np.allclose(got, right):
            continue
        recognize(got, [
            (_in_heads(q, k, v, h, cut=_by_view, glue=_by_view_back),
             "the sequence is still cut into pieces: reshape to (B, n, h, d_k) first, then swap"),
            (_in_heads(q, k, v, h, glue=_by_view_back),
             "cutting is right; joining must swap heads and positions back before it reshapes"),
            (_in_heads(q, k, v, h, cut=_by_view),
             "joining is right; cutting must reshape to (B, n, h, d_k) and then swap"),
            (_in_heads(q, k, v, h, d=h * d_k),
             "divide by the square root of d_k, the width of a head, not of d_model"),
            (_in_heads(q, k, v, h, d=1), "the scores must be divided by the square root of d_k"),
            (_in_heads(q, k, v, 1), "that is one wide head: the weights must differ by head"),
            (_in_heads(q, k, v, h, axis=-2), "softmax over the keys, the last axis"),
        ])  # fmt: skip
        raise Hint("shapes fit, values do not: change one position, and see which ones move")
    return "right: every head sees a sequence of n positions"


def _by_swap(x, h):
    return x.reshape(*x.shape[:2], h, -1).swapaxes(1, 2)  # (B, h, n, d_k)


def _by_view(x, h):
    return x.reshape(x.shape[0], h, x.shape[1], -1)


def _by_swap_back(heads):
    return heads.swapaxes(1, 2).reshape(heads.shape[0], heads.shape[2], -1)


def _by_view_back(heads):
    return heads.reshape(heads.shape[0], heads.shape[2], -1)


def _in_heads(q, k, v, h, *, cut=_by_swap, glue=_by_swap_back, d=None, axis=-1):
    q, k, v = (cut(x, h) for x in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d or q.shape[-1])  # (B, h, n, m)
    return glue(softmax(scores, axis=axis) @ v)


class _Layer:
    """What the exercise sets and reads of a widget: look-ups that heads do, some of them twice."""

    def __init__(self, does: tuple[int, ...], off: tuple = ()):
        self.n_heads, self.off, self._does = len(does), off, does

    @property
    def right(self) -> float:
        known = {look for i, look in enumerate(self._does) if i not in self.off} - {-1}
        return len(known) / 4 + (1 - len(known) / 4) / 8


@exercise("heads/widget", "fewest_heads")
def _widget(fewest_heads) -> str:
    # which look-up each head does; -1: none
    cases = [(0, 1, 2, 3), (2, 0, 0, 1, -1, 3, 3, 2), (0, 0), (1, 1, 2, -1, 0, 0, -1, 2)]
    for does in cases:
        w = _Layer(does)
        everything = w.right
        right = len(set(does) - {-1})
        given = fewest_heads(w, everything - 0.05)
        if isinstance(given, bool) or not isinstance(given, Real) or given % 1:
            raise Hint("return a number of heads, got {given!r}", given=given)
        if given == right:
            continue
        one_by_one = sum(_Layer(does, (i,)).right < everything - 0.05 for i in range(len(does)))
        recognize(given, [
            (len(does) - right, "that is how many can go; how many must stay?"),
            (one_by_one,
             "two heads may do the same look-up: each can go, but not both; switch off several"),
            (len(does), "some can go: `w.off = (i, ...)` and read `w.right`"),
        ], alike=eq)  # fmt: skip
        raise Hint(
            "for heads that do look-ups {does} expected {right}, got {given}",
            does=does, right=right, given=given,
        )  # fmt: skip
    for does in itertools.islice(itertools.permutations((0, 0, 1, -1)), 8):
        if fewest_heads(_Layer(does, off=(0,)), 0.5) != 2:
            raise Hint("heads that are off when you begin may be switched on again: try all sets")
    return "right"


choice(
    "heads/explain",
    "what_to_write",
    right="c",
    hints={
        "a": "a map of one sentence cannot tell a subject from a first word: our head looked at "
        "“football” when that came first",
        "b": "weights of 0.9 say what was read; whether it was used, and for what, they do not say",
        "d": "two models with the same task may divide it differently between their heads, and "
        "still be right; it is this model that is asked about",
    },
    praise="right: an intervention for what it is for, changed inputs for what it follows",
)
