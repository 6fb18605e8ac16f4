"""Frames made audible again, as a whisper: in each band a noise that is as loud as they say.

What frames don't hold can't be heard either: there is no pitch, and so no melody and no person.
"""

from functools import cache

import numpy as np

from attnlab.chapters.speech.recording import HIGHEST, HOP, LOWEST, N_BANDS, RANGE, RATE, band_edges

LOUD = 16  # what the bands add up to in the loudest words; a softer sound stays softer


def whisper(frames: np.ndarray) -> np.ndarray:
    """A sound `(m · HOP,)` of frames `(m, N_BANDS)` from 0 to 1, at most 1 loud.

    Source: the noise vocoder of Shannon et al. (1995), with more bands. `sound.js` is its twin.

    >>> loud, soft = (whisper(np.full((4, N_BANDS), x)) for x in (1.0, 0.1))
    >>> len(loud), float(np.abs(loud).max()), bool(np.abs(soft).max() < 0.01)
    (2204, 1.0, True)
    """
    m = len(frames)
    amplitudes = 10 ** (RANGE / 20 * (np.asarray(frames, dtype=float) - 1))
    places = np.arange(m * HOP) / HOP
    sound = np.zeros(m * HOP)
    for band, noise in enumerate(noises()):
        loud = np.interp(places, np.arange(m), amplitudes[:, band])
        sound += loud * np.resize(noise, m * HOP)
    return sound / max(LOUD, np.abs(sound).max())


@cache
def noises() -> np.ndarray:
    """A second of noise for each band, which can be repeated: `(N_BANDS, RATE)`.

    A band's noise is made of tones about 20 Hz apart, whose strength falls from its middle to its
    ends, where the next bands have theirs.
    """
    k = np.arange((HIGHEST - LOWEST) // 20)
    tones = LOWEST + 20 * k + 7 * k * k % 20  # in Hz; whole numbers, so that a second is a period
    phases = 2 * np.pi * (0.618033988749895 * k * k % 1)
    edges = band_edges()
    start, peak, end = (edges[i : N_BANDS + i, None] for i in range(3))
    share = np.maximum(
        0, np.minimum((tones - start) / (peak - start), (end - tones) / (end - peak))
    )
    t = np.arange(RATE) / RATE
    return share @ np.sin(2 * np.pi * tones[:, None] * t + phases[:, None])
