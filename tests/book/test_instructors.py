"""The grader that the instructors' page shows does what the page says."""

import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from attnlab.exercises import exercises_of
from tests.book.books import ROOT


def grader() -> str:
    page = (ROOT / "book" / "instructors" / "index.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return code


def test_the_grader_marks_every_exercise_even_where_a_cell_fails(tmp_path):
    cells = [new_markdown_cell("My work"), new_code_cell("1 / 0"), new_code_cell("print('later')")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "submission.ipynb")
    done = subprocess.run(
        [sys.executable, "-c", grader()], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "ZeroDivisionError" in done.stdout
    assert "later" in done.stdout
    for name in exercises_of("scaling"):
        assert f"○ {name}: not attempted yet" in done.stdout
