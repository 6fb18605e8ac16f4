"""What an assignment is made of: notebooks for students and for the instructor, and their zip."""

import html
import io
import shutil
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import nbformat

from .assignment import FILE, Assignment, checked_name, read_assignment, write, written_out
from .kits import KITS, Exercise, Kit, kit_of

EXISTS = "{folder} is there already: choose another name, or delete it"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip's calendar
NO_WHEEL = "no wheel of attnlab is at {folder}: build the book (make book)"

# What students read.
INSTRUCTIONS = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto;
padding: 0 1rem; color-scheme: light dark }} table {{ border-collapse: collapse }}
td, th {{ text-align: left; padding: .2rem 1rem .2rem 0 }}</style>
<h1>{name}</h1>
<p>Hand in by <strong>{due}</strong>.</p>
<ol>
<li>Unzip <code>{name}.zip</code>, and open a notebook in that folder, in JupyterLab, VS Code or
Colab. Its first cell installs the course's own package from beside it.</li>
<li>Each exercise has one cell with a stub. Write your answer there, and run the cell: its last line
says whether you are right, and if not, what may have gone wrong. Try as often as you like.</li>
<li>Cells of your own may stand anywhere. Don't rename what a stub defines.</li>
<li>Save, and hand in the notebook, with its name as it is.</li>
</ol>
<table><tr><th>Exercise</th><th>Points</th></tr>
{rows}
</table>
<p>Exercises in writing are marked by a person. What you see beside the others is what will be
marked, though your functions are then called with other arguments, and in a process that has no
network and no files of yours.</p>
</html>
"""
ROW = "<tr><td>{title}</td><td>{points:g}</td></tr>"
FOR_THE_INSTRUCTOR = "**{points:g} points.** {explanation}"
POINTS_OF = "**{points:g} points**, by what the answer says:\n\n{rubric}\n\n{explanation}"
WRONG_LETTERS = "What the wrong letters are told:\n\n{hints}"


def new(
    folder: Path, chapters: list[str], due: datetime, points: dict[str, float], kits: Path = KITS
) -> Assignment:
    """Make the folder of an assignment: all that is handed out, and what marks it.

    Raises:
        ValueError: it is there already, a chapter or an exercise is not known, or the book is not
            built.
    """
    checked_name(folder.name)
    found = [kit_of(chapter, kits) for chapter in dict.fromkeys(chapters)]
    worth = {
        each.name: float(len(each.rubric) or 1) for kit in found for each in kit.exercises
    } | points
    wheel_in(kits)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise ValueError(EXISTS.format(folder=folder)) from error
    try:
        for kit in found:
            target = folder / "kits" / kit.chapter
            target.mkdir(parents=True, mode=0o700)
            shutil.copy(kit.notebook.parent / "kit.json", target)
            shutil.copy(kit.notebook, target)
        write(folder / FILE, written_out(folder.name, due, worth))
        assignment = read_assignment(folder)
        hand_out(assignment, kits)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return assignment


def hand_out(assignment: Assignment, kits: Path = KITS) -> None:
    """Write what students and the instructor get, as `assignment.toml` now says."""
    members: dict[str, bytes] = {}
    for chapter, kit in assignment.kits.items():
        book = nbformat.read(kit.notebook, 4)
        student = nbformat.writes(for_students(book, assignment, kit))
        write(assignment.folder / "students" / f"{chapter}.ipynb", student)
        instructor = nbformat.writes(for_the_instructor(book, assignment, kit))
        write(assignment.folder / "instructor" / f"{chapter}.ipynb", instructor)
        members[f"{chapter}.ipynb"] = student.encode()
    page = instructions(assignment).encode()
    write(assignment.folder / "students" / "instructions.html", page)
    members["instructions.html"] = page
    wheel = wheel_in(kits)
    members[wheel.name] = wheel.read_bytes()
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:  # the same bytes for the same assignment
        for name in sorted(members):
            member = ZipInfo(f"{assignment.name}/{name}", FIRST_DAY)
            member.external_attr = 0o644 << 16
            archive.writestr(member, members[name], ZIP_DEFLATED)
    write(assignment.folder / "students" / f"{assignment.name}.zip", packed.getvalue())


def wheel_in(kits: Path) -> Path:
    """The wheel of `attnlab` that the build has left beside the kits.

    Raises:
        ValueError: there is none.
    """
    found = sorted(kits.parent.glob("wheel/*/attnlab-*.whl"))
    if not found:
        raise ValueError(NO_WHEEL.format(folder=kits.parent / "wheel"))
    return found[-1]


def for_students(book: nbformat.NotebookNode, assignment: Assignment, kit: Kit):
    """The chapter's notebook without solutions, with those exercises alone that count."""
    copy = _without(deepcopy(book), kit, kept=assignment.exercises(kit.chapter))
    solutions = {f"{each.label}-solution" for each in kit.exercises}
    copy.cells = [cell for cell in copy.cells if cell["id"] not in solutions]
    copy.metadata["attnclass"] = {
        "assignment": assignment.name, "chapter": kit.chapter, "version": kit.version,
    }  # fmt: skip
    return copy


def for_the_instructor(book: nbformat.NotebookNode, assignment: Assignment, kit: Kit):
    """The same with solutions in their cells, and what is known of wrong answers beside them."""
    exercises = assignment.exercises(kit.chapter)
    copy = _without(deepcopy(book), kit, kept=exercises)
    by_cell = {f"{each.label}-stub": each for each in exercises}
    by_solution = {f"{each.label}-solution": each for each in exercises}
    for cell in copy.cells:
        if cell["id"] in by_cell:
            cell.source = by_cell[cell["id"]].solution
        elif cell["id"] in by_solution:
            each = by_solution[cell["id"]]
            cell.source = _explained(each, assignment.points[each.name])
    return copy


def _explained(exercise: Exercise, points: float) -> str:
    if exercise.is_written:
        rubric = "\n".join(f"{i}. {point}" for i, point in enumerate(exercise.rubric, 1))
        return POINTS_OF.format(points=points, rubric=rubric, explanation=exercise.explanation)
    words = FOR_THE_INSTRUCTOR.format(points=points, explanation=exercise.explanation)
    if exercise.hints:
        hints = "\n".join(f"- **{letter}** {hint}" for letter, hint in exercise.hints.items())
        words += "\n\n" + WRONG_LETTERS.format(hints=hints)
    return words


def _without(book, kit: Kit, kept: list[Exercise]):
    """The notebook without those exercises that are not `kept`."""
    kept_labels = {each.label for each in kept}
    labels = {each.label for each in kit.exercises}
    cells, leaves_out = [], False
    for cell in book.cells:
        name = cell["id"]
        if name in labels:
            leaves_out = name not in kept_labels
        elif cell.cell_type == "markdown" and cell.source.startswith("## "):
            leaves_out = False
        if not leaves_out:
            cells.append(cell)
    book.cells = cells
    return book


def instructions(assignment: Assignment) -> str:
    """A page for students: what to do, by when, for how many points."""
    rows = [
        ROW.format(title=html.escape(each.title), points=assignment.points[each.name])
        for chapter in assignment.kits
        for each in assignment.exercises(chapter)
    ]
    due = f"{assignment.due:%A, %d %B %Y, %H:%M} ({assignment.due:%Z})"
    return INSTRUCTIONS.format(name=html.escape(assignment.name), due=due, rows="\n".join(rows))
