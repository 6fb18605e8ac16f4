"""The measured times that a chapter and the page of its part show."""

import re
import shutil

from docutils import nodes
from docutils.utils import new_document

from attnbook.times import reading_hours, reading_time, words_to_read
from tests.book.books import FIXTURE, build_book


def test_how_long_a_chapter_takes_to_read_does_not_hang_on_what_a_machine_measures():
    counted = set()
    for measured in ("0", "1.68 × 10⁻⁸", "1.68\xa0×\xa010⁻⁸"):
        page = new_document("")
        value = nodes.inline("", measured, classes=["pasted-text"])
        page += nodes.paragraph("", "", nodes.Text("They differ by "), value, nodes.Text("."))
        page += nodes.container("", nodes.paragraph("", measured), classes=["cell_output"])
        counted.add(words_to_read(page))
    assert counted == {4}


def test_a_part_takes_as_long_as_its_chapters(tmp_path):
    """Also when a chapter alone was edited; exercises are not counted."""
    folder = shutil.copytree(FIXTURE, tmp_path / "book")
    chapter = folder / "book" / "part" / "everything.md"
    took = []
    long = "About this there is nothing to say.\n" * 900
    exercise = "\n\n```{exercise-start} Long\n:label: ex-long\n```\n\n%s\n```{exercise-end}\n```\n"
    for more in ("", exercise % long, "\n\n" + long):
        chapter.write_text(chapter.read_text("utf-8") + more, "utf-8")
        built = build_book(folder)
        assert built.status == 0, built.log
        pages = built.site / "book" / "part"
        text = (pages / "everything.html").read_text("utf-8")
        took.append(int(re.search(r"About (\d+) minutes", text)[1]))
        shown = f"Its chapters take about {reading_hours(took[-1])} to read"
        assert shown in (pages / "index.html").read_text("utf-8")
    assert took == [5, 5, 45]


def test_a_sentence_adds_up_chapters_a_folder_or_the_book(tmp_path):
    """Also when a chapter alone was edited."""
    folder = shutil.copytree(FIXTURE, tmp_path / "book")
    first = folder / "book" / "index.md"
    names = ("book", "part", "part/everything", "part/everything, part")
    roles = "".join(f"\n- {name}: {{reading-time}}`{name}`" for name in names)
    first.write_text(first.read_text("utf-8") + "\n" + roles + "\n", "utf-8")
    chapter = folder / "book" / "part" / "everything.md"
    for more in ("", "\n\n" + "About this there is nothing to say.\n" * 900):
        chapter.write_text(chapter.read_text("utf-8") + more, "utf-8")
        built = build_book(folder)
        assert built.status == 0, built.log
        html = (built.site / "book" / "index.html").read_text("utf-8").replace("\xa0", " ")
        text = (built.site / "book" / "part" / "everything.html").read_text("utf-8")
        here = int(re.search(r"About (\d+) minutes", text)[1])
        shown = dict(re.findall(r"<li><p>([\w/, -]+): ([^<]+)</p></li>", html))
        assert shown["part/everything"] == reading_time(here)
        assert shown["part/everything, part"] == reading_time(2 * here)
        assert shown["part"] == reading_time(here)


def test_a_reading_time_of_nothing_is_refused(tmp_path):
    folder = shutil.copytree(FIXTURE, tmp_path / "book")
    first = folder / "book" / "index.md"
    first.write_text(first.read_text("utf-8") + "\n{reading-time}`par`\n", "utf-8")
    built = build_book(folder)
    assert built.status != 0
    assert "expected a chapter, a folder of chapters or `book`; got 'par'" in built.log
