"""Options and numbers of each student's own, and examinations: drawn, handed out, and marked."""

import csv
import json
import re
import stat
from zipfile import ZipFile

import nbformat
import pytest

from attnclass import variants
from attnclass.__main__ import main
from attnclass.assignment import read_assignment
from attnclass.copies import for_students
from attnclass.handing_out import new
from attnclass.questions import questions_of
from attnclass.roster import Student
from attnclass.tasks import in_order
from attnclass.variants import FILE, SECRET, draw
from attnlab.exercises.choice import Choice
from attnlab.exercises.marking import exercise_of
from tests.classes import built
from tests.classes.built import NOTEBOOKS
from tests.classes.conftest import DUE

CLASS = [Student("ada"), Student("alan")]
HEADS = [each.name for each in questions_of("heads")]


@pytest.fixture
def homework(tmp_path, kits):
    return new(tmp_path / "hw", ["heads"], DUE, {}, kits, students=CLASS)


@pytest.fixture
def exam(tmp_path, kits):
    return new(tmp_path / "final", ["heads", "positions"], DUE, {}, kits, questions=9)


def rows_of(assignment, name: str) -> list[dict[str, str]]:
    return [*csv.DictReader((assignment.folder / name).read_text().splitlines())]


def notebook_of(assignment, student: str, chapter: str = "heads"):
    """The notebook in the zip that a student gets."""
    rows = rows_of(assignment, "students/who-gets-what.csv")
    (file,) = (row["file"] for row in rows if row["id"] == student)
    with ZipFile(assignment.folder / "students" / file) as packed:
        assert sorted(packed.namelist()) == [
            f"{assignment.name}/{name}"
            for name in ("attnlab-0.2.0-py3-none-any.whl", f"{chapter}.ipynb", "instructions.html")
        ]
        return nbformat.reads(packed.read(f"{assignment.name}/{chapter}.ipynb").decode(), 4)


def test_the_same_secret_and_student_draw_the_same_and_others_draw_others():
    names = ["heads/explain", "heads/count"]
    one = draw("secret", "ada", names, ["heads"])
    assert one == draw("secret", "ada", names, ["heads"])
    assert one.orders.keys() == {"heads/explain"} and [*one.drawn] == HEADS
    others = [draw("secret", f"s{i}", names, ["heads"]) for i in range(20)]
    others += [draw(f"secret{i}", "ada", names, ["heads"]) for i in range(20)]
    assert all(one.drawn != other.drawn for other in others)
    assert len({other.orders["heads/explain"] for other in others}) > 10
    assert one.drawn == draw("secret", "ada", [], ["heads"]).drawn, "each draw rests on its name"


def options(book) -> dict[str, dict[str, str]]:
    """The texts of options by letter, in each cell that has some."""
    found = {
        cell["id"]: dict(re.findall(r"^- \*\*(.)\*\* (.*)", cell.source, re.MULTILINE))
        for cell in book.cells
        if cell.cell_type == "markdown"
    }
    return {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize("chapter", NOTEBOOKS)
def test_options_are_all_there_in_the_order_of_each_check(chapter, tmp_path):
    kits = built.kits(chapter, folder=tmp_path)
    made = new(tmp_path / "hw", [chapter], DUE, {}, kits, students=CLASS)
    kit, printed = made.kits[chapter], nbformat.read(NOTEBOOKS[chapter], 4)
    copies = {each.id: for_students(printed, made, kit, each.id) for each in CLASS}
    choices = [x for x in kit.exercises if isinstance(x.marker.checker, Choice)]
    books = options(printed)
    assert len(books) == len(choices)
    for student, copy in copies.items():
        own = options(copy)
        assert own.keys() == books.keys()
        cells = {cell["id"]: cell.source for cell in copy.cells}
        for place, each in zip(books, choices, strict=True):
            order = made.variants[student].orders[each.name]
            assert [own[place][x] for x in "abcd"] == [books[place][x] for x in order]
            assert f'check("{each.name}", order="{order}")' in cells[f"{each.label}-stub"]
            checker = exercise_of(each.name).checker
            assert isinstance(checker, Choice)
            right = checker.right
            letter = "abcd"[order.index(right)]
            shown = in_order(each, made.variants[student])
            assert shown.solution == f'{shown.marker.target} = "{letter}"'
            assert shown.marker.checker(letter)


def test_each_student_has_options_and_numbers_of_their_own(homework):
    books = [notebook_of(homework, each.id) for each in CLASS]
    ada, alan = ({cell["id"]: cell.source for cell in book.cells} for book in books)
    assert ada.keys() == alan.keys()
    differ = {name for name in ada if ada[name] != alan[name]}
    orders = [homework.variants[each.id].orders["heads/explain"] for each in CLASS]
    expected = {"ex-heads-explain", "ex-heads-explain-stub"} if len({*orders}) > 1 else set()
    numbers = [f"question-{name.replace('/', '-')}" for name in variants.of_numbers("heads")]
    assert len(numbers) >= 3 and differ <= expected | {*numbers} and differ & {*numbers}
    assert [name for name in ada if name.startswith("question-")][::2] == numbers
    assert "yours alone" in ada["questions"]
    assert not any("-solution" in name for name in ada)
    secret = (homework.folder / SECRET).read_text()
    for book in books:
        assert secret not in nbformat.writes(book)
    assert not [*(homework.folder / "students").glob("*.ipynb")], "none that all have"


def test_what_is_drawn_is_for_the_instructor_alone(homework):
    for name in (SECRET, FILE, "instructor/solutions.csv"):
        assert stat.S_IMODE((homework.folder / name).stat().st_mode) == 0o600
    rows = rows_of(homework, "instructor/solutions.csv")
    assert len(rows) == 2 * (1 + len(variants.of_numbers("heads")))
    words = (homework.folder / "instructor" / "heads.ipynb").read_text()
    assert "are nobody's" in words and "heads/width-of-a-head" not in words


def test_who_comes_later_gets_a_notebook_and_nobody_elses_changes(homework, tmp_path, kits, capsys):
    before = {path.name: path.read_bytes() for path in (homework.folder / "students").glob("*.zip")}
    (tmp_path / "roster.csv").write_text("id\nalan\ngrace\n")
    command = ["hand-out", str(homework.folder), "--kits", str(kits)]
    assert main([*command, "--per-student", str(tmp_path / "roster.csv")]) == 0
    assert "the zip that students/who-gets-what.csv names" in capsys.readouterr().out
    after = {path.name: path.read_bytes() for path in (homework.folder / "students").glob("*.zip")}
    assert len(after) == 3 and before.items() <= after.items()
    assert notebook_of(homework, "grace").metadata["attnclass"]["variant"]


def test_an_examination_is_drawn_from_the_bank_and_holds_no_answers(exam):
    points = exam.points
    assert {*HEADS} <= {*points} and exam.is_exam
    assert points["heads/one-wide-head"] == 4.0, "a point for each of its rubric's"
    book = nbformat.read(exam.folder / "students" / "final.ipynb", 4)
    cells = {cell["id"]: cell.source for cell in book.cells}
    assert [*cells][:3] == ["title", "setup", "imports"]
    assert "question-heads-join-stub" in cells and "check(" not in nbformat.writes(book)
    page = (exam.folder / "students" / "instructions.html").read_text()
    assert "Nothing says whether it is right" in page and "Try as often" not in page
    solved = nbformat.read(exam.folder / "instructor" / "final.ipynb", 4)
    sources = [cell.source for cell in solved.cells]
    assert any(source.startswith("def join(heads):\n    heads = heads") for source in sources)
    for path in (exam.folder / "students").iterdir():
        assert (exam.folder / SECRET).read_bytes() not in path.read_bytes()


def test_other_questions_can_count_by_a_line_in_the_file(tmp_path, kits):
    made = new(tmp_path / "quiz", ["heads"], DUE, {}, kits, questions=2)
    assert len(made.points) == 2
    path = made.folder / "assignment.toml"
    assert path.read_text().count("\n# ") == len(HEADS) - 2
    path.write_text(path.read_text().replace("\n# ", "\n"))
    assert {*read_assignment(made.folder).points} == {*HEADS}


def answered(book, solutions: dict[str, str]) -> bytes:
    """The notebook with solutions in their cells."""
    cells = {cell["id"]: cell for cell in book.cells}
    for name, code in solutions.items():
        (stub,) = {
            f"ex-{name.replace('/', '-')}-stub",
            f"question-{name.replace('/', '-')}-stub",
        } & {*cells}
        cells[stub].source = code
    return nbformat.writes(book).encode()


def test_from_drawn_numbers_to_marks_each_by_their_own(homework, tmp_path, capsys):
    """Ada hands in what is right for her; Alan hands in the same, which is not his."""
    rows = rows_of(homework, "instructor/solutions.csv")
    solutions = {row["exercise"]: row["solution"] for row in rows if row["id"] == "ada"}
    content = answered(notebook_of(homework, "ada"), solutions)
    for each in CLASS:
        (tmp_path / "in" / each.id).mkdir(parents=True)
        (tmp_path / "in" / each.id / "heads.ipynb").write_bytes(content)
    (tmp_path / "roster.csv").write_text("id\nada\nalan\n")
    command = [str(homework.folder), str(tmp_path / "in"), "--roster", str(tmp_path / "roster.csv")]
    assert main(["grade", *command, "--trust-me"]) == 0
    ada, alan = json.loads((homework.folder / "grades.json").read_text())
    assert all(ada["points"][name] == 1.0 for name in solutions)
    assert not ada["remarks"] and "somebody else's notebook" in alan["remarks"][0]
    assert sum(alan["points"][name] or 0 for name in solutions) < len(solutions)
    (page,) = (homework.folder / "feedback").glob("ada-*.html")
    assert "width_of_a_head = " in page.read_text()
    assert main(["forget", str(homework.folder)]) == 0
    left = [path for path in homework.folder.rglob("*") if path.is_file()]
    assert not any(b'"ada"' in path.read_bytes() or "ada" in path.name for path in left)
    read_assignment(homework.folder)


def test_an_examination_solved_is_right_in_every_question(exam, tmp_path):
    solved = nbformat.read(exam.folder / "instructor" / "final.ipynb", 4)
    solutions = {cell["id"]: cell.source for cell in solved.cells if cell["id"].endswith("-stub")}
    book = nbformat.read(exam.folder / "students" / "final.ipynb", 4)
    for cell in book.cells:
        if solution := solutions.get(cell["id"]):
            is_code = "def " in solution or " = " in solution
            cell.source = solution if is_code else cell.source.replace("...", repr(solution))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(nbformat.writes(book))
    (tmp_path / "roster.csv").write_text("id\nada\n")
    command = [str(exam.folder), str(tmp_path / "in"), "--roster", str(tmp_path / "roster.csv")]
    assert main(["grade", *command, "--trust-me"]) == 0
    (ada,) = json.loads((exam.folder / "grades.json").read_text())
    in_writing = {name for name, points in ada["points"].items() if points is None}
    assert in_writing == {"heads/one-wide-head", "positions/mask-alone"}
    assert {points for name, points in ada["points"].items() if name not in in_writing} == {1.0}


def test_who_is_not_drawn_for_is_told(homework, tmp_path, capsys):
    (tmp_path / "in" / "grace").mkdir(parents=True)
    (tmp_path / "in" / "grace" / "heads.ipynb").write_text('{"cells": []}')
    (tmp_path / "roster.csv").write_text("id\nada\ngrace\n")
    command = [str(homework.folder), str(tmp_path / "in"), "--roster", str(tmp_path / "roster.csv")]
    assert main(["grade", *command, "--trust-me"]) == 2
    assert "no notebook was made for 'grace'" in capsys.readouterr().err


@pytest.mark.parametrize("to", ["nbgrader", "otter", "gradescope"])
def test_graders_that_mark_all_alike_are_refused(exam, to, capsys):
    assert main(["export", str(exam.folder), "--to", to]) == 2
    assert "final has drawn ones" in capsys.readouterr().err


def test_what_cannot_be(tmp_path, kits, assignment, exam, capsys):
    base = ["new", str(tmp_path / "x"), "--chapters", "heads", "--due", "2027-02-01T23:59+01:00"]
    base += ["--kits", str(kits)]
    assert main([*base, "--questions", "2"]) == 2
    assert "give --exam, too" in capsys.readouterr().err
    (tmp_path / "roster.csv").write_text("id\nada\n")
    for made in (assignment, exam):
        command = ["hand-out", str(made.folder), "--per-student", str(tmp_path / "roster.csv")]
        assert main([*command, "--kits", str(kits)]) == 2
        assert "was made without --per-student" in capsys.readouterr().err
    (exam.folder / FILE).write_text("[1]")
    assert main(["hand-out", str(exam.folder), "--kits", str(kits)]) == 2
    assert "make the assignment anew" in capsys.readouterr().err
