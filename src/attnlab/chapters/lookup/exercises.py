"""Checks of the chapter `mechanism/lookup`."""

from operator import eq
from typing import Any

import numpy as np

from attnlab.chapters.lookup.widget import LookupWidget
from attnlab.exercises.answers import on_copy, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import equations
from attnlab.functional.scores import gaussian_scores
from attnlab.functional.softmax import softmax


@exercise("lookup/hard", "nearest_values")
def _hard(nearest_values) -> str:
    rng = np.random.default_rng(0)
    for n, m, d_k, d_v in ((4, 9, 1, 1), (11, 5, 3, 2), (6, 13, 2, 7)):
        q, k = rng.standard_normal((n, d_k)), 2 * rng.standard_normal((m, d_k)) + 1
        v = 10 * rng.standard_normal((m, d_v))
        got = np.asarray(nearest_values(q, k, v))
        square = ((q[:, None] - k[None]) ** 2).sum(axis=-1)  # (n, m)
        right = square.argmin(axis=-1)  # (n,)
        if got.shape == (n,) and np.array_equal(got, right) and v.shape != (m,):
            raise Hint("these are the numbers of the nearest keys; their values are asked for")
        if got.shape == (m, d_v):
            raise Hint("one value for every key; one for every query is wanted: argmin over m")
        if got.shape == (n, d_k) != (n, d_v) and np.allclose(got, k[right]):
            raise Hint("these are the nearest keys themselves; return the values beside them")
        if got.shape != (n, d_v):
            raise Hint(
                "expected shape (n, d_v) = {right}, got {got}", right=(n, d_v), got=got.shape
            )
        if np.allclose(got, v[right]):
            continue
        differences = q[:, None] - k[None]  # (n, m, d_k)
        recognize(got, [
            (v[square.argmax(axis=-1)], "these values belong to the farthest keys"),
            (v[(q @ k.T).argmax(axis=-1)],
             "the largest dot product is not the nearest key: a long key wins from far away"),
            (v[np.abs(differences[..., 0]).argmin(axis=-1)],
             "only the first number of the keys was compared"),
            (v[differences.sum(axis=-1).argmin(axis=-1)],
             "the differences must lose their sign before they are summed"),
            (k[right], "these are the nearest keys themselves; return the values beside them"),
        ])  # fmt: skip
        raise Hint("these are not the values of the nearest keys")
    return "right: one key takes all"


@exercise("lookup/shape", "shapes")
def _shape(shapes) -> str:
    for B, n, m, d_k, d_v in ((2, 3, 5, 7, 4), (1, 1, 50, 2, 3), (11, 4, 1, 6, 13)):
        given = (B, n, d_k), (B, m, d_k), (B, m, d_v)
        case = equations(q=given[0], k=given[1], v=given[2])
        got = shapes(*given)
        try:
            weights, context = (tuple(shape) for shape in got)
        except (TypeError, ValueError):
            raise Hint("return two tuples, weights first; got {got!r}", got=got) from None
        if (weights, context) == ((B, n, d_v), (B, n, m)):
            raise Hint("the other way about: the weights come first")
        if weights != (B, n, m):
            recognize(weights, [
                ((B, m, n),
                 "weights have a row for each query and a column for each key: (B, n, m)"),
                ((B, n, d_k),
                 "{case}: d_k is summed away in the scores; a weight belongs to a key"),
            ], alike=eq, case=case)  # fmt: skip
            raise Hint(
                "{case}: the weights are not {weights}; how many keys has each query?",
                case=case, weights=weights,
            )  # fmt: skip
        if context != (B, n, d_v):
            recognize(context, [
                ((B, n, d_k),
                 "{case}: the context is a mean of values: it has as many numbers as they"),
                ((B, m, d_v),
                 "{case}: there is one context for each query, however many keys there are"),
                ((B, n, m), "{case}: m is gone in the product with V, which sums over the keys"),
                ((n, d_v), "{case}: the batch axis stays in front"),
                ((B, n, n), "{case}: that is the shape of A Aᵀ, in which no value occurs"),
            ], alike=eq, case=case)  # fmt: skip
            raise Hint("{case}: the context is not {context}", case=case, context=context)
    return "right: m is summed over, d_k too, and d_v stays"


@exercise("lookup/left-out", "leave_out")
def _left_out(leave_out) -> str:
    rng = np.random.default_rng(0)
    for m, width in ((3, 1.0), (8, 0.5), (13, 0.2)):
        k = rng.standard_normal((m, 2))
        S = gaussian_scores(k, k, width=width)
        A = softmax(S)
        changed = "your function changes A in place: work on a copy"
        got = np.asarray(on_copy(leave_out, A, changed=changed))
        if got.shape != (m, m):
            raise Hint("expected weights of shape {right}, got {got}", right=(m, m), got=got.shape)
        others = A * (1 - np.eye(m))
        left = others.sum(axis=-1, keepdims=True)
        if np.allclose(got, others / left):
            continue
        recognize(got, [
            (others, "the rows no longer sum to 1: the others must share what was taken away"),
            (others / others.sum(axis=0, keepdims=True),
             "that makes the columns sum to 1; the weights of a query are a row"),
            (others / others.sum(),
             "divide each row by its own sum, not all by the sum of everything"),
            (softmax(others),
             "a second softmax makes new weights, and gives key i one too, of e⁰"),
            (others + (1 - left) / (m - 1) * (1 - np.eye(m)),
             "you gave all others equal parts of it; without key i they would keep their ratios, "
             "so multiply them"),
        ])  # fmt: skip
        if not np.allclose(np.diagonal(got), 0):
            raise Hint("a key still has weight in its own look-up")
        raise Hint("not yet: compare with a softmax whose own scores are -inf")
    return "right: each row divided by 1 - a_ii"


@exercise("lookup/bug", "contexts")
def _bug(contexts) -> str:
    rng = np.random.default_rng(0)
    for n, m, d_v in ((6, 6, 1), (3, 7, 2), (5, 5, 5)):
        A, V = softmax(2 * rng.standard_normal((n, m))), rng.standard_normal((m, d_v))
        try:
            got = np.asarray(contexts(A, V))
        except ValueError as error:
            raise Hint(
                "for weights {A} and values {V}: {error}; is that a matrix product?",
                A=A.shape,
                V=V.shape,
                error=error,
            ) from None
        recognize(got, _not_the_product(A, V))
        if got.shape != (n, d_v):
            raise Hint(
                "weights {A}, values {V}: expected {right}, got {got}",
                A=A.shape, V=V.shape, right=(n, d_v), got=got.shape,
            )  # fmt: skip
        if not np.allclose(got, A @ V):
            raise Hint("not the weighted sum yet: row i is Σ_j a_ij v_j")
    A, V = softmax(rng.standard_normal((2, 3, 5))), rng.standard_normal((2, 5, 4))
    try:
        fits = np.allclose(contexts(A, V), A @ V)
    except ValueError:  # shapes that do not fit together
        fits = False
    if not fits:
        raise Hint("right for one look-up; with a batch in front, multiply the last two axes")
    return "right: a weighted sum is a matrix product"


def _not_the_product(A: np.ndarray, V: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """What may be written for A V, as far as the shapes allow, and why it is not."""
    found = [
        (A @ A.T, "that is A Aᵀ: no value occurs in it"),
        (V[A.argmax(axis=-1)], "that is the value of the heaviest key alone, a hard look-up"),
    ]
    if A.shape[0] == A.shape[1]:
        found.append((A.T @ V, "Aᵀ sums over the queries; the weights of a query are a row of A"))
        if V.shape[1] == 1:
            summed = "every value comes back as it was: row i of A was multiplied by v_i, not v_j"
            found += [
                (A * V, "nothing is summed yet, and row i of A is multiplied by v_i, not by v_j"),
                ((A * V).sum(axis=-1, keepdims=True), summed),
                ((A * V).sum(axis=-1), summed),
            ]
    return found


@exercise("lookup/widget", "best_width")
def _widget(best_width) -> str:
    grid = np.geomspace(0.05, 3, 60)
    state: dict[str, Any]
    for case, state in (
        ("LookupWidget()", {}),
        ("LookupWidget(y=np.linspace(-1.5, 1.5, 12))", {"y": np.linspace(-1.5, 1.5, 12)}),
        ("LookupWidget(y=np.random.default_rng(0).uniform(-1, 1, 12))", {
            "y": np.random.default_rng(0).uniform(-1, 1, 12),
        }),
    ):  # fmt: skip
        w = LookupWidget(**state, width=0.77)
        errors = []
        for width in grid:
            w.width = width
            errors.append(w.error_left_out)
        right = grid[np.argmin(errors)]
        w.width = 0.77
        got = float(best_width(w))
        if np.isclose(got, right):
            continue
        recognize(got, [
            (np.argmin(errors),
             "{case}: that is the width's number in the list; return the width"),
            (min(errors), "{case}: that is the smallest error; return the width that has it"),
            (grid[np.argmax(errors)],
             "{case}: that width has the largest error with each point left out"),
            (grid[0], "{case}: the narrowest width wins if points answer for themselves, or if "
             "the width of w was never changed; use error_left_out, and set w.width to each"),
            (0.77, "{case}: that is the width that was set; try those of the list"),
        ], case=case)  # fmt: skip
        raise Hint(
            "{case}: width {got:.3g} is not the one with the smallest error left out",
            case=case, got=got,
        )  # fmt: skip
    return "right: the points themselves have chosen it"


choice(
    "lookup/explain",
    "never_above",
    right="c",
    hints={
        "a": "a small width returns the nearest key's value, and that was at most 19 °C too",
        "b": "normalizing changes the scores, and so the weights; but whatever the weights are ...",
        "d": "more days of the same spring have values of at most 19 °C as well",
    },
    praise="right: no weights lead out of the range of the values",
)
