"""What the width of a query and a key does to the weights, with and without the division."""

import math
from functools import cache

import numpy as np

from attnlab.functional.scores import dot_scores, scaled_dot_scores
from attnlab.functional.softmax import entropy, softmax, softmax_jacobian
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Constants, Switch, Whole

MAX_D_K = 512
N_KEYS = N_QUERIES = 64


class ScalingWidget(LabWidget):
    r"""One of 64 queries over 64 keys, all of standard normal numbers, of which `d_k` count.

    Args:
        d_k: width of the query and the keys, 1 to 512.
        scaled: divide the scores by $\sqrt{d_k}$.
        query: which of the queries, 0 to 63.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Vaswani et al. (2017), section 3.2.1, footnote 4.

    >>> w = ScalingWidget(d_k=64)
    >>> w
    ScalingWidget(d_k=64, scaled=False, query=0)
    >>> w.weights.shape, round(w.entropy_ratio, 2)
    ((64,), 0.04)
    >>> w.scaled = True
    >>> round(w.entropy_ratio, 2)
    0.9
    """

    _front_end = "widget.js"

    d_k = Whole(1, MAX_D_K, default=64).tag(sync=True)
    scaled = Switch(False).tag(sync=True)
    query = Whole(0, N_QUERIES - 1, default=0).tag(sync=True)
    _constants = Constants(n_keys=N_KEYS)

    def __init__(self, *, d_k: int = 64, scaled: bool = False, query: int = 0):
        super().__init__(d_k=d_k, scaled=scaled, query=query)

    @property
    def weights(self) -> np.ndarray:
        """The weight of each key, (64,)."""
        queries, keys = queries_and_keys()
        q, k = queries[self.query, None, : self.d_k], keys[:, : self.d_k]  # (1, d_k), (64, d_k)
        return softmax(scaled_dot_scores(q, k) if self.scaled else dot_scores(q, k))[0]

    @property
    def entropy_ratio(self) -> float:
        """Entropy of the weights over ln 64: 1 when all keys share alike, 0 when one takes all."""
        return float(entropy(self.weights)) / math.log(N_KEYS)

    @property
    def jacobian_norm(self) -> float:
        """Frobenius norm of the softmax Jacobian: how much of a gradient passes to the scores."""
        return float(np.linalg.norm(softmax_jacobian(self.weights)))


@cache
def queries_and_keys() -> tuple[np.ndarray, np.ndarray]:
    """The queries (64, 512) and the keys (64, 512), the same in the browser."""
    numbers = normals((N_QUERIES + N_KEYS) * MAX_D_K, seed=0).reshape(-1, MAX_D_K)
    return numbers[:N_QUERIES], numbers[N_QUERIES:]
