"""What makes the book: a Sphinx extension, the export of notebooks, and their commands."""

from importlib.metadata import version

__version__ = version("attention-by-experiment")


def setup(app):
    """Hook the book's parts into Sphinx."""
    from . import claims_page, execution, mathematics

    for part in (execution, mathematics, claims_page):
        part.setup(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
