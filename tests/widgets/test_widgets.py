"""The Python side of widgets: what they compute, refuse, print, and how a front end is joined."""

import math

import numpy as np
import pytest
import torch
from traitlets import TraitError

from attnlab.chapters.recurrence.widget import (
    D_HIDDEN,
    INPUT_SIZE,
    MAX_LAG,
    RecurrenceWidget,
    gradient_sizes,
)
from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.widgets.base import LabWidget
from attnlab.widgets.joining import join_modules
from attnlab.widgets.normals import normals

WIDGETS = [ScalingWidget, RecurrenceWidget]


@pytest.mark.parametrize("scaled", [False, True])
def test_scaling_is_softmax_of_the_products(scaled):
    w = ScalingWidget(d_k=37, scaled=scaled, query=5)
    numbers = normals(128 * 512, seed=0).reshape(128, 512)[:, :37]
    scores = numbers[64:] @ numbers[5] / (math.sqrt(37) if scaled else 1)
    p = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(w.weights, p, atol=1e-12)
    assert w.entropy_ratio == pytest.approx(-(p * np.log(p)).sum() / math.log(64))
    assert w.jacobian_norm == pytest.approx(np.linalg.norm(np.diag(p) - np.outer(p, p)))


def test_scaling_follows_its_traits():
    w = ScalingWidget(d_k=256)
    sharp = w.entropy_ratio
    w.scaled = True
    assert sharp < 0.1
    assert w.entropy_ratio > 0.8


def test_a_linear_recurrence_keeps_gain_to_the_lag():
    np.testing.assert_allclose(gradient_sizes(0.9, tanh=False), 0.9 ** np.arange(201), rtol=1e-12)
    assert RecurrenceWidget(lag=50, gain=1.1).gradient == pytest.approx(1.1**50)


def test_a_tanh_recurrence_has_autograds_gradients():
    numbers = normals(D_HIDDEN**2 + MAX_LAG * D_HIDDEN, seed=0)
    q, r = np.linalg.qr(numbers[: D_HIDDEN**2].reshape(D_HIDDEN, D_HIDDEN))
    recurrent = torch.tensor(1.2 * q * np.sign(np.diag(r)))
    inputs = torch.tensor(INPUT_SIZE * numbers[D_HIDDEN**2 :].reshape(MAX_LAG, D_HIDDEN))
    states = [torch.zeros(D_HIDDEN, dtype=torch.float64, requires_grad=True)]
    for x in inputs:
        states.append(torch.tanh(recurrent @ states[-1] + x))
    sizes = gradient_sizes(1.2, tanh=True)
    for lag in (1, 7, 50, 200):
        rows = [
            torch.autograd.grad(h, states[MAX_LAG - lag], retain_graph=True)[0] for h in states[-1]
        ]
        size = torch.linalg.norm(torch.stack(rows)) / math.sqrt(D_HIDDEN)
        assert sizes[lag] == pytest.approx(float(size), rel=1e-9)


def test_squashing_never_lengthens_a_gradient():
    for gain in (0.8, 1.0, 1.3):
        bound = gain ** np.arange(MAX_LAG + 1)
        assert (gradient_sizes(gain, tanh=True) <= bound * (1 + 1e-9)).all()


D_K = "d_k must be a whole number from 1 to 512; got "
GAIN = "gain must be a number from 0.5 to 1.5; got "


@pytest.mark.parametrize(
    ("widget", "name", "value", "message"),
    [
        (ScalingWidget, "d_k", 0, D_K + "0"),
        (ScalingWidget, "d_k", -3, D_K + "-3"),
        (ScalingWidget, "d_k", 10**6, D_K + "1000000"),
        (ScalingWidget, "d_k", math.nan, D_K + "nan"),
        (ScalingWidget, "d_k", 64.0, D_K + "64.0"),
        (ScalingWidget, "d_k", "64", D_K + "'64'"),
        (ScalingWidget, "d_k", True, D_K + "True"),
        (ScalingWidget, "d_k", None, D_K + "None"),
        (ScalingWidget, "query", 64, "query must be a whole number from 0 to 63; got 64"),
        (ScalingWidget, "scaled", "yes", "scaled must be True or False; got 'yes'"),
        (ScalingWidget, "scaled", 1, "scaled must be True or False; got 1"),
        (RecurrenceWidget, "lag", 201, "lag must be a whole number from 0 to 200; got 201"),
        (RecurrenceWidget, "gain", 0.0, GAIN + "0.0"),
        (RecurrenceWidget, "gain", math.nan, GAIN + "nan"),
        (RecurrenceWidget, "gain", math.inf, GAIN + "inf"),
        (RecurrenceWidget, "gain", "1", GAIN + "'1'"),
        (RecurrenceWidget, "gain", True, GAIN + "True"),
        (RecurrenceWidget, "gain", [1], GAIN + "[1]"),
    ],
)
def test_bad_input_is_refused_when_made_and_when_set(widget, name, value, message):
    with pytest.raises(TraitError) as made:
        widget(**{name: value})
    assert str(made.value) == message
    good = widget()
    before = getattr(good, name)
    with pytest.raises(TraitError) as later:
        setattr(good, name, value)
    assert str(later.value) == message
    assert getattr(good, name) == before


def test_numpy_numbers_are_taken():
    assert type(ScalingWidget(d_k=np.int64(8)).d_k) is int
    assert type(RecurrenceWidget(gain=np.float32(0.5)).gain) is float
    assert RecurrenceWidget(gain=1).gain == 1.0


def test_what_is_declared_is_sent_and_cannot_be_set():
    w = RecurrenceWidget()
    assert w.get_state()["_constants"] == {
        "d": D_HIDDEN,
        "input_size": INPUT_SIZE,
        "limits": {"gain": {"min": 0.5, "max": 1.5}, "lag": {"min": 0, "max": MAX_LAG}},
    }
    with pytest.raises(TraitError, match="read-only"):
        w._constants = {}


def test_limits_of_a_row_are_those_of_its_values_and_a_choice_has_its_words():
    limits = ScoresWidget()._constants["limits"]
    assert limits == {
        "function": {"values": ("dot", "scaled", "bilinear", "additive")},
        "query": {"min": -2.0, "max": 2.0},
    }


@pytest.mark.parametrize("widget", WIDGETS)
def test_an_unknown_argument_is_refused(widget):
    with pytest.raises(TypeError, match="dk"):
        widget(dk=3)


def test_repr_has_inputs_and_no_address():
    assert repr(ScalingWidget(d_k=8)) == "ScalingWidget(d_k=8, scaled=False, query=0)"
    assert repr(RecurrenceWidget(tanh=True)) == "RecurrenceWidget(lag=50, gain=0.9, tanh=True)"


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_front_end_is_one_module_without_imports_or_addresses(widget):
    source = widget()._esm
    assert source.count("export default") == 1
    assert "import" not in [line.split(" ")[0] for line in source.splitlines()]
    for text in (source, widget()._css):
        assert "https:" not in text and "@import" not in text and "url(/" not in text
    assert source is widget._esm  # made once, for the class


@pytest.fixture
def write(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return tmp_path / "main.js"

    return write


def test_joining_puts_each_file_once_before_those_that_use_it(write):
    main = write(
        a="export const one = 1;\n",
        b='import { one } from "./a.js";\nexport const two = one + one;\n',
        main='import { one } from "./a.js";\nimport {\n  two,\n} from "./b.js";\n'
        "export default one + two;\n",
    )
    assert join_modules(main) == (
        "const one = 1;\n\nconst two = one + one;\n\nexport default one + two;\n"
    )


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ('import x from "./a.js";', r"main.js: expected an import like .* got import x from"),
        ('import * as a from "./a.js";', "expected an import like"),
        ('import { one } from "https://example.org/a.js";', "expected an import like"),
        ('import { one } from "/a.js";', "expected an import like"),
        ('import { one } from "../a.js";', r"a.js is not in "),
        ('import "./a.js";', "expected an import like"),
        ('const a = await import("./a.js");', "expected an import like"),
        ('export { one } from "./a.js";', "expected an import like"),
        ('import { three } from "./a.js";', r"imports \['three'\], which a.js does not export"),
        ('import { hidden } from "./a.js";', r"imports \['hidden'\]"),
        ('import { one } from "./c.js";', r"c.js is not in "),
        ('import { one } from "./a.js";\nconst one = 2;', "main.js declares one, as a.js does"),
        ('import { one } from "./a.js";\nfunction hidden() {}', "declares hidden, as a.js does"),
        ('import { loop } from "./b.js";', "main.js imports itself, through b.js"),
    ],
)
def test_joining_refuses(write, main, message):
    entry = write(
        a="export const one = 1;\nconst hidden = 2;\n",
        b='import { main } from "./main.js";\nexport const loop = 1;\n',
        main=main + "\n",
    )
    with pytest.raises(ValueError, match=message):
        join_modules(entry)


def test_a_class_with_a_missing_front_end_cannot_be_made():
    with pytest.raises(ValueError, match=r"nowhere.js is not in "):
        type("Lost", (LabWidget,), {"_front_end": "nowhere.js"})
