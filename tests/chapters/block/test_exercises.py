"""The exercises of `transformer/block`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.block.widget import BlockWidget
from tests.chapters.block import norm_answers
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring


def alone(f, x):
    return bool(np.allclose(f(x), np.concatenate([f(row[None]) for row in x])))


def by_change_and_order(f, x):
    rng = np.random.default_rng(1)
    for _ in range(20):
        order = rng.permutation(len(x))
        if not np.allclose(f(x[order]), f(x)[order]):
            return False
        for i in range(len(x)):
            changed = x.copy()
            changed[i] = 10 * rng.standard_normal(x.shape[1])
            others = np.arange(len(x)) != i
            if not np.allclose(f(changed)[others], f(x)[others]):
                return False
    return True


def by_pairs(f, x):
    """Every row at the first place of a pair, and at the second, beside every other row."""
    x = torch.tensor(x).numpy()
    for a in x:
        for b in x:
            pair = f(np.stack([a, b]))
            if not np.allclose(pair, np.concatenate([f(a[None]), f(b[None])])):
                return np.False_
    return torch.tensor(alone(f, x))


def by_order(f, x):
    order = np.random.default_rng(1).permutation(len(x))
    return bool(np.allclose(f(x[order]), f(x)[order]))


def by_change(of):
    """Changes one row, and looks whether the others change."""

    def answer(f, x):
        changed = x.copy()
        changed[of] += 1.0
        return bool(np.allclose(np.delete(f(changed), of, 0), np.delete(f(x), of, 0)))

    return answer


def alone_in(rows=slice(None), columns=slice(None)):
    """Compares these rows and columns only."""

    def answer(f, x):
        apart = np.concatenate([f(row[None]) for row in x])
        return bool(np.allclose(f(x)[rows, columns], apart[rows, columns]))

    return answer


def by_sums(f, x):
    return bool(np.allclose(f(x).sum(1), [f(row[None]).sum() for row in x]))


def loosely(atol):
    return lambda f, x: np.allclose(f(x), np.concatenate([f(row[None]) for row in x]), atol=atol)


def by_slopes(f, x):
    """A small change of a row, and nothing else, if it changes its own row."""
    for i in range(len(x)):
        changed = x.copy()
        changed[i] += 1e-4
        rows = np.flatnonzero(np.abs(f(changed) - f(x)).max(axis=1) > 1e-12)
        if set(rows.tolist()) != {i}:
            return False
    return alone(f, x)


def spoiled(f, x):
    x[0] = 0.0
    return alone(f, x)


def post(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return norm_2(x + think(x))


def post_in_a_loop(x, attend, think, norm_1, norm_2):
    for f, norm in ((attend, norm_1), (think, norm_2)):
        x = norm(f(x) + x)
    return x


def post_by_hand(x, attend, think, norm_1, norm_2):
    with torch.no_grad():
        for f, norm in ((attend, norm_1), (think, norm_2)):
            x = x.add(f(x))
            x = F.layer_norm(x, x.shape[-1:], norm.weight, norm.bias, norm.eps)
    return x.numpy()


def pre(x, attend, think, norm_1, norm_2):
    x = x + attend(norm_1(x))
    return x + think(norm_2(x))


def inside(x, attend, think, norm_1, norm_2):
    x = x + norm_1(attend(x))
    return x + norm_2(think(x))


def without_sums(x, attend, think, norm_1, norm_2):
    return norm_2(think(norm_1(attend(x))))


def one_norm_twice(x, attend, think, norm_1, norm_2):
    return post(x, attend, think, norm_1, norm_1)


def exchanged_norms(x, attend, think, norm_1, norm_2):
    return post(x, attend, think, norm_2, norm_1)


def network_first(x, attend, think, norm_1, norm_2):
    return post(x, think, attend, norm_1, norm_2)


def from_the_input(x, attend, think, norm_1, norm_2):
    return norm_2(x + think(norm_1(x + attend(x))))


def half(x, attend, think, norm_1, norm_2):
    x = x + attend(norm_1(x))
    return norm_2(x + think(x))


def other_half(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return x + think(norm_2(x))


def three_norms(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return norm_2(x + think(norm_2(x)))


def without_the_last(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return x + think(x)


def without_the_first(x, attend, think, norm_1, norm_2):
    x = x + attend(x)
    return norm_2(x + think(x))


def normed_at_the_end(x, attend, think, norm_1, norm_2):
    return norm_2(pre(x, attend, think, norm_1, norm_2))


def post_in_place(x, attend, think, norm_1, norm_2):
    x += attend(x)
    return norm_2(norm_1(x) + think(norm_1(x)))


def first_below(limit=0.1, add=0, last=False, otherwise=None):
    def answer(w):
        below = [depth for depth, left in enumerate(w.diversities) if left < limit]
        return below[-1 if last else 0] + add if below else otherwise

    return answer


def by_moving(w):
    for depth in range(25):
        w.depth = depth
        if w.diversity < 0.1:
            return depth
    return None


def by_moving_on(w):
    while w.diversity >= 0.1 and w.depth < 24:
        w.depth += 1
    return w.depth if w.diversity < 0.1 else None


def by_halves(w):
    """Below 0.1 the diversity stays there, whatever the switches are."""
    low, high = 0, 25
    while low < high:
        w.depth = (low + high) // 2
        if w.diversity < 0.1:
            high = w.depth
        else:
            low = w.depth + 1
    return low if low < 25 else None


def by_tokens(w):
    for w.depth in range(25):
        tokens = w.tokens
        if np.linalg.norm(tokens - tokens.mean(axis=0)) < 0.1 * np.linalg.norm(tokens):
            return np.float64(w.depth)
    return None


def up_to_its_depth(w):
    below = np.flatnonzero(w.diversities[: w.depth + 1] < 0.1)
    return below[0] if len(below) else None


def of_another(**others):
    def answer(w):
        state = {"residual": w.residual, "norm": w.norm, "feed_forward": w.feed_forward}
        return first_below()(BlockWidget(**{**state, **others}))

    return answer


def by_argmax(w):
    return np.argmax(w.diversities < 0.1)


RIGHT = {
    "norm": norm_answers.RIGHT["norm"],
    "rms": norm_answers.RIGHT["rms"],
    "alone": [alone, by_change_and_order, by_pairs],
    "gradient": norm_answers.RIGHT["gradient"],
    "bug": [post, post_in_a_loop, post_by_hand],
    "widget": [first_below(), *map(restoring("depth"), (by_moving, by_halves, by_tokens))],
    "explain": ["c", " C "],
    "in-writing": ["Attention gathers what the network then compares, place by place."],
}

WRONG = {
    "norm": norm_answers.WRONG["norm"],
    "rms": norm_answers.WRONG["rms"],
    "alone": [
        (by_order, "attention moves with its tokens"),
        (by_change(-1), "each row of this function but the first"),
        (by_change(0), "the first row of this function depends on the last"),
        (loosely(0.1), "a trace of the mean"),
        (loosely(1e-4), "a trace of the mean"),
        (alone_in(rows=slice(1)), "each row of this function but the first"),
        (alone_in(rows=slice(-1, None)), "the second row of this function depends on the first"),
        (alone_in(columns=slice(1)), "one number of each row, the last"),
        (alone_in(columns=slice(-1, None)), "one number of each row, the first"),
        (by_sums, "has the same sum"),
        (by_slopes, "a softmax over each row"),
        (lambda f, x: False, "a feed-forward network is position-wise"),
        (lambda f, x: True, "attention moves with its tokens"),
        (lambda f, x: bool(np.allclose(f(x), x)), "a feed-forward network"),
        (spoiled, "changes `x` in place"),
        (lambda f, x: 1, "should be True or False"),
        (lambda f, x: alone(f, x[0]), "raised"),
    ],
    "gradient": norm_answers.WRONG["gradient"],
    "bug": [
        (pre, "still pre-norm: the norm stands before"),
        (inside, "the norm follows the sum"),
        (without_sums, "residual connections are missing"),
        (one_norm_twice, "a norm of its own"),
        (exchanged_norms, "are exchanged"),
        (network_first, "attention is the first"),
        (from_the_input, "not to the input"),
        (half, "the first sublayer is still pre-norm"),
        (other_half, "the second sublayer is still pre-norm"),
        (three_norms, "a norm too many"),
        (without_the_last, "the second norm is missing"),
        (without_the_first, "the first norm is missing"),
        (normed_at_the_end, "does not make it post-norm"),
        (post_in_place, "changes `x` in place"),
        (lambda x, *others: x, "B = 2, n = 5, d = 8: at"),
        (lambda x, *others: x.sum(), "should have shape (B, n, d) = (2, 5, 8), got ()"),
        (lambda x, *others: post(x[0], *others), "raised ValueError: query must have shape"),
    ],
    "widget": [
        (lambda w: w.depth, "that is the depth as it is set"),
        (first_below(last=True), "that is the last such depth"),
        (first_below(add=1), "one too many"),
        (first_below(add=-1), "one too few"),
        (first_below(add=5), "BlockWidget(): expected 2, got 7"),
        (restoring("depth")(by_moving_on), "begin at depth 0"),
        (by_halves, "leaves `w.depth` at 2, and it was 1: put it back"),
        (up_to_its_depth, "look beyond the depth"),
        (first_below(otherwise=24), "the answer is None"),
        (first_below(otherwise=-1), "the answer is None"),
        (by_argmax, "the answer is None"),
        (first_below(limit=1e-3), "BlockWidget(): expected 2, got 3"),
        (lambda w: sum(w.diversities < 0.1) or None, "how many such depths"),
        (lambda w: w.diversities.argmin(), "the diversity is least"),
        (of_another(feed_forward=False), "other settings"),
        (of_another(norm="none"), "other settings"),
        (of_another(residual=False), "other settings"),
        (lambda w: print(w.depth), "there is such a depth"),
        (lambda w: w.diversities < 0.1, "should be one number"),
    ],
    "explain": [
        ("a", "as large as the stack that failed"),
        ("b", "with a quiet start"),
        ("d", "one and the same after four layers"),
        (3, "expected one of the letters"),
    ],
    "in-writing": [("...", "no words"), (None, "is None")],
}  # fmt: skip


TestMarking = marking_of("block", RIGHT, WRONG)
