"""Checks of the chapter `before/convolution`."""

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.convolution.widget import ConvolutionWidget
from attnlab.exercises.answers import array, number, tensor, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import VALUE, Hint, exercise
from attnlab.exercises.notation import call, equations, shown
from attnlab.exercises.written import written


@exercise("convolution/layers", "layers_needed")
def _layers(layers_needed) -> str:
    with Comparison() as compare:
        for distance, kernel, doubling in (
            (24, 3, False),  # just reached: for whoever counts the present twice
            (25, 3, False),  # just not: for whoever rounds down
            (1, 3, False),
            (24, 5, False),  # a wider kernel: for whoever takes 3
            (16, 2, False),  # an even kernel
            (1024, 3, False),  # 512 layers: for whoever stops trying
            (1, 3, True),
            (6, 3, True),  # just reached by 2 layers, and the next one not
            (7, 3, True),
            (31, 3, True),  # the field of 4 layers, whose last lag is 30
            (1024, 3, True),
            (90, 4, True),  # an even kernel that is not the smallest
            (5000, 2, True),
        ):
            right = _needed(distance, kernel, doubling)
            wrong = [
                (_needed(distance, kernel, False),
                 "with doubling, each layer reaches twice as far as the one below"),
                (_needed(distance, kernel, True), "without doubling, all layers reach equally far"),
                (_needed(distance, kernel + 1, doubling),
                 "{case}: a layer adds less than its kernel",
                 "{case}: a layer adds kernel − 1, for its window holds the position itself"),
                (_needed(distance, 3, doubling), "the size of the kernel has no effect"),
                *((lost, "{case}: that is for a window with the position in its middle; a causal "
                   "one has all of its other inputs in the past")
                  for lost in (_needed(2 * distance, kernel, doubling),
                               _needed(distance, kernel // 2 + 1, doubling))),
                (_needed(distance - 1, kernel, doubling),
                 "{case}: one step short",
                 "{case}: one step short; the field counts the present input as well"),
                (_needed(distance + 1, kernel, doubling),
                 "{case}: that many are needed for one step further back"),
                (_whole_layers(distance, kernel, doubling),
                 "{case}: {got} layers do not reach it",
                 "{case}: {got} layers do not reach it: round up"),
                (right + 1, "{case}: one layer fewer does it"),
            ]  # fmt: skip
            case = call("layers_needed", distance, kernel, doubling)
            got = whole(layers_needed(distance, kernel, doubling), name=case)
            compare(got, right, wrong, case=case, got=got)
    return "right"


def _needed(distance: int, kernel: int, doubling: bool) -> int:
    layers, lag = 0, 0
    while lag < distance:
        lag += (kernel - 1) * (2**layers if doubling else 1)
        layers += 1
    return layers


def _whole_layers(distance: int, kernel: int, doubling: bool) -> int:
    """How many layers do not reach too far."""
    steps = distance // (kernel - 1)
    return int(math.log2(steps + 1)) if doubling else steps


@exercise("convolution/paths", "path_counts")
def _paths(path_counts) -> str:
    with Comparison() as compare:
        for layers, kernel in (
            (2, 3),  # 1 2 3 2 1: for whoever goes on counting up
            (1, 4),  # one path to each
            (5, 2),  # where binomial coefficients are right
            (3, 5),
            (9, 3),  # thousands of paths, which a Fourier transform counts as floats
            (4, 6),
        ):
            right = _path_counts(layers, kernel)
            n = layers * (kernel - 1)
            wrong = [
                (right / right.sum(), "these are shares; return the counts themselves"),
                (right / right.max(), "these are ratios to the middle; return the counts "
                 "themselves"),
                (np.ones(n + 1), "{case}: the middle is reached in more ways than the ends"),
                ([math.comb(n, i) for i in range(n + 1)],
                 "{case}: these are binomial coefficients; a step has {kernel} choices, not 2"),
                (np.minimum(1 + np.arange(n + 1), 1 + np.arange(n + 1)[::-1]),
                 "{case}: the counts do not rise in steps of one"),
                (right.cumsum(),
                 "{case}: these are running sums; each input is reached by its own paths"),
                (_path_counts(layers - 1, kernel), "{case}: one layer is missing"),
                (_path_counts(layers + 1, kernel), "{case}: one layer too many"),
            ]  # fmt: skip
            case = call("path_counts", layers, kernel)
            got = array(path_counts(layers, kernel), name=case)
            compare(got, right, wrong, case=case, kernel=kernel)
    return "right: a row of ones, convolved with itself"


def _path_counts(layers: int, kernel: int) -> np.ndarray:
    counts = np.ones(1, dtype=int)
    for _ in range(layers):
        counts = np.convolve(counts, np.ones(kernel, dtype=int))
    return counts


@exercise("convolution/bug", "causal_convolve")
def _bug(causal_convolve) -> str:
    odd = (
        (9, 3, 1, 4, 3, torch.float64),  # without the third argument
        (15, 5, 2, 2, 4, torch.float32),  # zeros by the kernel alone are half of them
        (4, 3, 4, 4, 2, torch.float64),  # a window that is longer than the sequence
        (6, 1, 5, 3, 2, torch.float64),  # no past at all: for whoever delays
        (1, 3, 1, 2, 2, torch.float64),
    )
    # The zeros do not halve, and the colleague's function raises: asked last, so that whoever
    # hands it in is told what is wrong with it.
    even = ((12, 2, 3, 3, 3, torch.float64),)
    _compare_convolutions(causal_convolve, odd)
    _compare_convolutions(causal_convolve, even)
    ones = torch.ones(2, 1, 1, dtype=torch.float64)
    if tensor(causal_convolve(ones[0], ones)).dtype == torch.float32:
        raise Hint("for `x` in double precision you return single precision, which rounds it")
    return "right: all zeros on the left"


def _compare_convolutions(causal_convolve, cases) -> None:
    with Comparison() as compare:
        for T, k, dilation, d_in, d_out, dtype in cases:
            torch.manual_seed(T)
            x, W = torch.randn(T, d_in, dtype=dtype), torch.randn(k, d_in, d_out, dtype=dtype)
            reach = (k - 1) * dilation
            half, mirrored = reach // 2, W.flip(0)
            right = _convolved(x, W, reach, dilation)
            wrong = [
                (_convolved(x, mirrored, reach, dilation),
                 "causal, but the kernel is reversed",
                 "causal, but the kernel is reversed: its last matrix is for now"),
                *((_convolved(x, kernel, half, dilation),
                   "earlier outputs still change with later inputs: they see the future")
                  for kernel in (W, mirrored)),
                *((_convolved(x, kernel, 0, dilation),
                   "no output sees the past: the zeros are at the wrong end")
                  for kernel in (W, mirrored)),
                (_convolved(x, W, k - 1, 1), "the dilation has no effect"),
                (_convolved(x, W, reach, 1),
                 "the zeros know of the dilation, and the places that are read do not"),
                *((_convolved(x, W, reach + late, dilation),
                   "output t does not see input t: too many zeros stand before it")
                  for late in (1, dilation)),
            ]  # fmt: skip
            case = equations(T=T, k=k, dilation=dilation)
            given = (x, W) if dilation == 1 else (x, W, dilation)
            got = tensor(causal_convolve(*given), {"T": T, "d_out": d_out})
            compare(got, right, wrong, case=case)


def _convolved(x: torch.Tensor, W: torch.Tensor, left: int, dilation: int) -> torch.Tensor:
    """With so many zeros on the left of x, and as many as it takes on the right."""
    padded = F.pad(x, (0, 0, left, len(W) * dilation))
    parts = (padded[j * dilation : j * dilation + len(x)] @ W[j] for j in range(len(W)))
    return sum(parts, torch.zeros((), dtype=x.dtype))


@exercise("convolution/widget", "inputs_for")
def _widget(inputs_for) -> str:
    state: dict[str, Any]
    with Comparison() as compare:
        for state, share in (
            # In none of these is a share reached but for rounding.
            ({}, 0.5),
            ({"layers": 8}, 0.95),
            ({"layers": 5, "doubling": True}, 0.5),  # the strongest are no neighbors
            ({"layers": 6, "doubling": True}, 0.97),  # many weak ones: for who rounds them
            ({"layers": 6, "kernel": 5, "output": 2}, 0.8),  # at an end: the field is cut off
            ({"layers": 1, "kernel": 7}, 0.6),  # all alike
            ({"layers": 3, "output": 0}, 0.1),  # one is enough
        ):
            w = ConvolutionWidget(**state)
            influence = w.influence
            right = _fewest(np.sort(influence)[::-1], share)
            wrong = [
                (w.field, "{case}: that is the field on paper; most of it counts little"),
                *((width, "{case}: that is four standard deviations, whatever the share")
                  for width in (w.width, round(w.width), math.ceil(w.width))),
                (right - 1, "{case}: that many have less than the share between them"),
                (right + 1, "{case}: one fewer would have the share already"),
                (_fewest(np.sort(influence), share),
                 "{case}: that takes the weakest inputs first; fewer would do"),
                (_fewest(influence, share),
                 "{case}: that takes the inputs as they stand, from the first on; choose better"),
                (_around(influence, w.output, share),
                 "{case}: that is a window around the output; the strongest inputs need not stand "
                 "side by side"),
                (int((influence >= share * influence.max()).sum()),
                 "{case}: that is how many have this fraction of the largest influence"),
                ((influence > 0).sum(), "{case}: that is how many have any influence"),
            ]  # fmt: skip
            case = call("inputs_for", w, share)
            got = number(inputs_for(ConvolutionWidget(**state), share), name=case)
            compare(got, right, wrong, case=case)
    return "right"


def _fewest(influence: np.ndarray, share: float) -> int:
    """How many of them, from the first on, have the share together."""
    return int(np.sum(np.cumsum(influence) < share)) + 1


def _around(influence: np.ndarray, output: int, share: float) -> int:
    """How many inputs a window around the output must have, alike on both sides, for the share."""
    sides = range(len(influence))
    sums = (influence[max(0, output - side) : output + side + 1].sum() for side in sides)
    return 1 + 2 * next(side for side, total in enumerate(sums) if total >= share)


@exercise("convolution/twins", "twins", asks=VALUE)
def _twins(twins) -> str:
    try:
        first, second = twins
    except (TypeError, ValueError):
        raise Hint("`twins` should be two sequences, got {got}", got=shown(twins)) from None
    names = "the first sequence", "the second sequence"
    first, second = (
        array(each, {"tokens": 16}, of="whole numbers", name=name).tolist()
        for each, name in zip((first, second), names, strict=True)
    )
    for each, name, order in zip((first, second), names, ([5, 6], [6, 5]), strict=True):
        if not set(each) <= set(range(8)):
            raise Hint("tokens are numbers from 0 to 7, got {each}", each=each)
        if [token for token in each if token in order] != order:
            raise Hint(
                "{name} should have one {a} and, after it, one {b}; got {each}",
                name=name, a=order[0], b=order[1], each=each,
            )  # fmt: skip
    # What is left after the pooling depends on which windows there are, and on nothing else.
    if windows := _windows(first) ^ _windows(second):
        raise _why(first, second, min(windows))
    return "right: the same windows, in another order"


OUTSIDE = -1


def _windows(tokens: list[int]) -> set[tuple[int, ...]]:
    """What the outputs of two layers with kernels of 3 see, each five inputs."""
    padded = [OUTSIDE] * 2 + tokens + [OUTSIDE] * 2
    return {tuple(padded[i : i + 5]) for i in range(len(tokens))}


def _why(first: list[int], second: list[int], window: tuple[int, ...]) -> Hint:
    places = [each.index(token) for each in (first, second) for token in (5, 6)]
    if min(abs(a - b) for a, b in (places[:2], places[2:])) < 5:
        return Hint("an output sees the 5 and the 6 together, and so which comes first")
    if min(places) < 4 or max(places) > 11:
        return Hint(
            "an output sees the 5 or the 6 together with the zeros outside of the sequence",
            more="an output sees the 5 or the 6 together with the zeros outside: leave at least 4 "
            "tokens between them and either end",
        )
    seen = [{OUTSIDE: "outside"}.get(token, token) for token in window]
    return Hint(
        "only one of the two sequences has an output that sees {seen}",
        more="only one of the two has an output that sees {seen}: what stands around the 5 and "
        "around the 6 must be alike in both",
        seen=seen,
    )


choice(
    "convolution/explain",
    "reply",
    right="c",
    hints={
        "a": "it can be expressed, but where does the gradient come from that would teach it?",
        "b": "8 layers recalled from outside of their effective field: it is not a wall",
        "d": "the weights are shared by positions, but each place of a window has its own matrix",
    },
    praise="right: possible, with next to nothing to start from",
)


written(
    "convolution/in-writing",
    "to_a_colleague",
    points=[
        "In a convolution a weight belongs to a distance, whatever stands there; in attention it "
        "comes from comparing the contents, anew for each input.",
        "The field of a stack is chosen before any input is seen, and nothing outside of it can "
        "be read; attention reads any position in one step.",
        "With dilation the field is large enough, so reach is not the point: which words matter "
        "changes from one sentence to the next.",
        "Attention pays: it compares every position with every other, a cost that grows with the "
        "square of the length, and it has no notion of order of its own.",
    ],
)
