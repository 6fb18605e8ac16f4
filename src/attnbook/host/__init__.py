"""The script that brings a page's widgets to life."""

from pathlib import Path

from attnlab.widgets.joining import join_modules

NAME = "widget-host.js"


def write(folder: Path) -> None:
    """Put the script, as one file, into a folder of a site."""
    folder.mkdir(parents=True, exist_ok=True)
    script = join_modules(Path(__file__).parents[2], f"attnbook/host/{NAME}")
    # Scripts of a page that are no modules share their names: site.js has some of the same.
    (folder / NAME).write_text(f"(() => {{{script}\n}})();\n", encoding="utf-8")
