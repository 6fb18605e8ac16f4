"""Figures that answer a prediction: where a guess belongs, on the page and in a notebook."""

import io
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attnbook.predictions import frame_of
from attnlab import figures
from attnlab.figures import ANSWER_MIME, answer_to
from attnlab.widgets.predictions import Curve, Number, Option, Prediction
from tests.book.books import ROOT
from tests.widgets.node import in_node

ANSWERS = ROOT / "src" / "attnbook" / "front" / "answers.js"
KEYS = Number("keys", "Keys in effect", 1, 64, log=True)
WHICH = Option("which", "Which comes first?", ("hen", "egg"))
FALL = Curve("fall", "The loss by step", 0, 3, x=(1, 10, 40))
GUESS = {
    "keys": {"value": 17, "low": 3, "high": 60},
    "which": {"option": "egg", "sure": 70},
    "fall": [3, 0.7, 1.1],
}
AT = {
    "keys": lambda keys: (8, 3 * np.log(keys) / np.log(64)),
    "which": lambda which: (20 if which == "egg" else 2, 2.2),
    "fall": lambda step, loss: (step, loss),
}
TRUTH = {"keys": 8.1, "which": "egg", "fall": np.array([2.0, 1.0, 0.5])}


@pytest.fixture
def asked() -> Prediction:
    return Prediction("example-all", "What will it be?", [KEYS, WHICH, FALL])


@pytest.fixture
def left(monkeypatch) -> list[dict]:
    """What is left beside figures, as in a notebook."""
    records: list[dict] = []
    monkeypatch.setattr(figures, "get_ipython", lambda: "a kernel")

    def display(data, *, metadata, raw):
        ((kind, record),) = data.items()
        assert raw and kind == metadata["scrapbook"]["mime_prefix"] + ANSWER_MIME
        records.append(record)

    monkeypatch.setattr(figures, "display", display)
    return records


def axes(xscale: str, figsize: tuple[float, float]) -> Axes:
    ax = Figure(figsize=figsize, layout="constrained").add_subplot()
    ax.plot([1, 40], [3, 0])
    ax.set(xscale=xscale, xlabel="steps", ylabel="a long name\nof the axis", ylim=(-0.2, 3.3))
    return ax


def as_notebooks_do(figure: Figure) -> str:
    """The figure as a notebook's SVG: cut to what is drawn."""
    file = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "x"}):
        figure.savefig(file, format="svg", bbox_inches="tight")
    return file.getvalue()


@pytest.mark.parametrize(("xscale", "figsize"), [("log", (6, 3.8)), ("linear", (4, 2.5))])
def test_a_page_draws_a_guess_where_matplotlib_does(asked, left, xscale, figsize):
    ax = axes(xscale, figsize)
    points = {
        "value": AT["keys"](17), "low": AT["keys"](3), "high": AT["keys"](60), "egg": (20, 2.2),
        "fall-0": (1, 3), "fall-1": (10, 0.7), "fall-2": (40, 1.1),
    }  # fmt: skip
    for name, point in points.items():
        ax.plot(*point, ".", gid=f"reference-{name}")
    answer_to(asked, ax, at=AT, truth=TRUTH)
    svg = as_notebooks_do(ax.figure)
    frame, size = frame_of(svg, left[0]["frame"])
    answer = {**left[0], "question": asked.get_state()["_prediction"], "frame": frame, "size": size}
    (marks,) = in_node(("marksOf", answer, GUESS), modules=(ANSWERS,))
    interval, value, egg, fall = marks
    drawn = {
        "value": value["at"], "low": interval["points"][0], "high": interval["points"][-1],
        "egg": egg["at"], **{f"fall-{i}": point for i, point in enumerate(fall["points"])},
    }  # fmt: skip
    for name, point in drawn.items():
        found = re.search(
            rf'<g id="reference-{name}">.*?<use [^>]*x="([\d.]+)" y="([\d.]+)"', svg, re.DOTALL
        )
        assert found, name
        assert point == pytest.approx([float(x) for x in found.groups()], abs=0.2), name
    assert fall["dashed"] and not interval["dashed"]


def test_what_was_measured_goes_along_and_limits_stay(asked, left):
    ax = axes("linear", (4, 3))
    before = ax.get_xlim(), ax.get_ylim()
    answer_to(asked, ax, at=AT, truth=TRUTH)
    ax.plot([100], [100])
    assert (ax.get_xlim(), ax.get_ylim()) == before
    assert left[0]["name"] == "example-all"
    assert left[0]["truth"] == {"keys": 8.1, "which": "egg", "fall": [2.0, 1.0, 0.5]}


def test_in_a_notebook_a_guess_is_drawn_once_it_is_committed(asked, left):
    ax = axes("linear", (4, 3))
    asked.guess = GUESS
    answer_to(asked, ax, at=AT, truth=TRUTH)
    assert len(ax.lines) == 1
    asked.state = "committed"
    answer_to(asked, ax, at=AT, truth=TRUTH)
    _, interval, value, egg, fall = ax.lines
    assert tuple(np.ravel(value.get_data())) == pytest.approx(AT["keys"](17))
    assert value.get_markerfacecolor() == figures.PAPER
    assert tuple(np.ravel(egg.get_data())) == (20, 2.2)
    assert interval.get_xydata()[[0, -1]] == pytest.approx(
        np.array([AT["keys"](3), AT["keys"](60)])
    )
    assert fall.get_linestyle() == "--" and fall.get_color() == figures.INK
    assert fall.get_xydata().tolist() == [[1, 3], [10, 0.7], [40, 1.1]]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"at": {}}, ValueError, "at must have the quantities of 'example-all'"),
        ({"truth": TRUTH | {"more": 1}}, ValueError, "truth must have .*; look at more"),
        ({"truth": TRUTH | {"keys": np.nan}}, ValueError, "'keys' must be finite, of shape"),
        ({"truth": TRUTH | {"keys": [1, 2]}}, ValueError, "'keys' must be finite, of shape"),
        ({"truth": TRUTH | {"which": "cat"}}, ValueError, "'which' must be one of"),
        (
            {"truth": TRUTH | {"fall": [1, 2]}},
            ValueError,
            r"'fall' must be finite, of shape \(3,\)",
        ),
        ({"at": AT | {"keys": lambda keys: (8, np.nan)}}, ValueError, "no place for the point"),
        ({"axes": Figure()}, TypeError, "axes must be a Axes, got matplotlib.figure.Figure"),
    ],
)
def test_what_answers_nothing_is_refused(asked, changed, error, message):
    given = {"axes": axes("linear", (4, 3)), "at": AT, "truth": TRUTH} | changed
    with pytest.raises(error, match=message):
        answer_to(asked, given["axes"], at=given["at"], truth=given["truth"])
