"""What students and instructors get: no solutions for the ones, all of them for the others."""

import io
import stat
import zipfile

import nbformat
import pytest

from attnclass.assignment import FILE, read_assignment
from attnclass.handing_out import hand_out, new
from attnclass.notebooks import read_notebook
from tests.classes.conftest import DUE


def cells_of(path) -> dict[str, str]:
    return {cell["id"]: cell.source for cell in nbformat.read(path, 4).cells}


def test_students_get_no_solution_and_all_else(assignment):
    folder, kit = assignment.folder / "students", assignment.kits["heads"]
    whole, theirs = cells_of(kit.notebook), cells_of(folder / "heads.ipynb")
    solutions = {f"{each.label}-solution" for each in kit.exercises}
    assert theirs == {name: source for name, source in whole.items() if name not in solutions}
    words = "\n\n".join(theirs.values())
    for each in kit.exercises:
        assert each.solution not in words and each.explanation not in words
    read = read_notebook((folder / "heads.ipynb").read_bytes())
    assert (read.assignment, read.chapter, read.version) == ("hw3", "heads", kit.version)


def test_the_zip_has_what_students_need_and_the_same_bytes_each_time(assignment, kits):
    path = assignment.folder / "students" / "hw3.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "hw3/attnlab-0.2.0-py3-none-any.whl", "hw3/heads.ipynb", "hw3/instructions.html",
        ]  # fmt: skip
        notebook = (assignment.folder / "students" / "heads.ipynb").read_bytes()
        assert archive.read("hw3/heads.ipynb") == notebook
    before = path.read_bytes()
    hand_out(assignment, kits)
    assert path.read_bytes() == before


def test_instructors_get_solutions_and_what_is_known_of_wrong_answers(assignment):
    cells = cells_of(assignment.folder / "instructor" / "heads.ipynb")
    for each in assignment.kits["heads"].exercises:
        assert cells[f"{each.label}-stub"] == each.solution
        assert "points" in cells[f"{each.label}-solution"]
    assert (
        "1. " in cells["ex-heads-in-writing-solution"]
        and "5 points" in cells["ex-heads-in-writing-solution"]
    )
    assert "- **a** " in cells["ex-heads-explain-solution"]
    assert "- this layer has no biases" in cells["ex-heads-count-solution"]


def test_what_does_not_count_is_left_out_with_what_belongs_to_it(assignment, kits):
    file = assignment.folder / FILE
    lines = [x for x in file.read_text("utf-8").splitlines() if "heads/bug" not in x]
    file.write_text("\n".join(lines).replace('"heads/gently" = 1', '"heads/gently" = 0'), "utf-8")
    hand_out(read_assignment(assignment.folder), kits)
    whole = cells_of(assignment.kits["heads"].notebook)
    gone = ["ex-heads-bug", "code-3c2c40a0", "ex-heads-bug-stub", "ex-heads-bug-solution"]
    left = [name for name in whole if name not in gone]
    assert list(cells_of(assignment.folder / "instructor" / "heads.ipynb")) == left
    students = list(cells_of(assignment.folder / "students" / "heads.ipynb"))
    assert students == [name for name in left if not name.endswith("-solution")]
    page = (assignment.folder / "students" / "instructions.html").read_text("utf-8")
    assert "Spot the bug" not in page and "Taken out gently" in page


def test_a_section_of_the_chapter_may_be_called_a_solution(assignment, kits):
    kit = assignment.kits["heads"]
    book = nbformat.read(kit.notebook, 4)
    section = nbformat.v4.new_markdown_cell("## A solution", id="a-closed-form-solution")
    book.cells.insert(3, section)
    nbformat.write(book, kit.notebook)
    hand_out(assignment, kits)
    assert section["id"] in cells_of(assignment.folder / "students" / "heads.ipynb")


@pytest.mark.parametrize(
    ("name", "chapters", "points", "sentence"),
    [
        ("hw4", ["haeds"], {}, "expected a chapter of the book, one of heads, idle, positions"),
        ("hw4", ["heads", "idle"], {}, "the chapter 'idle' has no exercises"),
        ("hw4", ["heads"], {"positions/any": 1.0}, "'positions/any' is none of the exercises"),
        ("hw4", ["heads"], {"heads/count": -1.0}, "should be worth a number of points"),
        ("hw4", ["heads"], {"heads/count": float("nan")}, "should be worth a number of points"),
        ("hw4", ["heads"], {"heads/count": float("inf")}, "should be worth a number of points"),
        ("hw\n4", ["heads"], {}, "a folder's name of letters that can be seen"),
        ("hw3", ["heads"], {}, "hw3 is there already: choose another name, or delete it"),
        ("gone", ["heads"], {}, "gone is there already"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(assignment, kits, name, chapters, points, sentence):  # noqa: PLR0917
    tmp_path = assignment.folder.parent
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError) as refused:
        new(tmp_path / name, chapters, DUE, points, kits)
    assert sentence in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_book_that_is_not_built(tmp_path, kits):
    (tmp_path / "_build").mkdir()
    (tmp_path / "_build" / "kits").symlink_to(kits)
    with pytest.raises(ValueError, match=r"no wheel of attnlab is at .*wheel: build the book"):
        new(tmp_path / "hw3", ["heads"], DUE, {}, tmp_path / "_build" / "kits")
    assert not (tmp_path / "hw3").exists()


def test_a_chapter_twice_is_one_and_a_name_is_text(tmp_path, kits):
    made = new(
        tmp_path / "a & <b>", ["positions", "heads", "heads"], DUE, {"heads/count": 2.5}, kits
    )
    assert sorted(made.kits) == ["heads", "positions"] and made.points["heads/count"] == 2.5
    page = (made.folder / "students" / "instructions.html").read_text("utf-8")
    assert "<h1>a &amp; &lt;b&gt;</h1>" in page and "<b>" not in page
    assert "Hand in by <strong>Monday, 01 February 2027, 22:59 (UTC)</strong>" in page
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    packed = (made.folder / "students" / "a & <b>.zip").read_bytes()
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 4
