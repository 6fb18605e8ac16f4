"""Kits as the build makes them of chapters' notebooks, and as classes read them."""

import json

import nbformat
import pytest

from attnbook.export.kit import kit_of as made_of
from attnclass.hashes import hash_of
from attnclass.kits import kit_of
from attnlab.exercises import exercises_of
from attnlab.exercises.names import chapters
from tests.classes.built import NOTEBOOKS


@pytest.mark.parametrize("chapter", chapters())
def test_the_kit_of_every_chapter(chapter):
    book = nbformat.read(NOTEBOOKS[chapter], 4)
    told = json.loads(json.dumps(made_of(book, chapter, "0")))
    assert [each["name"] for each in told["exercises"]] == exercises_of(chapter)
    cells = {cell["id"]: cell.source for cell in book.cells}
    for each in told["exercises"]:
        assert cells[each["label"] + "-stub"] == each["stub"]
        assert each["stub"].rstrip().endswith(f'check("{each["name"]}")')
        assert f'check("{each["name"]}")' in each["solution"]
        assert each["solution"] not in each["stub"] + each["task"]
        assert each["title"] in each["task"] and "Exercise" not in each["title"]
        assert each["solution"] in each["explanation"]
    answered = {each["label"] + "-stub" for each in told["exercises"]}
    code = {cell["id"]: hash_of(cell.source) for cell in book.cells if cell.cell_type == "code"}
    assert told["cells"] == {name: of for name, of in code.items() if name not in answered}
    assert not told["cells"].keys() & answered and "setup" in told["cells"]


@pytest.mark.parametrize(
    "source", ["<details>\n<summary>Solution</summary>\nTalk.\n</details>", None]
)
def test_an_exercise_without_a_solution_in_code_is_in_no_kit(source):
    book = nbformat.read(NOTEBOOKS["heads"], 4)
    (solution,) = (cell for cell in book.cells if cell["id"] == "ex-heads-count-solution")
    if source is None:
        book.cells.remove(solution)
    else:
        solution.source = source
    names = [each["name"] for each in made_of(book, "heads", "0")["exercises"]]
    assert names == exercises_of("heads")[1:]


def test_a_kit_that_is_read(kits):
    kit = kit_of("heads", kits)
    assert kit.notebook.is_file() and kit.version == kit_of("heads", kits).version
    by_name = {each.name: each for each in kit.exercises}
    assert by_name["heads/in-writing"].is_written and len(by_name["heads/in-writing"].rubric) == 5
    assert not by_name["heads/count"].is_written and by_name["heads/count"].rubric == ()
    assert set(by_name["heads/explain"].hints) == {"a", "b", "d"}
    assert by_name["heads/count"].hints == {}


@pytest.mark.parametrize(
    ("chapter", "sentence"),
    [
        ("idle", "the chapter 'idle' has no exercises that mark themselves"),
        ("haeds", "one of heads, idle, positions; got 'haeds'"),
        ("../kits/heads", "got '../kits/heads'"),
        ("", "got ''"),
    ],
)
def test_no_kit(kits, tmp_path, chapter, sentence):
    with pytest.raises(ValueError) as refused:
        kit_of(chapter, kits)
    assert sentence in str(refused.value)
    with pytest.raises(ValueError, match=r"no kits are at .*: build the book \(make book\)"):
        kit_of(chapter, tmp_path)


@pytest.mark.parametrize(
    "told", ["", "[]", "{}", '{"exercises": [{"name": "a"}]}', '{"exercises": 3}']
)
def test_a_broken_kit(tmp_path, told):
    (tmp_path / "heads").mkdir()
    (tmp_path / "heads" / "kit.json").write_text(told)
    with pytest.raises(ValueError, match=r"kit\.json is no kit of a chapter, as the build"):
        kit_of("heads", tmp_path)
