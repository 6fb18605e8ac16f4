"""Notebooks for `otter assign`: with solutions, and with tests that call the course's checkers."""

import json
from functools import partial
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_raw_cell

from ..assignment import FILE, Assignment
from ..kits import Exercise, Kit
from .sources import cells_of, notebook_with, wheel_of, with_solution, write_notebooks

WRITTEN = (
    "{out} holds what `otter assign` of otter-grader 7.0.0 takes. There, for each notebook: "
    "{commands}. Give students the folder student/ of each, and mark with: otter run -a "
    "dist/CHAPTER/autograder/*.zip -o RESULTS NOTEBOOK, where the folder RESULTS is there already."
)
COMMAND = "otter assign {chapter}.ipynb dist/{chapter} --no-run-tests"
BY_HAND = "Exercises in writing ({n}) are marked by hand: otter counts no points for them."
NO_BORDER = (
    "Otter marks in the process in which a student's code runs: one line of theirs can pass all of "
    "it, which `attnclass grade` does not allow."
)
LATE = "Otter knows no date: take off yourself what coming late costs by {file}."

# As YAML, of which JSON is a part.
CONFIGURATION = """\
# ASSIGNMENT CONFIG
name: {name}
files: {files}
requirements: {requirements}
python_version: "3.11"
init_cell: true
check_all_cell: false
export_cell: false
solutions_pdf: false
generate: true
tests:
  ok_format: false"""
QUESTION = """\
# BEGIN QUESTION
name: {name}
points: {points:g}
manual: {manual}"""
TEST = '''\
""" # BEGIN TEST CONFIG
points: {points:g}
""" # END TEST CONFIG
def test_{name}(env):
    from attnlab.exercises import grade
    result = grade("{exercise}", env)
    assert result.status == "passed", result.message'''
IN_AUTOGRADER = "attnlab @ file:///autograder/source/files/{wheel}"  # where Otter puts its files


def export(assignment: Assignment, out: Path) -> list[str]:
    """Write the folder `out`, with one notebook a chapter and the wheel beside them.

    Returns:
        what the instructor should know.

    Raises:
        ValueError: there is no wheel to put beside the notebooks.
    """
    wheel = wheel_of(assignment)
    make = partial(notebook, assignment, wheel=wheel[0])
    by_hand = write_notebooks(assignment, out, wheel, make)
    commands = "; ".join(COMMAND.format(chapter=chapter) for chapter in assignment.kits)
    said = [WRITTEN.format(out=out, commands=commands), NO_BORDER, LATE.format(file=FILE)]
    return said + ([BY_HAND.format(n=by_hand)] if by_hand else [])


def notebook(assignment: Assignment, kit: Kit, wheel: str) -> nbformat.NotebookNode:
    """A chapter's notebook as `otter assign` takes it: cells in question blocks, tests behind."""
    configuration = CONFIGURATION.format(
        name=json.dumps(f"{assignment.name} {kit.chapter}"),
        files=json.dumps([wheel]),
        requirements=json.dumps([IN_AUTOGRADER.format(wheel=wheel)]),
    )
    cells = [new_raw_cell(configuration)]
    for cell, exercise, is_stub in cells_of(assignment, kit):
        if exercise is None:
            cells.append(cell)
        elif is_stub:
            cell.source = with_solution(exercise, "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION")
            cells += [new_raw_cell("# BEGIN SOLUTION"), cell, new_raw_cell("# END SOLUTION")]
            if not exercise.is_written:
                test = new_code_cell(_test(exercise, assignment.points[exercise.name]))
                cells += [new_raw_cell("# BEGIN TESTS"), test, new_raw_cell("# END TESTS")]
            cells.append(new_raw_cell("# END QUESTION"))
        else:
            question = QUESTION.format(
                name=_name(exercise),
                points=assignment.points[exercise.name],
                manual=json.dumps(exercise.is_written),
            )
            cells += [new_raw_cell(question), cell]
    return notebook_with(assignment, kit, cells)


def _name(exercise: Exercise) -> str:
    """A name that Otter can make a function and a file of."""
    return exercise.name.replace("/", "_").replace("-", "_")


def _test(exercise: Exercise, points: float) -> str:
    return TEST.format(name=_name(exercise), exercise=exercise.name, points=points)
