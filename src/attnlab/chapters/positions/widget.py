"""Sinusoidal codes and rotary pairs: what changes with the position, and what with the distance."""

import numpy as np

from attnlab.functional.positions import BASE, rotary, sinusoidal_encoding
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Constants, Whole

MAX_POSITION, MAX_DISTANCE = 99, 28
N = MAX_POSITION + MAX_DISTANCE + 1
MAX_D_MODEL = 64


class Even(Whole):
    """A whole number that two divides. Errors: TraitError for anything else."""

    def validate(self, obj, value) -> int:
        number = super().validate(obj, value)
        if number % 2:
            self.error(obj, value, info="{name} must be even; got {value!r}")
        return number


class PositionsWidget(LabWidget):
    r"""A key at a position and a query some places after it, in both kinds of code.

    Args:
        d_model: width of the codes, 2 to 64 and even.
        position: of the key, 0 to 99.
        distance: from the key on to the query, 0 to 28.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Vaswani et al. (2017), section 3.5; Su et al. (2021), section 3.2.2.

    >>> w = PositionsWidget(position=20, distance=5)
    >>> w.code.shape, round(w.similarity, 3)
    ((128, 32), 0.736)
    >>> w.position = 90
    >>> round(w.similarity, 3)
    0.736
    """

    _front_end = "widget.js"

    d_model = Even(2, MAX_D_MODEL, default=32).tag(sync=True)
    position = Whole(0, MAX_POSITION, default=20).tag(sync=True)
    distance = Whole(0, MAX_DISTANCE, default=5).tag(sync=True)
    _constants = Constants(n=N, base=BASE)

    def __init__(self, *, d_model: int = 32, position: int = 20, distance: int = 5):
        super().__init__(d_model=d_model, position=position, distance=distance)

    @property
    def code(self) -> np.ndarray:
        """The sinusoidal code of positions 0 to 127, (128, d_model)."""
        return sinusoidal_encoding(N, self.d_model)

    @property
    def similarities(self) -> np.ndarray:
        """The cosine between the key's code and that of each position, (128,)."""
        return self.code @ self.code[self.position] / (self.d_model / 2)

    @property
    def similarity(self) -> float:
        """The cosine between the codes of the key and of the query."""
        return float(self.similarities[self.position + self.distance])

    @property
    def hands(self) -> np.ndarray:
        """Where the hands (1, 0) of key and query point once turned, (2, d_model / 2, 2)."""
        hands = np.tile([1.0, 0.0], (2, self.d_model // 2))  # (2, d_model)
        turned = rotary(hands, [self.position, self.position + self.distance])
        return turned.reshape(2, -1, 2)
