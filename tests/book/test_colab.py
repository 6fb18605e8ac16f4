"""The wheel of attnlab beside a hosted notebook's older versions: it imports, and widgets work."""

import ast
import json
import subprocess
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from attnbook.export.download import build_wheel
from attnlab.chapters.scaling.widget import ScalingWidget

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-colab" / "bin" / "python"
CELLS = [
    "from importlib.metadata import version\n"
    "print(*map(version, ['numpy', 'ipywidgets', 'anywidget', 'ipython']))",
    "from attnlab.chapters.scaling.widget import ScalingWidget\nw = ScalingWidget(d_k=8)\nw",
    "w.d_k = 256\nprint(repr(w.entropy_ratio))",
]
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"

# Prints what the package asks for, and does not find.
UNMET = """
from importlib.metadata import requires, version
from packaging.requirements import Requirement
for r in map(Requirement, requires("attnlab")):
    needed = r.marker is None or r.marker.evaluate({"extra": ""})
    if needed and not r.specifier.contains(version(r.name), prereleases=True):
        print(r, "is asked for, and here is", version(r.name))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with what pip installs from the wheel, and nothing else of this working tree."""
    assert PYTHON.exists(), "the hosted versions are not installed: make .venv-colab/ready"
    folder = tmp_path_factory.mktemp("installed")
    name, content = build_wheel(ROOT)
    wheel = folder / name
    wheel.write_bytes(content)
    pip = [PYTHON, "-I", "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", folder / "packages", wheel], check=True)
    return folder / "packages"


def run(code: str, installed: Path) -> str:
    """What the code prints beside the hosted versions."""
    done = subprocess.run(
        [PYTHON, "-c", code],
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def executed(installed, tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "hosted"
    kernel.mkdir(parents=True)
    argv = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "hosted", "language": "python"}
    spec["env"] = {"PYTHONPATH": str(installed)}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    return NotebookClient(notebook, kernel_name="hosted", timeout=120).execute()


def test_the_widget_and_its_state(executed):
    versions, shown, read = (cell.outputs[0] for cell in executed.cells)
    assert versions.text.split() == ["2.1.3", "7.7.1", "0.9.21", "7.34.0"]
    assert shown.data["text/plain"] == "ScalingWidget(d_k=8, scaled=False, query=0)"
    model = executed.metadata.widgets[STATE].state[shown.data[VIEW].model_id]
    assert model.state["d_k"] == 256
    assert model.state["_esm"] == ScalingWidget._esm
    assert model.state["_css"] == ScalingWidget._css
    expected = ScalingWidget(d_k=256).entropy_ratio
    assert float(read.text) == pytest.approx(expected, abs=1e-12)


def test_the_package_asks_for_nothing_that_a_host_lacks(installed):
    assert run(UNMET, installed) == ""


def test_what_the_notebooks_import_is_there(installed):
    imports = set()
    for path in ROOT.glob("notebooks/**/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                code = ast.parse(TransformerManager().transform_cell(cell.source))
                found = (n for n in ast.walk(code) if isinstance(n, ast.Import | ast.ImportFrom))
                imports |= set(map(ast.unparse, found))
    assert any("attnlab" in line for line in imports)
    code = "\n".join([*sorted(imports), "import attnlab", "print(attnlab.__file__)"])
    assert Path(run(code, installed).strip()).is_relative_to(installed)
