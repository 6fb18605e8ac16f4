"""Kits made of the committed notebooks, and an assignment made from them, with no real wheel."""

import json
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from attnbook.export.kit import kit_of
from attnclass.assignment import Assignment
from attnclass.handing_out import new
from tests.book.books import ROOT

DUE = datetime(2027, 2, 1, 22, 59, tzinfo=UTC)
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*/*.ipynb"))}


def write_kit(chapter: str, folder: Path) -> dict:
    """What the build of the book leaves for classes, of one chapter."""
    notebook = nbformat.read(NOTEBOOKS[chapter], 4)
    told = kit_of(notebook, chapter, "0.2.0")
    (folder / chapter).mkdir(parents=True)
    (folder / chapter / "kit.json").write_text(json.dumps(told), "utf-8")
    nbformat.write(notebook, folder / chapter / f"{chapter}.ipynb")
    return told


@pytest.fixture(scope="session")
def kits(tmp_path_factory) -> Path:
    """The folder of kits: two chapters with exercises, one without, beside a wheel of nothing."""
    build = tmp_path_factory.mktemp("build")
    for chapter in ("heads", "positions"):
        write_kit(chapter, build / "kits")
    told = {"chapter": "idle", "title": "Idle", "version": "0", "exercises": [], "cells": {}}
    (build / "kits" / "idle").mkdir()
    (build / "kits" / "idle" / "kit.json").write_text(json.dumps(told), "utf-8")
    (build / "wheel" / "0").mkdir(parents=True)
    (build / "wheel" / "0" / "attnlab-0.2.0-py3-none-any.whl").write_bytes(b"a wheel")
    return build / "kits"


@pytest.fixture
def assignment(tmp_path, kits) -> Assignment:
    return new(tmp_path / "hw3", ["heads"], DUE, {}, kits)
