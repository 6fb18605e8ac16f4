"""Checks of the chapter `mechanism/scores`."""

import numpy as np

from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import equations, listed
from attnlab.functional.scores import additive_scores, bilinear_scores, dot_scores, gaussian_scores
from attnlab.functional.softmax import softmax


@exercise("scores/parameters", "n_parameters")
def _parameters(n_parameters) -> None:
    for d_q, d_k, d_hidden in ((3, 5, 7), (4, 4, 6)):
        case = equations(d_q=d_q, d_k=d_k, d_hidden=d_hidden)
        for function in ("dot", "scaled"):
            got = n_parameters(function, d_q, d_k, d_hidden)
            if d_q != d_k and got is not None:
                raise Hint(
                    "{function}, {case}: vectors of unequal widths have no dot product",
                    function=function,
                    case=case,
                )
            if d_q == d_k and got != 0:
                raise Hint(
                    "{function}, {case}: nothing in it is learned, so 0; you gave {got}",
                    function=function,
                    case=case,
                    got=got,
                )
        got = n_parameters("bilinear", d_q, d_k, d_hidden)
        if got is None:
            raise Hint(
                "bilinear, {case}: W has a row for each number of q, a column for each of k",
                case=case,
            )
        if got != d_q * d_k:
            raise Hint(
                "bilinear, {case}: W is one matrix of shape (d_q, d_k); you gave {got}",
                case=case,
                got=got,
            )
        got = n_parameters("additive", d_q, d_k, d_hidden)
        if got == (d_q + d_k) * d_hidden:
            raise Hint("additive: v is learned as well, one number for each hidden unit")
        if got != (d_q + d_k + 1) * d_hidden:
            raise Hint("additive, {case}: count W_q, W_k and v; you gave {got}", case=case, got=got)


@exercise("scores/nearest", "to_nearest")
def _nearest(to_nearest) -> str:
    rng = np.random.default_rng(0)
    for n, m, d in ((3, 5, 2), (5, 4, 3)):
        q, k = rng.standard_normal((n, d)), 2 * rng.standard_normal((m, d))
        wide_q, wide_k = (np.asarray(x) for x in to_nearest(q.copy(), k.copy()))
        if wide_q.ndim != 2 or wide_k.ndim != 2 or (len(wide_q), len(wide_k)) != (n, m):
            raise Hint(
                "expected {n} queries and {m} keys, as rows; got shapes {q} and {k}",
                n=n, m=m, q=wide_q.shape, k=wide_k.shape,
            )  # fmt: skip
        if wide_q.shape[1] != wide_k.shape[1]:
            raise Hint(
                "queries and keys must be equally wide for a dot product; got {q} and {k}",
                q=wide_q.shape, k=wide_k.shape,
            )  # fmt: skip
        got = dot_scores(wide_q, wide_k)
        right = gaussian_scores(q, k)
        if np.allclose(softmax(got), softmax(right)):
            continue
        squares = (k**2).sum(axis=-1)  # (m,)
        recognize(softmax(got), [
            (softmax(q @ k.T),
             "these are the weights of the dot product: each key must pay for its length"),
            (softmax(q @ k.T + squares / 2), "the sign: a long key pays, it does not gain"),
            (softmax(q @ k.T - squares), "half the square: each key pays twice what it should"),
            (softmax(q @ k.T - squares**0.5),
             "that charges the length and not half its square"),
            (softmax(2 * right),
             "these scores are twice the Gaussian's: it has a half before the square"),
        ])  # fmt: skip
        raise Hint("these are other weights than the Gaussian's; expand −|q − k|² / 2")
    return "right: a dot product in d + 1 dimensions is a distance in d"


@exercise("scores/widget", "winners")
def _widget(winners) -> str:
    axis = np.arange(-1.95, 2, 0.1)
    for function in ("dot", "additive", "bilinear"):
        w = ScoresWidget(function=function)
        right = set()
        for x in axis:
            for y in axis:
                w.query = (x, y)
                right.add(w.winner)
        w.query = (0.85, 0.25)
        got = winners(w)
        if not isinstance(got, (set, frozenset)):
            raise Hint("return a set of names, such as {{'A', 'B'}}; got {got!r}", got=got)
        if w.function != function:
            raise Hint(
                "leave w.function as it is, {function!r}; only the query is to move",
                function=function,
            )
        if got - right:
            raise Hint(
                "{function}: never wins: {names}; a winner has the highest score of all, not "
                "merely a high one",
                function=function, names=listed(sorted(map(str, got - right))),
            )  # fmt: skip
        if right - got:
            raise Hint(
                "{function}: wins, too: {names}; try every query, in all directions",
                function=function, names=listed(sorted(right - got)),
            )  # fmt: skip
    return "right: linear scores leave A and F out"


@exercise("scores/bug", "mended_scores")
def _bug(mended_scores) -> str:
    rng = np.random.default_rng(0)
    for n, m, d_q, d_k, d_hidden in ((3, 5, 2, 7, 4), (4, 4, 3, 3, 3)):
        q, k = rng.standard_normal((n, d_q)), rng.standard_normal((m, d_k))
        w_q, w_k = rng.standard_normal((d_q, d_hidden)), rng.standard_normal((d_k, d_hidden))
        v = rng.standard_normal(d_hidden)
        got = np.asarray(mended_scores(q, k, w_q, w_k, v))
        if got.shape != (n, m):
            raise Hint(
                "expected scores of shape (n, m) = {right}, got {got}", right=(n, m), got=got.shape
            )
        if np.allclose(got, additive_scores(q, k, w_q, w_k, v)):
            continue
        if np.allclose(softmax(got), softmax(got)[:1]):
            raise Hint(
                "all queries still have the same weights: the score is a number for the query plus "
                "a number for the key"
            )
        hidden_q, hidden_k = (q @ w_q)[:, None], (k @ w_k)[None]  # (n, 1, d), (1, m, d)
        recognize(got, [
            (np.tanh((hidden_q + hidden_k) @ v),
             "the tanh belongs to each hidden unit, before they are summed with v"),
            (bilinear_scores(q, k, w_q @ w_k.T),
             "that is a bilinear score: an additive one adds, and bends by the tanh"),
            (np.tanh(hidden_q * hidden_k) @ v,
             "query and key are to be added inside the tanh, not multiplied"),
        ])  # fmt: skip
        raise Hint("for one pair the score is v · tanh(q W_q + k W_k); yours is another number")
    return "right: they must meet inside the tanh"


choice(
    "scores/explain",
    "what_w_adds",
    right="c",
    hints={
        "a": "with W the score is still linear in the key, and a mean never beats the largest",
        "b": "twice the query gives twice the score, with W as without; it is the tanh that bounds",
        "d": "W need not be symmetric, so exchanging query and key changes the score even more",
    },
    praise="right: two matrices in a row are one",
)
