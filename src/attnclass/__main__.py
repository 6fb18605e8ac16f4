"""Classes from the command line: `attnclass --help` lists what there is."""

import argparse
import errno
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from .assignment import Assignment, due_date, read_assignment
from .box import RUNGS, best
from .exports import TARGETS, export
from .gradebook import grades, read_times, read_written, write_changes, write_gradebook
from .grading import grade_class, processes, remove_halves
from .handing_out import forget_students, hand_out, new
from .kits import KITS
from .pages import write_answers, write_feedback, write_report
from .roster import Student, read_roster
from .submissions import find
from .variants import of_students
from .verdicts import file_name

MADE = "{folder}: give students/{name}.zip to the class. What counts is in assignment.toml."
EACH_MADE = "{folder}: give each student the zip that students/who-gets-what.csv names."
NO_EXAM = "--questions says how many are drawn for an examination: give --exam, too"
GRADED = "{n} students: {folder}/grades.csv, report.html, feedback/"
CHANGED = "{n} verdicts are not what they were: {folder}/changes.csv says which, and why"
OF_NOBODY = "nobody on the roster: {path}"
DISK_FULL = "the disk is full; what is marked so far is kept: make room and run the same again"
STOPPED = "stopped; what is marked so far is kept: run the same again to go on"
WITHOUT_BOX = "submissions run without a box: they can read and change what you can"
POINTS = "expected exercise=points, as in heads/writes=2; got {given!r}"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all went well, 2 for what cannot be, 130 when stopped."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(DISK_FULL, file=sys.stderr)
        return 2
    except (ValueError, RuntimeError) as error:
        print(f"attnclass: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="attnclass", description="From a chapter to a gradebook.")
    commands = parser.add_subparsers(dest="command", required=True)

    make = commands.add_parser("new", help="make an assignment: a folder with all to hand out")
    make.add_argument("folder", type=Path)
    make.add_argument("--chapters", nargs="+", required=True, help="such as heads positions")
    make.add_argument("--due", required=True, help="such as 2027-02-01T23:59+01:00")
    make.add_argument("--points", nargs="*", default=[], help="such as heads/writes=2")
    make.add_argument(
        "--per-student", type=Path, metavar="ROSTER",
        help="each student's notebook has options in its own order, and numbers of its own",
    )  # fmt: skip
    make.add_argument("--exam", action="store_true", help="questions that are not in the book")
    make.add_argument(
        "--questions", type=_at_least_one, metavar="N",
        help="of an examination: how many are drawn on each chapter (3)",
    )  # fmt: skip
    make.add_argument("--kits", type=Path, default=KITS, help="where the book's build left kits")
    make.set_defaults(run=_new)

    again = commands.add_parser("hand-out", help="after an edit of assignment.toml: the files anew")
    again.add_argument("folder", type=Path)
    again.add_argument("--per-student", type=Path, metavar="ROSTER", help="with those who are new")
    again.add_argument("--kits", type=Path, default=KITS)
    again.set_defaults(run=_hand_out)

    for name, help, again in (
        ("grade", "mark what was handed in; run again to go on", False),
        ("regrade", "mark all of it once more, and say what changed and why", True),
    ):
        grade = commands.add_parser(name, help=help)
        grade.add_argument("folder", type=Path)
        grade.add_argument("submissions", type=Path, help="a folder or a zip, as platforms give it")
        grade.add_argument("--roster", type=Path, required=True, help="CSV with id, name, email, …")
        grade.add_argument("--times", type=Path, help="CSV with id, time: when each handed in")
        grade.add_argument("--jobs", type=_at_least_one, default=os.cpu_count() or 1)
        grade.add_argument(
            "--executor", type=_named, default=processes, metavar="MODULE:FUNCTION",
            help="makes what runs so many jobs, as concurrent.futures has it",
        )  # fmt: skip
        grade.add_argument("--trust-me", action="store_true", help="without a box where none works")
        grade.set_defaults(run=_grade, again=again)

    out = commands.add_parser("export", help="marks for a gradebook, or work for a grader")
    out.add_argument("folder", type=Path)
    out.add_argument("--to", choices=TARGETS, required=True)
    out.add_argument("--into", type=Path, help="the file of Canvas or Moodle that gets marks")
    out.set_defaults(run=_export)

    forget = commands.add_parser("forget", help="delete all that is students' in an assignment")
    forget.add_argument("folder", type=Path)
    forget.set_defaults(run=_forget)
    return parser


def _at_least_one(words: str) -> int:
    if not words.isdecimal() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more; got {words!r}")
    return int(words)


def _named(words: str) -> Callable[[int], Executor]:
    """What a module has under a name, as in mycluster:make; it may lie where one is."""
    module, _, name = words.partition(":")
    sys.path.append(os.getcwd())
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"expected MODULE:FUNCTION; {error}") from error


def _new(given: argparse.Namespace) -> None:
    points = {}
    for each in given.points:
        name, _, worth = each.partition("=")
        try:
            points[name] = float(worth)
        except ValueError as error:
            raise ValueError(POINTS.format(given=each)) from error
    if given.questions and not given.exam:
        raise ValueError(NO_EXAM)
    assignment = new(
        given.folder, given.chapters, due_date(given.due), points, given.kits,
        students=_class(given), questions=(given.questions or 3) if given.exam else 0,
    )  # fmt: skip
    _say(assignment)


def _hand_out(given: argparse.Namespace) -> None:
    _say(hand_out(read_assignment(given.folder), given.kits, _class(given)))


def _class(given: argparse.Namespace) -> list[Student]:
    return read_roster(given.per_student) if given.per_student else []


def _say(assignment: Assignment) -> None:
    """Say what to do with what was made."""
    made = EACH_MADE if of_students(assignment.variants) else MADE
    print(made.format(folder=assignment.folder, name=assignment.name))


def _grade(given: argparse.Namespace) -> None:
    assignment = read_assignment(given.folder)
    students = read_roster(given.roster)
    times = read_times(given.times, students) if given.times else {}
    written = read_written(assignment, students)
    found = find(given.submissions, students, assignment.name)
    rung = best(trust=given.trust_me)
    console = Console(stderr=True)
    if rung == RUNGS[-1]:
        console.print(WITHOUT_BOX)
    with Progress(console=console) as progress:
        bar = progress.add_task("marking", total=len(students))
        graded = grade_class(
            assignment, students, found, rung, jobs=given.jobs, again=given.again,
            executor=given.executor, tell=lambda _: progress.advance(bar),
        )  # fmt: skip
    marked = graded.marked
    lines = grades(assignment, students, marked, times, written)
    for line, marks in zip(lines, marked, strict=True):
        write_feedback(assignment, marks, line, file_name(line.student.id))
    write_gradebook(assignment, lines)
    write_report(assignment, marked, rung)
    write_answers(assignment, marked)
    if graded.changes:
        write_changes(assignment, graded.changes)
        print(CHANGED.format(n=len(graded.changes), folder=assignment.folder))
    for words in [*found.remarks, *(OF_NOBODY.format(path=file.path) for file in found.of_nobody)]:
        print(words)
    print(GRADED.format(n=len(students), folder=assignment.folder))


def _export(given: argparse.Namespace) -> None:
    for words in export(read_assignment(given.folder), given.to, given.into):
        print(words)


def _forget(given: argparse.Namespace) -> None:
    assignment = read_assignment(given.folder)
    forget_students(assignment)
    folder = assignment.folder
    for name in ("results", "feedback", "exports"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("grades.csv", "grades.json", "report.html", "report.json", "written.csv",
                 "written.html", "changes.csv", "changes.json"):  # fmt: skip
        (folder / name).unlink(missing_ok=True)
    remove_halves(folder)


if __name__ == "__main__":
    sys.exit(main())
