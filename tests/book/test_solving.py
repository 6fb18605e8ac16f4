"""Exercises on pages: a choice with what is said of each option, code with where it runs."""

import json

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from attnbook.search.documents import documents
from attnbook.solving import exercises_of, options_of, told, version
from tests.exercises.test_choice import CHOICES

LETTERS = {letter: {} for letter in "abcd"}


@pytest.fixture(scope="module")
def html(predicted_book) -> str:
    return (predicted_book.site / "book" / "part" / "chapter.html").read_text("utf-8")


@pytest.fixture(scope="module")
def page(html) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def asked(exercise) -> dict:
    return json.loads(exercise.select_one(".asked")["data-asked"])


def test_a_choice_hands_on_what_is_said_of_each_letter_and_folds_its_code(page):
    choice = page.select_one("#ex-chapter-explain")
    assert asked(choice)["name"] == "softmax/explain"
    assert asked(choice)["letters"] == told("softmax/explain")
    assert len(choice.select("ul.options > li")) == 4
    fold = choice.select_one("details.fold")
    assert fold.summary.text == "In the notebook"
    assert "Set why_nothing_changed" in fold.text and 'check("softmax/explain")' in fold.text
    fold.decompose()
    assert "Which explanation is right?" in choice.text and "Set why" not in choice.text
    assert not choice.select(".cell")


def test_code_says_where_it_runs(page):
    exercise = page.select_one("#ex-chapter-temperature")
    assert asked(exercise).keys() == {"name", "version"}
    assert [a["href"] for a in exercise.select(".asked a")] == ["chapter.zip"]
    assert "Solve it in the notebook: Download the notebook" in exercise.text
    assert exercise.select_one(".cell_input") and not exercise.select("details")


def test_what_a_person_marks_is_not_the_pages_affair(page):
    assert not page.select("#ex-chapter-in-writing .asked")


def test_the_book_knows_its_chapters_and_their_exercises(predicted_book, html):
    text = (predicted_book.site / "_static" / "chapters.js").read_text("utf-8")
    (chapter,) = json.loads(text.removeprefix("globalThis.attnChapters = ").rstrip(";\n"))
    assert (chapter["page"], chapter["title"]) == ("book/part/chapter.html", "A chapter")
    assert chapter["exercises"] == exercises_of(html)
    names = [exercise["name"] for exercise in chapter["exercises"]]
    assert names == ["softmax/temperature", "softmax/explain"]


def test_a_notebook_asks_for_the_letter(predicted_book):
    cells = predicted_book.notebook("part/chapter.ipynb").cells
    (stub,) = (cell for cell in cells if 'check("softmax/explain")' in cell.source)
    assert stub.metadata.tags == ["exercise"] and stub.source.startswith("why_nothing_changed")
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert "Set `why_nothing_changed` to the letter" in text
    assert "Solve it in the notebook" not in text


def test_the_search_finds_the_task_and_nothing_of_its_form(html):
    found = {each.anchor: each.text for each in documents("book/part/chapter", "section", html)}
    assert found["ex-chapter-temperature"] == "Return the temperature."
    assert found["ex-chapter-explain"].startswith("Which explanation is right?")
    assert "It is too small." not in found["ex-chapter-explain"]  # which is a wrong option


def task(*words: str) -> nodes.section:
    return nodes.section("", *(nodes.paragraph("", word) for word in words))


def test_a_task_that_asks_something_else_has_another_version():
    assert version(task("Return  the\nroot."), {}) == version(task("Return the root."), {})
    versions = {version(task(*words), {}) for words in (["a", "b"], ["ab"], ["a"], ["b", "a"])}
    assert len(versions) == 4


def test_another_right_letter_is_another_version_and_another_hint_is_none():
    def choice(right: str, hint: str) -> str:
        letters = {each: {"right": each == right, "first": hint} for each in "abcd"}
        return version(task("Which?"), letters)

    assert choice("a", "no") == choice("a", "not quite") != choice("b", "no")


def test_a_measured_value_a_printed_one_and_a_figures_number_are_not_asked():
    def showing(value: str) -> str:
        shown = nodes.section(
            "",
            nodes.paragraph("", "of ", nodes.inline("", value, classes=["pasted-text"])),
            nodes.paragraph("", "see ", nodes.reference("", value)),
            nodes.container("", nodes.literal_block(value, value), classes=["cell_output"]),
        )
        return version(shown, {})

    assert showing("0.93") == showing("0.94")


@pytest.mark.parametrize("sizes", [[], [3], [5], [4, 4]])
def test_options_that_cannot_be_told_are_refused(sizes):
    lists = [nodes.bullet_list("", *(nodes.list_item() for _ in range(n))) for n in sizes]
    with pytest.raises(ValueError, match="a choice offers its 4 options in one list"):
        options_of(nodes.section("", nodes.paragraph("", "Which?"), *lists), LETTERS)


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_of_the_book_has_its_four_options(site, name):
    (path,) = site.glob(f"book/*/{name.partition('/')[0]}.html")
    found = BeautifulSoup(path.read_text("utf-8"), "html.parser").select(".exercise:has(.options)")
    (choice,) = (each for each in found if asked(each)["name"] == name)
    assert asked(choice)["letters"] == told(name)
    options = choice.select(".options > li")
    assert [option.text.strip(' "\n')[0] for option in options] == ["a", "b", "c", "d"]
    assert all(len(option.select("p")) == 1 for option in options)
