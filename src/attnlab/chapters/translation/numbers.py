"""Numbers in English words and in Chinese characters, and which comes from which.

English counts by thousands, Chinese by ten thousands: 万 is 10,000, and 亿 is 10,000 of those.
"""

import random
from collections.abc import Sequence

from attnlab.tasks.pairs import Pair
from attnlab.tasks.vocabulary import Vocabulary

SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
MYRIADS = ("", "万", "亿")
MOST_DIGITS = 8  # of a number in training
TRAINED, TESTED = 4000, 800

SRC = Vocabulary([*SMALL, *TENS, "hundred", "thousand", "million"])
TGT = Vocabulary(DIGITS + "十百千万亿")


def english(n: int) -> list[str]:
    """The words of a whole number from 0 to 999,999,999, without "and".

    Raises:
        ValueError: a number out of range.

    >>> " ".join(english(120_034))
    'one hundred twenty thousand thirty four'
    """
    return [word for word, _ in _english(n)]


def chinese(n: int) -> str:
    """The characters of a whole number from 0 to 999,999,999.

    Raises:
        ValueError: a number out of range.

    >>> chinese(120_034), chinese(10_010_000), chinese(12)
    ('十二万零三十四', '一千零一万', '十二')
    """
    return "".join(character for character, _ in _chinese(n))


def pair(n: int) -> Pair:
    """The number as a source and a target, each digit aligned with the word that gives it.

    >>> pair(21_000).alignment  # 二 from twenty, 万, 一 from one, 千
    [{0}, set(), {1}, set()]
    """
    words, characters = _english(n), _chinese(n)
    alignment = [
        {i for i, (_, places) in enumerate(words) if place in places} for _, place in characters
    ]
    src, tgt = SRC.encode(word for word, _ in words), TGT.encode(c for c, _ in characters)
    return Pair(src, tgt, alignment)


def drawn(size: int, seed: int, digits: Sequence[int] = range(1, MOST_DIGITS + 1)) -> list[int]:
    """So many different numbers; how many digits one has is drawn first, from those given.

    >>> drawn(3, seed=0, digits=(2,))
    [63, 43, 61]
    """
    rng, found = random.Random(seed), {}
    while len(found) < size:
        length = rng.choice(digits)
        found[rng.randrange(10 ** (length - 1), 10**length)] = None
    return list(found)


def with_zeros(size: int, seed: int) -> list[int]:
    """So many numbers of 3 to 8 digits, in which each digit but the first is often 0.

    >>> with_zeros(3, seed=0)
    [904670, 5010, 610]
    """
    rng = random.Random(seed)
    found = []
    for _ in range(size):
        length = rng.randrange(2, MOST_DIGITS)
        rest = [rng.randrange(10) * rng.randrange(2) for _ in range(length)]
        found.append(int("".join(map(str, [rng.randrange(1, 10), *rest]))))
    return found


def split(seed: int) -> tuple[list[int], list[int]]:
    """Numbers to learn from, and others to test on.

    >>> [len(some) for some in split(seed=0)]
    [4000, 800]
    """
    every = drawn(TRAINED + TESTED, seed)
    return every[:TRAINED], every[TRAINED:]


def _english(n: int) -> list[tuple[str, set[int]]]:
    """Each word, and the places of the decimal digits that it gives: 0 for ones, 1 for tens …"""
    if _checked(n) == 0:
        return [("zero", {0})]
    words: list[tuple[str, set[int]]] = []
    for scale, name in ((6, "million"), (3, "thousand"), (0, "")):
        group = n // 10**scale % 1000
        hundreds, rest = divmod(group, 100)
        if hundreds:
            words += [(SMALL[hundreds], {scale + 2}), ("hundred", set())]
        if rest >= 20:
            words.append((TENS[rest // 10 - 2], {scale + 1}))
            rest %= 10
            if rest:
                words.append((SMALL[rest], {scale}))
        elif rest:
            words.append((SMALL[rest], {scale, scale + 1} if rest >= 10 else {scale}))
        if group and name:
            words.append((name, set()))
    return words


def _chinese(n: int) -> list[tuple[str, int | None]]:
    """Each character, and the place of its digit, if it is one other than 零."""
    if _checked(n) == 0:
        return [(DIGITS[0], 0)]
    characters: list[tuple[str, int | None]] = []
    text = str(n)
    for place, digit in zip(range(len(text) - 1, -1, -1), map(int, text), strict=True):
        last = characters[-1][0] if characters else ""
        if digit == 1 and place % 4 == 1 and not characters:
            characters.append((UNITS[1], place))  # 十二, not 一十二, but 一百一十二
        elif digit:
            characters.append((DIGITS[digit], place))
            if place % 4:
                characters.append((UNITS[place % 4], None))
        elif last != DIGITS[0]:
            characters.append((DIGITS[0], None))  # 零, once for zeros in a row
        group = n // 10**place % 10_000
        if place % 4 == 0 and (group or not place):  # in an empty group 零 stays: 一亿零一千
            while characters[-1][0] == DIGITS[0]:
                characters.pop()
            if place:
                characters.append((MYRIADS[place // 4], None))
    return characters


def _checked(n: int) -> int:
    if not 0 <= n < 10**9:
        raise ValueError(f"expected a whole number from 0 to 999,999,999, got {n}")
    return n
