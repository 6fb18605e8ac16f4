"""Sentences of random words: every word asks which words stand in two places.

Letters: B batch, n words of a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Generator, Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings
from attnlab.tasks.sizes import without_end
from attnlab.tasks.split import Split, draw
from attnlab.training.batches import drawing_device

Asks = Literal["neighbors", "ends"]

WORDS = (
    "I", "you", "we", "they", "hate", "miss", "love", "like", "watching", "playing", "teaching",
    "learning", "football", "tennis", "chess", "music",
)  # fmt: skip
LENGTH = 4
SENTENCE = ("I", "love", "playing", "football")  # held out, like one sentence in five
# Which place each word asks for, first and second; at the ends there is no neighbor but oneself.
_PLACES = {
    "neighbors": ((0, 0, 1, 2), (1, 2, 3, 3)),
    "ends": ((0, 0, 0, 0), (3, 3, 3, 3)),
}


@dataclass(frozen=True)
class PlacesBatch:
    """What is shown, and what is right."""

    words: Tensor  # (B, n)
    targets: Tensor  # (B, n, 2), words


@dataclass(frozen=True)
class Places:
    """Four different words in any order; each asks for two of the words by their place.

        I love playing football    neighbors of "love": I, playing    ends: I, football

    No word means anything here: any of them may stand anywhere.

    Args:
        asks: "neighbors", the word before and the word after (at an end, the word itself), or
            "ends", the first word and the last.

    Raises:
        ValueError: asks for something else.

    >>> task = Places("neighbors")
    >>> task.targets(torch.tensor([[0, 6, 9, 12]])).tolist()
    [[[0, 6], [0, 9], [6, 12], [9, 12]]]
    """

    asks: Asks = "neighbors"

    def __post_init__(self):
        settings.one_of(get_args(Asks), asks=self.asks)

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> PlacesBatch:
        """So many sentences. One in five is held out.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, or another split.
        """

        drawn = {"generator": generator, "device": drawing_device(generator)}

        def propose(count: int) -> Tensor:
            return torch.rand(count, len(WORDS), **drawn).argsort(1)[:, :LENGTH]

        words = draw(propose, size, split)
        return PlacesBatch(words, self.targets(words))

    def batches(self, size: int) -> Iterator[PlacesBatch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)

    def targets(self, words: Tensor) -> Tensor:
        """The right answers, `(B, 4)` → `(B, 4, 2)`.

        Raises:
            TypeError: words that are no tensor. ValueError: another shape.
        """
        check.tensors(words=words)
        if words.ndim != 2 or words.shape[1] != LENGTH:
            raise ValueError(f"words must have shape (B, {LENGTH}), got {tuple(words.shape)}")
        return words[:, torch.tensor(_PLACES[self.asks], device=words.device).T]
