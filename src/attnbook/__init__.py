"""What makes the book: a Sphinx extension, the export of notebooks, and their commands."""

from importlib.metadata import version
from pathlib import Path

from . import claims_page, docstrings, execution, export, links, mathematics, theme, times, toc

__version__ = version("attention-by-experiment")


def setup(app):
    """Hook the book's parts into Sphinx."""
    for part in (toc, execution, mathematics, docstrings, claims_page, theme, times, links, export):
        part.setup(app)
    return {
        "version": __version__,
        # What makes the pages has changed: make them all again.
        "env_version": execution.folder_hash(Path(__file__).parent),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
