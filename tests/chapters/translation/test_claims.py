"""The claims of `work/translation` fail when what they say is broken.

The writer of numbers is trained once; each fault is then planted around it.
"""

import copy
from functools import partial

import pytest

import attnlab
import attnlab.stored
from attnlab.chapters.translation import numbers, scoring, strings, training
from tests.chapters.faults import (
    failing_claims,
    recalled,
    remembered_training,
    replaceable_training,
)

PAGE = "work/translation.md"
FEWER = {
    "SEEDS = (0, 1, 2)": "SEEDS = (0,)",
    "drawn(200, 0": "drawn(40, 0",
    "with_zeros(400": "with_zeros(100",
}
skipped = partial(failing_claims, PAGE, skip=["TranslationWidget(writer"])


def failing(edits: dict | None = None) -> set[str]:
    """With one split in place of three, and fewer numbers to test on."""
    return skipped(edits=FEWER | (edits or {}))


def kind(model) -> str:
    return type(model).__name__


@pytest.fixture(scope="module", autouse=True)
def _training_that_can_be_replaced():
    with pytest.MonkeyPatch.context() as patch, replaceable_training(training):
        patch.setattr(numbers, "TESTED", 200)
        yield


@pytest.fixture(scope="module")
def parameters(_training_that_can_be_replaced) -> dict:
    with remembered_training(kind) as found:
        assert failing() == set()  # without a fault all hold
    return found


@pytest.fixture
def trained(parameters, monkeypatch):
    """`fit` gives the model the parameters that training gave it."""
    monkeypatch.setattr(attnlab, "fit", recalled(parameters, kind))


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: None)
    assert failing() == {"translation-numbers", "translation-aligned"}


def test_digits_that_are_aligned_with_the_next_word(trained, monkeypatch):
    places = numbers._english

    def late(n):
        words, found = zip(*places(n), strict=True)
        return [*zip(words, [set(), *found[:-1]], strict=True)]

    monkeypatch.setattr(numbers, "_english", late)
    assert failing() == {"translation-aligned"}


def test_a_memory_that_finds_the_first_string(trained, monkeypatch):
    monkeypatch.setattr(strings.Memory, "nearest", lambda self, _: self._known[0])
    failed = failing()
    assert {"translation-parity", "translation-chrf-lead", "translation-memory-chrf"} <= failed


def test_a_score_that_counts_no_recall(trained, monkeypatch):
    monkeypatch.setattr(scoring, "BETA", 0)
    assert "translation-scored" in failing()


def test_splits_that_are_swapped(trained, monkeypatch):
    by_key, by_row = strings.split_by_key, strings.split_by_row
    monkeypatch.setattr(strings, "split_by_key", by_row)
    failed = failing()
    assert {"translation-no-leak", "translation-memory-right"} <= failed
    monkeypatch.setattr(strings, "split_by_key", by_key)
    monkeypatch.setattr(strings, "split_by_row", by_key)
    assert failing() == {"translation-leak", "translation-memory-rows"}


@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("for english, _ in known)\nof", "for english, _ in known * 2)\nof", ["once"]),
        ("counts(map(numbers.english, known_numbers))",
         "counts(map(numbers.english, known_numbers[:200]))", ["often"]),
        ("< 5 for english", ">= 5 for english", ["seldom", "seldom-short"]),
        ("len(set(texts)) > 1", "len(set(texts)) > 2", ["disagree"]),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(trained, right, wrong, names):
    assert failing(edits={right: wrong}) == {f"translation-{name}" for name in names}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("translation"))
    stored["numbers"][1] |= {"right": 0.8, "zeros": 0.95, "nine": 0.2, "aligned": 0.5}
    for cell in stored["strings"]:
        if (cell["split"], cell["seed"]) == ("key", 1):
            cell |= {"right": 0.5, "chrf": 0.5}
        elif (cell["split"], cell["seed"]) == ("key", 2):
            cell["right"] = 0.02
        elif (cell["split"], cell["seed"]) == ("row", 1):
            cell["right"] = 0.1
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {
        f"translation-{name}"
        for name in (
            *("numbers", "zeros", "nine", "aligned", "gain"),
            *("string-right", "string-chrf", "chrf-lead", "exact-lead"),
        )
    }
