"""The scenes, heaps and networks of the chapter on images."""

import numpy as np
import pytest
import torch

from attnlab.chapters.images.models import MIDDLE, Counter, Onlooker, patches
from attnlab.chapters.images.scenes import N_TEXTURES, PALE, heaps, scenes, textures
from attnlab.chapters.images.training import looks_at, nearest
from attnlab.tasks.digits import digits


def test_patches_refuse_what_they_cannot_cut():
    with pytest.raises(ValueError, match=r"sides that p = 3 divides, got \(1, 8, 9\)"):
        patches(torch.zeros(1, 8, 9), 3)


def kind_of(ground: np.ndarray) -> int:
    """The texture that agrees with most pixels, shifted as fits best."""
    shifts = np.indices((12, 12)).reshape(2, -1).T
    agreeing = [
        (textures(shifts, np.full(144, kind), len(ground)) == ground / PALE).mean((1, 2)).max()
        for kind in range(N_TEXTURES)
    ]
    return int(np.argmax(agreeing))


def test_a_scene_asks_for_the_texture_of_one_quarter():
    """The middle repeats the texture of the asked quarter, up to a shift, and of no other."""
    s = scenes(20, np.random.default_rng(3))
    for image, asked in zip(s.images.numpy(), s.asked.tolist(), strict=True):
        corners = [image[:16, :16], image[:16, 16:], image[16:, :16], image[16:, 16:]]
        there = [kind_of(corner) == kind_of(image[12:20, 12:20]) for corner in corners]
        assert there == [quarter == asked for quarter in range(4)]


def test_heaps_hold_as_many_threes_as_they_say():
    h = heaps(50, np.random.default_rng(0), "test")
    images, labels = digits("test")
    of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    for cells, there, target in zip(h.cells.numpy(), h.there.numpy(), h.targets, strict=True):
        found = [of[cell.tobytes()] for cell in cells[there]]
        assert found.count(3) == target + 1
        assert not cells[~there].any()
    assert heaps(5, np.random.default_rng(0), full=True).there.all()


@pytest.mark.parametrize("pooling", ["softmax", "mean", "gates", "sum"])
def test_empty_cells_do_not_count(pooling):
    torch.manual_seed(0)
    model, cells = Counter(pooling), torch.rand(3, 7, 64)
    there = torch.arange(7) < torch.tensor([[2], [5], [7]])
    before = model(cells, there)
    cells[~there] = 5.0
    torch.testing.assert_close(model(cells, there), before)


def test_the_middle_alone_sees_nothing_but_itself():
    torch.manual_seed(0)
    cells = torch.rand(2, 32, 8, 8)
    other = cells.clone().flatten(2)
    far = [i for i in range(64) if i not in MIDDLE]
    other[:, :, far] = 0.0
    other = other.reshape(cells.shape)
    alone, block = (Onlooker(block=b, reading="middle") for b in (False, True))
    torch.testing.assert_close(alone(cells)[0], alone(other)[0])
    assert (block(cells)[0] - block(other)[0]).abs().max() > 1e-3


def test_where_the_middle_looks():
    even = torch.full((4, 64, 64), 1 / 64)
    torch.testing.assert_close(looks_at(even, torch.arange(4)), torch.full((4,), 15 / 64))
    one = torch.zeros(1, 64, 64)
    one[:, :, 63] = 1.0  # the last cell lies in the last quarter
    assert [looks_at(one, torch.tensor([q])).item() for q in range(4)] == [0, 0, 0, 1]


def test_the_nearest_neighbor_does_not_care_for_order():
    images, labels = digits("train")
    asked, _ = digits("test")
    order = np.random.default_rng(0).permutation(64)
    mixed = [x.reshape(-1, 64)[:, order].reshape(-1, 8, 8) for x in (images, asked)]
    assert (nearest(images, labels, asked) == nearest(mixed[0], labels, mixed[1])).all()
