"""A course folder for nbgrader: the notebooks with solutions and tests, and its configuration."""

from functools import partial
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from ..assignment import FILE, Assignment, write
from ..kits import Exercise, Kit
from .sources import cells_of, notebook_with, wheel_of, with_solution, write_notebooks

WRITTEN = (
    "{out} is a course folder for nbgrader 0.9.6. There: nbgrader generate_assignment {name}; what "
    "students get lies in release/{name}/, and what they hand in belongs in "
    "submitted/STUDENT/{name}/, or as Moodle or Canvas name it in downloaded/{name}/archive/, for "
    "nbgrader zip_collect {name}; then nbgrader autograde {name}, nbgrader export, nbgrader "
    "generate_feedback {name}. attnlab has to be installed beside nbgrader."
)
BY_HAND = "Exercises in writing ({n}) are marked by hand: nbgrader formgrader shows them."
NO_BORDER = (
    "nbgrader marks in the process in which a student's code runs: one line of theirs can pass all "
    "of it, which `attnclass grade` does not allow."
)
LATE = (
    "What comes late costs nothing there. If it should: nbgrader db assignment add {name} "
    "--duedate {due}, a timestamp.txt in each submission's folder, and "
    "c.LateSubmissionPlugin.penalty_method in nbgrader_config.py, for nbgrader does not know the "
    "rule of {file}."
)

# What students see of a test is its first line. Anything on stderr, such as a warning, would be 0
# points, and a number as the cell's result would be points.
TEST = """\
# Your mark is made here: leave this cell as it is.
### BEGIN HIDDEN TESTS
import contextlib, io
from attnlab.exercises import grade
with contextlib.redirect_stderr(io.StringIO()):
    _result = grade("{name}", globals())
assert _result.status == "passed", str(_result)
### END HIDDEN TESTS"""
CONFIGURATION = '''\
"""nbgrader's settings for this course. What each is for stands beside it."""

from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import DeduplicateIds, OverwriteCells

c = get_config()
c.CourseDirectory.course_id = {name!r}

# A stub stays as the course has it: nothing takes the place of the solution below it.
c.ClearSolutions.code_stub = {{"python": ""}}

# Chapters train small models: 30 seconds a cell, as nbgrader has it, are too few on a busy machine.
c.Execute.timeout = 600
c.Execute.error_on_timeout = {{
    "ename": "CellTimeoutError",
    "evalue": "this cell took longer than 10 minutes",
    "traceback": ["this cell took longer than 10 minutes"],
}}

# A test that a student has deleted comes back: else its points would just be missing.
c.OverwriteCells.add_missing_cells = True

# nbgrader puts it behind its answer, and gives the student no marks at all if that is gone, too.
class Restored(OverwriteCells):
    """Answers that are gone come back as stubs, at the end."""

    def add_missing_grade_cells(self, nb, resources):
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        there = {{cell.metadata.get("nbgrader", {{}}).get("grade_id") for cell in nb.cells}}
        kept = {{cell.name for cell in source.grade_cells}} | there
        answers = {{cell.name for cell in source.solution_cells}} - kept
        for cell in source.source_cells:
            if cell.name in answers:
                told = {{"schema_version": 3, "grade_id": cell.name, "solution": True,
                        "grade": False, "locked": False, "task": False}}
                nb.cells.append(new_code_cell(cell.source, metadata={{"nbgrader": told}}))
        return super().add_missing_grade_cells(nb, resources)


# A cell that a student has doubled would end nbgrader for everyone after them in the alphabet.
class Undoubled(DeduplicateIds):
    """The last of several cells of one name keeps it; the others become cells of no name."""

    def preprocess_cell(self, cell, resources, cell_index):
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata.get("nbgrader") == {{}}:
            del cell.metadata["nbgrader"]
        return cell, resources


c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    Undoubled,
    "nbgrader.preprocessors.OverwriteKernelspec",
    Restored,
    "nbgrader.preprocessors.CheckCellMetadata",
]

# For `nbgrader zip_collect`: names in Moodle's folders and in Canvas's files.
c.FileNameCollectorPlugin.named_regexp = (
    r".*/(?P<student_id>[^/_]+)_(?:LATE_|late_)?\\d+_(?:assignsubmission_file_/|\\d+_)"
    r"(?P<file_id>[^/]+?)(?:-\\d+)?\\.ipynb"
)
'''


def export(assignment: Assignment, out: Path) -> list[str]:
    """Write the course folder `out`, with one notebook a chapter and the wheel beside them.

    Returns:
        what the instructor should know.

    Raises:
        ValueError: there is no wheel to put beside the notebooks.
    """
    source, wheel = out / "source" / assignment.name, wheel_of(assignment)
    by_hand = write_notebooks(assignment, source, wheel, partial(notebook, assignment))
    write(out / "nbgrader_config.py", CONFIGURATION.format(name=assignment.name))
    late = LATE.format(name=assignment.name, due=assignment.due.isoformat(), file=FILE)
    said = [WRITTEN.format(out=out, name=assignment.name), NO_BORDER, late]
    return said + ([BY_HAND.format(n=by_hand)] if by_hand else [])


def notebook(assignment: Assignment, kit: Kit) -> nbformat.NotebookNode:
    """A chapter's notebook with solutions and tests, as `nbgrader generate_assignment` takes it."""
    cells: list[nbformat.NotebookNode] = []
    for cell, exercise, is_stub in cells_of(assignment, kit):
        cells.append(cell)
        if exercise is None or not is_stub:
            continue
        points = assignment.points[exercise.name]
        cell.source = with_solution(exercise, "### BEGIN SOLUTION", "### END SOLUTION")
        if exercise.is_written:
            _mark(cell, exercise, solution=True, points=points)
            continue
        _mark(cell, exercise, solution=True)
        test = new_code_cell(TEST.format(name=exercise.name))
        test["id"] = f"{exercise.label}-test"
        _mark(test, exercise, solution=False, points=points)
        cells.append(test)
    return notebook_with(assignment, kit, cells)


def _mark(
    cell: nbformat.NotebookNode, exercise: Exercise, *, solution: bool, points: float | None = None
) -> None:
    """What nbgrader is told of a cell: tests are locked, answers with points wait for a person."""
    name = exercise.name.replace("/", "-")  # nbgrader makes paths of names
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": name if solution else f"{name}-test",
        "solution": solution,
        "grade": points is not None,
        "locked": not solution,
        "task": False,
        **({} if points is None else {"points": points}),
    }
