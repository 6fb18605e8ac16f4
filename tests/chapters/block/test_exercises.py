"""The exercises of `transformer/block`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.block.widget import BlockWidget
from tests.exercises.marking import marking_of


def norm(*, axis=-1, ddof=0, eps=1e-5, subtract=True, divide=True, power=0.5, outside=0.0):
    """LayerNorm, or one of its misunderstandings."""

    def answer(x, gain, bias):
        centered = x - x.mean(axis=axis, keepdims=True)
        sigma = (x.var(axis=axis, keepdims=True, ddof=ddof) + eps) ** power + outside
        return gain * (centered if subtract else x) / (sigma if divide else 1) + bias

    return answer


def norm_by_torch(x, gain, bias):
    x, gain, bias = map(torch.tensor, (x, gain, bias))
    return F.layer_norm(x, gain.shape, gain, bias)


def norm_in_lists(x, gain, bias):
    if x.ndim > 1:
        return [norm_in_lists(row, gain, bias) for row in x]
    numbers = x.tolist()
    mean = sum(numbers) / len(numbers)
    sigma = (sum((number - mean) ** 2 for number in numbers) / len(numbers) + 1e-5) ** 0.5
    rows = zip(numbers, gain.tolist(), bias.tolist(), strict=True)
    return [g * (number - mean) / sigma + b for number, g, b in rows]


def norm_by_squares(x, gain, bias):
    """The variance as the mean of the squares less the square of the mean, in double."""
    wide = x.astype(float)
    mean = wide.mean(-1, keepdims=True)
    variance = np.einsum("...d,...d->...", wide, wide)[..., None] / x.shape[-1] - mean**2
    return (wide - mean) * (gain / np.sqrt(variance + 1e-5)) + bias


def norm_in_place(x, gain, bias):
    x -= x.mean(axis=-1, keepdims=True)
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5) + bias


def rms_and_bias(x, gain, bias):
    return rms()(x, gain) + bias


def by_the_sizes(x, gain, bias):
    centered = x - x.mean(-1, keepdims=True)
    return gain * centered / (np.abs(centered).mean(-1, keepdims=True) + 1e-5) + bias


def by_the_length(x, gain, bias):
    centered = x - x.mean(-1, keepdims=True)
    return gain * centered / np.sqrt((centered**2).sum(-1, keepdims=True) + 1e-5) + bias


def rms(axis=-1, eps=1e-5, by=np.mean):
    """RMSNorm, or one of its misunderstandings."""

    def answer(x, gain):
        return gain * x / np.sqrt(by(x**2, axis=axis, keepdims=True) + eps)

    return answer


def rms_by_torch(x, gain):
    x, gain = torch.tensor(x), torch.tensor(gain)
    return F.rms_norm(x, gain.shape, gain, eps=1e-5)


def rms_in_lists(x, gain):
    if x.ndim > 1:
        return [rms_in_lists(row, gain) for row in x]
    size = (sum(float(number) ** 2 for number in x) / len(x) + 1e-5) ** 0.5
    return [g * number / size for g, number in zip(gain.tolist(), x.tolist(), strict=True)]


def layer_norm(x, gain):
    centered = x - x.mean(axis=-1, keepdims=True)
    return gain * centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-5)


def rms_in_place(x, gain):
    x /= np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)
    return gain * x


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


def loosely(f, x):
    return bool(np.allclose(f(x), np.concatenate([f(row[None]) for row in x]), atol=0.1))


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


def normed(x, eps=1e-5, ddof=0):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True, ddof=ddof) + eps)
    return (x - x.mean(axis=-1, keepdims=True)) / sigma, sigma


def summed(x):
    return x.reshape(-1, x.shape[-1]).sum(axis=0)


def gradients(x, gain, g, *, eps=1e-5, ddof=0, shift=1, stretch=1, power=1):
    hat, sigma = normed(x, eps, ddof)
    b = g * gain
    mean = b.mean(axis=-1, keepdims=True)
    along = hat * (b * hat).mean(axis=-1, keepdims=True)
    return (b - shift * mean - stretch * along) / sigma**power, summed(g * hat), summed(g)


def by_autograd(x, gain, g):
    x, gain, g = (torch.tensor(each) for each in (x, gain, g))
    bias = torch.zeros_like(gain)
    for each in (x, gain, bias):
        each.requires_grad_()
    F.layer_norm(x, gain.shape, gain, bias).backward(g)
    return x.grad, gain.grad, bias.grad


def by_matrices(x, gain, g):
    d, rows = x.shape[-1], []
    tokens, behind = x.reshape(-1, d), (g * gain).reshape(-1, d)
    for token, slope in zip(tokens, behind, strict=True):
        hat, sigma = normed(token)
        J = (np.eye(d) - 1 / d - np.outer(hat, hat) / d) / sigma
        rows.append(J @ slope)
    return [np.reshape(rows, x.shape), summed(normed(x)[0] * g).tolist(), summed(g).tolist()]


def of_x(change):
    """The gradients of gain and bias right, and that of x not."""
    return lambda x, gain, g: (change(x, gain, g), *gradients(x, gain, g)[1:])


def along_x(x, gain, g):
    b = g * gain
    along = x * (x * b).mean(axis=-1, keepdims=True)
    return (b - b.mean(axis=-1, keepdims=True) - along) / normed(x)[1]


def over_all(x, gain, g):
    (hat, sigma), b = normed(x), g * gain
    return (b - b.mean() - hat * (hat * b).mean()) / sigma


def of_gain(change):
    def answer(x, gain, g):
        right = gradients(x, gain, g)
        return right[0], change(x, gain, g), right[2]

    return answer


def of_bias(change):
    return lambda x, gain, g: (*gradients(x, gain, g)[:2], change(x, gain, g))


def exchanged(x, gain, g):
    dx, dgain, dbias = gradients(x, gain, g)
    return dx, dbias, dgain


def gradients_in_place(x, gain, g):
    g *= gain
    return gradients(x, np.ones_like(gain), g)


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


def by_tokens(w):
    for w.depth in range(25):
        own = w.tokens - w.tokens.mean(axis=0)
        if np.linalg.norm(own) < 0.1 * np.linalg.norm(w.tokens):
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
    "norm": [norm(), norm_by_torch, norm_in_lists, norm_by_squares],
    "rms": [rms(), rms_by_torch, rms_in_lists],
    "alone": [alone, by_change_and_order, by_pairs],
    "gradient": [gradients, by_autograd, by_matrices],
    "bug": [post, post_in_a_loop, post_by_hand],
    "widget": [first_below(), by_moving, by_tokens],
    "explain": ["c", " C "],
    "in-writing": ["Attention gathers what the network then compares, place by place."],
}

WRONG = {
    "norm": [
        (norm(axis=0), "not over the tokens"),
        (norm(axis=None), "of its own"),
        (lambda x, gain, bias: norm()(x, 1, 0), "gain and bias are still"),
        (lambda x, gain, bias: norm()(x, 1, bias), "the gain is still"),
        (lambda x, gain, bias: norm()(x, gain, 0), "the bias is still"),
        (lambda x, gain, bias: norm()(x, bias, gain), "exchanged"),
        (lambda x, gain, bias: gain * norm()(x, 1, bias), "the bias comes after the gain"),
        (rms_and_bias, "that is RMSNorm"),
        (norm(subtract=False), "the mean has not been subtracted"),
        (lambda x, gain, bias: rms_and_bias(x, gain, 0) - x.mean(-1, keepdims=True) * gain
         / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) + bias, "has the mean in it still"),
        (norm(divide=False), "nothing was divided"),
        (norm(power=1), "the root is missing"),
        (norm(eps=0.0, outside=1e-5), "not to its root"),
        (norm(eps=0.0), "the 1e-5 is missing"),
        (by_the_sizes, "the mean of the sizes"),
        (by_the_length, "not their sum"),
        (norm(ddof=1), "not by d - 1"),
        (lambda x, gain, bias: norm()(gain * x, 1, bias), "after the division"),
        (lambda x, gain, bias: x, "nothing has changed"),
        (norm_in_place, "changes `x` in place"),
        (norm(eps=1e-6), "shape = (5, 8), size = 3.0: at"),
        (norm(eps=1e-8), "expected"),
        (lambda x, gain, bias: norm()(x, gain, -bias), "shape = (5, 8), size = 3.0: at"),
        (lambda x, gain, bias: x.mean(-1), "should have shape (5, 8), got (5,)"),
        (lambda x, gain, bias: print(x), "is a `return` missing?"),
        (lambda x, gain: x, "raised TypeError"),
    ],
    "rms": [
        (layer_norm, "that is LayerNorm"),
        (lambda x, gain: gain * x / np.sqrt(x.var(-1, keepdims=True) + 1e-5), "standard deviat"),
        (rms(by=np.sum), "not their sum"),
        (rms(axis=0), "not over the tokens"),
        (rms(axis=None), "each token by itself"),
        (rms(eps=0.0), "the 1e-5 is missing"),
        (lambda x, gain: gain * x / ((x**2).mean(-1, keepdims=True) + 1e-5), "root is missing"),
        (lambda x, gain: gain * x / (np.sqrt((x**2).mean(-1, keepdims=True)) + 1e-5), "in the ro"),
        (lambda x, gain: gain * x / (np.abs(x).mean(-1, keepdims=True) + 1e-5), "of the sizes"),
        (lambda x, gain: rms()(x, 1.0), "the gain is still"),
        (lambda x, gain: rms()(gain * x, 1.0), "the gain comes after"),
        (lambda x, gain: x, "nothing was divided"),
        (rms_in_place, "changes `x` in place"),
        (lambda x, gain: x.mean(-1), "should have shape (5, 8), got (5,)"),
        (rms(eps=1e-6), "expected"),
        (lambda x, gain: rms()(x, gain) + 1, "shape = (5, 8), size = 3.0: at"),
    ],
    "alone": [
        (by_order, "attention moves with its tokens"),
        (by_change(-1), "all rows of this function but the first"),
        (by_change(0), "the first row of this function hears of the last"),
        (loosely, "a trace of the mean"),
        (alone_in(rows=slice(1)), "all rows of this function but the first"),
        (alone_in(rows=slice(-1, None)), "the second row of this function hears of the first"),
        (alone_in(columns=slice(1)), "one number in each row hears of the neighbor, the last"),
        (alone_in(columns=slice(-1, None)), "one number in each row hears of the neighbor, the f"),
        (by_sums, "have the same sum"),
        (by_slopes, "a softmax over each row"),
        (lambda f, x: False, "a feed-forward network is position-wise"),
        (lambda f, x: True, "attention moves with its tokens"),
        (lambda f, x: bool(np.allclose(f(x), x)), "a feed-forward network"),
        (spoiled, "changes `x` in place"),
        (lambda f, x: 1, "should be True or False"),
        (lambda f, x: alone(f, x[0]), "raised"),
    ],
    "gradient": [
        (of_x(lambda x, gain, g: gradients(x, 1.0, g)[0]), "the gain lies between"),
        (of_x(lambda x, gain, g: gain * gradients(x, 1.0, g)[0]), "before the projection"),
        (of_x(lambda x, gain, g: g * gain / normed(x)[1]), "two directions"),
        (lambda x, gain, g: gradients(x, gain, g, stretch=0), "to stretch x changes nothing"),
        (lambda x, gain, g: gradients(x, gain, g, shift=0), "to shift x changes nothing"),
        (lambda x, gain, g: gradients(x, gain, g, stretch=x.shape[-1]), "the length √d"),
        (lambda x, gain, g: gradients(x, gain, g, power=0), "a tenth of the gradient"),
        (lambda x, gain, g: gradients(x, gain, g, power=2), "divided by σ twice"),
        (of_x(along_x), "not of x"),
        (of_x(over_all), "means of its own"),
        (lambda x, gain, g: gradients(x, gain, g, ddof=1), "not by d - 1"),
        (of_x(lambda x, gain, g: gradients(x, gain, g, eps=0)[0]), "has the 1e-5"),
        (of_x(lambda x, gain, g: -gradients(x, gain, g)[0]), "wrong sign"),
        (of_x(lambda x, gain, g: g), "shape = (5, 6), gradient = 'x': at"),
        (of_gain(lambda x, gain, g: summed(g * normed(x)[0] * gain)), "part of its own gradient"),
        (of_gain(lambda x, gain, g: summed(g * x)), "the normed token, not x"),
        (of_gain(lambda x, gain, g: summed(g * normed(x)[0]) / (x.size / len(gain))), "their mea"),
        (of_gain(lambda x, gain, g: g * normed(x)[0]), "that of the gain should have shape (6,)"),
        (of_bias(lambda x, gain, g: summed(g) / (x.size / len(gain))), "of the bias; that is th"),
        (of_bias(lambda x, gain, g: summed(g * gain)), "added behind the gain"),
        (of_bias(lambda x, gain, g: np.ones_like(gain)), "g is not in the gradient of the bias"),
        (exchanged, "that is the gradient of the bias"),
        (gradients_in_place, "changes `g` in place"),
        (lambda x, gain, g: gradients(x, gain, g)[0], "return 3 things, in this order"),
    ],
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
