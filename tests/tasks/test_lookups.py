"""Several look-ups at once, and what one set of weights can know of them."""

import pytest
import torch

from attnlab.tasks.lookups import Lookups

TASK = Lookups(n_lookups=3, n_pairs=5, n_keys=11, n_values=7)


def test_answers_belong_to_the_keys_that_are_asked():
    batch = TASK.batch(50)
    where = batch.alignment.long().argmax(dim=2)  # (B, L)
    assert (batch.alignment.sum(dim=2) == 1).all()
    assert torch.equal(batch.keys.gather(1, where), batch.asked)
    assert torch.equal(batch.values.gather(1, where), batch.targets)


def test_keys_differ_and_so_do_questions():
    batch = TASK.batch(50)
    for rows in (batch.keys, batch.asked):
        assert (rows.sort(dim=1).values.diff(dim=1) > 0).all()
    assert batch.keys.max() == 10
    assert batch.values.max() == 6


def test_every_pair_is_asked_for_in_every_place():
    assert TASK.batch(300).alignment.any(dim=0).all()


def test_splits_never_meet():
    task = Lookups(n_lookups=1, n_pairs=2, n_keys=3, n_values=2)
    seen = {}
    for split in ("train", "test"):
        batch = task.batch(500, split=split)
        seen[split] = {tuple(row) for row in torch.cat([batch.keys, batch.values], 1).tolist()}
    assert not seen["train"] & seen["test"]
    assert len(seen["train"]) + len(seen["test"]) == 3 * 2 * 2**2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_lookups": 0}, "n_lookups must be at least 1, got 0"),
        ({"n_lookups": 5, "n_pairs": 4}, "n_pairs must be at least 5, got 4"),
        ({"n_pairs": 17}, "n_keys must be at least 17, got 16"),
        ({"n_values": 1}, "n_values must be at least 2, got 1"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Lookups(**settings)


def test_wrong_batches():
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        TASK.batch(0)
