"""A drawing of 8 × 8 pixels, read by patches and counted by two kinds of attention."""

from functools import cache

import numpy as np
import torch
import traitlets
from torch import nn

from attnlab.chapters.images.models import stored_models
from attnlab.tasks.digits import digits
from attnlab.widgets.base import LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Real, Row, Switch, Whole

THREE = 3


class ImagesWidget(LabWidget):
    """What two small networks say of a drawing: which digit it is, and how many threes they count.

    The first reads patches of 2 × 2 pixels; for shuffled pixels it is another one, which never saw
    any others. The second counts threes among copies of the drawing, by softmax weights or by
    gates; it learned from one to four, and can't say none. All of them are stored (see
    `experiment.py`).

    Args:
        pixels: the drawing, 64 numbers from 0 to 1, row by row; if left out, a three.
        shuffled: whether the pixels change places before they are read, always the same ones.
        copies: how many copies of the drawing are counted, 1 to 4.

    Errors: TraitError for a value out of range or of the wrong type, here or when it is set.

    >>> w = ImagesWidget(copies=2)
    >>> w.digit, w.empty
    (3, False)
    >>> w.by_softmax.shape
    (4,)
    """

    _front_end = "widget.js"

    pixels = Row(Real(0, 1, default=0.0), default=(0.0,) * 64).tag(sync=True)
    shuffled = Switch(False).tag(sync=True)
    copies = Whole(1, 4, default=1).tag(sync=True)
    _stored = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        pixels: tuple[float, ...] | None = None,
        shuffled: bool = False,
        copies: int = 1,
    ):
        if pixels is None:
            pixels = tuple(_examples()[THREE])
        super().__init__(
            pixels=pixels, shuffled=shuffled, copies=copies,
            _stored={"models": _packed(), "order": _order().tolist(), "examples": _examples()},
        )  # fmt: skip

    def example(self, digit: int) -> tuple[float, ...]:
        """The pixels of the first test image of a digit, 0 to 9."""
        return tuple(self._stored["examples"][digit])

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn: there is then nothing to read or to count."""
        return not any(self.pixels)

    @property
    def read(self) -> np.ndarray:
        """The image as the network gets it, (8, 8)."""
        drawn = np.array(self.pixels)
        return (drawn[_order()] if self.shuffled else drawn).reshape(8, 8)

    @property
    def probabilities(self) -> np.ndarray:
        """Of the ten digits, (10,)."""
        model = _models()["shuffled" if self.shuffled else "plain"]
        return _said(model, torch.from_numpy(self.read)[None])

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def by_softmax(self) -> np.ndarray:
        """Probabilities of one to four threes, by softmax weights, (4,)."""
        return self._counted("softmax")

    @property
    def by_gates(self) -> np.ndarray:
        """Probabilities of one to four threes, by gates, (4,)."""
        return self._counted("gates")

    def _counted(self, pooling: str) -> np.ndarray:
        cells = torch.tensor([[self.pixels] * self.copies], dtype=torch.float64)
        return _said(_models()[pooling], cells, torch.ones(1, self.copies).bool())


@torch.no_grad()
def _said(model: nn.Module, *given: torch.Tensor) -> np.ndarray:
    return model(*given).softmax(-1)[0].numpy()


@cache
def _packed() -> dict[str, dict]:
    """What the page has of the models."""
    return {name: pack(model) for name, model in stored_models().items()}


@cache
def _models() -> dict[str, nn.Module]:
    """The models as the page has them."""
    return {name: rounded(model) for name, model in stored_models().items()}


@cache
def _order() -> np.ndarray:
    """Which pixel comes to each place, (64,), as in training."""
    rng = np.random.default_rng(0)
    rng.permutation(1300)
    return rng.permutation(64)


@cache
def _examples() -> list[list[float]]:
    """The first test image of each digit."""
    images, labels = digits("test")
    firsts = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    return images[firsts].reshape(10, 64).astype(float).tolist()
