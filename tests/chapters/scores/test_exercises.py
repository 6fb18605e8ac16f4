"""The exercises of `mechanism/scores`: right answers pass, wrong ones get the hint they need."""

import math

import numpy as np
import torch

from attnlab import additive_scores, bilinear_scores, gaussian_scores, softmax
from attnlab.chapters.scores.widget import KEYS, NAMES, scores_of
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring


def tie(q, k):
    score = q @ k
    return q @ q / score if score > 0 else np.inf


def tie_by_angle(q, k):
    lengths = np.linalg.norm(q), np.linalg.norm(k)
    cosine = q @ k / lengths[0] / lengths[1]
    return lengths[0] / (lengths[1] * cosine) if cosine > 0 else math.inf


def tie_in_a_loop(q, k):
    own = sum(float(x) * float(x) for x in q)
    other = sum(float(x) * float(y) for x, y in zip(q, k, strict=True))
    return np.float64(own / other) if other > 1e-12 else float("inf")


def tie_in_place(q, k):
    k /= np.linalg.norm(k)
    return tie(q, k)


def singular(W, left=1.0, right=0.0, rank=None):
    """W's factors, with so many powers of the singular values on each side."""
    U, S, Vt = np.linalg.svd(W)
    r = int((S / S[0] > 1e-6).sum()) if rank is None else rank
    return U[:, :r] * S[:r] ** left, Vt[:r].T * S[:r] ** right


def factors_by_rows(W):
    """As many rows of W as are independent, and how all rows are made of them."""
    rows, least = [], 1e-6 * np.linalg.norm(W, 2)
    for row in W:
        if np.linalg.matrix_rank(np.array([*rows, row]), tol=least) > len(rows):
            rows.append(row)
    W_K = np.array(rows).T
    return (np.linalg.pinv(W_K) @ W.T).T.tolist(), W_K.tolist()


def by_the_first_columns(W):
    """Right if they are independent."""
    W_Q = W[:, : singular(W)[0].shape[1]]
    return W_Q, np.linalg.lstsq(W_Q, W)[0].T


def factors_by_torch(W):
    U, S, V = torch.svd(torch.from_numpy(W).double())
    r = int((S / S[0] > 1e-6).sum())
    return [U[:, :r] * S[:r].sqrt(), V[:, :r] * S[:r].sqrt()]


def by_roots_of_eigenvalues(W):
    """As for a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(W @ W.T)
    half = vectors[:, -1:] * values[-1:] ** 0.5
    return half, half if len(W) == len(W.T) else np.ones((W.shape[1], 1))


def charged(charge, stretch=1.0, equal=True, longest=np.max):
    """One more number behind each key, a 1 behind each query, and a third to make keys equal."""

    def to_nearest(q, k):
        price = charge((k**2).sum(axis=-1, keepdims=True))
        wide_q = np.hstack([q, np.ones((len(q), 1))])
        wide_k = np.hstack([k, price])
        if equal:
            square = (wide_k**2).sum(axis=-1, keepdims=True)
            wide_q = np.hstack([wide_q, np.zeros((len(q), 1))])
            wide_k = np.hstack([wide_k, np.sqrt(longest(square) - square)])
        return stretch * wide_q, wide_k

    return to_nearest


def half(square):
    return -square / 2


def one_number_for_each_key(q, k):
    """A number that no query reads for each key, in place of one for all."""
    wide_q, wide_k = charged(half, equal=False)(q, k)
    square = (wide_k**2).sum(axis=-1)
    own = np.diag(np.sqrt(square.max() + 1 - square))
    return np.hstack([wide_q, np.zeros((len(q), len(k)))]), np.hstack([wide_k, own])


def by_torch(q, k):
    q, k = torch.from_numpy(q).double(), torch.from_numpy(k).double()
    square = k.square().sum(1, keepdim=True)
    length = square + square.square() / 4
    rest = (length.max() - length).sqrt()
    ones = torch.ones(len(q), 1)
    return [torch.cat([q, 2 * ones, 0 * ones], 1), torch.cat([k, -square / 4, rest + 0 * rest], 1)]


def by_torch_with_equal_lengths(q, k):
    wide_q, wide_k = by_torch(q, k)
    square = wide_k[:, :-1].square().sum(1)
    wide_k[:, -1] = (square.max() - square).sqrt()
    return wide_q, wide_k


def by_the_scores_themselves(q, k):
    return gaussian_scores(q, k), np.eye(len(k), dtype=k.dtype)


def made_of_queries(q, k):
    return np.eye(len(q), dtype=k.dtype), gaussian_scores(k, q)


def by_lengths(q, k):
    return q, k / np.linalg.norm(k, axis=-1, keepdims=True)


def by_angles(q, k):
    return by_lengths(None, q)[1], by_lengths(None, k)[1]


GRID = np.arange(-1.95, 2, 0.1)


def try_queries(axis, found=lambda w: {w.winner}):
    def winners(w):
        names = set()
        for x in axis:
            for y in axis:
                w.query = (x, y)
                names |= found(w)
        return names

    return winners


def winners_at_once(w):
    queries = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
    scores = scores_of(w.function, queries, np.array(w.places))
    return np.unique(np.array(list(NAMES))[scores.argmax(-1)])


def winners_by_weights(w):
    return sorted(try_queries(GRID, lambda w: {"ABCDEF"[w.weights.argmax()]})(w))


def all_winners(w):
    names = []
    for x in GRID:
        for w.query in [(x, y) for y in GRID]:
            names.append(w.winner)
    return names


def along_the_diagonal(w):
    names = set()
    for x in GRID:
        w.query = (x, x)
        names.add(w.winner)
    return names


def by_another_function(w):
    w.function = "scaled"
    return try_queries(GRID)(w)


def mended(q, k, w_q, w_k, v):
    return np.tanh((q @ w_q)[:, None] + (k @ w_k)[None]) @ v


def mended_in_loops(q, k, w_q, w_k, v):
    return [[sum(v * np.tanh(x @ w_q + y @ w_k)) for y in k] for x in q]


def mended_by_torch(*given):
    q, k, w_q, w_k, v = map(torch.from_numpy, given)
    return torch.einsum("nmh,h->nm", torch.tanh((q @ w_q).unsqueeze(1) + k @ w_k), v)


def with_sums(of):
    """Scores that are made of what was asked (n, 1, d) and offered (1, m, d), and of v."""
    return lambda q, k, w_q, w_k, v: of((q @ w_q)[:, None], (k @ w_k)[None], v)


def mended_in_place(q, k, w_q, w_k, v):
    q -= 0.5
    return mended(q, k, w_q, w_k, v)


RIGHT = {
    "rival": [tie, tie_by_angle, tie_in_a_loop],
    "factors": [
        singular,
        lambda W: singular(W, 0.5, 0.5),
        lambda W: singular(W, 0.0, 1.0),
        factors_by_rows,
        factors_by_torch,
    ],
    "nearest": [
        charged(half),
        one_number_for_each_key,
        by_torch_with_equal_lengths,
        lambda q, k: tuple(x.tolist() for x in charged(half)(q, k)),
        lambda q, k: charged(half)(q.astype(np.float32), k.astype(np.float32)),
    ],
    "widget": [try_queries(GRID), winners_at_once, winners_by_weights],
    "bug": [mended, mended_in_loops, mended_by_torch, additive_scores],
    "explain": ["c", " C", "(c)"],
    "in-writing": ["Because that key is long, and a dot product does not charge for length."],
}

WRONG = {
    "rival": [
        (lambda q, k: q @ k / (q @ q), "upside down"),
        (lambda q, k: 1 / tie(q, k) if q @ k > 0 else np.inf, "upside down"),
        (lambda q, k: np.linalg.norm(q) / np.linalg.norm(k), "equally long, but"),
        (lambda q, k: q @ q / (q @ k) if q @ k else np.inf, "turns it round"),
        (lambda q, k: q @ q / abs(q @ k) if q @ k else np.inf, "stays behind"),
        (lambda q, k: tie(q, k) * np.linalg.norm(k) / np.linalg.norm(q), "to begin with"),
        (lambda q, k: q @ q / (k @ k), "the angle counts as well"),
        (lambda q, k: q @ k / np.sqrt(q @ q * (k @ k)), "the cosine"),
        (lambda q, k: tie(q, k) if q @ k > 0 else None, "the answer is np.inf; got None"),
        (lambda q, k: tie(q, k) if q @ k > 0 else np.nan, "expected inf, got nan"),
        (lambda q, k: max(tie(q, k), 1.0), "[3, 1]): expected 0.3333, got 1"),
        (lambda q, k: tie(q, k) if q @ k > 0 else 0.0, "expected inf, got 0"),
        (lambda q, k: round(tie(q, k), 2), "expected 8.333, got 8.33"),
        (lambda q, k: round(tie(q, k), 6), "expected 8.3333333, got 8.333333"),
        (lambda q, k: tie(q, k) if q @ k > 1e-3 else np.inf, "expected 5, got inf"),
        (lambda q, k: q @ q / (q @ k + 1e-9) if q @ k > 0 else np.inf, "expected 5, got 4.995"),
        (lambda q, k: tie(q, k) * k, "should be one number"),
        (lambda q, k: print(tie(q, k)), "is a `return` missing?"),
        (lambda q, k: math.sqrt(q @ k), "`stretch_to_tie` raised ValueError"),
        (tie_in_place, "changes `k` in place"),
    ],
    "factors": [
        (lambda W: (W, np.eye(W.shape[1])), "more than it takes"),
        (lambda W: singular(W, rank=min(W.shape)), "more than it takes"),
        (lambda W: singular(W, 0.0, 0.0), "how much each counts is missing"),
        (lambda W: singular(W, 1.0, 1.0), "counted twice"),
        (lambda W: singular(W, 0.5, 0.0), "only the roots"),
        (lambda W: singular(W, rank=1), "one pair of columns"),
        (lambda W: singular(W)[::-1], "W_Q should be (d_q, r)"),
        (lambda W: singular(W)[::-1] if len(W) == len(W.T) else singular(W), "exchanged"),
        (lambda W: (singular(W)[0], singular(W)[1].T), "W_Q should be (d_q, r)"),
        (lambda W: (singular(W)[0], np.linalg.svd(W)[2][:, : singular(W)[0].shape[1]]),
         "V transposed"),
        (lambda W: singular(W, rank=np.linalg.matrix_rank(W)), "3 columns are more than it takes"),
        (lambda W: singular(W, rank=(np.linalg.svd(W)[1] > 1e-6).sum()), "expected 1.5e-09, got 0"),
        (lambda W: singular(W, rank=np.linalg.matrix_rank(W, rtol=1e-3)), "expected 0.0003, got 0"),
        (by_the_first_columns, "d_q = 3, d_k = 3: at [2, 2] expected -2, got 0"),
        (lambda W: W, "return 2 things, in this order: W_Q, W_K"),
        (lambda W: (singular(W)[0], singular(W)[1][:, :1]), "need as many columns"),
        (by_roots_of_eigenvalues, "d_q = 5, d_k = 7: at "),
        (lambda W: np.linalg.qr(W)[0], "return 2 things"),
        (lambda W: [np.round(each, 1) for each in singular(W)], "d_q = 5, d_k = 7: at "),
        (np.linalg.eigh, "`factors` raised LinAlgError"),
    ],
    "nearest": [
        (charged(half, equal=False), "have lengths from"),
        (by_torch, "have lengths from"),
        (charged(half, longest=lambda square: np.maximum(square, 100)), "have lengths from"),
        (charged(half, longest=lambda _: 1e6), "the new keys should be finite, got nan"),
        (lambda q, k: (q, k), "a long key has an advantage"),
        (charged(lambda square: square / 2), "the sign"),
        (charged(lambda square: -square), "pays twice"),
        (charged(lambda square: -(square**0.5)), "charges the length"),
        (charged(half, 2.0), "twice the Gaussian"),
        (by_lengths, "another one may be nearest"),
        (by_angles, "goes by the angle"),
        (by_the_scores_themselves, "the new queries depend on the keys"),
        (made_of_queries, "the new keys depend on the queries"),
        (lambda q, k: (q, np.hstack([k, k])), "equally wide"),
        (lambda q, k: (q.T, k.T), "as rows"),
        (lambda q, k: q @ k.T, "return 2 things"),
        (charged(lambda square: -(square**2) / 9), "n = 3, m = 5, d = 2: at "),
        (lambda q, k: (np.round(charged(half)(q, k)[0], 1), charged(half)(q, k)[1]), "at "),
    ],
    "widget": [
        (try_queries([0.85]), "that is the winner of one query"),
        (lambda w: {w.winner}, "that is the winner of one query"),
        (try_queries(GRID[GRID > 0]), "half of them are not"),
        (along_the_diagonal, "pair each with each"),
        (lambda w: set("ABCDEF"), "not all keys win"),
        (lambda w: set("BCDE"), "that is right for a dot product"),
        (lambda w: set("AF"), "that never win"),
        (restoring("function")(by_another_function), "that is right for a dot product"),
        (by_another_function, "leaves `w.function` at 'scaled', and it was 'dot'"),
        (lambda w: set("BCD"), "that is wrong about 1 of the six keys"),
        (lambda w: w.winner, "return a set of the keys' names"),
        (all_winners, "a set has each name once; got 1600"),
        (lambda w: len(try_queries(GRID)(w)), "return a set of the keys' names"),
        (lambda w: [["B", "C"], ["D", "E"]], "return a set of the keys' names"),
        (lambda w: {KEYS[NAMES.index(name)].tobytes() for name in "BCDE"}, "return a set of the"),
        (lambda w: try_queries(GRID)(w).clear(), "is a `return` missing?"),
        (try_queries(np.arange(-3, 3)), "`winners` raised TraitError"),
    ],
    "bug": [
        (with_sums(lambda a, b, v: (np.tanh(a) + np.tanh(b)) @ v), "still have the same"),
        (with_sums(lambda a, b, v: (a + b) @ v), "still have the same"),
        (with_sums(lambda a, b, v: np.tanh((a + b) @ v)), "comes too late"),
        (lambda q, k, w_q, w_k, v: bilinear_scores(q, k, w_q @ w_k.T), "a bilinear score"),
        (with_sums(lambda a, b, v: np.tanh(a * b) @ v), "multiplied inside the tanh"),
        (with_sums(lambda a, b, v: (np.tanh(a) * np.tanh(b)) @ v), "by that of the key"),
        (with_sums(lambda a, b, v: np.tanh(a - b) @ v), "subtracted"),
        (with_sums(lambda a, b, v: np.tanh(a + b).sum(-1)), "without v"),
        (with_sums(lambda a, b, v: np.tanh(a + b) * v), "(n, m) = (3, 5), got (3, 5, 4)"),
        (with_sums(lambda a, b, v: np.tanh(a[0] + b[0]) @ v), "(n, m) = (3, 5), got (5,)"),
        (lambda *given: mended(*given).T, "(n, m) = (3, 5)"),
        (lambda *given: mended(*given).T if len(given[0]) == len(given[1]) else mended(*given),
         "transposed"),
        (lambda *given: softmax(mended(*given)), "these are the weights"),
        (lambda *given: 2 * mended(*given), "n = 3, m = 5"),
        (lambda *given: np.round(mended(*given), 3), "n = 3, m = 5"),
        (mended_in_place, "changes `q` in place"),
    ],
    "explain": [
        ("a", "linear in the key"),
        ("b", "twice the query"),
        ("d", "symmetric"),
        ("nothing", "one of the letters"),
    ],
    "in-writing": [("", "no words"), (["long"], "should be text"), (" … ", "no words")],
}  # fmt: skip


TestMarking = marking_of("scores", RIGHT, WRONG)
