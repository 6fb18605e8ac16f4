"""The stored digits: what they are, and that the splits have nothing in common."""

import numpy as np
import pytest

from attnlab.tasks.digits import digits


def test_images_are_those_of_the_known_set():
    images, labels = (
        np.concatenate(parts) for parts in zip(digits("train"), digits("test"), strict=True)
    )
    assert images.shape == (1797, 8, 8) and images.min() == 0 and images.max() == 1
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert labels[:10].tolist() == list(range(10))


def test_no_image_is_in_both_splits():
    train, test = ({image.tobytes() for image in digits(split)[0]} for split in ("train", "test"))
    assert not train & test


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="split must be one of 'train', 'test'"):
        digits("all")
