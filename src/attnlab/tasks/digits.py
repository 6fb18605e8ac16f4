"""Handwritten digits of 8 × 8 pixels, stored with the library.

    python -m attnlab.tasks.digits     # stores them anew, where scikit-learn is installed

They are the 1,797 images of scikit-learn's `load_digits` (BSD licence), the test set of the UCI
repository's "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998; CC BY 4.0).
"""

from functools import cache
from pathlib import Path

import numpy as np

from attnlab.functional import settings
from attnlab.tasks.split import SPLITS, Split

DIGITS_FILE = Path(__file__).with_name("digits.npz")
SIZE = 8  # pixels, both ways
DARKEST = 16
N_TRAIN = 1300  # the first ones


def digits(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Images `(n, 8, 8)` from 0 to 1, and which digits they are, `(n,)`.

    Raises:
        ValueError: another split.

    >>> images, labels = digits("test")
    >>> images.shape, labels[:5].tolist()
    ((497, 8, 8), [3, 4, 5, 6, 7])
    """
    settings.one_of(SPLITS, split=split)
    images, labels = _stored()
    part = slice(N_TRAIN) if split == "train" else slice(N_TRAIN, None)
    return images[part], labels[part]


@cache
def _stored() -> tuple[np.ndarray, np.ndarray]:
    with np.load(DIGITS_FILE) as stored:
        return stored["images"] / np.float32(DARKEST), stored["labels"].astype(np.int64)


if __name__ == "__main__":
    from sklearn.datasets import load_digits  # pyright: ignore[reportMissingImports]

    loaded = load_digits()
    np.savez_compressed(
        DIGITS_FILE,
        images=loaded["images"].astype(np.uint8),
        labels=loaded["target"].astype(np.uint8),
    )
