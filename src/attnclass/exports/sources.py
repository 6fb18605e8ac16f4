"""What notebooks for other graders are made from: the assignment's own, cell by cell."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import nbformat

from ..assignment import Assignment, write
from ..handing_out import for_students
from ..kits import Exercise, Kit

NO_WHEEL = (
    "expected {path} with the wheel of attnlab in it, as `attnclass hand-out {folder}` makes it"
)


def cells_of(
    assignment: Assignment, kit: Kit
) -> Iterator[tuple[nbformat.NotebookNode, Exercise | None, bool]]:
    """The cells that students get, in order, each with its exercise and whether it is the stub.

    The task's cell and the stub's belong to an exercise; all others to none.
    """
    exercises = assignment.exercises(kit.chapter)
    tasks = {each.label: each for each in exercises}
    stubs = {f"{each.label}-stub": each for each in exercises}
    notebook = for_students(nbformat.read(kit.notebook, 4), assignment, kit)
    for cell in notebook.cells:
        name = cell["id"]
        yield cell, stubs.get(name) or tasks.get(name), name in stubs


def notebook_with(
    assignment: Assignment, kit: Kit, cells: list[nbformat.NotebookNode]
) -> nbformat.NotebookNode:
    """The students' notebook with other cells.

    Raises:
        nbformat.ValidationError: it is no notebook any more.
    """
    notebook = for_students(nbformat.read(kit.notebook, 4), assignment, kit)
    notebook.cells = cells
    nbformat.validate(notebook)
    return notebook


def write_notebooks(
    assignment: Assignment,
    out: Path,
    wheel: tuple[str, bytes],
    make: Callable[[Kit], nbformat.NotebookNode],
) -> int:
    """Write what `make` makes of each chapter, and the wheel beside it.

    Returns:
        how many exercises a person marks.
    """
    by_hand = 0
    for chapter, kit in assignment.kits.items():
        write(out / f"{chapter}.ipynb", nbformat.writes(make(kit)))
        by_hand += sum(each.is_written for each in assignment.exercises(chapter))
    name, content = wheel
    write(out / name, content)
    return by_hand


def with_solution(exercise: Exercise, begin: str, end: str) -> str:
    """A stub's cell with the solution in it, between two lines."""
    stub, solution = _unchecked(exercise.stub, exercise), _unchecked(exercise.solution, exercise)
    return f"{stub}\n{begin}\n{solution}\n{end}\n\n{_check(exercise)}"


def _unchecked(code: str, exercise: Exercise) -> str:
    return re.sub(rf"^{re.escape(_check(exercise))}\s*$", "", code, flags=re.MULTILINE).rstrip()


def _check(exercise: Exercise) -> str:
    return f'check("{exercise.name}")'


def wheel_of(assignment: Assignment) -> tuple[str, bytes]:
    """The name and the content of the wheel that students were given.

    Raises:
        ValueError: the zip for students is not there, or holds none.
    """
    path = assignment.folder / "students" / f"{assignment.name}.zip"
    try:
        with ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".whl"):
                    return Path(name).name, archive.read(name)
    except (FileNotFoundError, BadZipFile):
        pass
    raise ValueError(NO_WHEEL.format(path=path, folder=assignment.folder))
