"""Below a widget, the folded answers go with the questions above it."""

import re

import pytest

from tests.book.books import ROOT

SECTION = re.compile(r"^### Try it(?:: [^\n]*)?\n(.*?)(?=^##+ )", re.MULTILINE | re.DOTALL)
ANSWERS = re.compile(
    r"^(```|::::?)\{admonition\} What you should have seen\n:class: dropdown\n(.*?)^\1$",
    re.MULTILINE | re.DOTALL,
)
NUMBER = re.compile(r"^(\d+)\. ", re.MULTILINE)
ANSWERED = [
    pytest.param(section, id=f"{page.stem}-{place}")
    for page in sorted(ROOT.glob("book/*/*.md"))
    for place, section in enumerate(SECTION.findall(page.read_text("utf-8")))
    if "What you should have seen" in section
]


@pytest.mark.parametrize("section", ANSWERED)
def test_each_question_has_its_answer(section):
    asked, _, below = section.partition("```{code-cell}\n")
    ((_, answers),) = ANSWERS.findall(below)
    assert NUMBER.findall(asked) == NUMBER.findall(answers) != []


def test_some_are_answered():
    assert ANSWERED
