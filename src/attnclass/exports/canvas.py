"""Marks into the gradebook that an instructor has exported from Canvas."""

import re
from pathlib import Path

from ..assignment import Assignment, write
from ..roster import plain
from .marks import found_in, graded, most_points, scaled
from .sheets import Sheet

NO_EXPORT = (
    "expected Canvas's gradebook as it exports it, with the columns Student, ID, Section and one "
    "for each assignment, and a row “Points Possible”; {path} has the columns {found}{row}"
)
NO_ROW = ", and no such row"
NO_COLUMN = (
    "expected one column “{name} (a number)” in {path}, and there are {n}; its assignments are: "
    "{found}. Make an assignment named {name} in Canvas, and export its gradebook again"
)
EXCUSED = "excused in Canvas, and left so: {path}, row {row}, {who}"
SCALED = "{name} has {of:g} points, and {most:g} in Canvas: marks are scaled."
WRITTEN = (
    "{out}: import it in Canvas under Grades › Import. It is {path}, with the column {heading} "
    "filled."
)
TOTAL, TEST_STUDENT = "Points Possible", "Student, Test"
PAIRS = [
    ("SIS User ID", "id"), ("SIS Login ID", "login"), ("SIS Login ID", "email"),
    ("SIS Login ID", "id"), ("ID", "platform"), ("ID", "id"),
]  # fmt: skip
_ASSIGNMENT = re.compile(r"(?P<name>.+) \(\d+\)")


def export(assignment: Assignment, into: Path, out: Path) -> list[str]:
    """Write `out`, which is Canvas's file `into` with the assignment's column filled.

    Returns:
        what the instructor should know.

    Raises:
        ValueError: it is no such file, or has no such column, or nobody is found in it.
    """
    grades, remarks = graded(assignment)
    sheet = Sheet(into)
    first = [sheet.cell(row, 0).strip() for row in range(len(sheet))]
    is_canvas = {"Student", "ID", "Section"} <= set(sheet.headings)
    if not is_canvas or TOTAL not in first:
        found, row = ", ".join(sheet.headings), NO_ROW if is_canvas else ""
        raise ValueError(NO_EXPORT.format(path=into, found=found, row=row))
    column, total = _column(sheet, assignment.name), first.index(TOTAL)
    of = sum(assignment.points.values())
    if not sheet.cell(total, column).strip():
        sheet.fill(total, column, f"{of:g}")
    most = most_points(sheet, total, column)
    if most != of:
        remarks.append(SCALED.format(name=assignment.name, of=of, most=most))
    rows = [
        row for row in range(total + 1, len(sheet)) if first[row] and first[row] != TEST_STUDENT
    ]
    found, said = found_in(sheet, rows, PAIRS, grades, assignment.name)
    for row, grade in found.items():
        if sheet.cell(row, column).strip() == "EX":
            said.append(EXCUSED.format(path=into, row=row + 1, who=first[row]))
            continue
        sheet.fill(row, column, scaled(grade.total / of, most, like=sheet.cell(total, column)))
    write(out, sheet.content())
    done = WRITTEN.format(out=out, heading=sheet.headings[column], path=into)
    return [*remarks, *said, done]


def _column(sheet: Sheet, name: str) -> int:
    """Where the assignment's column is: Canvas adds a number of its own to a name."""
    after = sheet.headings.index("Section") + 1
    names = {
        column: match["name"]
        for column, heading in enumerate(sheet.headings)
        if column >= after and (match := _ASSIGNMENT.fullmatch(heading))
    }
    found = [column for column, each in names.items() if plain(each) == plain(name)]
    if len(found) != 1:
        known = ", ".join(names.values()) or "none"
        raise ValueError(NO_COLUMN.format(name=name, path=sheet.path, n=len(found), found=known))
    return found[0]
