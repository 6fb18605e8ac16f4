"""What can be read in a box: the system, Python, what is installed, and the course.

Of the course checkers are left out, which hold letters and formulas, and the questions of
examinations: each file that may be read is named, and what appears beside it later is not.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import attnlab

SOURCES = Path(attnlab.__file__).parents[1]  # in which `attnlab` and `attnclass` lie
ROOMS, QUESTIONS = SOURCES / "attnlab" / "chapters", SOURCES / "attnclass" / "questions"


def installed() -> list[Path]:
    """Where packages are installed, which may be elsewhere than Python."""
    ends = ("site-packages", "dist-packages")
    return [Path(place) for place in sys.path if place.endswith(ends) and Path(place).is_dir()]


def listed() -> list[Path]:
    """The folders whose names may be read, with all that are in them."""
    own = [SOURCES / name for name in ("attnlab", "attnclass")]
    return [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), *installed(), *own]


def readable() -> list[Path]:
    """The files and folders of them that may be read."""
    hidden = {path.resolve() for path in [*_hidden(), QUESTIONS]}
    around = {folder for path in hidden for folder in path.parents}
    return [path for folder in listed() for path in _outside(folder, hidden, around)]


def _hidden() -> Iterator[Path]:
    """Of each chapter its checkers, and what Python has made of them."""
    for checkers in ROOMS.glob("*/exercises.py"):
        yield from (checkers, checkers.parent / "__pycache__")


def _outside(place: Path, hidden: set[Path], around: set[Path]) -> Iterator[Path]:
    """What of a place is nothing hidden, and has nothing hidden in it."""
    real = place.resolve()
    if real not in around:
        yield from [] if real in hidden else [place]
        return
    for path in sorted(place.iterdir()):
        yield from _outside(path, hidden, around)
