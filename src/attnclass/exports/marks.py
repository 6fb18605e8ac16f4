"""Marks of a graded assignment, found again among the rows of a platform's file."""

import re

from ..assignment import Assignment
from ..gradebook import Grade, read_gradebook
from ..roster import key
from .sheets import Sheet

UNREADABLE = (
    "{path}, row {row}: expected the most points that can be had, a number above 0; got {words!r}"
)
NOBODY = (
    "none of the {n} students of {name} is in {path}: expected {columns} as the roster has them; "
    "the first row has {found}"
)
MATCHED = "{n} of {all} students were found in {path}, by its column {column}."
NOT_IN_FILE = "not in {path}, and so without a mark there: {student}"
NOT_IN_CLASS = "not among the students of {name}, and so left as it was: {path}, row {row}, {who}"
STILL_TO_MARK = (
    "Answers that a person has still to mark, of {n} students, are not in their totals yet."
)


def graded(assignment: Assignment) -> tuple[list[Grade], list[str]]:
    """The class's grades, and what should be known of them before they go anywhere.

    Raises:
        ValueError: it is not graded yet, or was graded for other points.
    """
    grades = read_gradebook(assignment)
    unfinished = sum(None in grade.points.values() for grade in grades)
    return grades, [STILL_TO_MARK.format(n=unfinished)] if unfinished else []


def found_in(
    sheet: Sheet, rows: list[int], pairs: list[tuple[str, str]], grades: list[Grade], name: str
) -> tuple[dict[int, Grade], list[str]]:
    """Whose the rows are, and what is to be said of those that could not be told.

    One column decides for the whole file, since numbers of different columns may be the same: the
    one by which most students are found.

    Args:
        rows: those that have a person in them.
        pairs: a column's heading, and which of a student's names stands there; the surest first.
        name: of the assignment.

    Raises:
        ValueError: nobody was found.
    """
    best: dict[int, Grade] = {}
    by = ""
    for heading, field in pairs:
        column = sheet.column(heading)
        if column is None:
            continue
        students = _by(field, grades)
        named = {row: students.get(_name(sheet.cell(row, column), field)) for row in rows}
        found = {row: grade for row, grade in named.items() if grade is not None}
        if len(found) > len(best):
            best, by = found, heading
    there = [heading for heading in dict(pairs) if sheet.column(heading) is not None]
    if not best:
        first = [sheet.cell(rows[0], sheet.headings.index(each)) for each in there] if rows else []
        raise ValueError(NOBODY.format(
            n=len(grades), name=name, path=sheet.path, columns=" or ".join(there),
            found=", ".join(map(repr, first)) or "nobody",
        ))  # fmt: skip
    seen = {grade.student.id for grade in best.values()}
    remarks = [MATCHED.format(n=len(seen), all=len(grades), path=sheet.path, column=by)]
    remarks += [
        NOT_IN_FILE.format(path=sheet.path, student=f"{grade.student.name} ({grade.student.id})")
        for grade in grades
        if grade.student.id not in seen
    ]
    remarks += [
        NOT_IN_CLASS.format(name=name, path=sheet.path, row=row + 1, who=_person(sheet, row))
        for row in rows
        if row not in best
    ]
    return best, remarks


def _by(field: str, grades: list[Grade]) -> dict[str, Grade | None]:
    """The grades by one of the students' names; None for a name that several have."""
    found: dict[str, Grade | None] = {}
    for grade in grades:
        if name := _name(getattr(grade.student, field), field):
            found[name] = None if name in found else grade
    return found


def _person(sheet: Sheet, row: int) -> str:
    return f"{sheet.cell(row, 0)}, {sheet.cell(row, 1)}"


def _name(words: str, field: str) -> str:
    """A name for comparing: a platform's number alone, an e-mail letter by letter."""
    if field == "platform":
        return re.sub(r"\D", "", words)
    return words.strip() if field == "email" else key(words)


def most_points(sheet: Sheet, row: int, column: int) -> float:
    """What the platform gives at most.

    Raises:
        ValueError: the cell says no such number.
    """
    words = sheet.cell(row, column)
    try:
        most = float(words.strip().replace(",", "."))
    except ValueError:
        most = 0.0
    if not 0 < most < float("inf"):
        raise ValueError(UNREADABLE.format(path=sheet.path, row=row + 1, words=words))
    return most


def scaled(share: float, most: float, *, like: str) -> str:
    """A share of `most` points, written with two decimals and the decimal sign that is in `like`.

    >>> scaled(0.75, 10, like="100,00")
    '7,5'
    """
    words = f"{share * most:.2f}".rstrip("0").rstrip(".")
    return words.replace(".", ",") if "," in like else words
