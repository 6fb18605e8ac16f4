"""Which files of a small `attnlab` some code hangs on."""

from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

from attnbook.execution.dependencies import Package

from .books import ROOT

FILES = {
    "__init__.py": """
from attnlab.claims import claim
from attnlab.functional.softmax import softmax
_LAZY = {"MultiHeadAttention": "nn.attention", "fit": "training.fitting"}
def __getattr__(name): ...
""",
    "claims.py": "",
    "py.typed": "",
    "__init__.pyi": "",
    "figures.py": "",
    "stored.py": "def load(room): ...",
    "functional/__init__.py": '"Arrays in, arrays out."',
    "functional/arrays.py": "",
    "functional/softmax.py": "from attnlab.functional import arrays as check\ncheck.finite",
    "nn/__init__.py": "",
    "nn/attention.py": "def f():\n    from .kernels import fused",
    "nn/kernels.py": "import attnlab.nn.attention",  # a cycle
    "training/__init__.py": "from attnlab.training.fitting import fit\n"
    "from attnlab.training.progress import Progress",
    "training/fitting.py": "",
    "training/progress.py": "",
    "widgets/__init__.py": "",
    "widgets/base.py": "",
    "widgets/js/widgets.css": "",
    "widgets/js/controls.js": 'import { svg } from "./svg.js";',
    "widgets/js/svg.js": '/** @import { View } from "./types.d.ts" */',
    "widgets/js/types.d.ts": "",
    "widgets/js/unused.js": "",
    "exercises/__init__.py": "from attnlab.exercises.marking import check, exercises_of, grade",
    "exercises/marking.py": "from attnlab.exercises import grade\ndef check(n): grade(n)",
    "chapters/__init__.py": "",
    "chapters/heads/__init__.py": "",
    "chapters/heads/exercises.py": "from attnlab.exercises import check",
    "chapters/heads/widget.py": "from attnlab.widgets.base import LabWidget",
    "chapters/heads/widget.js": "import {\n  a,\n} from '../../widgets/js/controls.js';",
    "chapters/heads/widget.css": "",
    "chapters/heads/experiment.py": "from attnlab.stored import load",
    "chapters/heads/results.json": "{}",
    "chapters/self_attention/__init__.py": "",
    "chapters/self_attention/exercises.py": "",
}
SOFTMAX = {"functional/__init__.py", "functional/softmax.py", "functional/arrays.py"}
FITTING = {"training/__init__.py", "training/fitting.py"}
ATTENTION = {"nn/__init__.py", "nn/attention.py", "nn/kernels.py"}
ROOMS = {"chapters/__init__.py", "chapters/heads/__init__.py"}
FOR_TYPES = {"py.typed", "__init__.pyi", "widgets/js/types.d.ts"}
BESIDE = {f"chapters/heads/{name}" for name in ("widget.js", "widget.css", "results.json")}
SHARED_JS = {"widgets/js/controls.js", "widgets/js/svg.js"}
MARKING = {"exercises/__init__.py", "exercises/marking.py"}
EXERCISES = {*ROOMS, *MARKING, *BESIDE, *SHARED_JS, "chapters/heads/exercises.py"}
WIDGETS = {"widgets/__init__.py", "widgets/base.py", "widgets/js/widgets.css"}
WIDGET = {*ROOMS, *BESIDE, *SHARED_JS, *WIDGETS, "chapters/heads/widget.py"}
OTHERS = {"chapters/self_attention/__init__.py", "chapters/self_attention/exercises.py"}


@pytest.fixture
def write(tmp_path):
    """`write({name: text})` puts files into the package."""

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / "attnlab" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    write(FILES)
    return write


@pytest.fixture
def behind(write, tmp_path):
    """`behind(code)` names the files that code hangs on, beside the package's root."""

    def behind(code: str) -> set[str]:
        return content(code, tmp_path).keys() - {"__init__.py"}

    return behind


def content(code: str, folder: Path) -> dict[str, bytes]:
    return Package(folder / "attnlab").behind(code, "book/page.md")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import numpy as np\nfrom math import *\nnp.load('x')", set()),
        ("from attnlab import softmax", SOFTMAX),
        ("from attnlab import fit", FITTING),
        ("from attnlab import MultiHeadAttention as A", ATTENTION),
        ("from attnlab.training import fit", FITTING),
        ("from attnlab.functional import arrays as check", SOFTMAX - {"functional/softmax.py"}),
        ("import attnlab.functional.softmax", SOFTMAX),
        ("def f():\n    from attnlab import softmax", SOFTMAX),
        ("import attnlab\nattnlab.softmax(x).sum()", SOFTMAX),
        ("import attnlab as lab\nlab.functional.softmax.softmax", SOFTMAX),
        ("from attnlab import functional\nfunctional.softmax.softmax(x)", SOFTMAX),
        ("import attnlab", set()),
        ("from attnlab.chapters.heads.widget import HeadsWidget", WIDGET),
        ("from attnlab.exercises import check\ncheck('heads/writes')", EXERCISES),
        ("from attnlab import exercises as e\ne.check('heads/writes')", EXERCISES),
        ("from attnlab.exercises import exercises_of\nexercises_of('heads')", EXERCISES),
        (
            "from attnlab.exercises import grade\ngrade('self-attention/mean', {})",
            MARKING | OTHERS | {"chapters/__init__.py"},
        ),
        (
            "from attnlab.exercises import exercises_of\n[exercises_of(c) for c in chapters]",
            EXERCISES | OTHERS,
        ),
        ("from attnlab.exercises import check\nc = check\nc('heads/writes')", EXERCISES | OTHERS),
        ("from attnlab import exercises as e\nmap(e.check, names)", EXERCISES | OTHERS),
        ("from attnlab.exercises.marking import *\ncheck(name)", EXERCISES | OTHERS),
        ("from attnlab.claims import claim", {"claims.py"}),
        (
            "from attnlab.stored import load\nload('heads')",
            {"stored.py", "chapters/heads/results.json"},
        ),
        # Two names that look alike, in two cells.
        (
            "from attnlab.exercises import check\ncheck('heads/writes')\n"
            "from attnlab.functional import arrays as check",
            EXERCISES | {"functional/__init__.py", "functional/arrays.py"},
        ),
    ],
)
def test_a_name_leads_to_what_defines_it(behind, code, expected):
    assert behind(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "from attnlab import *",
        "from attnlab import something_new",
        "import attnlab\nattnlab.something_new",
        "import attnlab\ngetattr(attnlab, name)()",
        "%time x = 1",
        "import importlib as i\ni.import_module('attnlab.functional')",
        "from importlib.resources import files\nfiles(anchor=f'attnlab.{name}')",
        "__import__('attnlab')",
    ],
)
def test_what_cannot_be_told_hangs_on_everything(behind, code):
    assert behind(code) == set(FILES) - FOR_TYPES - {"__init__.py"}


def test_a_sentence_that_begins_with_the_packages_name_is_no_module(behind):
    assert behind("claim('attnlab.fit gives it too', 1)") == set()


def test_a_star_from_a_folder_hangs_on_that_folder(behind):
    assert behind("from attnlab.training import *") == {*FITTING, "training/progress.py"}


def test_a_name_that_moves_leads_elsewhere(behind, write):
    before = behind("from attnlab import fit")
    write({"__init__.py": '_LAZY = {"fit": "training.progress"}'})
    assert before ^ behind("from attnlab import fit") == {
        "training/fitting.py",
        "training/progress.py",
    }


@pytest.mark.parametrize(
    ("root", "changed"),
    [
        ("from attnlab.functional.softmax import softmax", False),
        ("from attnlab.functional.softmax import softmax\n__version__ = '2'", False),
        ("from attnlab.functional.softmax import softmax\nfrom attnlab.claims import x", False),
        ("from attnlab.functional.softmax import jacobian as softmax", True),
        ("from attnlab.functional.softmax import softmax\ndef __dir__(): return []", True),
    ],
)
def test_of_the_root_what_is_used_counts(write, tmp_path, root, changed):
    write({"__init__.py": "from attnlab.functional.softmax import softmax"})
    before = content("from attnlab import softmax", tmp_path)
    write({"__init__.py": root})
    assert (content("from attnlab import softmax", tmp_path) != before) == changed
    assert content("import numpy", tmp_path) == {}


def test_of_the_root_all_counts_where_a_star_brings_it(write, tmp_path):
    before = content("from attnlab import *", tmp_path)
    write({"__init__.py": FILES["__init__.py"].replace("import softmax", "import x as softmax")})
    assert before != content("from attnlab import *", tmp_path)


@pytest.mark.parametrize("line", ["print()", "x = 1", "class A: ...", "if x:\n    import y"])
def test_a_root_that_does_more_than_map_names_is_refused(write, tmp_path, line):
    write({"__init__.py": f'"""Names."""\n{line}'})
    with pytest.raises(ExtensionError) as caught:
        content("import attnlab", tmp_path)
    assert caught.value.args[0] == (
        "attnlab/__init__.py, line 2: expected imports and _LAZY, __all__, __dir__, __getattr__, "
        f"__version__ alone; got {line.splitlines()[0].removesuffix(' ...')!r}"
    )


def test_data_beside_a_module_and_of_its_name_counts(behind, write):
    write({"training/fitting.csv": "1", "training/other.csv": "2"})
    assert behind("from attnlab import fit") == {*FITTING, "training/fitting.csv"}


def test_what_is_read_beside_a_module_bears_its_name_but_in_rooms_and_widgets():
    """Elsewhere it would not count."""
    attnlab = ROOT / "src" / "attnlab"
    places = {path.relative_to(attnlab) for path in attnlab.rglob("*.*") if path.is_file()}
    read = {place for place in places if place.suffix not in (".py", ".pyi", ".typed", ".pyc")}
    elsewhere = {place for place in read if place.parts[0] not in ("chapters", "widgets")}
    assert all((attnlab / place).with_suffix(".py").is_file() for place in elsewhere)


def test_what_a_package_uses_of_what_it_hands_on_counts(behind, write):
    write({"training/__init__.py": "from attnlab.training.progress import Progress\nP = Progress"})
    assert behind("from attnlab.training.fitting import fit") == {*FITTING, "training/progress.py"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "from attnlab.functionl import x",
            "book/page.md imports attnlab.functionl: attnlab has no such module",
        ),
        (
            "from attnlab.figures import style",
            "book/page.md uses attnlab/figures.py, which imports attnlab.nowhere: "
            "attnlab has no such module",
        ),
        (
            "from attnlab.exercises import check\ncheck('haeds/writes')",
            "book/page.md names 'haeds/writes': there is no attnlab/chapters/haeds/exercises.py",
        ),
    ],
)
def test_what_is_not_there_is_named(behind, write, code, message):
    write({"figures.py": "import attnlab.nowhere"})
    with pytest.raises(ExtensionError) as caught:
        behind(code)
    assert caught.value.args[0] == message


def test_a_prediction_hangs_on_its_front_end_which_is_no_file_beside_it():
    code = "from attnlab.widgets.predictions import Prediction\nPrediction"
    behind = Package(ROOT / "src" / "attnlab").behind(code, "book/page")
    assert {"widgets/js/prediction.js", "widgets/js/dragging.js"} <= behind.keys()
