"""The exercises of `work/images`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from attnlab import softmax
from tests.exercises.marking import marking_of


def pairs(side, p):
    return (side // p) ** 4


def pairs_by_patches(side, p):
    return len(np.arange(0, side, p)) ** 2 * len(range(0, side, p)) ** 2


def cut(images, p):
    b, h, w = images.shape
    return images.reshape(b, h // p, p, w // p, p).swapaxes(2, 3).reshape(b, -1, p * p)


def cut_in_a_loop(images, p):
    _, h, w = images.shape
    squares = [images[:, i : i + p, j : j + p] for i in range(0, h, p) for j in range(0, w, p)]
    return np.stack([square.reshape(len(images), -1) for square in squares], axis=1)


def cut_by_torch(images, p):
    return torch.nn.functional.unfold(torch.tensor(images)[:, None], p, stride=p).mT


def grid(images, p):
    b, h, w = images.shape
    return images.reshape(b, h // p, p, w // p, p)


def cut_by(*axes):
    return lambda images, p: grid(images, p).transpose(axes).reshape(len(images), -1, p * p)


def block(x, w_q, w_k, w_v, w_o):
    cells = x.reshape(-1, x.shape[-1])
    s = (cells @ w_q) @ (cells @ w_k).T / np.sqrt(w_q.shape[1])
    return (cells + softmax(s) @ cells @ w_v @ w_o).reshape(x.shape)


def block_by_einsum(x, w_q, w_k, w_v, w_o):
    s = np.einsum("abk,cdk->abcd", x @ w_q, x @ w_k) / w_k.shape[1] ** 0.5
    e = np.exp(s - s.max(axis=(2, 3), keepdims=True))
    return x + np.einsum("abcd,cdv->abv", e / e.sum(axis=(2, 3), keepdims=True), x @ w_v) @ w_o


def block_by_torch(x, *maps):
    c, (q, k, v, o) = torch.tensor(x).flatten(0, 1), map(torch.tensor, maps)
    z = torch.nn.functional.scaled_dot_product_attention(
        (c @ q)[None], (c @ k)[None], (c @ v)[None]
    )
    return (c + z[0] @ o).reshape(x.shape)


def without(part):
    """A block with a part that is done otherwise."""

    def wrong(x, w_q, w_k, w_v, w_o):
        c = x.reshape(-1, x.shape[-1])
        return part(c, (c @ w_q) @ (c @ w_k).T, c @ w_v, w_o, w_q.shape[1]).reshape(x.shape)

    return wrong


def along_rows(x, w_q, w_k, w_v, w_o):
    s = x @ w_q @ (x @ w_k).swapaxes(1, 2) / np.sqrt(w_q.shape[1])
    return x + softmax(s) @ (x @ w_v) @ w_o


def left(w, of=None):
    """What each wiped pixel leaves the digit, and the drawing as it was."""
    before, digit, found = w.pixels, w.digit if of is None else of, []
    for place in range(64):
        w.pixels = (*before[:place], 0, *before[place + 1 :])
        found.append(w.probabilities[digit] if of is None else of(w))
    w.pixels = before
    return np.array(found)


def most_needed(w):
    return int(left(w).argmin())


def most_needed_by_ink(w):
    found, ink = left(w), np.flatnonzero(w.pixels)
    return ink[found[ink].argmin()]


def most_needed_sorted(w):
    return float(np.argsort(left(w))[0])


def leaves_it_wiped(w):
    place = most_needed(w)
    w.pixels = (*w.pixels[:place], 0, *w.pixels[place + 1 :])
    return place


RIGHT = {
    "pairs": [pairs, pairs_by_patches, lambda side, p: (side * side / p / p) ** 2],
    "bug": [cut, cut_in_a_loop, cut_by_torch],
    "block": [block, block_by_einsum, block_by_torch],
    "widget": [most_needed, most_needed_by_ink, most_needed_sorted],
    "explain": ["a", "A"],
    "in-writing": ["I would sum the scores of all places."],
}
WRONG = {
    "pairs": [
        (lambda side, p: (side // p) ** 2, "how many patches"),
        (lambda side, p: side**4, "pairs of pixels; patches ask"),
        (lambda side, p: side**4 // p**2, "a patch has p times p pixels"),
        (lambda side, p: (side // p) ** 2 * ((side // p) ** 2 - 1), "also looks at itself"),
        (lambda side, p: (side // p) ** 2 * ((side // p) ** 2 + 1) // 2, "in both directions"),
        (lambda side, p: p**4, "inside one patch"),
        (lambda side, p: [1, 2], "should be one number"),
        (lambda side, p: print(side), "is a `return` missing?"),
        (lambda side, p: 16, "expected"),
    ],
    "bug": [
        (lambda images, p: images.reshape(len(images), -1, p * p), "strips along the rows"),
        (cut_by(0, 3, 1, 2, 4), "column by column"),
        (cut_by(0, 1, 3, 4, 2), "rows and columns are exchanged"),
        (cut_by(0, 3, 1, 4, 2), "on its side"),
        (lambda images, p: grid(images, p).swapaxes(2, 3), "as one vector"),
        (cut_by(0, 2, 4, 1, 3), "every p-th pixel"),
        (lambda images, p: images.sort() or cut(images, p), "changes `images` in place"),
        (lambda images, p: print(p), "is a `return` missing?"),
        (lambda images, p: 2 * cut(images, p), "expected"),
    ],
    "block": [
        (without(lambda c, s, v, o, k: softmax(s / k**0.5) @ v @ o), "what the block adds"),
        (without(lambda c, s, v, o, k: c + softmax(s) @ v @ o), "divided by the root of d_k"),
        (without(lambda c, s, v, o, k: c + softmax(s / k) @ v @ o), "not by d_k"),
        (without(lambda c, s, v, o, k: c + softmax(s / c.shape[1] ** 0.5) @ v @ o),
         "not by that of d"),
        (without(lambda c, s, v, o, k: c + softmax(s.T / k**0.5).T @ v @ o), "along its row"),
        (without(lambda c, s, v, o, k: c + softmax(s.T / k**0.5) @ v @ o), "rows belong to x W^Q"),
        (along_rows, "along its own row alone"),
        (without(lambda c, s, v, o, k: c + v @ o), "nobody is looked at"),
        (lambda x, *maps: x.reshape(-1, x.shape[-1]), "should have shape"),
    ],
    "widget": [
        (lambda w: int(left(w).argmax()), "helps the digit most"),
        (lambda w: int(left(w)[np.flatnonzero(w.pixels)].argmin()), "that have ink"),
        (lambda w: most_needed(w) + 1, "counted from 0"),
        (lambda w: float(left(w).min()), "that is what is left"),
        (lambda w: int(np.argmax(w.pixels)), "the darkest pixel"),
        (lambda w: int(left(w, of=lambda w: w.probabilities.max()).argmin()), "read at first"),
        (lambda w: most_needed(w) // 8, "that is its row"),
        (lambda w: most_needed(w) % 8, "that is its column"),
        (leaves_it_wiped, "pixels"),
    ],
    "explain": [("b", "never puts anything back"), ("c", "are learned"), ("d", "lost")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("images", RIGHT, WRONG)
