"""Marks into the grading worksheet that an instructor has exported from Moodle."""

import html
import io
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from ..assignment import Assignment, write
from ..gradebook import Grade
from ..verdicts import file_name
from .marks import found_in, graded, most_points, scaled
from .sheets import Sheet

NO_WORKSHEET = (
    "expected Moodle's grading worksheet, with the columns {expected}; {path} has the columns "
    "{found}"
)
LOCKED = "cannot be changed in Moodle, and left as it was: {path}, row {row}, {who}"
OTHERS_WORDS = "somebody has commented in Moodle, which was kept: {path}, row {row}, {who}"
WRITTEN = (
    "{out}: upload it in Moodle at the assignment, under Upload grading worksheet. "
    "It has the columns of {path}, all of them: without Grade, Moodle would erase grades."
)
PAGES = "{out}: upload it there under Upload multiple feedback files in a zip, a page a student."
COMMENT = "{name}: {lines}{late}"
LINE = "{title}: {points} of {worth:g} points"
TO_MARK = "{title}: a person has still to mark this, for up to {worth:g} points"
LATE = "<br>{days} days late"
GRADE, MOST, IDENTIFIER, COMMENTS = "Grade", "Maximum Grade", "Identifier", "Feedback comments"
PAIRS = [(IDENTIFIER, "platform"), ("ID number", "id"), ("Email address", "email"),
         ("Username", "id"), ("Username", "login")]  # fmt: skip


def export(assignment: Assignment, into: Path, out: Path) -> list[str]:
    """Write `out`, which is Moodle's file `into` with grades and comments, and a zip beside it.

    Returns:
        what the instructor should know.

    Raises:
        ValueError: it is no such file, or nobody is found in it.
    """
    grades, remarks = graded(assignment)
    sheet = Sheet(into)
    expected = (IDENTIFIER, GRADE, MOST)
    if not set(expected) <= set(sheet.headings):
        words, found = ", ".join(expected), ", ".join(sheet.headings)
        raise ValueError(NO_WORKSHEET.format(expected=words, path=into, found=found))
    identifier, points, most = map(sheet.headings.index, expected)
    comments, can_change = sheet.column(COMMENTS), sheet.column("Grade can be changed")
    rows = [row for row in range(1, len(sheet)) if sheet.cell(row, identifier).strip()]
    found, said = found_in(sheet, rows, PAIRS, grades, assignment.name)
    of = sum(assignment.points.values())
    for row, grade in found.items():
        about = {"path": into, "row": row + 1, "who": sheet.cell(row, identifier)}
        if can_change is not None and sheet.cell(row, can_change).strip().casefold() == "no":
            said.append(LOCKED.format(**about))
            continue
        best, words = most_points(sheet, row, most), sheet.cell(row, most)
        sheet.fill(row, points, scaled(grade.total / of, best, like=words))
        if comments is not None:
            if _is_others(sheet.cell(row, comments), assignment.name):
                said.append(OTHERS_WORDS.format(**about))
            else:
                sheet.fill(row, comments, _comment(assignment, grade))
    write(out, sheet.content())
    done = [WRITTEN.format(out=out, path=into)]
    if pages := _pages(assignment, sheet, identifier, found):
        write(out.with_suffix(".zip"), pages)
        done.append(PAGES.format(out=out.with_suffix(".zip")))
    return [*remarks, *said, *done]


def _is_others(comment: str, name: str) -> bool:
    """Has somebody written this, and not an earlier export of the same assignment?"""
    words = html.unescape(re.sub("<[^>]*>", "", comment)).strip()
    return bool(words) and not words.startswith(f"{name}: ")


def _comment(assignment: Assignment, grade: Grade) -> str:
    """The points by exercise, as HTML, which Moodle takes comments for."""
    lines = []
    for chapter in assignment.kits:
        for each in assignment.exercises(chapter):
            points, worth = grade.points[each.name], assignment.points[each.name]
            words = TO_MARK if points is None else LINE
            given = "" if points is None else f"{points:g}"
            lines.append(words.format(title=html.escape(each.title), points=given, worth=worth))
    late = LATE.format(days=grade.days_late) if grade.days_late else ""
    return COMMENT.format(name=html.escape(assignment.name), lines="<br>".join(lines), late=late)


def _pages(
    assignment: Assignment, sheet: Sheet, identifier: int, found: dict[int, Grade]
) -> bytes | None:
    """The feedback pages in the folders in which Moodle hands out submissions, if there are any."""
    name = sheet.column("Full name")
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for row, grade in found.items():
            page = assignment.folder / "feedback" / f"{file_name(grade.student.id)}.html"
            number = re.sub(r"\D", "", sheet.cell(row, identifier))
            if not page.is_file() or not number:
                continue
            # Moodle takes a folder's name apart at underscores, so that a name may have none
            who = "Participant" if name is None else re.sub(r"[_/\\]", " ", sheet.cell(row, name))
            folder = f"{who}_{number}_assignsubmission_file_"
            archive.writestr(f"{folder}/{assignment.name}.html", page.read_bytes())
        is_empty = not archive.namelist()
    return None if is_empty else content.getvalue()
