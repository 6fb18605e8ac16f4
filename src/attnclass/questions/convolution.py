"""Questions on `before/convolution`."""

from itertools import product
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


def _windowed(x: list, kernel: list, t: int, places: list[int]) -> int:
    """The sum of kernel · x at these places, seen from t; outside of x there are zeros."""
    seen = [x[t + place] if 0 <= t + place < len(x) else 0 for place in places]
    return int(np.dot(kernel, seen))


@question(
    "convolution/one-output", "One output by hand",
    x=[[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 5], [1, 4, 1, 6, 2, 3, 7, 2]],
    kernel=[[2, -1, 3], [-1, 1, 2], [1, 3, -2]], b=[1, 2, -3], dilation=[2, 3], t=[1, 2, 4],
)  # fmt: skip
def _output(x: list, kernel: list, b: int, dilation: int, t: int) -> Asked:
    window = [-dilation, 0, dilation]
    around = [(t + place) % len(x) for place in window]
    return value(
        "By the chapter's formula, a convolution reads one number at each place, counted from 0. "
        f"The input is x = {x}, the kernel $(W_0, W_1, W_2)$ is "
        f"{tuple(kernel)}, the dilation {dilation}, and b = {b}. Outside of the input there are "
        f"zeros. What is $y_{t}$?",
        "output",
        b + _windowed(x, kernel, t, window),
        [
            (_windowed(x, kernel, t, window), "b is added to the sum"),
            (b + _windowed(x, kernel, t, [-1, 0, 1]), "the dilation has no effect"),
            (b + _windowed(x, kernel[::-1], t, window), "the kernel is reversed: W_0 comes first"),
            (b + _windowed(x, kernel, t, [-2 * dilation, -dilation, 0]),
             "nothing was said of causal: the window has its middle at the place"),
            (b + int(np.dot(kernel, np.array(x)[around])), "nothing wraps: outside are zeros"),
            (b + _windowed(x, kernel, t - 1, window), "places are counted from 0"),
        ],
        solution=f"padded = np.pad({x}, {dilation})\n"
        f"output = {b} + padded[{t} : {t} + {2 * dilation} + 1 : {dilation}] @ {kernel}",
    )  # fmt: skip


@question(
    "convolution/depth-for-a-width", "How deep for a width",
    layers=[4, 5, 6, 8, 10, 12, 15, 16], times=[2, 3, 4, 5],
)  # fmt: skip
def _depth(layers: int, times: int) -> Asked:
    return value(
        f"A random stack has {layers} layers, all with the same kernel and without dilation. How "
        f"many such layers have a field that is {times} times as wide in effect? Take what the "
        "chapter explains by a random walk to hold exactly.",
        "layers_for_it",
        layers * times**2,
        [
            (layers * times, "that would do on paper; in effect the field grows more slowly"),
            (layers * times**0.5, "the root is of the depth, not of the width"),
            (times**2, "that is how many times as many layers"),
            (layers + times**2, "the depth is multiplied, and nothing is added to it"),
            ((layers * times) ** 2, "square the ratio of the widths alone"),
        ],
        solution=f"layers_for_it = round((({layers} ** 0.5) * {times}) ** 2)",
    )


def _paths(kernel: list[int], dilations: list[int], lag: int) -> int:
    """How many ways lead there, by steps from `kernel` times the dilation of each layer."""
    steps = product(*([place * dilation for place in kernel] for dilation in dilations))
    return sum(sum(path) == lag for path in steps)


@question(
    "convolution/ways-to-a-lag", "Ways to a lag",
    dilations=[[1, 2, 4], [1, 1, 3], [1, 1, 2], [1, 2, 2], [2, 1, 3], [1, 1, 1]],
    lag=[1, 2, 3, 4, 5, 6],
)  # fmt: skip
def _ways(dilations: list, lag: int) -> Asked:
    shown = ", ".join(map(str, dilations))
    right = _paths([0, 1, 2], dilations, lag)
    return value(
        f"Three causal layers have kernels of 3 and, from the lowest to the highest, the dilations "
        f"{shown}. By how many paths does an output far from the start depend on the input {lag} "
        "steps back?",
        "paths",
        right,
        [
            (_paths([0, 1, 2], [1, 1, 1], lag), "a step of a layer is as long as its dilation"),
            (_paths([-1, 0, 1], dilations, lag), "a causal window reaches back only"),
            (_paths([0, 1], dilations, lag), "each layer offers three steps, one of length 0"),
            (_paths([1, 2], dilations, lag), "a path may also stay where it is in a layer"),
            (_paths([0, 1, 2], dilations[:2], lag), "all three layers are on the way"),
            (right / 27, "that is the share of all paths, not how many there are"),
        ],
        solution="paths = np.ones(1, dtype=int)\n"
        f"for dilation in {dilations}:\n"
        "    steps = np.zeros(2 * dilation + 1, dtype=int)\n"
        "    steps[::dilation] = 1\n"
        "    paths = np.convolve(paths, steps)\n"
        f"paths = int(paths[{lag}])",
    )


sentences(
    "convolution/which-holds", "Which sentence holds", "sentence_on_convolution",
    asks="One of these sentences about convolutional networks holds. Which?",
    right=[
        "8 layers learned to recall at a lag from which they saw next to nothing before.",
        "One step beyond the field on paper nothing is recalled, however long one trains.",
        "In a random stack four times as deep, the effective field is about twice as wide.",
        "Three layers with kernels of 7 see a wider part in effect than eight with kernels of 3.",
        "Near the ends of a sequence, a shift of the input does more than shift the output.",
        "At their edge, 16 layers learned to recall from one start, and from another they did not.",
    ],
    wrong={
        "What lies outside of the effective field cannot be learned.":
            "8 layers recalled from there: that field belongs to random weights",
        "With enough training a stack recalls what lies just outside of its field on paper.":
            "no path leads there, so the gradient is exactly 0",
        "All inputs of the field on paper count alike for an output of a random stack.":
            "many paths lead to the middle, and one to each edge",
        "A convolution may give the word 7 steps back a large weight in one sentence alone.":
            "a weight belongs to a distance, in this sentence and in every other",
        "A dense network that is taught a pattern on the left finds it on the right as well.":
            "its weights there were never taught; sharing them is what a convolution does",
        "In a plain stack of many layers, the effective field grows as fast as that on paper.":
            "it grows with the root of the depth",
        "With dilations that double, a path of length one leads to each input of the field.":
            "each layer is a step: the path is as long as the stack is deep",
        "Dilation lets a convolution choose by content which inputs it reads.":
            "it still reads at fixed distances, only at larger ones",
        "Once all positions are pooled, a network can still tell which of two things came first.":
            "if no window saw both, their order is lost",
        "Going from kernels of 3 to 5 widens the field in effect less than one more layer does.":
            "the variance of a step grows with the square of the kernel",
    },
)  # fmt: skip

PAST, FUTURE = "the inputs up to t", "the inputs from t on"
NEAREST, FARTHEST = "input t itself", "the farthest input"
OURS, TORCHS = "(w, d_in, d_out)", "(d_out, d_in, w)"


@question(
    "convolution/one-sided", "A window on one side",
    window=[PAST, FUTURE], first=[NEAREST, FARTHEST], shape=[OURS, TORCHS],
)  # fmt: skip
def _one_sided(window: str, first: str, shape: str) -> Asked:
    ahead, from_nearest, is_torchs = window == FUTURE, first == NEAREST, shape == TORCHS

    def convolved(x, W, dilation, *, ahead=ahead, late=0):
        """With W (w, d_in, d_out) from the nearest input to the farthest."""
        T, reach = len(x), len(W) * dilation
        padded = np.pad(x, ((reach, reach), (0, 0)))
        offsets = (reach + (1 if ahead else -1) * (late + j * dilation) for j in range(len(W)))
        return sum(padded[at : at + T] @ W_j for at, W_j in zip(offsets, W, strict=True))

    def checker(one_sided: Any) -> str:
        with Comparison() as compare:
            for T, w, dilation, d_in, d_out in (
                (9, 3, 1, 4, 2),
                (8, 4, 2, 4, 4),  # a kernel that fits in either way
                (3, 3, 4, 2, 3),  # a window that is longer than the sequence
            ):
                rng = np.random.default_rng(T)
                x, W = rng.standard_normal((T, d_in)), rng.standard_normal((w, d_in, d_out))
                given = W if from_nearest else W[::-1]
                given = given.transpose(2, 1, 0) if is_torchs else given
                wrong = [
                    (convolved(x, W, dilation, ahead=not ahead), "the window is on the other side"),
                    (convolved(x, W[::-1], dilation), "the kernel is reversed"),
                    (convolved(x, W[::-1], dilation, ahead=not ahead),
                     "the window is on the other side, and so the kernel runs the other way"),
                    (convolved(x, W, 1), "the dilation has no effect"),
                    (convolved(x, W, dilation, late=1), "output t does not see input t"),
                ]  # fmt: skip
                got = array(one_sided(x, given, dilation), {"T": T, "d_out": d_out})
                compare(
                    got,
                    convolved(x, W, dilation),
                    wrong,
                    case=equations(T=T, w=w, dilation=dilation),
                )
        return "right"

    axes, turn = (".transpose(2, 1, 0)" if is_torchs else ""), ("" if from_nearest else "[::-1]")
    side, place = ("(0, ends)", "") if ahead else ("(ends, 0)", "ends - ")
    return function(
        f"Output t of a convolution reads {window}: w of them, `dilation` places apart, of which "
        "input t itself is the nearest. Outside of the sequence there are zeros. The kernel `W` "
        f"has the shape {shape}, and its first matrix along w is for {first}. There is no b. "
        "Return the outputs (T, d_out) for the inputs `x` (T, d_in). All arrays are NumPy's.",
        "def one_sided(x, W, dilation):",
        checker,
        solution=f"def one_sided(x, W, dilation):\n    W = W{axes}{turn}\n"
        "    T, ends = len(x), (len(W) - 1) * dilation\n"
        f"    padded = np.pad(x, ({side}, (0, 0)))\n"
        f"    starts = [{place}j * dilation for j in range(len(W))]\n"
        "    return sum(padded[at : at + T] @ W_j for at, W_j in zip(starts, W))",
    )


@question("convolution/wall-or-slope", "A wall or a slope", lag=[26, 28, 30, 32])
def _wall(lag: int) -> Asked:
    return essay(
        "A causal stack of 16 layers with kernels of 3, without dilation, does not learn to recall "
        f"a symbol {lag} steps back. “That's outside of its field,” says one colleague. “Inside on "
        "paper, but its effective field is only 13 wide, so it can't be learned,” says the other. "
        "What do you say to each of them, how would you find out, and what would you try?",
        "on_a_wall",
        [
            "The field on paper has the lags 0 to 32, so the symbol is inside of it; outside, the "
            "gradient would be exactly 0, and that can be measured.",
            "The effective field describes random weights and is no limit: stacks learned to "
            "recall from the edge of the field on paper.",
            "Few paths lead so far, so the gradient is faint at the start; then the start counts, "
            "as 16 layers with PyTorch's let the signal fade.",
            "It names something to try: a start that keeps the signal's size, or fewer layers with "
            "dilation, each with several seeds.",
        ],
        solution="To the first: 16 layers reach 32 steps back, so it's inside; ask the gradient, "
        "which would be exactly 0 outside. To the second: that width belongs to random weights. In "
        "the chapter, stacks learned the very edge of their field. But few paths lead there, and "
        "with PyTorch's start 16 layers let what comes through fade. I'd begin at the size of "
        "He et al., or take a few layers with doubling dilation, and try several seeds of each.",
    )
