"""How the book's figures look: colors with one meaning each, names on the lines, crisp at any size.

The same four colors stand for queries, keys, values and weights in the figures, in the widgets and
on the pages. Each has a contrast of at least 4.5 to 1 with white. Everything else is drawn in ink,
or in :data:`SERIES` where several things of equal rank must be told apart.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from IPython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib_inline.backend_inline import set_matplotlib_formats

from attnlab.functional import settings

if TYPE_CHECKING:
    from attnlab.widgets.predictions import Prediction

QUERY = "#0b6e99"
KEY = "#b4530a"
VALUE = "#2f7d4f"
WEIGHT = "#8a3ffc"
INK = "#1b1f24"
MUTED = "#59626c"
HAIR = "#d9dde1"
PAPER = "#ffffff"

# Told apart by lightness too, for readers who see few colors or print in gray.
SERIES = (INK, "#a3376f", "#6f7d00", "#8c6d46", "#7d8790")

# For pictures of weights: 0 is paper, 1 is the color of weights at its darkest.
WEIGHT_MAP = LinearSegmentedColormap.from_list(
    "attn-weights", [PAPER, "#d7bdfe", WEIGHT, "#3b0d80"]
)

ANSWER_MIME = "application/vnd.attnlab.answer+json"
_GLUE_PREFIX = "application/papermill.record/"  # what MyST-NB keeps and does not show
_SAMPLES = 33  # of a quantity's scale; between them a page goes straight

_SETTINGS: dict[Any, Any] = {
    "figure.figsize": (6, 3.4),  # inches; wider than 6, and words are too small on a phone
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=SERIES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": HAIR,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "image.cmap": WEIGHT_MAP.name,
    "image.interpolation": "nearest",
    "svg.hashsalt": "attention-by-experiment",  # the same identifiers in the file at every run
}


def style() -> None:
    """Draw every figure from here on as the book does; in a notebook, as SVG without a date.

    Jupyter shows no SVG of a notebook that came from elsewhere, so that each figure is a PNG too.

    Examples:
        >>> style()
        >>> mpl.rcParams["axes.labelcolor"] == INK
        True
    """
    if WEIGHT_MAP.name not in mpl.colormaps:
        mpl.colormaps.register(WEIGHT_MAP)
    mpl.rcParams.update(_SETTINGS)
    if get_ipython() is not None:
        set_matplotlib_formats("svg", "retina", metadata={"Date": None})


def label_line(line: Line2D, text: str | None = None, *, up: float = 0.0) -> Annotation:
    """Write a line's name at its right end, in its color: a label where the eye already is.

    Args:
        line: as returned by `ax.plot(...)[0]`.
        text: the name; without it the line's own `label`.
        up: points to shift the name upwards, where two lines end close together.

    The end is the last point that is drawn, which those with NaN or infinity are not, nor on a
    logarithmic axis those of 0 and less.

    Raises:
        TypeError: line is no line of matplotlib's, text no text, or up not a number.
        ValueError: the line has no point that is drawn or is in no axes, there is no text to write,
            or up is not finite.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> line = Figure().add_subplot().plot([0, 1], [2, 3], color=QUERY)[0]
        >>> label_line(line, "query").get_color() == QUERY
        True
    """
    if not isinstance(line, Line2D):
        raise TypeError(f"line must be a Line2D of matplotlib's, got {settings.kind(line)}")
    if text is not None and not isinstance(text, str):
        raise TypeError(f"text must be a string, got {settings.kind(text)}")
    settings.number(up=up)
    shift = settings.as_float(up)
    if not math.isfinite(shift):
        raise ValueError(f"up must be finite, got {up}")
    if not isinstance(line.axes, Axes):
        raise ValueError(f"the line must be in axes to be labeled there, got {line.axes}")
    points = zip(*(np.asarray(data, float) for data in line.get_data(orig=False)), strict=True)
    end = next((point for point in reversed([*points]) if _is_drawn(line.axes, *point)), None)
    if end is None:
        raise ValueError("the line has no points, so there is no end to label")
    name = str(line.get_label() or "") if text is None else text
    if not name or name.startswith("_"):  # matplotlib's own names for lines without a label
        raise ValueError("a text is needed: the line has no label of its own")
    return line.axes.annotate(
        name,
        end,
        xytext=(6, shift),
        textcoords="offset points",
        va="center",
        color=line.get_color(),
        annotation_clip=False,
    )


def _is_drawn(axes: Axes, x: float, y: float) -> bool:
    """Whether the scales of the axes have a place for the point."""
    return all(
        math.isfinite(value) and axis.limit_range_for_scale(value, value) == (value, value)
        for axis, value in ((axes.xaxis, x), (axes.yaxis, y))
    )


def answer_to(
    prediction: "Prediction",
    axes: Axes,
    *,
    at: Mapping[str, Callable[..., tuple[float, float]]],
    truth: Mapping[str, Any],
) -> None:
    """Say that a figure answers a prediction, and draw the guess into it where one was committed.

    To be called when everything else is drawn, for the limits of the axes stay as they are. A page
    draws its reader's guess itself; for that a cell's output keeps where the values of each
    quantity lie.

    Args:
        prediction: what the figure answers.
        axes: where a guess is drawn.
        at: for each quantity where its values lie: from a value to x and y, in the axes' own
            coordinates; for a curve from its place and its value.
        truth: what was measured for each quantity: a number, an option, or a curve's values.

    Raises:
        ValueError: `at` or `truth` has other quantities than the prediction, or a value or a place
            is none that can be drawn.
        TypeError: axes are none of matplotlib's.
    """
    settings.instance(Axes, axes=axes)
    for name, given in (("at", at), ("truth", truth)):
        if expected := {q.name for q in prediction.quantities} ^ set(given):
            raise ValueError(
                f"{name} must have the quantities of {prediction.name!r}, no others; "
                f"look at {', '.join(sorted(expected))}"
            )
    axes.autoscale(enable=False)
    if prediction.committed:
        for quantity in prediction.quantities:
            _draw_guess(axes, at[quantity.name], quantity, prediction.guess[quantity.name])
    frame = axes.patch.get_gid() or f"answer-{prediction.name}"
    axes.patch.set_gid(frame)  # by which the page finds the axes in the picture
    record = {
        "name": prediction.name,
        "frame": frame,
        "places": {q.name: _places(axes, at[q.name], q) for q in prediction.quantities},
        "truth": {q.name: _measured(q, truth[q.name]) for q in prediction.quantities},
    }
    if get_ipython() is not None:
        kept = {"name": f"answer-{prediction.name}", "mime_prefix": _GLUE_PREFIX}
        display({_GLUE_PREFIX + ANSWER_MIME: record}, metadata={"scrapbook": kept}, raw=True)


def _measured(quantity: Any, value: Any) -> Any:
    """What was measured, as text can hold it. It may lie beyond what can be guessed."""
    if hasattr(quantity, "options"):
        if value not in quantity.options:
            raise ValueError(f"{quantity.name!r} must be one of {quantity.options}; got {value!r}")
        return str(value)
    found = np.asarray(value, float)
    shape = (len(quantity.x),) if hasattr(quantity, "x") else ()
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError(f"{quantity.name!r} must be finite, of shape {shape}; got {value!r}")
    return found.tolist()


def _places(axes: Axes, at: Callable, quantity: Any) -> list:
    """Where samples of a quantity's values lie, as shares of the axes' width and height; those of a
    curve for each of its places."""
    samples = quantity.samples(_SAMPLES)
    if hasattr(quantity, "x"):
        return [[_share(axes, *at(x, y)) for y in samples] for x in quantity.x]
    return [_share(axes, *at(value)) for value in samples]


def _share(axes: Axes, x: float, y: float) -> list[float]:
    pixels = axes.transData.transform((x, y))
    found = axes.transAxes.inverted().transform(pixels)
    if not np.isfinite(found).all():
        raise ValueError(f"the axes have no place for the point ({x}, {y})")
    return [round(float(part), 5) for part in found]


def _draw_guess(axes: Axes, at: Callable, quantity: Any, guess: Any) -> None:
    """As a page does: an open circle with its interval, or a dashed curve, in ink."""
    if hasattr(quantity, "x"):
        points = [at(x, y) for x, y in zip(quantity.x, guess, strict=True)]
        axes.plot(*zip(*points, strict=True), "--", color=INK, zorder=5, clip_on=False)
        return
    if not hasattr(quantity, "options"):
        values = [v for v in quantity.samples(_SAMPLES) if guess["low"] < v < guess["high"]]
        points = [at(value) for value in (guess["low"], *values, guess["high"])]
        axes.plot(*zip(*points, strict=True), color=INK, lw=1.2, zorder=5, clip_on=False)
    x, y = at(guess["option"] if hasattr(quantity, "options") else guess["value"])
    axes.plot(x, y, "o", mfc=PAPER, mec=INK, mew=1.8, ms=9, zorder=6, clip_on=False)
