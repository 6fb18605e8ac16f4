"""Mistakes in the book's sources stop the build, with a sentence that names file and line."""

import pytest

from tests.book.books import build_book

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter

"""
TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/part/chapter\n"
FIRST_LINE = HEAD.count("\n") + 1


@pytest.fixture
def build(tmp_path):
    """`build(chapter)` builds a book of one chapter."""

    def build(chapter: str, toc: str = TOC):
        (tmp_path / "book" / "part").mkdir(parents=True)
        (tmp_path / "book" / "index.md").write_text("# A book\n\nText.\n", "utf-8")
        (tmp_path / "book" / "part" / "chapter.md").write_text(HEAD + chapter, "utf-8")
        (tmp_path / "_toc.yml").write_text(toc, "utf-8")
        return build_book(tmp_path)

    return build


def test_what_the_reader_of_a_page_would_miss_is_named(build):
    built = build(
        "```{nonsense} x\n```\n\n"
        "{ref}`nowhere`\n\n"
        "{glue:text}`chapter-unmeasured`\n\n"
        "{cite:t}`nobody1900`\n\n"
        "{nonsense}`x`\n"
    )
    assert built.status != 0
    for line, words in [
        (0, "Unknown directive type: 'nonsense'"),
        (3, "undefined label: 'nowhere'"),
        (5, "'chapter-unmeasured'"),
        (7, "nobody1900"),
        (9, 'Unknown interpreted text role "nonsense"'),
    ]:
        named = [text for text in built.log.splitlines() if words in text]
        assert any(f"book/part/chapter.md:{FIRST_LINE + line}" in text for text in named), words


def test_what_the_notebook_cannot_say_is_named(build):
    built = build("Text.\n\n```{glossary}\nword\n  Its meaning.\n```\n")
    assert built.status != 0
    place = f"book/part/chapter.md:{FIRST_LINE + 2}"
    assert f"{place}: the notebook has no Markdown for a glossary" in built.log


def test_a_cell_that_promises_more_than_a_notebook_keeps(build):
    built = build(
        "```{code-cell}\n:tags: [nbval-check-output]\n"
        'from attnlab.claims import claim\nclaim("One is one", 1, 1, abs=0)\n```\n'
    )
    assert built.status != 0
    assert "a cell tagged nbval-check-output must print plain text only" in built.log


def test_a_failing_cell_stops_the_build(build):
    built = build("```{code-cell}\n1 / 0\n```\n")
    assert built.status != 0
    assert "ZeroDivisionError" in built.log


def test_a_page_that_the_contents_forget(build):
    built = build("Text.\n", toc="format: jb-book\nroot: book/index\n")
    assert built.status != 0
    assert "_toc.yml does not list book/part/chapter.md" in built.log


def test_a_page_that_the_contents_list_twice(build):
    built = build("Text.\n", toc=TOC + "  - file: book/part/chapter\n")
    assert built.status != 0
    assert "document file used multiple times: 'book/part/chapter'" in built.log


def test_a_page_that_the_contents_invent(build):
    built = build("Text.\n", toc=TOC + "  - file: book/part/nowhere\n")
    assert built.status != 0
    assert "book/part/nowhere" in built.log


def test_a_room_without_a_text(build, tmp_path):
    room = tmp_path / "src/attnlab/chapters/on_trial"
    room.mkdir(parents=True)
    (room / "__init__.py").touch()
    built = build("Text.\n")
    assert built.status != 0
    assert "src/attnlab/chapters/on_trial has no text: write book/<part>/on-trial.md" in built.log


def test_an_address_that_is_none(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text("# A book\n", "utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
    built = build_book(tmp_path, ATTNBOOK_REPOSITORY="git@github.com:owner/course")
    assert built.status != 0
    assert "must look like https://github.com/owner/course; got 'git@github.com" in built.log
