"""In every notebook each exercise has a stub that runs untouched and a solution that passed."""

import ast
import re

import pytest

SOLUTION = re.compile(r"<summary>Solution</summary>(.*?)</details>", re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def exercises_of(notebook) -> list[tuple[dict, str]]:
    """Each stub's cell, with the code of the solution that follows it."""
    found, stub = [], None
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            assert stub is None, f"no solution follows\n{stub.source}"
            stub = cell
        elif cell.cell_type == "markdown":
            for solution in SOLUTION.findall(cell.source):
                assert stub is not None, f"no stub precedes\n{solution}"
                found.append((stub, "\n".join(CODE.findall(solution))))
                stub = None
    assert stub is None, f"no solution follows\n{stub.source}"
    return found


def signatures(code: str) -> dict[str, str]:
    """What a cell defines, by name: a function with its parameters, a class with its methods'."""
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = ast.unparse(node.args)
        elif isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            found |= {f"{node.name}.{m.name}": ast.unparse(m.args) for m in methods}
        elif isinstance(node, ast.Assign):
            found |= {ast.unparse(target): "a value" for target in node.targets}
    return found


def checked(code: str) -> list[str]:
    """The exercises that a cell calls `check` for."""
    return re.findall(r'^check\("(.+)"\)$', code, re.MULTILINE)


def test_a_stub_and_its_solution_fit(notebook):
    exercises = exercises_of(notebook)
    assert exercises
    for stub, solution in exercises:
        asked, given = signatures(stub.source), signatures(solution)
        assert asked, stub.source
        assert asked == {name: given.get(name) for name in asked}
        assert len(checked(stub.source)) == 1
        assert checked(stub.source) == checked(solution)


def test_an_untouched_stub_says_so(notebook):
    for stub, _ in exercises_of(notebook):
        (name,) = checked(stub.source)
        assert stub.outputs[-1].text.startswith(f"○ {name}: not attempted yet")


def test_the_build_ran_every_solution_and_its_check_passed(notebook, site):
    """Before the cells that follow, so that the build notices a solution which breaks them."""
    for stub, _ in exercises_of(notebook):
        (name,) = checked(stub.source)
        (page,) = site.glob(f"book/*/{name.partition('/')[0]}.html")
        assert re.search(f"[✓✎] {name}: ", page.read_text("utf-8"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(x, *, k=1):\n    ...", {"f": "x, *, k=1"}),
        ("class A:\n    def forward(self, x):\n        ...", {"A.forward": "self, x"}),
        ('answer = ...\ncheck("a/b")', {"answer": "a value"}),
    ],
)
def test_what_counts_as_a_signature(code, expected):
    assert signatures(code) == expected
