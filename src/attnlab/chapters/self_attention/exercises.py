"""Checks of the chapter `transformer/self-attention`."""

import itertools
from functools import partial

import numpy as np
import torch
from torch import nn

from attnlab.chapters.self_attention.widget import SelfAttentionWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import listed, shape_of
from attnlab.functional.attention import attention
from attnlab.functional.positions import sinusoidal_encoding


def _matrices(made, d_model: int) -> list[np.ndarray]:
    """W_Q, W_K and W_V, if their shapes fit together."""
    try:
        W_Q, W_K, W_V = (np.asarray(W, dtype=float) for W in made)
    except (TypeError, ValueError):
        raise Hint("return three matrices: W_Q, W_K, W_V") from None
    shapes = listed(W.shape for W in (W_Q, W_K, W_V))
    if any(W.ndim != 2 or len(W) != d_model for W in (W_Q, W_K, W_V)):
        raise Hint(
            "each matrix needs {d_model} rows, one for each number of a token; got {shapes}",
            d_model=d_model, shapes=shapes,
        )  # fmt: skip
    if W_Q.shape != W_K.shape:
        raise Hint("queries and keys must have the same width; got {shapes}", shapes=shapes)
    if W_V.shape[1] != 1:
        raise Hint("the value is one number, so W_V has one column; got {shapes}", shapes=shapes)
    return [W_Q, W_K, W_V]


def _contexts(X: np.ndarray, W_Q: np.ndarray, W_K: np.ndarray, W_V: np.ndarray) -> tuple:
    context, weights = attention(X @ W_Q, X @ W_K, X @ W_V)
    return context[:, 0], weights


@exercise("self-attention/mean", "listen_to_a")
def _mean(listen_to_a) -> str:
    matrices = _matrices(listen_to_a(), 4)
    for seed, letters in enumerate(("abc", "aabbcc", "caab", "bbbbbbbbba", "acaaaab")):
        letter = np.array(["abc".index(one) for one in letters])
        x = np.random.default_rng(seed).uniform(-5, 5, len(letters))
        X = np.column_stack([np.eye(3)[letter], x])  # (n, 4)
        is_a = letter == 0
        got, weights = _contexts(X, *matrices)
        right = x[is_a].mean()
        if np.allclose(got, right, atol=1e-3):
            continue
        if np.allclose(weights, 1 / len(x)):
            raise Hint("all tokens have the same weight: the score must depend on the key's letter")
        if np.allclose(got, x[is_a].sum(), atol=1e-3):
            raise Hint("that is the sum; the mean is wanted")
        if np.abs(weights - weights[0]).max() > 1e-3:
            raise Hint(
                "the tokens do not all attend alike: the query must not depend on who asks, and "
                "an entry that is 1 for all can be had from is_a + is_b + is_c"
            )
        if weights[0, is_a].sum() < 0.5:
            raise Hint("most weight goes to tokens that are not an a: look at the sign")
        if weights[0, is_a].sum() < 0.999:
            raise Hint("the a's are in front, but others still have weight: make the scores larger")
        if np.ptp(weights[0, is_a]) > 1e-3:
            raise Hint("the a's do not have the same weight: the key must not depend on x")
        raise Hint("the weights are right, the values are not: what is handed over is x")
    return "right: and no matrices could give their sum, for weights sum to 1"


@exercise("self-attention/pair", "other_half")
def _pair(other_half) -> str:
    matrices = _matrices(other_half(), 7)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        order = rng.permutation(8)
        letter, case = order % 4, order // 4
        x = rng.uniform(-5, 5, 8)
        X = np.column_stack([np.eye(4)[letter], np.eye(2)[case], x])  # (n, 7)
        half = (letter[:, None] == letter) & (case[:, None] != case)
        same_case = case[:, None] == case
        got, weights = _contexts(X, *matrices)
        if np.allclose(got, half @ x, atol=1e-3):
            continue

        def share(pairs, weights=weights):
            return (weights * pairs).sum(axis=-1).mean()

        own = np.eye(8, dtype=bool)
        if np.allclose(weights, 1 / 8):
            raise Hint("all tokens have the same weight: queries or keys are all the same")
        if share(own) > 0.9:
            raise Hint("each token attends to itself: its letter fits, but ask for the other case")
        if share(own | half) > 0.9 and share(half) < 0.6:
            raise Hint("token and other half share the weight: the case must be part of the key")
        if share(~same_case) > 0.9 and share(half) < 0.5:
            raise Hint("all of the other case are attended alike: the letter must count too")
        if share(half) > 0.999:
            raise Hint("the weights are right, the values are not: what is handed over is x")
        if (weights.argmax(-1) == half.argmax(-1)).all():
            raise Hint("the other half is in front, but others have weight: make the scores larger")
        raise Hint("some tokens do not attend to their other half: compute X @ W_Q for one of them")
    return "right: W_Q asks for what the other is"


@exercise("self-attention/equivariant", "order_error")
def _equivariant(order_error) -> str:
    def same(x):
        return attention(x, x, x)[0]

    def placed(x):
        return same(x + sinusoidal_encoding(*x.shape))

    for seed, f in itertools.product(range(2), (same, placed, _running_sum, np.flip)):
        rng = np.random.default_rng(seed)
        x, order = rng.standard_normal((5 + seed, 4)), rng.permutation(5 + seed)
        got = float(order_error(f, x, order))
        right = np.abs(f(x[order]) - f(x)[order]).max()
        if np.isclose(got, right, atol=1e-9):
            continue
        recognize(got, [
            (np.abs(f(x[order]) - f(x)).max(),
             "that is whether the outputs stay where they were; they must move along with the "
             "tokens"),
            (np.abs(f(x[order]) - f(x)[np.argsort(order)]).max(),
             "the outputs were moved back by the inverse order: f(x)[order] is what x[order] is"),
            (np.abs(f(x[order]) - f(x)[order]).mean(), "that is the mean; the largest is wanted"),
            (right**2, "that is a square; the largest absolute difference is wanted"),
            ((f(x[order]) - f(x)[order]).max(), "differences may be negative: take their size"),
        ], alike=partial(np.isclose, atol=1e-9))  # fmt: skip
        raise Hint(
            "expected {right:.3g}, got {got:.3g}: compare f of the permuted x with f(x)",
            right=right, got=got,
        )  # fmt: skip
    return "right"


def _running_sum(x: np.ndarray) -> np.ndarray:
    return x.cumsum(axis=0)


@exercise("self-attention/bug", "maps")
def _bug(maps) -> str:
    for batch_first, (B, n, h) in itertools.product((False, True), ((2, 5, 4), (3, 3, 2))):
        torch.manual_seed(B)
        layer = nn.MultiheadAttention(8, h, batch_first=batch_first)
        x = torch.randn(B, n, 8)
        turned = x if batch_first else x.swapaxes(0, 1)
        with torch.no_grad():
            right = layer(turned, turned, turned, average_attn_weights=False)[1]  # (B, h, n, n)
            got = maps(layer, x)
            across = layer(
                turned.swapaxes(0, 1), turned.swapaxes(0, 1), turned.swapaxes(0, 1),
                average_attn_weights=False,
            )[1]  # fmt: skip
        if layer.batch_first != batch_first:
            raise Hint("the layer itself was changed: turn x instead")
        if not isinstance(got, torch.Tensor):
            raise Hint("return the weights, a tensor; got {kind}", kind=type(got).__name__)
        if got.ndim == 3:
            raise Hint(
                "batch_first={batch_first}: shape {got}: the mean over the heads, not each head",
                batch_first=batch_first, got=shape_of(got),
            )  # fmt: skip
        same = got.shape == right.shape
        if got.shape == across.shape and torch.allclose(got, across, atol=1e-6):
            raise Hint(
                "batch_first={batch_first}: words attend across the batch, to other sentences",
                batch_first=batch_first,
            )
        if same and torch.allclose(got, right, atol=1e-6):
            continue
        if same and torch.allclose(got, right.mean(1, keepdim=True).expand_as(got), atol=1e-6):
            raise Hint("all heads are the same: that is the mean, repeated")
        if not same:
            raise Hint(
                "batch_first={batch_first}: expected shape {right}, got {got}",
                batch_first=batch_first, right=shape_of(right), got=shape_of(got),
            )  # fmt: skip
        raise Hint(
            "batch_first={batch_first}: the shape is right, the weights are not; `view` is not a "
            "transpose",
            batch_first=batch_first,
        )
    return "right: each head, within each sentence"


@exercise("self-attention/widget", "in_first_order")
def _widget(in_first_order) -> str:
    for order, places in (
        ((0, 1, 2, 3, 4, 5), False),
        ((1, 2, 0, 3, 4, 5), False),
        ((4, 5, 1, 2, 0, 3), True),
    ):
        w = SelfAttentionWidget(order=order, places=places)
        A, place = w.weights, np.argsort(order)
        got = np.asarray(in_first_order(w))
        if w.order != order or w.places != places:
            raise Hint("the widget was changed: compute with w.weights instead")
        right = A[np.ix_(place, place)]
        if got.shape == (6,):
            raise Hint("A[p, p] takes the diagonal only; np.ix_ takes rows and columns")
        if got.shape != right.shape:
            raise Hint(
                "expected an array of shape {right}, got {got}", right=right.shape, got=got.shape
            )
        if np.allclose(got, right):
            continue
        recognize(got, [
            (A, "order={order}: these are the weights as they are shown"),
            (SelfAttentionWidget(places=places).weights,
             "order={order}: with the codes on, these are the weights of another sentence, the one "
             "in the first order"),
            (A[np.ix_(order, order)],
             "order={order}: that moves the words on once more: the inverse is needed"),
            (A[place], "order={order}: the rows are right; columns belong to words as well"),
            (A[:, place], "order={order}: the columns are right; rows belong to words as well"),
            (right.T, "order={order}: transposed: rows are those who ask"),
        ], order=order)  # fmt: skip
        raise Hint("order={order}: not yet; where is the word 0 now?", order=order)
    return "right: argsort of a permutation is its inverse"


choice(
    "self-attention/explain",
    "who_never_wins",
    right="b",
    hints={
        "a": "row 1 wins everywhere in the map named *projected*",
        "c": "row 3 wins with the matrices left out, and with many others as well",
        "d": "the score is linear in the key, and one of the three keys lies between the others",
    },
    praise="right: its score is the mean of the two others, so it is never ahead of both",
)
