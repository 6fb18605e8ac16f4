"""What a class needs to know of a chapter: `kit.json`, made from the chapter's notebook.

It names each exercise with its cell, stub, task and solution, and holds a hash of every cell of
code, by which marking knows those that a learner has left as they were.
"""

import re
from typing import Any

import nbformat

from attnclass.hashes import hash_of

_CHECK = re.compile(r'^check\("([^"]+)"\)', re.MULTILINE)
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FOLDED = re.compile(r"<summary>[^<]*</summary>\n(.*?)</details>", re.DOTALL)
_TITLE = re.compile(r"^#+ (?:Exercise \d+: )?(.*)", re.MULTILINE)
STUB, SOLUTION = "-stub", "-solution"


def kit_of(notebook: nbformat.NotebookNode, chapter: str, version: str) -> dict[str, Any]:
    """The kit of a chapter, as JSON holds it: the exercises that are solved in code."""
    cells = {cell["id"]: cell.source for cell in notebook.cells}
    labels = [
        cell["id"].removesuffix(STUB)
        for cell in notebook.cells
        if "exercise" in cell.metadata.get("tags", []) and _CHECK.search(cell.source)
    ]
    return {
        "chapter": chapter,
        "title": _first(_TITLE, notebook.cells[0].source),
        "version": version,
        "exercises": [
            _exercise(cells, label)
            for label in labels
            if _FENCED.search(cells.get(label + SOLUTION, ""))
        ],
        "cells": {
            cell["id"]: hash_of(cell.source)
            for cell in notebook.cells
            if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", [])
        },
    }


def _exercise(cells: dict[str, str], label: str) -> dict[str, str]:
    stub, task = cells[label + STUB], cells[label]
    solution = _first(_FOLDED, cells[label + SOLUTION])
    return {
        "name": _first(_CHECK, stub),
        "label": label,
        "title": _first(_TITLE, task),
        "task": task,
        "stub": stub,
        "solution": _FENCED.findall(solution)[-1].strip(),
        "explanation": solution.strip(),
    }


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise ValueError(f"expected {pattern.pattern!r} in {text[:60]!r}")
    return found[1]
