"""Copy, reverse and sort: right targets, true alignments, splits that never meet."""

from collections import Counter

import pytest
import torch

from attnlab.tasks.rearrange import Copy, Reverse, Sort
from attnlab.tasks.vocabulary import BOS, EOS, PAD

TASKS = [Copy, Reverse, Sort]
RIGHT = {Copy: list, Reverse: lambda row: row[::-1], Sort: sorted}


def real(row):
    return [token for token in row.tolist() if token not in (PAD, EOS)]


@pytest.mark.parametrize("task", TASKS)
def test_targets_are_right(task):
    batch = task(1, 7).batch(50)
    for src, mask, tgt_in, tgt_out in zip(
        batch.src, batch.src_mask[:, 0], batch.tgt_in, batch.tgt_out, strict=True
    ):
        symbols = src[mask].tolist()
        assert 1 <= len(symbols) <= 7
        assert src[~mask].count_nonzero() == 0
        right = RIGHT[task](symbols)
        padding = [PAD] * (len(tgt_out) - len(right) - 1)
        assert tgt_out.tolist() == [*right, EOS, *padding]
        assert tgt_in.tolist() == [BOS, *right, *padding]


@pytest.mark.parametrize("task", TASKS)
def test_alignment_points_at_the_symbol(task):
    batch = task(2, 7).batch(50)
    known = batch.alignment.any(dim=2)
    assert torch.equal(known, (batch.tgt_out != PAD) & (batch.tgt_out != EOS))
    assert (batch.alignment.sum(dim=2)[known] == 1).all()
    where = batch.alignment.long().argmax(dim=2)  # (B, n)
    assert torch.equal(batch.src.gather(1, where)[known], batch.tgt_out[known])
    assert (batch.alignment.sum(dim=1) <= 1).all()  # no symbol is used twice


def test_equal_symbols_keep_their_order():
    batch = Sort(6, 6, n_symbols=2).batch(20)
    where = batch.alignment[:, :-1].long().argmax(dim=2)
    same = batch.tgt_out[:, 1:-1] == batch.tgt_out[:, :-2]
    assert ((where[:, 1:] > where[:, :-1]) | ~same).all()


def test_splits_never_meet():
    task = Copy(1, 3, n_symbols=4)
    seen = {
        split: {tuple(real(row)) for row in task.batch(2000, split=split).src}
        for split in ("train", "test")
    }
    assert not seen["train"] & seen["test"]
    assert len(seen["train"]) + len(seen["test"]) == 4 + 4**2 + 4**3


def test_all_lengths_come():
    batch = Copy(3, 5).batch(300)
    lengths = Counter(batch.src_mask.sum(dim=2).flatten().tolist())
    assert set(lengths) == {3, 4, 5}


def test_length_one():
    batch = Reverse(1, 1).batch(3)
    assert torch.equal(batch.src, batch.tgt_out[:, :1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Copy(0, 3), "min_len must be at least 1, got 0"),
        (lambda: Copy(4, 3), "max_len must be at least 4, got 3"),
        (lambda: Copy(1, 3, n_symbols=1), "n_symbols must be at least 2, got 1"),
        (lambda: Copy().batch(0), "size must be at least 1, got 0"),
        (
            lambda: Copy().batch(2, split="valid"),
            "split must be one of 'train', 'test'; got 'valid'",
        ),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()
