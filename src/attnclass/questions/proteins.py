"""Questions on `work/proteins`."""

from typing import Any

import numpy as np

from attnlab.chapters.proteins.maps import product_corrected
from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "proteins/indirect", "How strong an indirect pair is",
    first=[0.9, 0.8, 0.7, 0.6], second=[0.85, 0.75, 0.65, 0.5], third=[0.95, 0.4, 0.3, 0.55],
)  # fmt: skip
def _indirect(first: float, second: float, third: float) -> Asked:
    right = first * second * third
    return value(
        f"Four places form a chain of three contacts with the strengths {first}, {second} and "
        f"{third}. As in the chapter, a contact holds with the probability of its strength, and "
        "otherwise the letter is drawn anew. With what probability do all three contacts between "
        "the first place and the last hold?",
        "all_three_hold",
        right,
        [
            (first + second + third, "all of them have to hold: multiply"),
            ((first + second + third) / 3, "that is the mean of the strengths; all have to hold"),
            (min(first, second, third), "the weakest contact is a bound; the others weaken it too"),
            (1 - right, "that is how often one of them fails"),
            (first * second, "the third contact lies between them as well"),
            (0.0, "they don't touch, and go together all the same"),
        ],
        solution=f"all_three_hold = {first} * {second} * {third}",
        places=4,
    )


@question(
    "proteins/two-letters", "What one place tells of another",
    same=[12, 15, 18, 21, 24], other=[1, 2, 3, 4, 5, 6],
)  # fmt: skip
def _two_letters(same: int, other: int) -> Asked:
    p = np.array([same, other, other, same]) / (2 * (same + other))
    right = float((p * np.log(4 * p)).sum())
    return value(
        f"In a family of {2 * (same + other)} sequences two places have the letters K and E. K "
        f"with K occurs {same} times, E with E {same} times, K with E {other} times, and E with K "
        f"{other} times. What is their mutual information, in nats?",
        "information",
        right,
        [
            (right / np.log(2), "these are bits; nats take the natural logarithm"),
            (float(-(p * np.log(p)).sum()), "that is the entropy of the pairs"),
            (-right, "the sign: it is never below 0"),
            (float(np.log(4 * p).sum()), "each logarithm counts as often as its pair occurs"),
            (float((p * np.log(2 * p)).sum()), "divide by the shares of both places"),
            (right * 2 * (same + other), "shares sum to 1: divide the counts by their sum"),
        ],
        solution=f"p = np.array([{same}, {other}, {other}, {same}]) / {2 * (same + other)}\n"
        "information = (p * np.log(p / 0.25)).sum()",
        places=4,
    )


sentences(
    "proteins/which-holds", "Which sentence holds", "sentence_on_proteins",
    asks="One of these sentences about contacts and maps holds. Which?",
    right=[
        "Two places that don't touch can go together more than two that do.",
        "With ever more sequences mutual information keeps its indirect pairs.",
        "What goes through a third place is gone from the inverse of the covariance.",
        "Guessing a letter from all others asks for what touches it, and for no more.",
        "A sequence that is in both classes should leave a comparison altogether.",
    ],
    wrong={
        "A large enough family makes mutual information find all contacts.":
            "indirect pairs are the truth about pairs, and more data only measure it better",
        "The largest weight of any head lies on a contact, since it was trained on proteins.":
            "nothing forces a head to put its weights there: look at many heads",
        "The mean of all heads needs the contacts of some proteins to be computed.":
            "a mean needs none; a regression on the heads does",
        "Inverse covariance takes longer than training a model on the same sequences.":
            "it is one inverse of a small matrix",
        "A head chosen because it lies on known contacts shows that attention finds contacts.":
            "it was chosen with the contacts in hand: try it on others",
        "Copies of a sequence do no harm if training and test are split at random.":
            "a copy in either half gives the answer away",
        "If shuffled letters leave a model as good as before, it has learned their order.":
            "it is the other way round: it does without their order",
        "A score for a pair of places is only worth something if it is a probability.":
            "it is enough that contacts come before other pairs",
    },
)  # fmt: skip


@question(
    "proteins/corrected", "A map less what its rows have",
    diagonal=["left out", "included"], off=["their product over the mean", "their mean"],
)  # fmt: skip
def _corrected(diagonal: str, off: str) -> Asked:
    without, product = diagonal == "left out", off.startswith("their product")

    def less(scores: np.ndarray, without: bool, product: bool) -> np.ndarray:
        n = len(scores) - without
        kept = scores * (1 - np.eye(len(scores))) if without else scores
        means = kept.sum(axis=1) / n
        if product:
            return scores - np.outer(means, means) / means.mean()
        return scores - (means[:, None] + means) / 2

    def checker(corrected: Any) -> str:
        with Comparison() as compare:
            for length in (4, 7, 5):
                rng = np.random.default_rng(length)
                scores = rng.random((length, length)) + 1
                scores += scores.T
                right = less(scores, without, product)
                got = array(corrected(scores.copy()), {"L": length, "columns": length})
                wrong = [
                    (less(scores, not without, product), "does the diagonal belong to the means?"),
                    (less(scores, without, not product), "something else should be taken off"),
                    (right - scores, "take it from the entries, and return what stays"),
                    (2 * scores - right, "it should be taken off, not added"),
                    (product_corrected(scores) if without else scores,
                     "leave the diagonal of the result as the formula gives it"),
                ]  # fmt: skip
                compare(got, right, wrong, case=equations(L=length))
        return "right"

    kept = "scores * (1 - np.eye(len(scores)))" if without else "scores"
    count = "(len(scores) - 1)" if without else "len(scores)"
    taken = "np.outer(m, m) / m.mean()" if product else "(m[:, None] + m) / 2"
    rows = "the other entries of row i" if without else "row i, the diagonal included"
    what = "m_i m_j over the mean of all m" if product else "the mean of m_i and m_j"
    return function(
        f"Given `scores` (L, L), a symmetric array of NumPy, let m_i be the mean of {rows}. Return "
        f"(L, L): each entry i, j less {what}, the diagonal treated like all others.",
        "def corrected(scores):",
        checker,
        solution="def corrected(scores):\n"
        f"    m = ({kept}).sum(axis=1) / {count}\n"
        f"    return scores - {taken}",
    )


@question("proteins/leaderboard", "It leads the list", by=["two", "three", "four"])
def _leaderboard(by: str) -> Asked:
    return essay(
        f"A paper's model tells antimicrobial peptides from others {by} points better than a count "
        "of letters. The peptides were split at random into training and test. What would you want "
        "to know before you say that it has learned something about peptides?",
        "on_the_lead",
        [
            "Whether the same sequence, or a close relative, can be in both halves, and what stays "
            "of the lead once they are kept together.",
            "Whether some sequences are in both classes, and what became of them.",
            "How the others were drawn: by length, by source, by anything that gives them away.",
            "What the model still gets with the letters of the tests shuffled.",
        ],
        solution="Whether copies and close relatives fell on both sides of the split, and what is "
        "left of the lead when clusters of relatives are split. What became of sequences that are "
        "in both classes. How the peptides that are not antimicrobial were chosen: if by length or "
        "source, that may be all that was learned. And what remains when the letters of each test "
        "are shuffled: if all, it counts letters as the baseline does.",
    )
