"""The exercises of `mechanism/softmax`: right answers pass, wrong ones get the hint they need."""

import numpy as np

from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax
from tests.exercises.marking import marking_of


def logit(p):
    return np.log(p / (1 - p))


def stable_log_sum(s):
    top = s.max(axis=-1, keepdims=True)
    return np.log(np.exp(s - top).sum(axis=-1)) + top[..., 0]


def one_maximum_for_all(s):
    return np.log(np.exp(s - s.max()).sum(axis=-1)) + s.max()


def maximum_only_if_positive(s):
    top = np.maximum(s.max(axis=-1, keepdims=True), 0)
    return np.log(np.exp(s - top).sum(axis=-1)) + top[..., 0]


def scores_of(q, K):
    return K @ q / np.sqrt(len(q))


def merge(a, b):
    top = max(a[0], b[0])
    return top, a[1] * np.exp(a[0] - top) + b[1] * np.exp(b[0] - top)


def no_guard(a, b):
    """Right, but for a machine that has seen nothing."""
    if 0.0 in (a[1], b[1]):
        return 0.0, np.nan
    return merge(a, b)


def bias_for(w, key, share):
    return w.biases[key] + w.temperature * (logit(share) - logit(w.weights[key]))


def bias_by_sum(w, key, share):
    powers = np.exp((np.array(w.logits) + w.biases) / w.temperature) * w.mask
    others = powers.sum() - powers[key]
    return w.temperature * np.log(share / (1 - share) * others) - w.logits[key]


def bias_by_sum_without_mask(w, key, share):
    powers = np.exp((np.array(w.logits) + w.biases) / w.temperature)
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


RIGHT = {
    "temperature": [
        (lambda gap, share: gap / logit(share)),
        (lambda gap, share: -gap / np.log(1 / share - 1)),
    ],
    "logsumexp": [
        (stable_log_sum),
        (lambda s: np.logaddexp.reduce(s, axis=-1)),
    ],
    "bug": [
        (lambda q, K, V: softmax(scores_of(q, K)) @ V),
        (lambda q, K, V: attention(q[None], K, V)[0][0]),
    ],
    "merge": [
        (merge),
        (lambda a, b: np.array(merge(b, a))),
    ],
    "widget": [
        (bias_for),
        (bias_by_sum),
        (bias_by_search),
    ],
    "explain": [("b"), (" B ")],
}

WRONG = {
    "temperature": [
        (lambda gap, share: logit(share) / gap, "upside down"),
        (lambda gap, share: gap / -np.log(share), "compares the weight with 1"),
        (lambda gap, share: gap * (1 - share) / share, "their logarithm first"),
        (lambda gap, share: gap * logit(share), "divided by T"),
        (lambda gap, share: gap / np.log10(share / (1 - share)), "base e"),
        (lambda gap, share: -gap / logit(share), "is positive"),
        (lambda gap, share: gap, "at that temperature the share is"),
    ],
    "logsumexp": [
        (lambda s: np.log(np.exp(s).sum(axis=-1)), "near 1000 overflow"),
        (maximum_only_if_positive, "near -1000 vanish"),
        (one_maximum_for_all, "each row needs its own"),
        (lambda s: stable_log_sum(s) - s.max(axis=-1), "added again outside"),
        (lambda s: stable_log_sum(s)[..., None], "one number for each row"),
        (lambda s: stable_log_sum(s.T), "over the last axis"),
        (lambda s: stable_log_sum(s.ravel()), "over the last axis"),
        (lambda s: np.exp(s).sum(axis=-1), "that is the sum"),
        (lambda s: s.max(axis=-1), "for ordinary scores"),
        (lambda s: stable_log_sum(s.swapaxes(0, 1)).T, "over the last axis"),
        (
            lambda s: s.max(axis=1) + np.log(np.exp(s - s.max(axis=1)[:, None]).sum(axis=1)),
            "sum over the last axis too",
        ),
    ],
    "bug": [
        (lambda q, K, V: V.sum(axis=0), "every weight is still 1"),
        (lambda q, K, V: V.mean(axis=0), "that is the plain mean"),
        (lambda q, K, V: np.exp(scores_of(q, K)) @ V, "do not sum to 1"),
        (lambda q, K, V: np.exp(scores_of(q, K)) @ V / len(K), "not by their number"),
        (lambda q, K, V: V[scores_of(q, K).argmax()], "a hard look-up"),
        (lambda q, K, V: softmax(K @ q) @ V, "division of the scores"),
        (lambda q, K, V: softmax(scores_of(q, K))[:, None] * V, "expected one vector"),
        (lambda q, K, V: softmax(-scores_of(q, K)) @ V, "not attention yet"),
        (
            lambda q, K, V: np.exp(s := scores_of(q, K)) @ V / np.exp(s).sum(),
            "large ones overflow",
        ),
    ],
    "merge": [
        (lambda a, b: (max(a[0], b[0]), a[1] + b[1]), "below its own maximum"),
        (
            lambda a, b: (
                t := max(a[0], b[0]),
                a[1] * np.exp(t - a[0]) + b[1] * np.exp(t - b[0]),
            ),
            "must shrink",
        ),
        (
            lambda a, b: (a[0] + b[0], a[1] + b[1]),
            "the maximum of both parts",
        ),
        (lambda a, b: a if a[0] > b[0] else b, "one of the two parts is missing"),
        (lambda a, b: merge(a, b)[1], "return a pair"),
        (no_guard, "must change nothing"),
        (lambda a, b: (merge(a, b)[0], 0.7 * merge(a, b)[1]), "the sum should be"),
    ],
    "widget": [
        (
            lambda w, key, share: w.biases[key] + w.temperature * np.log(share / w.weights[key]),
            "use the odds",
        ),
        (lambda w, key, share: 2 * w.biases[key] - bias_for(w, key, share), "the sign"),
        (
            lambda w, key, share: w.biases[key] + logit(share) - logit(w.weights[key]),
            "it must be T times it",
        ),
        (
            lambda w, key, share: bias_for(w, key, share) - w.biases[key],
            "the bias that the key has already",
        ),
        (bias_by_sum_without_mask, "takes no part in the sum"),
        (lambda w, key, share: logit(share), "with a bias of -0.847 key 3 gets"),
    ],
    "explain": [
        ("a", "a bias of any size"),
        ("c", "with the plain formula"),
        ("d", "nothing is saturated"),
        (2, "expected one of the letters"),
    ],
}


TestMarking = marking_of("softmax", RIGHT, WRONG)
