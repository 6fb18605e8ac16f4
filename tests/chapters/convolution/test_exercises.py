"""The exercises of `before/convolution`: right answers pass, wrong ones get the hint they need."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from attnlab.nn.convolution import ConvStack
from tests.exercises.marking import marked, marking_of
from tests.exercises.restoring import restoring


def layers_needed(distance, kernel, doubling):
    layers, lag = 0, 0
    while lag < distance:
        lag += (kernel - 1) * (2**layers if doubling else 1)
        layers += 1
    return layers


def by_formula(rounded):
    def layers_needed(distance, kernel, doubling):
        if doubling:
            return rounded(np.log2(distance / (kernel - 1) + 1))
        return rounded(distance / (kernel - 1))

    return layers_needed


def among(limit):
    def layers_needed(distance, kernel, doubling):
        for layers in range(limit):
            if (kernel - 1) * (2**layers - 1 if doubling else layers) >= distance:
                return layers

    return layers_needed


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


def by_fourier(layers, kernel):
    n = layers * (kernel - 1) + 1
    return np.fft.irfft(np.fft.rfft(np.ones(kernel), n) ** layers, n)


def by_recursion(layers, kernel):
    counts = torch.ones(1, 1, 1, dtype=torch.float64)
    for _ in range(layers):
        counts = F.conv1d(counts, torch.ones(1, 1, kernel).double(), padding=kernel - 1)
    return counts[0, 0]


def binomials(layers, kernel):
    n = layers * (kernel - 1)
    return np.array([math.comb(n, i) for i in range(n + 1)])


def triangle(layers, kernel):
    rising = 1 + np.arange(layers * (kernel - 1) + 1)
    return np.minimum(rising, rising[::-1])


def convolve(left, reverse=False, taps=lambda dilation: dilation):
    """So many zeros on the left, for reach (k − 1) · dilation, and enough on the right."""

    def answer(x, W, dilation=1):
        reach, step = (len(W) - 1) * dilation, taps(dilation)
        padded = F.pad(x, (0, 0, left(reach), reach + 1))
        places = range(len(W))
        return sum(
            padded[j * step : j * step + len(x)] @ W[-1 - j if reverse else j] for j in places
        )

    return answer


causal = convolve(lambda reach: reach)


def by_torch(x, W, dilation=1):
    padded = F.pad(x.T, ((len(W) - 1) * dilation, 0))
    return F.conv1d(padded[None], W.permute(2, 1, 0), dilation=dilation)[0].T


def in_loops(x, W, dilation=1):
    y = torch.zeros(len(x), W.shape[2], dtype=x.dtype)
    for t in range(len(x)):
        for back in range(len(W)):
            if t - back * dilation >= 0:
                y[t] += x[t - back * dilation] @ W[-1 - back]
    return y


def in_numpy(x, W, dilation=1):
    x, W = x.numpy(), W.numpy()
    reach = (len(W) - 1) * dilation
    padded = np.pad(x, ((reach, 0), (0, 0)))
    return sum(padded[j * dilation : j * dilation + len(x)] @ W[j] for j in range(len(W)))


def in_single(x, W, dilation=1):
    """Summed where no dtype was asked for."""
    y = torch.zeros(len(x), W.shape[2])
    y += causal(x, W, dilation)
    return y


def too_long(x, W, dilation=1):
    reach = (len(W) - 1) * dilation
    return causal(F.pad(x, (0, 0, 0, reach)), W, dilation)


def halved(x, W, dilation=1):
    """The colleague's: where the zeros cannot be halved, it raises."""
    ends = (len(W) - 1) * dilation // 2
    padded = F.pad(x, (0, 0, ends, ends))
    return sum(padded[j * dilation : j * dilation + len(x)] @ W[j] for j in range(len(W)))


def delayed(x, W, dilation=1):
    """With zeros for each place of the kernel, the last as well."""
    return causal(F.pad(x, (0, 0, dilation, 0)), W, dilation)[: len(x)]


def from_the_next(x, W, dilation=1):
    y = in_loops(x, W, dilation)
    y[0] = 0
    return y


def strongest_first(w, share):
    return int(np.sum(np.cumsum(np.sort(w.influence)[::-1]) < share)) + 1


def one_by_one(w, share):
    left = sorted(w.influence)
    total, count = 0.0, 0
    while total < share:
        total += left.pop()
        count += 1
    return count


def by_search(w, share):
    return np.searchsorted(np.cumsum(-np.sort(-w.influence)), share) + 1


def first_that_has_it(w, share):
    together = torch.tensor(w.influence).sort(descending=True).values.cumsum(0)
    return (together >= share).float().argmax() + 1


def around(w, share):
    side = 0
    while w.influence[max(0, w.output - side) : w.output + side + 1].sum() < share:
        side += 1
    return 2 * side + 1


def side_by_side(w, share):
    sums = np.cumsum([0, *w.influence])
    return next(n for n in range(1, 66) if (sums[n:] - sums[:-n]).max() >= share)


def rounded(w, share):
    return int(np.sum(np.cumsum(np.sort(w.influence.round(3))[::-1]) < share)) + 1


def chosen_anew(w, share):
    w.output = 32
    return strongest_first(w, share)


def sequence(at_5, at_6, fill=0):
    tokens = [fill] * 16
    tokens[at_5], tokens[at_6] = 5, 6
    return tokens


def cyclic(at_5, at_6):
    tokens = [2, 3] * 8
    tokens[at_5], tokens[at_6] = 5, 6
    return tokens


RIGHT = {
    "layers": [
        layers_needed,
        by_formula(math.ceil),
        by_formula(np.ceil),
        lambda n, k, d: torch.tensor(layers_needed(n, k, d)),
        lambda n, k, d: -(-n // (k - 1)) if not d else (math.ceil(n / (k - 1))).bit_length(),
        among(1000),
    ],
    "paths": [
        path_counts,
        by_walking,
        by_fourier,
        by_recursion,
        lambda n, k: path_counts(n, k).astype(float),
    ],
    "bug": [causal, by_torch, in_loops, in_numpy],
    "widget": [strongest_first, one_by_one, by_search, first_that_has_it],
    "twins": [
        (sequence(4, 11), sequence(11, 4)),
        [sequence(4, 10, fill=7), sequence(11, 5, fill=7)],
        np.array([sequence(5, 10), sequence(10, 5)]),
        torch.tensor([sequence(4, 9), sequence(9, 4)]),
        (cyclic(4, 10), cyclic(10, 4)),
        (tuple(sequence(5, 11, fill=3)), np.array(sequence(11, 5, fill=3), dtype=float)),
    ],
    "explain": ["c", " C ", "(c)"],
    "in-writing": ["A kernel looks at places. Attention looks at what stands there."],
}

WRONG = {
    "layers": [
        (lambda n, k, d: layers_needed(n, k, False), "twice as far"),
        (lambda n, k, d: layers_needed(n, k, True), "without doubling"),
        (lambda n, k, d: layers_needed(n, k + 1, d), "less than its kernel"),
        (lambda n, k, d: layers_needed(2 * n, k, d), "a window with the position in its middle"),
        (lambda n, k, d: layers_needed(n, k // 2 + 1, d), "with the position in its middle"),
        (lambda n, k, d: layers_needed(n + 1, k, d), "one step further back"),
        (lambda n, k, d: layers_needed(n - 1, k, d), "one step short"),
        (lambda n, k, d: layers_needed(n, k, d) + 1, "one layer fewer does it"),
        (by_formula(math.floor), "layers do not reach it"),
        (by_formula(float), "layers_needed(25, 3, False) should be a whole number, got 12.5"),
        (among(20), "layers_needed(1024, 3, False): got None"),
        (lambda n, k, d: layers_needed(n, 3, d), "the size of the kernel has no effect"),
        (lambda n, k, d: layers_needed(n, 1 + k // 2 * 2, d), "(16, 2, False): expected 16, got 8"),
        (lambda n, k, d: math.ceil(math.log2(n)) if d else layers_needed(n, k, d), "got 0"),
        (lambda n, k, d: 1, "layers_needed(24, 3, False): expected 12, got 1"),
        (lambda n, k, d: 100, "layers_needed(24, 3, False): expected 12, got 100"),
        (lambda n, k, d: round(n / (k - 1)) if not d else layers_needed(n, k, d), "got 12"),
        (lambda n, k, d: layers_needed(n, 1 + (k - 1) // 2 * 2 if k > 2 else 2, d), "(90, 4, "),
        (lambda n, k, d: layers_needed(n, k, d and n < 2000), "(5000, 2, True): expected 13"),
        (lambda n, k, d: True, "should be one number, got True"),
    ],
    "paths": [
        (lambda n, k: path_counts(n, k) / k**n, "these are shares"),
        (lambda n, k: path_counts(n, k) / path_counts(n, k).max(), "ratios to the middle"),
        (lambda n, k: np.ones(n * (k - 1) + 1), "in more ways than the ends"),
        (binomials, "path_counts(2, 3): these are binomial coefficients"),
        (triangle, "do not rise in steps of one"),
        (lambda n, k: path_counts(n, k).cumsum(), "its own paths"),
        (lambda n, k: path_counts(n - 1, k), "one layer is missing"),
        (lambda n, k: path_counts(n + 1, k), "one layer too many"),
        (lambda n, k: path_counts(n, k)[1:-1], "expected shape (5,), got (3,)"),
        (lambda n, k: np.sort(path_counts(n, k)), "path_counts(2, 3): at [4] expected 1, got 3"),
        (lambda n, k: path_counts(n, 3), "path_counts(1, 4): expected shape (4,), got (3,)"),
        (lambda n, k: path_counts(n, k).sum(), "expected shape (5,), got ()"),
        (lambda n, k: path_counts(n, k)[None], "expected shape (5,), got (1, 5)"),
        (lambda n, k: path_counts(n, k // 2 * 2 + 1), "path_counts(1, 4): expected shape (4,)"),
        (lambda n, k: by_fourier(n, k) + 0.01, "path_counts(2, 3): at "),
        (lambda n, k: print(path_counts(n, k)), "path_counts(2, 3): got None"),
    ],
    "bug": [
        (convolve(lambda reach: reach // 2), "they see the future"),
        (convolve(lambda reach: reach // 2, reverse=True), "they see the future"),
        (halved, "they see the future"),
        (in_single, "for `x` in double precision you return single precision"),
        (lambda x, W, dilation=1: halved(x, W, dilation).roll(1, 0), "T = 9, k = 3, dilation = 1"),
        (convolve(lambda reach: reach // 2 * 2), "T = 12, k = 2, dilation = 3: at"),
        (convolve(lambda reach: 0), "no output sees the past"),
        (convolve(lambda reach: 0, reverse=True), "no output sees the past"),
        (convolve(lambda reach: reach, reverse=True), "kernel is reversed"),
        (lambda x, W, dilation=1: causal(x, W), "dilation has no effect"),
        (convolve(lambda reach: reach, taps=lambda _: 1), "the places that are read do not"),
        (convolve(lambda reach: reach + 1), "too many zeros"),
        (lambda x, W, dilation=1: delayed(x, W, dilation), "too many zeros"),
        (too_long, "should have shape (T, d_out) = (9, 3), got (11, 3)"),
        (lambda x, W, dilation=1: 2 * causal(x, W, dilation), "T = 9, k = 3, dilation = 1: at "),
        (from_the_next, "T = 9, k = 3, dilation = 1: at [0, "),
        (lambda x, W, dilation=1: x, "should have shape (T, d_out) = (9, 3), got (9, 4)"),
        (lambda x, W, dilation=1: causal(x.mul_(2), W, dilation), "changes `x` in place"),
        (lambda x, W, dilation: x, "missing 1 required positional"),
        (lambda x, W, dilation=1: F.relu(causal(x, W, dilation)), "T = 9, k = 3, dilation = 1"),
        (lambda x, W, dilation=1: causal(x, W, dilation)[None], "got (1, 9, 3)"),
    ],
    "widget": [
        (lambda w, share: w.field, "the field on paper"),
        (lambda w, share: w.width, "whatever the share"),
        (lambda w, share: round(w.width), "whatever the share"),
        (lambda w, share: strongest_first(w, share) - 1, "less than the share between them"),
        (lambda w, share: strongest_first(w, share) + 1, "one fewer would have the share already"),
        (lambda w, share: int(np.sum(np.cumsum(np.sort(w.influence)) < share)) + 1, "weakest"),
        (lambda w, share: int(np.sum(np.cumsum(w.influence) < share)) + 1, "as they stand"),
        (around, "a window around the output"),
        (lambda w, share: (w.influence >= share * w.influence.max()).sum(), "of the largest"),
        (lambda w, share: (w.influence > 0).sum(), "any influence"),
        (lambda w, share: 3, "layers=8, doubling=False, output=32), 0.95): expected 9, got 3"),
        (lambda w, share: share * w.field, "output=32), 0.5): expected 3, got 4.5"),
        (lambda w, share: strongest_first(w, 0.95), "output=32), 0.5): expected 3, got 7"),
        (lambda w, share: np.sort(w.influence)[::-1][:3], "should be one number"),
        (side_by_side, "layers=5, doubling=True, output=32), 0.5): expected 19, got 23"),
        (rounded, "layers=6, doubling=True, output=32), 0.97): expected 58, got 59"),
        (restoring("output")(chosen_anew), "doubling=False, output=2), 0.8): expected 7, got 9"),
        (chosen_anew, "leaves `w.output` at 32, and it was 2"),
        (lambda w, share: w.inputs, "`inputs_for` raised AttributeError"),
    ],
    "twins": [
        ((sequence(7, 9), sequence(9, 7)), "the 5 and the 6 together"),
        ((sequence(4, 8), sequence(8, 4)), "the 5 and the 6 together"),
        ((sequence(0, 11), sequence(11, 0)), "zeros outside of the sequence"),
        ((sequence(4, 12), sequence(12, 4)), "zeros outside of the sequence"),
        ((sequence(3, 11), sequence(11, 3)), "zeros outside of the sequence"),
        ((sequence(4, 11, fill=1), sequence(11, 4, fill=2)), "only one of the two sequences"),
        ((cyclic(4, 11), cyclic(11, 4)), "only one of the two sequences"),
        ((sequence(4, 11), sequence(4, 11)), "second sequence should have one 6 and, after it"),
        ((sequence(11, 4), sequence(4, 11)), "first sequence should have one 5 and, after it"),
        (([5, *[0] * 15], [6, *[0] * 15]), "first sequence should have one 5"),
        ((sequence(4, 11), sequence(11, 4, fill=8)), "numbers from 0 to 7"),
        ((sequence(4, 11)[:-1], sequence(11, 4)[:-1]), "first sequence should have shape (tokens)"),
        (sequence(4, 11), "should be two sequences, got [0, 0"),
        ("twins", "should be two sequences, got 'twins'"),
        (None, "should be two sequences, got None"),
        (("a", "b"), "the first sequence should be an array of whole numbers"),
    ],
    "explain": [
        ("a", "where does the gradient come from"),
        ("b", "not a wall"),
        ("d", "its own matrix"),
        (7, "expected one of the letters"),
    ],
    "in-writing": [(" ", "no words"), (["a", "b"], "should be text"), ("?", "no words")],
}  # fmt: skip


TestMarking = marking_of("convolution", RIGHT, WRONG)


def pooled(pair, seed):
    """What two random layers with kernels of 3 leave of two sequences. (2, d_hidden)"""
    torch.manual_seed(seed)
    stack = ConvStack(8, 64, dilations=[1, 1]).double()
    x = F.one_hot(torch.as_tensor(np.array(pair)).long(), 8).double()
    with torch.no_grad():
        return stack(x).amax(dim=1)


@pytest.mark.parametrize("seed", range(3))
def test_twins_are_alike_to_real_networks(seed):
    for pair in RIGHT["twins"]:
        first, second = pooled(list(map(list, pair)), seed)
        assert (first - second).abs().max() <= 1e-12
    for pair, _ in WRONG["twins"][:7]:
        first, second = pooled(pair, seed)
        assert (first - second).abs().max() > 1e-6
        assert marked("convolution/twins", pair).status == "failed"
