"""Questions on `work/translation`."""

from typing import Any

from attnlab.exercises.answers import whole
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import call

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "translation/twins", "What a look-up scores",
    rows=[200, 500, 1000, 2000], learned=[20, 50, 75, 120], alike=[40, 60, 80],
)  # fmt: skip
def _twins(rows: int, learned: int, alike: int) -> Asked:
    return value(
        f"A test of {rows} strings was split off by rows: {learned} of them stand in training as "
        f"well, with the very same English. Of those, {alike}% have the same translation there, "
        "and the others another one. A program says the translation of the known string that is "
        "the same, and nothing where there is none. What share of the test does it get right?",
        "looked_up",
        learned * alike / 100 / rows,
        [
            (learned / rows, "a twin that is translated otherwise doesn't help"),
            (alike / 100, "that is the share among those that leaked"),
            (learned * alike / 100, "that is how many; the share is wanted"),
            (0.0, "it can't translate, but it remembers"),
            (1 - learned * alike / 100 / rows, "that is the share that it gets wrong"),
        ],
        solution=f"looked_up = {learned} * {alike / 100} / {rows}",
    )


@question(
    "translation/f-score", "One number of two",
    precision=[0.2, 0.3, 0.4, 0.5], recall=[0.25, 0.6, 0.8], beta=[2, 3],
)  # fmt: skip
def _f_score(precision: float, recall: float, beta: int) -> Asked:
    p, r, b = precision, recall, beta**2
    return value(
        f"Of what a translator says, a share of {p} of the pieces is right, and of what is right "
        f"it says a share of {r}. What is the F-score with β = {beta}?",
        "score_of_both",
        (1 + b) * p * r / (b * p + r),
        [
            ((1 + b) * p * r / (p + b * r), "β says how much recall counts"),
            (2 * p * r / (p + r), "that is F1, with β = 1"),
            ((p + r) / 2, "that is the plain mean"),
            ((1 + beta) * p * r / (beta * p + r), "β enters squared"),
            (p * r / (b * p + r), "the factor 1 + β² is missing"),
        ],
        solution=f"score_of_both = {1 + b} * {p} * {r} / ({b} * {p} + {r})",
        places=3,
    )


sentences(
    "translation/holds", "Which sentence holds", "sentence_on_translation",
    asks="One of these sentences about translators and their scores holds. Which?",
    right=[
        "A look-up of the nearest string can have a higher chrF than a translator.",
        "Two systems can stand in one order by exact matches and in the other by chrF.",
        "Strings that differ in a capital or a dot belong on the same side of a split.",
        "How often each word was seen says more than how many pairs there are.",
    ],
    wrong={
        "A random split of the rows keeps every test string out of training.":
            "a string that stands in two rows can be on both sides",
        "A translator with exact matches above zero must beat any look-up by chrF.":
            "near misses made of good text score high",
        "chrF needs the text cut into words.": "it counts pieces of letters",
        "With β = 2 precision counts twice as much as recall.": "it is recall that counts more",
        "If training has every digit's word, numbers of any length come out right.":
            "a sign that never came can't be written",
        "What is written after the end mark belongs to the score.":
            "the first end mark ends the text",
        "Attention puts each weight on the word at the same place of the source.":
            "the languages cut a number at different places",
        "A word that never came in training is translated by its spelling.":
            "a vocabulary of words gives them all one number",
    },
)  # fmt: skip


@question("translation/groups", "Groups of digits", of=["3", "4"], gives=["how many", "the last"])
def _groups(of: str, gives: str) -> Asked:
    size = 10 ** int(of)

    def right(n: int, size: int, gives: str) -> int:
        groups = -(-len(str(n)) // (len(str(size)) - 1))
        return groups if gives == "how many" else n % size

    other = 10 ** (7 - int(of))

    def checker(groups: Any) -> str:
        with Comparison() as compare:
            for n in (7, 120_034, 99_999_999, 1_000, 12_345, 123_456_789_012):
                wrong = [
                    (right(n, other, gives), "count the digits of a group once more"),
                    (right(n, size, "the last" if gives == "how many" else "how many"),
                     "read again what is to be returned"),
                    (len(str(n)), "those are the digits, not the groups"),
                    (n // size, "that is all but the last group"),
                    (int(str(n)[: int(of)]), "groups are cut off from the right"),
                    (len(str(n)) // int(of), "a group that is not full is a group"),
                ]  # fmt: skip
                got = whole(groups(n))
                compare(got, right(n, size, gives), wrong, case=call("groups_of", n))
        return "right"

    what = "how many groups there are" if gives == "how many" else "the last group, as a number"
    ending = f"-(-len(str(n)) // {of})" if gives == "how many" else f"n % {size}"
    return function(
        f"A language cuts the digits of a whole number n ≥ 1 into groups of {of}, from the right; "
        f"the first group may be shorter. Return {what}.",
        "def groups_of(n):",
        checker,
        solution=f"def groups_of(n):\n    return {ending}",
    )


@question("translation/one-score", "One score", score=["chrF", "exact matches"])
def _one_score(score: str) -> Asked:
    return essay(
        f"A supplier compares two translators for your program by {score} alone, on a random "
        "tenth of your strings. What may that hide, and what would you have measured instead?",
        "on_one_score",
        [
            "Exact matches and chrF can put two systems in opposite order.",
            "Strings repeat, so a random tenth was learned from in part.",
            "A look-up of the nearest known string belongs beside both.",
            "Strings with seldom words should be counted by themselves.",
        ],
        solution="Exact matches give nothing for a string that is nearly right, and chrF gives "
        "much for a good string that says something else; so the order may turn with the score, "
        "and I'd want both. Strings repeat, with a dot or a capital more: I'd split by what they "
        "say, and put a look-up of the nearest known string beside the two. And I'd count the "
        "strings with words that were seldom seen by themselves, since new versions bring those.",
    )
