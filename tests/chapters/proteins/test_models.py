"""Maps of places, the reader of hidden letters, and what is kept of peptides."""

import sys

import numpy as np
import pytest
import torch

from attnlab.chapters.proteins import maps, peptides
from attnlab.chapters.proteins.models import MaskedReader, head_maps, jacobian_map, regression_map
from attnlab.tasks.families import Family

FAMILY = Family(0)
X = FAMILY.sample(3000, seed=1)


@pytest.mark.parametrize("method", [maps.mutual_information, maps.inverse_covariance])
def test_maps_are_symmetric_and_do_not_depend_on_the_names_of_letters(method):
    scores = method(X, 6)
    np.testing.assert_allclose(scores, scores.T, atol=1e-10)
    assert not scores.diagonal().any()
    renamed = np.array([3, 5, 0, 1, 4, 2])[X]
    np.testing.assert_allclose(method(renamed, 6), scores, atol=1e-8)


def test_mutual_information_of_a_contact_is_what_its_strength_gives():
    x = FAMILY.sample(200_000, seed=2)[:, FAMILY.chains[0]]
    s = FAMILY.together[FAMILY.chains[0][0], FAMILY.chains[0][1]]
    partner, other = (s + (1 - s) / 6) / 6, (1 - s) / 36
    expected = 6 * partner * np.log(36 * partner) + 30 * other * np.log(36 * other)
    assert maps.mutual_information(x, 6)[0, 1] == pytest.approx(expected, abs=2e-3)


def test_the_inverse_leaves_nothing_of_an_indirect_pair():
    x = FAMILY.sample(100_000, seed=3)
    scores = maps.inverse_covariance(x, 6)
    assert scores[FAMILY.indirect_map].max() < scores[FAMILY.contact_map].min()


def test_the_correction_takes_off_what_row_and_column_have():
    """A map that is a product of places has nothing else: all is taken off."""
    outer = np.outer(*[np.full(5, 2.0)] * 2) * (1 - np.eye(5))
    np.testing.assert_allclose(maps.product_corrected(outer), 0, atol=1e-12)
    pair = outer.copy()
    pair[1, 3] = pair[3, 1] = 9
    assert maps.ranked(maps.product_corrected(pair))[0] == (1, 3)


def test_precision_counts_as_many_pairs_as_there_are_contacts():
    contacts = np.zeros((4, 4), dtype=bool)
    contacts[0, 1] = contacts[1, 0] = contacts[2, 3] = contacts[3, 2] = True
    scores = np.array([[0, 5, 0, 1], [5, 0, 4, 0], [0, 4, 0, 3], [1, 0, 3, 0.0]])
    assert maps.precision(scores, contacts) == 0.5


def test_the_strongest_tree_has_no_ring():
    scores = np.array([[0, 9, 8, 1], [9, 0, 7, 2], [8, 7, 0, 3], [1, 2, 3, 0.0]])
    assert maps.strongest_tree(scores, 3) == [(0, 1), (0, 2), (2, 3)]


def test_a_head_that_looks_at_a_place_shows_in_its_map(monkeypatch):
    model = MaskedReader(24, 6, d_model=8, n_heads=2, n_layers=1)
    weights = torch.zeros(5, 2, 24, 24)
    weights[:, 1, 4, 7] = 1.0
    monkeypatch.setattr(MaskedReader, "forward", lambda self, x: (None, weights))
    found = head_maps(model, X[:5])
    assert found.shape == (2, 24, 24) and not found[0].any()
    assert found[1, 4, 7] == found[1, 7, 4] == 0.5 and found.sum() == 1


def test_a_jacobian_shows_which_letter_matters_where(monkeypatch):
    """A model that guesses at place 2 what stands at place 0."""

    def copy(self, x):
        logits = torch.zeros(*x.shape, 3)
        logits[:, 2] = torch.nn.functional.one_hot(x[:, 0], 4)[:, :3].float()
        return logits, None

    monkeypatch.setattr(MaskedReader, "forward", copy)
    x = np.random.default_rng(0).integers(3, size=(6, 4))
    found = jacobian_map(MaskedReader(4, 3, d_model=4, n_heads=1), x, 3)
    assert found[0, 2] == found[2, 0] > 0.5
    found[0, 2] = found[2, 0] = 0
    assert not found.any()


def test_a_regression_finds_the_head_that_knows():
    rng = np.random.default_rng(0)
    noise = rng.random((5, 24, 24))
    heads = noise + noise.swapaxes(1, 2)
    heads[3] += 2 * FAMILY.contact_map
    found = regression_map(heads, FAMILY.contact_map, seed=0)
    assert maps.precision(found, FAMILY.contact_map) > 0.7
    heads[3] -= 2 * FAMILY.contact_map
    found = regression_map(heads, FAMILY.contact_map, seed=0)
    assert maps.precision(found, FAMILY.contact_map) < 0.4


def test_of_copies_one_stays_and_of_contradictions_none():
    sequences = ["KE", "EK", "KE", "EK", "AA", "KE"]
    assert peptides.distinct(sequences, np.array([1, 1, 1, 0, 0, 1])).tolist() == [0, 4]


def test_peptides_are_padded_behind():
    assert peptides.as_numbers(["AC", "Y"]).tolist() == [[0, 1], [19, peptides.PADDING]]


@pytest.mark.parametrize("reader", peptides.READERS.values())
def test_padding_never_matters_to_a_reader(reader):
    torch.manual_seed(0)
    model = reader().eval()
    short = peptides.as_numbers(["ACDKKW"])
    longer = peptides.as_numbers(["ACDKKW", "A" * 15])[:1]
    torch.testing.assert_close(model(short), model(longer))


def test_without_the_extra_one_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "modlamp", None)
    monkeypatch.setitem(sys.modules, "modlamp.datasets", None)
    with pytest.raises(ModuleNotFoundError, match=r"peptides come with modlamp 4.3.3"):
        peptides.load()
