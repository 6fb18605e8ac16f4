"""A PDF of each deck, beside it: _build/slides/heads.pdf.

    python -m tools.slides     after `python -m attnbook slides`

A page is a slide, with its widgets as they stand at the beginning.
"""

import sys
from pathlib import Path

from attnbook.slides import SLIDES
from tools.printing import open_page, print_page, printer

PRINT = "?view=print"  # one slide below the other, as reveal.js lays them out for paper


def print_decks(decks: list[Path]) -> list[Path]:
    """Print each deck into a PDF beside it; returns the PDFs.

    Raises:
        FileNotFoundError: there are no decks.
    """
    if not decks:
        raise FileNotFoundError("There are no slides yet: run make slides")
    with printer() as browser:
        page = browser.new_page()
        for deck in decks:
            open_page(page, deck.resolve().as_uri() + PRINT)
            page.wait_for_function("globalThis.Reveal?.isReady()")
            print_page(page, deck.with_suffix(".pdf"))
    return [deck.with_suffix(".pdf") for deck in decks]


if __name__ == "__main__":
    try:
        print_decks(sorted(SLIDES.glob("*.html")))
    except FileNotFoundError as error:
        sys.exit(str(error))
