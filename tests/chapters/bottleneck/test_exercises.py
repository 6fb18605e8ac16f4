"""The exercises of `before/bottleneck`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from attnlab.chapters.bottleneck.exercises import _shown
from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax
from attnlab.nn.scores import AdditiveScore
from tests.exercises.marking import marking_of


def insert_in_place(target, bos, eos):
    target.insert(0, bos)
    return target, [*target[1:], eos]


def additive(combine):
    """Weights from s W_q (n, 1, d), the states' states W_k (m, d), v, and the states (m, d_k)."""
    return lambda s, states, W_q, W_k, v: combine((s @ W_q)[:, None], states @ W_k, v, states)


def in_loops(s, states, W_q, W_k, v):
    rows = []
    for each in s:
        scores = [v @ np.tanh(W_q.T @ each + W_k.T @ h) for h in states]
        powers = np.exp(np.array(scores) - max(scores))
        rows.append(list(powers / powers.sum()))
    return rows


def one_by_one_in_torch(s, states, W_q, W_k, v):
    s, states, W_q, W_k, v = map(torch.from_numpy, (s, states, W_q, W_k, v))
    return torch.stack([torch.softmax(torch.tanh(x @ W_q + states @ W_k) @ v, 0) for x in s])


def by_attnlab(s, states, W_q, W_k, v):
    score = AdditiveScore(len(W_q), len(W_k), W_q.shape[1]).double()
    with torch.no_grad():
        for parameter, value in ((score.w_q, W_q), (score.w_k, W_k), (score.v, v)):
            parameter.copy_(torch.from_numpy(value))
        return softmax(score(torch.from_numpy(s).double(), torch.from_numpy(states).double()))


def naive(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)


def in_torch(s, states, W):
    s, states, W = map(torch.tensor, (s, states, W))
    weights = torch.softmax(states @ W.T @ s, dim=0)
    return weights @ states, weights


def attend(weigh, combine=lambda a, states: a @ states):
    def attend_to(s, states, W):
        weights = weigh(s, states, W)
        return combine(weights, states), weights

    return attend_to


def scores_of(s, states, W):
    return states @ (s @ W)


def good(s, states, W):
    return softmax(scores_of(s, states, W))


def by_attention(s, states, W):
    context, weights = attention(
        (s @ W)[None], states, states, scores=lambda q, k: q @ k.swapaxes(-1, -2)
    )
    return [context[0], weights[0]]


def hard(s, states, W):
    return np.eye(len(states))[scores_of(s, states, W).argmax()]


def by_hand(push=20.0, pull=-20.0, order=lambda eye: eye[::-1]):
    """A hidden number for each place, which step i and the place that it wants both push."""

    def looking_backwards(m):
        eye = np.eye(m)
        return push * eye, push * order(eye), pull * np.ones(m)

    return looking_backwards


def with_thresholds(m):
    """No push but where both are there: -3 + 2 + 2 is positive, and nothing else is."""
    eye = np.eye(m)
    return 40 * eye - 30, 40 * eye[::-1] - 30, 10 * np.ones(m)


def on_one_line(m):
    """Step and place as numbers: a bump where their sum is m - 1, from two tanhs."""
    i = np.arange(m)[:, None]
    edges = np.array([-0.5, 0.5])  # (2,)
    return 20 * (i - (m - 1) + edges), 20 * i * np.ones((1, 2)), np.array([-10.0, 10.0])


def gentle(m):
    """Small numbers, where tanh is nearly straight, and a large v for the little that bends."""
    eye = torch.eye(m, dtype=torch.float64)
    return 0.1 * eye, 0.1 * eye.flip(0), torch.full((m,), -1e4, dtype=torch.float64)


def share(column, among=None, rows=None):
    """The share of rows i whose largest weight is at column(i, m, shift)."""

    def share_at(w, shift):
        m = w.length
        tops = w.weights.argmax(axis=1)
        chosen = [i for i in range(rows(m) if rows else m) if 0 <= column(i, m, shift) < m]
        hits = sum(tops[i] == column(i, m, shift) for i in chosen)
        return hits / (among(m) if among else len(chosen))

    return share_at


def share_of_rows(chosen):
    """The share of hits among these rows, of m, whether they have a place or not."""

    def share_at(w, shift):
        m, tops = w.length, w.weights.argmax(axis=1)
        return np.mean([tops[i] == right_place(i, m, shift) for i in chosen(m, shift)])

    return share_at


def right_place(i, m, shift):
    return m - 1 - i + shift


def one_too_far(i, m, shift):
    return m - i + shift


def only_right_ones(w, shift):
    """The share among the digits that are written rightly."""
    right = [i for i, each in enumerate(w.wanted) if each == w.written_attending[i]]
    places = {i: right_place(i, w.length, shift) for i in right}
    return np.mean([w.weights[i].argmax() == j for i, j in places.items() if 0 <= j < w.length])


def with_all_16(w, shift):
    w.length = 16
    rows = np.arange(w.weights.shape[1])
    places = right_place(rows, len(rows), shift)
    hits = w.weights[rows].argmax(axis=1) == places
    return hits[(places >= 0) & (places < len(rows))].mean()


def by_diagonal(w, shift):
    m = len(w.wanted)
    hit = np.zeros((m, m))
    hit[range(m), w.weights[:-1].argmax(axis=1)] = 1
    return np.fliplr(hit).diagonal(-shift).mean()


def counting_what_is_written(w, shift):
    hits, count = 0, 0
    for i, _ in enumerate(w.written_attending):
        place = len(w.written_attending) - 1 - i + shift
        if 0 <= place < w.length:
            count += 1
            hits += int(torch.tensor(w.weights[i]).argmax()) == place
    return torch.tensor(hits / count)


RIGHT = {
    "teacher": [
        lambda target, bos, eos: (np.array([bos, *target]), (*target, eos)),
        lambda t, bos, eos: [torch.tensor([bos, *t]), torch.tensor([*t, eos])],
        lambda t, bos, eos: np.array([[bos, *t], [*t, eos]]),
        lambda t, bos, eos: ((row := [bos, *t, eos])[:-1], row[1:]),
    ],
    "additive": [
        additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v)),
        in_loops,
        one_by_one_in_torch,
        by_attnlab,
        lambda s, h, W_q, W_k, v: softmax(
            np.einsum("nmd,d->nm", np.tanh((s @ W_q)[:, None] + (h @ W_k)[None]), v)
        ),
    ],
    "bug": [
        attend(good),
        in_torch,
        by_attention,
        lambda s, h, W: ((h * good(s, h, W)[:, None]).sum(0).tolist(), list(good(s, h, W))),
    ],
    "by-hand": [by_hand(), with_thresholds, on_one_line, gentle, by_hand(push=-50.0, pull=30)],
    "widget": [share(right_place), by_diagonal, counting_what_is_written],
    "sentences": ["c", " C", "c."],
    "in-writing": ["A weight says where a vector was taken from, and not what was in it."],
}

WRONG = {
    "teacher": [
        (lambda t, bos, eos: ([bos, *t, eos], [bos, *t, eos]), "both rows are the same"),
        (lambda t, bos, eos: ([bos, *t], [bos, *t]), "both rows are the same"),
        (lambda t, bos, eos: (t, t), "both rows are the same"),
        (lambda t, bos, eos: ([*t, eos], [bos, *t]), "the other way round"),
        (lambda t, bos, eos: ([bos, *t], t), "got shapes (4,) and (3,)"),
        (lambda t, bos, eos: ([[bos, *t]], [[*t, eos]]), "got shapes (1, 4) and (1, 4)"),
        (lambda t, bos, eos: ([bos, *t, eos], [*t, eos, eos]), "never given"),
        (lambda t, bos, eos: ([bos, *t[:-1]], t), "never learns to stop"),
        (lambda t, bos, eos: ([eos, *t], [*t, bos]), "have changed places"),
        (lambda t, bos, eos: ([bos, *t[::-1]], [*t[::-1], eos]), "leave it in its order"),
        (lambda t, bos, eos: (t, [*t[1:], eos]), "never an answer"),
        (lambda t, bos, eos: ([bos, *t], [eos, *t]), "the last answer"),
        (lambda t, bos, eos: ([bos, *t[::-1]], [*t, eos]), "teacher_forcing([7, 5, 9], 1, 2): at"),
        (lambda t, bos, eos: ([1, *t], [*t, 2]), "teacher_forcing([6, 6, 8, 4, 5], 2, 1): at"),
        (lambda t, bos, eos: [bos, *t, eos], "return 2 things"),
        (insert_in_place, "changes `target` in place"),
        (lambda t, bos, eos: print([bos, *t], [*t, eos]), "is a `return` missing?"),
    ],
    "additive": [
        (additive(lambda q, k, v, h: softmax(h)), "n = 4, m = 7, d_q = 3, d_k = 5, d = 2: exp"),
        (additive(lambda q, k, v, _: np.tanh(q + k) @ v), "these are the scores"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v, axis=0)), "over the writers"),
        (additive(lambda q, k, v, _: softmax((q + k) @ v)), "without the tanh"),
        (additive(lambda q, k, v, _: softmax(q[:, 0] @ k.T)), "that multiplies"),
        (additive(lambda q, k, v, _: softmax(np.tanh(k) @ v + 0 * q[..., 0])), "is left out"),
        (additive(lambda q, k, v, _: softmax((np.tanh(q + k) @ v)[..., None])[..., 0]),
         "every weight is 1"),
        (additive(lambda q, k, v, _: 1 / (1 + np.exp(-np.tanh(q + k) @ v))), "compete"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k))), "got (4, 7, 2)"),
        (additive(lambda q, k, v, _: softmax(np.tanh((q + k) @ v))), "inside, before v"),
        (additive(lambda q, k, v, _: softmax(np.tanh(np.tanh(q + k) @ v))), "one tanh"),
        (additive(lambda q, k, v, _: naive(np.tanh(q + k) @ v)), "the exponentials overflow"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v).T), "transposed"),
        (additive(lambda q, k, v, _: (e := np.tanh(q + k) @ v) / e.sum(1, keepdims=True)),
         "can be negative"),
        (additive(lambda q, k, v, _: softmax((np.tanh(q + k) @ v).ravel()).reshape(len(q), -1)),
         "each writer has weights of its own"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q[0] + k) @ v)), "expected shape (4, 7), got"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q[:, 0] + k) @ v)), "raised ValueError"),
        (additive(lambda q, k, v, _: softmax(np.tanh(q + k) @ v / np.sqrt(len(v)))),
         "no √d"),
        (additive(lambda q, k, v, _: naive((e := np.tanh(q + k) @ v) - e.max())), "vanish"),
        (additive(lambda q, k, v, _: naive(np.clip(np.tanh(q + k) @ v, -500, 500))), ": at "),
        (additive(lambda q, k, v, _: np.nan_to_num(naive(np.tanh(q + k) @ v))), ": at "),
        (additive(lambda q, k, v, _: softmax((np.tanh(q) + np.tanh(k)) @ v)), "after the tanh"),
    ],
    "bug": [
        (attend(lambda s, h, W: softmax(np.resize(s @ W, len(h)))), "shuffle those"),
        (attend(lambda s, h, W: softmax(h.sum(axis=1))), "depend on the query"),
        (attend(lambda s, h, W: softmax(h), lambda a, h: (a * h).sum(0)), "one number a state"),
        (attend(scores_of), "these are the scores"),
        (attend(lambda s, h, W: np.ones(len(h))), "every weight is 1"),
        (attend(hard), "a hard look-up"),
        (attend(lambda s, h, W: 1 / (1 + np.exp(-scores_of(s, h, W)))), "must compete"),
        (attend(lambda s, h, W: softmax(scores_of(s, h, W) / np.sqrt(h.shape[1]))), "no √d"),
        (attend(lambda s, h, W: softmax(scores_of(s, h, W) / np.sqrt(len(s)))), "no √d"),
        (attend(lambda s, h, W: naive(scores_of(s, h, W))), "the exponentials overflow"),
        (attend(lambda s, h, W: softmax(np.tanh(scores_of(s, h, W)))), "no tanh"),
        (attend(good, lambda a, h: a[:, None] * h), "is one vector"),
        (attend(good, lambda a, h: h.mean(axis=0)), "does not use them"),
        (attend(good, lambda a, h: h[a.argmax()]), "the heaviest state alone"),
        (attend(good, lambda a, h: a @ h / len(h)), "divide by nothing"),
        (attend(good, lambda a, h: a @ h + 0.01), "d_q = 3, d_k = 5, m = 7: at "),
        (lambda s, h, W: (good(s, h, W), good(s, h, W) @ h), "first the context"),
        (lambda s, h, W: good(s, h, W) @ h, "return 2 things"),
        (lambda s, h, W: (good(s, h, W) @ h, good(s, h, W)[:, None]), "expected shape (7,)"),
        (attend(lambda s, h, W: softmax(h @ (W @ s))), "raised ValueError"),
        (attend(lambda s, h, W: softmax(-scores_of(s, h, W))), "d_q = 3, d_k = 5, m = 7: at "),
    ],
    "by-hand": [
        (by_hand(pull=20.0), "m = 3: the place that is wanted gets the least weight"),
        (by_hand(order=lambda eye: eye), "m = 3: step i looks at place i"),
        (by_hand(pull=-1.0), "m = 3: at step 0 place 2 gets 0.576"),
        (by_hand(push=1.0, pull=-5.0), "at least 0.99"),
        (by_hand(push=0.01), "at least 0.99"),
        (lambda m: (np.eye(m), np.zeros((m, m)), np.ones(m)), "the query has no effect"),
        (lambda m: (np.zeros((m, m)), 20 * np.eye(m)[::-1], np.arange(m)), "has no effect"),
        (by_hand(pull=-6.0), "m = 7: at step"),
        (lambda m: by_hand()(12), "W_q should have shape (m, d) = (3, 12), got (12, 12)"),
        (lambda m: (on_one_line(m)[0].T, *on_one_line(m)[1:]), "W_q should have shape (m, d)"),
        (lambda m: (*by_hand()(m)[:2], -20 * np.ones((m, 1))), "v should be one vector"),
        (lambda m: (*by_hand()(m)[:2], -np.inf * np.ones(m)), "v should be finite"),
        (lambda m: by_hand()(m)[:2], "return 3 things, in this order: W_q, W_k, v"),
        (lambda m: (*by_hand()(m)[:2], -20), "v should be one vector, of shape (d); got shape ()"),
        (by_hand(order=lambda eye: np.roll(eye, 1, axis=0)), "is on place 1, and not on 2"),
        (by_hand(order=lambda eye: np.roll(eye[::-1], 1, axis=0)), "is on place 0, and not on 2"),
        (lambda m: (np.eye(m) / (m - 1), *by_hand()(m)[1:]), "W_q should be finite"),
        (lambda m: 1 / 0, "`looking_backwards` raised ZeroDivisionError"),
    ],
    "widget": [
        (share(lambda i, m, shift: m - 1 - i - shift), "to the left"),
        (share(lambda i, m, shift: i + shift), "writes the last digit first"),
        (share(right_place, among=lambda m: 1), "how many"),
        (share(right_place, among=lambda m: m), "you divide by all digits"),
        (share(right_place, among=lambda m: m + 1), "you divide by all rows"),
        (share(right_place, rows=lambda m: m + 1), "row of the end mark"),
        (share(one_too_far, rows=lambda m: m + 1), "every other row is one place off"),
        (share(one_too_far), "columns are counted from 0"),
        (only_right_ones, "length = 9, shift = 1: expected "),
        (with_all_16, "`share_at` changes the widget"),
        (share(lambda i, m, shift: (m - 1 - i + shift) % m), "do not wrap around"),
        (share(lambda i, m, shift: min(max(m - 1 - i + shift, 0), m - 1)), "beyond an end"),
        (share(lambda i, m, shift: m - 1 - i), "without the `shift` places"),
        (lambda w, shift: 100 * share(right_place)(w, shift), "in percent"),
        (share_of_rows(lambda m, shift: range(abs(shift), m)), "length = 6, shift = -1: exp"),
        (share_of_rows(lambda m, shift: range(m - abs(shift))), "length = 9, shift = 1: exp"),
        (lambda w, shift: 0.5, "length = 9, shift = 1: expected "),
        (lambda w, shift: round(share(right_place)(w, shift), 2), "expected "),
        (lambda w, shift: share(right_place)(w, int(w.length > 1)), "length = 12, shift = 0: exp"),
        (lambda w, shift: w.weights.argmax(axis=1) == shift, "should be one number"),
        (lambda w, shift: w.alignment, "`share_at` raised AttributeError"),
    ],
    "sentences": [
        ("a", "around the one vector"),
        ("b", "in 2014"),
        ("d", "one for each state"),
        (3, "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (None, "is None"), ("—", "no words")],
}  # fmt: skip


TestMarking = marking_of("bottleneck", RIGHT, WRONG)


def test_what_stands_for_the_widget_makes_mistakes():
    w = _shown(6, -1, np.random.default_rng(0))
    assert (w.wanted, w.written_attending) == ("951413", "950403")
    assert len(w.written_without) == len(w.wanted) == w.weights.shape[1] == len(w.weights) - 1
