"""Questions on `work/recommendation`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "recommendation/score", "What two rows of counts give",
    decay=[0.5, 0.6, 0.8], old=[0.1, 0.2, 0.3, 0.6], new=[0.15, 0.25, 0.4, 0.5],
)  # fmt: skip
def _score(decay: float, old: float, new: float) -> Asked:
    right = (decay * old + new) / (1 + decay)
    return value(
        f"A user watched two items. Of what came after the older one, item J was a share of {old}; "
        f"after the newer one, {new}. The weights are {decay} to the age, which is 1 and 0, "
        "divided by their sum. What is the score of J?",
        "score_of_j",
        right,
        [
            (decay * old + new, "divide by the sum of the weights, so that they sum to 1"),
            ((old + decay * new) / (1 + decay), "the newer one has age 0, and the larger weight"),
            ((old + new) / 2, "that is without the decay"),
            (new, "the older one has something to say, too"),
            (decay * old + (1 - decay) * new, "the weights are shares of their sum, not the decay "
             "and what is left"),
        ],
        solution=f"score_of_j = ({decay} * {old} + {new}) / (1 + {decay})",
        places=4,
    )  # fmt: skip


@question(
    "recommendation/better", "Better ones among the drawn",
    others=[800, 1600, 4000], drawn=[50, 100, 200], rank=[41, 81, 161],
)  # fmt: skip
def _better(others: int, drawn: int, rank: int) -> Asked:
    right = drawn * (rank - 1) / others
    return value(
        f"The right item has rank {rank} among itself and {others} others. Of these others "
        f"{drawn} are drawn by chance. How many of the drawn ones are better than the right item, "
        "on average?",
        "better_on_average",
        right,
        [
            (drawn * rank / others, "at that rank one fewer is better"),
            (drawn * (rank - 1) / (others + 1), "the drawn ones come from the others alone"),
            (float(rank - 1), "so many are better among all; how many of them are drawn?"),
            ((rank - 1) / others, "that is the share; how many of the drawn ones?"),
            (1 + right, "that is its rank among the drawn ones"),
        ],
        solution=f"better_on_average = {drawn} * ({rank} - 1) / {others}",
        places=4,
    )


sentences(
    "recommendation/holds", "Which sentence holds", "sentence_on_recommendation",
    asks="One of these sentences about the chapter's recommenders holds. Which?",
    right=[
        "Counts weighed by a decay are attention whose scores fall evenly with the age.",
        "In turns, learned weights gave the newest item hardly anything.",
        "A hit at 10 among a hundred drawn items says little about the first ten of all.",
        "Half of the ratings of MovieLens 100k came in the same second as the one before.",
    ],
    wrong={
        "A Markov chain looks at all items of a history alike.": "it looks at the last one alone",
        "Attention with vectors of its own knows the counts before it is trained.":
            "it has to learn from scratch what follows what",
        "Where series are chosen by chance, attention was far ahead of counting.":
            "it was behind among the first ten, for there is no habit to find",
        "Movies lost nothing when the histories were shuffled.":
            "all methods that look at the order lost",
        "A method that gives all items one score has rank 1.":
            "with half of the ties in front, it is in the middle",
        "Weights may learn from counts that hold the users they learn from.":
            "then the answer is in the counts, and the newest item gets all the weight",
        "Whoever is ahead among a hundred drawn items is ahead among all.":
            "in the chapter's table two methods change places",
        "People rated their movies in the order in which they watched them.":
            "they filled in a form, many of them within an hour",
    },
)  # fmt: skip


@question(
    "recommendation/follows", "What follows what",
    gap=[2, 3], way=["the item came after", "the item came before"],
)  # fmt: skip
def _follows(gap: int, way: str) -> Asked:
    after = way == "the item came after"

    def counts(history: np.ndarray, n: int, steps: int, forward: bool) -> np.ndarray:
        found = np.zeros((n, n))
        np.add.at(found, (history[:-steps], history[steps:]), 1)
        return found.T if forward else found

    def checker(counts_at_gap: Any) -> str:
        with Comparison() as compare:
            for length, n in ((20, 4), (31, 3), (12, 5)):
                history = np.random.default_rng(length).integers(n, size=length)
                right = counts(history, n, gap, after)
                got = array(counts_at_gap(history.copy(), n), {"N": n, "columns": n})
                wrong = [
                    (right.T, "row and column have changed places"),
                    (counts(history, n, 1, after), "that is one step apart"),
                    (sum(counts(history, n, g, after) for g in range(1, gap + 1)),
                     "just so many steps apart, and not up to so many"),
                    (right / np.maximum(right.sum(1, keepdims=True), 1), "that is a share"),
                ]  # fmt: skip
                compare(got, right, wrong, case=equations(T=length, N=n))
        return "right"

    where = (
        f"(history[{gap}:], history[:-{gap}])" if after else f"(history[:-{gap}], history[{gap}:])"
    )
    return function(
        f"Given `history`, an array of item numbers, and `n_items`, return an array (N, N): in the "
        f"row of an item and the column of another, how often {way} the other, exactly {gap} steps "
        "apart.",
        "def counts_at_gap(history, n_items):",
        checker,
        solution="def counts_at_gap(history, n_items):\n"
        "    counts = np.zeros((n_items, n_items))\n"
        f"    np.add.at(counts, {where}, 1)\n"
        "    return counts",
    )


@question("recommendation/order", "The order matters", of=["songs", "books", "recipes"])
def _order(of: str) -> Asked:
    return essay(
        f"On a site where people mark the {of} they know, a model loses half of its hits when "
        f"histories are shuffled. “So people enjoy {of} in an order, and we model it,” the team "
        "writes. What would you look at before you believe that?",
        "on_an_order",
        [
            "The clock: marks in the same second or hour are a form that is filled in.",
            "Who made the order: the site's own pages may decide what is marked next.",
            "Whether a simple method that knows the order, such as counts by age, does as well.",
            "How it was ranked, among all or among a few, and over how many seeds.",
        ],
        solution="I would look at the clock first: if most marks come within the same minutes, "
        "people filled in a form. Then the order is that in which the site listed things, and a "
        "model that loses by shuffling had learned the site. I would see whether counts weighed by "
        "age do as well, rank among all items, and ask for several seeds.",
    )
