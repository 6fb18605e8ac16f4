"""Questions on `work/language`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value

ROWS, COLUMNS = "the row", "the column"


@question(
    "language/blend", "A blend of two contexts",
    came=[1, 2, 3, 4], others=[4, 5, 7, 9], different=[2, 3, 4], shorter=[0.03, 0.06, 0.9],
)  # fmt: skip
def _blend(came: int, others: int, different: int, shorter: float) -> Asked:
    seen = came + others
    found = (came + different * shorter) / (seen + different)
    return value(
        f"A context was seen {seen} times, and {different} different letters came after it; an e "
        f"came {came} times. The next shorter context gives e the probability {shorter}. What "
        "does the blend of Witten and Bell give it?",
        "blended_probability",
        found,
        [
            (came / seen, "that is the share of the counts alone; what never came would get "
             "nothing"),
            (came / (seen + different), "the shorter context's part is missing"),
            (shorter, "the counts of this context have a part as well"),
            ((came + shorter) / (seen + 1), "the shorter context counts as often as different "
             "letters have come"),
            ((came / seen + shorter) / 2, "the parts are not halves; they follow from the counts"),
            ((came + different * shorter) / seen, "then the probabilities of all letters sum to "
             "more than 1"),
        ],
        solution=f"weight = {different} / ({seen} + {different})\n"
        f"blended_probability = (1 - weight) * {came} / {seen} + weight * {shorter}",
        places=3,
    )  # fmt: skip


@question(
    "language/asked", "How much is asked",
    windows=[10, 20, 40, 50], length=[21, 41, 61, 81, 101], hidden=[10, 15, 20, 40],
)  # fmt: skip
def _asked(windows: int, length: int, hidden: int) -> Asked:
    forwards, masked = windows * (length - 1), windows * length * hidden / 100
    return value(
        f"A step shows {windows} windows of {length} letters. A reader that reads forwards guesses "
        f"each letter of a window from those before it, but not the first. Another one guesses the "
        f"{hidden}% of all letters that are hidden. How many times as many letters does the first "
        "guess in a step, on average?",
        "times_as_many",
        forwards / masked,
        [
            (masked / forwards, "that is the second's share of the first"),
            (100 / hidden, "the first letter of a window has nothing before it"),
            (forwards, "that is how many the first guesses; how many times as many?"),
            (forwards / (windows * length * (1 - hidden / 100)), "the hidden letters are guessed, "
             "and not the others"),
            (forwards - masked, "that is a difference"),
        ],
        solution=f"times_as_many = ({length} - 1) / ({length} * {hidden} / 100)",
        places=3,
    )  # fmt: skip


sentences(
    "language/holds", "Which sentence holds", "sentence_on_language",
    asks="One of these sentences about language models holds. Which?",
    right=[
        "A model that reads forwards gives every whole text a probability.",
        "A table of counts can be pretrained on a text without labels.",
        "A longer context is not always better for counts: most long ones have never been seen.",
        "Without its causal mask a reader needs fewer bits in training and can't continue a text.",
    ],
    wrong={
        "A model that reads forwards can't say what fits into a gap, given what follows.":
            "it can try every letter, and see how probable what follows is",
        "A reader of both sides learns more from each window, as it sees more of it.":
            "it is asked less: only what was hidden",
        "Fewer bits a letter mean that the model is surprised more often.":
            "bits are the mean surprise, so fewer mean less",
        "The blend of Witten and Bell gives what never came the probability 0.":
            "it leaves a share to the shorter context, which gives all letters something",
        "Fine-tuning is always the best use of a pretrained reader.":
            "with few labels, asking for its doubts may do better",
        "A mean loss of 1 nat a letter is a loss of 1 bit a letter.":
            "a nat is 1.44 bits",
        "If a test was drawn at random, nothing of it can have been learned.":
            "a text may repeat itself",
        "Masked prediction needs labels that people have written.":
            "the hidden tokens are the labels",
    },
)  # fmt: skip


@question(
    "language/pairs", "Probabilities of pairs", before=[ROWS, COLUMNS], blended=[True, False],
)  # fmt: skip
def _pairs(before: str, blended: bool) -> Asked:
    by_rows = before == ROWS

    def given(counts: np.ndarray, rows: bool, blend: bool) -> np.ndarray:
        counts = counts if rows else counts.T  # before, after
        different = (counts > 0).sum(axis=1, keepdims=True) if blend else 0
        mixed = (counts + different / len(counts)) / (counts.sum(axis=1, keepdims=True) + different)
        return mixed if rows else mixed.T

    def checker(table: Any) -> str:
        with Comparison() as compare:
            for seed, v in ((0, 4), (1, 3), (2, 6)):
                counts = np.random.default_rng(seed).poisson(1.5, (v, v)).astype(float)
                counts[np.arange(v), np.arange(v)] += 1  # each letter came, before and after
                total = counts / counts.sum()
                added = (counts + 1) / (counts + 1).sum(axis=1 if by_rows else 0, keepdims=True)
                wrong = [
                    (given(counts, not by_rows, blended), "that sums to 1 the other way: which "
                     "letter stands before?"),
                    (given(counts, by_rows, not blended), "is it blended with 1 / V, or not?"),
                    (total, "those are the probabilities of pairs; given the letter before, they "
                     "sum to 1"),
                    (added, "that adds 1 to each count, which is another blend"),
                    (counts, "those are the counts"),
                ]  # fmt: skip
                got = array(table(counts.copy()), {"V": (v, v)[0], "V again": v})
                compare(got, given(counts, by_rows, blended), wrong, case=equations(V=v))
        return "right"

    how = (
        "blended with 1 / V as Witten and Bell do" if blended else "as they were counted, unblended"
    )
    axis = 1 if by_rows else 0
    lines = [
        "def table(counts):",
        f"    different = (counts > 0).sum(axis={axis}, keepdims=True) * {int(blended)}",
        f"    total = counts.sum(axis={axis}, keepdims=True) + different",
        "    return (counts + different / len(counts)) / total",
    ]
    return function(
        f"Given `counts` of pairs of letters, (V, V), an array of NumPy in which {before} says "
        "which letter stands before, return the probabilities (V, V) of each letter after each, "
        f"{how}. Nothing is turned around. Every letter came at least once.",
        "def table(counts):",
        checker,
        solution="\n".join(lines),
    )


@question("language/which", "Which reader to buy", task=["reviews", "invoices", "letters"])
def _which(task: str) -> Asked:
    return essay(
        f"You have a million {task} without labels and 50 with. A supplier offers a large reader "
        "of both sides, “since only it sees the context”. What would you try before you buy, and "
        "how would you compare?",
        "on_which_reader",
        [
            "A simple baseline on the 50 labels alone.",
            "Something that is pretrained by counting, or a reader that reads forwards, which can "
            "use both sides as well.",
            "A test that shares nothing with what was learned, repeats among it.",
            "Several draws of the 50 and several seeds, and what each way costs.",
        ],
        solution=f"First a line on words or letters of the 50 labeled {task}. Then counts of the "
        "million, whose surprise joins the line, and a reader that reads forwards: it can use both "
        "sides by trying what fits. All are tested on labels of which nothing, no copy either, was "
        "learned. I draw the 50 several times, use several seeds, and write down what each way "
        "costs to train and to ask.",
    )
