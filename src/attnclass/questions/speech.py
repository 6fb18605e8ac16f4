"""Questions on `work/speech`."""

from itertools import groupby
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import call

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "speech/paths", "How many paths",
    t=[4, 5, 6, 7, 8, 9, 10, 12, 15, 20],
    word=["seven", "zero", "three", "nine", "four"],
)  # fmt: skip
def _paths(t: int, word: str) -> Asked:
    return value(
        f"An ear leaves {t} states. With CTC, each says one of ten digits or the blank. How many "
        f"paths collapse to the digit “{word}”, said once?",
        "paths_of_one",
        t * (t + 1) // 2,
        [
            (t, "it may be held over several states"),
            (2**t - 1, "a blank between two runs of it would make it two digits"),
            (2**t, "a blank between two runs makes two digits, and all blanks say none"),
            (t * (t - 1) // 2, "a run may begin and end at the same state, too"),
            (1, "the digit may stand anywhere among the blanks"),
        ],
        solution=f"paths_of_one = sum(1 for i in range({t}) for j in range(i, {t}))",
    )


@question(
    "speech/two-states", "Two states and one digit",
    first=[0.2, 0.4, 0.6, 0.7, 0.9], second=[0.1, 0.3, 0.5, 0.8],
    said=["once", "twice"],
)  # fmt: skip
def _two_states(first: float, second: float, said: str) -> Asked:
    once = 1 - (1 - first) * (1 - second)
    both, either = first * second, first * (1 - second) + (1 - first) * second
    right = once if said == "once" else 0.0
    return value(
        f"Two states know one digit and the blank. The first says the digit with probability "
        f"{first}, the second with {second}; else they say the blank. With CTC, what is the "
        f"probability that the digit is said {said}?",
        "of_two_states",
        right,
        [
            (both, "what two neighbors say alike is merged"),
            (either, "if both say it, it is said once as well"),
            (1 - once, "that is the probability that nothing is said"),
            (first + second, "the paths exclude each other, but these two events do not"),
        ],
        solution=f"of_two_states = (1 - (1 - {first}) * (1 - {second})) * {said == 'once'}",
        places=3,
    )


@question(
    "speech/scores", "The price of looking anywhere",
    seconds=[3, 5, 8, 12, 20, 30], stride=[2, 3, 4, 8], digits=[4, 9, 15],
)  # fmt: skip
def _scores(seconds: int, stride: int, digits: int) -> Asked:
    m = 40 * seconds
    t = -(-m // stride)
    return value(
        f"A recording of {seconds} seconds has 40 frames a second. The ear leaves a state for "
        f"every {stride} frames, rounded up, and the speller writes {digits} digits and then the "
        "end mark. How many scores does its attention compute?",
        "scores_computed",
        (digits + 1) * t,
        [
            (digits * t, "the end mark is a step of writing, too"),
            ((digits + 1) * m, "the states are scored, not the frames"),
            (digits * m, "the states are scored, and the end mark is a step, too"),
            (t, "each step scores all states anew"),
            (t * t, "the writer asks the ear's states, and these do not ask each other"),
        ],
        solution=f"scores_computed = ({digits} + 1) * int(np.ceil(40 * {seconds} / {stride}))",
    )


sentences(
    "speech/holds", "Which sentence holds", "sentence_on_speech",
    asks="One of these sentences about the chapter's recognizers holds. Which?",
    right=[
        "The speller wrote four digits backwards about as well as in order.",
        "CTC trained on up to four digits wrote down sixteen with few mistakes.",
        "On eight digits the speller's largest weight was mostly in a wrong word.",
        "Training on up to eight digits moved the length at which the speller fails.",
        "Cutting at pauses did well where there were pauses, and failed where there were none.",
    ],
    wrong={
        "Attention goes through a recording from left to right by its construction.":
            "trained to write backwards, it looked from right to left",
        "CTC failed to write backwards because its ear reads in one direction only.":
            "its ear read both ways; the path runs along time",
        "The speller had fewer weights than CTC, and so it lost at eight digits.":
            "it had about three times as many",
        "A diagonal at four digits promised a diagonal at sixteen digits.":
            "at sixteen the largest weights were mostly in wrong words",
        "CTC's loss needs to be told which states belong to which digit.":
            "it sums over all paths, so nobody has to say",
        "In a path, blanks are taken out first, and repeats are merged then.":
            "merge first: a blank parts two equal digits",
        "Without pauses cutting was ahead, because it learns nothing that could fail.":
            "without pauses there was nothing to cut at",
        "Scores that see the weights before made the speller write eight digits well.":
            "in this small version they did not help",
        "The whisper on the page holds the speaker's pitch, which frames keep.":
            "frames have no pitch, so it cannot be heard",
    },
)  # fmt: skip

FIRST, LAST = "class 0 is the blank, class k + 1 is digit k", "class k is digit k, 10 the blank"
FORWARDS, BACKWARDS = "as they were said", "with what was said last first"


@question("speech/best-path", "The best path", classes=[FIRST, LAST], order=[FORWARDS, BACKWARDS])
def _best_path(classes: str, order: str) -> Asked:
    blank = 0 if classes == FIRST else 10
    shift = 1 if classes == FIRST else 0
    step = 1 if order == FORWARDS else -1

    def checker(best_path: Any) -> str:
        with Comparison() as compare:
            for path in ([3, 3, 10, 3, 0, 0], [0, 5, 5, 0, 5, 10, 7], [10, 1, 0, 1, 4, 4]):
                logits = np.random.default_rng(len(path)).standard_normal((len(path), 11))
                logits[np.arange(len(path)), path] = 4.0 + np.arange(len(path))
                merged = [mark for mark, _ in groupby(path)]
                unblanked = [mark for mark in path if mark != blank]
                right = [mark - shift for mark in merged if mark != blank][::step]
                other = 10 - blank
                wrong = [
                    ([mark - shift for mark, _ in groupby(unblanked)][::step],
                     "merge first, and take out the blanks then"),
                    ([mark - shift for mark in unblanked][::step], "what repeats is one digit"),
                    (right[::-1], "the digits are wanted in another order"),
                    ([mark - 1 + shift for mark in merged if mark != other][::step],
                     "another class is the blank"),
                    ([mark - shift for mark in merged][::step], "the blanks are still in it"),
                ]  # fmt: skip
                got = array(best_path(logits), of="whole numbers")
                compare(got, np.array(right), wrong, case=call("best_path", "logits of", path))
        return "right"

    body = f"    path = logits.argmax(1).tolist()[::{step}]\n    before = [None, *path]\n"
    return function(
        f"CTC's network gives logits (t, 11), a NumPy array in which {classes}. Return the digits "
        f"that the most probable path says, {order}, as a list.",
        "def best_path(logits):",
        checker,
        solution=f"def best_path(logits):\n{body}"
        f"    return [c - {shift} for b, c in zip(before, path) if c != b and c != {blank}]",
    )


@question("speech/phone", "A telephone line", device=["a bank's hotline", "a car", "a call center"])
def _phone(device: str) -> Asked:
    return essay(
        f"A recognizer for {device} writes down account numbers. It has attention, was trained on "
        "numbers of up to eight digits, and makes no mistake on new ones. Now account numbers get "
        "sixteen digits. “It listens in order, I have seen the maps,” says a colleague. What do "
        "you expect, how would you find out, and what would you change?",
        "on_longer_numbers",
        [
            "Expect many mistakes: where to look next was learned for up to eight digits.",
            "The maps show lengths as in training; they say little about others.",
            "Measure mistakes per digit by length, on new voices, with right digits of 9 to 16.",
            "Train on longer numbers, or build order in: CTC, alone or beside attention.",
        ],
        solution="I expect it to lose its place soon after eight digits: nothing builds the order "
        "in, and what it learned it learned for eight. The maps were of short numbers. I'd record "
        "numbers of 9 to 16 digits in new voices, and count mistakes per digit by length. Then I'd "
        "train on long ones as well, or use CTC, whose path runs along time whatever the length.",
    )
