"""What makes the book: a Sphinx extension, the export of notebooks, and their commands."""

from pathlib import Path

from . import (
    about,
    cards,
    checks,
    claims_page,
    contents,
    docstrings,
    execution,
    exercise_numbers,
    export,
    folding,
    forgotten_pages,
    formulas,
    links,
    rooms,
    stored_runs,
    theme,
    times,
)

__version__ = "0.2.0"
PARTS = (
    forgotten_pages,
    rooms,
    execution,
    formulas,
    docstrings,
    exercise_numbers,
    claims_page,
    stored_runs,
    contents,
    theme,
    times,
    links,
    export,
    folding,
    checks,
    cards,
    about,
)


def setup(app):
    """Hook the book's parts into Sphinx."""
    for part in PARTS:
        part.setup(app)
    return {
        "version": __version__,
        # What makes the pages has changed: make them all again.
        "env_version": execution.folder_hash(Path(__file__).parent),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
