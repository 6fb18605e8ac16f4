"""The claims of `work/proteins` fail when what they say is broken.

The reader is trained once; with the other faults it is an untrained one, and its claim fails, too.
"""

import copy
from functools import partial

import numpy as np
import pytest

import attnlab.stored
from attnlab.chapters.proteins import maps, models
from attnlab.tasks import families
from tests.chapters.faults import failing_claims

FEWER = {"range(5)": "range(2)", "100_000": "20_000"}
failing = partial(failing_claims, "work/proteins.md", skip=["ProteinsWidget()"])
early = partial(failing, until="proteins-parity")
UNTRAINED = {"proteins-live"}


@pytest.fixture
def untrained(monkeypatch):
    monkeypatch.setattr(models, "train", lambda x, q, **_: models.MaskedReader(x.shape[1], q))


def test_without_a_fault_all_hold():
    assert failing(edits=FEWER) == set()


def test_a_reader_that_was_not_trained(untrained):
    assert failing(edits=FEWER) == UNTRAINED


def test_contacts_of_one_strength_mislead_nobody(monkeypatch):
    """No indirect pair is then stronger than a contact: pair by pair is good enough."""
    monkeypatch.setattr(families, "STRENGTHS", (0.6, 0.6))
    assert early(edits=FEWER) == {"proteins-information", "proteins-indirect"}


def test_a_covariance_that_is_not_inverted(monkeypatch):
    monkeypatch.setattr(maps, "inverse_covariance", maps.mutual_information)
    assert early(edits=FEWER) == {"proteins-inverse"}


def test_pairs_that_may_close_a_ring(monkeypatch):
    monkeypatch.setattr(maps, "strongest_tree", lambda scores, n: maps.ranked(scores)[:n])
    assert early(edits=FEWER) == {"proteins-tree"}


def test_wrong_pairs_that_are_accidents(monkeypatch):
    def noisy(x, q):
        noise = np.random.default_rng(0).random((24, 24))
        return maps.inverse_covariance(x, q) + 0.4 * (noise + noise.T)

    monkeypatch.setattr(maps, "mutual_information", noisy)
    assert {"proteins-indirect", "proteins-parity"} <= early(edits=FEWER)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("return (pairs * np.log(ratio))", "return (apart * np.log(ratio))"),
        ("np.where(pairs > 0, apart, 1)", "np.where(pairs > 0, alone.mean() ** 2, 1)"),
    ],
)
def test_a_line_with_a_mistake(right, wrong):
    assert early(edits=FEWER | {right: wrong}) == {"proteins-parity"}


def test_stored_results_that_say_otherwise(untrained, monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("proteins"))
    changes = {
        "early": ("readers", {"steps": 1000, "family": 2}, {"attention": 1.4}),
        "early-pairs": ("readers", {"steps": 1000}, {"indirect": 0}),
        "late": ("readers", {"steps": 3000, "family": 1}, {"attention": 0.7}),
        "jacobian": ("readers", {"steps": 1000}, {"jacobian": 0.5}),
        "head-alone": ("readers", {}, {"heads": [0.9]}),
        "counts": ("peptides", {"reader": "counts", "seed": 1}, {"right": 0.9}),
        "neighbor": ("peptides", {"reader": "neighbor"}, {"right": 0.7}),
        "order": ("peptides", {"reader": "attention", "seed": 2}, {"shuffled": 0.88}),
    }  # fmt: skip
    for group, where, change in changes.values():
        for run in stored[group]:
            if where.items() <= run.items():
                run.update(change)
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing(edits=FEWER) == {f"proteins-{name}" for name in changes} | UNTRAINED
