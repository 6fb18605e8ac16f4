"""Right and wrong answers to the exercises about norms: forward, without the mean, and back."""

import numpy as np
import torch
import torch.nn.functional as F


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


def norm_by_squares(dtype=None):
    """The variance as the mean of the squares less the square of the mean."""

    def answer(x, gain, bias):
        x = x.astype(dtype or x.dtype)
        mean = x.mean(-1, keepdims=True)
        variance = np.einsum("...d,...d->...", x, x)[..., None] / x.shape[-1] - mean**2
        return (x - mean) * (gain / np.sqrt(variance + 1e-5)) + bias

    return answer


def norm_in_place(x, gain, bias):
    x -= x.mean(axis=-1, keepdims=True)
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5) + bias


def norm_but_for_constants(x, gain, bias):
    return gain * np.nan_to_num(norm(eps=0.0)(x, 1, 0)) + bias


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


def rms_but_for_zeros(x, gain):
    size = np.sqrt((x**2).mean(axis=-1, keepdims=True))
    return gain * np.divide(x, size, out=np.zeros_like(x), where=size > 0)


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


RIGHT = {
    "norm": [norm(), norm_by_torch, norm_in_lists, norm_by_squares(float)],
    "rms": [rms(), rms_by_torch, rms_in_lists],
    "gradient": [gradients, by_autograd, by_matrices],
}

WRONG = {
    "norm": [
        (norm(axis=0), "not over the tokens"),
        (norm(axis=None), "each token by itself"),
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
        (norm(eps=0.0, outside=1e-5), "before the root is taken"),
        (norm(eps=0.0), "the 1e-5 has not been added"),
        (norm_but_for_constants, "the 1e-5 has not been added"),
        (norm_by_squares(), "float32 numbers from 5000"),
        (by_the_sizes, "the mean of the sizes"),
        (by_the_length, "not their sum"),
        (norm(ddof=1), "not by d - 1"),
        (lambda x, gain, bias: norm()(gain * x, 1, bias), "after the division"),
        (lambda x, gain, bias: x, "nothing has changed"),
        (norm_in_place, "changes `x` in place"),
        (norm(eps=1e-6), "ε is 1e-5 here"),
        (norm(eps=1e-8), "ε is 1e-5 here"),
        (norm(eps=1e-5, outside=1e-5), "shape = (5, 8), size = 3.0: at"),
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
        (rms(eps=0.0), "the 1e-5 has not been added"),
        (rms_but_for_zeros, "the 1e-5 has not been added"),
        (lambda x, gain: gain * x / np.sqrt((x**2).sum(-1, keepdims=True) / (x.shape[-1] - 1)
                                            + 1e-5), "not by d - 1"),
        (lambda x, gain: gain * x / ((x**2).mean(-1, keepdims=True) + 1e-5), "root is missing"),
        (lambda x, gain: gain * x / (np.sqrt((x**2).mean(-1, keepdims=True)) + 1e-5), "before"),
        (lambda x, gain: gain * x / (np.abs(x).mean(-1, keepdims=True) + 1e-5), "of the sizes"),
        (lambda x, gain: rms()(x, 1.0), "the gain is still"),
        (lambda x, gain: rms()(gain * x, 1.0), "the gain comes after"),
        (lambda x, gain: x, "nothing has changed"),
        (rms_in_place, "changes `x` in place"),
        (lambda x, gain: x.mean(-1), "should have shape (5, 8), got (5,)"),
        (rms(eps=1e-6), "ε is 1e-5 here"),
        (lambda x, gain: rms()(x, gain) + 1, "shape = (5, 8), size = 3.0: at"),
    ],
    "gradient": [
        (of_x(lambda x, gain, g: gradients(x, 1.0, g)[0]), "the gain lies between"),
        (of_x(lambda x, gain, g: gain * gradients(x, 1.0, g)[0]), "before the projection"),
        (of_x(lambda x, gain, g: g * gain / normed(x)[1]), "two directions"),
        (lambda x, gain, g: gradients(x, gain, g, stretch=0), "to stretch x changes nothing"),
        (lambda x, gain, g: gradients(x, gain, g, shift=0), "to shift x changes nothing"),
        (lambda x, gain, g: gradients(x, gain, g, stretch=x.shape[-1]), "the length √d"),
        (lambda x, gain, g: gradients(x, gain, g, shift=x.shape[-1], stretch=x.shape[-1]),
         "divided by d"),
        (lambda x, gain, g: gradients(x, gain, g, power=0), "a tenth of the gradient"),
        (lambda x, gain, g: gradients(x, gain, g, power=2), "divided by σ twice"),
        (of_x(along_x), "not of x"),
        (of_x(over_all), "means of its own"),
        (lambda x, gain, g: gradients(x, gain, g, ddof=1), "not by d - 1"),
        (of_x(lambda x, gain, g: gradients(x, gain, g, eps=0)[0]), "has the 1e-5"),
        (of_x(lambda x, gain, g: -gradients(x, gain, g)[0]), "wrong sign"),
        (of_x(lambda x, gain, g: g), "shape = (5, 8), size = 3.0, the gradient of x: at"),
        (of_gain(lambda x, gain, g: summed(g * normed(x)[0] * gain)), "part of its own gradient"),
        (of_gain(lambda x, gain, g: summed(g * x)), "the normed token, not x"),
        (of_gain(lambda x, gain, g: summed(g * (x - x.mean(-1, keepdims=True)))), "divided by σ"),
        (of_gain(lambda x, gain, g: summed(g * normed(x)[0]) / (x.size / len(gain))), "their mea"),
        (of_gain(lambda x, gain, g: g * normed(x)[0]), "of the gain should have shape (8,)"),
        (of_bias(lambda x, gain, g: summed(g) / (x.size / len(gain))), "of the bias; that is th"),
        (of_bias(lambda x, gain, g: summed(g * gain)), "added behind the gain"),
        (of_bias(lambda x, gain, g: np.ones_like(gain)), "g is not in the gradient of the bias"),
        (exchanged, "that is the gradient of the bias"),
        (gradients_in_place, "changes `g` in place"),
        (lambda x, gain, g: gradients(x, gain, g)[0], "return 3 things, in this order"),
    ],
}  # fmt: skip
