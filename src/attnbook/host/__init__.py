"""The script that brings a page's widgets to life."""

from pathlib import Path

from attnlab.widgets.joining import join_modules

NAME = "widget-host.js"


def write(folder: Path) -> None:
    """Put the script, as one file, into a folder of a site."""
    folder.mkdir(parents=True, exist_ok=True)
    script = join_modules(Path(__file__).parents[2], f"attnbook/host/{NAME}")
    (folder / NAME).write_text(script, encoding="utf-8")
