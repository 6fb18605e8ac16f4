"""The exercises of `before/convolution`: right answers pass, wrong ones get the hint they need."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.marking import marking_of


def layers_needed(distance, kernel, doubling):
    layers, lag = 0, 0
    while lag < distance:
        lag += (kernel - 1) * (2**layers if doubling else 1)
        layers += 1
    return layers


def by_formula(distance, kernel, doubling):
    steps = math.ceil(distance / (kernel - 1))
    return math.ceil(math.log2(steps + 1)) if doubling else steps


def path_counts(layers, kernel):
    counts = np.ones(1, dtype=int)
    for _ in range(layers):
        counts = np.convolve(counts, np.ones(kernel, dtype=int))
    return counts


def by_walking(layers, kernel):
    counts = [0] * (layers * (kernel - 1) + 1)
    for path in np.ndindex(*[kernel] * layers):
        counts[sum(path)] += 1
    return counts


def binomials(layers, kernel):
    n = layers * (kernel - 1)
    return np.array([math.comb(n, i) for i in range(n + 1)])


def convolve(left, right, reverse=False):
    """Padded on both sides by so many zeros, for reach (k − 1) · dilation."""

    def answer(x, W, dilation=1):
        reach = (len(W) - 1) * dilation
        padded = F.pad(x, (0, 0, left(reach), right(reach)))
        taps = range(len(W))
        return sum(
            padded[j * dilation : j * dilation + len(x)] @ W[-1 - j if reverse else j] for j in taps
        )

    return answer


def all_of(reach):
    return reach


def none_of(reach):
    return 0


causal = convolve(all_of, none_of)


def by_torch(x, W, dilation=1):
    padded = F.pad(x.T, ((len(W) - 1) * dilation, 0))
    return F.conv1d(padded[None], W.permute(2, 1, 0), dilation=dilation)[0].T


def late(x, W, dilation=1):
    return torch.cat([torch.zeros(1, W.shape[2]).to(x), causal(x, W, dilation)[:-1]])


def too_long(x, W, dilation=1):
    reach = (len(W) - 1) * dilation
    return causal(F.pad(x, (0, 0, 0, reach)), W, dilation)


def strongest_first(w, share):
    together = np.cumsum(np.sort(w.influence)[::-1])
    return int(np.sum(together < share - 1e-9)) + 1


def one_by_one(w, share):
    left = sorted(w.influence)
    total, count = 0.0, 0
    while total < share - 1e-9:
        total += left.pop()
        count += 1
    return count


def sequence(at_5, at_6, fill=0):
    tokens = [fill] * 16
    tokens[at_5], tokens[at_6] = 5, 6
    return tokens


RIGHT = {
    "layers": [(layers_needed), (by_formula)],
    "paths": [(path_counts), (by_walking)],
    "bug": [(causal), (by_torch)],
    "widget": [(strongest_first), (one_by_one)],
    "twins": [
        ((sequence(4, 11), sequence(11, 4))),
        ([sequence(4, 10, fill=7), sequence(11, 5, fill=7)]),
    ],
    "explain": [("c"), (" C ")],
}

WRONG = {
    "layers": [
        (lambda n, k, d: layers_needed(n, k, False), "twice as far"),
        (lambda n, k, d: math.ceil(n / k), "a layer adds kernel − 1"),
        (lambda n, k, d: layers_needed(2 * n, k, d), "all of its kernel − 1"),
        (lambda n, k, d: layers_needed(n + 1, k, d), "are enough"),
        (lambda n, k, d: layers_needed(max(n - 1, 1), k, d), "one step short"),
        (lambda n, k, d: n / (k - 1), "a whole number"),
        (lambda n, k, d: 1, "expected 12, got 1"),
        (lambda n, k, d: 100, "expected 1, got 100"),
    ],
    "paths": [
        (lambda n, k: path_counts(n, k) / k**n, "these are the shares"),
        (lambda n, k: np.ones(n * (k - 1) + 1), "in more ways than the ends"),
        (binomials, "3 choices"),
        (lambda n, k: path_counts(n, k)[1:-1], "the field has 3 inputs"),
        (lambda n, k: np.sort(path_counts(n, k)), "expected [1, 2, 3, 2, 1]"),
    ],
    "bug": [
        (
            convolve(lambda r: r // 2, lambda r: r - r // 2),
            "they see the future",
        ),
        (convolve(none_of, all_of), "they see the future"),
        (convolve(all_of, none_of, reverse=True), "kernel is reversed"),
        (lambda x, W, dilation=1: causal(x, W), "dilation has no effect"),
        (late, "does not see the last input"),
        (too_long, "the output must have shape (9, 3), got (11, 3)"),
        (lambda x, W, dilation=1: 2 * causal(x, W, dilation), "not right yet"),
        (lambda x, W, dilation=1: x, "the output must have shape (9, 3)"),
        (lambda x, W, dilation=1: causal(x.mul_(2), W, dilation), "a copy"),
    ],
    "widget": [
        (lambda w, share: w.field, "the field on paper"),
        (lambda w, share: round(w.width), "say nothing of the share"),
        (lambda w, share: strongest_first(w, share) - 1, "one too few"),
        (lambda w, share: strongest_first(w, share) + 1, "one too many"),
        (
            lambda w, share: int(np.sum(np.cumsum(np.sort(w.influence)) < share - 1e-9)) + 1,
            "begin with the strongest",
        ),
        (
            lambda w, share: int(np.sum(np.cumsum(w.influence) < share - 1e-9)) + 1,
            "sort them first",
        ),
    ],
    "twins": [
        ((sequence(6, 8), sequence(8, 6)), "too close together"),
        ((sequence(3, 11), sequence(11, 3)), "the zeros outside"),
        ((sequence(4, 11), sequence(4, 11)), "the 6 in the second"),
        ((sequence(4, 11), sequence(11, 4, fill=1)), "all else be alike"),
        ((sequence(4, 11)[:12], sequence(11, 4)), "16 tokens"),
        (3, "expected two sequences"),
    ],
    "explain": [
        ("a", "where does the gradient come from"),
        ("b", "it is not a wall"),
        ("d", "its own matrix"),
        (3, "expected one of the letters"),
    ],
}


TestMarking = marking_of("convolution", RIGHT, WRONG)
