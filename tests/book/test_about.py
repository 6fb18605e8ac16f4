"""What the first page says of the course: how to cite it, where to report a mistake."""

import shutil

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from attnbook.about import read
from tests.book.books import FIXTURE, ROOT, build_book

PAGE = "\n\n```{how-to-cite}\n```\n\n```{report-a-mistake}\n```\n"
CFF = """title: A Course
version: 1.2.3
date-released: 2025-03-01
authors:
  - given-names: Ada
    family-names: Lovelace
  - name: The Analytical Society
"""


@pytest.mark.parametrize(
    "url", ["", "https://github.com/owner/course", "https://gitlab.com/owner/course"]
)
def test_what_to_cite_and_where_to_write(tmp_path, url):
    folder = shutil.copytree(FIXTURE, tmp_path / "book")
    (folder / "CITATION.cff").write_text(CFF, "utf-8")
    first = folder / "book" / "index.md"
    first.write_text(first.read_text("utf-8") + PAGE, "utf-8")
    built = build_book(folder, ATTNBOOK_REPOSITORY=url)
    assert built.status == 0, built.log
    html = (built.site / "book" / "index.html").read_text("utf-8")
    page = BeautifulSoup(html, "html.parser").article
    said = "Ada Lovelace, The Analytical Society (2025). A Course, version 1.2.3."
    assert (f"{said} {url}" if url else said) in page.text
    entry = page.select_one("pre").text
    assert entry.startswith(
        "@misc{a-course,\n  author = {{Ada Lovelace} and {The Analytical Society}},"
    )
    assert ("url = {" in entry) == bool(url)
    links = [link["href"] for link in page.find_all("a", string="Report it.")]
    where = {"": [], "https://gitlab.com/owner/course": [url]}
    assert links == where.get(url, [f"{url}/issues/new"])
    assert ("You have found a mistake" in page.text) == bool(url)


@pytest.mark.parametrize("missing", ["title", "version", "date-released", "authors"])
def test_a_source_that_lacks_something_is_refused(tmp_path, missing):
    source = tmp_path / "CITATION.cff"
    kept, dropping = [], False
    for line in CFF.splitlines():
        dropping = line.startswith(missing) or (dropping and line.startswith(" "))
        kept += [] if dropping else [line]
    source.write_text("\n".join(kept), "utf-8")
    with pytest.raises(ExtensionError, match=f"got no {missing}"):
        read(source)


def test_the_books_own_source_says_enough():
    assert read(ROOT / "CITATION.cff")["title"] == "Attention by Experiment"
