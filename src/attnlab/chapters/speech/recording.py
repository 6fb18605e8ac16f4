"""Let a program say ten digits in 32 voices, and keep what a small ear hears of them.

    apt-get install espeak-ng
    python -m attnlab.chapters.speech.recording     # some seconds; rewrites words.npz

Source: eSpeak NG 1.51 (GPL-3.0-or-later), which makes speech by rules, vowels from formants and
some consonants from short sounds; the voices are its own. What is stored is measured from what it
says, 20 numbers each 25 milliseconds; neither the program nor its data is.
"""

import subprocess
from pathlib import Path

import numpy as np

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-029")
SPEAKERS = ("m1", "m2", "m3", "m4", "f1", "f2", "f3", "f4")
VOICES = tuple(f"{accent}+{speaker}" for accent in ACCENTS for speaker in SPEAKERS)

RATE = 22_050  # samples of sound a second
HOP = 551  # samples from frame to frame: 25 milliseconds
WINDOW = 1024
N_BANDS = 20
LOWEST, HIGHEST = 100, 8000  # Hz
RANGE = 60  # decibels from silence, 0, to the loudest, 255
SPEECH = 45  # what is farther below the loudest, before the word and after it, is cut off
HEADER = 44  # bytes before the samples of a WAV file

WORDS_FILE = Path(__file__).parent / "words.npz"


def band_edges() -> np.ndarray:
    """The frequencies at which the bands begin, peak and end: `(N_BANDS + 2,)`, in Hz.

    They lie evenly on the mel scale, on which steps sound alike.

    Source: O'Shaughnessy (1987), "Speech Communication", section 4.2.2.

    >>> band_edges()[[0, 1, -1]].round().tolist()
    [100.0, 196.0, 8000.0]
    """
    lowest, highest = (2595 * np.log10(1 + f / 700) for f in (LOWEST, HIGHEST))
    return 700 * (10 ** (np.linspace(lowest, highest, N_BANDS + 2) / 2595) - 1)


def loudness(samples: np.ndarray) -> np.ndarray:
    """How loud a sound `(n,)` is in each frame and band: `(frames, N_BANDS)`, in decibels.

    >>> one_second = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    >>> loudness(one_second).shape, int(loudness(one_second)[20].argmax())
    ((41, 20), 2)
    """
    padded = np.pad(samples, (WINDOW // 2, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2  # (frames, WINDOW // 2 + 1)
    f = np.fft.rfftfreq(WINDOW, 1 / RATE)
    start, peak, end = (band_edges()[i : N_BANDS + i, None] for i in range(3))
    share = np.maximum(0, np.minimum((f - start) / (peak - start), (end - f) / (end - peak)))
    share /= share.sum(axis=1, keepdims=True)
    return 10 * np.log10(power @ share.T + 1e-9)


def heard(samples: np.ndarray) -> np.ndarray:
    """The frames of a word, from its first to its last: `(frames, N_BANDS)` from 0 to 255."""
    decibels = loudness(samples)
    below = decibels - decibels.max()
    speech = np.flatnonzero(below.max(axis=1) > -SPEECH)
    below = below[speech[0] : speech[-1] + 1]
    return (255 * (1 + below / RANGE)).clip(0, 255).round().astype(np.uint8)


def spoken(word: str, voice: str) -> np.ndarray:
    """The sound of a word, from -1 to 1."""
    command = ["espeak-ng", "-v", voice, "--stdout", word]
    sound = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(sound[HEADER:], "<i2") / 2**15


if __name__ == "__main__":
    recorded = [heard(spoken(word, voice)) for voice in VOICES for word in WORDS]
    lengths = np.array([len(frames) for frames in recorded], np.uint8)
    lengths = lengths.reshape(len(VOICES), len(WORDS))
    np.savez_compressed(WORDS_FILE, frames=np.concatenate(recorded), lengths=lengths)
