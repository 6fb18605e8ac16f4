"""Scenes: what is in them, where it is, and that no pair of the tests was ever trained."""

import numpy as np
import pytest
import torch

from attnlab.chapters.captions.scenes import (
    FARTHEST,
    VOCABULARY,
    Scenes,
    cells_of,
    drawn,
    pairs,
    relation,
)
from attnlab.tasks.digits import digits


def batch_with(known=True, **options):
    return Scenes(known).batch(300, generator=torch.Generator().manual_seed(0), **options)


def said(batch) -> list[tuple[int, int]]:
    return [tuple(row) for row in (batch.tgt_out[:, [0, 2]] - 4).tolist()]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("split", ["train", "test"])
def test_pairs_are_those_of_their_kind_in_either_order(known, split):
    assert set(said(batch_with(known, split=split))) <= set(pairs(known))


def test_known_and_new_pairs_are_all_there_are_and_every_digit_has_two_new_partners():
    assert len({*pairs(True), *pairs(False)}) == 100
    for place in (0, 1):
        counts = np.bincount([pair[place] for pair in pairs(False)], minlength=10)
        assert counts.tolist() == [2] * 10
    assert {(b, a) for a, b in pairs(False)} == set(pairs(False))


def test_a_pictures_ink_is_that_of_two_images_of_its_split():
    images, labels = digits("test")
    batch = batch_with(split="test")
    for picture, (a, b) in zip(batch.src[:50], said(batch), strict=False):
        sums = [images[labels == digit].sum((1, 2)) for digit in (a, b)]
        gaps = sums[0][:, None] + sums[1] - picture.sum().item()
        assert np.abs(gaps).min() < 1e-3  # no overlap, nothing cut off


def test_the_words_say_who_is_above_or_left_of_whom():
    batch = batch_with()
    above, left = VOCABULARY.encode(["above", "left of"])
    place = torch.arange(36)
    rows, columns = place // 6, place % 6
    for words, cells in zip(batch.tgt_out, batch.alignment, strict=True):
        first, second = cells[0], cells[2]
        gaps = [
            where[second].float().mean() - where[first].float().mean() for where in (rows, columns)
        ]
        assert words[1] in (above, left)
        assert gaps[int(words[1] == left)] > 0
    assert batch.tgt_in[:, 1:].equal(batch.tgt_out[:, :-1])


def test_where_one_digit_lies_farther_down_than_across_it_is_above():
    corners = torch.tensor([[[0, 0], [9, 8]], [[0, 0], [8, 9]], [[9, 3], [0, 0]]])
    assert relation(corners).tolist() == [0, 1, 0]


@pytest.mark.parametrize(("corner", "cells"), [((0, 0), [0, 1, 6, 7]), ((2, 3), [1, 2, 7, 8])])
def test_a_box_holds_the_cells_whose_middles_it_holds(corner, cells):
    """At (2, 3) the middle 2 is on the box's first row of pixels, and 10 is behind its last."""
    assert cells_of(torch.tensor(corner)).nonzero().flatten().tolist() == cells


def test_digits_are_drawn_where_their_corners_are():
    images = torch.rand(3, 2, 8, 8)
    corners = torch.tensor([[[0, 0], [16, 16]], [[3, 5], [11, 5]], [[7, 16], [7, 0]]])
    pictures = drawn(images, corners)
    for picture, both, places in zip(pictures, images, corners.tolist(), strict=True):
        for image, (y, x) in zip(both, places, strict=True):
            assert torch.equal(picture[y : y + 8, x : x + 8], image)
    assert corners.max() == FARTHEST


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 0}, ValueError, "size must be at least 1, got 0"),
        ({"size": 2.5}, TypeError, "size must be an integer"),
        ({"size": 2, "split": "all"}, ValueError, "split must be one of"),
    ],
)
def test_bad_input_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        Scenes().batch(**options)
