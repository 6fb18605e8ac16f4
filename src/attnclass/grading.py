"""A class, marked: each student's notebooks in a box of their own, verdicts kept as they come."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from . import __version__
from .assignment import Assignment, write
from .kits import Kit
from .marking import Times, mark
from .notebooks import Notebook, answer_in, chapter_of, read_notebook
from .roster import Student
from .submissions import ANSWERED_TWICE, UNREADABLE, File, Found

BUSY = "somebody else is grading {folder}: wait, or end that first"
OTHER_ASSIGNMENT = "{file} was handed out for {other}, and is marked by the names of its exercises"
OTHER_CHAPTER = "{file} is of {other}, which is not in this assignment"
NO_EXERCISE = "{file} has none of the exercises: nothing in it is marked"
NOT_HANDED_IN = "not handed in"
FAULT = "marking this raised {kind}: {fault}; that is a fault of the marker's: mark it by hand"
GAVE_UP = "marking this ended the marker itself, twice: look at it by hand"


@dataclass
class Marked:
    """What is said of one student's work.

    Attributes:
        results: by exercise, `status` and `message`.
        remarks: what the instructor should know of the files.
        version: of all that the verdicts rest on.
    """

    student: str
    version: str
    results: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Job:
    """One student's notebooks, as a marker's process gets them."""

    student: str
    version: str
    notebooks: dict[str, Notebook]
    kits: dict[str, Kit]
    exercises: dict[str, list[str]]
    remarks: list[str]
    rung: str
    times: Times


def grade_class(
    assignment: Assignment,
    students: list[Student],
    found: Found,
    rung: str,
    *,
    jobs: int = 1,
    times: Times = Times(),
    executor: Callable[[int], Executor] | None = None,
    tell: Callable[[Marked], Any] = lambda marked: None,
) -> list[Marked]:
    """Mark what is new, and give back all that is known, in the order of the class.

    Args:
        jobs: how many boxes are at work at the same time.
        executor: makes what runs so many jobs, as `concurrent.futures` has it; without it,
            `processes`.
        tell: is called with each student's marks as soon as they are kept.

    Raises:
        RuntimeError: another process is grading this assignment.
    """
    kept = assignment.folder / "results"
    kept.mkdir(mode=0o700, exist_ok=True)
    with _locked(assignment.folder):
        todo, done = [], {}
        for student in students:
            job = _job(assignment, student, found.by_student.get(student.id, []), rung, times)
            path = kept / f"{file_name(student.id)}.json"
            known = _read(path)
            if known is not None and known.version == job.version:
                done[student.id] = known
                tell(known)
            else:
                todo.append(job)
        for marked in _run(todo, jobs, executor or processes):
            write(kept / f"{file_name(marked.student)}.json", json.dumps(asdict(marked), indent=1))
            done[marked.student] = marked
            tell(marked)
        return [done[student.id] for student in students]


def _job(
    assignment: Assignment, student: Student, files: list[File], rung: str, times: Times
) -> _Job:
    """What is to be done for a student, with a version that tells whether it has been done."""
    notebooks: dict[str, Notebook] = {}
    remarks: list[str] = []
    digest = hashlib.sha256(f"{__version__} {_marker_version()} {times}".encode())
    digest.update(repr(list(assignment.points)).encode())
    for chapter, kit in assignment.kits.items():
        digest.update(f"{chapter} {kit.version}".encode())
    for file in files:
        digest.update(hashlib.sha256(file.content).digest() + file.path.encode())
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
            if chapter in notebooks:
                remarks.append(ANSWERED_TWICE.format(chapter=chapter, file=file.path))
            notebooks[chapter] = notebook
    return _Job(
        student.id,
        digest.hexdigest()[:16],
        notebooks,
        assignment.kits,
        {chapter: [x.name for x in assignment.exercises(chapter)] for chapter in assignment.kits},
        remarks if files else [NOT_HANDED_IN],
        rung,
        times,
    )


def _mark_job(job: _Job) -> Marked:
    """In a marker's process: every exercise of the assignment gets a result."""
    marked = Marked(job.student, job.version, remarks=job.remarks)
    place = os.getpid() % 2000  # a user of its own for each box at work
    for chapter, names in job.exercises.items():
        notebook = job.notebooks.get(chapter)
        if notebook is None:
            marked.results |= _all_said(names, "not attempted", NOT_HANDED_IN)
            continue
        try:
            results = mark(
                notebook, job.kits[chapter], names, job.rung, times=job.times, place=place
            )
        except Exception as fault:  # of ours, and no reason that others get no marks
            said = FAULT.format(kind=type(fault).__name__, fault=str(fault)[:200])
            marked.results |= _all_said(names, "failed", said)
            continue
        for result in results:
            marked.results[result.exercise] = {
                "status": result.status,
                "message": result.more or result.message,
                "answer": answer_in(notebook, result.exercise),
            }
    return marked


def _all_said(names: list[str], status: str, message: str) -> dict[str, dict[str, str]]:
    return {name: {"status": status, "message": message, "answer": ""} for name in names}


def _run(todo: list[_Job], jobs: int, executor: Callable[[int], Executor]) -> Iterator[Marked]:
    """Each job once; those left when one has ended its marker run alone, and then are given up."""
    unfinished = {job.student: job for job in todo}
    for group, at_once in [(todo, jobs), *(([job], 1) for job in todo)]:
        group = [job for job in group if job.student in unfinished]
        if not group:
            continue
        with executor(at_once) as pool:
            try:
                for future in as_completed([pool.submit(_mark_job, job) for job in group]):
                    marked = future.result()
                    unfinished.pop(marked.student)
                    yield marked
            except BrokenExecutor:
                continue
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for job in unfinished.values():
        names = [name for each in job.exercises.values() for name in each]
        yield Marked(
            job.student, job.version, _all_said(names, "failed", GAVE_UP), [*job.remarks, GAVE_UP]
        )


def processes(jobs: int) -> Executor:
    """Markers in processes of their own, none of which is a copy of this one."""
    return ProcessPoolExecutor(jobs, mp_context=get_context("forkserver"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RuntimeError(BUSY.format(folder=folder)) from error
        yield


def _read(path: Path) -> Marked | None:
    """What was kept, unless it was never finished."""
    try:
        return Marked(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def file_name(student: str) -> str:
    """A name for a student's files that is one whatever the id is."""
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in student)[:40]
    return f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


@cache
def _marker_version() -> str:
    """A fingerprint of the checkers: other checkers may say something else."""
    import attnlab  # noqa: PLC0415

    folder = Path(attnlab.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("exercises/*.py"), *folder.glob("chapters/*/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
