"""Digits said one after the other, so that it is known where each of them is.

Letters: B batch, m frames of 25 milliseconds, n digits and the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Generator, Tensor

from attnlab.chapters.speech.recording import N_BANDS, VOICES, WORDS, WORDS_FILE
from attnlab.functional import settings
from attnlab.functional.masks import padding_mask
from attnlab.tasks.pairs import Batch
from attnlab.tasks.sizes import whole, without_end
from attnlab.tasks.split import SPLITS, Split
from attnlab.tasks.vocabulary import BOS, EOS, PAD, SPECIAL

VOCAB = len(SPECIAL) + len(WORDS)
NOISE = 0.1  # its standard deviation in each band, where the loudest is 1
PAUSES = (0, 4)  # the shortest and the longest, in frames
UNHEARD = ("m3", "f4")  # two speakers of eight, in all accents, are for tests alone


@cache
def words() -> list[list[Tensor]]:
    """What is stored, by voice and digit: `(frames, 20)` each, from 0 to 1.

    >>> len(words()), len(words()[0]), words()[0][7].shape[1]
    (32, 10, 20)
    """
    with np.load(WORDS_FILE) as stored:
        frames = torch.from_numpy(stored["frames"] / np.float32(255))
        lengths = stored["lengths"]
    pieces = iter(frames.split(lengths.ravel().tolist()))
    return [[next(pieces) for _ in WORDS] for _ in VOICES]


def voices(split: Split) -> list[int]:
    """The voices of a split: no speaker of the tests is heard in training.

    >>> len(voices("train")), len(voices("test"))
    (24, 8)
    """
    settings.one_of(SPLITS, split=split)
    testing = split == "test"
    return [i for i, voice in enumerate(VOICES) if (voice.split("+")[1] in UNHEARD) == testing]


def said(digits: list[int], voice: int, pauses: list[int]) -> tuple[Tensor, list[tuple[int, int]]]:
    """Digits with a pause before each and one behind: frames `(m, 20)`, and where each word is.

    >>> frames, spans = said([3, 1], voice=0, pauses=[2, 4, 1])
    >>> spans[0][0], spans[1][0] - spans[0][1], len(frames) - spans[1][1]
    (2, 4, 1)
    """
    pieces, spans, at = [], [], 0
    for digit, pause in zip(digits, pauses, strict=False):  # one pause is left for the end
        word = words()[voice][digit]
        pieces += [torch.zeros(pause, N_BANDS), word]
        spans.append((at + pause, at + pause + len(word)))
        at = spans[-1][1]
    return torch.cat([*pieces, torch.zeros(pauses[-1], N_BANDS)]), spans


@dataclass(frozen=True)
class Utterances:
    """Random digits in one voice, with noise, to be written down.

    Args:
        min_len, max_len: the fewest and the most digits.
        backwards: whether what was said last is to be written first.
        same: whether one digit is said again and again.
        pauses: the shortest and the longest before each digit and at the end, in frames.

    Raises:
        TypeError: a length is not an integer.
        ValueError: min_len < 1 or max_len < min_len.

    >>> batch = Utterances(3, 3).batch(2)
    >>> batch.src.shape[2], batch.tgt_out.shape  # bands; digits and the end
    (20, torch.Size([2, 4]))
    """

    min_len: int = 2
    max_len: int = 4
    backwards: bool = False
    same: bool = False
    pauses: tuple[int, int] = PAUSES

    def __post_init__(self):
        whole(1, self, "min_len")
        whole(self.min_len, self, "max_len")

    def batch(
        self, size: int, *, split: Split = "train", generator: Generator | None = None
    ) -> Batch:
        """So many utterances; `src` holds frames `(B, m, 20)` and `alignment` the words' places.

        Raises:
            TypeError: a size that is no integer.
            ValueError: size below 1, or another split.
        """
        settings.count(1, size=size)
        speakers = voices(split)

        def draw(low: int, high: int, count: int = 1) -> list[int]:
            return torch.randint(low, high + 1, (count,), generator=generator).tolist()

        spoken, targets, places = [], [], []
        for _ in range(size):
            (length,) = draw(self.min_len, self.max_len)
            digits = draw(0, 9) * length if self.same else draw(0, 9, length)
            voice = speakers[draw(0, len(speakers) - 1)[0]]
            frames, spans = said(digits, voice, draw(*self.pauses, length + 1))
            order = -1 if self.backwards else 1
            spoken.append(frames)
            targets.append([digit + len(SPECIAL) for digit in digits[::order]])
            places.append(spans[::order])
        return _batch(spoken, targets, places, generator)

    def batches(self, size: int) -> Iterator[Batch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)


def noisy(frames: Tensor, generator: Generator | None = None) -> Tensor:
    """Frames as a microphone would have them: nowhere quite silent."""
    noise = torch.randn(frames.shape, generator=generator)
    return (frames + NOISE * noise).abs().clamp(max=1)


def _batch(spoken: list, targets: list, places: list, generator: Generator | None) -> Batch:
    src = torch.nn.utils.rnn.pad_sequence(spoken, batch_first=True)  # (B, m, 20)
    mask = padding_mask(torch.tensor([len(frames) for frames in spoken]), src.shape[1])
    n = max(map(len, targets)) + 1
    tgt_in, tgt_out = torch.full((2, len(targets), n), PAD)
    alignment = torch.zeros(len(targets), n, src.shape[1], dtype=torch.bool)
    for row, (target, spans) in enumerate(zip(targets, places, strict=True)):
        tgt_in[row, : len(target) + 1] = torch.tensor([BOS, *target])
        tgt_out[row, : len(target) + 1] = torch.tensor([*target, EOS])
        for i, (start, end) in enumerate(spans):
            alignment[row, i, start:end] = True
    return Batch(noisy(src, generator) * mask.mT, mask, tgt_in, tgt_out, alignment)
