"""Six words to move about: what goes with them, and what changes once places have a code."""

from contextlib import suppress

import numpy as np
from traitlets import TraitError

from attnlab.functional.attention import attention
from attnlab.functional.positions import BASE, sinusoidal_encoding
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Constants, Row, Switch, Whole, in_order

WORDS = ("the", "dog", "bites", "the", "small", "man")
N = len(WORDS)
D = 4  # d_model, d_k and d_v
SEED = 4
FIRST = tuple(range(N))


def vectors_and_matrices() -> tuple[np.ndarray, np.ndarray]:
    """A vector for each word of the first order, `(N, D)`, equal words alike; W_Q, W_K and W_V."""
    numbers = normals((N + 3 * D) * D, SEED).reshape(-1, D)
    X = numbers[[WORDS.index(word) for word in WORDS]]
    return X, numbers[N:].reshape(3, D, D) / np.sqrt(D)


class Order(Row):
    """The numbers from 0 to `N - 1`, each of them once, as a tuple.

    Errors: TraitError for anything else.
    """

    refusal = "{name} must have each whole number from {item.min} to {item.max} once; got {value!r}"

    def __init__(self):
        super().__init__(Whole(0, N - 1, default=0), default=FIRST)

    def validate(self, obj, value) -> tuple:
        order = ()
        with suppress(TypeError, TraitError):
            order = tuple(self.item.validate(obj, number) for number in in_order(value))
        if sorted(order) != list(FIRST):
            self.error(obj, value)
        return order


class SelfAttentionWidget(LabWidget):
    """Self-attention of six words in an order of the reader's, with a code for places or without.

    Args:
        order: the words from left to right, as numbers from 0 to 5 that they have in the first
            order.
        places: whether a sinusoidal code for its place is added to each word's vector.

    Errors: TraitError for an order in which a number is missing, or a value of the wrong type, here
        or when it is set.
    Source: Vaswani et al. (2017), sections 3.2.1 and 3.5.

    >>> w = SelfAttentionWidget(order=(0, 5, 2, 3, 4, 1))
    >>> " ".join(w.words), w.error < 1e-12
    ('the man bites the small dog', True)
    >>> w.places = True
    >>> w.error > 0.1
    True
    """

    _front_end = "widget.js"

    order = Order().tag(sync=True)
    places = Switch(False).tag(sync=True)
    _constants = Constants(words=WORDS, d=D, seed=SEED, base=BASE)

    def __init__(self, *, order: tuple = FIRST, places: bool = False):
        super().__init__(order=order, places=places)

    @property
    def words(self) -> tuple[str, ...]:
        """The words from left to right."""
        return tuple(WORDS[i] for i in self.order)

    @property
    def weights(self) -> np.ndarray:
        """Who attends to whom, (6, 6), rows and columns from left to right."""
        return self._attend(self.order)[1]

    @property
    def contexts(self) -> np.ndarray:
        """What each word gets, (6, 4), from left to right."""
        return self._attend(self.order)[0]

    @property
    def error(self) -> float:
        """How much a context differs at most from that of the same word in the first order."""
        moved = self._attend(FIRST)[0][list(self.order)]
        return float(np.abs(self.contexts - moved).max())

    @property
    def weight_error(self) -> float:
        """How much a weight differs at most from that of the same two words in the first order."""
        moved = self._attend(FIRST)[1][np.ix_(self.order, self.order)]
        return float(np.abs(self.weights - moved).max())

    def _attend(self, order: tuple) -> tuple[np.ndarray, np.ndarray]:
        X, (W_Q, W_K, W_V) = vectors_and_matrices()
        X = X[list(order)]
        if self.places:
            X = X + sinusoidal_encoding(N, D)
        return attention(X @ W_Q, X @ W_K, X @ W_V)
