"""What the progress line leaves behind in a notebook."""

import nbformat
from nbclient import NotebookClient

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
