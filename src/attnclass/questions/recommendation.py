"""Questions on `work/recommendation`."""

from typing import Any

from attnlab.exercises.answers import number
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import call

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "recommendation/size", "How large",
    n=[4, 16, 25, 64, 100, 400], scale=[2, 3, 5, 8],
)  # fmt: skip
def _size(n: int, scale: int) -> Asked:
    return value(
        f"{n} independent numbers of mean 0 have the standard deviation {scale}. "
        "What is that of their mean?",
        "mean_recommendation",
        scale / n**0.5,
        [
            (scale / n, "variances are summed: divide by the root of n"),
            (scale * n**0.5, "that is the standard deviation of the sum"),
            (float(scale), "the mean varies less than each of them"),
        ],
        solution=f"mean_recommendation = {scale} / np.sqrt({n})",
    )


sentences(
    "recommendation/holds", "Which sentence holds",
    "sentence_on_recommendation",
    asks="One of these sentences about a mean of independent numbers holds. Which?",
    right=[
        "Four times as many numbers halve its size.",
        "Errors of either sign cancel in part.",
        "Its size hangs on how many numbers there are.",
        "Another digit takes a hundred times as many.",
    ],
    wrong={
        "Twice as many numbers halve its size.": "the root of n counts",
        "Errors cancel as soon as n is even.": "they cancel in part, whatever n is",
        "Its size hangs on the share of all numbers.": "on how many there are, not on their share",
        "Another digit takes ten times as many.": "ten times closer takes a hundred times as many",
        "From 30 numbers on it has no error.": "it gets smaller and never 0",
        "It is as large as that of one number.": "errors cancel in part",
        "The largest number alone decides it.": "all count alike",
        "It grows with the number of numbers.": "that is the sum",
    },
)  # fmt: skip


@question("recommendation/many", "How many", to=["the mean", "the sum"])
def _many(to: str) -> Asked:
    power = -0.5 if to == "the mean" else 0.5

    def checker(size_after: Any) -> str:
        with Comparison() as compare:
            for n in (4, 9, 100):
                wrong = [
                    (n**-power, "that is the size of the other one, mean or sum"),
                    (n ** (2 * power), "the root is missing"),
                    (1.0, "errors cancel in part"),
                ]
                got = number(size_after(n))
                compare(got, n**power, wrong, case=call("size_recommendation", n))
        return "right"

    return function(
        f"Numbers are independent, of mean 0 and standard deviation 1. Return the standard "
        f"deviation of {to} of `n` of them.",
        "def size_recommendation(n):",
        checker,
        solution=f"def size_recommendation(n):\n    return n**{power}",
    )


@question("recommendation/ten", "Ten readings", of=["thermometers", "scales"])
def _ten(of: str) -> Asked:
    return essay(
        f"A colleague reads ten {of} and takes the mean: “So the error is a tenth.” What is right "
        "about that, what is not, and what does it rest on?",
        "on_recommendation",
        [
            "The error of the mean is smaller than that of one reading.",
            "It falls with the root of ten, to about a third, not to a tenth.",
            "The readings must be independent: a common error stays as it is.",
        ],
        solution="Smaller, yes: to about a third, since the root of ten counts. And only as far "
        "as the errors are independent; what all of them get wrong alike stays.",
    )
