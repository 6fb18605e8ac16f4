"""Journeys that are booked in one sentence and read back in another, with names of places in both.

Some names are in the vocabulary, others never were: those get a number of their own within their
sentence, from the size of the vocabulary on, as `PointerGenerator` takes them.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from attnlab.stored import load
from attnlab.tasks.pairs import Batch, Pair, collate
from attnlab.tasks.vocabulary import UNK, Vocabulary

# A is where the journey begins, B where it ends.
REQUESTS = (
    "i want to go from A to B",
    "take me to B , i am in A",
    "to B please , leaving from A",
)
UNTRAINED = "A to B please"  # its first name stands behind no word at all
REPLY = "from A to B , right ?"
N_NEW = 2  # names in a sentence that may be new


@dataclass(frozen=True)
class Journeys:
    """Requests to replies.

    Args:
        known: names of the vocabulary. new: others, which no training batch has.

    >>> journeys = Journeys(("Peru", "Ghana"), ("Fiji",))
    >>> src, tgt = journeys.words("to B please , leaving from A", "Peru", "Fiji")
    >>> " ".join(tgt)
    'from Peru to Fiji , right ?'
    >>> pair = journeys.pair(src, tgt)
    >>> pair.tgt[3] - len(journeys.vocabulary), journeys.decode(pair.tgt, src)
    (0, ['from', 'Peru', 'to', 'Fiji', ',', 'right', '?'])
    """

    known: tuple[str, ...]
    new: tuple[str, ...]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all sentences, and the known names."""
        texts = " ".join((*REQUESTS, UNTRAINED, REPLY)).split()
        return Vocabulary([*(word for word in texts if word not in "AB"), *self.known])

    def words(self, request: str, start: str, end: str) -> tuple[list[str], list[str]]:
        """One request, and its reply."""
        names = {"A": start, "B": end}
        src, tgt = ([names.get(word, word) for word in text.split()] for text in (request, REPLY))
        return src, tgt

    def pair(self, src: Sequence[str], tgt: Sequence[str]) -> Pair:
        """Both in numbers; new words are numbered in the order in which the request has them."""
        numbers = {word: len(self.vocabulary) + i for i, word in enumerate(self._unknown(src))}
        known = self.vocabulary.encode
        src_numbers, tgt_numbers = (
            [numbers.get(word, number) for word, number in zip(text, known(text), strict=True)]
            for text in (src, tgt)
        )
        return Pair(src_numbers, tgt_numbers)

    def decode(self, numbers: Sequence[int], src: Sequence[str]) -> list[str]:
        """The words up to the end mark, of which the request `src` has the new ones."""
        new = self._unknown(src)
        size = len(self.vocabulary)
        words = []
        for number in numbers:
            if number >= size:
                words.append(new[number - size])
            elif known := self.vocabulary.decode([number]):
                words += known
            else:
                break
        return words

    def batch(
        self,
        size: int,
        *,
        rng: random.Random,
        names: Sequence[str],
        requests: Sequence[str] = REQUESTS,
    ) -> Batch:
        """Random journeys between two different ones of the names."""
        return collate(
            [
                self.pair(*self.words(rng.choice(requests), *rng.sample(names, 2)))
                for _ in range(size)
            ]
        )

    def batches(self, size: int, *, seed: int, names: Sequence[str]) -> Iterator[Batch]:
        """The same without end."""
        rng = random.Random(seed)
        while True:
            yield self.batch(size, rng=rng, names=names)

    def without_new(self, batch: Batch) -> Batch:
        """The batch as a model sees it that has no numbers for new words: all are <unk>."""
        size = len(self.vocabulary)
        parts = ("src", "tgt_in", "tgt_out")
        known = {p: getattr(batch, p) for p in parts}
        return replace(batch, **{p: x.masked_fill(x >= size, UNK) for p, x in known.items()})

    def _unknown(self, src: Sequence[str]) -> list[str]:
        numbered = zip(src, self.vocabulary.encode(src), strict=True)
        return list(dict.fromkeys(word for word, number in numbered if number == UNK))


def of_the_world() -> Journeys:
    """Those between the countries and territories whose names are stored with the chapter.

    >>> len(of_the_world().known), len(of_the_world().new)
    (118, 59)
    """
    names = load("pointers")["names"]
    return Journeys(tuple(names["known"]), tuple(names["new"]))
