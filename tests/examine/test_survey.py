"""The page on released models: what it counts, and that it says what nobody has looked into."""

from pathlib import Path

import pytest

from tools.survey import page as pages
from tools.survey.known import KNOWN


def row(name: str, **found) -> dict:
    return {"library": "transformers", "version": "5.0", "name": name} | found


ASKED = {"held": [], "left out": [], "no answer": []}


def asked(name: str, *held: str) -> dict:
    return row(name, faults=[], **ASKED | {"held": held})


def test_what_was_examined_twice_counts_once_as_it_was_at_last():
    rows = [
        row("A", error="no such size"),
        asked("B", "the future"),
        asked("A", "the future"),
        row("C", error="too long"),
        asked("D", "order"),
    ]
    assert "| transformers 5.0 | 3 | 2 | 0 | 1 | 1 |" in pages.page(rows)
    assert {"library": "transformers 5.0", "hold": ["A", "B"]} in pages.lines(rows)


def test_findings_of_one_reason_stand_together():
    faults = [["the future", "It leaks."], ["stepwise", "It gaps."], ["order", "It shuffles."]]
    text = pages.page([row("DogeForCausalLM", faults=faults, **ASKED)])
    (line,) = [line for line in text.splitlines() if "*the future*, *stepwise*. " in line]
    assert line.startswith("- `DogeForCausalLM` (transformers 5.0), found by")
    assert text.index("**Faults:**") < text.index(line) < text.index("**Not looked into:**")
    assert "found by *order*" in text


def test_all_that_is_stored_was_looked_into():
    text = Path(pages.HERE, "released.md").read_text(encoding="utf-8")
    assert pages.HEADINGS["not looked into"] not in text


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.names[0]} {known.checks[0]}")
def test_no_reason_is_left_over(known):
    text = Path(pages.HERE, "released.md").read_text(encoding="utf-8")
    assert known.why in text
