"""A notebook's cells, run as far as marking needs them.

Of a cell that is still the chapter's own, only imports, definitions and literals are executed: that
takes a hundredth of a second where the experiments of a chapter take half a minute. A cell that
the learner has changed or added is executed whole, without its calls of `check`.
"""

import ast
import re
from collections.abc import Iterable
from types import CodeType

MOST_MAGICS = 100  # in a cell
_MAGIC = re.compile(r"(\s*)(?:(?:\w+\s*=\s*)?[%!?].*|.*\?\s*)")
_PLAIN_CALLS = ("range", "list", "dict", "tuple", "set", "len", "sorted")


def run_all(cells: Iterable[tuple[str, bool]], namespace: dict) -> dict:
    """Execute cells, each whole or not; what is there by name that not the chapter has put there.

    A chapter may call something as an exercise calls its answer, which then is none yet.
    """
    own: dict = {}
    for source, is_whole in cells:
        before = dict(namespace)
        run(source, namespace, is_whole=is_whole)
        if not is_whole:
            own |= {name: x for name, x in namespace.items() if before.get(name, own) is not x}
    return {name: x for name, x in namespace.items() if own.get(name, own) is not x}


def run(source: str, namespace: dict, *, is_whole: bool) -> None:
    """Execute a cell; what it raises ends it, as it would in a notebook, and no other.

    Of a cell that is not executed whole, what fails without the rest is left out by itself.
    """
    try:
        tree = _parsed(source)
        steps = [step for step in tree.body if not _checks(step)]
        for body in [steps] if is_whole else [[step] for step in steps if _defines(step)]:
            tree.body = body
            _run(tree, namespace, ends=is_whole)
    except BaseException:  # SystemExit, too: what was defined before it counts
        return


def _run(tree: ast.Module, namespace: dict, *, ends: bool) -> None:
    try:
        exec(compile(tree, "<cell>", "exec"), namespace)
    except Exception:
        if ends:
            raise


def imports_of(source: str) -> CodeType:
    """The imports alone of a cell."""
    tree = _parsed(source)
    tree.body = [step for step in tree.body if isinstance(step, ast.Import | ast.ImportFrom)]
    return compile(tree, "<cell>", "exec")


def _parsed(source: str) -> ast.Module:
    """A cell as Python; lines for the notebook's shell, such as %pip, !ls and help?, do nothing.

    Such a line becomes `pass`, which keeps a block a block, but only where Python cannot read it:
    an expression may go on with % in its next line.
    """
    lines = source.replace("\r\n", "\n").split("\n")
    for _ in range(MOST_MAGICS):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not (0 <= place < len(lines) and _MAGIC.fullmatch(lines[place])):
                raise
            lines[place] = _MAGIC.sub(r"\1pass", lines[place])
    return ast.parse("\n".join(lines))


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
    if isinstance(step, ast.Assign | ast.AnnAssign) and step.value is not None:
        return all(map(_is_plain, ast.walk(step.value)))
    return False


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _PLAIN_CALLS
    return not isinstance(node, ast.Await | ast.comprehension)
