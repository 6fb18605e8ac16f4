"""A mask to click on: what must not be seen, what is seen, and how much leaks."""

import numpy as np
from traitlets import TraitError

from attnlab.functional.attention import attention
from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Constants, Row, Switch, Whole, in_order

WORDS = ("the", "old", "cat", "sat", "on", "the", "red", "mat")
N = len(WORDS)
D_K = 4
SEED = 2


def queries_and_keys() -> tuple[np.ndarray, np.ndarray]:
    """One query and one key for each word, `(n, d_k)` each: standard normal numbers."""
    numbers = normals(2 * N * D_K, SEED).reshape(2, N, D_K)
    return numbers[0], numbers[1]


class Cells(Row):
    """Pairs (i, j) from 0 to `N - 1`, as a sorted tuple in which none occurs twice.

    Errors: TraitError for anything else.
    """

    refusal = (
        "{name} must be pairs (i, j) of whole numbers from {item.min} to {item.max}; got {value!r}"
    )

    def __init__(self):
        super().__init__(Whole(0, N - 1, default=0), default=())

    def validate(self, obj, value) -> tuple:
        try:  # a set of cells will do, since it is sorted; a cell has an order
            given = value if isinstance(value, set | frozenset) else in_order(value)
            cells = [tuple(self.item.validate(obj, i) for i in in_order(cell)) for cell in given]
        except (TypeError, TraitError):
            self.error(obj, value)
        if not all(len(cell) == 2 for cell in cells):
            self.error(obj, value)
        return tuple(sorted(set(cells)))


class MasksWidget(LabWidget):
    """Attention of eight words to each other under a rule, and a mask that may depart from it.

    The rule says what may be seen: words before `length`, with `causal` none that come later, and
    none that is `window` words away or more. The mask is the rule, with the cells of `flips` turned
    over. What the mask lets through and the rule does not is a leak.

    Args:
        length: how many of the words are real, 1 to 8; those behind them are padding.
        causal: whether the future must not be seen.
        window: how far a word may look, its own place included, 1 to 8.
        flips: the cells (i, j) in which the mask departs from the rule.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: for causal, Vaswani et al. (2017), section 3.2.3; for the window, Beltagy, Peters and
    Cohan (2020), section 3.1.

    >>> w = MasksWidget(length=8)
    >>> w.leak, int(w.mask.sum())
    (0.0, 36)
    >>> w.flips = [(0, 7)]
    >>> round(w.leak, 3)
    0.072
    """

    _front_end = "widget.js"

    length = Whole(1, N, default=6).tag(sync=True)
    causal = Switch(True).tag(sync=True)
    window = Whole(1, N, default=N).tag(sync=True)
    flips = Cells().tag(sync=True)
    _constants = Constants(words=WORDS, d_k=D_K, seed=SEED)

    def __init__(
        self,
        *,
        length: int = 6,
        causal: bool = True,
        window: int = N,
        flips: tuple = (),
    ):
        super().__init__(length=length, causal=causal, window=window, flips=flips)

    @property
    def rule(self) -> np.ndarray:
        """What may be seen, (8, 8): True where query i may attend to key j."""
        rule = padding_mask([self.length], N)[0] & window_mask(N, self.window)
        return rule & causal_mask(N) if self.causal else rule

    @property
    def mask(self) -> np.ndarray:
        """What is seen, (8, 8): the rule, with the flipped cells turned over."""
        mask = self.rule
        for cell in self.flips:
            mask[cell] = not mask[cell]
        return mask

    @property
    def weights(self) -> np.ndarray:
        """The weights under the mask, (8, 8); a row that may attend to nothing is 0."""
        q, k = queries_and_keys()
        return attention(q, k, k, mask=self.mask)[1]

    @property
    def leak(self) -> float:
        """The share of all weight that lies on cells the rule forbids; 0 if there is no weight."""
        weights = self.weights
        return float(weights[~self.rule].sum() / max(weights.sum(), 1.0))
