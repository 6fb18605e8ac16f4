"""A class, marked: each student's notebooks in a box of their own, verdicts kept as they come."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from .assignment import Assignment, write
from .jobs import NOT_HANDED_IN, Job, job_of
from .marking import USUAL, Times, mark
from .notebooks import answer_in
from .roster import Student
from .submissions import Found
from .verdicts import Change, Marked, changes, file_name

BUSY = "somebody else is grading {folder}: wait, or end that first"
FAULT = "marking this raised {kind}: {fault}; that is a fault of the marker's: mark it by hand"
GAVE_UP = "marking this ended the marker itself, twice: look at it by hand"


@dataclass(frozen=True)
class Graded:
    """The class's marks, in its order, and what is otherwise than it was kept."""

    marked: list[Marked]
    changes: list[Change]


def grade_class(
    assignment: Assignment,
    students: list[Student],
    found: Found,
    rung: str,
    *,
    jobs: int = 1,
    times: Times = USUAL,
    again: bool = False,
    executor: Callable[[int], Executor] | None = None,
    tell: Callable[[Marked], Any] = lambda marked: None,
) -> Graded:
    """Mark what is new, and give back all that is known.

    Args:
        jobs: how many boxes are at work at the same time.
        again: whether what has been marked already is marked once more.
        executor: makes what runs so many jobs, as `concurrent.futures` has it; without it,
            `processes`.
        tell: is called with each student's marks as soon as they are kept.

    Raises:
        RuntimeError: another process is grading this assignment.
    """
    folder = assignment.folder / "results"
    folder.mkdir(mode=0o700, exist_ok=True)
    with _locked(assignment.folder):
        todo, done, changed = [], {}, []
        for student in students:
            job = job_of(assignment, student, found.by_student.get(student.id, []), rung, times)
            known = _read(folder / f"{file_name(student.id)}.json")
            if known is not None and known.rests_on == job.rests_on and not again:
                done[student.id] = known
                tell(known)
            else:
                todo.append(job)
        for marked in _run(todo, jobs, executor or processes):
            path = folder / f"{file_name(marked.student)}.json"
            if known := _read(path):
                changed += changes(known, marked)
            write(path, json.dumps(asdict(marked), indent=1))
            done[marked.student] = marked
            tell(marked)
    return Graded([done[student.id] for student in students], changed)


def _mark_job(job: Job) -> Marked:
    """In a marker's process: every exercise of the assignment gets a result."""
    marked = Marked(job.student, job.rests_on, remarks=job.remarks)
    place = os.getpid() % 2000  # a user of its own for each box at work
    for chapter, names in job.exercises.items():
        notebook = job.notebooks.get(chapter)
        if notebook is None:
            marked.say(names, "not attempted", NOT_HANDED_IN)
            continue
        try:
            results = mark(
                notebook, job.kits[chapter], names, job.rung,
                variant=job.variant, times=job.times, place=place,
            )  # fmt: skip
        except Exception as fault:  # of ours, and no reason that others get no marks
            said = FAULT.format(kind=type(fault).__name__, fault=str(fault)[:200])
            marked.say(names, "failed", said)
            marked.remarks.append(said)
            continue
        for result in results:
            target = job.variant.marker(result.exercise).target
            answer = answer_in(notebook, result.exercise, target)
            marked.say([result.exercise], result.status, result.more or result.message, answer)
    return marked


def _run(todo: list[Job], jobs: int, executor: Callable[[int], Executor]) -> Iterator[Marked]:
    """Each job once; those left when one has ended its marker run alone, and then are given up."""
    unfinished = {job.student: job for job in todo}
    for group, at_once in [(todo, jobs), *(([job], 1) for job in todo)]:
        left = [job for job in group if job.student in unfinished]
        if not left:
            continue
        with executor(at_once) as pool:
            try:
                for future in as_completed([pool.submit(_mark_job, job) for job in left]):
                    marked = future.result()
                    unfinished.pop(marked.student)
                    yield marked
            except BrokenExecutor:
                continue
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for job in unfinished.values():
        marked = Marked(job.student, job.rests_on, remarks=[*job.remarks, GAVE_UP])
        for names in job.exercises.values():
            marked.say(names, "failed", GAVE_UP)
        yield marked


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
    """What was kept, unless it was never finished, or by another version of this."""
    try:
        return Marked(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
