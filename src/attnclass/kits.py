"""What a class needs to know of a chapter, as the build of the book has written it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnlab.exercises.choice import Choice
from attnlab.exercises.marking import TEXT, exercise_of
from attnlab.exercises.marking import Exercise as Marker
from attnlab.exercises.written import Written

KITS = Path(__file__).parents[2] / "_build" / "kits"
NO_KIT = "expected a chapter of the book, one of {known}; got {chapter!r}"
NO_KITS = "no kits are at {folder}: build the book (make book), or name their folder with --kits"
NO_EXERCISES = "the chapter {chapter!r} has no exercises that mark themselves"
BROKEN = "{path} is no kit of a chapter, as the build of the book writes it ({reason})"


@dataclass(frozen=True)
class Exercise:
    """One exercise: its task, its stub, its solution."""

    name: str
    label: str
    title: str
    task: str
    stub: str
    solution: str
    explanation: str

    @property
    def marker(self) -> Marker:
        """What marks it."""
        return exercise_of(self.name)

    @property
    def is_written(self) -> bool:
        """Whether a person marks it."""
        return self.marker.asks == TEXT

    @property
    def rubric(self) -> tuple[str, ...]:
        """The points by which a person marks it; none if it marks itself."""
        checker = self.marker.checker
        return checker.points if isinstance(checker, Written) else ()

    @property
    def hints(self) -> dict[str, str]:
        """Of a multiple choice: what the wrong letters are told."""
        checker = self.marker.checker
        return checker.hints if isinstance(checker, Choice) else {}


@dataclass(frozen=True)
class Kit:
    """A chapter for classes.

    Attributes:
        cells: of each cell of code that is no exercise, by its id, what `hash_of` gives.
        notebook: where the chapter's notebook is.
        version: a fingerprint of all that marking rests on in the kit.
    """

    chapter: str
    title: str
    exercises: tuple[Exercise, ...]
    cells: dict[str, str]
    notebook: Path
    version: str


def kit_in(folder: Path) -> Kit:
    """The kit that lies in `folder`, with its notebook.

    Raises:
        ValueError: it is none that the build has written.
    """
    path = folder / "kit.json"
    content = path.read_bytes()
    try:
        told: dict[str, Any] = json.loads(content)
        exercises = tuple(Exercise(**each) for each in told["exercises"])
        chapter, title, cells = told["chapter"], told["title"], dict(told["cells"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(BROKEN.format(path=path, reason=repr(error))) from error
    version = hashlib.sha256(content).hexdigest()[:16]
    return Kit(chapter, title, exercises, cells, folder / f"{chapter}.ipynb", version)


def kits_in(folder: Path) -> list[Kit]:
    """All kits in the folders of a folder, by name.

    Raises:
        ValueError: one is none that the build has written.
    """
    return [kit_in(path.parent) for path in sorted(folder.glob("*/kit.json"))]


def kit_of(chapter: str, folder: Path = KITS) -> Kit:
    """The kit of a chapter.

    Raises:
        ValueError: there is none, or no exercises are in it.
    """
    known = sorted(path.parent.name for path in folder.glob("*/kit.json"))
    if not known:
        raise ValueError(NO_KITS.format(folder=folder))
    if chapter not in known:
        raise ValueError(NO_KIT.format(known=", ".join(known), chapter=chapter))
    kit = kit_in(folder / chapter)
    if not kit.exercises:
        raise ValueError(NO_EXERCISES.format(chapter=chapter))
    return kit
