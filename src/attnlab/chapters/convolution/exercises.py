"""Checks of the chapter `before/convolution`."""

import math
from operator import eq
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from attnlab.chapters.convolution.widget import ConvolutionWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import VALUE, Hint, exercise
from attnlab.exercises.notation import call, equations, shape_of
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
            raise Hint("expected a whole number of layers, got {got!r}", got=got)
        if got == right:
            continue
        case = call("layers_needed", distance, kernel, doubling)
        if doubling:
            of_this_kind = [
                (_needed(distance, kernel, False),
                 "{case}: with doubling, each layer reaches twice as far as the one below"),
            ]  # fmt: skip
        else:
            of_this_kind = [
                (math.ceil(distance / kernel),
                 "{case}: a layer adds kernel − 1, for its window holds the position itself"),
                (math.ceil(distance / ((kernel - 1) / 2)),
                 "{case}: a causal window has all of its kernel − 1 other inputs in the past"),
            ]  # fmt: skip
        recognize(got, [
            *of_this_kind,
            (_needed(distance - 1, kernel, doubling),
             "{case}: {got} layers end one step short; the field counts the present too"),
            (_needed(distance + 1, kernel, doubling),
             "{case}: {right} layers are enough: they just reach it"),
        ], alike=eq, case=case, right=right, got=got)  # fmt: skip
        raise Hint("{case}: expected {right}, got {got}", case=case, right=right, got=got)
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
        case = call("path_counts", layers, kernel)
        if got.shape != right.shape:
            raise Hint(
                "{case}: the field has {n} inputs, the answer {got}",
                case=case,
                n=len(right),
                got=got.shape,
            )
        if np.array_equal(got, right):
            continue
        if np.allclose(got, right / right.sum()):
            raise Hint("{case}: these are the shares; the paths are to be counted", case=case)
        if (got == got[0]).all():
            raise Hint("{case}: the middle is reached in more ways than the ends", case=case)
        if got.sum() != kernel**layers:
            raise Hint(
                "{case}: each of {layers} layers has {kernel} choices, so there are "
                "{paths} paths in all; you count {total:g}",
                case=case,
                layers=layers,
                kernel=kernel,
                paths=kernel**layers,
                total=got.sum(),
            )
        raise Hint(
            "{case}: expected {right}, got {got}", case=case, right=right.tolist(), got=got.tolist()
        )
    return "right: a row of ones, convolved with itself"


@exercise("convolution/bug", "causal_convolve")
def _bug(causal_convolve) -> str:
    for seed, (T, k, dilation) in enumerate([(9, 3, 1), (12, 2, 3), (15, 5, 2), (4, 3, 4)]):
        torch.manual_seed(seed)
        x = torch.randn(T, 4, dtype=torch.float64)
        W = torch.randn(k, 4, 3, dtype=torch.float64)
        got = causal_convolve(x, W, dilation)
        case = equations(T=T, k=k, dilation=dilation)
        if not isinstance(got, torch.Tensor) or got.shape != (T, 3):
            raise Hint(
                "{case}: the output must have shape ({T}, 3), got {shape}",
                case=case,
                T=T,
                shape=shape_of(got),
            )
        right = _causal(x, W, dilation)
        if torch.allclose(got, right):
            continue
        if torch.allclose(got, _causal(x, W.flip(0), dilation)):
            raise Hint(
                "{case}: causal, but the kernel is reversed: its last matrix is for now", case=case
            )
        if dilation > 1 and torch.allclose(got, _causal(x, W, 1)):
            raise Hint("{case}: the dilation has no effect", case=case)
        poked = torch.cat([x[:-1], x[-1:] + 1])
        if not torch.allclose(causal_convolve(poked.clone(), W, dilation)[:-1], got[:-1]):
            raise Hint(
                "{case}: earlier outputs change with the last input: they see the future", case=case
            )
        if torch.allclose(causal_convolve(poked.clone(), W, dilation)[-1], got[-1]):
            raise Hint(
                "{case}: the last output does not see the last input: shifted too far", case=case
            )
        raise Hint(
            "{case}: nothing of the future is seen, but the values are not right yet", case=case
        )
    return "right: all zeros on the left"


def _causal(x: torch.Tensor, W: torch.Tensor, dilation: int) -> torch.Tensor:
    padded = F.pad(x, (0, 0, (len(W) - 1) * dilation, 0))
    parts = (padded[j * dilation : j * dilation + len(x)] @ W[j] for j in range(len(W)))
    return sum(parts, torch.zeros(()))


@exercise("convolution/widget", "inputs_for")
def _widget(inputs_for) -> str:
    state: dict[str, Any]
    for state in (
        {},
        {"layers": 8},
        {"layers": 5, "doubling": True},
        {"layers": 6, "kernel": 5, "output": 2},
        {"layers": 1, "kernel": 7},
    ):
        w = ConvolutionWidget(**state)
        influence = w.influence
        case = call("ConvolutionWidget", **state)
        for share in (0.5, 0.95, 1.0):
            right = _fewest(np.sort(influence)[::-1], share)
            got = inputs_for(w, share)
            if got == right:
                continue
            recognize(got, [
                (w.field,
                 "{case}, share {share}: that is the field on paper; most of it counts little"),
                (w.width, "{case}, share {share}: four standard deviations say nothing of the "
                 "share: add up"),
                (round(w.width), "{case}, share {share}: four standard deviations say nothing of "
                 "the share: add up"),
                (right - 1, "{case}, share {share}: one too few: their influence is still less "
                 "than the share"),
                (right + 1,
                 "{case}, share {share}: one too many: one fewer have the share already"),
                (_fewest(np.sort(influence), share),
                 "{case}, share {share}: these are the weakest inputs; begin with the strongest"),
                (_fewest(influence, share),
                 "{case}, share {share}: you took the inputs in their order; sort them first"),
            ], alike=eq, case=case, share=share)  # fmt: skip
            raise Hint(
                "{case}, share {share}: expected {right}, got {got}",
                case=case, share=share, right=right, got=got,
            )  # fmt: skip
    return "right"


def _fewest(influence: np.ndarray, share: float) -> int:
    """How many of them, from the first on, have the share together, give or take rounding."""
    return int(np.sum(np.cumsum(influence) < share - 1e-9)) + 1


@exercise("convolution/twins", "twins", asks=VALUE)
def _twins(twins) -> str:
    try:
        first, second = (list(map(int, each)) for each in twins)
    except (TypeError, ValueError):
        raise Hint("expected two sequences, each a list of 16 numbers") from None
    for each, order in ((first, (5, 6)), (second, (6, 5))):
        if len(each) != 16 or not all(0 <= token < 8 for token in each):
            raise Hint("a sequence has 16 tokens from 0 to 7, got {each}", each=each)
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
