"""Marks as tables: points by exercise, what a person has added, what coming late has cost."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .assignment import FILE, Assignment, due_date, write
from .kits import Exercise
from .roster import Student, key, table_of
from .verdicts import Change, Marked

WRITTEN = "written.csv"
UNKNOWN = "{path}, row {row}: {id!r} is not on the roster; add them there, or delete the row"
NO_TIME = "{path}, row {row}: {error}"
NO_POINTS = "{path}, row {row}: expected from 0 to {most:g} points for {exercise}; got {given!r}"
NO_COLUMNS = "{path} should have the columns {expected} in its first row; got {found}"
TWICE = "{path}, row {row}: {id!r} is in row {first}, too"
NOT_GRADED = "{name} is not graded yet: expected {path}, which `attnclass grade` writes"
NO_GRADES = "{path} cannot be read as what `attnclass grade` writes: grade {name} again"
OTHER_POINTS = (
    "{name} was graded for other points than {file} has now: grade it again, which takes seconds"
)
BOM = "\ufeff"  # by which a spreadsheet knows that a file is UTF-8

# Where a spreadsheet may begin a cell, whatever it takes for a comma, with what it would run.
_FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r])")


@dataclass(frozen=True)
class Grade:
    """One student's line.

    Attributes:
        points: by exercise; None for what a person has still to mark.
        days_late: days begun after the date; 0 where no time is known.
        total: the sum so far, less what coming late costs.
    """

    student: Student
    points: dict[str, float | None]
    days_late: int
    total: float
    remarks: list[str]


def grades(
    assignment: Assignment,
    students: list[Student],
    marked: list[Marked],
    times: dict[str, datetime],
    written: dict[str, dict[str, float]],
) -> list[Grade]:
    """The class's grades, in its order."""
    lines = []
    for student, marks in zip(students, marked, strict=True):
        points: dict[str, float | None] = {}
        for name, worth in assignment.points.items():
            status = marks.results[name]["status"]
            by_hand = written.get(student.id, {}).get(name)
            if by_hand is not None:
                points[name] = by_hand
            else:
                points[name] = None if status == "written" else worth * (status == "passed")
        days = _days_late(assignment, times.get(student.id))
        share = 1 - assignment.late.per_day * days if days <= assignment.late.days else 0.0
        total = max(0.0, share) * sum(x for x in points.values() if x is not None)
        lines.append(Grade(student, points, days, round(total, 4), marks.remarks))
    return lines


def _days_late(assignment: Assignment, time: datetime | None) -> int:
    if time is None:
        return 0
    return max(0, math.ceil((time - assignment.due).total_seconds() / 86_400))


def read_times(path: Path, students: list[Student]) -> dict[str, datetime]:
    """When each student handed in: a CSV file with `id` and `time`, a date with its zone.

    Raises:
        ValueError: a date or an id cannot be read, or an id is there twice.
    """
    times: dict[str, datetime] = {}
    for row, student, line in _lines(path, students, ["id", "time"]):
        if student is None:
            raise ValueError(UNKNOWN.format(path=path, row=row, id=line["id"]))
        try:
            times[student] = due_date(line["time"])
        except ValueError as error:
            raise ValueError(NO_TIME.format(path=path, row=row, error=error)) from error
    return times


def _lines(
    path: Path, students: list[Student], columns: list[str]
) -> Iterator[tuple[int, str | None, dict[str, str]]]:
    """Of each row of a table its number, the id on the roster that it names, and its `columns`.

    Raises:
        ValueError: a column is missing, or a student is there twice.
    """
    first, *rows = table_of(path) or [[]]
    headings = [heading.strip().casefold() for heading in first]
    places = {name: headings.index(x) for name in columns if (x := name.casefold()) in headings}
    if len(places) < len(columns):
        expected, found = ", ".join(columns), ", ".join(first)
        raise ValueError(NO_COLUMNS.format(path=path, expected=expected, found=found))
    ids = {key(_shielded(student.id)): student.id for student in students}
    ids |= {key(student.id): student.id for student in students}
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        line = {name: "".join(cells[at : at + 1]).strip() for name, at in places.items()}
        student = ids.get(key(line["id"]))
        if seen.setdefault(student or line["id"], number) != number:
            at = seen[student or line["id"]]
            raise ValueError(TWICE.format(path=path, row=number, id=line["id"], first=at))
        yield number, student, line


def read_written(assignment: Assignment, students: list[Student]) -> dict[str, dict[str, float]]:
    """The points that a person has given, from `written.csv`; made empty where there is none.

    Raises:
        ValueError: there are other points than can be, or for somebody who is not on the roster.
    """
    names = [each.name for each in _written(assignment)]
    path = assignment.folder / WRITTEN
    if not names:
        return {}
    if not path.exists():
        rows = [["id", *names], *([student.id, *[""] * len(names)] for student in students)]
        write(path, BOM + table(rows))
    given: dict[str, dict[str, float]] = {}
    for row, student, line in _lines(path, students, ["id", *names]):
        said = {name: line[name] for name in names if line[name]}
        if said and student is None:  # who has left the class since, or whom a spreadsheet misspelt
            raise ValueError(UNKNOWN.format(path=path, row=row, id=line["id"]))
        if said and student is not None:
            most = assignment.points
            given[student] = {x: _points(path, row, x, said[x], most[x]) for x in said}
    return given


def _points(path: Path, row: int, exercise: str, words: str, most: float) -> float:
    try:
        points = float(words.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise ValueError(
            NO_POINTS.format(path=path, row=row, most=most, exercise=exercise, given=words)
        )
    return points


def _written(assignment: Assignment) -> list[Exercise]:
    every = [each for chapter in assignment.kits for each in assignment.exercises(chapter)]
    return [each for each in every if each.is_written]


def write_gradebook(assignment: Assignment, lines: list[Grade]) -> Path:
    """`grades.csv`, and the same as `grades.json`."""
    names = list(assignment.points)
    rows = [["id", "name", "email", *names, "days late", "total", "of", "to be marked", "remarks"]]
    most = sum(assignment.points.values())
    for line in lines:
        points = ["" if line.points[name] is None else f"{line.points[name]:g}" for name in names]
        left = [name for name in names if line.points[name] is None]
        student = line.student
        rows.append([
            student.id, student.name, student.email, *points, str(line.days_late),
            f"{line.total:g}", f"{most:g}", " ".join(left), "; ".join(line.remarks),
        ])  # fmt: skip
    path = assignment.folder / "grades.csv"
    write(path, table(rows))
    told = [{**vars(line), "student": vars(line.student), "of": most} for line in lines]
    write(path.with_suffix(".json"), json.dumps(told, ensure_ascii=False, indent=1))
    return path


def write_changes(assignment: Assignment, changes: list[Change]) -> None:
    """`changes.csv`, and the same as `changes.json`: which verdicts are others now, and why."""
    rows = [["id", "exercise", "before", "after", "why"]]
    rows += [list(vars(change).values()) for change in changes]
    write(assignment.folder / "changes.csv", table(rows))
    told = json.dumps([vars(change) for change in changes], ensure_ascii=False, indent=1)
    write(assignment.folder / "changes.json", told)


def read_gradebook(assignment: Assignment) -> list[Grade]:
    """What `write_gradebook` has written.

    Raises:
        ValueError: the assignment is not graded yet, or was graded for other points.
    """
    path, name = assignment.folder / "grades.json", assignment.name
    if not path.is_file():
        raise ValueError(NOT_GRADED.format(name=name, path=path))
    most = sum(assignment.points.values())
    try:
        told = json.loads(path.read_text("utf-8"))
        worth = [(list(each["points"]), each.pop("of")) for each in told]
        lines = [Grade(**{**each, "student": Student(**each["student"])}) for each in told]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(NO_GRADES.format(path=path, name=name)) from error
    if any(each != (list(assignment.points), most) for each in worth):
        raise ValueError(OTHER_POINTS.format(name=name, file=FILE))
    return lines


def table(rows: list[list[str]]) -> str:
    """Rows as CSV; what a spreadsheet would take for a formula begins with an apostrophe.

    >>> print(table([["=1+1", "a,b"], ["ada", "x; -y"]]), end="")
    '=1+1,"a,b"
    ada,x;' -y
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_shielded(x) for x in row] for row in rows)
    return out.getvalue()


def _shielded(cell: str) -> str:
    return _FORMULA.sub(r"\1'", cell)
