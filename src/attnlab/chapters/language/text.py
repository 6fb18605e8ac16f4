"""Letters of the Python documentation, with and without the spaces between the words.

The text is that of `pydoc_data.topics` in Python 3.11.7, which the Python Software Foundation
licenses (PSF License Version 2), in small letters, everything else read as a space. Topics repeat
one another: a paragraph that comes again is left out, or the test would hold what was learned.

    python -m attnlab.chapters.language.text    # writes text.xz anew, with Python 3.11.7
"""

import importlib
import lzma
import re
import sys
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from attnlab.functional import settings

Part = Literal["train", "validation", "test"]

TEXT_FILE = Path(__file__).with_name("text.xz")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENDS: dict[Part, float] = {"train": 0.8, "validation": 0.9, "test": 1.0}  # shares of the letters


@cache
def spaced() -> str:
    """All of it: small letters, and one space between words.

    >>> spaced()[:40]
    'the assert statement assert statements a'
    """
    return lzma.decompress(TEXT_FILE.read_bytes()).decode("ascii")


def numbers(text: str) -> np.ndarray:
    """The number of each letter, from 0: `(n,)`, int64.

    Raises:
        ValueError: something else than the letters a to z.

    >>> numbers("abz").tolist()
    [0, 1, 25]
    """
    if not re.fullmatch("[a-z]*", text):
        raise ValueError(f"expected the letters a to z alone, got {text!r}")
    return np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - ord("a")


@cache
def _split() -> tuple[np.ndarray, np.ndarray]:
    words = spaced().split()
    ends = np.cumsum([len(word) for word in words]) - 1
    letters = numbers("".join(words))
    breaks = np.zeros(len(letters), bool)
    breaks[ends] = True
    return letters, breaks


def part(name: Part) -> tuple[np.ndarray, np.ndarray]:
    """Letters without spaces `(n,)`, and whether a word ends with each of them `(n,)`.

    Raises:
        ValueError: no such part.

    >>> letters, breaks = part("train")
    >>> "".join(LETTERS[i] for i in letters[:18]), breaks[:4].tolist()
    ('theassertstatement', [False, False, True, False])
    """
    settings.one_of([*ENDS], part=name)
    letters, breaks = _split()
    ends = [0, *(int(end * len(letters)) for end in ENDS.values())]
    place = list(ENDS).index(name)
    cut = slice(ends[place], ends[place + 1])
    return letters[cut], breaks[cut]


def paragraphs(topics: dict[str, str]) -> list[str]:
    """The words of each paragraph, in the order of the topics' names.

    >>> paragraphs({"b": "Same.\\n\\nNew, here!", "a": "same"})
    ['same', 'same', 'new here']
    """
    parts = (p for name in sorted(topics) for p in re.split(r"\n\s*\n", topics[name]))
    words = (" ".join(re.findall("[a-z]+", p.lower())) for p in parts)
    return [found for found in words if found]


def topics() -> dict[str, str]:
    """The topics of the Python that runs.

    Raises:
        RuntimeError: another Python than the one whose text is stored.
    """
    if sys.version_info[:3] != (3, 11, 7):
        raise RuntimeError(f"expected Python 3.11.7, got {sys.version.split()[0]}")
    return importlib.import_module("pydoc_data.topics").topics


def record() -> None:
    """Write the file. Errors: RuntimeError for another Python than 3.11.7."""
    text = " ".join(dict.fromkeys(paragraphs(topics())))
    packed = lzma.compress(text.encode("ascii"), preset=9 | lzma.PRESET_EXTREME)
    TEXT_FILE.write_bytes(packed)


if __name__ == "__main__":
    record()
