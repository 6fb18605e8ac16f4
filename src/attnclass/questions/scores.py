"""Questions on `mechanism/scores`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "scores/odds-by-distance", "Odds by distance",
    q=[[1, 2], [2, 1], [3, -1], [-1, 3]], a=[[2, 2], [3, 1], [1, 5]], b=[[4, 0], [-2, 1], [0, -3]],
)  # fmt: skip
def _odds(q: list[int], a: list[int], b: list[int]) -> Asked:
    x, y, z = (np.array(each) for each in (q, a, b))
    dots = int(x @ y - x @ z)
    charged = float(y @ y - z @ z) / 2
    apart = float(np.linalg.norm(x - z) - np.linalg.norm(x - y))
    return value(
        f"The query is {q}, and among the keys are A = {a} and B = {b}. The weights are those of a "
        "Gaussian look-up of width 1: each score is minus half the squared distance. What is the "
        "natural logarithm of the odds of A against B, that is, of A's weight over B's?",
        "log_odds",
        dots - charged,
        [
            (dots, "that goes by dot products: a long key pays nothing there"),
            (dots + charged, "the sign: half the squared length of a key is taken off its score"),
            (dots - 2 * charged, "a key pays half its squared length, not all of it"),
            (2 * (dots - charged), "the squared distance is halved"),
            (charged - dots, "those are the odds of B against A"),
            (apart, "that goes by distances; their squares count"),
        ],
        solution=f"keys = np.array([{a}, {b}], float)\n"
        f"s = gaussian_scores(np.array([{q}], float), keys)[0]\nlog_odds = s[0] - s[1]",
    )  # fmt: skip


@question(
    "scores/inside-the-hull", "A key among others",
    shares=[[0.5, 0.3, 0.2], [0.1, 0.4, 0.5], [0.25, 0.6, 0.15]],
    scores=[[2, -1, 4], [6, 1, -3], [-2, 5, 1], [3, 7, -4]],
    kind=["a dot product", "a bilinear score, with a matrix W that you do not know"],
)  # fmt: skip
def _inside(shares: list[float], scores: list[int], kind: str) -> Asked:
    c, s = np.array(shares), np.array(scores)
    a = softmax(s.astype(float))
    return value(
        f"Each score is {kind}. A query gives the keys A, B and C the scores {scores}, in "
        f"this order. A fourth key is {shares[0]:g} A + {shares[1]:g} B + {shares[2]:g} C. Which "
        "score does the query give it?",
        "score_inside",
        float(c @ s),
        [
            (float(s.mean()), "the three keys do not count alike in the fourth"),
            (float(a @ s), "that is their mean by weights; the fourth key was made without any"),
            (float(s[c.argmax()]), "it is not A, B or C alone: the others count in it too"),
            (float(s.max()), "a key between others never does as well as the best of them"),
            (float(s.sum()), "the fourth key is a mean of the three, and not their sum"),
        ],
        solution="rng = np.random.default_rng(0)\n"
        "keys, W = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))\n"
        f"q = np.linalg.solve(keys @ W.T, {scores})  # the query with these scores\n"
        f"score_inside = q @ W @ ({shares} @ keys)",
        places=4,
    )


@question(
    "scores/additive-products", "What an additive score multiplies",
    n=[10, 20, 50], m=[30, 40, 100], sizes=[[6, 4, 8], [12, 8, 5], [16, 24, 10]],
)  # fmt: skip
def _products(n: int, m: int, sizes: list[int]) -> Asked:
    d_q, d_k, hidden = sizes
    asked, offered, last = n * d_q * hidden, m * d_k * hidden, n * m * hidden
    return value(
        f"An additive score, tanh(q W_q + k W_k) · v, is computed for all pairs of {n} queries of "
        f"{d_q} numbers and {m} keys of {d_k} numbers, with {hidden} hidden units, as the "
        "chapter's code does it: each query and each key goes through its matrix once. How many "
        "multiplications do the products with W_q, W_k and v take together? A tanh is none.",
        "multiplications_of_additive",
        asked + offered + last,
        [
            (n * m * (d_q + d_k + 1) * hidden,
             "a query meets many keys, but goes through its matrix once"),
            (asked + offered, "the product with v is missing, one for each pair"),
            (last, "the products with the two matrices are missing"),
            (asked + offered + n * m, "v has a number for each hidden unit"),
            ((d_q + d_k + 1) * hidden, "that is how many numbers are learned"),
            (asked + offered + hidden, "each pair of a query and a key is multiplied by v"),
        ],
        solution=f"Q, K = np.ones(({n}, {d_q})), np.ones(({m}, {d_k}))\n"
        f"multiplications_of_additive = (Q.size + K.size + len(Q) * len(K)) * {hidden}",
    )  # fmt: skip


sentences(
    "scores/which-holds", "Which sentence holds", "sentence_on_scores",
    asks="One of these sentences about scores of queries and keys holds. Which?",
    right=[
        "By dot product, a query may score another key above its own copy.",
        "A key half-way between two others never wins by a bilinear score.",
        "An additive score never exceeds the sum of the sizes |v_h|.",
        "A matrix between two learned projections adds nothing they can't do.",
        "By dot product, a longer query keeps the order and sharpens the weights.",
        "Among keys of one length, dot products find the nearest.",
    ],
    wrong={
        "Dividing all scores by √d_k can put another key in front.":
            "every score is divided by the same number, so the order stays",
        "With the right matrix, a bilinear score can choose a key inside the hull of others.":
            "it is linear in the key, whatever the matrix is",
        "A key that is stretched gains weight by dot product, whatever the query.":
            "only where its score is positive; where it is negative, it loses",
        "Dot product and distance put the keys in the same order for each query.":
            "they do among keys of one length; otherwise a long key has an advantage",
        "Query and key must have the same width for any of the four scores.":
            "bilinear and additive scores take any widths to a common place",
        "An additive score may take the tanh of query and key apart and add up afterwards.":
            "that is a number for the query plus one for the key, and the softmax drops the first",
        "If scores start with variance 1, training leaves them so at first.":
            "the bilinear score started so, and its first step threw it far",
        "An additive score takes so long because it multiplies so much more.":
            "at width 64 it multiplies twice as much; the rest is the tanh, and traffic",
        "Before any training, a bilinear score recognizes a copy of the query.":
            "before it has learned anything it finds a copy by chance",
        "A key with the dot product 0 gets no weight.":
            "e to the 0 is 1, which is more than any negative score counts",
        "Without the 1 behind the query, an additive score learns to find copies as well.":
            "it is odd then: where all signs are flipped, what was highest is lowest",
    },
)  # fmt: skip


@question(
    "scores/concat", "One behind the other",
    first=["the query", "the key"], result=["(n, m)", "(m, n)"],
    matrix=["(d_q + d_k, d_hidden)", "(d_hidden, d_q + d_k)"],
)  # fmt: skip
def _concat(first: str, result: str, matrix: str) -> Asked:
    turned, upright = matrix.startswith("(d_hidden"), result == "(n, m)"

    def scores(q: Any, k: Any, W: Any, b: Any, v: Any, *, head: str, bend: Any = np.tanh) -> Any:
        W = W.T if turned else W  # (d_q + d_k, d_hidden)
        over, under = (W[: q.shape[1]], W[q.shape[1] :]) if head == "the query" else (
            W[k.shape[1] :], W[: k.shape[1]]
        )  # fmt: skip
        S = bend((q @ over)[:, None] + k @ under + b) @ v  # (n, m)
        return S if upright else S.T

    def checker(concat_scores: Any) -> str:
        with Comparison() as compare:
            for n, m, d_q, d_k, hidden in (
                (3, 5, 2, 4, 6),
                (4, 4, 3, 3, 6),  # all that can be mixed up has one size
                (6, 2, 4, 4, 3),
                (1, 3, 2, 5, 1),
            ):
                rng = np.random.default_rng(n)
                q, k = rng.standard_normal((n, d_q)), rng.standard_normal((m, d_k))
                W = rng.standard_normal((d_q + d_k, hidden))
                W = W.T.copy() if turned else W
                b, v = rng.standard_normal(hidden), rng.standard_normal(hidden)
                right = scores(q, k, W, b, v, head=first)
                wrong = [
                    (scores(q, k, W, 0 * b, v, head=first), "the bias `b` is missing"),
                    (scores(q, k, W, b, v, head=first, bend=lambda x: x), "the tanh is missing"),
                    (scores(q, k, W, b, 0 * v + 1, head=first),
                     "each hidden unit counts by its number in `v`"),
                    (softmax(right), "these are weights; the scores are asked for"),
                ]  # fmt: skip
                if n == m:
                    wrong.append((right.T, "transposed: look at what the rows belong to"))
                if d_q == d_k:
                    other = "the key" if first == "the query" else "the query"
                    wrong.append((scores(q, k, W, b, v, head=other),
                                  "query and key stand in the other order"))  # fmt: skip
                axes = {"n": n, "m": m} if upright else {"m": m, "n": n}
                got = array(concat_scores(q, k, W, b, v), axes)
                case = equations(n=n, m=m, d_q=d_q, d_k=d_k, d_hidden=hidden)
                compare(got, right, wrong, case=case)
        return "right"

    pair = "[x, y]" if first == "the query" else "[y, x]"
    return function(
        "Write an additive score for NumPy arrays with one matrix for query and key together: for "
        f"each pair, put them one behind the other, {first} first, multiply by `W`, add `b`, take "
        "the tanh, and take the dot product with `v`. Given are `q` (n, d_q), `k` (m, d_k), `W` "
        f"{matrix}, `b` (d_hidden) and `v` (d_hidden). Return the scores {result}.",
        "def concat_scores(q, k, W, b, v):",
        checker,
        solution="def concat_scores(q, k, W, b, v):\n"
        f"    W = {'W.T' if turned else 'W'}\n"
        f"    S = [[np.tanh(np.concatenate({pair}) @ W + b) @ v for y in k] for x in q]\n"
        f"    return np.array(S){'' if upright else '.T'}",
    )


@question(
    "scores/middle-of-the-map", "The middle of the map",
    what=["weather stations", "bakeries", "bus stops"],
)  # fmt: skip
def _middle(what: str) -> Asked:
    return essay(
        f"Attention with dot products is to look up {what} on a map. Queries and keys are places, "
        f"two numbers each, measured from the middle of the map. {what.capitalize()} at the rim "
        "are read, and the one in the middle never is. A colleague suggests a learned matrix "
        "between query and key. Why is the middle never read, what does the matrix change, "
        "and what would help?",
        "on_the_middle",
        [
            "A dot product is linear in the key: a key inside the hull of others has a mean of "
            "their scores, and a mean never beats the largest.",
            "In other words: it rewards length in the query's direction, and charges nothing for "
            "it, so it is no nearness.",
            "The matrix turns or stretches the query; the score stays linear in the key, so the "
            "middle still cannot win.",
            "What helps: charge each key half its squared length, which gives the weights of a "
            "distance (or score by distance, or by an additive score with a bias).",
        ],
        solution="By dot product a key's score grows with how far it reaches in the query's "
        "direction. The place in the middle lies inside the hull of the others, so its score is a "
        "mean of theirs and can at best tie. A matrix moves the query elsewhere, and for that "
        "query the same holds: the score is still linear in the key. Take half the squared length "
        "off each key's score, for example by one more number in each key and a 1 in each query: "
        "then the weights are those of distances, and whoever asks in the middle gets the middle.",
    )
