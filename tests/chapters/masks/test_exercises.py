"""The exercises of `mechanism/masks`: right answers pass, wrong ones get the hint they need."""

import numpy as np

from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.functional.softmax import softmax
from attnlab.nn.attention import MultiHeadAttention
from tests.exercises.marking import marking_of


def texts(lengths):
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    return text_of[:, None] == text_of


def packed(lengths):
    return texts(lengths) & causal_mask(sum(lengths))


def packed_by_loops(lengths):
    mask, start = np.zeros((sum(lengths),) * 2, dtype=bool), 0
    for length in lengths:
        mask[start : start + length, start : start + length] = np.tri(length)
        start += length
    return mask


def leaks(f, x):
    before = f(x)
    for j in range(1, len(x)):
        changed = x.copy()
        changed[j] += 1.0
        if not np.array_equal(f(changed)[:j], before[:j]):
            return True
    return False


def leaks_by_random_ends(f, x):
    """Replaces all that follows place i at once."""
    for i in range(1, len(x)):
        changed = x.copy()
        changed[i:] = np.random.default_rng(i).standard_normal(x[i:].shape)
        if (f(changed)[:i] != f(x)[:i]).any():
            return True
    return False


def last_place_only(f, x):
    changed = x.copy()
    changed[-1] += 1.0
    return not np.array_equal(f(changed)[:-1], f(x)[:-1])


def any_change(f, x):
    changed = x.copy()
    changed[1] += 1.0
    return not np.array_equal(f(changed), f(x))


def with_tolerance(f, x):
    for j in range(1, len(x)):
        changed = x.copy()
        changed[j] += 1.0
        if not np.allclose(f(changed)[:j], f(x)[:j], atol=1e-3):
            return True
    return False


def in_place(f, x):
    before = f(x)
    x[-1] += 1.0
    return not np.array_equal(f(x)[:-1], before[:-1])


def plain(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def filled(fill):
    return lambda s, mask: plain(np.where(mask, s, fill))


def rescued(s, mask):
    return np.nan_to_num(plain(np.where(mask, s, -np.inf)))


def late_and_divided(s, mask):
    a = plain(s) * mask
    return a / np.maximum(a.sum(axis=-1, keepdims=True), 1e-300)


def without_maximum(s, mask):
    e = np.where(mask, np.exp(s), 0.0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def fill_in_place(s, mask):
    s[~mask] = -np.inf
    return rescued(s, mask)


def attend(padding, attn, width=3):
    """The layer with masks made of `real` (B, n) and `near` (n, n) by the two functions."""

    def answer(layer, x, lengths):
        n = x.shape[1]
        real, near = padding_mask(lengths, n)[:, 0], window_mask(n, width, like=x)
        return layer(x, x, x, key_padding_mask=padding(real), attn_mask=attn(near))[0]

    return answer


def with_attnlab(layer, x, lengths):
    n = x.shape[1]
    mask = padding_mask(lengths, n) & window_mask(n, 3, like=x)
    return MultiHeadAttention.from_torch(layer)(x, mask=mask)


def turned(mask):
    return ~mask


def kept(mask):
    return mask


def nothing(_):
    return None


def without_the_layer(layer, x, lengths):
    return x


def smallest_window(see):
    def answer(w):
        for window in range(1, 9):
            w.window = window
            if see(w):
                return window
        return None

    return answer


RIGHT = {
    "packed": [(packed), (packed_by_loops)],
    "leaks": [(leaks), (leaks_by_random_ends)],
    "softmax": [
        (lambda s, mask: softmax(s, mask=mask)),
        (rescued),
    ],
    "bug": [
        (attend(turned, turned)),
        (with_attnlab),
    ],
    "widget": [
        (smallest_window(lambda w: w.mask.any(axis=-1).all())),
        (smallest_window(lambda w: (w.weights.sum(axis=1) > 0.5).all())),
    ],
    "explain": [("c"), (" C ")],
}

WRONG = {
    "packed": [
        (lambda lengths: ~packed(lengths), "the wrong way round"),
        (lambda lengths: packed(lengths).T, "transposed"),
        (texts, "the future must not be seen"),
        (lambda lengths: causal_mask(sum(lengths)), "packed before it"),
        (lambda lengths: packed(lengths).astype(float), "a mask is boolean"),
        (lambda lengths: np.tril(packed(lengths), -1), "may see itself"),
        (lambda lengths: causal_mask(len(lengths)), "must have shape"),
        (lambda lengths: np.eye(sum(lengths), dtype=bool), "should be True"),
    ],
    "leaks": [
        (last_place_only, "change every place in its turn"),
        (any_change, "outputs at and after the change may move"),
        (with_tolerance, "a leak of a millionth is a leak"),
        (in_place, "changes `x` in place"),
        (lambda f, x: False, "attention without a mask leaks"),
        (lambda f, x: "no", "should be True or False"),
    ],
    "softmax": [
        (filled(-1e9), "a row in which all is masked"),
        (filled(-1e4), "a row in which all is masked"),
        (filled(-np.inf), "there are NaN"),
        (lambda s, m: plain(s) * m, "did not get their share"),
        (late_and_divided, "with large scores"),
        (without_maximum, "subtract the largest"),
        (lambda s, m: rescued(s, ~m), "wrong way round"),
        (fill_in_place, "work on a copy"),
        (lambda s, m: filled(-1e9)(s, m) * m, "with large scores"),
        (lambda s, m: rescued(s.T, m.T).T, "softmax of each row"),
        (lambda s, m: rescued(s, m).sum(-1), "expected shape (5, 7)"),
    ],
    "bug": [
        (attend(kept, kept), "see nothing and get NaN"),
        (attend(kept, turned), "see nothing and get NaN"),
        (attend(nothing, kept), "do not get what they should"),
        (attend(nothing, turned), "but padding is among them"),
        (attend(turned, nothing), "near or not"),
        (attend(turned, lambda near: ~near.tril()), "looks back only"),
        (attend(nothing, nothing), "no mask has any effect"),
        (attend(turned, turned, width=2), "do not get what they should"),
        (without_the_layer, "change one hidden word"),
    ],
    "widget": [
        (lambda w: w.window, "the window as it is set"),
        (lambda w: 9 - w.length, "clicked pairs count too"),
        (
            smallest_window(lambda w: w.rule.any(axis=-1).all()),
            "clicked pairs count too",
        ),
        (lambda w: 8 - w.length, "one too small"),
        (lambda w: None if w.length else 1, "does every row"),
        (lambda w: w.length - w.length + 7, "expected"),
    ],
    "explain": [
        ("a", "any source"),
        ("b", "learned nothing by heart"),
        ("d", "no change shows nothing"),
        (3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("masks", RIGHT, WRONG)
