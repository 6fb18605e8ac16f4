"""A notebook's cells, run as far as marking needs them.

Of a cell that is still the chapter's own, only imports, definitions and literals are executed: that
takes a hundredth of a second where the experiments of a chapter take half a minute. A cell that
the learner has changed or added is executed whole, without its calls of `check`.
"""

import ast
from types import CodeType

_PLAIN_CALLS = ("range", "list", "dict", "tuple", "set", "len", "sorted")


def run(source: str, namespace: dict, *, is_whole: bool) -> None:
    """Execute a cell; what it raises ends it, as it would in a notebook, and no other."""
    try:
        tree = ast.parse(_without_magics(source))
        tree.body = [step for step in tree.body if not _checks(step)]
        if not is_whole:
            tree.body = [step for step in tree.body if _defines(step)]
        exec(compile(tree, "<cell>", "exec"), namespace)
    except BaseException:  # SystemExit, too: what was defined before it counts
        return


def imports_of(source: str) -> CodeType:
    """The imports alone of a cell."""
    tree = ast.parse(_without_magics(source))
    tree.body = [step for step in tree.body if isinstance(step, ast.Import | ast.ImportFrom)]
    return compile(tree, "<cell>", "exec")


def _without_magics(source: str) -> str:
    """Lines for the notebook's shell, %pip and !ls, become `pass`, which keeps a block a block."""
    lines = source.split("\n")
    return "\n".join(_as_pass(line) if line.lstrip()[:1] in ("%", "!") else line for line in lines)


def _as_pass(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "pass"


def _checks(step: ast.stmt) -> bool:
    """Is this a call of `check`, which marks nothing here?"""
    return (
        isinstance(step, ast.Expr)
        and isinstance(step.value, ast.Call)
        and isinstance(step.value.func, ast.Name)
        and step.value.func.id == "check"
    )


def _defines(step: ast.stmt) -> bool:
    """Is this an import, a definition, or a name for what takes no time to make?"""
    if isinstance(step, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return True
    is_name = isinstance(step, ast.Assign | ast.AnnAssign) and step.value is not None
    return is_name and all(map(_is_plain, ast.walk(step.value)))


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _PLAIN_CALLS
    return not isinstance(node, ast.Await | ast.comprehension)
