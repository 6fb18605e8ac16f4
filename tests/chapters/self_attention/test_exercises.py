"""The exercises of `transformer/self-attention`: right answers pass, wrong ones get their hint."""

import numpy as np
import torch

from attnlab.chapters.self_attention.widget import SelfAttentionWidget
from tests.exercises.marking import marking_of

A, X_OF_4 = np.array([[1.0], [0], [0], [0]]), np.array([[0.0], [0], [0], [1]])
ANYONE = np.array([[1.0], [1], [1], [0]])
EYE = np.eye(7)
LETTER_AND_CASE, X_OF_7 = EYE[:, :6], EYE[:, 6:]
OTHER_CASE = LETTER_AND_CASE[:, [0, 1, 2, 3, 5, 4]]


def matrices(*given):
    return lambda: given


def error(compare):
    return lambda f, x, order: compare(f(x[order]), f(x), order)


def error_in_a_loop(f, x, order):
    """What is at place i of the new order was at order[i] before."""
    moved, still = f(x[order]), f(x)
    return max(np.abs(moved[i] - still[j]).max() for i, j in enumerate(order))


def error_by_torch(f, x, order):
    moved, still = torch.as_tensor(f(x[order])), torch.as_tensor(f(x))
    return (moved - still[torch.as_tensor(order)]).abs().max()


def error_in_place(f, x, order):
    before = f(x)[order]
    x[:] = x[order]
    return np.abs(f(x) - before).max()


def error_the_other_way(f, x, order):
    """Puts token i at place order[i]."""
    back = np.argsort(order)
    return np.abs(f(x[back]) - f(x)[back]).max()


def error_as_wide_as_x(f, x, order):
    """As if outputs were as wide as tokens."""
    apart, moved, still = np.zeros_like(x), f(x[order]), f(x)
    for i, j in enumerate(order):
        apart[i] = moved[i] - still[j]
    return np.abs(apart).max()


def error_in_as_many_columns(f, x, order):
    return np.abs(f(x[order]) - f(x)[order])[:, : x.shape[1]].max()


def error_unless_close(f, x, order):
    error = np.abs(f(x[order]) - f(x)[order]).max()
    return error if error > 1e-3 else 0


def maps(layer, x, turn=lambda layer, x: x if layer.batch_first else x.swapaxes(0, 1), **options):
    x = turn(layer, x)
    return layer(x, x, x, average_attn_weights=False, **options)[1]


def by_asking_one(layer, x):
    """One sentence at a time."""
    one_by_one = []
    for sentence in x:
        words = sentence[None] if layer.batch_first else sentence[:, None]
        one_by_one.append(layer(words, words, words, average_attn_weights=False)[1])
    return torch.cat(one_by_one)


def without_the_layer(layer, x, biased=True):
    """From the layer's matrices."""
    B, n, _ = x.shape
    q, k, _ = (x @ layer.in_proj_weight.T + biased * layer.in_proj_bias).chunk(3, dim=-1)
    q, k = (each.view(B, n, layer.num_heads, -1).transpose(1, 2) for each in (q, k))
    return torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1).detach().numpy()


def mean_map(layer, x):
    return maps(layer, x).mean(1)


def viewed(layer, x):
    """The right shape, with words and sentences mixed up."""
    B, n, d = x.shape
    return maps(layer, x, turn=lambda layer, x: x if layer.batch_first else x.reshape(n, B, d))


def context(layer, x):
    x = x if layer.batch_first else x.swapaxes(0, 1)
    return layer(x, x, x)[0]


def changes_the_layer(layer, x):
    layer.batch_first = True
    return layer(x, x, x, average_attn_weights=False)[1]


def never(layer, x):
    return x


def always(layer, x):
    return x.swapaxes(0, 1)


def back_to_first(w):
    place = np.argsort(w.order)
    return w.weights[np.ix_(place, place)]


def by_the_words(w):
    place = [w.words.index(word) for word in SelfAttentionWidget().words]
    return w.weights[np.ix_(place, place)]


def changes_the_widget(w):
    w.order = range(6)
    return w.weights


def by_name(w):
    """Entry by entry."""
    moved = np.empty((6, 6))
    for i, a in enumerate(w.order):
        for j, b in enumerate(w.order):
            moved[a, b] = w.weights[i, j]
    return moved.tolist()


def by_a_matrix(w):
    P = torch.eye(6, dtype=torch.float64)[list(w.order)]
    return P.T @ torch.as_tensor(w.weights) @ P


RIGHT = {
    "mean": [
        matrices(20 * ANYONE, A, X_OF_4),
        matrices(ANYONE, 30 * A, X_OF_4),
        matrices(40 * np.hstack([ANYONE, 0 * A]), np.hstack([A, A]), X_OF_4),
        matrices((20 * ANYONE).tolist(), A.tolist(), X_OF_4.tolist()),
        lambda: [torch.tensor(W).int() for W in (30 * ANYONE, A, X_OF_4)],
        matrices(50 * ANYONE + X_OF_4, A, X_OF_4),  # longer or shorter, but always long enough
        matrices(11.5 * ANYONE, A, X_OF_4),
    ],
    "pair": [
        matrices(50 * OTHER_CASE, LETTER_AND_CASE, X_OF_7),
        matrices(LETTER_AND_CASE, 50 * OTHER_CASE, X_OF_7),
        matrices(50 * LETTER_AND_CASE * [1, 1, 1, 1, -1, -1], LETTER_AND_CASE, X_OF_7),
        lambda: [(60 * OTHER_CASE).tolist(), torch.tensor(LETTER_AND_CASE), np.float32(X_OF_7)],
    ],
    "equivariant": [
        error(lambda moved, fx, order: np.abs(moved - fx[order]).max()),
        error(lambda moved, fx, p: np.abs(moved[np.argsort(p)] - fx).max()),
        error_in_a_loop,
        error_by_torch,
    ],
    "bug": [maps, by_asking_one, without_the_layer],
    "widget": [back_to_first, by_name, by_a_matrix],
    "explain": ["b", "B ", '"b"'],
    "in-writing": ["The same words in another order are the same bag, and the mean is the same."],
}  # fmt: skip

WRONG = {
    "mean": [
        (matrices(20 * A, A, X_OF_4), "abc: the tokens do not all attend alike"),
        (matrices(ANYONE, A, X_OF_4), "others still have 42"),
        (matrices(11 * ANYONE, A, X_OF_4), "bbbbbbbbba: the a's are in front, but others still"),
        (matrices(20 * ANYONE, ANYONE, X_OF_4), "all tokens have the same weight"),
        (matrices(-20 * ANYONE, A, X_OF_4), "other than a have 100% of the weight"),
        (matrices(20 * ANYONE, A + 0.01 * X_OF_4, X_OF_4), "the weights depend on x"),
        (matrices(50 * ANYONE + 10 * X_OF_4, A, X_OF_4), "the weights depend on x"),
        (matrices(20 * (ANYONE + X_OF_4), A, X_OF_4), "the weights depend on x"),
        (matrices(20 * ANYONE, A, A), "the weights are right, the contexts are not"),
        (matrices(20 * ANYONE, A, 2 * X_OF_4), "the weights are right, the contexts are not"),
        (matrices(20 * ANYONE, A, np.eye(4)), "W_V has one column"),
        (matrices(20 * ANYONE.T, A, X_OF_4), "needs 4 rows"),
        (matrices(20 * ANYONE, A, X_OF_4[:, 0]), "one column or more; got (4, 1), (4, 1), (4,)"),
        (matrices(1e200 * ANYONE, 1e200 * A, X_OF_4), "too large to compute with"),
        (matrices(20 * ANYONE, np.eye(4), X_OF_4), "the same width"),
        (matrices(ANYONE, A), "return 3 things, in this order: W_Q, W_K, W_V"),
        (matrices(ANYONE, A, None), "W_V: got None"),
        (matrices(np.full((4, 1), np.inf), A, X_OF_4), "W_Q should be finite"),
        (lambda X: (20 * ANYONE, A, X_OF_4), "`listen_to_a` raised TypeError"),
    ],
    "pair": [
        (matrices(50 * LETTER_AND_CASE, LETTER_AND_CASE, X_OF_7), "each token attends to itself"),
        (matrices(50 * EYE[:, :4], EYE[:, :4], X_OF_7), "between itself and its other half"),
        (matrices(50 * EYE[:, [5, 4]], EYE[:, [4, 5]], X_OF_7), "all of the other case"),
        (matrices(50 * EYE[:, 4:6], EYE[:, 4:6], X_OF_7), "all of its own case"),
        (matrices(OTHER_CASE, LETTER_AND_CASE, X_OF_7), "in front, but others have up to"),
        (matrices(25 * OTHER_CASE, LETTER_AND_CASE, X_OF_7), "in front, but others have up to"),
        (matrices(50 * OTHER_CASE, LETTER_AND_CASE, EYE[:, :1]), "the contexts are not"),
        (matrices(0 * OTHER_CASE, LETTER_AND_CASE, X_OF_7), "the same weight"),
        (matrices(-50 * OTHER_CASE, LETTER_AND_CASE, X_OF_7), "not to its other half"),
        (matrices(50 * OTHER_CASE[[0, 1, 2, 2, 4, 5, 6]], LETTER_AND_CASE, X_OF_7),
         ", not to its other half"),
        (matrices(50 * EYE[:, [0, 1, 2, 3, 5, 4, 6]], EYE, X_OF_7), "the weights depend on x"),
        (matrices(50 * OTHER_CASE, LETTER_AND_CASE, EYE), "W_V has one column"),
        (matrices(50 * OTHER_CASE[:4], LETTER_AND_CASE, X_OF_7), "needs 7 rows"),
        (lambda: 50 * OTHER_CASE, "return 3 things"),
        (lambda: print(OTHER_CASE), "is a `return` missing?"),
    ],
    "equivariant": [
        (error(lambda moved, fx, order: np.abs(moved - fx).max()), "may move with their tokens"),
        (error(lambda moved, fx, order: np.abs(moved - fx[np.argsort(order)]).max()),
         "inverse order"),
        (error(lambda moved, fx, order: np.abs(moved[order] - fx).max()), "inverse order"),
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).mean()), "that is the mean"),
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).sum()), "that is the sum"),
        (error(lambda moved, fx, order: ((moved - fx[order]) ** 2).max()), "largest square"),
        (error(lambda moved, fx, order: np.linalg.norm(moved - fx[order])), "the length of all"),
        (error(lambda moved, fx, order: (moved - fx[order]).max()), "has a size as well"),
        (error(lambda moved, fx, order: (fx[order] - moved).max()), "counts as well, by its size"),
        (error(lambda moved, fx, order: np.abs(fx[order] - fx).max()), "f(x) with itself"),
        (error(lambda moved, fx, order: 0.0), "f = 'with_places', order = [2, 0, 3, 4, 1]"),
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).max().round(2)), "expected "),
        (error(lambda moved, fx, order: np.allclose(moved, fx[order])), "should be one number"),
        (error(lambda moved, fx, order: np.abs(moved - fx[order]).max(axis=0)), "one number"),
        (error_in_place, "changes `x` in place"),
        (error_the_other_way, "x[order[i]] comes to place i"),
        (error_as_wide_as_x, "could not broadcast"),
        (error_in_as_many_columns, "f = 'faint_sum', order = [2, 0, 3, 4, 1]: expected 3.453e-05"),
        (error_unless_close, "f = 'faint_sum', order = [2, 0, 3, 4, 1]: expected 3.453e-05, got 0"),
    ],
    "bug": [
        (lambda layer, x: layer(x, x, x)[1], "the mean over the heads"),
        (mean_map, "the mean over the heads"),
        (lambda layer, x: maps(layer, x, turn=never), "takes the first axis for the words"),
        (lambda layer, x: maps(layer, x, turn=always), "wants it as it comes"),
        (lambda layer, x: mean_map(layer, x)[:, None].expand_as(maps(layer, x)),
         "the mean, repeated"),
        (viewed, "no transpose"),
        (context, "that is the context"),
        (lambda layer, x: maps(layer, x)[0], "the first sentence alone"),
        (lambda layer, x: maps(layer, x)[:, 0], "the first head alone"),
        (lambda layer, x: maps(layer, x).swapaxes(0, 1), "the heads come first"),
        (lambda layer, x: maps(layer, x).mT, "transposed"),
        (lambda layer, x: layer(x, x, x, average_attn_weights=False), "array of numbers"),
        (lambda layer, x: maps(layer, x).sum(1), "expected shape (2, 4, 5, 5), got (2, 5, 5)"),
        (lambda layer, x: maps(layer, 2 * x), "batch_first = False, B = 2, n = 5, h = 4: at "),
        (lambda layer, x: without_the_layer(layer, x, biased=False), "n = 5, h = 4: at "),
        (lambda layer, x: maps(layer, x)[:, :4], "expected shape (1, 5, 6, 6), got (1, 4, 6, 6)"),
        (changes_the_layer, "leaves `layer.batch_first` at True, and it was False: put it back"),
    ],
    "widget": [
        (lambda w: w.weights, "as they are shown"),
        (lambda w: w.weights[np.ix_(w.order, w.order)], "once more"),
        (lambda w: w.weights[np.argsort(w.order)], "columns belong to words"),
        (lambda w: w.weights[:, np.argsort(w.order)], "rows belong to words"),
        (lambda w: w.weights[list(w.order)], "and the columns not at all"),
        (lambda w: w.weights[np.argsort(w.order), np.argsort(w.order)], "six entries only"),
        (lambda w: SelfAttentionWidget(places=w.places).weights, "in the first order; those of"),
        (by_the_words, "*the* is there twice"),
        (lambda w: back_to_first(w).T, "transposed"),
        (lambda w: w.contexts, "expected shape (6, 6), got (6, 4)"),
        (lambda w: back_to_first(w).round(2), "SelfAttentionWidget(order=(0, 1, 2, 3, 4, 5), "),
        (changes_the_widget, "leaves `w.order` at (0, 1, 2, 3, 4, 5), and it was (1, 2, 0, 3"),
        (lambda w: np.argsort(w.order), "expected shape (6, 6), got (6,)"),
        (lambda w: w.places.shape, "`in_first_order` raised AttributeError"),
    ],
    "explain": [
        ("a", "row 1 wins"),
        ("c", "row 3 wins"),
        ("d", "linear in the key"),
        (2, "one of the letters"),
    ],
    "in-writing": [("", "no words"), (2, "should be text"), (" – ", "no words")],
}  # fmt: skip


TestMarking = marking_of("self-attention", RIGHT, WRONG)
