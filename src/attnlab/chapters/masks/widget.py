"""A mask to click on: what must not be seen, what is seen, and how much leaks."""

from collections.abc import Sequence

import numpy as np
import traitlets
from traitlets import TraitError

from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.functional.scores import scaled_dot_scores
from attnlab.functional.softmax import softmax
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import normals
from attnlab.widgets.traits import Constants, Row, Switch, Whole, in_order

WORDS = ("the", "old", "cat", "sat", "on", "the", "red", "mat")
N = len(WORDS)


def made_up_scores() -> np.ndarray:
    """Scores `(2n, 2n)` of queries and keys that nobody trained: standard normal numbers."""
    queries, keys = normals(2 * 2 * N * 4, 2).reshape(2, 2 * N, 4)
    return scaled_dot_scores(queries, keys)


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
    """Attention of eight tokens to each other under a rule, and a mask that may depart from it.

    The rule says what may be seen: tokens before `length`, with `causal` none that come later, and
    none that is `window` places away or more. The mask is the rule, with the cells of `flips`
    turned over. What the mask lets through and the rule does not is a leak.

    Args:
        tokens: the eight, as they are named on the page.
        scores: what a trained model gives, (16, 16): first for the eight tokens, then for padding
            at the same eight places, all as queries and as keys. Left out: made-up numbers.
        length: how many of the tokens are real, 1 to 8; those behind them are padding.
        causal: whether the future must not be seen.
        window: how far a token may look, its own place included, 1 to 8.
        flips: the cells (i, j) in which the mask departs from the rule.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set;
    ValueError for another number of tokens, or for scores that are not (16, 16) or not finite.
    Source: for causal, Vaswani et al. (2017), section 3.2.3; for the window, Beltagy, Peters and
    Cohan (2020), section 3.1.

    >>> w = MasksWidget(length=8)
    >>> w.leak, int(w.mask.sum())
    (0.0, 36)
    >>> w.flips = [(0, 7)]
    >>> round(w.leak, 3)
    0.073
    """

    _front_end = "widget.js"

    length = Whole(1, N, default=6).tag(sync=True)
    causal = Switch(True).tag(sync=True)
    window = Whole(1, N, default=N).tag(sync=True)
    flips = Cells().tag(sync=True)
    _read = traitlets.Dict().tag(sync=True)
    _constants = Constants(n=N)

    def __init__(
        self,
        tokens: Sequence[str] = WORDS,
        scores: np.ndarray | None = None,
        *,
        length: int = 6,
        causal: bool = True,
        window: int = N,
        flips: tuple = (),
    ):
        trained = scores is not None
        self._scores = np.asarray(scores if trained else made_up_scores(), dtype=float)
        if len(tokens) != N:
            raise ValueError(f"expected {N} tokens, got {len(tokens)}")
        if self._scores.shape != (2 * N, 2 * N) or not np.isfinite(self._scores).all():
            raise ValueError(
                f"expected scores of shape {(2 * N, 2 * N)}, all finite, got {self._scores.shape}"
            )
        read = {"tokens": list(tokens), "scores": self._scores.tolist(), "trained": trained}
        super().__init__(length=length, causal=causal, window=window, flips=flips, _read=read)

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
        stand = [place + N * (place >= self.length) for place in range(N)]
        return softmax(self._scores[np.ix_(stand, stand)], mask=self.mask)

    @property
    def leak(self) -> float:
        """The share of all weight that lies on cells the rule forbids; 0 if there is no weight."""
        weights = self.weights
        return float(weights[~self.rule].sum() / max(weights.sum(), 1.0))
