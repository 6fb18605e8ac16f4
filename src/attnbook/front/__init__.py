"""The scripts of a page: what brings its widgets to life, and what the page itself does."""

from pathlib import Path

from attnlab.widgets.joining import join_modules

SCRIPTS = ("widget-host.js", "site.js")


def write(folder: Path) -> None:
    """Put the scripts, each as one file, into a folder of a site."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCRIPTS:
        script = join_modules(Path(__file__).parents[2], f"attnbook/front/{name}")
        # Scripts of a page that are no modules would share their names.
        (folder / name).write_text(f"(() => {{{script}\n}})();\n", encoding="utf-8")
