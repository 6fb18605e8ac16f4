"""An assignment: a folder with `assignment.toml`, which says what counts, and all that is made."""

import json
import math
import os
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard

from .kits import Exercise, Kit, kits_in
from .limits import USUAL, Limits, read_limits
from .limits import written_out as lines_of
from .tasks import asked_of, in_order
from .variants import AS_PRINTED, EVERYBODY, NOBODY, Variant, read_variants

NO_FOLDER = "expected the folder of an assignment, with {file} in it; got {folder}"
NO_ZONE = "{due} has no time zone: add one, as in 2027-02-01T23:59+01:00"
NO_DATE = "expected a date with a time and a zone, as in 2027-02-01T23:59+01:00; got {due!r}"
NO_POINTS = "the points of {name} sum to 0: nothing would count"
BAD_POINTS = "{name!r} should be worth a number of points, 0 or more; got {points!r}"
NO_EXERCISE = "{name!r} is none of the exercises: {known}"
BAD_LATE = "[late] should say per_day, from 0 to 1, and days, a whole number; got {late!r}"
BAD_NAME = "{file} should say name, a folder's name of letters that can be seen; got {name!r}"
NO_TABLE = "{file} should have a table [points], with a line for each exercise; got {points!r}"
NOT_DRAWN = (
    "no notebook was made for {student!r}: `attnclass hand-out {folder} --per-student` and the "
    "roster makes those that are missing"
)
NO_KITS = "{folder} has no kits of chapters: make the assignment anew"
FILE = "assignment.toml"
HALVES = ".*.new"  # names of files that are being written


@dataclass(frozen=True)
class Late:
    """What coming late costs: `per_day` of the points for each day begun, `days` days at most.

    Without a rule it costs nothing.
    """

    per_day: float = 0.0
    days: float = math.inf


@dataclass(frozen=True)
class Assignment:
    """What was handed out.

    Attributes:
        points: what each exercise is worth, by its name, in the order of the notebooks.
        kits: the chapters' kits as they were when it was made; of an examination, its own.
        variants: what was drawn, by student or for everybody; nothing if all is as it is printed.
    """

    folder: Path
    name: str
    due: datetime
    points: dict[str, float]
    late: Late
    limits: Limits
    kits: dict[str, Kit]
    variants: dict[str, Variant] = field(default_factory=dict)

    @property
    def is_exam(self) -> bool:
        """Is it made of questions alone?"""
        return not any(kit.exercises for kit in self.kits.values())

    def exercises(self, chapter: str, student: str | None = None) -> list[Exercise]:
        """Those of a chapter that count, with the questions on it, as a student has them.

        Without a student, as one of them has: titles and points are the same for all.
        """
        variant = self.variant_of(student)
        own = [in_order(x, variant) for x in self.kits[chapter].exercises if x.name in self.points]
        on_it = [name for name in variant.drawn if self._kit_of(name) == chapter]
        return own + [asked_of(name, variant) for name in on_it if name in self.points]

    def variant_of(self, student: str | None) -> Variant:
        """What was drawn for a student.

        Raises:
            ValueError: others have something of their own, and this one has nothing.
        """
        if not self.variants:
            return AS_PRINTED
        if student is None:
            return self.variants.get(EVERYBODY) or self.variants[NOBODY]
        found = self.variants.get(student, self.variants.get(EVERYBODY))
        if found is None:
            raise ValueError(NOT_DRAWN.format(student=student, folder=self.folder))
        return found

    def _kit_of(self, question: str) -> str:
        """The kit in which a question stands: its chapter's, or that of the examination."""
        chapter = question.partition("/")[0]
        return chapter if chapter in self.kits else next(iter(self.kits))


def read_assignment(folder: Path) -> Assignment:
    """The assignment that lies in a folder.

    Raises:
        ValueError: there is none, or what it says cannot be.
    """
    path = folder / FILE
    if not path.is_file():
        raise ValueError(NO_FOLDER.format(file=FILE, folder=folder))
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    kits = {kit.chapter: kit for kit in kits_in(folder / "kits")}
    if not kits:
        raise ValueError(NO_KITS.format(folder=folder))
    name, points, due = checked_name(told.get("name")), told.get("points"), told.get("due")
    if not isinstance(points, dict):
        raise ValueError(NO_TABLE.format(file=FILE, points=points))
    variants = read_variants(folder)
    known = [each.name for kit in kits.values() for each in kit.exercises]
    known += dict.fromkeys(question for each in variants.values() for question in each.drawn)
    points = checked_points(name, points, known)
    if not isinstance(due, datetime):
        raise ValueError(NO_DATE.format(due=due if due is None else str(due)))
    late = _late(told["late"]) if "late" in told else Late()
    limits = read_limits(told.get("limits", {}))
    return Assignment(folder, name, with_zone(due), points, late, limits, kits, variants)


def checked_name(name: Any) -> str:
    """The same name.

    Raises:
        ValueError: files cannot be named so.
    """
    is_seen = isinstance(name, str) and name.isprintable() and name.strip(". ") == name
    if not is_seen or not name or {"/", "\\"} & {*name}:
        raise ValueError(BAD_NAME.format(file=FILE, name=name))
    return name


def _late(told: Any) -> Late:
    if isinstance(told, dict):
        per_day, days = told.get("per_day"), told.get("days")
        if _is_number(per_day) and 0 <= per_day <= 1 and type(days) is int and days >= 0:
            return Late(float(per_day), days)
    raise ValueError(BAD_LATE.format(late=told))


def checked_points(name: str, points: dict, known: list[str]) -> dict[str, float]:
    """The points by exercise, in the order of `known`.

    Raises:
        ValueError: one is unknown, or is worth nothing that can be, or all are worth nothing.
    """
    for exercise, worth in points.items():
        if exercise not in known:
            raise ValueError(NO_EXERCISE.format(name=exercise, known=", ".join(known)))
        if not _is_number(worth) or worth < 0:
            raise ValueError(BAD_POINTS.format(name=exercise, points=worth))
    if not sum(points.values()):
        raise ValueError(NO_POINTS.format(name=name))
    return {exercise: float(points[exercise]) for exercise in known if exercise in points}


def due_date(words: str) -> datetime:
    """A date as the command line has it.

    Raises:
        ValueError: it is none, or has no zone.

    >>> due_date("2027-02-01T23:59+01:00").isoformat()
    '2027-02-01T23:59:00+01:00'
    """
    try:
        due = datetime.fromisoformat(words.strip())
    except ValueError as error:
        raise ValueError(NO_DATE.format(due=words)) from error
    return with_zone(due)


def with_zone(due: datetime) -> datetime:
    """The same date.

    Raises:
        ValueError: nobody knows when that is, without a zone.
    """
    if due.tzinfo is None:
        raise ValueError(NO_ZONE.format(due=due.isoformat()))
    return due


def written_out(
    name: str, due: datetime, points: dict[str, float], others: Iterable[str] = ()
) -> str:
    """`assignment.toml`, with a line for everything that can be said.

    Args:
        others: questions that could count, and do not.
    """
    lines = [
        f"name = {json.dumps(name, ensure_ascii=False)}",
        f"due = {due.isoformat()}",
        "",
        "[late] # what a day begun costs, as a share of the points, and how many days are taken",
        "per_day = 0.1",
        "days = 3",
        "",
        "[limits] # of one submission: seconds, for its cells, a call, in all; megabytes; numbers",
        *lines_of(USUAL),
        "",
        "[points] # 0 marks an exercise that is not to count; one without a line is left out",
        *(f"{json.dumps(exercise)} = {float(worth)!r}" for exercise, worth in points.items()),
        *(f"# {json.dumps(question)} = 1.0" for question in others),
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, for its owner alone.

    Halves of letters, which learners' texts may hold and no file can, become question marks.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = content.encode("utf-8", "replace") if isinstance(content, str) else content
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


def _is_number(value: Any) -> TypeGuard[int | float]:
    """Is this a number that a float can hold?"""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300  # neither nan nor inf, nor an integer beyond all floats
