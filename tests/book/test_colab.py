"""A notebook with a widget runs with a hosted notebook's older versions, and keeps its state."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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


@pytest.fixture
def executed(tmp_path, monkeypatch):
    assert PYTHON.exists(), "the hosted versions are not installed: make .venv-colab/ready"
    kernel = tmp_path / "kernels" / "hosted"
    kernel.mkdir(parents=True)
    argv = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "hosted", "language": "python"}
    spec["env"] = {"PYTHONPATH": str(ROOT / "src")}
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
