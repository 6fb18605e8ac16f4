"""What is to be marked of a student's files, and what the instructor is told of the others."""

import json

import pytest

from attnclass.jobs import job_of
from attnclass.roster import Student
from attnclass.submissions import File

ADA = Student("ada")
ANSWER = 'count = 1\ncheck("heads/count")'


def notebook(source: str = ANSWER, **says: str) -> bytes:
    cell = {"cell_type": "code", "source": source}
    return json.dumps({"cells": [cell], "metadata": {"attnclass": says}}).encode()


def handed_in(assignment, *contents: bytes):
    files = [File(f"{name}.ipynb", content) for name, content in zip("abc", contents, strict=False)]
    return job_of(assignment, ADA, files, "a box")


def test_what_was_handed_out_needs_no_remark(assignment):
    version = assignment.kits["heads"].version
    job = handed_in(assignment, notebook(assignment="hw3", chapter="heads", version=version))
    assert job.remarks == []
    assert job.notebooks["heads"].cells == (("", ANSWER),)
    assert handed_in(assignment, notebook()).notebooks.keys() == {"heads"}, "its checks say so"


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (
            notebook(assignment="hw2", chapter="heads"),
            "a.ipynb was handed out for hw2, and is mark",
        ),
        (notebook(chapter="heads", version="old"), "a.ipynb is of another version of the chapter"),
    ],
)
def test_another_assignment_or_version_is_said_and_marked(assignment, content, remark):
    job = handed_in(assignment, content)
    assert len(job.remarks) == 1 and job.remarks[0].startswith(remark)
    assert job.notebooks["heads"].cells == (("", ANSWER),)


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (notebook(chapter="positions"), "a.ipynb is of positions, which is not in this assignment"),
        (notebook("x = 1"), "a.ipynb has none of the exercises"),
        (b"{", "a.ipynb cannot be read: this is no notebook"),
    ],
)
def test_what_cannot_be_marked_is_said(assignment, content, remark):
    job = handed_in(assignment, content)
    assert len(job.remarks) == 1 and job.remarks[0].startswith(remark)
    assert job.notebooks == {}


def test_of_several_the_last_by_name_is_marked(assignment):
    job = handed_in(assignment, notebook(chapter="heads"), notebook("count = 2", chapter="heads"))
    assert job.notebooks["heads"].cells == (("", "count = 2"),)
    assert job.remarks == [
        "several notebooks of heads were handed in: b.ipynb is marked, the last by name"
    ]


def test_nothing_at_all(assignment):
    assert handed_in(assignment).remarks == ["not handed in"]


def test_widgets_and_outputs_are_never_looked_at(assignment):
    bomb = json.loads(notebook(chapter="heads"))
    views = {f"m{i}": {"state": {"_esm": "for (;;) document.write('x')"}} for i in range(100_000)}
    bomb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": views}}
    shown = {"data": {"text/html": "<script>for (;;) alert(1)</script>"}, "metadata": {}}
    bomb["cells"][0]["outputs"] = [shown] * 10_000
    job = handed_in(assignment, json.dumps(bomb).encode())
    assert job.notebooks["heads"].cells == (("", ANSWER),) and job.remarks == []
