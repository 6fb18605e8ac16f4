"""What the build of the book leaves for classes, made of the committed notebooks."""

import json
from pathlib import Path

import nbformat

from attnbook.export.kit import kit_of
from tests.book.books import ROOT

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*/*.ipynb"))}


def kits(*chapters: str, folder: Path) -> Path:
    """The folder of kits of these chapters, beside a wheel that is none."""
    for chapter in chapters:
        notebook = nbformat.read(NOTEBOOKS[chapter], 4)
        kit = folder / "kits" / chapter
        kit.mkdir(parents=True)
        (kit / "kit.json").write_text(json.dumps(kit_of(notebook, chapter, "0.2.0")), "utf-8")
        nbformat.write(notebook, kit / f"{chapter}.ipynb")
    wheel = folder / "wheel" / "0" / "attnlab-0.2.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"a wheel")
    return folder / "kits"
