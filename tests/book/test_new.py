"""A new chapter: what is written, what is refused, and that nothing is touched when it is."""

import ast
import re
import shutil
import subprocess

import pytest

from attnbook.__main__ import main
from attnbook.new import LONGEST, PLACES, create
from tests.book.books import ROOT

TITLE = "Trial: does it work?"


@pytest.fixture
def house(tmp_path):
    """A house with one part of the real book, and its contents."""
    teaching = "book/instructors/teaching/mechanism.md"
    for name in ("_toc.yml", "book/mechanism/index.md", "book/mechanism/scaling.md", teaching):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "src/attnlab/chapters/scaling").mkdir(parents=True)
    (tmp_path / "tests/chapters/tried").mkdir(parents=True)
    return tmp_path


def contents(house) -> list[str]:
    return (house / "_toc.yml").read_text("utf-8").splitlines()


def test_text_room_tests_and_a_line_of_the_contents(house):
    before = contents(house)
    written = create(house, "mechanism/two-words", TITLE)
    assert len(written) == len(PLACES) + 2
    for path in written:
        text = path.read_text("utf-8")
        assert not re.search(r"@(part|name|room|title|widget)@", text)
        if path.suffix == ".py":
            ast.parse(text)
    assert f"\n# {TITLE}\n" in (house / "book/mechanism/two-words.md").read_text("utf-8")
    assert (house / "src/attnlab/chapters/two_words/widget.js").exists()
    teaching = (house / "book/instructors/teaching/mechanism.md").read_text("utf-8")
    assert teaching.endswith("```{wrong-answers} two-words\n```\n") and f"## {TITLE}" in teaching
    after = contents(house)
    line = "      - file: book/mechanism/two-words"
    assert after.index(line) == after.index("      - file: book/mechanism/masks") + 1
    assert [other for other in after if other != line] == before


@pytest.mark.parametrize(
    ("page", "title", "message"),
    [
        ("mechanism/scaling", TITLE, "book/mechanism/scaling.md is there already"),
        ("mechanism/scal ing", TITLE, "expected a part and a name in small letters"),
        ("mechanism/Trial", TITLE, "got 'mechanism/Trial'"),
        ("mechanism/two--words", TITLE, "single hyphens"),
        ("mechanism/../trial", TITLE, "expected a part and a name"),
        ("trial", TITLE, "expected a part and a name"),
        ("work/trial", TITLE, "expected one of the parts mechanism; got 'work'"),
        ("mechanism/trial", "  ", "expected a title"),
        ("mechanism/trial", "Trial:\nnone", "expected a title of one line"),
        ("mechanism/lambda", TITLE, "'lambda' is a word of Python's"),
        ("mechanism/" + "a" * 29, TITLE, "at most 28 characters; got 29"),
        ("mechanism/tried", TITLE, "tests/chapters/tried is there already"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(house, page, title, message, monkeypatch):
    before = sorted(house.rglob("*")), contents(house)
    with pytest.raises(ValueError, match="expected") as refused:
        create(house, page, title)
    assert message in str(refused.value)
    monkeypatch.chdir(house)
    assert main(["new", page, title]) == str(refused.value)
    assert (sorted(house.rglob("*")), contents(house)) == before


def test_the_longest_name_keeps_lines_within_100_characters(house):
    for path in create(house, "mechanism/" + "a" * LONGEST, TITLE):
        if path.suffix in (".py", ".js"):
            assert max(map(len, path.read_text("utf-8").splitlines())) <= 100, path


@pytest.mark.parametrize("name", ["a", "two-words", "a" * LONGEST])
def test_what_is_written_passes_lint(house, name):
    files = [
        str(path) for path in create(house, f"mechanism/{name}", TITLE) if path.suffix == ".py"
    ]
    # Without the order of imports: in a house without `attnlab` its own count as others'.
    checked = ["ruff", "check", "--no-cache", "--ignore", "I001"]
    checked += ["--config", str(ROOT / "pyproject.toml"), *files]
    ran = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_a_word_with_a_meaning_in_some_places_is_a_name(house):
    assert create(house, "mechanism/match", TITLE)


def test_a_part_needs_a_page_in_the_contents(house):
    (house / "book/elsewhere").mkdir()
    shutil.copy(house / "book/mechanism/index.md", house / "book/elsewhere")
    before = sorted(house.rglob("*"))
    with pytest.raises(ValueError, match=r"^_toc.yml lists no page of book/elsewhere/ yet: list b"):
        create(house, "elsewhere/trial", TITLE)
    assert sorted(house.rglob("*")) == before


def test_a_part_needs_a_page_for_teachers(house):
    (house / "book/instructors/teaching/mechanism.md").unlink()
    before = sorted(house.rglob("*"))
    with pytest.raises(ValueError, match=r"teaching/ is called mechanism, or has a chapter of it"):
        create(house, "mechanism/trial", TITLE)
    assert sorted(house.rglob("*")) == before


def test_a_room_of_that_name_is_enough(house):
    with pytest.raises(ValueError, match="src/attnlab/chapters/scaling is there already"):
        (house / "book/mechanism/scaling.md").unlink()
        create(house, "mechanism/scaling", TITLE)
