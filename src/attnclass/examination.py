"""An examination's own notebook, to which questions are added: no chapter, and no exercises."""

import json
from pathlib import Path

import nbformat

from .assignment import write
from .hashes import hash_of
from .kits import Kit

TITLE = "# {name}\n\nNo cell says whether you are right. Save the notebook, and hand it in."
IMPORTS = "import numpy as np\nimport torch\nfrom attnlab import *  # the course's own functions"
SETUP = "setup"  # the cell that makes attnlab ready, by its id in the chapters' notebooks


def write_kit(folder: Path, name: str, chapter: Kit) -> None:
    """Write the kit of an examination, with the first cell of a chapter's notebook."""
    cells = nbformat.read(chapter.notebook, 4).cells
    (setup,) = (cell for cell in cells if cell["id"] == SETUP)
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(TITLE.format(name=name), id="title"),
            setup,
            nbformat.v4.new_code_cell(IMPORTS, id="imports"),
        ]
    )
    hashes = {cell["id"]: hash_of(cell.source) for cell in notebook.cells[1:]}
    kit = {"chapter": name, "title": name, "version": "", "exercises": [], "cells": hashes}
    write(folder / f"{name}.ipynb", nbformat.writes(notebook))
    write(folder / "kit.json", json.dumps(kit, ensure_ascii=False, indent=1))
