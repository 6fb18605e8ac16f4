"""Questions on `work/series`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value

LEVEL, CHANGE = "its values", "its changes from the last value"


@question(
    "series/next-but-one", "Two steps of an autoregression",
    first=[0.5, 1.25, 1.5, 0.75], second=[-0.5, -0.75, 0.25, -0.25], before=[1, 2, 3, 4],
    last=[5, 6, 8],
)  # fmt: skip
def _two_steps(first: float, second: float, before: int, last: int) -> Asked:
    one = first * last + second * before
    two = first * one + second * last
    return value(
        f"An autoregression of order 2 multiplies the last value by {first} and the one before it "
        f"by {second}; its constant is 0. The last two values are {before} and then {last}. What "
        "does it forecast for the second step to come?",
        "second_step",
        two,
        [
            (one, "that is the first step; take it for the truth, and go on"),
            (second * one + first * last, "the first number goes with the value just before"),
            (first * one + second * before, "at the second step the value two back is the last "
             "one that is known"),
            (first * one, "two values are taken at each step"),
            (first * (first * before + second * last) + second * last,
             "the later of the two values is the last one"),
        ],
        solution=f"one = {first} * {last} + {second} * {before}\n"
        f"second_step = {first} * one + {second} * {last}",
        places=3,
    )  # fmt: skip


@question(
    "series/softmax-range", "How high a head can get",
    values=[[2, 5, 9], [1, 4, 6], [3, 4, 8], [7, 2, 5], [4, 9, 6]],
    raised=[10, 15, 20, 30, 40, 50, 70, 100],
)  # fmt: skip
def _range(values: list[int], raised: int) -> Asked:
    last = values[-1]
    most = max(v - last for v in values) + last + raised
    return value(
        f"One head of attention forecasts by a weighted mean of the values themselves. It sees "
        f"{', '.join(map(str, values))}, all raised by {raised}, in this order; the last one is "
        "subtracted from all first, and added to the forecast. How large can the forecast be?",
        "largest_forecast",
        most,
        [
            (most - raised, "all values are raised, so the last one is as well"),
            (most - last - raised, "the last value is added again at the end"),
            (sum(values) + raised, "weights sum to 1: a mean cannot exceed the largest value"),
            (most + last, "the last value is added once"),
            (sum(values) / 3 + raised, "that is with equal weights; they may all lie on one"),
        ],
        solution=f"largest_forecast = max({values}) + {raised}",
    )


sentences(
    "series/holds", "Which sentence holds", "sentence_on_series",
    asks="One of these sentences about forecasts holds. Which?",
    right=[
        "An autoregression may subtract: its numbers can be negative.",
        "Season-naive needs nothing but the length of a season.",
        "Behind a LayerNorm and a linear map all forecasts lie in a box fixed in training.",
        "The penalty of a ridge regression is chosen on data that are neither learned from nor "
        "tested on.",
    ],
    wrong={
        "A test of forecasts is best made of windows drawn at random from the whole series.":
            "windows overlap, so that training would have seen most of the test",
        "Scaling by the mean of the whole series is harmless, as it is one number.":
            "with a trend that number says where the series will go",
        "Attention weights may be negative if the series falls.":
            "a softmax gives positive weights, whatever the series does",
        "An autoregression of order 12 forecasts at most 12 steps.":
            "it takes its own forecasts for the truth and goes on as long as one likes",
        "A larger order always forecasts better on the test.":
            "it fits what was learned from better; beyond that it may follow noise",
        "Two windows that overlap in all months but one are two independent tests.":
            "they share nearly all that is tested",
        "A linear map can repeat a rhythm of any length, if it is wide enough.":
            "its lags are fixed, and each length wants another one",
        "Without positions self-attention forecasts best, since a series has no words.":
            "then it cannot know which month was when",
    },
)  # fmt: skip


@question(
    "series/differences", "What a model is given", forecasts=[LEVEL, CHANGE], scaled=[True, False],
)  # fmt: skip
def _windows(forecasts: str, scaled: bool) -> Asked:
    from_last = forecasts == CHANGE

    def given(x: np.ndarray, change: bool, size: bool) -> np.ndarray:
        x = x - x[:, -1:] if change else x
        return x / x.std(axis=1, keepdims=True) if size else x

    def checker(prepared: Any) -> str:
        with Comparison() as compare:
            for n, w in ((4, 6), (2, 9), (5, 5)):
                x = np.random.default_rng(n).standard_normal((n, w)) * 3 + 8
                right = given(x, from_last, scaled)
                moved = x - x[:, -1:]
                wrong = [
                    (given(x, not from_last, scaled), "forecast what is asked for, values or "
                     "changes: is the last value subtracted?"),
                    (given(x, from_last, not scaled), "is each past divided by its own standard "
                     "deviation, or not?"),
                    (x - x[:, :1], "that subtracts the first value"),
                    (np.diff(x, axis=1, prepend=x[:, :1]), "those are changes from month to month; "
                     "what is wanted is one number less from all"),
                    ((moved if from_last else x) / x.std(), "each past has a size of its own"),
                ]  # fmt: skip
                got = array(prepared(x.copy()), {"N": n, "w": w})
                compare(got, right, wrong, case=equations(N=n, w=w))
        return "right"

    start = "x - x[:, -1:]" if from_last else "x"
    end = "x / x.std(axis=1, keepdims=True)" if scaled else "x"
    size = "divided by its own standard deviation" if scaled else "as large as it is"
    return function(
        f"A model forecasts a series by {forecasts}. Given pasts `x` of shape (N, w), an array of "
        f"NumPy, return what it sees, (N, w): for changes each past less its own last value, for "
        f"values each past as it is; and {size}.",
        "def prepared(x):",
        checker,
        solution=f"def prepared(x):\n    x = {start}\n    return {end}",
    )


@question("series/beats-the-line", "It beats the line", by=["2", "5", "10"])
def _beats(by: str) -> Asked:
    return essay(
        f"A supplier's Transformer forecasts your sales with {by}% less error than “a linear "
        "baseline”, on last December. What would you want to know before you pay for it?",
        "on_beating_the_line",
        [
            "Which baseline: its lags and penalty chosen on other data, and last season again "
            "beside it.",
            "How the test was cut: in the order of time, and scaled by what came before.",
            "More than one stretch: one December is one witness, and windows overlap.",
            "How the numbers spread over seeds, and what it does when sales grow beyond the past.",
        ],
        solution="Which line it was: with lags of a week and a year, its penalty chosen on data "
        "that are neither learned from nor tested on, and the same month of last year beside it. "
        "Whether the split follows the order of time and the scale knows nothing of December. One "
        "December is one witness, so I want several stretches, and several seeds, whose spread is "
        "smaller than the lead. And whether it forecasts values or changes: if sales grow beyond "
        "what it has seen, values stay behind.",
    )
