"""A soft look-up among points of the plane: their x are the keys, their y the values."""

import math

import numpy as np

from attnlab.functional.scores import gaussian_scores
from attnlab.functional.softmax import entropy, softmax
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Real, Row, Whole

MAX_X, MAX_Y = 6.0, 2.0
# Twelve readings of sin(1.5 x) with an error of 0.35, about half an hour apart.
X = (0.35, 0.7, 1.1, 1.58, 2.39, 2.92, 3.29, 3.83, 4.24, 4.89, 5.34, 5.5)
Y = (-0.31, 0.79, 0.56, 0.44, -0.62, -1.06, -0.83, -0.15, 0.03, 1.35, 0.76, 1.05)
N_POINTS = len(X)


class LookupWidget(LabWidget):
    r"""The mean of the points' y, weighted by a Gaussian of their x around the query.

    Args:
        x: the keys, 12 numbers from 0 to 6.
        y: the values, 12 numbers from -2 to 2.
        query: where to look, 0 to 6.
        width: $\sigma$, 0.05 to 3.
        point: the point, 0 to 11, that the sliders for one point on the page move.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Nadaraya (1964), "On estimating regression"; Watson (1964), "Smooth regression
    analysis".

    >>> w = LookupWidget(query=1.1, width=0.05)
    >>> round(w.context, 2), w.y[2]
    (0.56, 0.56)
    >>> w.width = 3
    >>> round(w.keys_in_effect, 1)
    11.3
    """

    _front_end = "widget.js"

    x = Row(Real(0.0, MAX_X, default=0.0), default=X).tag(sync=True)
    y = Row(Real(-MAX_Y, MAX_Y, default=0.0), default=Y).tag(sync=True)
    query = Real(0.0, MAX_X, default=2.0).tag(sync=True)
    width = Real(0.05, 3.0, default=1.0).tag(sync=True)
    point = Whole(0, N_POINTS - 1, default=5).tag(sync=True)

    def __init__(
        self,
        *,
        x: tuple = X,
        y: tuple = Y,
        query: float = 2.0,
        width: float = 1.0,
        point: int = 5,
    ):
        super().__init__(x=x, y=y, query=query, width=width, point=point)

    @property
    def weights(self) -> np.ndarray:
        """The weight of each point for the query, (12,)."""
        return softmax(self._scores(np.array([self.query])))[0]

    @property
    def context(self) -> float:
        """What the look-up returns for the query."""
        return float(self.weights @ np.array(self.y))

    @property
    def keys_in_effect(self) -> float:
        """$e^H$, where $H$ is the entropy of the weights."""
        return math.exp(float(entropy(self.weights)))

    @property
    def error_left_out(self) -> float:
        """Root mean square of what the look-up misses each value by, the point itself left out."""
        return self._error(~np.eye(N_POINTS, dtype=bool))

    @property
    def error_kept_in(self) -> float:
        """The same with every point kept in, and so answering for itself too."""
        return self._error(None)

    def _scores(self, queries: np.ndarray) -> np.ndarray:
        return gaussian_scores(queries[:, None], np.array(self.x)[:, None], width=self.width)

    def _error(self, mask: np.ndarray | None) -> float:
        y = np.array(self.y)
        found = softmax(self._scores(np.array(self.x)), mask=mask) @ y
        return float(np.sqrt(np.mean((found - y) ** 2)))
