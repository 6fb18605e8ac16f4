"""Questions on `mechanism/lookup`."""

import math
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "lookup/lost-value", "A value from its context",
    keys=[[10, 11, 12], [8, 9, 12], [8, 10, 11], [8, 9, 10]],
    values=[[12, 4, 8], [20, 16, 36], [4, 20, 32], [28, 8, 12]], lost=[0, 1, 2],
)  # fmt: skip
def _lost(keys: list[int], values: list[int], lost: int) -> Asked:
    distances = np.abs(np.array(keys) - 10)
    v = np.array(values)
    others = np.arange(3) != lost

    def back(counts: np.ndarray, context: float) -> float:
        """The lost value, if the context is the sum of the values times these counts."""
        return float((context - (counts * v)[others].sum()) / counts[lost])

    counts = 2.0 ** -(distances**2)
    weights = counts / counts.sum()
    context = round(float(weights @ v), 4)
    kept = [(int(keys[j]), int(values[j])) for j in range(3) if j != lost]
    told = " and ".join(f"{y} at {x} o'clock" for x, y in kept)
    slower = 2.0**-distances
    return value(
        f"A soft look-up has three readings: {told}, and one at {keys[lost]} o'clock whose value "
        "was lost. A key that is u hours from the query counts 2^(-u^2). For the query 10 o'clock "
        f"the look-up returned {context:g} while it still had all three. Which value was lost?",
        "lost_value",
        int(v[lost]),
        [
            (float(3 * context - v[others].sum()), "that would be so if all three had one weight"),
            (back(counts, context), "what the keys count must be divided by its sum first"),
            (back(weights, context) * float(weights[lost]),
             "that is what the value adds to the context: it stands there times its weight"),
            (back(slower / slower.sum(), context), "the distance is squared in the exponent"),
            (context, "that is the context; the value is one of the three that it mixes"),
        ],
        solution=f"a = 2.0 ** -(np.array({keys}) - 10.0) ** 2\n"
        f"v = np.array({[0 if j == lost else values[j] for j in range(3)]})\n"
        f"lost_value = round(({context!r} * a.sum() - a @ v) / a[{lost}])",
    )  # fmt: skip


@question(
    "lookup/width-from-ratio", "How wide is the bell?",
    near=[2, 3, 4], far=[6, 7, 8, 9], times=[3, 5, 20, 100],
)  # fmt: skip
def _width(near: int, far: int, times: int) -> Asked:
    squares = far**2 - near**2
    right = math.sqrt(squares / (2 * math.log(times)))
    return value(
        "In a soft look-up with the Gaussian bell of the chapter, a key at a distance of "
        f"{near} hours from the query gets {times} times the weight of a key at a distance of "
        f"{far} hours. What is the width of the bell, in hours?",
        "width_in_hours",
        right,
        [
            (right * math.sqrt(2), "the bell has a 2 beside the square of its width"),
            (right**2, "that is the square of the width"),
            ((far - near) / math.sqrt(2 * math.log(times)),
             "the two distances are squared before they are subtracted"),
            (math.sqrt(squares / (2 * math.log2(times))), "the bell is a power of e, not of 2"),
            (math.sqrt(squares / (2 * math.log10(times))), "the bell is a power of e, not of 10"),
            (math.sqrt(squares / (2 * times)), "the ratio is a power of e: take its logarithm"),
        ],
        solution="width = np.linspace(1, 6, 500_001)\n"
        f"ratio = np.exp(({far}**2 - {near}**2) / (2 * width**2))\n"
        f"width_in_hours = width[np.abs(ratio - {times}).argmin()]",
        places=3,
    )  # fmt: skip


@question(
    "lookup/what-others-say", "What do the others say?",
    v=[2, 3, 5, 11], found=[6, 7, 8, 10], own=[0.2, 0.6, 0.75, 0.8],
)  # fmt: skip
def _others(v: int, found: int, own: float) -> Asked:
    right = (found - own * v) / (1 - own)
    return value(
        f"At the moment of a reading whose value is {v}, a soft look-up returns {found}. No "
        f"reading was left out, and this one has the weight {own:g} in its own answer. What does "
        "the look-up return at that moment if this reading is left out, and nothing else changes?",
        "said_by_others",
        right,
        [
            (
                found - own * v,
                "the weights that are left do not sum to 1: divide by their sum",
            ),
            (found * (1 - own), "only what this reading adds goes away, and the rest grows"),
            ((found - v) / (1 - own), "that is how far the answer is off, and not the answer"),
            (found - v, "that is how far the old answer was off"),
            ((found - own * v) / own, "the others share what is left beside this reading's weight"),
        ],
        solution=f"others = np.array([1 - {own}, {own}])  # all other readings as one\n"
        f"v = np.array([({found} - {own} * {v}) / others[0], {v}])\n"
        f"assert abs(others @ v - {found}) < 1e-9\nsaid_by_others = v[0]",
        places=3,
    )


sentences(
    "lookup/which-holds", "Which sentence holds", "sentence_on_look_ups",
    asks="One of these sentences about soft look-ups by distance holds. Which?",
    right=[
        "With all distances and the width doubled, no weight changes.",
        "A value is compared with nothing: it only goes into a mean.",
        "Far beyond all keys, a query gets about the nearest one's value.",
        "Towards an infinite width all queries get the mean of all values.",
        "Among keys of one length, dot products can do what distances do.",
    ],
    wrong={
        "A query that equals a key gets exactly the value of that key.":
            "the other keys count too, as long as the width is not tiny",
        "The best width is where the error with all readings left in is smallest.":
            "that error is smallest at the narrowest width: each reading answers for itself",
        "A key whose value is far from all others gets more weight.":
            "weights come from the query and the keys alone",
        "If the context of a query is 0, none of the keys has been read.":
            "positive and negative values may cancel; the weights sum to 1 all the same",
        "There must be as many keys as a value has numbers.":
            "these sizes have nothing to do with each other",
        "Towards a width of 0, all keys get the same weight.":
            "that is so for a very large width; a tiny one leaves the nearest key",
        "A hard look-up can follow a gradient, since its answer depends on the query.":
            "its answer stays where it is and then jumps: the slope is 0 wherever there is one",
        "Beyond the last key the answer goes on along the trend of the values.":
            "a mean lies within its values",
        "With one width for all, numbers in a key that mean nothing do no harm.":
            "they add to every distance, and with seven of them the look-up broke down",
        "The contexts of n queries are an array with a row for each key.":
            "it has a row for each query: the keys have been summed over",
    },
)  # fmt: skip

BELLS = {
    "2^(-(u/w)^2)": lambda u, w: 2.0 ** -((u / w) ** 2),
    "e^(-u/w)": lambda u, w: np.exp(-u / w),
    "1 / (1 + (u/w)^2)": lambda u, w: 1 / (1 + (u / w) ** 2),
}
DISTANCES = {
    "‖q − k‖, the length of the difference": lambda apart: np.sqrt((apart**2).sum(axis=-1)),
    "Σ |q_i − k_i|, a sum over all its numbers": lambda apart: np.abs(apart).sum(axis=-1),
}
IN_NUMPY = {
    "2^(-(u/w)^2)": "2.0 ** -((u / w) ** 2)",
    "e^(-u/w)": "np.exp(-u / w)",
    "1 / (1 + (u/w)^2)": "1 / (1 + (u / w) ** 2)",
    "‖q − k‖, the length of the difference": "np.linalg.norm(q[:, None] - k, axis=-1)",
    "Σ |q_i − k_i|, a sum over all its numbers": "np.abs(q[:, None] - k).sum(axis=-1)",
}


@question("lookup/other-bell", "Another bell", bell=list(BELLS), distance=list(DISTANCES))
def _other_bell(bell: str, distance: str) -> Asked:
    def contexts(counts: np.ndarray, v: np.ndarray) -> np.ndarray:
        return counts / counts.sum(axis=-1, keepdims=True) @ v

    def checker(bell_look_up: Any) -> str:
        with Comparison() as compare:
            for n, m, d_k, d_v, w in (
                (3, 5, 2, 4, 0.7),
                (6, 4, 3, 1, 2.0),  # more queries than keys
                (4, 4, 4, 4, 1.0),  # all sizes alike, and a width that does not show
                (2, 1, 2, 3, 0.5),  # one key, which gets it all
            ):
                rng = np.random.default_rng(n)
                q, k = rng.standard_normal((n, d_k)), rng.standard_normal((m, d_k))
                v = rng.standard_normal((m, d_v))
                apart = q[:, None] - k  # (n, m, d_k)
                u = DISTANCES[distance](apart)
                (other,) = (measure for name, measure in DISTANCES.items() if name != distance)
                wrong = [
                    (contexts(np.exp(-(u**2) / (2 * w**2)), v),
                     "that is the Gaussian bell; another one is asked for"),
                    *((contexts(count(u, w), v), "what a key counts follows another formula")
                      for name, count in BELLS.items() if name != bell),
                    (BELLS[bell](u, w) @ v, "the weights of a query must sum to 1"),
                    (contexts(BELLS[bell](other(apart), w), v),
                     "the distance is to be measured in another way"),
                    (contexts(BELLS[bell](u, 1), v), "the width has no effect"),
                ]  # fmt: skip
                got = array(bell_look_up(q, k, v, w), {"n": n, "d_v": d_v})
                case = equations(n=n, m=m, d_k=d_k, d_v=d_v, w=w)
                compare(got, contexts(BELLS[bell](u, w), v), wrong, case=case)
        return "right"

    return function(
        "Write a soft look-up for NumPy arrays: queries `q` of shape (n, d_k), keys `k` of shape "
        f"(m, d_k), values `v` of shape (m, d_v), and a width `w`. A key k counts {bell} for a "
        f"query q, where u is {distance}. Return the contexts, of shape (n, d_v). "
        "Queries are never so far away that all keys count 0.",
        "def bell_look_up(q, k, v, w):",
        checker,
        solution=f"def bell_look_up(q, k, v, w):\n    u = {IN_NUMPY[distance]}\n"
        f"    a = {IN_NUMPY[bell]}\n    return a @ v / a.sum(axis=1, keepdims=True)",
    )


@question(
    "lookup/mean-of-labels", "The mean of labels",
    what=["the numbers of bus lines", "postal codes", "the numbers of departments"],
)  # fmt: skip
def _labels(what: str) -> Asked:
    return essay(
        "A colleague uses a soft look-up whose keys are descriptions of letters of complaint, as "
        f"vectors, and whose values are {what}, one for each letter. For a new letter it returns "
        "a number that occurs nowhere among the values. “A wider bell makes it worse,” they say. "
        "What goes wrong, what should the values be instead, what does the answer mean then, and "
        "what does the width do to it?",
        "on_mean_of_labels",
        [
            "A context is a mean, and the mean of labels means nothing: between two of them lies "
            "a third that neither key has.",
            "The values should be one-hot rows: one number for each label, a 1 at the right one.",
            "The context then holds, for each label, the weight of all keys that have it; these "
            "shares sum to 1.",
            "A narrow width leaves the nearest letter's label alone, a very wide one the shares "
            "of the labels among all letters; leaving one out can choose between.",
        ],
        solution="What comes back is a weighted mean, and a mean of labels is no label: half of 4 "
        "and half of 8 makes 6, which nobody meant. Write each label as a row of zeros with a "
        "single 1. Then the context has a number for each label, the weight of all letters that "
        "have it, and these sum to 1, so you can take the largest, or see that it is a close "
        "race. With a narrow bell the nearest letter decides alone; with a very wide one you get "
        "how frequent each label is, whatever the letter says. Choose the width by predicting "
        "each letter from all the others.",
    )
