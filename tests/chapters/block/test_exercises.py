"""The exercises of `transformer/block`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from tests.exercises.marking import marking_of


def norm(axis=-1, ddof=0, eps=1e-5, center=True, divide=True):
    """LayerNorm, or one of its misunderstandings."""

    def answer(x, gain, bias):
        kept = x - x.mean(axis=axis, keepdims=True) if center else x
        variance = (kept**2).mean(axis=axis, keepdims=True)
        count = x.size if axis is None else x.shape[axis]
        variance = variance * count / (count - ddof)
        return gain * kept / (np.sqrt(variance + eps) if divide else 1) + bias

    return answer


def norm_in_place(x, gain, bias):
    x -= x.mean(axis=-1, keepdims=True)
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5) + bias


def by_torch(x, gain, bias):
    parts = map(torch.tensor, (x, gain, bias))
    x, gain, bias = parts
    return torch.nn.functional.layer_norm(x, gain.shape, gain, bias).numpy()


def alone(f, x):
    return bool(np.allclose(f(x), np.concatenate([f(row[None]) for row in x])))


def by_change_and_order(f, x):
    order = np.random.default_rng(1).permutation(len(x))
    if not np.allclose(f(x[order]), f(x)[order]):
        return False
    for i in range(len(x)):
        changed = x.copy()
        changed[i] += 1.0
        others = np.arange(len(x)) != i
        if not np.allclose(f(changed)[others], f(x)[others]):
            return False
    return True


def by_order(f, x):
    order = np.random.default_rng(1).permutation(len(x))
    return bool(np.allclose(f(x[order]), f(x)[order]))


def by_change(f, x):
    changed = x.copy()
    changed[-1] += 1.0
    return bool(np.allclose(f(changed)[:-1], f(x)[:-1]))


def loosely(f, x):
    return bool(np.allclose(f(x), np.concatenate([f(row[None]) for row in x]), atol=0.5, rtol=0.5))


def spoiled(f, x):
    x[0] = 0.0
    return alone(f, x)


def gradient(x, g, *, mean=True, along=True, divide=True, per=None):
    sigma = x.std()
    hat = (x - x.mean()) / sigma
    out = g - mean * g.mean() - along * hat * (hat @ g) / (per or len(x))
    return out / sigma if divide else out


def by_matrix(x, g):
    d, sigma = len(x), x.std()
    hat = (x - x.mean()) / sigma
    return (np.eye(d) - 1 / d - np.outer(hat, hat) / d) @ g / sigma


def along_x(x, g):
    return (g - g.mean() - x * (x @ g) / len(x)) / x.std()


def post(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return norm_2(x + think(x))


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


def from_the_input(x, attend, think, norm_1, norm_2):
    return norm_2(x + think(norm_1(x + attend(x))))


def half(x, attend, think, norm_1, norm_2):
    x = x + attend(norm_1(x))
    return norm_2(x + think(x))


def three_norms(x, attend, think, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return norm_2(x + think(norm_2(x)))


def first_below(limit=0.1, add=0, last=False):
    def answer(w):
        below = [depth for depth, left in enumerate(w.diversities) if left < limit]
        return below[-1 if last else 0] + add if below else None

    return answer


def by_moving(w):
    for depth in range(25):
        w.depth = depth
        if w.diversity < 0.1:
            return depth
    return None


def up_to_its_depth(w):
    below = np.flatnonzero(w.diversities[: w.depth + 1] < 0.1)
    return below[0] if len(below) else None


RIGHT = {
    "norm": [(norm()), (by_torch)],
    "alone": [(alone), (by_change_and_order)],
    "gradient": [(gradient), (by_matrix)],
    "bug": [(post)],
    "widget": [(first_below()), (by_moving)],
    "explain": [("c"), (" C ")],
}

WRONG = {
    "norm": [
        (norm(axis=0), "not over the tokens"),
        (norm(axis=None), "each token by itself"),
        (norm(ddof=1), "not by d - 1"),
        (norm(center=False), "this is RMSNorm"),
        (norm(divide=False), "divide by the standard deviation"),
        (norm(eps=0.0), "a constant token divides by 0"),
        (lambda x, gain, bias: norm()(x, 1.0, 0.0), "gain and bias"),
        (norm_in_place, "work on a copy"),
        (lambda x, gain, bias: x.mean(-1), "expected that shape back"),
    ],
    "alone": [
        (by_order, "attention moves with its tokens"),
        (by_change, "as with a position code"),
        (loosely, "a trace of the mean"),
        (lambda f, x: False, "a feed-forward network is position-wise"),
        (lambda f, x: True, "attention moves with its tokens"),
        (spoiled, "changes `x` in place"),
        (lambda f, x: 1, "should be True or False"),
    ],
    "gradient": [
        (lambda x, g: gradient(x, g, divide=False), "to be divided by σ"),
        (lambda x, g: g / x.std(), "both directions are still in it"),
        (lambda x, g: gradient(x, g, along=False), "stretching x"),
        (lambda x, g: gradient(x, g, mean=False), "shifting x"),
        (lambda x, g: gradient(x, g, per=1), "divided by d"),
        (along_x, "not of x"),
        (lambda x, g: g, "compare with the equation"),
        (lambda x, g: x @ g, "expected that shape back"),
    ],
    "bug": [
        (pre, "still pre-norm: the norm stands before"),
        (inside, "the norm follows the sum"),
        (without_sums, "residual connections are missing"),
        (one_norm_twice, "norm_2"),
        (from_the_input, "not to the input"),
        (half, "the first sublayer is still pre-norm"),
        (three_norms, "a norm too many"),
        (lambda x, *parts: x, "twice: the sublayer"),
        (lambda x, *parts: x.sum(), "return a tensor of the shape"),
    ],
    "widget": [
        (lambda w: w.depth, "that is the depth as it is set"),
        (first_below(last=True), "that is the last such depth"),
        (first_below(add=1), "one off"),
        (first_below(add=5), "expected"),
        (up_to_its_depth, "there is such a depth"),
        (lambda w: first_below()(w) or 24, "so return None"),
        (first_below(limit=1e-3), "one off"),
    ],
    "explain": [
        ("a", "as large as the stack that failed"),
        ("b", "with a quiet start"),
        ("d", "one and the same after four layers"),
        (3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("block", RIGHT, WRONG)
