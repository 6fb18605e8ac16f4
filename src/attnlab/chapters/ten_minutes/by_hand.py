"""One look-up with a query and three keys of two numbers each, every multiplication shown."""

import numpy as np

from attnlab.functional.scores import dot_scores
from attnlab.functional.softmax import softmax
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Choice, Constants, Real, Row

LARGEST = 2.0
NAMES = "ABC"
QUERY = (1.2, 0.8)
KEYS = ((1.6, 0.4), (0.4, 1.6), (-1.2, -0.6))
VALUES = ((10, 0), (0, 10), (5, 5))


class ByHandWidget(LabWidget):
    r"""One query, three keys A to C in the plane, and what is read of their values.

    The values are $(10, 0)$, $(0, 10)$ and $(5, 5)$.

    Args:
        query: its two numbers, -2 to 2 each.
        places: where the keys A to C are, (3, 2), -2 to 2 each.
        point: what the two sliders on the page move, "query", "A", "B" or "C".

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.

    >>> w = ByHandWidget(query=(0, 2), places=[(0, 1), (0, 1), (0, -1)])
    >>> w.products
    array([ 2.,  2., -2.])
    >>> w.weights.round(2), w.read.round(2)
    (array([0.49, 0.49, 0.03]), array([5., 5.]))
    """

    _front_end = "by_hand.js"

    query = Row(Real(-LARGEST, LARGEST, default=0.0), default=QUERY).tag(sync=True)
    places = Row(Row(Real(-LARGEST, LARGEST, default=0.0), default=(0.0, 0.0)), default=KEYS).tag(
        sync=True
    )
    point = Choice("query", *NAMES).tag(sync=True)
    _constants = Constants(values=VALUES)

    def __init__(
        self, *, query: tuple = QUERY, places: tuple | np.ndarray = KEYS, point: str = "query"
    ):
        super().__init__(query=query, places=places, point=point)

    @property
    def products(self) -> np.ndarray:
        """The dot product of the query with each key, (3,)."""
        return dot_scores(np.array([self.query]), np.array(self.places))[0]

    @property
    def weights(self) -> np.ndarray:
        """The share of each value in what is read, (3,)."""
        return softmax(self.products / np.sqrt(len(self.query)))

    @property
    def read(self) -> np.ndarray:
        """The mean of the values with these weights, (2,)."""
        return self.weights @ np.array(VALUES, dtype=float)
