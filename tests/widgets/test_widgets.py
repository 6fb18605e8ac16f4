"""The Python side of widgets: what they take and send, and how a front end is joined."""

from urllib.parse import quote

import numpy as np
import pytest
from traitlets import TraitError

from attnlab.chapters.recurrence.widget import D_HIDDEN, INPUT_SIZE, MAX_LAG, RecurrenceWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.widgets.base import LabWidget
from attnlab.widgets.joining import join_modules
from tests.widgets.node import in_node

WIDGETS = [ScalingWidget, RecurrenceWidget]


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
        "places": {"min": -2.0, "max": 2.0},
        "key": {"values": tuple("ABCDEF")},
    }


@pytest.mark.parametrize("widget", WIDGETS)
def test_an_unknown_argument_is_refused(widget):
    with pytest.raises(TypeError, match="dk"):
        widget(dk=3)


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
