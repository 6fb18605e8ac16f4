"""A stack of convolutions: what one output sees on paper, and what it sees in effect."""

import numpy as np

from attnlab.nn.convolution import effective_width, expected_influence, receptive_field
from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Constants, Switch, Whole

N = 65  # positions
MAX_LAYERS = 8


class OddWhole(Whole):
    """A whole odd number from `low` to `high`: a kernel with a center.

    Errors: TraitError for anything else.
    """

    def validate(self, obj, value) -> int:
        number = super().validate(obj, value)
        if number % 2 == 0:
            self.error(obj, value, info="{name} must be odd; got {value!r}")
        return number


class ConvolutionWidget(LabWidget):
    """Which of 65 inputs one output of a stack of convolutions sees, and how strongly.

    The strengths are those of `attnlab.nn.convolution.expected_influence`, the mean over random
    weights.

    Args:
        kernel: how many inputs each position of a layer reads: 3, 5 or 7.
        layers: 1 to 8.
        doubling: whether the dilation is 1, 2, 4, … from layer to layer, or always 1.
        output: the position whose output is looked at, 0 to 64.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.
    Source: Luo, Li, Urtasun and Zemel (2016), section 2.2.

    >>> w = ConvolutionWidget(layers=8)
    >>> w.field, round(w.width, 1), (w.influence > 0).sum().item()
    (17, 9.2, 17)
    >>> w.doubling = True
    >>> w.field
    511
    """

    _front_end = "widget.js"

    kernel = OddWhole(3, 7, default=3).tag(sync=True)
    layers = Whole(1, MAX_LAYERS, default=4).tag(sync=True)
    doubling = Switch(False).tag(sync=True)
    output = Whole(0, N - 1, default=32).tag(sync=True)
    _constants = Constants(n=N)

    def __init__(
        self, *, kernel: int = 3, layers: int = 4, doubling: bool = False, output: int = 32
    ):
        super().__init__(kernel=kernel, layers=layers, doubling=doubling, output=output)

    @property
    def dilations(self) -> list[int]:
        """How many steps lie between what each layer reads, one for each layer."""
        return [2**layer if self.doubling else 1 for layer in range(self.layers)]

    @property
    def field(self) -> int:
        """The theoretical receptive field, in inputs; it may be larger than the sequence."""
        return receptive_field(dilations=self.dilations, kernel=self.kernel)

    @property
    def influence(self) -> np.ndarray:
        """Each input's share of the influence on the output, (65,), sum 1."""
        shares = expected_influence(N, self.output, dilations=self.dilations, kernel=self.kernel)
        return shares.numpy()

    @property
    def width(self) -> float:
        """The effective receptive field: four standard deviations of the influence."""
        shares = expected_influence(N, self.output, dilations=self.dilations, kernel=self.kernel)
        return effective_width(shares)

    @property
    def weakest(self) -> float:
        """The smallest influence of the inputs that are seen, over the largest."""
        influence = self.influence
        return float(influence[influence > 0].min() / influence.max())
