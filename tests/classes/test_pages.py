"""Pages of feedback: whatever a student calls themselves, or answers, is text there."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.gradebook import Grade, Marked
from attnclass.handing_out import new
from attnclass.pages import write_answers, write_feedback, write_report
from attnclass.roster import Student
from tests.classes.conftest import DUE

BAD = "</pre><script>alert(1)</script><img onerror=x()>'\"&lt;\x1b\0\u202e\ud800$title{0}%s"
OURS = {
    *("html", "meta", "title", "style", "h1", "h2", "h3", "p", "pre", "code", "strong"),
    *("table", "tr", "th", "td", "div", "i", "ol", "li"),
}


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, content: str):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def pages(assignment, words: str, status="failed") -> dict[str, Tags]:
    """All pages, with these words wherever a student's can stand."""
    results = {
        name: {"status": status, "message": words, "answer": words} for name in assignment.points
    }
    student = Student(words, words, words, words)
    marked = Marked(words, {}, results, [words])  # pyright: ignore
    grade = Grade(student, dict.fromkeys(assignment.points, 1.0), 2, 7.5, [words])
    write_feedback(assignment, marked, grade, "ada")
    write_report(assignment, [marked], "bwrap")
    written = replace(marked, results={**results, "heads/in-writing": {
        "status": "written", "message": words, "answer": words,
    }})  # fmt: skip
    write_answers(assignment, [written])
    names = ("feedback/ada.html", "report.html", "written.html")
    return {name: Tags((assignment.folder / name).read_text("utf-8")) for name in names}


def test_no_tag_of_theirs_survives(assignment):
    for name, page in pages(assignment, BAD).items():
        assert {tag for tag, _ in page.tags} <= OURS, name
        assert not any(
            key.startswith("on") or key in ("src", "href") for _, x in page.tags for key in x
        )
        assert "</pre><script>alert(1)</script>" in page.words, name
        assert "$title{0}%s" in page.words and not set(page.words) & set("\x1b\0\u202e\ud800")
        policies = [
            attributes.get("content") or "" for tag, attributes in page.tags if tag == "meta"
        ]
        assert any("default-src 'none'" in policy for policy in policies)


@given(st.text(st.characters(codec=None) | st.sampled_from("<>&'\"!-/ \n")))
def test_any_words_are_words(pages_of_any, words):
    assert pages_of_any(words)


@pytest.fixture(scope="module")
def pages_of_any(kits, tmp_path_factory):
    made = new(tmp_path_factory.mktemp("any") / "hw3", ["heads"], DUE, {}, kits)
    expected = {name: page.tags for name, page in pages(made, "x").items()}

    def same(words: str) -> bool:
        return {name: page.tags for name, page in pages(made, f"x{words}").items()} == expected

    return same


def test_a_page_says_what_there_is(assignment):
    page = pages(assignment, "x")["feedback/ada.html"]
    assert "hw3: feedback for x" in page.words and "7.5 of 12 points" in page.words
    assert (
        "Days begun after the date: 2." in page.words
        and "✗ not right · 1 of 1 points" in page.words
    )
    assert "A person has still to mark" not in page.words
    size = (assignment.folder / "feedback" / "ada.html").stat().st_size
    assert size < 6_000


def test_what_is_left_to_a_person_is_said(assignment):
    names = dict.fromkeys(assignment.points, 1.0) | {"heads/in-writing": None}
    results = {name: {"status": "passed", "message": "right", "answer": ""} for name in names}
    results["heads/in-writing"]["status"] = "written"
    grade = Grade(Student("ada"), names, 0, 7, [])
    write_feedback(assignment, Marked("ada", {}, results), grade, "ada")  # pyright: ignore
    words = Tags((assignment.folder / "feedback" / "ada.html").read_text("utf-8")).words
    assert "A person has still to mark" in words and "up to 5 points, which a person gives" in words
    assert "hw3: feedback for ada" in words and "Days begun" not in words


def test_no_page_shows_a_hidden_answer(assignment):
    words = "".join(page.words for page in pages(assignment, "x").values())
    for each in assignment.kits["heads"].exercises:
        assert each.solution not in words and each.explanation not in words


def test_the_report_counts(assignment):
    def marked(*statuses: str) -> Marked:
        results = {
            name: {"status": status, "message": f"the hint of {name}", "answer": "theirs"}
            for name, status in zip(assignment.points, statuses * 8, strict=False)
        }
        return Marked("ada", {}, results)  # pyright: ignore

    write_report(assignment, [marked("passed"), marked("failed"), marked("not attempted")], "bwrap")
    told = json.loads((assignment.folder / "report.json").read_text("utf-8"))
    assert (told["students"], told["handed in"], told["box"]) == (3, 2, "bwrap")
    assert told["exercises"]["heads/count"] == {
        "passed": 1, "failed": 1, "not attempted": 1, "hints": {"the hint of heads/count": 1},
    }  # fmt: skip
    page = Tags((assignment.folder / "report.html").read_text("utf-8"))
    assert "2 of 3 students handed something in" in page.words and "theirs" not in page.words
    write_report(assignment, [], "bwrap")


def test_a_class_without_answers_in_writing_gets_no_page_of_them(assignment):
    write_answers(replace(assignment, points={"heads/count": 1.0}), [])
    assert not (assignment.folder / "written.html").exists()
