"""Checks of the chapter `start/ten-minutes`."""

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax

choice(
    "ten-minutes/most",
    "most_read",
    right="b",
    hints={
        "a": "hardly anybody says of a dog that it is icy: the adjective is said of places",
        "c": "“it” may stand for the noun, but here the last word asks, and “it” is no noun",
        "d": "its own value would not tell which of the two nouns is meant",
    },
    praise="right: “icy” is said of places, and its query finds the noun's key wherever it stands",
)


choice(
    "ten-minutes/twice",
    "what_happens",
    right="c",
    hints={
        "a": "their ratio stays, but the softmax goes by differences, and these double",
        "b": "the products double, but shares sum to 1 whatever happens",
        "d": "with a query of (0, 0) they do; twice as long, it goes the other way",
    },
    praise="right: twice the products is twice the difference between them, and the key that fits "
    "best gains",
)


@exercise("ten-minutes/without", "read_without")
def _without(read_without) -> str:
    with Comparison() as compare:
        for m, d, d_v, j, dtype in (
            (5, 4, 3, 2, float),
            (3, 9, 2, 0, float),  # the first word; a width whose root is not that of 4
            (4, 2, 6, 3, float),  # the last word; values wider than keys
            (2, 16, 16, 1, float),  # one word is left: what is read is its value
            (6, 8, 5, 4, np.float32),
        ):
            rng = np.random.default_rng(m + j)
            q, K, V = (rng.standard_normal(n).astype(dtype) for n in ((d,), (m, d), (m, d_v)))
            s = K @ q / np.sqrt(d)
            left = np.arange(m) != j
            a, weights = softmax(s), softmax(s[left])
            zero = np.where(left, s, 0)
            wrong = [
                (a @ V, "that reads word j as well"),
                ((a * left) @ V, "the weights that are left must sum to 1 again"),
                (softmax(zero) @ V, "a product of 0 still gets a weight: exp(0) is 1"),
                (softmax(K[left] @ q) @ V[left], "the products are divided by the root of d"),
                (softmax(K[left] @ q / d) @ V[left], "divide by the root of d, not by d"),
                (V[left].mean(0), "that gives all the others the same weight"),
                (V[j], "that is the one value that must not be read"),
                (weights, "these are the weights; take the mean of the values with them"),
                (V[left][weights.argmax()], "that takes the value with the largest weight alone"),
            ]  # fmt: skip
            got = array(read_without(q, K, V, j))
            compare(got, weights @ V[left], wrong, case=equations(m=m, d=d, d_v=d_v, j=j))
    return "right: to leave a word out is to give it a product of −∞, which is what a mask does"


written(
    "ten-minutes/in-writing",
    "what_an_arc_shows",
    points=[
        "A weight says how much of a word's value is in the mean that is read.",
        "It does not say that the answer comes from there: in some runs the answer is right while "
        "its noun has next to no weight.",
        "Taking the word away, or changing it, and looking at the answer would tell.",
    ],
)
