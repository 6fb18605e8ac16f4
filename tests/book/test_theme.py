"""Addresses that other sites read: only where the book knows its own."""

import shutil
from types import SimpleNamespace

import pytest

from attnbook.theme import site_url
from tests.book.books import build_book


@pytest.mark.parametrize(
    ("baseurl", "repository", "expected"),
    [
        ("", "", ""),
        ("", "https://github.com/Owner/course", "https://owner.github.io/course/"),
        ("", "https://example.org/owner/course", ""),
        (
            "https://example.org/book",
            "https://github.com/owner/course",
            "https://example.org/book/",
        ),
    ],
)
def test_the_sites_address_is_given_or_follows_from_the_repositorys(baseurl, repository, expected):
    options = {"repository_url": repository}
    config = SimpleNamespace(html_baseurl=baseurl, html_theme_options=options)
    assert site_url(config) == expected


def test_all_pages_name_a_chapter_that_comes_or_goes(fixture_book, tmp_path):
    folder = tmp_path / "book"
    shutil.copytree(fixture_book.folder, folder, symlinks=True)
    contents = (folder / "_toc.yml").read_text("utf-8")

    def menus() -> list[bool]:
        built = build_book(folder)
        assert built.status == 0, built.log
        pages = [built.site / f"book/part/{name}.html" for name in ("everything", "other")]
        return ["A newcomer" in page.read_text("utf-8") for page in pages]

    assert menus() == [False, False]
    (folder / "book/part/newcomer.md").write_text("# A newcomer\n\nIt has something to say.\n")
    line = "      - file: book/part/newcomer\n"
    (folder / "_toc.yml").write_text(contents.rstrip("\n") + "\n" + line)
    assert menus() == [True, True]
    (folder / "book/part/newcomer.md").unlink()
    (folder / "_toc.yml").write_text(contents)
    assert menus() == [False, False]
