"""A chapter's notebook, or an examination's, for students and for the instructor."""

from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from .assignment import Assignment
from .kits import Exercise, Kit
from .misconceptions import misconceptions
from .tasks import options_in
from .variants import NOBODY

# What students read above questions in a chapter's notebook.
OF_YOUR_OWN = """\
## Numbers of your own

The numbers in these questions are yours alone. No cell says whether you are right: that you learn
when your work is marked.\
"""
# What the instructor reads.
WORTH = "**{points:g} points.** {explanation}"
POINTS_OF = "**{points:g} points**, by what the answer says:\n\n{rubric}\n\n{explanation}"
WRONG_LETTERS = "What the wrong letters are told:\n\n{hints}"
WRONG_ANSWERS = "What wrong answers are told, and so what goes wrong here:\n\n{hints}"
SPECIMEN = "*The numbers and options here are nobody's; `solutions.csv` has each student's.*"


def for_students(
    book: NotebookNode, assignment: Assignment, kit: Kit, student: str | None = None
) -> NotebookNode:
    """The notebook without solutions, with those exercises alone that count.

    Args:
        student: whose options and numbers are in it; without, those that all have.
    """
    exercises = assignment.exercises(kit.chapter, student)
    copy = _without(deepcopy(book), kit, kept=exercises)
    solutions = {f"{each.label}-solution" for each in kit.exercises}
    copy.cells = [cell for cell in copy.cells if cell["id"] not in solutions]
    if assignment.variants:
        _with_own_options(copy, exercises, assignment.variant_of(student).orders)
    questions = _questions(kit, exercises)
    if questions and kit.exercises:
        copy.cells.append(_words(OF_YOUR_OWN, "questions"))
    for each in questions:
        copy.cells += [_words(each.task, each.label), _code(each.stub, f"{each.label}-stub")]
    copy.metadata["attnclass"] = {
        "assignment": assignment.name, "chapter": kit.chapter, "version": kit.version,
    }  # fmt: skip
    if assignment.variants:
        copy.metadata["attnclass"]["variant"] = assignment.variant_of(student).fingerprint
    return copy


def for_the_instructor(book: NotebookNode, assignment: Assignment, kit: Kit) -> NotebookNode:
    """The same with solutions in their cells, and what is known of wrong answers beside them.

    Options are in the book's order.
    """
    exercises = assignment.exercises(kit.chapter)
    copy = _without(deepcopy(book), kit, kept=exercises)
    printed = {each.label: each for each in kit.exercises}
    for cell in copy.cells:
        label, _, part = cell["id"].rpartition("-")
        if part == "stub" and label in printed:
            cell.source = printed[label].solution
        elif part == "solution" and label in printed:
            each = printed[label]
            cell.source = _explained(each, assignment.points[each.name])
    questions = _questions(kit, exercises)
    if questions and NOBODY in assignment.variants:
        copy.cells.append(_words(SPECIMEN, "questions"))
    for each in questions:
        make = _words if each.is_written else _code
        copy.cells += [
            _words(each.task, each.label),
            make(each.solution, f"{each.label}-stub"),
            _words(_explained(each, assignment.points[each.name]), f"{each.label}-solution"),
        ]
    return copy


def _with_own_options(
    book: NotebookNode, exercises: list[Exercise], orders: dict[str, str]
) -> None:
    """Bring the options of multiple choices, from the task to the stub, into a student's order."""
    tasks = {each.label: each for each in exercises if each.name in orders}
    stubs = {f"{each.label}-stub": each.stub for each in tasks.values()}
    order = None
    for cell in book.cells:
        if cell["id"] in tasks:
            order = orders[tasks[cell["id"]].name]
        if cell["id"] in stubs:
            cell.source, order = stubs[cell["id"]], None
        elif order is not None and cell.cell_type == "markdown":
            cell.source = options_in(order, cell.source)


def _questions(kit: Kit, exercises: list[Exercise]) -> list[Exercise]:
    """Those that are no exercises of the chapter."""
    printed = {each.name for each in kit.exercises}
    return [each for each in exercises if each.name not in printed]


def _words(source: str, name: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name[:64])


def _code(source: str, name: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name[:64])


def _explained(exercise: Exercise, points: float) -> str:
    if exercise.is_written:
        rubric = "\n".join(f"{i}. {point}" for i, point in enumerate(exercise.rubric, 1))
        words = POINTS_OF.format(points=points, rubric=rubric, explanation=exercise.explanation)
        return words.rstrip()
    words = WORTH.format(points=points, explanation=exercise.explanation).rstrip()
    if exercise.hints:
        hints = "\n".join(f"- **{letter}** {hint}" for letter, hint in exercise.hints.items())
        words += "\n\n" + WRONG_LETTERS.format(hints=hints)
    elif known := misconceptions(exercise.marker.checker):
        words += "\n\n" + WRONG_ANSWERS.format(hints="\n".join(f"- {each}" for each in known))
    return words


def _without(book: NotebookNode, kit: Kit, kept: list[Exercise]) -> NotebookNode:
    """The notebook without those exercises that are not `kept`."""
    kept_labels = {each.label for each in kept}
    labels = {each.label for each in kit.exercises}
    cells, leaves_out = [], False
    for cell in book.cells:
        name = cell["id"]
        if name in labels:
            leaves_out = name not in kept_labels
        elif cell.cell_type == "markdown" and cell.source.startswith("## "):
            leaves_out = False
        if not leaves_out:
            cells.append(cell)
    book.cells = cells
    return book
