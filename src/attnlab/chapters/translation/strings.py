"""What programs say, in English and in Chinese: real pairs, as `recording.py` has copied them."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from attnlab.tasks.pairs import Pair
from attnlab.tasks.vocabulary import Vocabulary

Row = tuple[str, str]  # English and Chinese

LONGEST = 10  # words of the English
TESTED = 500  # keys, or rows, that are kept for tests
STRINGS_FILE = Path(__file__).parent / "strings.npz"
# A placeholder, a word of Latin letters or digits, or any other sign, as a Chinese character is.
TOKEN = re.compile(r"%\(\w+\)[sd]|%[sd\d]|\{\w*\}|[a-z0-9_']+|\S", re.IGNORECASE)


def tokens(text: str) -> list[str]:
    """The words of a text in small letters, and each other sign and Chinese character by itself.

    >>> tokens("Save %s as…"), tokens("将 %s 另存为…")
    (['save', '%s', 'as', '…'], ['将', '%s', '另', '存', '为', '…'])
    """
    return TOKEN.findall(text.lower())


def key(english: str) -> str:
    """What is alike in texts that say the same: their words without any signs or capitals.

    >>> key("Save As…"), key("save as")
    ('save as', 'save as')
    """
    words = [token for token in tokens(english) if token[0].isalnum() or token[0] in "%{"]
    return " ".join(words)


@cache
def rows() -> list[Row]:
    """All that is stored, in the order of the catalogs; many a string is there more than once."""
    text = np.load(STRINGS_FILE)["text"].tobytes().decode().split("\n")
    half = len(text) // 2
    return list(zip(text[:half], text[half:], strict=True))


def split_by_key(seed: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to test on, which have no key in common; one row a test key."""
    keys = sorted({key(english) for english, _ in rows()})
    kept = random.Random(seed).sample(keys, TESTED)
    first = {key(english): (english, chinese) for english, chinese in reversed(rows())}
    train = [row for row in rows() if key(row[0]) not in first.keys() & {*kept}]
    return train, [first[each] for each in kept]


def split_by_row(seed: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to test on, drawn without a look at what they say."""
    mixed = rows().copy()
    random.Random(seed).shuffle(mixed)
    return mixed[TESTED:], mixed[:TESTED]


class Memory:
    """A translator that never translates: the Chinese of the known string that is most alike.

    Args:
        known: the rows that it remembers.

    >>> memory = Memory([("Save file", "保存文件"), ("Open a file", "打开文件")])
    >>> memory.nearest("Open file")
    ('Open a file', '打开文件')
    """

    def __init__(self, known: Sequence[Row]):
        self._known = list(dict.fromkeys(known))
        bags = [pieces(english) for english, _ in self._known]
        self._sizes = np.array([len(bag) for bag in bags])
        self._places: dict[tuple[str, int], list[int]] = {}  # of the rows that have a piece
        for place, bag in enumerate(bags):
            for piece in bag:
                self._places.setdefault(piece, []).append(place)

    def nearest(self, english: str) -> Row:
        """The known row with the largest F1 of shared pieces; of equals, the first."""
        bag = pieces(english)
        shared = np.zeros(len(self._known))
        for piece in bag:
            shared[self._places.get(piece, [])] += 1
        return self._known[int((2 * shared / (len(bag) + self._sizes)).argmax())]


def pieces(english: str) -> set[tuple[str, int]]:
    """A text's words and its runs of three letters, each with how often it was there before.

    >>> sorted(pieces("so, so"))
    [(' so', 0), (' so', 1), ('o s', 0), ('so', 0), ('so', 1), ('so ', 0), ('so ', 1)]
    """
    words = key(english).split()
    text = f" {' '.join(words)} "
    every = Counter([*words, *(text[i : i + 3] for i in range(len(text) - 2))])
    return {(piece, before) for piece, count in every.items() for before in range(count)}


def vocabularies(train: Sequence[Row]) -> tuple[Vocabulary, Vocabulary]:
    """The English and the Chinese tokens that come at least twice in what is learned from."""
    sides = (Counter(token for row in train for token in tokens(row[side])) for side in (0, 1))
    src, tgt = ([token for token, n in count.items() if n > 1] for count in sides)
    return Vocabulary(src), Vocabulary(tgt)


def pairs(some: Sequence[Row], src: Vocabulary, tgt: Vocabulary) -> list[Pair]:
    return [Pair(src.encode(tokens(en)), tgt.encode(tokens(zh))) for en, zh in some]
