"""What stands beside the main line: folded on a page, in order in a notebook, and not counted."""

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

from attnbook.asides import aside, aside_end, aside_start, gather
from attnbook.times import words_to_read


def document(*parts: str) -> nodes.document:
    """A page of paragraphs; `<` and `>` stand for the start and the end of an aside."""
    made = new_document("page")
    section = nodes.section()
    made += section
    for part in parts:
        if part == "|":
            section = nodes.section()
            made += section
        elif part == "<":
            section += aside_start("", nodes.rubric("", "Aside: why?"))
        elif part == ">":
            section += aside_end()
        else:
            section += nodes.paragraph("", part)
    return made


def test_what_stands_between_start_and_end_is_one_aside_that_no_reading_time_counts():
    page = document("before it", "<", "beside it", ">", "after it")
    gather(page)
    (found,) = page.findall(aside)
    assert [node.astext() for node in found] == ["Aside: why?", "beside it"]
    assert words_to_read(page) == 4


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["<", "one"], "no {aside-end} in its section"),
        (["<", "one", "|", ">"], "no {aside-end} in its section"),
        (["one", ">"], "ends nothing"),
        (["<", "one", "<", "two", ">", ">"], "must end before another"),
    ],
)
def test_an_aside_that_does_not_end_where_it_must_is_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        gather(document(*parts))


def test_a_page_folds_it_and_a_notebook_runs_it(fixture_book):
    html = (fixture_book.site / "book" / "part" / "everything.html").read_text("utf-8")
    (found,) = BeautifulSoup(html, "html.parser").select("details.aside")
    assert not found.has_attr("open")
    assert found.summary.get_text().startswith("Aside: Why ")
    assert found.summary.select_one(".katex")
    assert found.select_one(".cell_output").get_text(strip=True) == "aside"
    sources = [cell.source for cell in fixture_book.notebook("part/everything.ipynb").cells]
    assert 'print("aside")' in sources
    assert sum("**Aside: Why $x^2$?**" in source for source in sources) == 1
