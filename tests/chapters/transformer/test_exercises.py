"""The exercises of `transformer/transformer`: right answers pass, wrong ones get their hint."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from attnlab import attention
from attnlab.chapters.transformer.machines import heard, machine_of
from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring


def raw(Y, Z, W_q, W_k):
    return (Y @ W_q) @ (Z @ W_k).T


def cross(weigh, combine=lambda A, Y, Z, W_k, W_v: A @ (Z @ W_v)):
    def cross_attention(Y, Z, W_q, W_k, W_v, real):  # noqa: PLR0917
        weights = weigh(Y, Z, W_q, W_k, real)
        return combine(weights, Y, Z, W_k, W_v), weights

    return cross_attention


def masked(score, hidden=-np.inf):
    """Weights of scores that are `hidden` where the source is padding."""
    return lambda Y, Z, W_q, W_k, real: softmax(np.where(real, score(Y, Z, W_q, W_k), hidden))


def scaled(Y, Z, W_q, W_k):
    return raw(Y, Z, W_q, W_k) / np.sqrt(W_q.shape[1])


good = masked(scaled)


def by_attnlab(Y, Z, W_q, W_k, W_v, real):  # noqa: PLR0917
    return attention(Y @ W_q, Z @ W_k, Z @ W_v, mask=real)


def by_torch(*given):
    Y, Z, W_q, W_k, W_v, real = map(torch.from_numpy, given)
    scores = (Y @ W_q) @ (Z @ W_k).T / W_k.shape[1] ** 0.5
    weights = scores.masked_fill(~real, -torch.inf).softmax(-1)
    return weights @ (Z @ W_v), weights


def in_a_loop(Y, Z, W_q, W_k, W_v, real):  # noqa: PLR0917
    contexts, weights = [], []
    for query in Y @ W_q:
        scores = [query @ (x @ W_k) / len(query) ** 0.5 for x in Z]
        share = [np.exp(s) if one else 0.0 for s, one in zip(scores, real, strict=True)]
        weights.append([a / sum(share) for a in share])
        contexts.append(sum(a * (x @ W_v) for a, x in zip(weights[-1], Z, strict=True)))
    return contexts, weights


def in_float64_arrays(Y, Z, W_q, W_k, W_v, real):  # noqa: PLR0917
    """Each weight in double precision, though of numbers in single."""
    queries, keys, values = Y @ W_q, Z @ W_k, Z @ W_v
    weights, contexts = np.zeros((len(Y), len(Z))), np.zeros((len(Y), W_v.shape[1]))
    for i, query in enumerate(queries):
        for j in np.flatnonzero(real):
            weights[i, j] = np.exp(float(query @ keys[j]) / len(query) ** 0.5)
        weights[i] /= weights[i].sum()
        for j in range(len(Z)):
            contexts[i] += weights[i, j] * values[j]
    return contexts, weights


def in_double_precision(*given):
    return cross(good)(*(x if x.dtype == bool else x.astype(float) for x in given))


def masked_in_place(Y, Z, W_q, W_k, W_v, real):  # noqa: PLR0917
    Z[~real] = 0
    return cross(good)(Y, Z, W_q, W_k, W_v, real)


def axis_0(hidden):
    """The softmax over the wrong axis, of scores that are `hidden` where the source is padding."""
    score = lambda Y, Z, q, k, real: np.where(real, scaled(Y, Z, q, k), hidden)  # noqa: E731
    with np.errstate(invalid="ignore"):
        return cross(lambda *given: softmax(score(*given), axis=0))


def count(*, attentions=3, norms=5, last=2, maps=4, heads=False, bias=True, affine=2):
    def parameters(d, h, L, d_ff):
        linear = d * d + bias * d
        attention = maps * linear * (h if heads else 1)
        feed_forward = 2 * d * d_ff + bias * (d_ff + d)
        layers = attentions * attention + 2 * feed_forward + norms * affine * d
        return L * layers + last * affine * d

    return parameters


def by_building_it(d, h, L, d_ff):
    layers = nn.TransformerEncoderLayer(d, h, d_ff), nn.TransformerDecoderLayer(d, h, d_ff)
    once, each = nn.LayerNorm(d), nn.ModuleList(layers)
    return sum(p.numel() * L for p in each.parameters()) + 2 * sum(map(len, once.parameters()))


def targets(shares, clear_pad=True, clear_rows=True):
    def smoothed_targets(y, V, pad, eps):
        q = shares(np.eye(V)[y], V, eps)
        if clear_pad:
            q[:, pad] = 0
        if clear_rows:
            q[y == pad] = 0
        return q

    return smoothed_targets


def shares_of(hard, V, eps):
    return (1 - eps) * hard + eps / (V - 1)


def targets_in_a_loop(y, V, pad, eps):
    rows = []
    for token in y:
        row = [0.0 if v == pad else eps / (V - 1) for v in range(V)]
        row[token] += 1 - eps
        rows.append([0.0] * V if token == pad else row)
    return rows


def targets_by_torch(y, V, pad, eps):
    y = torch.from_numpy(y)
    q = torch.full((len(y), V), eps / (V - 1))
    q.scatter_add_(1, y[:, None], torch.full((len(y), 1), 1 - eps))
    return q.index_fill(1, torch.tensor([pad]), 0) * (y != pad)[:, None]


def divided_by_its_sum(y, V, pad, eps):
    q = targets(lambda hard, V, eps: (1 - eps) * hard + eps / V)(y, V, pad, eps)
    return np.nan_to_num(q / q.sum(axis=1, keepdims=True))


def hears(**how):
    return lambda machine, X, Y: heard(machine, X, Y, **how)


def changed(array, j, new):
    other = array.copy()
    other[j] = new
    return other


def in_a_loop_with(new, differ=lambda after, before: (after != before).any()):
    """Row by row, with `new` of a vector in its place."""

    def who_hears(machine, X, Y):
        before, m, n = machine(X, Y), range(len(X)), range(len(Y))
        source = [machine(changed(X, j, new(X[j])), Y) for j in m]
        target = [machine(X, changed(Y, i, new(Y[i]))) for i in n]
        of_source = [[differ(source[j][t], before[t]) for j in m] for t in n]
        return of_source, [[differ(target[i][t], before[t]) for i in n] for t in n]

    return who_hears


def hears_by_random_vectors(machine, X, Y):
    before, rng = machine(X, Y), np.random.default_rng(5)
    draw = lambda: rng.standard_normal(X.shape[1])  # noqa: E731
    source = [machine(changed(X, j, draw()), Y) for j in range(len(X))]
    target = [machine(X, changed(Y, i, draw())) for i in range(len(Y))]
    found = [np.abs(np.array(each) - before).max(axis=-1) > 0 for each in (source, target)]
    return {"of_source": found[0].T, "of_target": found[1].T}.values()


def put_back(machine, X, Y):
    """In place, but as it was afterwards."""
    before, found = machine(X, Y), []
    for x in (X, Y):
        columns = []
        for j in range(len(x)):
            kept = x[j].copy()
            x[j] += 1
            columns.append((machine(X, Y) != before).any(axis=1))
            x[j] = kept
        found.append(torch.from_numpy(np.stack(columns, axis=1)))
    return tuple(found)


def not_put_back(machine, X, Y):
    before = machine(X, Y)
    X[0] += 1
    return (machine(X, Y) != before).any(axis=1), None


def of_a_whole_machine(machine, X, Y):
    return np.ones((len(Y), len(X)), dtype=bool), np.tri(len(Y), dtype=bool)


def then(change):
    """What is right, and then changed."""
    return lambda machine, X, Y: [change(of) for of in heard(machine, X, Y)]


def spared(
    *,
    kind="cross",
    look=lambda w: w.output,
    off=(),
    read=True,
    refuse=True,
    heads=lambda w: range(1, len(w.weights["cross"]) + 1),
    add=False,
    on=True,
    which=lambda same: same,
    first=1,
):
    def spared_heads(w, source):
        if read:
            w.source = source
        w.heads_off = w.heads_off if off is None else off
        if refuse and w.message:
            return []
        whole, found, before = look(w), [], w.heads_off
        for h in heads(w):
            w.heads_off = (*(w.heads_off if add else before), f"{kind} {h}")
            if which(look(w) == whole):
                found.append(h - 1 + first)
        if on:
            w.heads_off = ()
        return found

    return spared_heads


def compared_with_what_came(w, source):
    w.source = source
    if w.message:
        w.heads_off = ()
        return []
    whole, found = w.output, []
    for h in range(1, len(w.weights["cross"]) + 1):
        w.heads_off = (f"cross {h}",)
        if w.output == whole:
            found.append(h)
    w.heads_off = ()
    return found


def one_by_one(w, source):
    """What can be spared beside those that were found before."""
    found = spared()(w, source)
    w.source, kept = source, []
    for h in found and range(1, len(w.weights["cross"]) + 1):
        whole = w.output
        w.heads_off = tuple(f"cross {i}" for i in (*kept, h))
        kept += [h] if w.output == whole else []
        w.heads_off = ()
    return kept


def refused_as_it_came(w, source):
    w.source = source
    return [] if w.message else spared()(w, source)


def of_sentences(w, source):
    w.task = "translation"
    return spared()(w, source)


def four(w):
    return range(1, min(5, len(w.weights["cross"]) + 1))


ANSWER = "Compare the loss with the entropy of the targets, and exchange the source."

RIGHT = {
    "cross": [
        cross(good),
        by_attnlab,
        by_torch,
        in_a_loop,
        in_float64_arrays,
        in_double_precision,
        lambda *given: [*cross(masked(scaled, hidden=-1e9))(*given)],
    ],
    "count": [
        count(),
        by_building_it,
        lambda *sizes: np.int64(count()(*sizes)),
        lambda *sizes: torch.tensor(float(count()(*sizes))),
    ],
    "smoothing": [
        targets(shares_of),
        targets_in_a_loop,
        targets_by_torch,
        lambda *given: targets(shares_of)(*given).astype(np.float32),
    ],
    "hears": [
        hears(),
        in_a_loop_with(lambda x: x + np.arange(1, len(x) + 1)),
        put_back,
        lambda *g: [*hears_by_random_vectors(*g)],
    ],
    "widget": [
        spared(),
        lambda w, source: np.array(spared()(w, source)),
        lambda w, source: {*spared()(w, source)},
        lambda w, source: spared()(w, source)[::-1],
        spared(look=lambda w: w.output_tokens),
        spared(look=lambda w: w.probabilities.argmax(axis=-1).tolist()),
    ],
    "too-good": ["b", " B", "(b)"],
    "in-writing": [ANSWER],
}

WRONG = {
    "cross": [
        (lambda Y, Z, *_: Y, "return 2 things"),
        (lambda *given: cross(good)(*given)[::-1], "should have shape"),
        (cross(lambda Y, Z, q, k, _: softmax(scaled(Y, Y, q, k)), lambda A, Y, Z, k, v: A @ Y @ v),
         "never heard"),
        (cross(lambda Y, Z, q, k, _: softmax(scaled(Z, Y, q, k)), lambda A, Y, Z, k, v: A @ Y @ v),
         "turned round"),
        (cross(lambda Y, Z, q, k, _: softmax(scaled(Z, Y, q, k).T)), "turned round"),
        (cross(lambda Y, Z, q, k, _: softmax(scaled(Y, Z, q, k))), "padding gets weight"),
        (cross(masked(raw)), "not scaled"),
        (cross(masked(lambda Y, Z, q, k: raw(Y, Z, q, k) / np.sqrt(Y.shape[1]))), "what comes in"),
        (cross(masked(lambda Y, Z, q, k: raw(Y, Z, q, k) / k.shape[1])), "not by its root"),
        (cross(masked(lambda Y, Z, q, k: scaled(Y, Z, k, q))), "W_q makes queries"),
        (cross(lambda Y, Z, q, k, real: good(Y, Z, q, k, ~real)), "`real` is True elsewhere"),
        (cross(lambda Y, Z, q, k, real: masked(scaled, hidden=-1e9)(Y, Z, q, k, ~real)),
         "`real` is True elsewhere"),
        (axis_0(-1e9), "of one query"),
        (cross(masked(scaled, hidden=-10)), "n = 3, m = 5"),
        (cross(masked(scaled, hidden=-100)), "below the number by which padding is hidden"),
        (cross(lambda Y, Z, q, k, real: good(Y, Z, q, k, np.arange(len(Z)) < max(1, len(Z) - 1))),
         "not always last"),
        (cross(lambda Y, Z, q, k, real: softmax(scaled(Y, Z, q, k)) * real), "no longer sum to 1"),
        (cross(masked(scaled, hidden=0)), "a score of 0"),
        (cross(lambda Y, Z, q, k, real: softmax(scaled(Y, Z, q, k).T).T * real), "of one query"),
        (cross(good, lambda A, Y, Z, k, v: A @ Z), "a matrix of their own"),
        (cross(good, lambda A, Y, Z, k, v: A @ (Z @ k)), "means of the keys"),
        (cross(good, lambda A, Y, Z, k, v: (Z @ v)[A.argmax(axis=1)]), "heaviest key alone"),
        (cross(good, lambda A, Y, Z, k, v: np.ones((len(A), v.shape[1]))), "n = 3, m = 5"),
        (cross(lambda *given: np.round(good(*given), 3)), "n = 3, m = 5"),
        (masked_in_place, "changes `Z` in place"),
        (lambda *given: sys.exit(), "raised SystemExit"),
        (lambda *given: (None, None), "the weights: got None"),
    ],
    "count": [
        (count(bias=False, norms=0, last=0), "the matrices alone"),
        (count(bias=False), "have biases"),
        (lambda d, h, L, d_ff: count()(d, h, L, d_ff) - 12 * L * d, "of an attention have biases"),
        (lambda d, h, L, d_ff: L * count()(d, h, 1, d_ff), "once, not in each layer"),
        (count(norms=0, last=0), "the norms have parameters"),
        (count(last=0), "not all of them stand in a layer"),
        (count(last=1), "one of the two stacks"),
        (count(heads=True), "grows with h"),
        (count(attentions=2), "one attention is missing"),
        (count(norms=4), "as of a norm"),
        (count(affine=1), "two vectors"),
        (count(maps=3), "one more matrix"),
        (lambda d, h, L, d_ff: count()(d, h, L, d_ff) - 2 * L * d_ff, "two biases"),
        (lambda d, h, L, d_ff: count()(d, h, L, d_ff) / L, "not one"),
        (count(attentions=2, norms=4), "more in them"),
        (lambda *sizes: 7, "d = 30, h = 3, L = 3, d_ff = 40: expected "),
        (lambda *sizes: str(count()(*sizes)), "should be one number"),
        (lambda *sizes: count()(*sizes) + 0.5, "should be a whole number"),
        (lambda *sizes: print(sizes), "`return` missing"),
    ],
    "smoothing": [
        (targets(lambda hard, V, eps: (1 - eps) * hard + eps / V, False, False), "padding gets"),
        (targets(shares_of, False, False), "padding gets some"),
        (targets(shares_of, clear_pad=False), "still gets some"),
        (targets(shares_of, clear_rows=False), "still has a row"),
        (targets(lambda hard, V, eps: hard), "nothing is smoothed"),
        (targets(lambda hard, V, eps: (1 - eps) * hard + eps / V), "don't sum to 1"),
        (targets(lambda hard, V, eps: (1 - eps) * hard + eps / (V - 2) * (1 - hard)),
         "a share of ε as well"),
        (targets(lambda hard, V, eps: (1 - eps) * hard + eps / (V - 1) * (1 - hard)), "lacks its"),
        (targets(lambda hard, V, eps: eps * hard + (1 - eps) / (V - 1)), "exchanged"),
        (targets(lambda hard, V, eps: (1 - eps) * hard + eps / (V - 2)), "don't sum to 1"),
        (lambda y, V, pad, eps: targets(shares_of)(y, V, 0, eps), "not the first alone"),
        (divided_by_its_sum, "divided by its sum"),
        (lambda *given: targets(shares_of)(*given).T, "should have shape (n, V) = (3, 4)"),
        (lambda *given: np.round(targets(shares_of)(*given), 2), "smoothed_targets([2, 0, 3]"),
        (lambda *given: targets(shares_of)(*given)[:, 1:], "should have shape"),
    ],
    "hears": [
        (hears(alike=np.isclose), "by a billionth"),
        (in_a_loop_with(lambda x: x + 0.7, lambda a, b: np.abs(a - b).max() > 1e-9), "a billionth"),
        (hears(numbers=slice(1)), "stayed as they were"),
        (hears(numbers=slice(-1, None)), "stayed as they were"),
        (in_a_loop_with(lambda x: 0), "may be all zeros"),
        (in_a_loop_with(lambda x: 2 * x), "may be all zeros"),
        (in_a_loop_with(lambda x: -x), "may be all zeros"),
        (in_a_loop_with(lambda x: x + 0.7, lambda a, b: (a != b).all()), "if one of its numbers"),
        (in_a_loop_with(lambda x: x + 0.7, lambda a, b: a[0] != b[0]), "if one of its numbers"),
        (in_a_loop_with(lambda x: x + 0.7, lambda a, b: a[-1] != b[-1]), "if one of its numbers"),
        (hears(put_back=False), "are still changed"),
        (in_a_loop_with(lambda x: np.nan), "by NaN or infinity"),
        (not_put_back, "changes `X` in place"),
        (then(np.invert), "the other way round"),
        (then(np.transpose), "a row for each output"),
        (of_a_whole_machine, "is the one that is there whole"),
        (then(lambda of: of | of.any(axis=1, keepdims=True)), "changed together"),
        (then(lambda of: of | of.any(axis=0)), "looked at together"),
        (lambda *given: [heard(*given)[0], np.tril(heard(*given)[1])], "may look ahead"),
        (then(lambda of: of.astype(float)), "should be an array of True and False"),
        (lambda *given: heard(*given)[::-1], "`of_source` should have shape (3, 4), got (3, 3)"),
        (lambda *given: heard(*given)[0], "return 2 things"),
        (then(lambda of: of[-1]), "should have shape"),
        (then(lambda of: of & False), "`of_source`, m = 4"),
        (lambda machine, X, Y: machine.weights, "raised AttributeError"),
    ],
    "widget": [
        (spared(which=lambda same: not same), "the others are asked for"),
        (spared(first=0), "numbered from 1"),
        (spared(heads=four), "not all models have four"),
        (spared(heads=lambda w: range(1, 5)), "raised TraitError"),
        (spared(off=None), "some heads were off before, and are off still"),
        (compared_with_what_came, "some heads were off before: with them on"),
        (one_by_one, "found before are still off"),
        (refused_as_it_came, "leaves heads off: cross 2"),
        (restoring("task")(of_sentences), "another task"),
        (of_sentences, "leaves `w.task` at 'translation', and it was 'dates'"),
        (lambda w, source: spared()(w, source) or None, "of a source that is refused is empty"),
        (spared(add=True), "tried before are still off"),
        (spared(kind="encoder"), "heads of the encoder"),
        (spared(kind="decoder"), "heads of the decoder"),
        (spared(look=lambda w: len(w.output)), "the same length"),
        (spared(look=lambda w: w.output[:1]), "begins in the same way"),
        (spared(look=lambda w: sorted(w.output)), "expected set(), got {2}"),
        (spared(look=lambda w: set(w.output)), "expected set(), got {1, 2, 3}"),
        (spared(read=False), "what the widget read before"),
        (spared(refuse=False), "a source that is refused"),
        (spared(on=False), "leaves heads off"),
        (lambda w, source: [], "spared_heads(TransformerWidget("),
        (lambda w, source: spared()(w, source) and None, "got None"),
        (lambda w, source: [f"cross {h}" for h in spared()(w, source)], "whole numbers"),
    ],
    "too-good": [
        ("a", "the very same tokens"),
        ("c", "far above 0"),
        ("d", "held out"),
        ("e", "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (None, "is None"), ("…", "no words")],
}  # fmt: skip


TestMarking = marking_of("transformer", RIGHT, WRONG)


@pytest.mark.parametrize(
    "options",
    [{}, {"padding": [1, 3]}, {"deaf": True}, {"window": 2, "layers": 2}, {"along": True},
     {"leak": (0, 2), "strength": 1e-9}, {"leak": (1, 4), "strength": [0, 1, 0]}],
)  # fmt: skip
def test_what_a_machine_is_said_to_hear_is_what_moves_it(options):
    machine, *right = machine_of(4, 5, 3, **options)
    rng = np.random.default_rng(0)
    found = heard(machine, rng.standard_normal((4, 3)), rng.standard_normal((5, 3)))
    for said, is_so in zip(right, found, strict=True):
        assert np.array_equal(said, is_so)
