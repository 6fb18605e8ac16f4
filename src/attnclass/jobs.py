"""What is to be marked of a student: one notebook a chapter, and all that the verdict rests on."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import attnlab

from . import __version__
from .assignment import Assignment
from .kits import Kit
from .limits import Limits
from .notebooks import Notebook, chapter_of, read_notebook
from .roster import Student
from .submissions import ANSWERED_TWICE, UNREADABLE, File
from .variants import Variant

OTHER_ASSIGNMENT = "{file} was handed out for {other}, and is marked by the names of its exercises"
OTHER_CHAPTER = "{file} is of {other}, which is not in this assignment"
OTHER_VARIANT = (
    "{file} is somebody else's notebook, with other options and numbers than this student's, and "
    "is marked by this student's"
)
OTHER_VERSION = (
    "{file} is of another version of the chapter, and is marked by the names of its exercises"
)
NO_EXERCISE = "{file} has none of the exercises: nothing in it is marked"
NOT_HANDED_IN = "not handed in"


@dataclass(frozen=True)
class Job:
    """One student's notebooks by chapter, as a marker's process gets them."""

    student: str
    rests_on: dict[str, str]
    notebooks: dict[str, Notebook]
    kits: dict[str, Kit]
    exercises: dict[str, list[str]]
    variant: Variant
    remarks: list[str]
    rung: str
    limits: Limits


def job_of(assignment: Assignment, student: Student, files: list[File], rung: str) -> Job:
    """What is to be done for a student; of several notebooks of a chapter, the last by name."""
    notebooks: dict[str, Notebook] = {}
    remarks: list[str] = []
    variant = assignment.variant_of(student.id)
    for file in files:
        try:
            notebook = read_notebook(file.content)
        except ValueError as error:
            remarks.append(UNREADABLE.format(file=file.path, reason=error))
            continue
        chapter = chapter_of(notebook)
        if chapter is None:
            remarks.append(NO_EXERCISE.format(file=file.path))
        elif chapter not in assignment.kits:
            remarks.append(OTHER_CHAPTER.format(file=file.path, other=chapter))
        else:
            if notebook.assignment not in (None, assignment.name):
                other = notebook.assignment
                remarks.append(OTHER_ASSIGNMENT.format(file=file.path, other=other))
            if notebook.version not in (None, assignment.kits[chapter].version):
                remarks.append(OTHER_VERSION.format(file=file.path))
            if notebook.variant not in (None, variant.fingerprint):
                remarks.append(OTHER_VARIANT.format(file=file.path))
            if chapter in notebooks:
                remarks.append(ANSWERED_TWICE.format(chapter=chapter, file=file.path))
            notebooks[chapter] = notebook
    exercises = {
        chapter: [x.name for x in assignment.exercises(chapter)] for chapter in assignment.kits
    }
    rests_on = {
        "notebooks": _fingerprint(*(part for file in files for part in (file.path, file.content))),
        "exercises": _fingerprint(repr(exercises), variant.fingerprint),
        "chapters": _fingerprint(*(kit.version for kit in assignment.kits.values())),
        "checkers": _fingerprint(__version__, _checkers()),
        "limits": _fingerprint(repr(assignment.limits), rung),
    }
    return Job(
        student.id, rests_on, notebooks, assignment.kits, exercises, variant,
        remarks if files else [NOT_HANDED_IN], rung, assignment.limits,
    )  # fmt: skip


@cache
def _checkers() -> str:
    """A fingerprint of the checkers: other ones may say something else."""
    folder = Path(attnlab.__file__).parent
    paths = sorted([*folder.glob("exercises/*.py"), *folder.glob("chapters/*/*.py")])
    paths += sorted(Path(__file__).parent.glob("questions/*.py"))
    return _fingerprint(*(path.read_bytes() for path in paths))


def _fingerprint(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]
