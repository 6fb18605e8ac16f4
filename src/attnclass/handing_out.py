"""What an assignment is made of: notebooks for students and for the instructor, and their zip."""

import html
import io
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import nbformat

from . import examination, variants
from .assignment import FILE, Assignment, checked_name, read_assignment, write, written_out
from .copies import for_students, for_the_instructor
from .gradebook import table
from .kits import KITS, Kit, kit_of
from .roster import Student
from .verdicts import file_name

EXISTS = "{folder} is there already: choose another name, or delete it"
NO_QUESTIONS = "there are no questions on {chapters} to draw an examination from"
SAME_FOR_ALL = "{folder} was made without --per-student: everybody has the same notebook"
WHO_GETS_WHAT, SOLUTIONS = "who-gets-what.csv", "solutions.csv"
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
<li>{answering}</li>
<li>Cells of your own may stand anywhere. Don't rename what a stub defines.</li>
<li>Save, and hand in the notebook, with its name as it is.</li>
</ol>
<table><tr><th>Exercise</th><th>Points</th></tr>
{rows}
</table>
<p>What is answered in writing is marked by a person. All else is marked in a process that has no
network and no files of yours; your functions are called there with arguments of its own.</p>
</html>
"""
WITH_CHECKS = """\
Each exercise has one cell with a stub. Write your answer there, and run the cell: its last line
says whether you are right, and if not, what may have gone wrong. Try as often as you like."""
WITHOUT_CHECKS = """\
Each question has one cell with a stub. Write your answer there. Nothing says whether it is right;
run the cell all the same, for code that raises an error counts as no answer."""
ROW = "<tr><td>{title}</td><td>{points:g}</td></tr>"


def new(
    folder: Path,
    chapters: list[str],
    due: datetime,
    points: dict[str, float],
    kits: Path = KITS,
    *,
    students: Iterable[Student] = (),
    questions: int = 0,
) -> Assignment:
    """Make the folder of an assignment: all that is handed out, and what marks it.

    Args:
        students: if there are any, each gets a notebook with options and numbers of their own.
        questions: of an examination, how many are drawn on each chapter; 0 for chapters with their
            exercises.

    Raises:
        ValueError: it is there already, a chapter or an exercise is not known, or the book is not
            built.
    """
    checked_name(folder.name)
    found = [kit_of(chapter, kits) for chapter in dict.fromkeys(chapters)]
    wheel_in(kits)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise ValueError(EXISTS.format(folder=folder)) from error
    try:
        if questions:
            examination.write_kit(folder / "kits" / folder.name, folder.name, found[0])
        for kit in [] if questions else found:
            target = folder / "kits" / kit.chapter
            target.mkdir(parents=True, mode=0o700)
            shutil.copy(kit.notebook.parent / "kit.json", target)
            shutil.copy(kit.notebook, target)
        ids = [each.id for each in students]
        ids = [variants.NOBODY, *ids] if ids else [variants.EVERYBODY] * bool(questions)
        secret = secrets.token_hex(16)
        drawn = _drawn(secret, ids, found, is_exam=bool(questions))
        worth = _worth(secret, found, questions, is_drawn=bool(drawn)) | points
        others = {name for each in drawn.values() for name in each.drawn if name not in worth}
        if drawn:
            write(folder / variants.SECRET, secret)
            write(folder / variants.FILE, variants.written(drawn))
        write(folder / FILE, written_out(folder.name, due, worth, sorted(others)))
        assignment = read_assignment(folder)
        hand_out(assignment, kits)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return assignment


def _drawn(
    secret: str, ids: Iterable[str], kits: list[Kit], *, is_exam: bool
) -> dict[str, variants.Variant]:
    """What each of them gets: questions on all chapters, and, in homework, orders of options."""
    exercises = [] if is_exam else [each.name for kit in kits for each in kit.exercises]
    chapters = [kit.chapter for kit in kits]
    return {each: variants.draw(secret, each, exercises, chapters) for each in ids}


def _worth(secret: str, kits: list[Kit], questions: int, *, is_drawn: bool) -> dict[str, float]:
    """What counts, as long as nobody says otherwise: one point, or one for each of a rubric."""
    if not questions:
        worth = {x.name: float(len(x.rubric) or 1) for kit in kits for x in kit.exercises}
        numbers = [x for kit in kits for x in variants.of_numbers(kit.chapter) if is_drawn]
        return worth | dict.fromkeys(numbers, 1.0)
    names = [x for kit in kits for x in variants.for_exam(secret, kit.chapter, questions)]
    if not names:
        raise ValueError(NO_QUESTIONS.format(chapters=", ".join(kit.chapter for kit in kits)))
    return {name: variants.points_of(name) for name in names}


def hand_out(
    assignment: Assignment, kits: Path = KITS, students: Iterable[Student] = ()
) -> Assignment:
    """Write what students and the instructor get, as `assignment.toml` now says.

    Args:
        students: who may have come to the class since; what the others have stays as it is.

    Raises:
        ValueError: students are named, and all have the same notebook.
    """
    if ids := [each.id for each in students if each.id not in assignment.variants]:
        if variants.NOBODY not in assignment.variants:
            raise ValueError(SAME_FOR_ALL.format(folder=assignment.folder))
        assignment = _with_more(assignment, ids)
    folder = assignment.folder / "students"
    wheel = wheel_in(kits)
    around = {
        "instructions.html": instructions(assignment).encode(),
        wheel.name: wheel.read_bytes(),
    }
    write(folder / "instructions.html", around["instructions.html"])
    books = {chapter: nbformat.read(kit.notebook, 4) for chapter, kit in assignment.kits.items()}
    for chapter, kit in assignment.kits.items():
        instructor = nbformat.writes(for_the_instructor(books[chapter], assignment, kit))
        write(assignment.folder / "instructor" / f"{chapter}.ipynb", instructor)

    def notebooks(student: str | None) -> dict[str, bytes]:
        return {
            f"{chapter}.ipynb": nbformat.writes(
                for_students(books[chapter], assignment, kit, student)
            ).encode()
            for chapter, kit in assignment.kits.items()
        }

    own = variants.of_students(assignment.variants)
    for student in own:
        packed = _packed(assignment.name, notebooks(student) | around)
        write(folder / f"{file_name(student)}.zip", packed)
    if own:
        rows = [[student, f"{file_name(student)}.zip"] for student in own]
        write(folder / WHO_GETS_WHAT, table([["id", "file"], *rows]))
        write(assignment.folder / "instructor" / SOLUTIONS, _solutions(assignment, own))
    else:
        members = notebooks(None)
        for name, content in members.items():
            write(folder / name, content)
        write(folder / f"{assignment.name}.zip", _packed(assignment.name, members | around))
    return assignment


def _with_more(assignment: Assignment, ids: list[str]) -> Assignment:
    """The assignment in which these students have something of their own, too."""
    secret = (assignment.folder / variants.SECRET).read_text("utf-8")
    known = assignment.variants[variants.NOBODY]
    chapters = list(dict.fromkeys(name.partition("/")[0] for name in known.drawn))
    more = {each: variants.draw(secret, each, known.orders, chapters) for each in ids}
    write(assignment.folder / variants.FILE, variants.written(assignment.variants | more))
    return read_assignment(assignment.folder)


def forget_students(assignment: Assignment) -> None:
    """Delete what was made for single students; the assignment stays, for others."""
    own = variants.of_students(assignment.variants)
    if own:
        for student in own:
            (assignment.folder / "students" / f"{file_name(student)}.zip").unlink(missing_ok=True)
        (assignment.folder / "students" / WHO_GETS_WHAT).unlink(missing_ok=True)
        (assignment.folder / "instructor" / SOLUTIONS).unlink(missing_ok=True)
        specimen = {variants.NOBODY: assignment.variants[variants.NOBODY]}
        write(assignment.folder / variants.FILE, variants.written(specimen))


def _packed(name: str, members: dict[str, bytes]) -> bytes:
    """A zip with a folder of that name; the same bytes for the same members."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for each in sorted(members):
            member = ZipInfo(f"{name}/{each}", FIRST_DAY)
            member.external_attr = 0o644 << 16
            archive.writestr(member, members[each], ZIP_DEFLATED)
    return packed.getvalue()


def _solutions(assignment: Assignment, students: list[str]) -> str:
    """What is right for each student, where it is another thing than for others."""
    rows = [["id", "exercise", "solution"]]
    for student in students:
        variant = assignment.variant_of(student)
        for chapter in assignment.kits:
            for each in assignment.exercises(chapter, student):
                if each.name in variant.orders or each.name in variant.drawn:
                    rows.append([student, each.name, each.solution])
    return table(rows)


def wheel_in(kits: Path) -> Path:
    """The wheel of `attnlab` that the build has left beside the kits.

    Raises:
        ValueError: there is none.
    """
    found = sorted(kits.parent.glob("wheel/*/attnlab-*.whl"))
    if not found:
        raise ValueError(NO_WHEEL.format(folder=kits.parent / "wheel"))
    return found[-1]


def instructions(assignment: Assignment) -> str:
    """A page for students: what to do, by when, for how many points."""
    rows = [
        ROW.format(title=html.escape(each.title), points=assignment.points[each.name])
        for chapter in assignment.kits
        for each in assignment.exercises(chapter)
    ]
    answering = WITHOUT_CHECKS if assignment.is_exam else WITH_CHECKS
    due = f"{assignment.due:%A, %d %B %Y, %H:%M} ({assignment.due:%Z})"
    return INSTRUCTIONS.format(
        name=html.escape(assignment.name), due=due, rows="\n".join(rows), answering=answering
    )
