"""Cells as a box runs them; all here are ours, and do nothing but give names to numbers."""

import json

import pytest

from attnclass.box.cells import imports_of, run, run_all
from tests.classes.built import NOTEBOOKS


def names(source: str, *, is_whole: bool) -> dict:
    namespace: dict = {}
    run(source, namespace, is_whole=is_whole)
    return {name: value for name, value in namespace.items() if name[:2] != "__"}


@pytest.mark.parametrize(
    ("source", "whole", "part"),
    [
        ("a = 1\nb = [a, -2]\nc, d = 1, {}", "abcd", "abcd"),
        ("a = len([1])\nb = abs(1)", "ab", "a"),
        ("b = [x for x in ()]\nfor c in [1]: pass\na: int = 1\nd: int", "abc", "a"),
        (
            "import math as a\nfrom math import pi as b\ndef c(): pass\nclass d: pass",
            "abcd",
            "abcd",
        ),
        ("a = 1\nraise ValueError\nb = 1", "a", "ab"),
        ("a = 1\nb = gone + 1\nc = 1", "a", "ac"),
        ("def a(x=gone): pass\nb = 1", "", "b"),
        ("a = 1\nexit(0)\nb = 1", "a", "ab"),
        ("a = 1\ncheck('heads/count')\nb = 1", "ab", "ab"),
        ("a = 1\nx = check('heads/count')\nb = 1", "a", "ab"),
        # Lines for the notebook's shell.
        ("%matplotlib inline\na = 1\n!ls\nb = 2", "ab", "ab"),
        ("%%time\na = 1\nlen?\n?len\nb = 1", "ab", "ab"),
        ("if True:\n    %pip install x\n    a = 1", "a", ""),
        ("x = !ls\na = 1\ny = %time 3\nb = 1", "ab", "ab"),
        ("a = 1\r\n%pwd\r\nb = 1", "ab", "ab"),
        # Not for the shell: an expression that goes on, a text.
        ("a = (7\n    % 4)\n%pwd\nb = 1", "ab", "ab"),
        ("a = '''\n% 5\n!x\nwhat?\n'''", "a", "a"),
        ("# why?\na = 1", "a", "a"),
        # No Python at all.
        ("a = 1\nb = (", "", ""),
        ("%%bash\nfor x in a; do", "", ""),
        ("\0", "", ""),
        ("(" * 10_000, "", ""),
        ("\ud800", "", ""),
        ("", "", ""),
    ],
)
def test_which_names_a_cell_gives(source, whole, part):
    assert set(names(source, is_whole=True)) == set(whole)
    assert set(names(source, is_whole=False)) == set(part)


def test_values_are_those_of_a_notebook():
    assert names("a = (7\n    % 4)\n%pwd\nb = '''\n% 5\n'''", is_whole=True) == {
        "a": 3,
        "b": "\n% 5\n",
    }


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ("", set()),
        ("count = (", set()),
        ("b = count()", {"b"}),
        ("def count(): return 2", {"count"}),
        ("import math\nc = 4", {"c"}),
    ],
)
def test_what_the_chapter_calls_as_an_exercise_calls_its_answer_is_no_answer(theirs, found):
    own = "import math\nc = 3\ndef count(): return 1"
    assert run_all([(own, False), (theirs, True)], {}).keys() - {"__builtins__"} == found


def test_imports_alone():
    namespace: dict = {}
    exec(imports_of("%matplotlib inline\nimport math\na = 1 / 0\nfrom math import pi"), namespace)
    assert namespace.keys() - {"__builtins__"} == {"math", "pi"}


def test_a_chapters_definitions_are_there_though_its_experiments_are_not_run():
    namespace: dict = {}
    for cell in json.loads(NOTEBOOKS["heads"].read_text("utf-8"))["cells"]:
        if (
            cell["cell_type"] == "code"
            and cell["id"] != "setup"
            and not cell["metadata"].get("tags")
        ):
            run("".join(cell["source"]), namespace, is_whole=False)
    assert {"np", "torch", "STEPS", "split", "join", "buggy_attend", "without"} <= namespace.keys()
    assert not {"w", "prediction"} & namespace.keys()
