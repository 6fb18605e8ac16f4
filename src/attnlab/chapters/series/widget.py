"""A window that slides over sixty years of the sea off Peru, and four forecasts of the next one."""

import numpy as np
import torch
import traitlets

from attnlab.chapters.series.forecasts import apply_linear, continue_series, repeat_season
from attnlab.chapters.series.models import Forecaster
from attnlab.chapters.series.windows import ENDS, series
from attnlab.widgets.base import LabWidget
from attnlab.widgets.normals import uniforms
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Constants, Switch, Whole

SERIES = series("elnino")
N, PAST, FUTURE = len(SERIES.values), SERIES.past, SERIES.future
METHODS = ("season", "autoregression", "ridge", "attention")


class SeriesWidget(LabWidget):
    """What four methods forecast from four years of sea temperatures, for the year after.

    Args:
        attention: a trained `Forecaster` of 12 months from 48, with one layer.
        phi: the numbers of an autoregression, the constant last.
        weights: those of a ridge regression, `(49, 12)`.
        start: the first month of the past, counted from January 1950; at the end of the series the
            future is not known, or in part.
        shuffled: whether the months of the past come in another order, all but the last.

    Numbers are rounded as the page has them: those of the attention to 12 bits, others to 4 places.

    Errors: TraitError for a start out of range, here or when it is set; ValueError for a model, an
    autoregression or weights of another kind.

    >>> w = SeriesWidget(Forecaster(48, 12, patch=12), np.array([1.0, 0]), np.zeros((49, 12)))
    >>> w.past.shape, w.truth.shape, w.forecasts["ridge"].shape
    ((48,), (12,), (12,))
    """

    _front_end = "widget.js"

    start = Whole(0, N - PAST, default=516).tag(sync=True)
    shuffled = Switch(False).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _constants = Constants(
        values=SERIES.values.tolist(), first_year=1950, season=SERIES.season, past=PAST,
        future=FUTURE, mean=SERIES.mean, size=SERIES.size, ends=[int(e * N) for e in ENDS.values()],
    )  # fmt: skip

    def __init__(
        self,
        attention: Forecaster,
        phi: np.ndarray,
        weights: np.ndarray,
        *,
        start: int = 516,
        shuffled: bool = False,
    ):
        if not isinstance(attention, Forecaster) or not attention.plain:
            raise ValueError(
                "attention must be a Forecaster with one layer, learned positions and all tokens "
                f"read, from the last value; got {attention}"
            )
        if np.ndim(phi) != 1 or not 2 <= len(phi) <= PAST + 1:
            raise ValueError(f"phi must be 2 to {PAST + 1} numbers; got shape {np.shape(phi)}")
        if np.shape(weights) != (PAST + 1, FUTURE):
            raise ValueError(
                f"weights must have shape {(PAST + 1, FUTURE)}; got {np.shape(weights)}"
            )
        self._attention = rounded(attention)
        self._phi, self._weights = np.round(phi, 4), np.round(weights, 4)
        packed = {
            "n_heads": attention.encoder.n_heads, "n_layers": 1, "norm": "pre",
            "eps": attention.encoder.layers[0].self_attention_norm.eps, "patch": attention.patch,
            **pack(attention),
        }  # fmt: skip
        super().__init__(
            start=start, shuffled=shuffled,
            _models={
                "attention": packed, "phi": self._phi.tolist(), "weights": self._weights.tolist()
            },
        )  # fmt: skip

    @property
    def past(self) -> np.ndarray:
        """What the methods see, in °C: `(48,)`."""
        past = SERIES.values[self.start : self.start + PAST]
        if not self.shuffled:
            return past
        return np.append(past[np.argsort(uniforms(PAST - 1, 0))], past[-1])

    @property
    def truth(self) -> np.ndarray:
        """What came then, in °C: `(12,)`, or fewer at the end of the series."""
        return SERIES.values[self.start + PAST :][:FUTURE]

    @property
    def forecasts(self) -> dict[str, np.ndarray]:
        """The twelve months to come, in °C, by "season", "autoregression", "ridge", "attention"."""
        x = (self.past[None] - SERIES.mean) / SERIES.size
        with torch.no_grad():
            attended = self._attention(torch.from_numpy(x)).numpy()
        found = (
            repeat_season(x, SERIES.season, FUTURE),
            continue_series(x, self._phi, FUTURE),
            apply_linear(x, self._weights),
            attended,
        )
        scaled = zip(METHODS, found, strict=True)
        return {name: SERIES.mean + SERIES.size * y[0] for name, y in scaled}

    @property
    def errors(self) -> dict[str, float]:
        """For each the root of the mean squared error, in °C; NaN where nothing is known."""
        known = len(self.truth)
        if not known:
            return dict.fromkeys(METHODS, float("nan"))
        return {
            name: float(np.sqrt(((y[:known] - self.truth) ** 2).mean()))
            for name, y in self.forecasts.items()
        }
