"""Questions on `mechanism/scaling`."""

import math
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "scaling/two-scores", "How far apart are two scores?",
    d_k=[16, 25, 36, 81], spread=[0.5, 2, 3], divided=[True, False],
)  # fmt: skip
def _apart(d_k: int, spread: float, divided: bool) -> Asked:
    one = spread**2 * (1 if divided else math.sqrt(d_k))  # standard deviation of a score
    right = math.sqrt(2) * one
    how = "are divided by √d_k" if divided else "are not divided by anything"
    return value(
        "An untrained query has two keys. All entries of the query and of the keys are independent "
        f"of each other, with mean 0 and standard deviation {spread:g}; the width d_k is {d_k}. "
        f"The dot products {how}. What is the standard deviation of the difference of the two "
        "scores?",
        "spread_of_difference",
        right,
        [
            (one, "that is for one score; a difference has the variance of both"),
            (right**2, "that is the variance; its root is asked for"),
            (2 * one, "variances add up, and standard deviations do not"),
            (0.0, "that is the mean of the difference"),
            (right / spread, "a product of two entries has both of their standard deviations"),
            (right * math.sqrt(d_k) if divided else right / math.sqrt(d_k),
             "read again whether the scores are divided"),
            (right * math.sqrt(d_k) if not divided else right / math.sqrt(d_k),
             "the variances of d_k products add up, so their spread grows with the root of it"),
        ],
        solution=f"variances = np.full({d_k}, {spread} ** 4)  # of the products in one score\n"
        f"spread_of_difference = np.sqrt(2 * variances.sum() / {d_k if divided else 1})",
        places=3,
    )  # fmt: skip


@question(
    "scaling/odds-and-gradient", "How much passes between two keys",
    odds=[2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 19, 20, 24, 25, 30, 32, 39, 40, 49, 50],
    m=[8, 64],
)  # fmt: skip
def _passes(odds: int, m: int) -> Asked:
    a = odds / (1 + odds)
    right = 2 * a * (1 - a)
    return value(
        f"Of the {m} keys of a query all but two have the weight 0. The weights of the two are in "
        f"the ratio {odds} to 1. What is the Frobenius norm of the softmax Jacobian, the root of "
        "the sum of its squared entries?",
        "norm_of_two",
        right,
        [
            (right / 2, "that is one entry; four of them are not 0"),
            (right / math.sqrt(2), "that is one row; there are two"),
            (4 * (right / 2) ** 2, "that is the sum of the squares; take its root"),
            (2 * right, "sizes are squared before they are added"),
            (math.sqrt(m - 1) / m, "that is for weights that are all alike"),
            (2 * a, "an entry is a product of two weights"),
        ],
        solution=f"a = np.array([{odds}, 1.0] + [0.0] * {m - 2}) / ({odds} + 1)\n"
        "norm_of_two = np.linalg.norm(softmax_jacobian(a))",
        places=4,
    )


@question(
    "scaling/keys-foreseen", "How many keys are read?",
    m=[50, 200, 1000], d_k=[4, 6, 9], variance=[0.5, 0.25, 0.8], divided=[True, False],
)  # fmt: skip
def _foreseen(m: int, d_k: int, variance: float, divided: bool) -> Asked:
    nu = variance**2 * (1 if divided else d_k)
    how = "are divided by √d_k" if divided else "are not divided"
    return value(
        f"An untrained query has {m} keys. All entries of queries and keys are independent, with "
        f"mean 0 and variance {variance:g}; the width d_k is {d_k}, and the dot products {how}. "
        "How many keys are read in effect, by the chapter's estimate H ≈ ln m − ν/2, with ν for "
        "the variance of a score and H for the entropy in nats?",
        "keys_foreseen",
        m * math.exp(-nu / 2),
        [
            (m * math.exp(-nu), "the entropy falls by half the variance of a score"),
            (math.log(m) - nu / 2, "that is the entropy; the number of keys is e to it"),
            (m * math.exp(-nu / variance / 2),
             "the variance of a product is that of the query's entry times that of the key's"),
            (m * math.exp(-(nu * d_k if divided else nu / d_k) / 2),
             "read again whether the scores are divided"),
            (m * 2 ** (-nu / 2), "the entropy is in nats: take a power of e"),
            (m - nu / 2, "take ln m, and a power of e at the end"),
        ],
        solution=f"nu = {d_k} * {variance}**2 / {d_k if divided else 1}\n"
        f"keys_foreseen = np.exp(np.log({m}) - nu / 2)",
        places=2,
    )  # fmt: skip


sentences(
    "scaling/which-holds", "Which sentence holds", "sentence_on_scaling",
    asks="One of these sentences about dividing scores by √d_k holds. Which?",
    right=[
        "How many keys there are has no part in the variance of a score.",
        "With independent standard normal entries, divided scores have variance 1.",
        "Two keys that share alike pass more of a gradient than 64 that do.",
        "Dividing the queries by √d_k does the same as dividing the scores.",
        "Untrained, undivided and wide, a few questions bring most of the gradient.",
        "At width 64, a calm start could be learned from without the division.",
    ],
    wrong={
        "The divisor is √d_k because a query has d_k keys that compete.":
            "d_k is how many products a score sums; how many keys there are is another number",
        "Without the division the gradient is smaller on average before the first step.":
            "the mean gradient was larger; the median was smaller",
        "That the variance of a dot product is d_k needs entries from a normal distribution.":
            "coins do as well: independence, mean 0 and variance 1 are enough",
        "The division keeps the variance of scores at 1 during training.":
            "it knows the width and nothing else; training moves queries and keys",
        "Divided by d_k, the scores of independent entries have variance 1.":
            "then it is 1/d_k: variances fall with the square of what divides",
        "The more evenly weights are shared, the more of a gradient passes the softmax.":
            "most passes between two keys that share; among many even ones it is less",
        "Wide undivided scores do harm because their exponentials overflow.":
            "the softmax subtracts the largest score first",
        "A start with scores of variance 64 only needs another rate, or patience.":
            "no rate that was tried got there, and neither did patience",
        "The softmax sees differences alone, so it does not notice the division.":
            "the differences are divided too",
        "After a calm start any learning rate leaves the scores calm.":
            "at a large rate the first step already throws them",
        "Undivided and wide, every untrained query passes next to no gradient.":
            "the undecided ones pass a large one",
    },
)  # fmt: skip


@question(
    "scaling/of-variance-one", "Scores of variance 1",
    spread=[["variance", 0.25], ["variance", 4], ["standard deviation", 0.25],
            ["standard deviation", 3]],
    vectors=["rows", "columns"],
)  # fmt: skip
def _calm(spread: list, vectors: str) -> Asked:
    kind, size = spread
    variance = size if kind == "variance" else size**2
    in_rows = vectors == "rows"

    def checker(calm_scores: Any) -> str:
        with Comparison() as compare:
            for n, m, d_k in (
                (3, 5, 4),
                (5, 3, 7),
                (6, 6, 6),  # all sizes alike: transposed, the shape is right
                (2, 4, 1),  # one number, and a root that does not show
            ):
                rng = np.random.default_rng(m)
                q, k = (math.sqrt(variance) * rng.standard_normal((x, d_k)) for x in (n, m))
                dots = q @ k.T
                right = dots / (variance * math.sqrt(d_k))
                wrong = [
                    (dots / math.sqrt(d_k), "that would be right for entries of variance 1"),
                    (dots / math.sqrt(variance * d_k),
                     "each product has an entry of the query in it and one of the key"),
                    (dots / (variance**2 * d_k), "that divides by the variance, and not its root"),
                    (dots / variance, "the variance grows with the width: divide by its root too"),
                    (dots / (variance * math.sqrt(m)), "a score sums over d_k, not over the keys"),
                    (dots / (variance * d_k), "the width enters by its root"),
                    (dots * variance / math.sqrt(d_k), "what is large must be divided, not raised"),
                    (softmax(right), "these are weights; the scores are asked for"),
                ]  # fmt: skip
                if kind == "variance":
                    wrong.append((dots / (variance**2 * math.sqrt(d_k)),
                                  "what is given is a variance already"))  # fmt: skip
                if n == m == d_k:
                    wrong.append((q.T @ k / (variance * math.sqrt(d_k)),
                                  "look again where a vector stands in these arrays"))  # fmt: skip
                got = array(calm_scores(*((q, k) if in_rows else (q.T, k.T))), {"n": n, "m": m})
                compare(got, right, wrong, case=equations(n=n, m=m, d_k=d_k))
        return "right"

    shapes = "(n, d_k) and (m, d_k)" if in_rows else "(d_k, n) and (d_k, m)"
    product = "q @ k.T" if in_rows else "q.T @ k"
    return function(
        f"NumPy arrays `q` and `k` of shapes {shapes} hold n queries and m keys as {vectors}. "
        f"All entries are independent, with mean 0 and {kind} {size:g}. Return the dot products "
        "of all queries with all keys, of shape (n, m), divided by the number that gives the "
        "scores variance 1 by the derivation, at any width d_k. Do not measure the variance: take "
        "what is told here.",
        "def calm_scores(q, k):",
        checker,
        solution=f"def calm_scores(q, k):\n    d_k = q.shape[{1 if in_rows else 0}]\n"
        f"    return {product} / np.sqrt(d_k * {variance:g}**2)",
    )


@question("scaling/by-the-keys", "By the number of keys", d_k=[32, 64, 128])
def _by_keys(d_k: int) -> Asked:
    return essay(
        f"Attention of width {d_k} reads sentences of 10 to 400 words. “It is the keys that "
        "compete,” a colleague says, and divides the dot products by the root of the number of "
        "keys, m, in place of √d_k. What is the variance of the scores then, before training, in "
        "short and in long sentences? What follows for the weights and gradients of either? And "
        "what would you measure before training to show it?",
        "on_dividing_by_keys",
        [
            "For entries of variance 1 the dot product has variance d_k, since it sums d_k "
            "products, and the keys have no part in it; divided by √m that is d_k/m.",
            "In sentences with fewer words than d_k the variance is above 1: the scores are loud, "
            "the fewer words the louder, and untrained queries are certain of a few keys.",
            "In sentences with more words than d_k it is below 1, and weights come near even ones.",
            "Where weights saturate next to no gradient passes, and a query that is certain of a "
            "wrong key is stuck; weights that are too even still pass gradients.",
            "To measure, for several lengths: the variance of scores, or the keys in effect (or "
            "the norm of the Jacobian), with √m and with √d_k.",
        ],
        solution="A score sums d_k products of variance 1, so its variance is d_k however many "
        "keys there are; over the root of m it is d_k/m. A sentence with fewer words than d_k "
        "gets loud scores, and its untrained queries make up their minds about a key or two; one "
        "with more words gets scores near 0 and nearly the plain mean. The first is the worse "
        "fault: what is saturated on a wrong key gets next to no gradient. Draw random vectors, "
        "take 10, 50 and 400 keys, and print the variance of scores and the keys in effect for "
        "both divisors: with √d_k the variance is 1 at each length.",
    )
