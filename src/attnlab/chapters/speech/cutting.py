"""A recognizer that learns nothing: cut where it is quiet, and compare each piece with known words.

Source: the idea of Davis, Biddulph and Balashek (1952), who did it with two bands and vacuum tubes.
"""

from functools import cache

import numpy as np

from attnlab.chapters.speech.recording import WORDS
from attnlab.chapters.speech.utterances import voices, words
from attnlab.tasks.pairs import Batch

QUIET = 0.14  # the mean over the bands; noise alone has about 0.08
SHORTEST = 4  # frames; shorter pieces are no words
SIZE = 16  # frames to which each piece is stretched or squeezed


def cut(frames: np.ndarray) -> list[tuple[int, int]]:
    """Where it is loud for long enough: the first frame of each piece, and the first one behind.

    >>> cut(np.repeat([0.0, 0.5, 0.0, 0.5], [3, 6, 2, 1])[:, None])
    [(3, 9)]
    """
    loud = np.concatenate([[0], frames.mean(axis=1) > QUIET, [0]]).astype(int)
    starts, ends = (np.flatnonzero(np.diff(loud) == step).tolist() for step in (1, -1))
    return [(s, e) for s, e in zip(starts, ends, strict=True) if e - s >= SHORTEST]


def by_cutting(batch: Batch) -> list[list[int]]:
    """The digits of the nearest known words, one for each piece."""
    known, digits = _known()
    written = []
    for frames, real in zip(batch.src.numpy(), batch.src_mask[:, 0].numpy(), strict=True):
        sound = frames[real]
        pieces = (_of_one_size(sound[start:end]) for start, end in cut(sound))
        written.append(
            [int(digits[((known - piece) ** 2).sum(axis=1).argmin()]) for piece in pieces]
        )
    return written


@cache
def _known() -> tuple[np.ndarray, np.ndarray]:
    """All words of the voices for training, and which digits they are."""
    heard = [words()[voice][digit] for voice in voices("train") for digit in range(len(WORDS))]
    known = np.stack([_of_one_size(word.numpy()) for word in heard])
    return known, np.tile(np.arange(len(WORDS)), len(voices("train")))


def _of_one_size(frames: np.ndarray) -> np.ndarray:
    """`(m, 20)` as `(SIZE · 20,)`, read off between the frames."""
    places, at = np.linspace(0, len(frames) - 1, SIZE), np.arange(len(frames))
    return np.concatenate([np.interp(places, at, band) for band in frames.T])
