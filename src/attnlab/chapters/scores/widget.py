"""One query and six keys in the plane, and four answers to how alike they are."""

import numpy as np

from attnlab.functional.scores import (
    additive_scores,
    bilinear_scores,
    dot_scores,
    scaled_dot_scores,
)
from attnlab.functional.softmax import softmax
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Choice, Constants, Real, Row

LARGEST = 2.0
NAMES = "ABCDEF"
# A and B point the same way; A and F lie inside the hull of the others.
KEYS = np.array([[0.9, 0.3], [1.8, 0.6], [-0.6, 1.6], [-1.6, -0.4], [0.4, -1.5], [-0.2, 0.1]])
W = np.array([[0.0, 1.5], [-1.5, 0.0]])  # a quarter turn, and a stretch
# Two hidden units along each axis. Their difference is a bump where key and query agree, because
# the third row, met by a 1 behind the query's own numbers, moves one to each side.
W_Q = np.array([[-2.0, -2.0, 0.0, 0.0], [0.0, 0.0, -2.0, -2.0], [1.0, -1.0, 1.0, -1.0]])
W_K = np.array([[2.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 2.0]])
V = np.array([1.5, -1.5, 1.5, -1.5])


class ScoresWidget(LabWidget):
    r"""The scores of six keys for one query in the plane, and the weights that follow.

    `"bilinear"` has the matrix $W = \begin{pmatrix}0 & 1.5\\-1.5 & 0\end{pmatrix}$. `"additive"`
    has four hidden units, and reads a 1 behind the two numbers of the query: $(q_1, q_2, 1)$.

    Args:
        function: "dot", "scaled", "bilinear" or "additive".
        query: its two numbers, -2 to 2 each.
        places: where the keys A to F are, (6, 2), -2 to 2 each.
        key: the key, "A" to "F", that the sliders for one key on the page move.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Luong, Pham and Manning (2015), section 3.1; Vaswani et al. (2017), section 3.2.1;
    Bahdanau, Cho and Bengio (2015), appendix A.1.2.

    >>> w = ScoresWidget(query=(0.9, 0.3))  # where A is
    >>> w.scores.round(2)
    array([ 0.9 ,  1.8 , -0.06, -1.56, -0.09, -0.15])
    >>> w.winner
    'B'
    >>> w.function = "additive"
    >>> w.winner
    'A'
    >>> w.function, w.places = "dot", [(2, 1), *w.places[1:]]  # now A is further out than B
    >>> w.winner
    'A'
    """

    _front_end = "widget.js"

    function = Choice("dot", "scaled", "bilinear", "additive").tag(sync=True)
    query = Row(Real(-LARGEST, LARGEST, default=0.0), default=(0.9, 0.3)).tag(sync=True)
    places = Row(
        Row(Real(-LARGEST, LARGEST, default=0.0), default=(0.0, 0.0)),
        default=tuple(map(tuple, KEYS.tolist())),
    ).tag(sync=True)
    key = Choice(*NAMES).tag(sync=True)
    _constants = Constants(
        fixed={"w": W.tolist(), "w_q": W_Q.tolist(), "w_k": W_K.tolist(), "v": V.tolist()},
    )

    def __init__(
        self,
        *,
        function: str = "dot",
        query: tuple = (0.9, 0.3),
        places: tuple | np.ndarray = KEYS,
        key: str = "A",
    ):
        super().__init__(function=function, query=query, places=places, key=key)

    def scores_at(self, places: np.ndarray) -> np.ndarray:
        """The scores that keys at these places, (m, 2), would get: (m,)."""
        return scores_of(self.function, np.array([self.query]), places)[0]

    @property
    def scores(self) -> np.ndarray:
        """The score of each key, A to F, (6,)."""
        return self.scores_at(np.array(self.places))

    @property
    def weights(self) -> np.ndarray:
        """The softmax of the scores, (6,)."""
        return softmax(self.scores)

    @property
    def winner(self) -> str:
        """The name of the key with the highest score."""
        return NAMES[int(self.scores.argmax())]


def scores_of(function: str, q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """The widget's scores of queries (n, 2) and keys (m, 2): (n, m)."""
    if function == "dot":
        return dot_scores(q, k)
    if function == "scaled":
        return scaled_dot_scores(q, k)
    if function == "bilinear":
        return bilinear_scores(q, k, W)
    return additive_scores(np.insert(q, 2, 1.0, axis=1), k, W_Q, W_K, V)
