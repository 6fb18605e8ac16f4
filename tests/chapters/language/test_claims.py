"""The claims of `work/language` fail when what they say is broken.

That they hold for readers that are trained, the build of the page says; here nothing is trained.
"""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import attnlab
import attnlab.stored
from attnlab.chapters.language import ngrams, spaces, training
from attnlab.chapters.language.kept import kept
from tests.chapters.faults import failing_claims

PAGE = "work/language.md"
failing = partial(failing_claims, PAGE, skip=["LanguageWidget(causal"])
# A part of the tests is enough.
FEWER_GAPS = {"def by_reader(x)": "gaps, truth = gaps[:200], truth[:200]\n\n\ndef by_reader(x)"}
FEWER = FEWER_GAPS | {
    "SEEDS, KNOWN = range(3)": "SEEDS, KNOWN = range(1)",
    "new_ends, 500)": "new_ends, 150)",
}


class Peeker(nn.Module):
    """What a reader without a mask learns: the next letter is the one to the right."""

    causal = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 20.0 * nn.functional.one_hot(x.roll(-1, 1), ngrams.V)


@pytest.fixture
def trained(monkeypatch):
    """Readers as training leaves them: a kept one, and one that peeks."""

    def reader(*, causal: bool) -> nn.Module:
        return kept(causal=True) if causal else Peeker()

    def fit(model, *_, **__) -> list[float]:
        return [2.3 if model.causal else 0.1] * 20

    monkeypatch.setattr(training, "reader", reader)
    monkeypatch.setattr(attnlab, "fit", fit)


def test_without_a_fault(trained):
    assert failing(edits=FEWER) == set()


def test_without_training(monkeypatch):
    monkeypatch.setattr(attnlab, "fit", lambda *_, **__: [3.3] * 20)
    failed = failing(until="language-reader")
    assert failed == {"language-live", "language-peeks", "language-peeked"}


def test_two_readers_with_a_mask(trained):
    """Nobody peeks."""
    failed = failing(
        until="language-reader",
        edits={"learn(False, 0, progress)": "learn(True, 0, progress)"},
    )
    assert failed == {"language-peeks", "language-peeked"}


def test_counts_that_forget_how_many_letters_came(monkeypatch):
    """Every shorter context counts once, however often it has been a surprise."""
    monkeypatch.setattr(ngrams.NGrams, "_blend", blended_once)
    failed = failing(until="language-context")
    assert "language-ngram" in failed


def blended_once(self, contexts):
    p = np.full((len(contexts[0]), 26), 1 / 26)
    for (found, counts), asked in zip(self.tables, contexts, strict=False):
        row = np.minimum(np.searchsorted(found, asked), len(found) - 1)
        seen = counts[row] * (found[row] == asked)[:, None]
        p = (seen + p) / (seen.sum(axis=1, keepdims=True) + 1)
    return p


def test_a_text_that_was_learned(trained):
    """Counts that have seen the test find long contexts again."""
    edits = {'new, new_ends = part("test")': 'new, new_ends = part("train")'}
    failed = failing(until="language-context", edits=edits)
    assert failed == {"language-ngram", "language-context"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("tried[:, :, t] = torch.arange(26)", "tried[:, :, t - 1] = torch.arange(26)"),
        ("return said.sum((1, 2))", "return -said.sum((1, 2))"),
    ],
)
def test_a_line_with_a_mistake(trained, right, wrong):
    edits = FEWER_GAPS | {right: wrong}
    assert "language-kept" in failing(until="language-kept", edits=edits)


def test_counts_that_look_at_nothing_behind_the_gap(trained, monkeypatch):
    monkeypatch.setattr(
        ngrams.NGrams, "by_trying", lambda self, texts, place, _: np.log(self.at(texts, place))
    )
    failed = failing(until="language-counts-gaps", edits=FEWER_GAPS)
    assert failed == {"language-counts-gaps"}


def test_doubts_that_know_nothing(trained, monkeypatch):
    monkeypatch.setattr(spaces, "doubts", lambda p, x: p.new_zeros(*x.shape, 12))
    failed = failing(edits=FEWER)
    assert failed == {"language-counts", "language-counts-lead"}


def test_stored_results_that_say_otherwise(trained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("language"))
    causal = {"causal": True, "steps": 3000}
    masked = {"causal": False, "steps": 3000}
    changes = {
        "reader": (causal | {"seed": 0}, {"bits": 2.7}),
        "trying": (masked | {"seed": 0}, {"both": 0.9}),
        "following": (causal | {"seed": 0}, {"left": 0.8}),
        "later": ({"causal": False, "steps": 600, "seed": 0}, {"both": 0.5}),
        "pretraining": ({"steps": 0, "seed": 0}, {"spaces": {"20": 0.4, "300": 0.7}}),
        "tuned": (causal | {"seed": 0}, {"spaces": {"20": 0.8, "300": 0.6}}),
        "tuned-best": (masked, {"spaces": {"20": 0.6, "300": 0.86}}),
    }
    for where, change in changes.values():
        for run in stored["readers"]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    failed = failing(edits=FEWER)
    expected = {f"language-{name}" for name in changes}
    assert failed == expected | {"language-doubts", "language-counts-lead"}
