"""What makes the book: a Sphinx extension, the export of notebooks, and their commands."""

from importlib import import_module
from pathlib import Path

__version__ = "0.2.0"
PARTS = (
    "forgotten_pages",
    "rooms",
    "execution",
    "formulas",
    "diagrams",
    "docstrings",
    "exercise_numbers",
    "claims_page",
    "stored_runs",
    "contents",
    "needs",
    "taught",
    "book_map",
    "theme",
    "times",
    "links",
    "about",
    "export",
    "asides",
    "own_file",
    "folding",
    "checks",
    "cards",
    "search",
    "predictions",
    "covering",
    "solving",
    "for_teachers",
    "sample_class",
)


def setup(app):
    """Hook the book's parts into Sphinx: imported here, for the commands do without most."""
    parts = {name: import_module(f"{__name__}.{name}") for name in PARTS}
    for part in parts.values():
        part.setup(app)
    return {
        "version": __version__,
        # What makes the pages has changed: make them all again.
        "env_version": parts["execution"].folder_hash(Path(__file__).parent),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
