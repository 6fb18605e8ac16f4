"""Kits made of the committed notebooks, and an assignment made from them, with no real wheel."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attnclass.assignment import Assignment
from attnclass.handing_out import new
from tests.classes import built

DUE = datetime(2027, 2, 1, 22, 59, tzinfo=UTC)


@pytest.fixture(scope="session")
def kits(tmp_path_factory) -> Path:
    """The folder of kits: two chapters with exercises, one without, beside a wheel of nothing."""
    folder = built.kits("heads", "positions", folder=tmp_path_factory.mktemp("build"))
    told = {"chapter": "idle", "title": "Idle", "version": "0", "exercises": [], "cells": {}}
    (folder / "idle").mkdir()
    (folder / "idle" / "kit.json").write_text(json.dumps(told), "utf-8")
    return folder


@pytest.fixture
def assignment(tmp_path, kits) -> Assignment:
    return new(tmp_path / "hw3", ["heads"], DUE, {}, kits)
