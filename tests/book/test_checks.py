"""Which claims of a chapter are boxes on its page, how others are folded; what is to be kept."""

import re

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from attnbook.checks import _folded
from attnbook.claims_page import claim_node
from attnbook.folding import folded as fold
from tests.exercises.rooms import BOOK, CHAPTERS


def claimed(*, finding):
    return claim_node(record={"finding": finding})


def test_checks_that_follow_each_other_are_folded_and_counted():
    printed = nodes.paragraph()
    found = [claimed(finding=f) for f in (False, False, True, False)]
    last = claimed(finding=False)
    shown = list(_folded([*found, printed, last]))
    lines = [node["line"] if isinstance(node, fold) else node for node in shown]
    expected = ["2 checks hold", found[2], "1 more check holds", printed, "1 check holds"]
    assert lines == expected
    assert [len(node) for node in shown if isinstance(node, fold)] == [2, 1, 1]


def test_a_page_shows_its_findings_and_folds_the_rest(fixture_book):
    html = (fixture_book.site / "book" / "part" / "everything.html").read_text("utf-8")
    page = BeautifulSoup(html, "html.parser")
    boxes = [c["id"] for c in page.select(".claim") if not c.find_parent("details")]
    folded = [c["id"] for c in page.select("details.checks .claim")]
    assert boxes == ["claim-everything-one"]
    assert len(folded) == 2
    assert page.select_one("details.checks").summary.text == "2 more checks hold"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_three_to_six_findings(chapter):
    (page,) = BOOK.glob(f"*/{chapter}.md")
    assert 3 <= len(re.findall(r"\bfinding=True\b", page.read_text("utf-8"))) <= 6


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_to_be_kept_of_a_chapter_stands_in_a_box(chapter):
    (page,) = BOOK.glob(f"*/{chapter}.md")
    box = r"^## Take-away\n\n:::\{admonition\} (One line|Three lines) to keep\n:class: takeaway$"
    assert re.search(box, page.read_text("utf-8"), re.M)
