"""Families of made-up proteins: what goes together, and how strongly."""

from itertools import pairwise

import numpy as np
import pytest

from attnlab.tasks.families import CHAINS, STRENGTHS, Family


@pytest.mark.parametrize("seed", range(3))
def test_contacts_lie_along_the_chains(seed):
    family = Family(seed)
    assert [len(chain) for chain in family.chains] == list(CHAINS)
    pairs = {frozenset(pair) for chain in family.chains for pair in pairwise(chain)}
    assert {frozenset((i, j)) for i, j, _ in family.contacts} == pairs
    assert all(STRENGTHS[0] <= s <= STRENGTHS[1] for *_, s in family.contacts)
    assert family.contact_map.sum() == 2 * len(pairs) == 28


def test_what_goes_together_is_a_product_along_the_chain():
    family = Family(3)
    strength = {frozenset((i, j)): s for i, j, s in family.contacts}
    chain = family.chains[0]
    steps = [strength[frozenset(pair)] for pair in pairwise(chain)]
    assert family.together[chain[0], chain[3]] == pytest.approx(np.prod(steps[:3]))
    assert family.together[chain[4], chain[1]] == pytest.approx(np.prod(steps[1:]))
    assert family.together[chain[0], family.chains[1][0]] == 0


def test_a_pair_is_in_contact_or_indirect_or_neither():
    family = Family(1)
    assert not (family.contact_map & family.indirect_map).any()
    expected = sum(n * (n - 1) // 2 - (n - 1) for n in CHAINS)
    assert family.indirect_map.sum() == 2 * expected


def test_samples_go_together_as_strongly_as_they_should():
    """For each two places the best of all maps of letters holds as often as the strength says."""
    family = Family(0, n_letters=4)
    x = family.sample(40_000, seed=0)
    assert np.allclose(np.bincount(x.ravel()) / x.size, 0.25, atol=0.01)
    for i, j in [(chain[0], chain[k]) for chain in family.chains for k in (1, 2)]:
        pairs = np.zeros((4, 4))
        np.add.at(pairs, (x[:, i], x[:, j]), 1 / len(x))
        s = family.together[i, j]
        assert pairs.max(axis=1).sum() == pytest.approx(s + (1 - s) / 4, abs=0.015)


def test_the_same_seeds_give_the_same_sequences():
    first, again = (Family(2).sample(50, seed=1) for _ in range(2))
    assert (first == again).all()
    assert (first != Family(2).sample(50, seed=2)).any()
    assert (first != Family(1).sample(50, seed=1)).any()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"length": 18}, ValueError, "length must be at least 19"),
        ({"n_letters": 1}, ValueError, "n_letters must be at least 2"),
        ({"length": 24.0}, TypeError, "length"),
    ],
)
def test_bad_input_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        Family(**options)


def test_a_family_needs_at_least_one_sequence():
    with pytest.raises(ValueError, match="n must be at least 1"):
        Family().sample(0, seed=0)
