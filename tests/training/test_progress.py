"""What the progress line leaves behind: in a notebook, in a terminal, and where nobody watches."""

import sys
from itertools import repeat

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from torch import nn

from attnlab.training.fitting import fit
from attnlab.training.progress import Progress

CELL = """
from attnlab.training.progress import Progress
import time
with Progress("training", total=3) as progress:
    for _ in range(3):
        time.sleep(0.4)
        progress.advance("loss 0.5")
"""


def test_a_notebook_keeps_one_line_without_time_or_loss():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output["output_type"] == "display_data"
    assert output["data"] == {"text/plain": "training: 3 steps"}


def square(model, x):
    return model(x).square().mean()


def test_progress_writes_nothing_where_nobody_watches(capsys):
    with Progress("both", total=4) as progress:
        for _ in range(2):
            fit(nn.Linear(3, 2), repeat(torch.ones(4, 3)), square, steps=2, progress=progress)
    assert progress.done == 4
    assert capsys.readouterr() == ("", "")


def test_progress_in_a_terminal_ends_with_the_steps_alone(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("training", total=2) as progress:
        progress.advance("loss 1.0")
        progress.advance("loss 0.5")
    shown = capsys.readouterr().err
    assert "step 1 of 2 loss 1.0" in shown
    assert shown.endswith("\rtraining: 2 steps".ljust(80) + "\n")


@pytest.mark.parametrize(
    ("label", "total", "error", "message"),
    [
        ("training", 1.5, TypeError, "total must be an integer, got float"),
        ("training", -1, ValueError, "total must be at least 0, got -1"),
        (None, 3, TypeError, "label must be text, got NoneType"),
    ],
)
def test_wrong_progress(label, total, error, message):
    with pytest.raises(error, match=message):
        Progress(label, total)
