"""What attention, a recurrent layer and a convolution cost, by formula and by the clock."""

import traitlets

from attnlab.stored import load
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Constants, Whole

KERNEL = 3
LAYERS = ("attention", "RNN", "CNN")


class CostWidget(LabWidget):
    r"""Costs of one layer that takes n vectors of width d to n others.

    Args:
        n: length, 64 to 4096.
        d: width, 16 to 512.
        h: heads, 1 to 16; each has its own weights to keep.

    Counted are "attention" beside its projections, $QK^\top$ and $AV$, as in the paper's table;
    its "projections", by $W^Q$, $W^K$, $W^V$ and $W^O$; the two "together"; a tanh-RNN; and a
    convolution with a kernel of 3. Timed was attention without its projections.

    Errors: TraitError for a value out of range, here or when it is set.
    Source: Vaswani et al. (2017), table 1.

    >>> w = CostWidget(n=64, d=64, h=2)
    >>> w.multiplications["attention"] == w.multiplications["RNN"], w.numbers["attention"]
    (True, 12288)
    >>> w.multiplications["together"] // w.multiplications["RNN"]
    3
    """

    _front_end = "costs.js"

    n = Whole(64, 4096, default=512).tag(sync=True)
    d = Whole(16, 512, default=64).tag(sync=True)
    h = Whole(1, 16, default=1).tag(sync=True)
    _measured = traitlets.List().tag(sync=True)
    _constants = Constants(layers=LAYERS, kernel=KERNEL)

    def __init__(self, *, n: int = 512, d: int = 64, h: int = 1):
        rows = [
            [layer, at["n"], at["d"], ms]
            for at in load("self_attention")["times"]
            for layer, ms in at["ms"].items()
        ]
        super().__init__(n=n, d=d, h=h, _measured=rows)

    @property
    def multiplications(self) -> dict[str, int]:
        """For one sequence, forward."""
        n, d = self.n, self.d
        attention, projections = 2 * n * n * d, 4 * n * d * d
        return {
            "attention": attention,
            "projections": projections,
            "together": attention + projections,
            "RNN": 2 * n * d * d,
            "CNN": KERNEL * n * d * d,
        }

    @property
    def numbers(self) -> dict[str, int]:
        """How many must be kept for the way back: weights, and what layers and projections give."""
        n, d = self.n, self.d
        attention, projections = self.h * n * n + n * d, 4 * n * d
        return {
            "attention": attention,
            "projections": projections,
            "together": attention + projections,
            "RNN": n * d,
            "CNN": n * d,
        }

    @property
    def milliseconds(self) -> dict[str, float]:
        """What was measured at the size nearest to n and d, by their ratios, with one head."""

        def far(cell: list) -> float:
            return max(cell[1] / self.n, self.n / cell[1]) * max(cell[2] / self.d, self.d / cell[2])

        return {
            layer: min((cell for cell in self._measured if cell[0] == layer), key=far)[3]
            for layer in LAYERS
        }
