"""How far from 0 the mean of n random numbers is."""

from attnlab.widgets.base import LabWidget
from attnlab.widgets.traits import Whole


class TranslationWidget(LabWidget):
    r"""The size of the mean of n standard normal numbers.

    Args:
        n: how many numbers, 1 to 100.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.

    >>> TranslationWidget(n=25).size
    0.2
    """

    _front_end = "widget.js"

    n = Whole(1, 100, default=10).tag(sync=True)

    def __init__(self, *, n: int = 10):
        super().__init__(n=n)

    @property
    def size(self) -> float:
        """The root of the mean square of such means."""
        return self.n**-0.5
