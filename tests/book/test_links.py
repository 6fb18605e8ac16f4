"""Every link of the built site leads somewhere: pages, anchors, files, notebooks."""

import re
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from attnbook.links import Repository, notebook_path
from tests.book.books import ROOT

OURS = Repository("https://github.com/owner/course", "main")


class Links(HTMLParser):
    """A page's anchors, and what it links to or loads."""

    def __init__(self, page: Path):
        super().__init__()
        self.anchors, self.targets = {"", "top"}, set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("id", "name"):
                self.anchors.add(value)
            elif name in ("href", "src", "action"):
                self.targets.add(value)


links = cache(Links)


def pages_of(site: Path) -> list[Path]:
    return [p for p in site.rglob("*.html") if "_static" not in p.relative_to(site).parts]


def broken_link(site: Path, page: Path, target: str) -> str | None:
    """What is wrong with a link from `page`, if it stays on the site."""
    address = urlsplit(target)
    if address.scheme or address.netloc:
        return None
    if address.path.startswith("/"):  # only the page for wrong addresses, shown at any depth
        file = site / unquote(address.path).lstrip("/")
    else:
        file = page.parent / unquote(address.path) if address.path else page
    file = file / "index.html" if file.is_dir() else file
    where = f"{page.relative_to(site)} → {target}"
    if not file.exists():
        return f"{where}: no such file"
    if file.suffix == ".html" and unquote(address.fragment) not in links(file.resolve()).anchors:
        return f"{where}: no such anchor"
    return None


def test_no_internal_link_or_anchor_is_broken(site):
    pages = pages_of(site)
    assert len(pages) > 5
    broken = [
        problem
        for page in pages
        for target in links(page.resolve()).targets
        if (problem := broken_link(site, page, target))
    ]
    assert broken == []


def test_a_broken_link_would_be_noticed(tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<p id="here"><a href="a.html#here">', "utf-8")
    assert broken_link(tmp_path, page, "#here") is None
    assert broken_link(tmp_path, page, "https://example.org/x") is None
    assert broken_link(tmp_path, page, "a.html#there") == "a.html → a.html#there: no such anchor"
    assert broken_link(tmp_path, page, "b.html") == "a.html → b.html: no such file"


def test_every_chapter_offers_its_download_and_no_other_page_does(site):
    offers = {page for page in pages_of(site) for t in links(page.resolve()).targets if ".zip" in t}
    chapters = {page for page in pages_of(site) if page.with_suffix(".zip").exists()}
    assert offers == chapters != set()


def test_every_launch_link_leads_to_a_committed_notebook(site):
    listed = subprocess.run(
        ["git", "ls-files", "notebooks"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    committed = set(listed.stdout.split())
    notebooks = {
        notebook_path(page.relative_to(site).with_suffix("").as_posix())
        for page in pages_of(site)
        if page.with_suffix(".zip").exists()
    }
    assert {str(path) for path in notebooks} == committed != set()
    for path in notebooks:
        for service, url in OURS.launch_links(path).items():
            assert url.endswith(str(path)), service


def siblings_of(path: Path) -> set[str]:
    """The relative links of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return set(re.findall(r"\]\((?!https?://)([^)]+)\)", text))


def test_links_between_notebooks_lead_to_notebooks(fixture_book):
    built = fixture_book.folder / "_build" / "notebooks"
    assert siblings_of(built / "part" / "everything.ipynb") == {"../second/chapter.ipynb"}
    assert siblings_of(built / "second" / "chapter.ipynb") == {"../part/everything.ipynb"}
    found = {path: siblings_of(path) for path in (ROOT / "notebooks").rglob("*.ipynb")}
    assert any(found.values())
    for path, targets in found.items():
        for target in targets:
            assert target.endswith(".ipynb") and (path.parent / target).exists(), (path, target)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://github.com/owner/course",
            {
                "Colab": "https://colab.research.google.com/github/owner/course/blob/main/n/a.ipynb",
                "Binder": "https://mybinder.org/v2/gh/owner/course/main?urlpath=lab/tree/n/a.ipynb",
            },
        ),
        (
            "https://git.example.org/owner/course",
            {
                "Binder": "https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fowner"
                "%2Fcourse/main?urlpath=lab/tree/n/a.ipynb"
            },
        ),
    ],
)
def test_services_get_the_address_that_they_understand(url, expected):
    assert Repository(url, "main").launch_links("n/a.ipynb") == expected


def test_without_an_address_no_page_launches_anything(fixture_book):
    for page in pages_of(fixture_book.site):
        text = page.read_text("utf-8")
        assert "colab" not in text and "mybinder" not in text
