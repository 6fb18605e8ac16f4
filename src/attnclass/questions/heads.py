"""Questions on `transformer/heads`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "heads/width-of-a-head", "From the weights back", d_k=[8, 12, 16, 24, 32], h=[2, 3, 4, 6, 8]
)
def _back(d_k: int, h: int) -> Asked:
    d_model = d_k * h
    learned = 4 * d_model**2
    return value(
        f"A multi-head self-attention has {learned} learned weights and no biases. It has {h} "
        f"heads of equal width, `d_model` / {h} each. How wide is one of them?",
        "width_of_a_head",
        d_k,
        [
            (d_model, "that is how wide all of them are together"),
            (d_model // h**2, "divide by the number of heads once"),
            (2 * d_k, "there are four matrices, and not one"),
            (learned // h, "that is how many weights a head has, and not how wide it is"),
        ],
        solution=f"width_of_a_head = round(({learned} / 4) ** 0.5) // {h}",
    )


@question(
    "heads/memory-of-weights", "What the weights take",
    n=[50, 100, 200, 400, 500], h=[4, 8, 16], B=[2, 8, 32], number=[["float32", 4], ["float64", 8]],
)  # fmt: skip
def _memory(n: int, h: int, B: int, number: list) -> Asked:
    dtype, size = number
    right = B * h * n * n * size
    return value(
        f"A plain program keeps all attention weights of one self-attention with {h} heads, for a "
        f"batch of {B} sequences of {n} positions, in {dtype} ({size} bytes a number). "
        "How many bytes do they take?",
        "bytes_of_weights",
        right,
        [
            (right // h, "every head has weights of its own"),
            (right // B, "that is one sequence; the batch has more"),
            (right // size, "that is how many weights there are; each takes several bytes"),
            (right // n, "each query has a weight for every key"),
            (B * h * (n * (n + 1) // 2) * size, "nothing was said of a mask: every query sees all"),
        ],
        solution=f"bytes_of_weights = {B} * {h} * {n} * {n} * {size}",
    )


@question("heads/first-row", "Where a column goes", h=[2, 3, 4], d_k=[4, 5, 6], at=[7, 9, 10, 11])
def _row(h: int, d_k: int, at: int) -> Asked:
    at %= h * d_k
    head, column = divmod(at, d_k)
    return value(
        f"`Q` has the shape (n, {h * d_k}), and is cut into {h} heads of width {d_k}, head 0 from "
        f"the first columns. Columns, heads and the columns of a head are counted from 0. Where "
        f"does column {at} of `Q` go? Give the head, and the column in it.",
        "head_and_column",
        [head, column],
        [
            ([column, head], "the head comes first"),
            ([at % h, at // h], "a head's columns lie next to each other, and not every h-th"),
            ([head + 1, column + 1], "heads and columns are counted from 0"),
            ([head + 1, column], "heads are counted from 0"),
            ([head, at], "count the columns of each head anew"),
        ],
        solution=f"head_and_column = [{at} // {d_k}, {at} % {d_k}]",
    )


sentences(
    "heads/which-holds", "Which sentence holds", "sentence_on_heads",
    asks="One of these sentences about heads holds. Which?",
    right=[
        "With d_model given, the number of heads changes no number of learned weights.",
        "The layer's output is the sum of what its heads write, each by its own rows of W_O.",
        "What a head is for shows when it is switched off, or when the inputs are changed.",
        "A head of width 1 cannot pick out a key that lies between two others.",
    ],
    wrong={
        "With d_model given, a layer with twice as many heads has twice as many learned weights.":
            "each head is half as wide then",
        "The outputs of the heads are averaged, so all of them count alike.":
            "they are put side by side, and W_O decides how much each counts",
        "A head whose weights for a word are large is what decides about that word.":
            "weights say what was read, not whether it was used",
        "Heads divide the positions of a sequence among them.":
            "each head sees all positions; what is divided are the columns",
        "More heads are always better, as long as d_model can be divided by their number.":
            "each gets narrower, and a narrow one can pick out less",
        "If each of two heads can be switched off without loss, both can at once.":
            "the two may do the same work, so that one of them must stay",
        "All heads of a layer share one matrix of attention weights.":
            "each has a matrix of its own: that is what several heads are for",
        "Two trainings with other seeds give the same work to the same heads.":
            "they may divide the work differently, and be right both times",
    },
)  # fmt: skip


@question(
    "heads/join", "Put the heads together",
    first=["n", "h"], order=["as they are counted", "in the reverse order"],
)  # fmt: skip
def _join(first: str, order: str) -> Asked:
    is_position_first, is_reversed = first == "n", order == "in the reverse order"
    shape = "(n, h, d_k)" if is_position_first else "(h, n, d_k)"

    def joined(heads: np.ndarray, *, position_first: bool, reverse: bool) -> np.ndarray:
        heads = heads if position_first else heads.swapaxes(0, 1)
        heads = heads[:, ::-1] if reverse else heads
        return heads.reshape(len(heads), -1)

    def checker(join: Any) -> str:
        with Comparison() as compare:
            for n, h, d_k in ((5, 3, 2), (4, 4, 4), (1, 3, 2), (6, 1, 3)):  # n = h: axes fit
                rng = np.random.default_rng(n)
                heads = rng.standard_normal((n, h, d_k) if is_position_first else (h, n, d_k))
                right = joined(heads, position_first=is_position_first, reverse=is_reversed)
                got = array(join(heads), {"n": n, "h d_k": h * d_k})
                wrong = [
                    (joined(heads, position_first=is_position_first, reverse=not is_reversed),
                     "the heads stand in another order"),
                    (right.reshape(n, h, d_k)[..., ::-1].reshape(n, -1),
                     "the numbers of a head keep their order"),
                ]  # fmt: skip
                if not is_position_first:
                    wrong.append((heads.reshape(n, -1), "the positions got mixed: swap axes first"))
                compare(got, right, wrong, case=equations(n=n, h=h, d_k=d_k))
        return "right"

    axes = "" if is_position_first else ".swapaxes(0, 1)"
    turn = "[:, ::-1]" if is_reversed else ""
    return function(
        f"Heads come as an array `heads` of shape {shape}, of NumPy. Put them side by side, "
        f"{order}: return an array of shape (n, h · d_k), in whose row i stands what all heads "
        "return at position i. The numbers within a head keep their order.",
        "def join(heads):",
        checker,
        solution=f"def join(heads):\n    heads = heads{axes}{turn}\n"
        "    return heads.reshape(len(heads), -1)",
    )


@question("heads/one-wide-head", "One wide head", h=[4, 8, 16])
def _one_wide(h: int) -> Asked:
    return essay(
        f"A colleague replaces {h} heads by a single one of full width: “It has as many weights, "
        "and costs as many multiplications, so nothing is lost.” What is true of that, what may "
        "be lost, and how would you find out?",
        "on_one_wide_head",
        [
            "True: learned weights and multiplications are as many.",
            "One head has one row of weights for each query, so it reads one mixture at a time; "
            "several heads read several places at once and keep them apart.",
            "It depends on the task whether that is needed.",
            "To find out one trains both, with several seeds, on the task in question.",
        ],
        solution="The counts are the same. But one head makes one weighted mean for each query; a "
        "query that must read two places gets them mixed, where two heads hand on both. Whether "
        "the task needs that, only a comparison shows: train both, a few seeds each.",
    )
