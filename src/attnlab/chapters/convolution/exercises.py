"""Checks of the chapter `before/convolution`."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.convolution.widget import ConvolutionWidget
from attnlab.exercises.marking import Hint, exercise
from attnlab.nn.convolution import ConvStack


@exercise("convolution/layers", "layers_needed")
def _layers(layers_needed) -> str:
    for distance, kernel, doubling in (
        (1, 3, False), (24, 3, False), (25, 3, False), (24, 5, False),
        (16, 2, False), (1, 3, True), (6, 3, True), (7, 3, True), (30, 3, True), (31, 3, True),
        (1024, 3, True), (60, 5, True), (15, 2, True),
    ):  # fmt: skip
        right = _needed(distance, kernel, doubling)
        got = layers_needed(distance, kernel, doubling)
        if not isinstance(got, (int, np.integer)) or isinstance(got, bool):
            raise Hint(f"expected a whole number of layers, got {got!r}")
        if got == right:
            continue
        case = f"layers_needed({distance}, {kernel}, {doubling})"
        if doubling and got == _needed(distance, kernel, False):
            raise Hint(f"{case}: with doubling, each layer reaches twice as far as the one below")
        if not doubling and got == math.ceil(distance / kernel):
            raise Hint(f"{case}: a layer adds kernel − 1, for its window holds the position itself")
        if not doubling and got == math.ceil(distance / ((kernel - 1) / 2)):
            raise Hint(
                f"{case}: a causal window has all of its kernel − 1 other inputs in the past"
            )
        if got == _needed(distance - 1, kernel, doubling):
            raise Hint(f"{case}: {got} layers end one step short; the field counts the present too")
        if got == _needed(distance + 1, kernel, doubling):
            raise Hint(f"{case}: {right} layers are enough: they just reach it")
        raise Hint(f"{case}: expected {right}, got {got}")
    return "right"


def _needed(distance: int, kernel: int, doubling: bool) -> int:
    layers, lag = 0, 0
    while lag < distance:
        lag += (kernel - 1) * (2**layers if doubling else 1)
        layers += 1
    return layers


@exercise("convolution/paths", "path_counts")
def _paths(path_counts) -> str:
    for layers, kernel in ((1, 3), (2, 3), (5, 3), (3, 5), (4, 2)):
        right = np.ones(1, dtype=int)
        for _ in range(layers):
            right = np.convolve(right, np.ones(kernel, dtype=int))
        got = np.asarray(path_counts(layers, kernel))
        case = f"path_counts({layers}, {kernel})"
        if got.shape != right.shape:
            raise Hint(f"{case}: the field has {len(right)} inputs, the answer {got.shape}")
        if np.array_equal(got, right):
            continue
        if np.allclose(got, right / right.sum()):
            raise Hint(f"{case}: these are the shares; the paths are to be counted")
        if (got == got[0]).all():
            raise Hint(f"{case}: the middle is reached in more ways than the ends")
        if got.sum() != kernel**layers:
            raise Hint(
                f"{case}: each of {layers} layers has {kernel} choices, so there are "
                f"{kernel**layers} paths in all; you count {got.sum():g}"
            )
        raise Hint(f"{case}: expected {right.tolist()}, got {got.tolist()}")
    return "right: a row of ones, convolved with itself"


@exercise("convolution/bug", "causal_convolve")
def _bug(causal_convolve) -> str:
    for seed, (T, k, dilation) in enumerate([(9, 3, 1), (12, 2, 3), (15, 5, 2), (4, 3, 4)]):
        torch.manual_seed(seed)
        x = torch.randn(T, 4, dtype=torch.float64)
        W = torch.randn(k, 4, 3, dtype=torch.float64)
        given = x.clone()
        got = causal_convolve(given, W, dilation)
        if not torch.equal(given, x):
            raise Hint("your function changed x itself: work on a copy")
        case = f"T = {T}, k = {k}, dilation {dilation}"
        if not isinstance(got, torch.Tensor) or got.shape != (T, 3):
            shape = tuple(got.shape) if isinstance(got, torch.Tensor) else got
            raise Hint(f"{case}: the output must have shape ({T}, 3), got {shape}")
        right = _causal(x, W, dilation)
        if torch.allclose(got, right):
            continue
        if torch.allclose(got, _causal(x, W.flip(0), dilation)):
            raise Hint(f"{case}: causal, but the kernel is reversed: its last matrix is for now")
        if dilation > 1 and torch.allclose(got, _causal(x, W, 1)):
            raise Hint(f"{case}: the dilation has no effect")
        poked = torch.cat([x[:-1], x[-1:] + 1])
        if not torch.allclose(causal_convolve(poked.clone(), W, dilation)[:-1], got[:-1]):
            raise Hint(f"{case}: earlier outputs change with the last input: they see the future")
        if torch.allclose(causal_convolve(poked.clone(), W, dilation)[-1], got[-1]):
            raise Hint(f"{case}: the last output does not see the last input: shifted too far")
        raise Hint(f"{case}: nothing of the future is seen, but the values are not right yet")
    return "right: all zeros on the left"


def _causal(x: torch.Tensor, W: torch.Tensor, dilation: int) -> torch.Tensor:
    padded = F.pad(x, (0, 0, (len(W) - 1) * dilation, 0))
    return sum(padded[j * dilation : j * dilation + len(x)] @ W[j] for j in range(len(W)))


@exercise("convolution/widget", "inputs_for")
def _widget(inputs_for) -> str:
    for state in (
        {},
        {"layers": 8},
        {"layers": 5, "doubling": True},
        {"layers": 6, "kernel": 5, "output": 2},
        {"layers": 1, "kernel": 7},
    ):
        w = ConvolutionWidget(**state)
        influence = w.influence
        for share in (0.5, 0.95, 1.0):
            right = _fewest(np.sort(influence)[::-1], share)
            got = inputs_for(w, share)
            if got == right:
                continue
            settings = ", ".join(f"{name}={value}" for name, value in state.items())
            case = f"{settings or 'as it starts'}, share {share}"
            if got == w.field:
                raise Hint(f"{case}: that is the field on paper; most of it counts little")
            if got in (w.width, round(w.width)):
                raise Hint(f"{case}: four standard deviations say nothing of the share: add up")
            if got == right - 1:
                raise Hint(f"{case}: one too few: their influence is still less than the share")
            if got == right + 1:
                raise Hint(f"{case}: one too many: one fewer have the share already")
            if got == _fewest(np.sort(influence), share):
                raise Hint(f"{case}: these are the weakest inputs; begin with the strongest")
            if got == _fewest(influence, share):
                raise Hint(f"{case}: you took the inputs in their order; sort them first")
            raise Hint(f"{case}: expected {right}, got {got}")
    return "right"


def _fewest(influence: np.ndarray, share: float) -> int:
    """How many of them, from the first on, have the share together, give or take rounding."""
    return int(np.sum(np.cumsum(influence) < share - 1e-9)) + 1


@exercise("convolution/twins", "twins")
def _twins(twins) -> str:
    try:
        first, second = (list(map(int, each)) for each in twins)
    except (TypeError, ValueError):
        raise Hint("expected two sequences, each a list of 16 numbers") from None
    for each, order in ((first, (5, 6)), (second, (6, 5))):
        if len(each) != 16 or not all(0 <= token < 8 for token in each):
            raise Hint(f"a sequence has 16 tokens from 0 to 7, got {each}")
        if [token for token in each if token in (5, 6)] != list(order):
            raise Hint("one 5 and one 6 in each: the 5 first in the first, the 6 in the second")
    x = F.one_hot(torch.tensor([first, second]), 8).double()
    for seed in range(5):
        torch.manual_seed(seed)
        stack = ConvStack(8, 64, dilations=[1, 1]).double()
        with torch.no_grad():
            pooled = stack(x).amax(dim=1)  # (2, 64)
        if not torch.allclose(pooled[0], pooled[1], atol=1e-12):
            raise _why(first, second)
    return "right: the same windows, in another order"


def _why(first: list[int], second: list[int]) -> Hint:
    places = [each.index(token) for each in (first, second) for token in (5, 6)]
    if min(abs(a - b) for a, b in (places[:2], places[2:])) < 5:
        return Hint("a window of 5 sees both: they stand too close together")
    if min(places) < 4 or max(places) > 11:
        return Hint("some windows see one of them and the zeros outside: keep them 4 from the ends")
    return Hint("some window of 5 is in one of them alone: let all else be alike")


@exercise("convolution/explain", "reply")
def _explain(reply) -> str:
    hints = {
        "a": "it can be expressed, but where does the gradient come from that would teach it?",
        "b": "8 layers recalled from outside of their effective field: it is not a wall",
        "d": "the weights are shared by positions, but each place of a window has its own matrix",
    }
    letter = str(reply).strip().lower()
    if letter in hints:
        raise Hint(hints[letter])
    if letter != "c":
        raise Hint(f'expected one of the letters "a", "b", "c", "d", got {reply!r}')
    return "right: possible, with next to nothing to start from"
