"""The page for teachers of Part 2: its boards are right, and its widgets show what it says."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from attnlab import causal_mask, dot_scores, gaussian_scores, softmax, softmax_jacobian
from attnlab.chapters.lookup.widget import LookupWidget
from attnlab.chapters.masks.widget import MasksWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.chapters.softmax.widget import SoftmaxWidget
from attnlab.functional.softmax import entropy
from tests.book.books import ROOT

PAGE = (ROOT / "book" / "instructors" / "teaching" / "mechanism.md").read_text("utf-8")


def decimals(*numbers: float) -> str:
    return ", ".join(f"{x:.2f}" for x in numbers)


def whole(numbers) -> str:
    return ", ".join(f"{x:.0f}".replace("-", "−") for x in numbers)


def lookup() -> Iterator[str]:
    v = np.array([12, 4, 8])
    counts = 2.0 ** -((np.array([[1], [2]]) - np.array([1, 2, 3])) ** 2)  # for the queries 1, 2
    a = counts / counts.sum(axis=1, keepdims=True)
    assert a[1].tolist() == [0.25, 0.5, 0.25]
    yield f"the context is 3 + 2 + 2 = {a[1] @ v:g}"
    yield f"context {v[[0, 2]].mean():g}"
    yield f"Weights {decimals(*a[0])}, context {a[0] @ v:.2f}"
    yield f"$2^{{{97**2 - 98**2}}}$"
    given, ruined = LookupWidget(width=0.05), LookupWidget(width=0.05)
    ruined.y = (*ruined.y[:5], 2.0, *ruined.y[6:])
    assert given.point == 5
    kept = {f"{w.error_kept_in / 1e-4:.1f}" for w in (given, ruined)}
    assert len(kept) == 1
    yield f"stays at ${kept.pop()} \\cdot 10^{{-4}}$"
    yield f"goes from {given.error_left_out:.2f} to {ruined.error_left_out:.2f}"


def by_softmax() -> Iterator[str]:
    powers = np.array([4.0, 2.0, 2.0])
    a = powers / powers.sum()
    for row in 16 * softmax_jacobian(a):
        yield f"$({', '.join(f'{x:g}' for x in row)})$"
    yield f"becomes {decimals(*softmax(a))}"
    assert np.allclose(softmax(2 * np.log(powers)), np.array([4, 1, 1]) / 6)
    assert np.allclose(softmax(np.log(powers * [1, 1, 3])), np.array([2, 1, 3]) / 6)
    w = SoftmaxWidget(key=4)
    for bias, tau, said in (
        (3, 1, "and has {}"), (3.5, 1, "{} at a bias of 3.5"), (3.6, 1, "{} at 3.6"),
        (3.6, 2, "It has {}"),
    ):  # fmt: skip
        w.biases, w.temperature = (0.0,) * 4 + (float(bias), 0.0), float(tau)
        yield said.format(f"{w.weights[4]:.0%}")


def scores() -> Iterator[str]:
    keys, turn = np.array([[4.0, 0], [0, 4], [2, 2]]), np.array([[0.0, 1], [-1, 0]])
    queries = np.array([[2.0, 1], [1, 3], [2, 2]])
    by_dot = dot_scores(queries, keys)
    yield f"scores them {whole(by_dot[0])} by dot product, the query $(1, 3)$ {whole(by_dot[1])}"
    yield f"Put the query on $F$: {whole(by_dot[2])}"
    charged = by_dot - (keys**2).sum(axis=1) / 2
    assert np.allclose(softmax(charged), softmax(gaussian_scores(queries, keys)))
    yield f"now {whole(charged[2])}"
    yield f"to $(-1, 2)$: {whole(dot_scores(queries[:1] @ turn, keys)[0])}"
    bumps = np.tanh(keys - 2 + 1) - np.tanh(keys - 2 - 1)
    yield f"that agrees brings {bumps[2, 0]:.2f}, one that is 2 away {bumps[0, 0]:.2f}"
    yield f"$F$ gets {bumps[2].sum():.2f} and the others {bumps[0].sum():.2f}"
    w, won = ScoresWidget(), []
    for w.function in ("dot", "scaled", "bilinear", "additive"):
        won.append((w.winner, f"{w.weights.max():.0%}"))
    (dot, most), (scaled, less), (bilinear, turned), (additive, near) = won
    assert dot == scaled
    yield f"By “dot” {dot} wins with {most}, by “scaled dot” with {less}"
    yield f"by “bilinear” {bilinear} has {turned}; only by “additive” {additive} wins, with {near}"
    w.query = (0, 0)
    assert w.winner == "F"
    yield f"gives F {w.weights.max():.0%}"
    for w.function in ("dot", "scaled", "bilinear"):
        assert w.weights == pytest.approx(1 / 6)


def scaling() -> Iterator[str]:
    coins = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).sum(axis=0)  # products are coins
    yield f"in {', '.join(str((coins == x).sum()) for x in (-4, -2, 0, 2, 4))} of 16 cases"
    assert coins.var() == 4
    norms = [np.linalg.norm(softmax_jacobian(np.array([a, 1 - a]))) for a in (0.5, 0.9, 0.99)]
    yield f"that is {', '.join(f'{x:.2g}' for x in norms)}."
    shares = [np.exp(s) / (np.exp(s) + 63 * other) for s, other in ((8, np.exp(0.5)), (1, 1))]
    yield f"the right key gets {shares[0]:.2f} or {shares[1]:.2f}"
    w, read = ScalingWidget(query=1), []
    largest, norm = [], []
    for w.d_k in (32, 33):
        largest.append(f"{w.weights.max():.2f}")
        norm.append(f"{w.jacobian_norm:.2f}")
    yield f"the largest weight is {largest[0]}"
    yield f"drops to {largest[1]}, and the norm of the Jacobian rises from {' to '.join(norm)}"
    w.scaled = True
    for w.d_k in (32, 33):
        read.append(f"{np.exp(entropy(w.weights)):.1f}")
    yield f"from {read[0]} keys read in effect to {read[1]}"


def masks() -> Iterator[str]:
    powers = np.array([[1.0, 1, 2], [1, 3, 2], [2, 1, 1]])
    whole_rows = powers / powers.sum(axis=1, keepdims=True)
    open_rows = powers * causal_mask(3)
    assert (whole_rows * causal_mask(3)).sum(axis=1) == pytest.approx([1 / 4, 2 / 3, 1])
    assert (open_rows[1:] / open_rows[1:].sum(axis=1, keepdims=True)).ravel() == pytest.approx(
        [1 / 4, 3 / 4, 0, 1 / 2, 1 / 4, 1 / 4]
    )
    yield f"{causal_mask(5).sum()}, and nothing"
    w = MasksWidget(length=3, window=2)
    yield f"it is {(~w.mask.any(axis=1)).sum()}, since place 3 still reaches place 2"
    w.flips = [(7, 7)]
    assert w.leak == pytest.approx(1 / 5)


@pytest.mark.parametrize("chapter", [lookup, by_softmax, scores, scaling, masks])
def test_the_page_says_what_comes_out(chapter):
    name = chapter.__name__.removeprefix("by_")
    (section,) = (x for x in re.split(r"^## ", PAGE, flags=re.M) if f"{{chapter}}`{name}`" in x)
    said = [*chapter()]
    assert [x for x in said if x not in section] == []
