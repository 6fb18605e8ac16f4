"""Figures: the same bytes at every run, readable colors, names at the ends of lines."""

import io
from fractions import Fraction

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from attnlab import figures
from attnlab.figures import HAIR, INK, KEY, MUTED, PAPER, QUERY, SERIES, VALUE, WEIGHT


@pytest.fixture(autouse=True)
def _book_style():
    with mpl.rc_context():
        figures.style()
        yield


def drawing() -> bytes:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    figures.label_line(left.plot([0, 1, 2], [0, 1, 4], color=WEIGHT)[0], "weights")
    right.imshow([[0, 0.5], [0.25, 1]])
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def test_two_drawings_of_one_figure_are_the_same_bytes():
    assert drawing() == drawing()


def luminance(color: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color))
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("color", [QUERY, KEY, VALUE, WEIGHT, INK, MUTED])
def test_colors_of_words_have_the_contrast_that_words_need(color):
    assert contrast(color, PAPER) >= 4.5


@pytest.mark.parametrize("color", SERIES)
def test_colors_of_lines_have_the_contrast_that_graphics_need(color):
    assert contrast(color, PAPER) >= 3


def test_series_differ_from_each_other_and_from_the_colors_that_mean_something():
    assert len({*SERIES, QUERY, KEY, VALUE, WEIGHT, HAIR}) == len(SERIES) + 5


def test_weights_get_darker_as_they_grow():
    shades = [luminance(figures.WEIGHT_MAP(i / 20)) for i in range(21)]
    assert shades == sorted(shades, reverse=True)
    assert shades[0] == pytest.approx(1)


def test_style_can_be_called_twice():
    figures.style()
    assert mpl.rcParams["image.cmap"] == figures.WEIGHT_MAP.name


def test_a_label_stands_at_the_end_of_its_line_and_in_its_color():
    line = Figure().add_subplot().plot([3, 5], [7, 11], color=KEY, label="key")[0]
    label = figures.label_line(line, up=4)
    assert (label.xy, label.get_text(), label.get_color()) == ((5, 11), "key", KEY)
    assert label.get_position() == (6, 4)


def test_a_line_without_points_has_no_end():
    line = Figure().add_subplot().plot([], [])[0]
    with pytest.raises(ValueError, match="no points"):
        figures.label_line(line, "nothing")


def test_a_line_in_no_axes_has_no_place_for_a_label():
    with pytest.raises(ValueError, match="must be in axes"):
        figures.label_line(Line2D([0, 1], [0, 1]), "alone")


def test_a_line_without_a_name_needs_one():
    line = Figure().add_subplot().plot([0, 1], [0, 1])[0]
    with pytest.raises(ValueError, match="a text is needed"):
        figures.label_line(line)


def test_the_end_of_a_line_is_its_last_point_that_is_drawn():
    line = Figure().add_subplot().plot([0, 1, 2, 3], [5, 7, np.nan, np.inf], label="loss")[0]
    assert figures.label_line(line).xy == (1, 7)
    line.set_ydata([np.nan] * 4)
    with pytest.raises(ValueError, match="no points"):
        figures.label_line(line)


def test_a_logarithmic_axis_has_no_place_for_0():
    axes = Figure().add_subplot()
    axes.set_yscale("log")
    line = axes.plot([0, 1, 2, 3], [1, 0.1, 0, -1], label="gradient")[0]
    assert figures.label_line(line).xy == (1, 0.1)
    axes.set_yscale("symlog")
    assert figures.label_line(line).xy == (3, -1)
    axes.set_xscale("log")
    line.set_xdata([4, 2, 0, -1])
    assert figures.label_line(line).xy == (2, 0.1)


@pytest.mark.parametrize("up", [Fraction(7, 2), np.float32(3.5)])
def test_a_label_is_shifted_by_any_number(up):
    line = Figure().add_subplot().plot([0, 1], [0, 1])[0]
    assert figures.label_line(line, "loss", up=up).get_position() == (6, 3.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"line": [0, 1]}, TypeError, "line must be a Line2D.*got list"),
        ({"text": 3}, TypeError, "text must be a string, got int"),
        ({"up": "4"}, TypeError, "up must be a number, got str"),
        ({"up": np.nan}, ValueError, "up must be finite, got nan"),
        ({"up": 10**400}, ValueError, "up must be finite, got 1000"),
    ],
)
def test_wrong_arguments_of_a_label_are_named(arguments, error, message):
    line = Figure().add_subplot().plot([0, 1], [0, 1])[0]
    with pytest.raises(error, match=message):
        figures.label_line(**{"line": line, "text": "loss", **arguments})
