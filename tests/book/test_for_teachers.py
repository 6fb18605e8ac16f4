"""Pages for instructors show what the checkers know, of every chapter."""

import re

import pytest
from bs4 import BeautifulSoup

from attnclass.misconceptions import misconceptions
from attnlab.exercises.marking import exercise_of, exercises_of
from attnlab.exercises.written import Written
from tests.book.books import ROOT, build_book
from tests.exercises.rooms import CHAPTERS

TEACHING = sorted((ROOT / "book" / "instructors" / "teaching").glob("*.md"))
ASKED = re.compile(r"^```\{wrong-answers\} (\S+)$", re.MULTILINE)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_every_chapter_has_a_section_for_teachers_with_its_wrong_answers():
    named = [name for page in TEACHING for name in ASKED.findall(page.read_text("utf-8"))]
    assert sorted(named) == sorted(CHAPTERS)
    for page in TEACHING:
        sections = re.split(r"^## ", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
        for section in sections:
            for part in ("On the board", "To ask in class", "Live", "What wrong answers tell you"):
                assert f"**{part}" in section, f"{page.name}, {section.partition(chr(10))[0]}"


def test_what_check_tells_is_on_the_page(site):
    for page in TEACHING:
        path = site / "book" / "instructors" / "teaching" / f"{page.stem}.html"
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        told = [words(item.get_text()) for item in soup.select("details.aside li")]
        chapters = re.findall(
            r"^```\{wrong-answers\} (\S+)$", page.read_text("utf-8"), re.MULTILINE
        )
        known = [
            hint for chapter in chapters for name in exercises_of(chapter)
            for hint in misconceptions(exercise_of(name).checker)
        ]  # fmt: skip
        assert len(told) == len(known) > 50


def test_every_rubric_is_on_the_page_of_written_questions(site):
    path = site / "book" / "instructors" / "written.html"
    text = words(BeautifulSoup(path.read_text("utf-8"), "html.parser").get_text())
    checkers = [exercise_of(name).checker for x in CHAPTERS for name in exercises_of(x)]
    rubrics = [checker.points for checker in checkers if isinstance(checker, Written)]
    assert len(rubrics) == len(CHAPTERS)
    assert sum(words(point) in text for points in rubrics for point in points) > 50


@pytest.mark.parametrize("name", ["haeds", "index"])
def test_a_chapter_without_exercises_stops_the_build(tmp_path, name):
    page = f"# A book\n\n```{{wrong-answers}} {name}\n```\n"
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text(page, "utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
    built = build_book(tmp_path)
    assert built.status != 0
    assert f"book/index: expected a chapter with exercises, got {name!r}" in built.log
