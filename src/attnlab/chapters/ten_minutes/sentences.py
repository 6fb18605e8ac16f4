"""Sentences about an animal and a place, whose last word decides which of the two is meant.

Letters: B batch, n words of a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from attnlab.functional import settings
from attnlab.tasks.sizes import without_end
from attnlab.tasks.split import SPLITS, Split, is_held_out

ANIMALS = (
    "animal", "cat", "dog", "horse", "fox", "goat", "cow", "sheep", "hen", "duck", "deer",
    "hedgehog",
)  # fmt: skip
PLACES = (
    "street", "road", "lane", "path", "bridge", "square", "field", "meadow", "yard", "hill",
    "valley", "beach",
)  # fmt: skip
OF_ANIMALS = ("tired", "hungry", "thirsty", "sleepy", "scared", "lazy", "shy", "sick")
OF_PLACES = ("wide", "narrow", "steep", "crowded", "flooded", "icy", "slippery", "windy")
NOUNS, ADJECTIVES = ANIMALS + PLACES, OF_ANIMALS + OF_PLACES
FRAMES = (
    "the {animal} didn’t cross the {place} because it was too {adjective}",
    "the {place} didn’t please the {animal} because it was too {adjective}",
)
IT = 7  # where “it” stands in both
WORDS = (*NOUNS, *ADJECTIVES, "the", "didn’t", "cross", "please", "because", "it", "was", "too")


def words_of(frame: int, animal: str, place: str, adjective: str) -> list[str]:
    """The words of a sentence.

    >>> " ".join(words_of(0, "animal", "street", "tired"))
    'the animal didn’t cross the street because it was too tired'
    """
    return FRAMES[frame].format(animal=animal, place=place, adjective=adjective).split()


def tokens(words: list[str]) -> Tensor:
    """Words as their places in `WORDS`, `(1, n)`."""
    return torch.tensor([[WORDS.index(word) for word in words]])


@dataclass(frozen=True)
class Batch:
    """What is read, and the two nouns in it."""

    words: Tensor  # (B, n), places in WORDS
    meant: Tensor  # (B,), the noun that the last word is said of, its place in NOUNS
    other: Tensor  # (B,), the noun that is not meant

    def at(self, nouns: Tensor) -> Tensor:
        """Where each sentence has this noun, `(B,)` → `(B, n)`: True at one of its words."""
        return self.words == nouns[:, None]


def sentences(split: Split) -> Batch:
    """All sentences of one split.

    Both frames take each of 12 animals, 12 places and 16 adjectives. Of the pairs of an adjective
    and the noun that it is said of, one in five is held out, in all sentences that have it.

    Raises:
        ValueError: another split.

    >>> [len(sentences(split).words) for split in ("train", "test")]
    [3672, 936]
    """
    settings.one_of(SPLITS, split=split)
    rows = []
    for frame, animal, place, adjective in product(range(len(FRAMES)), ANIMALS, PLACES, ADJECTIVES):
        nouns = (animal, place) if adjective in OF_ANIMALS else (place, animal)
        rows.append([*words_of(frame, animal, place, adjective), *nouns])
    every = torch.cat([tokens(row) for row in rows])
    words, meant, other = every[:, :-2], every[:, -2], every[:, -1]
    pairs = torch.stack([meant, words[:, -1]], dim=1)  # (B, 2)
    chosen = is_held_out(pairs) == (split == "test")
    return Batch(words[chosen], meant[chosen], other[chosen])


def batches(size: int) -> Iterator[Batch]:
    """Random batches of the training sentences, without end.

    Raises:
        TypeError: the size is not an integer. ValueError: it is below 1.
    """
    all_of_them = sentences("train")

    def batch(size: int) -> Batch:
        picked = torch.randint(len(all_of_them.words), (size,))
        return Batch(*(rows[picked] for rows in vars(all_of_them).values()))

    return without_end(batch, size)
