"""A notebook in a real JupyterLab: a widget moves in the browser, its traits change in Python.

JupyterLab lives in `.venv-lab`; its kernel and the widgets' front ends come from this environment.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from attnbook.diagrams import STYLE, heads
from attnbook.diagrams.picture import colors_of, picture
from attnbook.export.markdown import held
from attnlab.chapters.scaling.widget import ScalingWidget
from tests.browser.fixtures import ROOT, Visit

LAB = ROOT / ".venv-lab" / "bin" / "jupyter-lab"
CELLS = [
    "from attnlab.chapters.scaling.widget import ScalingWidget\nw = ScalingWidget()\nw",
    "print('read:', w, w.entropy_ratio)",
    "w.d_k = 5",
]


def as_markdown(drawing) -> str:
    """A diagram as a downloaded notebook holds it."""
    colors = colors_of((ROOT / "book/assets/css/base.css").read_text("utf-8"))
    return held("Heads.", picture(drawing.svg, "Heads.", STYLE.read_text("utf-8"), colors))


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab that serves one notebook, `widget.ipynb`."""
    assert LAB.exists(), "JupyterLab is not installed: make .venv-lab/ready"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.cells.append(nbformat.v4.new_markdown_cell(as_markdown(heads.draw())))
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    work = tmp_path / "work"
    work.mkdir()
    nbformat.write(notebook, work / "widget.ipynb")

    share = tmp_path / "share"
    kernel = share / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    (share / "labextensions").symlink_to(Path(sys.prefix) / "share" / "jupyter" / "labextensions")

    # Nothing of the person who runs the test is read or written.
    own = {"JUPYTER_PATH": share}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        own[f"JUPYTER_{name}_DIR"] = tmp_path / name.lower()
    own["JUPYTERLAB_SETTINGS_DIR"] = own["JUPYTERLAB_WORKSPACES_DIR"] = tmp_path / "settings"
    options = [
        "--no-browser",
        "--port=0",
        "--allow-root",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={work}",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [LAB, *options],
            env=os.environ | {name: str(path) for name, path in own.items()},
            stdout=log,
            stderr=log,
        )
        try:
            yield _wait_for_address(tmp_path / "runtime", server, tmp_path / "log")
        finally:
            _stop(server)


def _stop(server: subprocess.Popen):
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:  # it waits for a kernel that is still starting
        server.kill()
        server.wait()


def _wait_for_address(runtime: Path, server: subprocess.Popen, log: Path) -> str:
    for _ in range(300):
        for file in runtime.glob("jpserver-*.json"):
            return json.loads(file.read_text())["url"]
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def run_cell(visit: Visit, index: int):
    cell = visit.page.locator(".jp-CodeCell").nth(index)
    cell.locator(".jp-InputArea-editor").click()
    visit.page.keyboard.press("Control+Enter")
    return cell


def test_moving_the_widget_changes_its_traits_in_python(lab, visit):
    opened = visit(lab + "lab/tree/widget.ipynb", lab)
    page = opened.page
    page.set_default_timeout(30_000)
    page.get_by_role("button", name="| Idle").wait_for(timeout=90_000)  # the kernel is there
    widget = run_cell(opened, 0).locator(".attn-widget")
    slider = widget.locator("input[data-name=d_k]")
    expect(slider).to_have_attribute("aria-valuetext", "64")

    slider.focus()
    for key in ("PageUp", "PageUp", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    widget.locator("input[data-name=scaled]").click()
    expect(slider).to_have_attribute("aria-valuetext", "254")
    shown = float(widget.locator("data[data-name=entropy_ratio]").get_attribute("value"))

    read = run_cell(opened, 1).locator(".jp-OutputArea-output")
    expect(read).to_contain_text("read:")
    moved = ScalingWidget(d_k=254, scaled=True)
    found = re.fullmatch(r"read: (.*\)) ([\d.e-]+)\s*", read.text_content())
    assert found[1] == repr(moved)
    assert float(found[2]) == pytest.approx(moved.entropy_ratio, abs=1e-6)
    assert shown == pytest.approx(moved.entropy_ratio, abs=1e-6)

    run_cell(opened, 2)
    expect(slider).to_have_attribute("aria-valuetext", "5")  # and the other way


def test_a_diagram_is_shown(lab, visit):
    opened = visit(lab + "lab/tree/widget.ipynb", lab)
    image = opened.page.locator(".jp-MarkdownOutput img")
    image.wait_for(timeout=90_000)
    assert image.get_attribute("alt") == "Heads."
    opened.page.wait_for_function("image => image.complete", arg=image.element_handle())
    assert image.evaluate("image => image.naturalWidth") > 300
