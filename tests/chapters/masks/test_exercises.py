"""The exercises of `mechanism/masks`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.chapters.masks.widget import MasksWidget
from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.functional.softmax import softmax
from attnlab.nn.attention import MultiHeadAttention
from tests.exercises.marking import marked, marking_of
from tests.exercises.restoring import restoring


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
    return mask.tolist()


def packed_by_torch(lengths):
    blocks = [torch.ones(length, length, dtype=torch.bool).tril() for length in lengths]
    return torch.block_diag(*blocks).bool()


def by_length(lengths):
    lengths_of = np.repeat(lengths, lengths)
    return (lengths_of[:, None] == lengths_of) & causal_mask(len(lengths_of))


def numbered_up_to(n):
    """After n texts, their numbers begin again."""

    def packed_mask(lengths):
        text_of = np.repeat(np.arange(len(lengths)) % n, lengths)
        return (text_of[:, None] == text_of) & causal_mask(len(text_of))

    return packed_mask


def up_to_100_places(lengths):
    mask = packed(lengths)
    mask[100:] = False
    return mask


def ramp(d):
    return np.arange(1.0, d + 1)


def one_by_one(places=lambda n: range(1, n), compared=lambda out, j: out[:j], change=ramp):
    """Does a change of one of the places move what is compared?"""

    def leaks(f, x):
        before = f(x)
        for j in places(len(x)):
            changed = x.copy()
            changed[j] += change(x.shape[1])
            if not np.array_equal(compared(f(changed), j), compared(before, j)):
                return True
        return False

    return leaks


def leaks_by_random_ends(f, x):
    """Replaces all that follows place i at once."""
    for i in range(1, len(x)):
        changed = x.copy()
        changed[i:] = np.random.default_rng(i).standard_normal(x[i:].shape)
        if (f(changed)[:i] != f(x)[:i]).any():
            return np.True_
    return np.False_


def leaks_number_by_number(f, x):
    before, moved = f(x), np.zeros((len(x), len(x)), dtype=bool)
    for j, column in np.ndindex(*x.shape):
        changed = x.copy()
        changed[j, column] = -3 * changed[j, column] + 1
        moved[:, j] |= (f(changed) != before).any(axis=1)
    return torch.tensor(moved).triu(1).any()


def first_answer_counts(f, x):
    for j in range(1, len(x)):
        changed = x.copy()
        changed[j] += 1.0
        return not np.array_equal(f(changed)[:j], f(x)[:j])
    return False


def any_change(f, x):
    changed = x.copy()
    changed[len(x) // 2] += 1.0
    return not np.array_equal(f(changed), f(x))


def number_by_number(places, step=1e-3):
    """Changes one number at a time, of as many places and in as many columns."""

    def leaks(f, x):
        for j, column in np.ndindex(*places(x.shape)):
            changed = x.copy()
            changed[j, column] += step
            if not np.array_equal(f(changed)[:j], f(x)[:j]):
                return True
        return False

    return leaks


def in_single_precision(f, x):
    x = x.astype(np.float32)
    return number_by_number(tuple)(lambda given: f(given).astype(np.float32), x)


def with_tolerance(step=1.0, **tolerance):
    def leaks(f, x):
        for j in range(1, len(x)):
            changed = x.copy()
            changed[j] += step
            if not np.allclose(f(changed)[:j], f(x)[:j], **tolerance):
                return True
        return False

    return leaks


def looks_for_a_rise(f, x):
    for j in range(1, len(x)):
        changed = x.copy()
        changed[j] += 1.0
        if (f(changed)[:j] > f(x)[:j]).any():
            return True
    return False


def put_in_place(instead):
    """What stands in a place is replaced by `instead(row)`."""

    def leaks(f, x):
        for j in range(1, len(x)):
            changed = x.copy()
            changed[j] = instead(x[j])
            if not np.array_equal(f(changed)[:j], f(x)[:j]):
                return True
        return False

    return leaks


def cut_off_with_tolerance(f, x):
    return not all(np.allclose(f(x[:j]), f(x)[:j]) for j in range(1, len(x)))


def cut_off(f, x):
    """Without what comes later; fewer places may round otherwise."""
    return any(np.abs(f(x[:j]) - f(x)[:j]).max() > 1e-12 for j in range(1, len(x)))


def cut_off_and_equal(f, x):
    return not all(np.array_equal(f(x[:j]), f(x)[:j]) for j in range(1, len(x)))


def leaks_in_place(f, x):
    before = f(x)
    x[-1] += 1.0
    return not np.array_equal(f(x)[:-1], before[:-1])


def future_is_nan(f, x):
    changed = x.copy()
    changed[len(x) // 2 :] = np.nan
    return bool(np.isnan(f(changed)[: len(x) // 2]).any())


def plain(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def in_the_limit(s, mask):
    s = np.where(mask, s, -np.inf)
    top = s.max(axis=-1, keepdims=True)
    e = np.where(s == top, 1.0, np.exp(s - top))
    e = np.where(s == -np.inf, 0.0, e)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1.0, total)


def row_by_row(s, mask):
    weights = np.zeros(s.shape)
    for row, scores, open_ones in zip(weights, s, mask, strict=True):
        kept = open_ones & (scores != -np.inf)
        if (infinite := kept & (scores == np.inf)).any():
            row[infinite] = 1 / infinite.sum()
        elif kept.any():
            row[kept] = plain(scores[kept])
    return weights


def by_logarithms(s, mask):
    s = np.where(mask, s, -np.inf)
    s = np.where((s == np.inf).any(-1, keepdims=True), np.where(s == np.inf, 0.0, -np.inf), s)
    total = np.logaddexp.reduce(s, axis=-1, keepdims=True)
    return np.exp(s - np.where(np.isinf(total), 0.0, total)).tolist()


def filled(fill):
    return lambda s, mask: plain(np.where(mask, s, fill))


def cut_down(largest):
    """From the page, with a large number in the place of infinity."""
    return lambda s, mask: from_the_page(np.minimum(s, largest), mask)


def finite_ones_cut_down(s, mask):
    return in_the_limit(np.where(np.isinf(s), s, np.clip(s, -1e300, 1e300)), mask)


def filled_with_care(fill):
    """All rows are right unless an open score is smaller than what is filled in."""

    def masked_softmax(s, mask):
        some = (mask & (s > -np.inf)).any(axis=-1, keepdims=True)
        return np.where(some, in_the_limit(np.where(mask, s, fill), np.ones_like(mask)), 0)

    return masked_softmax


def hard_above(limit):
    """The largest take all of a row in which one is large."""

    def masked_softmax(s, mask):
        largest = mask & (s == np.where(mask, s, -np.inf).max(axis=-1, keepdims=True))
        hard = np.where(largest, 0.0, -np.inf)
        large = np.where(mask, s, 0).max(axis=-1, keepdims=True) > limit
        return in_the_limit(np.where(large, hard, s), mask)

    return masked_softmax


def infinite_for_all_rows(s, mask):
    infinite = mask & (s == np.inf)
    return in_the_limit(np.where(infinite, 0.0, -np.inf) if infinite.any() else s, mask)


def least_is(least):
    """The maximum of a row is no smaller than `least`."""

    def masked_softmax(s, mask):
        s = np.where(mask, s, -np.inf)
        infinite = s == np.inf
        some = infinite.any(axis=-1, keepdims=True)
        s = np.where(some, np.where(infinite, 0.0, -np.inf), s)
        e = np.exp(s - np.maximum(s.max(axis=-1, keepdims=True), least))
        return e / np.where((total := e.sum(axis=-1, keepdims=True)) == 0, 1, total)

    return masked_softmax


def not_below(least):
    return lambda s, mask: in_the_limit(np.where(s < least, np.maximum(s, least), s), mask)


def rescued(s, mask):
    return np.nan_to_num(plain(np.where(mask, s, -np.inf)))


def from_the_page(s, mask):
    s = np.where(mask, s, -np.inf)
    top = s.max(axis=-1, keepdims=True)
    e = np.exp(s - np.where(np.isinf(top), 0.0, top))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1.0, total)


def multiplied(s, mask):
    return np.nan_to_num(plain(s * mask + np.where(mask, 0, -np.inf)))


def one_maximum(s, mask):
    e = np.where(mask, np.exp(s - s[mask].max(initial=-np.inf)), 0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def with_a_little_more(more):
    return lambda s, mask: in_the_limit(s, mask) / (1 + more)


def late_and_divided(s, mask):
    a = plain(s) * mask
    return a / np.maximum(a.sum(axis=-1, keepdims=True), 1e-300)


def without_maximum(s, mask):
    e = np.where(mask, np.exp(s), 0.0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def fill_in_place(s, mask):
    s[~mask] = -np.inf
    return in_the_limit(s, mask)


def a_trace(s, mask):
    return in_the_limit(s, mask) + 1e-15 * ~mask


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


def with_one_mask(layer, x, lengths):
    """Both masks in one, for each head of each sentence; an empty row keeps its own place."""
    n = x.shape[1]
    mask = padding_mask(lengths, n) & window_mask(n, 3, like=x) | torch.eye(n).bool()
    return layer(x, x, x, attn_mask=~mask.repeat_interleave(layer.num_heads, dim=0))[0]


def sentence_by_sentence(layer, x, lengths):
    context = torch.zeros_like(x)
    for i, length in enumerate(lengths.tolist()):
        words, far = x[i : i + 1, :length], ~window_mask(length, 3, like=x)
        context[i, :length] = layer(words, words, words, attn_mask=far)[0][0]
    return context


def up_to_the_longest(layer, x, lengths):
    return attend(turned, turned)(layer, x[:, : lengths.max()], lengths)


def one_word_too_many(layer, x, lengths):
    return attend(turned, turned)(layer, x, (lengths + 1).clamp(max=x.shape[1]))


def either(layer, x, lengths):
    n = x.shape[1]
    mask = padding_mask(lengths, n) | window_mask(n, 3, like=x)
    return MultiHeadAttention.from_torch(layer)(x, mask=mask)


def without_bias(layer, x, lengths):
    bare = nn.MultiheadAttention(
        layer.embed_dim, layer.num_heads, bias=False, batch_first=True, dtype=x.dtype
    )
    with torch.no_grad():
        bare.in_proj_weight.copy_(layer.in_proj_weight)
        bare.out_proj.weight.copy_(layer.out_proj.weight)
    return attend(turned, turned)(bare, x, lengths)


def bias_to_zero(layer, x, lengths):
    with torch.no_grad():
        layer.out_proj.bias.zero_()
    return attend(turned, turned)(layer, x, lengths)


def left_in_eval_mode(layer, x, lengths):
    return attend(turned, turned)(layer.eval(), x, lengths)


def frozen(layer, x, lengths):
    return attend(turned, turned)(layer.requires_grad_(False), x, lengths)


def and_back(layer, x, lengths):
    context = attend(turned, turned)(layer.eval(), x, lengths)
    layer.train()
    return context


def heads_before_sentences(layer, x, lengths):
    n = x.shape[1]
    mask = padding_mask(lengths, n) & window_mask(n, 3, like=x)
    return layer(x, x, x, attn_mask=~mask.repeat(layer.num_heads, 1, 1))[0]


def one_mask_kept(layer, x, lengths):
    n = x.shape[1]
    mask = padding_mask(lengths, n) & window_mask(n, 3, like=x)
    return layer(x, x, x, attn_mask=mask.repeat_interleave(layer.num_heads, 0))[0]


def after_the_shortest(layer, x, lengths):
    return attend(turned, turned)(layer, x, lengths.min().expand(len(x)))


def back_to_front(layer, x, lengths):
    return attend(turned, turned)(layer, x, lengths).flip(1)


def turned(mask):
    return ~mask


def kept(mask):
    return mask


def nothing(_):
    return None


def smallest_window(see, windows=range(1, 9), otherwise=None):
    @restoring("window")
    def answer(w):
        for window in windows:
            w.window = window
            if see(w):
                return window
        return otherwise

    return answer


def all_see(w):
    return w.mask.any(axis=-1).all()


@restoring("window")
def counting_down(w):
    smallest = None
    for w.window in range(8, 0, -1):
        if not all_see(w):
            return smallest
        smallest = w.window
    return smallest


@restoring("window")
def windows_in_a_list(w):
    found = []
    for w.window in range(1, 9):
        found.append(bool((w.weights.sum(axis=1) > 0.5).all()))
    return np.argmax(found) + 1 if any(found) else None


def one_less(w):
    n = windows_in_a_list(w)
    return None if n is None else n - 1


def put_back_where_found(w):
    before = w.window
    for window in range(1, 9):
        w.window = window
        if all_see(w):
            w.window = before
            return window
    return None


def in_one_line(w):
    return next((n for n in range(1, 9) if (setattr(w, "window", n), all_see(w))[1]), None)


def without_clicks(w):
    w.flips = ()
    return smallest_window(all_see)(w)


def without_the_future_hidden(w):
    distance = np.abs(np.subtract.outer(range(8), range(8)))
    for window in range(1, 9):
        mask = (distance < window) & (np.arange(8) < w.length)
        for cell in w.flips:
            mask[cell] ^= True
        if mask.any(axis=1).all():
            return window
    return None


def without_causal(w):
    w.causal = False
    return smallest_window(all_see)(w)


RIGHT = {
    "packed": [packed, packed_by_loops, packed_by_torch],
    "leaks": [
        one_by_one(),
        one_by_one(change=lambda d: -np.arange(1, d + 1) / 7),
        one_by_one(change=lambda d: 1e-6 * ramp(d)),
        one_by_one(change=lambda d: 1e-12 * ramp(d)),
        one_by_one(change=lambda d: np.random.default_rng(d).standard_normal(d)),
        leaks_by_random_ends,
        leaks_number_by_number,
    ],
    "softmax": [in_the_limit, row_by_row, by_logarithms],
    "bug": [attend(turned, turned), with_attnlab, with_one_mask, sentence_by_sentence, and_back],
    "widget": [
        smallest_window(all_see),
        windows_in_a_list,
        restoring("window")(in_one_line),
    ],
    "explain": ["c", " C ", "C)"],
    "in-writing": ["The vectors that come out of a layer without a mask hold the future already."],
}

WRONG = {
    "packed": [
        (lambda lengths: ~packed(lengths), "the wrong way round"),
        (lambda lengths: packed(lengths).T, "transposed"),
        (texts, "the future must not be seen"),
        (lambda lengths: causal_mask(sum(lengths)), "packed before it"),
        (lambda lengths: causal_mask(sum(lengths)) | texts(lengths), "and their own future"),
        (by_length, "of the same length"),
        (lambda lengths: ~texts(lengths) & causal_mask(sum(lengths)), "only the other texts"),
        (lambda lengths: packed(lengths).astype(float), "should be an array of True and False"),
        (lambda lengths: packed(lengths).astype(int), "should be an array of True and False"),
        (lambda lengths: np.tril(packed(lengths), -1), "may see itself"),
        (lambda lengths: causal_mask(len(lengths)), "should have shape (10, 10), got (3, 3)"),
        (lambda lengths: np.eye(sum(lengths), dtype=bool), "at [1, 0] expected True, got False"),
        (lambda lengths: padding_mask(lengths, sum(lengths)), "should have shape (10, 10)"),
        *((numbered_up_to(n), "8, 10]): at ") for n in (4, 10)),
        (up_to_100_places, "8, 10]): at "),
        (lambda lengths: lengths.append(1), "changes `lengths` in place"),
        (lambda lengths: print(packed(lengths)), "is a `return` missing?"),
    ],
    "leaks": [
        (one_by_one(places=lambda n: [n - 1]), "but never the last place"),
        (one_by_one(places=lambda n: range(2, n)), "the first place reads the second"),
        (one_by_one(places=lambda n: range(1, n - 1)), "the second place reads the last"),
        (one_by_one(places=lambda n: range(1, n // 2 + 1)), "the second place reads the last"),
        (first_answer_counts, "the second place reads the last"),
        (one_by_one(compared=lambda out, j: out[0]), "the second place reads the last"),
        (one_by_one(compared=lambda out, j: out[j - 1]), "the second place reads the last"),
        (one_by_one(compared=lambda out, j: out[:j, -1]), "one number of one output"),
        (one_by_one(compared=lambda out, j: out[: j + 1]), "causal attention does not leak"),
        (one_by_one(change=lambda d: np.eye(d)[0]), "one number of one output"),
        (one_by_one(compared=lambda out, j: out[:j].sum(axis=1)), "takes from another"),
        (any_change, "their own place and on earlier ones; you returned True"),
        (lambda f, x: not leaks_number_by_number(f, x), "causal attention does not leak"),
        (with_tolerance(rtol=1e-9, atol=0), "a tiny leak beside a 1"),
        (with_tolerance(atol=0, step=10.0), "a tiny leak beside a 1"),
        (in_single_precision, "a tiny leak beside a 1"),
        (one_by_one(compared=lambda out, j: np.linalg.norm(out[:j], axis=1)), "a much larger one"),
        (one_by_one(compared=lambda out, j: (out[:j] ** 2).sum(axis=1)), "a much larger one"),
        (one_by_one(change=lambda d: 100 * ramp(d)), "above 50 in size, not at `x`"),
        (one_by_one(change=lambda d: 1e6 * ramp(d)), "above 50 in size, not at `x`"),
        (put_in_place(lambda row: 100 * ramp(len(row))), "above 50 in size, not at `x`"),
        (number_by_number(lambda shape: (shape[0], min(shape))), "one number of one output"),
        (number_by_number(lambda shape: (min(8, shape[0]), shape[1])), "reads the last one"),
        (number_by_number(lambda shape: (shape[0], min(8, shape[1]))), "one number of one output"),
        (one_by_one(compared=lambda out, j: out[max(0, j - 4) : j]), "reads the last one"),
        (one_by_one(compared=lambda out, j: out[:j, :9]), "longer than an input"),
        (with_tolerance(atol=1e-3), "a tiny leak is a leak"),
        (with_tolerance(), "a tiny leak is a leak"),
        (with_tolerance(rtol=0, atol=1e-12), "a tiny leak is a leak"),
        (cut_off, "with fewer places"),
        (cut_off_with_tolerance, "with fewer places"),
        (cut_off_and_equal, "with fewer places"),
        (one_by_one(change=np.ones), "one number that is added to all of it"),
        *((one_by_one(change=lambda d, h=h: h), "one number that is added to all of it")
          for h in (1e-3, 0.1, -2.0)),
        (one_by_one(compared=lambda out, j: out[:j, 0]), "one number of one output"),
        (one_by_one(change=lambda d: np.eye(d)[-1]), "one number of one output"),
        (looks_for_a_rise, "may make an output smaller"),
        (put_in_place(lambda row: 0), "where its input is 0"),
        (put_in_place(lambda row: 2 * row), "where its input is 0"),
        (lambda f, x: one_by_one()(f, np.random.default_rng(0).standard_normal(x.shape)),
         "leaks at `x`, if not everywhere"),
        (lambda f, x: one_by_one()(f, x) or one_by_one()(f, 0 * x), "elsewhere, and not at `x`"),
        (leaks_in_place, "changes `x` in place"),
        (future_is_nan, "the first place reads the second"),  # it asks at one place only
        (lambda f, x: False, "attention without a mask leaks"),
        (lambda f, x: True, "causal attention does not leak"),
        (lambda f, x: "no", "should be True or False"),
        (lambda f, x: 1, "should be True or False"),
        (lambda f, x: x[len(x)], "`leaks` raised IndexError"),
    ],
    "softmax": [
        (filled(-1e9), "a large negative number"),
        (filled(-1e4), "a large negative number"),
        (filled(np.finfo(float).min), "a large negative number"),
        (filled(-np.inf), "masked_softmax([[0.5]], [[False]]): at [0, 0] expected 0, got nan"),
        (rescued, "masked_softmax([[0.0, inf]], [[True, True]]): at "),
        (from_the_page, "masked_softmax([[0.0, inf]], [[True, True]]): at "),
        (multiplied, "expected 1, got 0"),
        (cut_down(65504.0), "masked_softmax([[inf, 100000.0, 1.79"),
        (cut_down(1e300), "masked_softmax([[inf, 100000.0, 1.79"),
        (cut_down(np.finfo(float).max), "masked_softmax([[inf, 100000.0, 1.79"),
        (finite_ones_cut_down, "masked_softmax([[1e+300, 2e+300]]"),
        (one_maximum, "one maximum was taken for all rows"),
        (with_a_little_more(1e-6), "n = 5, m = 7: at "),
        (with_a_little_more(1e-9), "sum to 0.99999999"),
        *((filled_with_care(fill), "masked scores were given a large negative number")
          for fill in (-1e15, -1e30, float(np.finfo(np.float32).min), np.finfo(float).min)),
        *((hard_above(limit), "the largest takes all") for limit in (700, 1000, 1e4)),
        (infinite_for_all_rows, "was asked of all rows together"),
        (least_is(-1e300), "masked_softmax([[-1.7976931348623157e+308, 0.0]], "),
        (not_below(-1e15), "expected"),
        (lambda s, m: plain(s) * m, "did not get their share"),
        (late_and_divided, "masked_softmax([[-1"),
        (without_maximum, "masked_softmax([[800.0, 799.0]]"),
        (lambda s, m: in_the_limit(s, ~m), "wrong way round"),
        (fill_in_place, "changes `s` in place"),
        (a_trace, "must be exactly 0, got 1e-15"),
        (lambda s, m: np.where(m, s, 0), "scores still"),
        (lambda s, m: filled(-1e9)(s, m) * m, "masked_softmax([["),
        (lambda s, m: in_the_limit(s.T, m.T).T, "down the columns"),
        (lambda s, m: in_the_limit(s, m).sum(-1), "should have shape (5, 7)"),
        (lambda s, m: softmax(s, mask=m), "masked_softmax([[0.0, inf]], [[True, True]]): at "),
    ],
    "bug": [
        (attend(kept, kept), "some real words get NaN"),
        (attend(kept, turned), "some real words get NaN"),
        (attend(nothing, kept), "some real words get NaN"),
        (heads_before_sentences, "some real words get NaN"),
        (after_the_shortest, "some real words get NaN"),
        (back_to_front, "some real words get NaN"),
        (attend(turned, lambda near: ~near | torch.eye(len(near)).bool()), "get NaN"),
        (without_bias, "n = 6, lengths = [4, 6, 3]: at "),
        (bias_to_zero, "changes `layer` in place"),
        (left_in_eval_mode, "leaves `layer.training` at False, and it was True: put it back"),
        (frozen, "leaves `layer.in_proj_weight.requires_grad` at False, and it was True"),
        (attend(nothing, turned), "but padding is among them"),
        (attend(turned, nothing), "near or not"),
        (attend(turned, lambda near: ~near.tril()), "looks back only"),
        (attend(nothing, nothing), "no mask has any effect"),
        (attend(turned, turned, width=2), "ends one place away"),
        (attend(turned, turned, width=4), "ends three places away"),
        (either, "both must"),
        (up_to_the_longest, "should have shape (2, 6, 8), got (2, 4, 8)"),
        (one_word_too_many, "n = 6, lengths = [4, 6, 3]: at [2, "),
        (lambda layer, x, lengths: x, "n = 6, lengths = [4, 6, 3]: at "),
        (lambda layer, x, lengths: layer(x, x, x), "should be an array of numbers"),
        (lambda layer, x, lengths: attend(turned, turned)(layer, x, lengths)[:, :2],
         "should have shape (3, 6, 8), got (3, 2, 8)"),
        (lambda layer, x, lengths: attend(turned, turned)(layer, x * 1.001, lengths), "at "),
        (lambda layer, x, lengths: layer(x, mask=None), "`attend` raised TypeError"),
    ],
    "widget": [
        (lambda w: w.window, "the window as it is set"),
        (lambda w: 9 - w.length, "right by the rule"),
        (smallest_window(lambda w: w.rule.any(axis=-1).all()), "right by the rule"),
        (smallest_window(lambda w: w.mask[: w.length].any(axis=-1).all()), "and padding does not"),
        (smallest_window(all_see, windows=range(1, 8)), "MasksWidget(length=1): "),
        (smallest_window(all_see, otherwise=0), "((0, 0),)): expected None, got 0"),
        (smallest_window(all_see, otherwise=-1), "((0, 0),)): expected None, got -1"),
        (smallest_window(all_see, otherwise=8), "((0, 0),)): expected None, got 8"),
        (without_causal, "leaves `w.causal` at False, and it was True: put it back"),
        (without_clicks, "leaves `w.flips` at (), and it was ((0, 0),): put it back"),
        (restoring("flips")(without_clicks), "right by the rule"),
        (restoring("causal")(without_causal), "with `causal=False`"),
        (put_back_where_found, "leaves `w.window` at 8, and it was 3: put it back"),
        (in_one_line, "leaves `w.window` at 3, and it was 8: put it back"),
        (lambda w: smallest_window(all_see)(MasksWidget(length=w.length, flips=w.flips)),
         "with `causal=True`"),
        (without_the_future_hidden, "with `causal=False`"),
        (counting_down, "there is a smaller one"),
        (smallest_window(all_see, windows=range(8)), "raised TraitError"),
        (one_less, "that is one too small"),
        (lambda w: None if w.length else 1, "you returned None"),
        (lambda w: 7, "MasksWidget(): expected 3, got 7"),
        (lambda w: w.mask.any(axis=-1), "should be one number"),
        (smallest_window(lambda w: w.mask.any()), "expected"),
    ],
    "explain": [
        ("a", "any source"),
        ("b", "learned nothing by heart"),
        ("d", "no change shows nothing"),
        (3, "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (None, "is None"), ("\n", "no words")],
}  # fmt: skip


TestMarking = marking_of("masks", RIGHT, WRONG)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (one_by_one(places=lambda n: [n - 1]), "none of the inputs that you tried moves an output"),
        (number_by_number(tuple, step=1e-15), "and by how much?"),
        (with_tolerance(), "compare all of these outputs, and exactly"),
        (one_by_one(compared=lambda out, j: out[:j].sum()), "compare all of these outputs, and"),
        (one_by_one(compared=lambda out, j: out[0]), "compare all of these outputs, and exactly"),
        (one_by_one(change=np.ones), "change the numbers of a place by different amounts"),
        (put_in_place(lambda row: 2 * row), "what is 0 stays so"),
        (lambda f, x: False, "none of the inputs that you tried differs from `x`"),
    ],
)  # fmt: skip
def test_a_later_hint_goes_by_the_inputs_that_were_tried(answer, said):
    assert said in marked("masks/leaks", answer).more


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        *((attend(padding, attn), "look at what True means to this layer")
          for padding, attn in ((kept, kept), (kept, turned), (nothing, kept), (turned, kept))),
        (one_mask_kept, "look at what True means to this layer"),
        (heads_before_sentences, "word 5 of sentence 1"),
        (back_to_front, "both counted from 0, gets NaN"),
        (after_the_shortest, "both counted from 0, gets NaN"),
        (attend(turned, lambda near: ~near | torch.eye(len(near)).bool()), "word 0 of sentence 3"),
    ],
)  # fmt: skip
def test_what_true_means_is_named_only_to_whoever_mixed_it_up(answer, said):
    assert said in marked("masks/bug", answer).more
