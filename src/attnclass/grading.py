"""A class, marked: each student's notebooks in a box of their own, verdicts kept as they come."""

import fcntl
import json
import os
import signal
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Thread, get_native_id
from typing import Any

from .assignment import HALVES, Assignment, write
from .jobs import NOT_HANDED_IN, Job, job_of
from .marking import mark
from .notebooks import answer_in
from .roster import Student
from .submissions import Found
from .verdicts import Change, Marked, changes, file_name

BUSY = "somebody else is grading {folder}: wait, or end that first"
FAULT = (
    "marking this raised {kind}: {fault}; that is a fault of the marker's: grade again, or mark it "
    "by hand"
)
GAVE_UP = "marking this ended the marker itself, twice: grade again, or mark it by hand"
NO_MARKER = "what runs the jobs has failed: {kind}: {fault}; what is marked so far is kept"


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
        RuntimeError: another process is grading this assignment, or `executor` runs nothing.
    """
    folder = assignment.folder / "results"
    folder.mkdir(mode=0o700, exist_ok=True)
    with _locked(assignment.folder):
        remove_halves(assignment.folder)
        todo, done, changed = [], {}, []
        for student in students:
            job = job_of(assignment, student, found.by_student.get(student.id, []), rung)
            known = _read(folder / f"{file_name(student.id)}.json")
            if known is not None and known.rests_on == job.rests_on and not again:
                done[student.id] = known
                tell(known)
            else:
                todo.append(job)
        with closing(_run(todo, jobs, executor or processes)) as marks:
            for marked in marks:
                path = folder / f"{file_name(marked.student)}.json"
                if known := _read(path):
                    changed += changes(known, marked)
                write(path, json.dumps(asdict(marked), indent=1))
                done[marked.student] = marked
                tell(marked)
    return Graded([done[student.id] for student in students], changed)


def _mark_job(job: Job) -> Marked:
    """In a marker's process, or a thread of it: every exercise of the assignment gets a result."""
    marked = Marked(job.student, job.rests_on, remarks=job.remarks)
    place = get_native_id() % 2000  # a user of its own for each box at work
    for chapter, names in job.exercises.items():
        notebook = job.notebooks.get(chapter)
        if notebook is None:
            marked.say(names, "not attempted", NOT_HANDED_IN)
            continue
        try:
            results = mark(
                notebook, job.kits[chapter], names, job.rung,
                variant=job.variant, limits=job.limits, place=place,
            )  # fmt: skip
        except Exception as fault:  # of ours, and no reason that others get no marks
            said = FAULT.format(kind=type(fault).__name__, fault=str(fault)[:200])
            marked.fail(names, said)
            continue
        for result in results:
            target = job.variant.marker(result.exercise).target
            answer = answer_in(notebook, result.exercise, target)
            marked.say([result.exercise], result.status, result.more or result.message, answer)
    return marked


def _run(
    todo: list[Job], jobs: int, executor: Callable[[int], Executor]
) -> Generator[Marked, None, None]:
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
            except Exception as error:  # of the pool's own: what marking raises is a verdict
                pool.shutdown(wait=False, cancel_futures=True)
                said = NO_MARKER.format(kind=type(error).__name__, fault=str(error)[:200])
                raise RuntimeError(said) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for job in unfinished.values():
        marked = Marked(job.student, job.rests_on, remarks=job.remarks)
        for names in job.exercises.values():
            marked.fail(names, GAVE_UP)
        yield marked


def processes(jobs: int) -> Executor:
    """Markers in processes of their own, which end when this one does or has had enough."""
    return _Markers(jobs)


class _Markers(ProcessPoolExecutor):
    def __init__(self, jobs: int):
        context = get_context("spawn")
        theirs, self._ours = context.Pipe(duplex=False)
        super().__init__(jobs, context, _end_with_the_grader, (theirs,))

    def __exit__(self, kind: type[BaseException] | None, *error: Any) -> bool | None:
        if kind is not None:
            self._ours.close()
        return super().__exit__(kind, *error)


def _end_with_the_grader(grader: Any) -> None:
    """A marker's process ends, and its box with it, as soon as nobody has the pipe's other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever types Ctrl-C means the grader

    def wait() -> None:
        with suppress(EOFError):
            grader.recv()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RuntimeError(BUSY.format(folder=folder)) from error
        yield


def remove_halves(folder: Path) -> None:
    """Delete the files that were being written when a grader was killed."""
    for half in folder.rglob(HALVES):
        half.unlink(missing_ok=True)


def _read(path: Path) -> Marked | None:
    """What was kept, unless it was never finished, or by another version of this."""
    try:
        return Marked(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
