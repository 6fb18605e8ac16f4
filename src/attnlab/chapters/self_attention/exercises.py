"""Checks of the chapter `transformer/self-attention`."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from attnlab.chapters.self_attention.widget import WORDS, SelfAttentionWidget
from attnlab.exercises.answers import array, near, number, parts
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison, recognize
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written
from attnlab.functional.attention import attention
from attnlab.functional.masks import causal_mask
from attnlab.functional.positions import sinusoidal_encoding


def _matrices(made: Any, d_model: int) -> list[np.ndarray]:
    """W_Q, W_K and W_V, if their shapes fit together."""
    names = "W_Q", "W_K", "W_V"
    W_Q, W_K, W_V = (
        array(W, name=name).astype(float)
        for W, name in zip(parts(made, *names), names, strict=True)
    )
    shapes = listed(W.shape for W in (W_Q, W_K, W_V))
    if any(W.ndim != 2 or len(W) != d_model for W in (W_Q, W_K, W_V)):
        raise Hint(
            "each matrix needs {d_model} rows, one for each number of a token, and one column or "
            "more; got {shapes}",
            d_model=d_model, shapes=shapes,
        )  # fmt: skip
    if W_Q.shape != W_K.shape:
        raise Hint("queries and keys must have the same width; got {shapes}", shapes=shapes)
    if W_V.shape[1] != 1:
        raise Hint("the value is one number, so W_V has one column; got {shapes}", shapes=shapes)
    return [W_Q, W_K, W_V]


def _contexts(X: np.ndarray, W_Q: np.ndarray, W_K: np.ndarray, W_V: np.ndarray) -> tuple:
    context, weights = attention(X @ W_Q, X @ W_K, X @ W_V)
    if not np.isfinite(weights).all():
        raise Hint("the scores are too large to compute with: weights come out that are no numbers")
    return context[:, 0], weights


def _not_the_weights(
    X: np.ndarray, matrices: list[np.ndarray], right: np.ndarray, case: str
) -> None:
    """The hints where only the values are wrong, or where x has a say in the weights."""
    x = X[:, -1]
    got, weights = _contexts(X, *matrices)
    if np.allclose(weights @ x, right, rtol=0, atol=1e-3):
        i = int(np.abs(got - right).argmax())
        raise Hint(
            "{case}: the weights are right, the contexts are not: token {i} gets {got:.3f}, and "
            "should get {right:.3f}",
            more="{case}: the weights are right, the contexts are not: the value should be x",
            case=case, i=i, got=got[i], right=right[i],
        )  # fmt: skip
    without_x = np.column_stack([X[:, :-1], 0 * x])
    if np.abs(_contexts(without_x, *matrices)[1] - weights).max() > 1e-3:
        raise Hint(
            "{case}: the weights depend on x",
            more="{case}: the weights depend on x: neither the query nor the key should",
            case=case,
        )


@exercise("self-attention/mean", "listen_to_a")
def _mean(listen_to_a) -> str:
    matrices = _matrices(listen_to_a(), 4)
    for seed, letters in enumerate((
        "abc", "aabbcc", "caab",
        "bbbbbbbbba",  # one among many: for scores that are just large enough for few
        "acaaaab", "aaa", "a",
    )):  # fmt: skip
        letter = np.array(["abc".index(one) for one in letters])
        x = np.random.default_rng(seed).uniform(-5, 5, len(letters))
        x[0] = (-5, 5)[seed % 2]  # the ends of the range: for scores that depend on x
        is_a = letter == 0
        if is_a.sum() == 1:  # far from all others, which then matter most
            x = np.where(is_a, -5, 5)
        X = np.column_stack([np.eye(3)[letter], x])  # (n, 4)
        got, weights = _contexts(X, *matrices)
        right = np.full(len(x), x[is_a].mean())
        if np.allclose(got, right, rtol=0, atol=1e-3):
            continue
        _not_the_weights(X, matrices, right, letters)
        if np.allclose(weights, 1 / len(x)):
            raise Hint(
                "{case}: all tokens have the same weight",
                more="{case}: all tokens have the same weight: the score must depend on the key's "
                "letter",
                case=letters,
            )
        if np.abs(weights - weights[0]).max() > 1e-3:
            raise Hint(
                "{case}: the tokens do not all attend alike",
                more="{case}: the tokens do not all attend alike: the query must not depend on who "
                "asks, and is_a + is_b + is_c is 1 for every token",
                case=letters,
            )
        share = weights[0, is_a].sum()
        if share < 0.5:
            raise Hint(
                "{case}: the tokens other than a have {share:.0%} of the weight",
                more="{case}: the tokens other than a have {share:.0%} of the weight: is a score "
                "higher where it should be lower?",
                case=letters, share=1 - share,
            )  # fmt: skip
        raise Hint(
            "{case}: the a's are in front, but others still have {share:.2%} of the weight",
            more="{case}: the a's are in front, but others still have {share:.2%} of the weight: "
            "make the scores larger",
            case=letters, share=1 - share,
        )  # fmt: skip
    return "right: and no matrices could give their sum, for weights sum to 1"


@exercise("self-attention/pair", "other_half")
def _pair(other_half) -> str:
    matrices = _matrices(other_half(), 7)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        order = rng.permutation(8)
        letter, case = order % 4, order // 4
        x = rng.uniform(-5, 5, 8)
        x[seed] = (-5, 5)[seed % 2]
        if seed == 0:  # one far from all others: for scores that are just too small
            x[1:] = 5
        X = np.column_stack([np.eye(4)[letter], np.eye(2)[case], x])  # (n, 7)
        tokens = ["ABCDabcd"[i] for i in order]
        spelt = listed(tokens)
        half = (letter[:, None] == letter) & (case[:, None] != case)
        got, weights = _contexts(X, *matrices)
        if np.allclose(got, half @ x, rtol=0, atol=1e-3):
            continue
        _not_the_weights(X, matrices, half @ x, spelt)
        own, others = np.eye(8, dtype=bool), case[:, None] != case
        recognize(
            weights,
            [(pairs / pairs.sum(axis=1, keepdims=True), hint) for pairs, hint in (
                (own | True, "{case}: every token gives all tokens the same weight"),
                (own, "{case}: each token attends to itself: its letter fits, but not the case"),
                (own | half, "{case}: a token shares its weight between itself and its other half"),
                (others, "{case}: a token attends alike to all of the other case"),
                (~others, "{case}: a token attends alike to all of its own case"),
            )],
            alike=partial(np.allclose, atol=0.02), case=spelt,
        )  # fmt: skip
        first = weights.argmax(axis=-1) == half.argmax(axis=-1)
        if first.all():
            raise Hint(
                "{case}: the other half is in front, but others have up to {share:.2%} of the "
                "weight",
                more="{case}: the other half is in front, but others have up to {share:.2%} of the "
                "weight: make the scores larger",
                case=spelt, share=1 - (weights * half).sum(axis=-1).min(),
            )  # fmt: skip
        i = int(first.argmin())
        raise Hint(
            "{case}: {token} attends most to {other}, not to its other half",
            more="{case}: {token} attends most to {other}, not to its other half: compute X @ W_Q "
            "for it, and X @ W_K",
            case=spelt, token=tokens[i], other=tokens[weights[i].argmax()],
        )  # fmt: skip
    return "right: W_Q asks for what the other is"


@exercise("self-attention/equivariant", "order_error")
def _equivariant(order_error) -> str:
    def same(x):
        return attention(x, x, x)[0]

    def placed(x):
        return same(x + sinusoidal_encoding(*x.shape))

    def causal(x):
        return attention(x, x, x, mask=causal_mask(len(x)))[0]

    def faint_sum(x):
        # hardly an error, in columns that x does not have
        return np.hstack([x, 1e-5 * x.cumsum(axis=0)])

    # An error of 0 comes out as some rounding or other.
    with Comparison(alike=partial(np.isclose, rtol=1e-6, atol=1e-9)) as compare:
        for name, f in (
            ("self_attention", same),
            ("with_places", placed),
            ("causal", causal),
            ("faint_sum", faint_sum),
            ("np.flip", np.flip),
        ):
            for places in (
                [2, 0, 3, 4, 1],  # not its own inverse
                [1, 2, 3, 4, 5, 0],
                [1, 0, 2],  # its own inverse
                [0, 1, 2, 3],  # nothing moves
                [0],
            ):
                order = np.array(places)
                x = np.random.default_rng(len(order)).standard_normal((len(order), 4))
                moved, still = f(x[order]), f(x)
                apart, back = moved - still[order], np.argsort(order)
                case = equations(f=name, order=places)
                wrong = [
                    (np.abs(moved - still).max(),
                     "{case}: that is how far the outputs are from where they were; they may move "
                     "with their tokens"),
                    (np.abs(moved - still[back]).max(),
                     "{case}: the outputs were moved by the inverse order"),
                    (np.abs(f(x[back]) - still[back]).max(),
                     "{case}: that is the inverse order; x[order[i]] comes to place i"),
                    (np.abs(apart).mean(), "{case}: that is the mean; the largest is asked for"),
                    (np.abs(apart).sum(), "{case}: that is the sum; the largest is asked for"),
                    (np.abs(apart).max() ** 2, "{case}: that is the largest square"),
                    (np.linalg.norm(apart), "{case}: that is the length of all differences; the "
                     "largest of them is asked for"),
                    (apart.max(), "{case}: a difference below 0 has a size as well"),
                    (-apart.min(), "{case}: a difference below 0 counts as well, by its size"),
                    (np.abs(still[order] - still).max(),
                     "{case}: that compares f(x) with itself; what is f of the tokens in the new "
                     "order?"),
                ]  # fmt: skip
                got = number(order_error(f, x, order))
                compare(got, float(np.abs(apart).max()), wrong, case=case)
    return "right: the outputs move along"


@exercise("self-attention/bug", "maps")
def _bug(maps) -> str:
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:
        for batch_first, B, n, d, h, dtype in (
            (False, 2, 5, 8, 4, torch.float32),
            (True, 2, 5, 8, 4, torch.float32),
            (False, 3, 3, 6, 2, torch.float64),  # B = n: no shape tells them apart
            (True, 3, 3, 6, 2, torch.float64),
            (False, 4, 2, 5, 1, torch.float64),  # one head, which is its own mean
            (True, 1, 6, 10, 5, torch.float32),  # the most heads come last
        ):
            torch.manual_seed(n)
            layer = nn.MultiheadAttention(d, h, batch_first=batch_first, dtype=dtype)
            nn.init.normal_(layer.in_proj_bias)  # a new layer's are 0: for who leaves them out
            x = torch.randn(B, n, d, dtype=dtype)
            other = x.swapaxes(0, 1)
            turned, untouched = (x, other) if batch_first else (other, x)
            with torch.no_grad():
                context, right = layer(turned, turned, turned, average_attn_weights=False)
                across = layer(untouched, untouched, untouched, average_attn_weights=False)[1]
                mixed = layer(*[x.reshape(n, B, d)] * 3, average_attn_weights=False)[1]
            mean = right.mean(1, keepdim=True)
            wrong = [
                *((each, "{case}: each map is the mean over the heads")
                  for each in (mean[:, 0], across.mean(1))),
                (mean.expand_as(right), "{case}: all heads are the same: the mean, repeated"),
                *((each, "{case}: that is the context; the weights are asked for")
                  for each in (context, context.swapaxes(0, 1))),
                (right[0], "{case}: that is the first sentence alone"),
                (right[:, 0], "{case}: that is the first head alone"),
                (right.swapaxes(0, 1), "{case}: the heads come first there; the batch should"),
                (right.mT, "{case}: transposed: a row belongs to the word that asks"),
            ]  # fmt: skip
            if batch_first:
                wrong.append((across, "{case}: words attend to other sentences: x was turned, and "
                              "this layer wants it as it comes"))  # fmt: skip
            else:
                wrong.append((across, "{case}: words attend to other sentences: this layer takes "
                              "the first axis for the words"))  # fmt: skip
                wrong.append((mixed, "{case}: the shape is right, but `view` and `reshape` are no "
                              "transpose: words and sentences are mixed up"))  # fmt: skip
            case = equations(batch_first=batch_first, B=B, n=n, h=h)
            compare(array(maps(layer, x)), right, wrong, case=case)
    return "right: each head, within each sentence"


@exercise("self-attention/widget", "in_first_order")
def _widget(in_first_order) -> str:
    with Comparison() as compare:
        for order, places in (
            ((0, 1, 2, 3, 4, 5), False),
            ((1, 2, 0, 3, 4, 5), False),  # not its own inverse
            ((4, 5, 1, 2, 0, 3), True),  # with codes, the weights are those of another sentence
            ((0, 5, 2, 3, 4, 1), True),  # its own inverse
        ):
            A, place = SelfAttentionWidget(order=order, places=places).weights, np.argsort(order)
            w = SelfAttentionWidget(order=order, places=places)
            case = call("SelfAttentionWidget", order=order, places=places)
            got = array(in_first_order(w))
            right = A[np.ix_(place, place)]
            words = [w.words.index(word) for word in WORDS]
            wrong = [
                (A, "{case}: these are the weights as they are shown"),
                (A[np.ix_(order, order)], "{case}: that moves the words once more, not back"),
                (A[np.ix_(words, words)], "{case}: *the* is there twice: a word alone does not say "
                 "which of them is meant"),
                (A[place], "{case}: the rows are right; columns belong to words as well"),
                (A[:, place], "{case}: the columns are right; rows belong to words as well"),
                (A[list(order)], "{case}: the rows were moved once more, and the columns not at "
                 "all"),
                (A[place, place], "{case}: A[p, p] takes six entries only, not rows and columns"),
                (right.T, "{case}: transposed: rows are those who ask"),
            ]  # fmt: skip
            if places:
                wrong.append((
                    SelfAttentionWidget(places=True).weights,
                    "{case}: these are the weights of the sentence in the first order; those of "
                    "the sentence as it is shown are asked for, written in the first order",
                ))  # fmt: skip
            compare(got, right, wrong, case=case)
    return "right: argsort of a permutation is its inverse"


choice(
    "self-attention/explain",
    "who_never_wins",
    right="b",
    hints={
        "a": "row 1 wins everywhere in the map named “projected”",
        "c": "row 3 wins with the matrices left out, and with many others as well",
        "d": "the score is linear in the key, and one of the three keys lies between the others",
    },
    praise="right: its score is the mean of the two others, so it is never ahead of both",
)


written(
    "self-attention/in-writing",
    "not_good_bad",
    points=[
        "Both reviews have the same words, and in another order self-attention gives the same "
        "vectors in another order (it is equivariant).",
        "The mean over all tokens does not depend on their order, so both reviews get exactly the "
        "same number, whatever the matrices: more training, data, heads or layers change nothing.",
        "What it can still learn: which words occur, and which occur together.",
        "A remedy: a code for its place added to each token's vector; or a causal mask, under "
        "which what a token sees depends on where it stands; or a convolution or a recurrent layer "
        "before it.",
    ],
)
