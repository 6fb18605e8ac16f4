"""Checks of the chapter `work/translation`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attnlab.chapters.translation import numbers
from attnlab.chapters.translation.scoring import LONGEST, chrf, pieces
from attnlab.chapters.translation.strings import key
from attnlab.chapters.translation.widget import TranslationWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call
from attnlab.exercises.written import written
from attnlab.tasks.vocabulary import BOS, EOS, PAD, UNK


@exercise("translation/myriads", "by_myriads")
def _myriads(by_myriads) -> str:
    with Comparison() as compare:
        for n in (120_034, 7, 31_400_000, 200_000_005, 98_765_432):

            def groups(n: int, size: int = 10_000) -> list[int]:
                return [*groups(n // size, size), n % size] if n >= size else [n]

            right, digits = groups(n), str(n)
            cut = [int(digits[i : i + 4]) for i in range(0, len(digits), 4)]
            wrong = [
                (groups(n, 1000), "that counts by thousands, as English does: 万 is 10,000"),
                (right[::-1], "the highest group comes first"),
                (cut, "cut groups of four off from the right: the first one may be shorter"),
                ([*divmod(n, 10_000)], "there can be one group or three as well: go on, or stop"),
                (groups(n, 100_000), "万 has four zeros"),
                (groups(n, 100), "万 has four zeros, and 100 has two"),
                ([group for group in right if group], "an empty group is a group, with a 0"),
                ([int(digit) for digit in digits], "those are the digits; groups are wanted"),
                ([n], "that is the whole number; how many 万 are in it, and what is left?"),
            ]
            got = array(by_myriads(n))
            compare(got, right, wrong, case=call("by_myriads", n))
    return "right: the words change at every third digit, the characters at every fourth"


@exercise("translation/leak", "leak")
def _leak(leak) -> str:
    with Comparison() as compare:
        for train, test in (
            (["Save as…", "Open", "Open file"], ["save as", "Close", "Open", "Open"]),
            (["Run", "run", "Stop"], ["Run.", "Halt", "Stop", "Start", "Wait"]),
            (["Cut", "Copy all", "Paste", "Undo"], ["Redo", "Cut!", "Copy"]),
            (["UNDO", "Zoom in"], ["undo", "zoom in!", "Zoom in", "Help"]),  # capitals alone
        ):
            known, keys = {*map(key, train)}, [*map(key, test)]
            hits = [each in known for each in keys]
            exact = [each in train for each in test]
            small = [each.lower() in {one.lower() for one in train} for each in test]
            wrong = [
                (np.mean(exact), "compare keys: a capital or a dot makes no new string"),
                (np.mean(small), "signs go as well: compare what `key` gives"),
                (1 - np.mean(hits), "that is the share of test strings that are new"),
                (sum(hits), "a share: divide by the number of test strings"),
                (sum(hits) / len(train), "divide by the number of test strings"),
                (np.mean([key(each) in keys for each in train]),
                 "that is the share of training strings that are in the test"),
                (np.mean([any(each in one for one in known) for each in keys]),
                 "a key leaks if it is the same as a known one; part of one doesn't count"),
                (len({*keys} & known) / len({*keys}),
                 "a string that is tested twice counts twice"),
                (len({*keys} & known) / len(test), "a leaked string that comes twice counts twice"),
                (sum(hits) / (len(train) + len(test)), "of the test strings, and not of all"),
            ]  # fmt: skip
            got = number(leak([*train], [*test], key))
            compare(got, np.mean(hits), wrong, case=call("leak", train, test))
    return "right: measure it before you believe any score"


@exercise("translation/bug", "said_in")
def _bug(said_in) -> str:
    with Comparison() as compare:
        for row in (
            [4, 5, 2, 2, 2],  # filled up with end marks
            [4, 5, 6, 7, 2, 8, 9, 0],  # goes on behind its end
            [8, 9, 6, 7],  # never ends
            [2, 4, 4, 2],  # ends at once
            [10, 3, 2, 5, 0, 2, 6],  # an unknown word is said, and counts
        ):
            end = row.index(EOS) if EOS in row else len(row)
            last = len(row) - 1 - row[::-1].index(EOS) if EOS in row else len(row)
            pad = row.index(PAD) if PAD in row else len(row)
            marks = (PAD, BOS, EOS)
            wrong = [
                ([token for token in row if token not in marks],
                 "what comes after the first <eos> was never meant to be said"),
                ([token for token in row[:last] if token not in marks],
                 "the first <eos> ends the text, not the last"),
                ([token for token in row[:pad] if token not in marks],
                 "<eos> ends the text; <pad> only fills it up"),
                (row, "stop at the first <eos>, and leave it out"),
                (row[: end + 1], "<eos> itself is no part of the text"),
                (row[: max(0, end - 1)], "the last word before <eos> belongs to the text"),
                ([token for token in row[:end] if token != UNK],
                 "<unk> is something that was said, and it was wrong: leave it in the text"),
                (row[1:end], "the first word belongs to the text"),
                (row[:-1], "an <eos> may come anywhere, and may be missing"),
            ]  # fmt: skip
            got = array(said_in([*row]))
            compare(got, row[:end], wrong, case=call("said_in", row))
    return "right: a score of what comes after the end mark is a score of nothing"


def _by(
    said: list[str],
    right: list[str],
    *,
    longest: int = LONGEST,
    count: Callable = pieces,
    score: Callable = lambda p, r: 5 * p * r / (4 * p + r) if p + r else 0.0,
    of_each: bool = False,
) -> float:
    """chrF with one thing changed; of two scores it takes the one of the means, or the mean."""
    found = []
    for n in range(1, longest + 1):
        bags = [(count(a, n), count(b, n)) for a, b in zip(said, right, strict=True)]
        both = sum((a & b).total() for a, b in bags)
        ours, theirs = (sum(pair[side].total() for pair in bags) for side in (0, 1))
        if ours and theirs:
            found.append((both / ours, both / theirs))
    if of_each:
        return float(np.mean([score(*pair) for pair in found]))
    return float(score(*np.mean(found, axis=0)))


@exercise("translation/chrf", "chrf_of")
def _chrf(chrf_of) -> str:
    with Comparison() as compare:
        for said, right in (
            (["打开新文件夹"], ["打开一个新的文件夹"]),
            (["无法删除单元格", "保存"], ["无法删除所选单元格的输出", "另存为"]),
            (["一一一一二三四", "关闭所有标签页"], ["一二三四", "关闭其他标签页"]),
            (["设置字体大小为默认值"], ["将字体大小设置为默认值吗"]),
        ):
            each = [chrf([a], [b]) for a, b in zip(said, right, strict=True)]

            def once(text: str, n: int):
                bag = pieces(text, n)
                return type(bag)(bag.keys())

            wrong = [
                (_by(said, right, score=lambda p, r: 2 * p * r / (p + r) if p + r else 0.0),
                 "recall counts twice as much: β = 2"),
                (_by(said, right, score=lambda p, r: 5 * p * r / (p + 4 * r) if p + r else 0.0),
                 "that gives precision the weight of recall"),
                (_by(said, right, score=lambda p, r: p), "that is precision; recall counts, too"),
                (_by(said, right, score=lambda p, r: r), "that is recall; precision counts, too"),
                (_by(said, right, count=once), "a piece counts as often as it is in both"),
                (_by(said, right, longest=4), "pieces have up to 6 letters"),
                (_by(said, right, longest=1), "pieces have 1 to 6 letters"),
                (_by(said, right, of_each=True),
                 "average precisions and recalls first, and make one score of the two means"),
                (np.mean(each), "count over all texts together, before you divide"),
                (100 * chrf(said, right), "from 0 to 1, and not in percent"),
            ]  # fmt: skip
            got = number(chrf_of([*said], [*right]))
            compare(got, chrf(said, right), wrong, case=call("chrf_of", said, right))
    return "right: this is the number that systems are compared by, to the last digit"


@dataclass
class _Shown:
    """The widget, with a writer that is right below a limit, and at some numbers above it."""

    fails: Callable[[int], bool]
    number: int = 1
    step: int = 3

    stands_for = TranslationWidget

    @property
    def right(self) -> bool:
        return not self.fails(self.number)

    @property
    def words(self) -> list[str]:
        return numbers.english(self.number)

    @property
    def weights(self) -> np.ndarray:
        return np.ones((2, 1))

    @property
    def wanted(self) -> str:
        return numbers.chinese(self.number)

    @property
    def output(self) -> str:
        return numbers.chinese(self.number + self.fails(self.number))


@exercise("translation/widget", "wrong_ones", sets=("number",))
def _widget(wrong_ones) -> str:
    with Comparison() as compare:
        for given, fails in (
            ([5, 20_000, 300, 10_000], lambda n: n >= 10_000),
            ([9, 8, 7], lambda n: False),
            ([40, 50, 60], lambda n: True),
            ([3, 70_000, 3, 11, 70_000], lambda n: n in (3, 70_000)),
        ):
            w = _Shown(fails, number=given[0])
            right = [n for n in given if fails(n)]
            first_state = given if fails(given[0]) else []
            wrong = [
                ([n for n in given if not fails(n)], "those are the numbers that are right"),
                (first_state, "set `w.number` before you ask whether it is right"),
                (sorted(right, reverse=True), "in the order in which they were given"),
                (right[:1], "go on after the first one"),
                ([given.index(n) for n in right], "the numbers, and not their places"),
                (len(right), "the numbers, and not how many there are"),
                (given, "those are all"),
                (list(dict.fromkeys(right)), "a number that is given twice comes twice"),
            ]
            got = array(wrong_ones(w, [*given]))
            compare(got, right, wrong, case=call("wrong_ones", given))
    return "right: now give it numbers on both sides of a hundred million"


choice(
    "translation/explain",
    "what_it_means",
    right="d",
    hints={
        "a": "chrF gives much to a good sentence about something else; nobody asked whether it "
        "says what the English says",
        "b": "nothing ties the two orders together: compute both for one pair that is right and "
        "one that is far off",
        "c": "chrF counts what was said as well as what was left out, and a look-up has no say in "
        "how long its strings are",
    },
    praise="right: a score says in which way a system is wrong, and one score says one way",
)


written(
    "translation/in-writing",
    "on_the_score",
    points=[
        "Interface strings repeat, so a split by rows puts many test strings into training.",
        "What a look-up of the nearest string scores on the same split must stand beside it.",
        "Split by a key that ignores capitals and signs, so that no string is on both sides.",
        "One number is not enough: exact matches and chrF can order two systems differently.",
    ],
)
