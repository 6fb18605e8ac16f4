"""A deck of slides for each chapter, cut from its built page; its widgets work from the disk."""

import shutil
from pathlib import Path

from .deck import write, write_shared
from .page import Page

SITE, SLIDES = Path("_build", "html"), Path("_build", "slides")
REVEAL = Path("node_modules", "reveal.js")


def write_decks(site: Path, reveal: Path, target: Path) -> list[Path]:
    """Write every chapter's deck into a folder that can be shown, or copied, as it is.

    Raises:
        FileNotFoundError: there is no site, or no reveal.js.
    """
    if not (site / "index.html").exists():
        raise FileNotFoundError("There is no site yet: run make book")
    shutil.rmtree(target, ignore_errors=True)
    write_shared(reveal, target)
    pages = (Page(site, path) for path in sorted(site.glob("book/*/*.html")))
    return [write(page, target) for page in pages if page.is_chapter]
