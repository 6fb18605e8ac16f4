"""A small book with all diagrams on one page, and the chapters that their links lead to."""

from pathlib import Path

from attnbook.diagrams import DIAGRAMS, transformer
from tests.book.books import Build, build_book

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""
# Each diagram as the directive names it, and the transformer at each step of its growth.
DRAWN = [(name, None) for name in DIAGRAMS]
DRAWN += [("transformer", chapter) for chapter in transformer.CHAPTERS]
LINKED = (*transformer.CHAPTERS, "masks", "softmax")


def directive(name: str, reached: str | None = None, called: str | None = None) -> str:
    option = f":reached: {reached}\n" if reached else ""
    option += f":name: {called}\n" if called else ""
    words = f":alt: What {name} shows.\n\nThe caption of {name}.\n"
    return f"```{{diagram}} {name}\n{option}{words}```\n\n"


def build_diagrams(folder: Path, chapters: tuple[str, ...] = LINKED) -> Build:
    """The book, in which `book/part/heads.md` has the transformer too."""
    part = folder / "book" / "part"
    part.mkdir(parents=True)
    (folder / "book" / "index.md").write_text("# A book\n\nText.\n", "utf-8")
    everything = "".join(directive(*drawn) for drawn in DRAWN)
    (part / "all.md").write_text(f"# All\n\n{{numref}}`diagram-heads`.\n\n{everything}", "utf-8")
    for chapter in chapters:
        own = directive("transformer", "heads", "again") if chapter == "heads" else "Text.\n"
        (part / f"{chapter}.md").write_text(f"{HEAD}# On {chapter}\n\n{own}", "utf-8")
    files = "".join(f"  - file: book/part/{name}\n" for name in ("all", *chapters))
    toc = f"format: jb-book\nroot: book/index\nchapters:\n{files}"
    (folder / "_toc.yml").write_text(toc, "utf-8")
    return build_book(folder)
