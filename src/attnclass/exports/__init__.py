"""An assignment, or its marks, as other tools take them: a small module for each."""

from collections.abc import Callable
from pathlib import Path

from ..assignment import Assignment
from . import canvas, gradescope, moodle, nbgrader, otter

EXISTS = "{out} is there already: move it away or delete it, and export again"
NEEDS_FILE = "{to} needs --into with the file that {platform} has written: {file}"
DRAWN = "{to} would mark everybody by the same options and numbers: {name} has drawn ones"
TAKES_NO_FILE = "{to} takes no --into: it makes an assignment, and fills no file of marks"

# What fills a file of the platform's own, and what that file is; and what makes an assignment.
MARKS: dict[str, tuple[Callable[[Assignment, Path, Path], list[str]], str, str]] = {
    "canvas": (canvas.export, "Canvas", "its gradebook, under Grades › Export"),
    "moodle": (moodle.export, "Moodle", "the assignment's grading worksheet"),
}
ASSIGNMENTS: dict[str, tuple[Callable[[Assignment, Path], list[str]], str]] = {
    "nbgrader": (nbgrader.export, "nbgrader"),
    "otter": (otter.export, "otter"),
    "gradescope": (gradescope.export, "gradescope.zip"),
}
TARGETS = (*MARKS, *ASSIGNMENTS)


def export(assignment: Assignment, to: str, into: Path | None) -> list[str]:
    """Write what `to` takes below the assignment's folder `exports`.

    Args:
        to: one of `TARGETS`.
        into: the platform's own file, for those that need one; it is only read.

    Returns:
        what the instructor should know, in sentences.

    Raises:
        ValueError: the file is missing or another one, the export is there already, or all would be
            marked alike where something was drawn.
    """
    folder = assignment.folder / "exports"
    if to in MARKS:
        make, platform, file = MARKS[to]
        if into is None:
            raise ValueError(NEEDS_FILE.format(to=to, platform=platform, file=file))
        return make(assignment, into, _new(folder / f"{to}.csv"))
    if into is not None:
        raise ValueError(TAKES_NO_FILE.format(to=to))
    if assignment.variants:
        raise ValueError(DRAWN.format(to=to, name=assignment.name))
    prepare, name = ASSIGNMENTS[to]
    return prepare(assignment, _new(folder / name))


def _new(out: Path) -> Path:
    if out.exists():
        raise ValueError(EXISTS.format(out=out))
    return out
