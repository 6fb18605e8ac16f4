"""Questions on `work/images`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "images/tokens", "How many tokens", side=[96, 144, 192, 240, 288], p=[6, 8, 12, 16, 24],
)  # fmt: skip
def _tokens(side: int, p: int) -> Asked:
    n = (side // p) ** 2
    return value(
        f"A Vision Transformer cuts an image of {side} × {side} pixels into patches of {p} × {p}. "
        "How many tokens are there, with none added for the class?",
        "tokens_of_an_image",
        n,
        [
            (side // p, "that is how many stand side by side; there are as many rows"),
            (side**2 // p, "a patch takes its side twice, along both axes"),
            (n**2, "that is how many pairs of them there are"),
            (side**2, "those are pixels; a patch is one token"),
        ],
        solution=f"tokens_of_an_image = {side} * {side} // ({p} * {p})",
    )


@question(
    "images/weight-of-copies", "The weight on copies",
    k=[2, 4, 5], j=[3, 6, 7], ratio=[2, 3, 5, 10],
)  # fmt: skip
def _weight(k: int, j: int, ratio: int) -> Asked:
    right = k * ratio / (k * ratio + j)
    return value(
        f"A picture has {k} equal threes and {j} other digits. A query gives each three the score "
        f"ln {ratio} and each other digit the score 0. What weight do the threes get in all, by a "
        "softmax over the picture?",
        "weight_on_threes",
        round(right, 6),
        [
            (right / k, "that is what one three gets; take them all together"),
            (k / (k + j), "that is the share of threes; their scores are larger"),
            (ratio / (ratio + 1), "that would hold for one of each"),
            (float(k * ratio), "exponentials are divided by the sum of all"),
        ],
        solution=f"e = np.exp([np.log({ratio})] * {k} + [0.0] * {j})\n"
        f"weight_on_threes = e[:{k}].sum() / e.sum()",
        places=4,
    )  # fmt: skip


sentences(
    "images/holds", "Which sentence holds", "sentence_on_images",
    asks="One of these sentences about attention in images holds. Which?",
    right=[
        "Single pixels as tokens and learned positions: no fixed shuffle of the pixels is noticed.",
        "A non-local block lets each cell read from all cells in one step.",
        "Copies of one vector with one score leave a softmax mean as it is.",
        "The nearest neighbor by pixels doesn't care in which order the pixels stand.",
    ],
    wrong={
        "A Vision Transformer knows before training which patches are neighbors.":
            "its table of positions starts as random numbers",
        "A convolution is the same for every order of the pixels.":
            "its windows are made of neighbors: a shuffle puts others into them",
        "A softmax that gives all its weight to the threes can count them.":
            "its weights sum to 1, however many threes there are",
        "A sum over cells counts only if there are attention weights in it.":
            "the plain sum counts as well",
        "Smaller patches make a Vision Transformer cheaper.":
            "there are more of them, and all pairs are compared",
        "A non-local block replaces what a cell was by what it reads.":
            "what it reads is added to what was there",
        "With few images a Vision Transformer learns more than a convolution.":
            "it has to learn from them what a convolution is given",
        "Where attention looks on an image is told to it by labels.":
            "the loss of the answer alone decides where it looks",
    },
)  # fmt: skip


@question("images/pooled", "Pooling the cells", by=["sum", "mean"], empty=["zeros", "ones"])
def _pooled(by: str, empty: str) -> Asked:
    def pooled(cells: np.ndarray, there: np.ndarray, mean: bool, fill: float) -> np.ndarray:
        total = (cells * there[..., None]).sum(axis=1)
        count = there.sum(axis=1, keepdims=True)
        return np.where(count > 0, total / np.maximum(count, 1) if mean else total, fill)

    is_mean, fill = by == "mean", 1.0 if empty == "ones" else 0.0

    def checker(pooled_cells: Any) -> str:
        with Comparison() as compare:
            for b, n, d in ((3, 5, 2), (4, 4, 4), (2, 3, 5)):
                rng = np.random.default_rng(n)
                cells, there = rng.standard_normal((b, n, d)), rng.random((b, n)) < 0.6
                there[0] = False  # the first picture is empty
                there[1, :2] = True, False
                right = pooled(cells, there, is_mean, fill)
                wrong = [
                    (pooled(cells, there, not is_mean, fill), "sum or mean: which is asked for?"),
                    (pooled(cells, there, is_mean, 1 - fill),
                     "a picture without digits gets something else"),
                    (cells.mean(axis=1) if is_mean else cells.sum(axis=1),
                     "cells that hold no digit must not count"),
                    (np.where(there.any(1, keepdims=True),
                              (cells * there[..., None]).mean(axis=1), fill),
                     "divide by the number of cells that hold a digit"),
                ]  # fmt: skip
                got = array(pooled_cells(cells.copy(), there.copy()), {"B": b, "d": d})
                compare(got, right, wrong[: None if is_mean else 3], case=equations(B=b, n=n, d=d))
        return "right"

    how = "total / np.maximum(count, 1)" if is_mean else "total"
    return function(
        f"Given `cells` of shape (B, n, d) and `there` (B, n), True where a cell holds a digit, as "
        f"arrays of NumPy, return (B, d): for each picture the {by} over the cells that hold one. "
        f"A picture without any gets {empty}.",
        "def pooled_cells(cells, there):",
        checker,
        solution="def pooled_cells(cells, there):\n"
        "    total = (cells * there[..., None]).sum(axis=1)\n"
        "    count = there.sum(axis=1, keepdims=True)\n"
        f"    return np.where(count > 0, {how}, {fill:.1f})",
    )


@question("images/beats-convolutions", "It beats convolutions", images=["500", "2,000", "10,000"])
def _beats(images: str) -> Asked:
    return essay(
        f"A report says: “On our {images} photographs the Vision Transformer beats our "
        "convolutional network, so attention understands images better.” What would you want to "
        "know before you believe the second half of the sentence?",
        "on_beating_convolutions",
        [
            "Whether one of the two was trained on other images before, and on how many.",
            "Whether size, augmentation, training time and tuning were the same.",
            "How the numbers spread over several seeds and splits.",
            "A strong simple baseline on the same photographs.",
            "A test of the reason itself, such as shuffled pixels or moved objects.",
        ],
        solution="Whether both began from nothing: a Transformer that has seen millions of other "
        "images brings them along. Whether size, augmentation and tuning were alike, and how far "
        "seeds and splits differ. What a simple baseline gets. And something that tests the reason "
        "itself: shuffle the pixels, or move the object, and see which network minds.",
    )
