"""The Python side of widgets: what they compute, refuse, print, and how a front end is joined."""

import math
from urllib.parse import quote

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
from tests.widgets.node import in_node
from tests.widgets.refusals import refusing

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


test_scaling_refuses_bad_input_when_made_and_when_set = refusing(
    ScalingWidget,
    [
        ("d_k", 0, D_K + "0"),
        ("d_k", -3, D_K + "-3"),
        ("d_k", 10**6, D_K + "1000000"),
        ("d_k", math.nan, D_K + "nan"),
        ("d_k", 64.0, D_K + "64.0"),
        ("d_k", "64", D_K + "'64'"),
        ("d_k", True, D_K + "True"),
        ("d_k", None, D_K + "None"),
        ("query", 64, "query must be a whole number from 0 to 63; got 64"),
        ("scaled", "yes", "scaled must be True or False; got 'yes'"),
        ("scaled", 1, "scaled must be True or False; got 1"),
    ],
)
test_recurrence_refuses_bad_input_when_made_and_when_set = refusing(
    RecurrenceWidget,
    [
        ("lag", 201, "lag must be a whole number from 0 to 200; got 201"),
        ("gain", 0.0, GAIN + "0.0"),
        ("gain", math.nan, GAIN + "nan"),
        ("gain", math.inf, GAIN + "inf"),
        ("gain", "1", GAIN + "'1'"),
        ("gain", True, GAIN + "True"),
        ("gain", [1], GAIN + "[1]"),
    ],
)


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
        assert "https:" not in text and "url(/" not in text
    assert "@import" not in widget()._css
    assert source is widget._esm  # made once, for the class


@pytest.fixture
def join(tmp_path):
    """`join(main=…, a=…)` joins main.js with the files beside it."""

    def join(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return join_modules(tmp_path, "main.js")

    return join


def test_a_joined_module_is_its_entry_line_for_line_and_then_what_it_imports(join):
    joined = join(
        a="export const one = 1;\nconst hidden = 2;\n",
        main='import {\n  one,\n} from "./a.js";\nexport default one + one;\n',
    )
    assert joined == (
        "const {\n  one,\n} = $a_js();\nexport default one + one;\n\n"
        "// a.js\nfunction $a_js() {\nreturn ($a_js.exports ??= (() => {\n"
        "const one = 1;\nconst hidden = 2;\n\nreturn { one };\n})());\n}\n\n"
        "//# sourceURL=main.js\n"
    )


def run(joined):
    """What `said`, exported by a joined module, returns in node."""
    return in_node(("said",), modules=["data:text/javascript," + quote(joined)])[0]


def test_files_have_names_of_their_own_and_each_runs_once(join):
    joined = join(
        count="export const counted = [];\nexport function more(x) {\n  counted.push(x);\n}\n",
        a='import { more } from "./count.js";\nconst hidden = "a";\nmore(hidden);\n'
        "export function one() {\n  return hidden;\n}\n",
        b='import { more } from "./count.js";\nimport { one } from "./a.js";\n'
        'const hidden = "b";\nmore(hidden);\nexport class two {\n  text = one() + hidden;\n}\n',
        main='import { two } from "./b.js";\nimport { one } from "./a.js";\n'
        'import { counted } from "./count.js";\nconst hidden = "main";\n'
        "export const said = () => [new two().text, one(), hidden, counted];\n",
    )
    assert run(joined) == ["ab", "a", "main", ["a", "b"]]


def test_an_error_names_the_file_and_its_line(join):
    joined = join(
        a="export const one = 1;\n",
        main='import {\n  one,\n} from "./a.js";\n\n'
        "export const said = () => new Error(one).stack;\n",
    )
    assert "main.js:5:" in run(joined)


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widgets_source_is_named_by_its_place_in_the_package(widget):
    room = "recurrence" if widget is RecurrenceWidget else "scaling"
    assert widget._esm.endswith(f"\n//# sourceURL=attnlab/chapters/{room}/widget.js\n")
    assert "\n// attnlab/widgets/js/controls.js\n" in widget._esm


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ('import x from "./a.js";', r"main.js: expected an import like .* got import x from"),
        ('import * as a from "./a.js";', "expected an import like"),
        ('import { one } from "https://example.org/a.js";', "expected an import like"),
        ('import { one } from "/a.js";', "expected an import like"),
        ('import { one } from "../a.js";', r"a.js is not in \.\./"),
        ('import "./a.js";', "expected an import like"),
        ('const a = await import("./a.js");', "expected an import like"),
        ('export { one } from "./a.js";', "expected an import like"),
        ("export let two = 2;", "or an export of a function, const or class; got export let two"),
        ('import { main } from "./d.js";', r"d\.js: expected .* got export default 1;"),
        ('import { three } from "./a.js";', r"imports \['three'\], which a.js does not export"),
        ('import { one as two } from "./a.js";', r"imports \['one as two'\]"),
        ('import { hidden } from "./a.js";', r"imports \['hidden'\]"),
        ('import { one } from "./c.js";', r"c.js is not in "),
        ('import { loop } from "./b.js";', "main.js imports itself, through b.js"),
    ],
)
def test_joining_refuses(join, main, message):
    with pytest.raises(ValueError, match=message):
        join(
            a="export const one = 1;\nconst hidden = 2;\n",
            b='import { main } from "./main.js";\nexport const loop = 1;\n',
            d="export default 1;\n",
            main=main + "\n",
        )


def test_a_class_with_a_missing_front_end_cannot_be_made():
    with pytest.raises(ValueError, match=r"nowhere.js is not in "):
        type("Lost", (LabWidget,), {"_front_end": "nowhere.js"})
