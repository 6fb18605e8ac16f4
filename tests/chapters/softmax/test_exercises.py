"""The exercises of `mechanism/softmax`: right answers pass, wrong ones get the hint they need."""

from typing import NamedTuple

import numpy as np
import torch

from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of
from tests.exercises.restoring import restoring


def logit(p):
    return np.log(p / (1 - p))


def temperature_by_search(gap, share, low=1e-9, high=1e9):
    for _ in range(100):
        T = np.sqrt(low * high)
        low, high = (T, high) if 1 / (1 + np.exp(-gap / T)) > share else (low, T)
    return low


def below(level):
    """The log-sum-exp of each row, computed below some level of it, with the axis kept."""

    def log_sum_exp(s):
        top = level(s)
        return (top + np.log(np.exp(s - top).sum(axis=-1, keepdims=True)))[..., 0]

    return log_sum_exp


def top_of(s):
    return s.max(axis=-1, keepdims=True)


stable_log_sum = below(top_of)


def row_by_row(s):
    flat = s.reshape(-1, s.shape[-1])
    sums = [row.max() + np.log(sum(np.exp(x - row.max()) for x in row)) for row in flat]
    return np.array(sums).reshape(s.shape[:-1])


def maximum_in_place(s):
    top = top_of(s)
    s -= top
    return (top + np.log(np.exp(s).sum(axis=-1, keepdims=True)))[..., 0]


def scores_of(q, K):
    return K @ q / np.sqrt(len(q))


def mended_loop(q, K, V):
    top, total, context = -np.inf, 0.0, np.zeros(V.shape[-1])
    for k, v in zip(K, V, strict=True):
        score = q @ k / np.sqrt(len(q))
        new_top = max(top, score)
        shrink, e = np.exp(top - new_top), np.exp(score - new_top)
        top, total, context = new_top, total * shrink + e, context * shrink + e * v
    return context / total


def attend_below(level):
    """Attention by exponentials of the scores, relative to some level of them."""

    def attend(q, K, V):
        scores = scores_of(q, K)
        powers = np.exp(scores - level(scores))
        return powers @ V / powers.sum()

    return attend


def by_torch(q, K, V):
    q, K, V = (torch.from_numpy(each)[None] for each in (q, K, V))
    return torch.nn.functional.scaled_dot_product_attention(q[None], K, V)[0, 0]


def merge(a, b):
    top = max(a[0], b[0])
    return top, a[1] * np.exp(a[0] - top) + b[1] * np.exp(b[0] - top)


class Pair(NamedTuple):
    maximum: float
    total: float


def merge_by_cases(a, b):
    if a[0] < b[0]:
        a, b = b, a
    return [a[0], a[1] + b[1] * np.exp(b[0] - a[0])]


def merge_by_logarithms(a, b):
    with np.errstate(divide="ignore"):
        logs = [top + np.log(total) for top, total in (a, b)]
    top = np.maximum(a[0], b[0])
    return torch.tensor([top, np.exp(np.logaddexp(*logs) - top)], dtype=torch.float64)


def no_guard(a, b):
    """Right, but for a machine that has seen nothing."""
    if 0.0 in (a[1], b[1]):
        return 0.0, np.nan
    return merge(a, b)


def merge_of_what_is_near(far):
    return lambda a, b: max(a, b) if abs(a[0] - b[0]) > far else merge(a, b)


def naive_merge(a, b):
    top = max(a[0], b[0])
    return top, (a[1] * np.exp(a[0]) + b[1] * np.exp(b[0])) / np.exp(top)


def merge_of(total):
    return lambda a, b: (max(a[0], b[0]), total(a, b, max(a[0], b[0])))


def one_of(index):
    return merge_of(lambda a, b, top: (a, b)[index][1] * np.exp((a, b)[index][0] - top))


def bias_for(w, key, share):
    return w.biases[key] + w.temperature * (logit(share) - logit(w.weights[key]))


def bias_by_sum(w, key, share, *, masked=True, biased=True):
    powers = np.exp((np.array(w.logits) + biased * np.array(w.biases)) / w.temperature)
    powers = powers * w.mask if masked else powers
    others = powers.sum() - powers[key]
    return w.temperature * np.log(share / (1 - share) * others) - w.logits[key]


def bias_by_search(w, key, share):
    low, high = -50.0, 50.0
    for _ in range(80):
        bias = (low + high) / 2
        scores = np.array(w.logits) + w.biases
        scores[key] = w.logits[key] + bias
        a = softmax(scores, temperature=w.temperature, mask=np.array(w.mask))[key]
        low, high = (bias, high) if a < share else (low, bias)
    return low


@restoring("biases")
def bias_by_setting(w, key, share):
    low, high = -4.0, 4.0
    for _ in range(50):
        biases = list(w.biases)
        biases[key] = (low + high) / 2
        w.biases = biases
        low, high = (biases[key], high) if w.weights[key] < share else (low, biases[key])
    return torch.tensor(low, dtype=torch.float64)


def bias_with(change):
    """A wrong bias, from what is set now, T, the share that is wanted and the one there is."""
    return lambda w, key, share: change(w.biases[key], w.temperature, share, w.weights[key])


RIGHT = {
    "temperature": [
        lambda gap, share: gap / logit(share),
        lambda gap, share: -gap / np.log(1 / share - 1),
        temperature_by_search,
        lambda gap, share: gap / torch.logit(torch.tensor(share, dtype=torch.float64)),
    ],
    "logsumexp": [
        stable_log_sum,
        row_by_row,
        lambda s: np.logaddexp.reduce(s, axis=-1),
        lambda s: torch.logsumexp(torch.from_numpy(s), dim=-1),
        lambda s: stable_log_sum(s).tolist(),
    ],
    "bug": [
        lambda q, K, V: softmax(scores_of(q, K)) @ V,
        lambda q, K, V: attention(q[None], K, V)[0][0],
        mended_loop,
        by_torch,
    ],
    "merge": [
        merge,
        lambda a, b: np.array(merge(b, a)),
        lambda a, b: Pair(*merge(a, b)),
        merge_by_cases,
        merge_by_logarithms,
    ],
    "widget": [bias_for, bias_by_sum, bias_by_search, bias_by_setting],
    "explain": ["b", " B ", "(b)"],
    "in-writing": ["Cutting off is cheap, and blind: it sees where zero is, not what differs."],
}

WRONG = {
    "temperature": [
        (lambda gap, share: logit(share) / gap, "upside down"),
        (lambda gap, share: gap / -np.log(share), "compares the weight with 1"),
        (lambda gap, share: gap / np.log(share), "compares the weight with 1"),
        (lambda gap, share: -gap / np.log(1 - share), "compares the weight with 1"),
        (lambda gap, share: temperature_by_search(gap, share, 1e-3, 1e3), "expected 4.999e+04"),
        (lambda gap, share: gap * (1 - share) / share, "the odds are no difference"),
        (lambda gap, share: gap * logit(share), "not multiplied"),
        (lambda gap, share: gap / np.log10(share / (1 - share)), "base e"),
        (lambda gap, share: gap / np.log2(share / (1 - share)), "base e"),
        (lambda gap, share: -gap / logit(share), "a temperature is positive"),
        (lambda gap, share: gap / share, "a share is no difference"),
        (lambda gap, share: gap, "temperature_for(3.0, 0.6): expected 7.399, got 3"),
        (lambda gap, share: round(gap / logit(share), 2), "temperature_for(3.0, 0.6): expected"),
        (lambda gap, share: gap / np.log(2 * share), "temperature_for(3.0, 0.6): expected"),
        (lambda gap, share: [gap / logit(share)], "should be one number"),
        (lambda gap, share: print(gap / logit(share)), "is a `return` missing?"),
    ],
    "logsumexp": [
        (lambda s: np.log(np.exp(s).sum(axis=-1)), "large scores overflow"),
        (below(lambda s: np.maximum(top_of(s), 0)), "the maximum may be below 0"),
        (below(lambda s: s.max() + 0 * s[..., :1]), "makes the small rows vanish"),
        (below(lambda s: s.min(axis=-1, keepdims=True)), "the smallest score is of no help"),
        (below(lambda s: s.mean(axis=-1, keepdims=True)), "the mean score is of no help"),
        (below(lambda s: np.median(s, axis=-1, keepdims=True)), "smallest = -1002, largest = 200"),
        (below(lambda s: np.abs(s).max(axis=-1, keepdims=True)), "smallest = -1001, largest = -9"),
        (below(lambda s: s[..., :1]), "smallest = -1002, largest = 200: at [0] expected "),
        (lambda s: stable_log_sum(s) - s.max(axis=-1), "added again outside"),
        (lambda s: stable_log_sum(s)[..., None], "the last axis is still there"),
        (lambda s: stable_log_sum(s).squeeze(), "an axis of one row must stay"),
        (lambda s: np.logaddexp.reduce(s, axis=0), "over the first axis"),
        (lambda s: stable_log_sum(s.ravel()), "one number for all"),
        (lambda s: np.logaddexp.reduce(s, axis=min(1, s.ndim - 1)), "over axis 1"),
        (lambda s: np.exp(s - top_of(s)).sum(axis=-1) * np.exp(s.max(axis=-1)), "that is the sum"),
        (lambda s: s.max(axis=-1), "the others count as well"),
        (lambda s: stable_log_sum(s) - np.log(s.shape[-1]), "of the mean"),
        (lambda s: s.max(axis=1) + np.log(np.exp(s - s.max(axis=1)[:, None]).sum(axis=1)),
         "`log_sum_exp` raised "),
        (lambda s: np.log(np.exp(s - 1000).sum(axis=-1)) + 1000, "smallest = -1, largest = 2: at "),
        (lambda s: stable_log_sum(s) / np.log(10), "(3, 5), smallest = -1, largest = 2: at "),
        (maximum_in_place, "changes `s` in place"),
    ],
    "bug": [
        (lambda q, K, V: V.sum(axis=0), "every weight is still 1"),
        (lambda q, K, V: V.mean(axis=0), "that is the plain mean"),
        (lambda q, K, V: np.exp(scores_of(q, K)) @ V, "the weights do not sum to 1"),
        (lambda q, K, V: np.exp(scores_of(q, K)) @ V / len(K), "m is not the sum"),
        (lambda q, K, V: V[scores_of(q, K).argmax()], "a hard look-up"),
        (lambda q, K, V: softmax(K @ q) @ V, "not divided by √d_k"),
        (lambda q, K, V: softmax(K @ q / len(q)) @ V, "not by its root"),
        (lambda q, K, V: softmax(K @ q / np.sqrt(len(K))) @ V, "of the number of keys"),
        (lambda q, K, V: scores_of(q, K) @ V, "scores times values"),
        (lambda q, K, V: (s := scores_of(q, K)) @ V / s.sum(), "can be negative"),
        (attend_below(lambda s: 0), "large ones overflow"),
        (attend_below(lambda s: s.max(initial=0)), "the maximum may be below 0"),
        (attend_below(lambda s: s.max(initial=-1000)), "very negative scores vanish"),
        (attend_below(lambda s: s[0]), "large ones overflow"),
        (lambda q, K, V: softmax(scores_of(q, K))[:, None] * V, "should have shape (d_v) = (2,)"),
        (lambda q, K, V: softmax(scores_of(q, K)) @ K, "should have shape (d_v) = (2,)"),
        (lambda q, K, V: attention(q[None], K, V)[0], "should have shape (d_v) = (2,), got (1, 2)"),
        (lambda q, K, V: softmax(-scores_of(q, K)) @ V, "m = 5, d_k = 3, d_v = 2, smallest = "),
        (lambda q, K, V: softmax(scores_of(q, K)) @ V + 1e-6, "m = 5, d_k = 3, d_v = 2, small"),
        (lambda q, K, V: softmax(scores_of(q, K), axis=1) @ V, "`attend` raised ValueError"),
    ],
    "merge": [
        (lambda a, b: (a[0] + b[0], a[1] + b[1]), "maxima do not add up"),
        (merge_of(lambda a, b, top: a[1] + b[1]), "below a maximum of its own"),
        (merge_of(lambda a, b, top: a[1] * np.exp(top - a[0]) + b[1] * np.exp(top - b[0])),
         "yours grows"),
        (one_of(0), "the second machine are not"),
        (one_of(1), "the first machine are not"),
        (max, "only the machine with the larger maximum"),
        (merge_of(lambda a, b, top: a[1] * np.exp(b[0] - top) + b[1] * np.exp(a[0] - top)),
         "have changed places"),
        (lambda a, b: ((low := min(a[0], b[0])),
                       a[1] * np.exp(a[0] - low) + b[1] * np.exp(b[0] - low)), "the larger of the"),
        (naive_merge, "e^max overflows"),
        (merge_of(lambda a, b, top: a[1] * np.exp(a[0]) + b[1] * np.exp(b[0])), "that is the sum"),
        (no_guard, "merge((-inf, 0.0), "),
        (lambda a, b: merge(a, b)[::-1], "first the maximum"),
        (lambda a, b: merge(a, b)[1], "return 2 things, in this order: the maximum, the sum"),
        (lambda a, b: (*merge(a, b), 0), "return 2 things"),
        (lambda a, b: (merge(a, b)[0], merge(a, b)[1] + 1e-6), "expected "),
        (lambda a, b: (a[0], merge(a, b)[1]), "at [0] expected 1.304, got 0.6404"),
        (lambda a, b: (a[0], a[1] + b[1] * np.exp(b[0] - a[0])), "second machine may have the la"),
        (merge_of_what_is_near(5), "at [1] expected "),
        (merge_of_what_is_near(13), "at [1] expected "),
        (lambda a, b: (b[0], b[1] + a[1] * np.exp(a[0] - b[0])), "first machine may have the lar"),
        (lambda a, b: merge(a, b) if a[0] != b[0] else None, "merge((0.5, 1.22313), (0.5, "),
        (lambda a, b: merge(*((0.0, 0.0) if total == 0 else (top, total) for top, total in (a, b))),
         "merge((-inf, 0.0), "),
    ],
    "widget": [
        (bias_with(lambda b, T, p, a: b + T * np.log(p / a)), "that changes their sum"),
        (bias_with(lambda b, T, p, a: b + T * np.log((1 - p) / (1 - a))), "what the others lose"),
        (bias_with(lambda b, T, p, a: b - T * (logit(p) - logit(a))), "the sign"),
        (bias_with(lambda b, T, p, a: b + logit(p) - logit(a)), "divided by τ, as the logit is"),
        (bias_with(lambda b, T, p, a: b + (logit(p) - logit(a)) / T), "too small twice"),
        (bias_with(lambda b, T, p, a: T * (logit(p) - logit(a))), "what to add to the bias"),
        (bias_with(lambda b, T, p, a: logit(p) - logit(a)), "without τ and the bias"),
        (bias_with(lambda b, T, p, a: T * logit(p)), "a key whose odds are 1"),
        (lambda w, key, share: bias_by_sum(w, key, share, masked=False), "a masked key takes no"),
        (lambda w, key, share: w.temperature * np.log(share) - w.logits[key], "is not 1"),
        (lambda w, key, share: bias_for(w, key, share) + w.logits[key], "return the bias alone"),
        (lambda w, key, share: bias_by_sum(w, key, share, biased=False), "the biases of the oth"),
        (lambda w, key, share: 0.5, "SoftmaxWidget(), key = 3, share = 0.3: expected 1.652, got"),
        (lambda w, key, share: bias_for(w, w.key, share), "that is for `w.key`"),
        (lambda w, key, share: np.nan, "expected 1.652, got nan"),
        (lambda w, key, share: round(bias_for(w, key, share), 2), "expected 1.652, got 1.65"),
        (lambda w, key, share: print(w.key), "is a `return` missing?"),
        (lambda w, key, share: setattr(w, "key", key), "leaves `w.key` at 3, and it was 1"),
        (lambda w, key, share: w.bias[key], "`bias_for` raised AttributeError"),
    ],
    "explain": [
        ("a", "any size"),
        ("c", "with the plain formula"),
        ("d", "nothing is saturated"),
        (None, "expected one of the letters"),
    ],
    "in-writing": [("\n", "no words"), (0.5, "should be text"), ("…", "no words")],
}  # fmt: skip


TestMarking = marking_of("softmax", RIGHT, WRONG)
