"""The contents of a book: what the menu, a page's heading and its neighbors say of each page."""

import re
import shutil
from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx_external_toc.api import FileItem

from attnbook.contents import Entry, contents
from tests.book.books import build_book


def book(*parts, opening=()):
    """A build's environment whose parts are (caption, page, page, …)."""
    trees = [
        SimpleNamespace(caption=caption, files=lambda pages=pages: list(map(FileItem, pages)))
        for caption, *pages in parts
    ]
    titles = {page: nodes.title("", f"Title of {page}") for _, *pages in parts for page in pages}
    root = SimpleNamespace(subtrees=trees)
    return SimpleNamespace(
        external_site_map=SimpleNamespace(root=root),
        titles=titles,
        attnbook_parts=set(opening),
    )


def numbers(env):
    return [
        (part.opening.number if part.opening else "", [entry.number for entry in part.entries])
        for part in contents(env)
    ]


def test_parts_that_open_with_a_page_of_their_own_are_numbered_and_so_are_their_chapters():
    parts = [
        ("Start", "start"),
        ("One", "a/index", "a/x", "a/y"),
        ("Two", "b/index", "b/z"),
        ("Back", "glossary", "claims"),
    ]
    env = book(*parts, opening=["a/index", "b/index"])
    expected = [("", [""]), ("1", ["1.1", "1.2"]), ("2", ["2.1"]), ("", ["", ""])]
    assert numbers(env) == expected
    assert contents(env)[1].caption == "Part 1 · Title of a/index"
    env = book(parts[2], parts[1], opening=["a/index", "b/index"])  # the other way round
    assert numbers(env) == [("1", ["1.1"]), ("2", ["2.1", "2.2"])]


def test_a_page_that_is_listed_and_not_there_has_no_line():
    env = book(("One", "a/index", "a/x", "a/y"), opening=["a/index"])
    del env.titles["a/x"]
    assert [entry.page for entry in contents(env)[0].entries] == ["a/y"]
    env.titles.clear()
    assert [(part.opening, part.entries) for part in contents(env)] == [(None, [])]


@pytest.mark.parametrize(
    ("title", "concept", "question"),
    [
        ("Masks: what must a position not see?", "Masks", "what must a position not see?"),
        ("Glossary", "Glossary", ""),
        ("A ratio of 1:2", "A ratio of 1:2", ""),
    ],
)
def test_a_title_is_a_concept_and_perhaps_a_question(title, concept, question):
    entry = Entry("page", title)
    assert (entry.concept, entry.question) == (concept, question)


def test_menu_heading_and_neighbors_name_number_concept_and_question(fixture_book, tmp_path):
    folder = tmp_path / "book"
    shutil.copytree(fixture_book.folder, folder, symlinks=True)
    other = folder / "book/part/other.md"
    other.write_text(other.read_text("utf-8").replace("# Another page", "# Masks: why & how?"))
    built = build_book(folder)
    assert built.status == 0, built.log
    site = built.site / "book"

    def words(page, pattern):
        found = re.search(pattern, (site / page).read_text("utf-8"), re.DOTALL)
        assert found, (page, pattern)
        return " ".join(re.sub("<[^>]*>", "", found[1]).split())

    assert words("part/other.html", "<title>(.*?)</title>").startswith("1.2 Masks: why &amp; how?")
    assert words("part/other.html", "<h1>(.*?)<a").startswith("1.2 Masks: why &amp; how?")
    assert words("part/index.html", "<h1>(.*?)<a") == "Part 1: A part"
    line = "1.2 Masks: why &amp; how?"
    assert words("second/chapter.html", '<a rel="prev"(.*?)</a>').endswith(line)
    assert line in words("index.html", '<nav class="site-nav"(.*?)</nav>')
    current = re.findall(r"<a [^>]*aria-current=.*?</a>", (site / "part/other.html").read_text())
    assert len(current) == 1
    assert "Masks" in current[0]
    # Neither an anchor nor the notebook hangs on the number.
    assert 'id="masks-why-how"' in (site / "part/other.html").read_text("utf-8")
    assert built.notebook("part/everything.ipynb").cells[0].source.startswith("# Everything")
