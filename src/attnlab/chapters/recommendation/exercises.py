"""Checks of the chapter `work/recommendation`."""

import numpy as np

from attnlab.exercises.answers import number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call
from attnlab.exercises.written import written


@exercise("recommendation/count", "how_many")
def _count(how_many) -> str:
    with Comparison() as compare:
        for size in (0.5, 0.1, 0.02):
            wrong = [
                (1 / size, "that is 1 / size: it is the root of n that must be as large"),
                (size**2, "turn it round: a smaller size takes more numbers, not fewer"),
                (1 / size**0.5, "square, in place of taking the root"),
                (size, "that is the size; how many numbers does it take?"),
            ]
            got = number(how_many(size))
            compare(got, 1 / size**2, wrong, case=call("how_many", size))
    return "right: ten times closer takes a hundred times as many"


@exercise("recommendation/weighted", "weighted_size")
def _weighted(weighted_size) -> str:
    with Comparison() as compare:
        for w in (
            np.full(16, 1 / 16),  # a mean as on the page
            np.array([0.7, 0.2, 0.1]),  # unequal: for whoever thinks of their number alone
            np.array([1.5, -0.5]),  # a negative one: for whoever takes roots or sums
        ):
            wrong = [
                (len(w) ** -0.5, "that holds if all weights are equal"),
                ((w**2).sum(), "variances are summed: take the root at the end"),
                (np.abs(w).max(), "the others count as well as the heaviest"),
                (np.abs(w).sum(), "independent errors cancel in part: sizes do not add up"),
            ]
            got = number(weighted_size(w))
            compare(got, np.sqrt((w**2).sum()), wrong, case=call("weighted_size", w.tolist()))
    return "right: the root of the sum of squares"


choice(
    "recommendation/explain",
    "what_it_costs",
    right="b",
    hints={
        "a": "four times as many numbers halve the size only once",
        "c": "the size depends on how many numbers there are, not on what share of all they are",
        "d": "it gets smaller with every number, only ever more slowly",
    },
    praise="right: half the size costs four times the numbers, and half of that four times more",
)


written(
    "recommendation/in-writing",
    "why_it_settles",
    points=[
        "Errors of either sign cancel in part when numbers are averaged.",
        "The size falls with the root of n, so each further digit costs a hundred times more.",
        "It takes independent numbers, and a finite variance.",
    ],
)
