"""Marks as tables: points by exercise, what a person has added, what coming late has cost."""

import csv
import io
import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .assignment import FILE, Assignment, due_date, write
from .kits import Exercise
from .roster import Student, key, table_of
from .verdicts import Change, Marked

WRITTEN = "written.csv"
UNKNOWN = "{path}, line {line}: {id!r} is not on the roster"
NO_TIME = "{path}, line {line}: {error}"
NO_POINTS = "{path}, line {line}: expected from 0 to {most:g} points for {exercise}; got {given!r}"
NO_COLUMNS = "{path} should have the columns {expected}; got {found}"
NOT_GRADED = "{name} is not graded yet: expected {path}, which `attnclass grade` writes"
NO_GRADES = "{path} cannot be read as what `attnclass grade` writes: grade {name} again"
OTHER_POINTS = (
    "{name} was graded for other points than {file} has now: grade it again, which takes seconds"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins what it would run


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
        ValueError: a date or an id cannot be read.
    """
    rows = table_of(path)
    headings = [heading.strip().casefold() for heading in rows[0]] if rows else []
    if not {"id", "time"} <= set(headings):
        raise ValueError(NO_COLUMNS.format(path=path, expected="id, time", found=", ".join(headings)))
    ids = {key(student.id): student.id for student in students}
    times: dict[str, datetime] = {}
    for number, row in enumerate(rows[1:], 2):
        line = dict(zip(headings, row, strict=False))
        student = ids.get(key(line.get("id", "")))
        if student is None:
            raise ValueError(UNKNOWN.format(path=path, line=number, id=line.get("id", "")))
        try:
            times[student] = due_date(line.get("time", ""))
        except ValueError as error:
            raise ValueError(NO_TIME.format(path=path, line=number, error=error)) from error
    return times


def read_written(assignment: Assignment, students: list[Student]) -> dict[str, dict[str, float]]:
    """The points that a person has given, from `written.csv`; made empty where there is none.

    Raises:
        ValueError: there are other points than can be.
    """
    names = [each.name for each in _written(assignment)]
    path = assignment.folder / WRITTEN
    if not names:
        return {}
    if not path.exists():
        write(path, table([["id", *names], *([student.id, *[""] * len(names)] for student in students)]))
    rows = table_of(path)
    ids = {key(student.id): student.id for student in students}
    given: dict[str, dict[str, float]] = {}
    for number, row in enumerate(rows[1:], 2):
        line = dict(zip(rows[0], row, strict=False))
        student = ids.get(key(line.get("id", "").removeprefix("'")))
        if student is None:
            continue  # who has left the class since
        for name in names:
            words, most = line.get(name, "").strip(), assignment.points[name]
            if words:
                given.setdefault(student, {})[name] = _points(path, number, name, words, most)
    return given


def _points(path: Path, line: int, exercise: str, words: str, most: float) -> float:
    try:
        points = float(words.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise ValueError(
            NO_POINTS.format(path=path, line=line, most=most, exercise=exercise, given=words)
        )
    return points


def _written(assignment: Assignment) -> list[Exercise]:
    return [
        each for chapter in assignment.kits for each in assignment.exercises(chapter) if each.is_written
    ]


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
    told = [
        {**vars(line), "student": vars(line.student), "of": most} for line in lines
    ]
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

    >>> print(table([["=1+1", "a,b"], ["ada", "x"]]), end="")
    '=1+1,"a,b"
    ada,x
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow(["'" + cell if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()
