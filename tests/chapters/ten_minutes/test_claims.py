"""The claims of `start/ten-minutes` fail when what they say is broken."""

import copy

import torch

import attnlab.stored
from attnlab.chapters.ten_minutes import models
from tests.chapters.faults import failing_claims

PAGE = "start/ten-minutes.md"
OF_ATTENTION = {"ten-minutes-accuracy", "ten-minutes-weight", "ten-minutes-other"}


def failing(**options):
    return failing_claims(PAGE, **options)


def test_without_a_fault_all_hold():
    assert failing() == set()


def test_without_training(monkeypatch):
    monkeypatch.setattr(models, "fit", lambda *_, **__: None)
    assert failing() == OF_ATTENTION | {"ten-minutes-mean"}


def test_when_the_first_word_asks(monkeypatch):
    """It is “the”, which cannot know which noun is meant; the answer can still be right."""
    forward = models.LastWordAsks.forward

    def from_the_front(self, words):
        logits, weights = forward(self, words.flip(1))
        return logits, weights.flip(1)

    monkeypatch.setattr(models.LastWordAsks, "forward", from_the_front)
    found = failing(until="ten-minutes-formula")
    assert found == {"ten-minutes-weight", "ten-minutes-other", "ten-minutes-formula"}


def test_with_other_scores_than_the_formula_has():
    edits = {"softmax(q @ K.T / np.sqrt(16))": "softmax(q @ K.T / 16)"}
    assert failing(until="ten-minutes-formula", edits=edits) == {"ten-minutes-formula"}


def test_when_the_plain_mean_leaves_the_last_word_out(monkeypatch):
    """Nothing says then which noun is meant."""
    forward = models.PlainMean.forward

    def without_the_last(self, words):
        first = words[:, :1]  # “the” in its place
        return forward(self, torch.cat([words[:, :-1], first], dim=1))

    monkeypatch.setattr(models.PlainMean, "forward", without_the_last)
    assert failing() == {"ten-minutes-mean"}


def test_stored_results_that_say_otherwise(monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("ten_minutes"))
    for run in stored["cells"]:
        run["right_unread"] = 0.0
    stored["cells"][0]["right"] = 0.9
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {"ten-minutes-unread", "ten-minutes-seeds"}


def test_when_it_asks_twice():
    edits = {"ItAsks(1, points=True)": "ItAsks(2, points=True)"}
    assert failing(edits=edits) == {"ten-minutes-it-ratio"}


def test_a_ranking_of_the_nouns_that_knows_the_test():
    edits = {'seen = sentences("train")': 'seen = sentences("test")'}
    assert failing(edits=edits) == {"ten-minutes-it-rank"}


def test_stored_runs_of_it_that_say_otherwise(monkeypatch):
    """One layer that can point, two that cannot, and one that prefers the noun meant."""
    stored = copy.deepcopy(attnlab.stored.load("ten_minutes"))
    for run in stored["it"]:
        run["right"] = 0.99 if (run["layers"], run["points"]) == (1, True) else 0.6
        run["mean_on_meant"], run["mean_on_other"] = 0.4, 0.1
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    names = ("one", "two", "free", "blind")
    assert failing() == {f"ten-minutes-it-{name}" for name in names}


def test_a_mixture_whose_words_say_something_else(monkeypatch):
    """Nouns speak for others, the last word for neither, and the answer does without it."""
    stored = copy.deepcopy(attnlab.stored.load("ten_minutes"))
    for run in stored["mixture"]:
        run["noun_for_itself"] = run["last_for_meant"] = 0.5
        run["right_without_last"] = 0.9
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    names = ("nouns", "votes", "without")
    assert failing() == {f"ten-minutes-it-{name}" for name in names}


def test_stored_defaults_that_say_otherwise(monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("ten_minutes"))
    for run in stored["cells"]:
        if run["by_default"] is not None:
            run["by_default"] = 0.5
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing() == {"ten-minutes-default"}


def test_the_run_that_is_shown_is_one_of_those_that_are_stored():
    (run,) = (c for c in attnlab.stored.load("ten_minutes")["cells"] if c["seed"] == 3)
    assert run["right"] == 1
    assert run["least_on_meant"] > 0.5
