"""Plants one small fault after another in a module and counts those that its tests notice.

    python tests/mutants.py [--jobs N] [MODULE ...]

A fault is one operator, comparison, number, truth value or condition turned around, or one call
left out. Each is tried in a process forked off this one, so that torch is imported once. A fault
that no test notices is printed with its line; what cannot be noticed stands in EQUIVALENT with the
reason. The exit status is 1 when fewer than 95 % of the faults that could be noticed are.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis  # noqa: F401 - imported once, before the forks
import pytest
import torch  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {  # module: the tests that are to notice
    "_arrays": ["softmax", "masks", "scores", "attention", "attention_errors", "positions"],
    "softmax": ["softmax"],
    "masks": ["masks"],
    "scores": ["scores"],
    "attention": ["attention", "attention_errors"],
    "positions": ["positions"],
    "learned_positions": ["learned_positions"],
    "learned_scores": ["learned_scores"],
    "multihead": ["multihead"],
    "decoding": ["decoding"],
}
SECONDS = 120  # after which a fault counts as noticed: it made something run forever
ENOUGH = 0.95

SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}

# (module, the line as it stands with the fault in it): why no test can notice.
EQUIVALENT = {
    ("softmax", "return xp.astype(weights, scores.dtype, copy=True)"): "one copy more, same values",
    (
        "attention",
        "def blockwise_attention(q: Array, k: Array, v: Array, *, mask: Array | None=None, "
        "causal: bool=False, block: int=513) -> Array:",
    ): "the result does not depend on the size of a block",
}


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes in which a fault makes sense: no annotations, no texts."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not isinstance(node, ast.AnnAssign):
                yield node
                yield from places(node)


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of this node."""
    changed = copy.deepcopy(node)
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPS:
            changed.ops = [SWAPS[type(op)]()]
            yield changed
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPS:
            changed.op = SWAPS[type(op)]()
            yield changed
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
            yield changed.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.IfExp():
            changed.body, changed.orelse = changed.orelse, changed.body
            yield changed
        case ast.If():
            changed.test = ast.UnaryOp(ast.Not(), changed.test)
            yield changed
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield ast.Pass()


def mutants(source: str) -> Iterator[tuple[int, str, ast.Module]]:
    """Line, the changed code, and the module with it, for every fault."""
    count = len(list(places(ast.parse(source))))
    for index in range(count):
        for choice in range(9):
            tree = ast.parse(source)
            node = list(places(tree))[index]
            options = list(faults(node))
            if choice >= len(options):
                break
            fault = ast.copy_location(options[choice], node)
            Replace(node, fault).visit(tree)
            ast.fix_missing_locations(tree)
            statement = min(
                (s for s in ast.walk(tree) if isinstance(s, ast.stmt) and holds(s, fault)),
                key=lambda s: len(ast.unparse(s)),
            )
            yield node.lineno, ast.unparse(statement).splitlines()[0], tree


def holds(tree: ast.AST, node: ast.AST) -> bool:
    return any(child is node for child in ast.walk(tree))


class Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Gives one module's name the changed tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module) -> None:
        exec(compile(self.tree, self.name, "exec"), module.__dict__)


def start(module: str, tree: ast.Module) -> int:
    """The process that runs the tests with the fault in place; its status is 0 if none notices."""
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, Loader(f"attnlab.{module}", tree))
    tests = [str(ROOT / f"tests/unit/test_{name}.py") for name in TARGETS[module]]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
    options.append("--hypothesis-profile=mutants")
    # hypothesis was imported before pytest could rewrite its assertions: no harm here.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    os._exit(int(pytest.main([*options, f"--rootdir={ROOT}", *tests])))


def survivors(module: str, jobs: int) -> tuple[int, list[tuple[int, str]]]:
    """How many faults were tried, and line and code of those that no test noticed."""
    source = (ROOT / f"src/attnlab/{module}.py").read_text()
    if os.waitpid(start(module, ast.parse(source)), 0)[1]:
        raise SystemExit(f"{module}: its tests fail without any fault")
    tried, left, running = 0, [], {}
    waiting = mutants(source)
    while True:
        while len(running) < jobs and (fault := next(waiting, None)):
            line, code, tree = fault
            running[start(module, tree)] = (line, code)
            tried += 1
        if not running:
            return tried, sorted(left)
        pid, status = os.wait()
        fault = running.pop(pid)
        if status == 0:
            left.append(fault)
            print(
                f"    {module}, line {fault[0]}: {fault[1]}    {verdict(module, fault)}", flush=True
            )


def verdict(module: str, fault: tuple[int, str]) -> str:
    return EQUIVALENT.get((module, fault[1]), "NOT NOTICED")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=list(TARGETS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    all_tried = all_missed = 0
    for module in arguments.modules:
        tried, left = survivors(module, arguments.jobs)
        missed = [fault for fault in left if (module, fault[1]) not in EQUIVALENT]
        tried -= len(left) - len(missed)
        all_tried, all_missed = all_tried + tried, all_missed + len(missed)
        print(f"{module}: {tried - len(missed)} of {tried} noticed", flush=True)
    share = 1 - all_missed / all_tried
    print(f"together: {share:.1%} of {all_tried}")
    return share < ENOUGH


if __name__ == "__main__":
    sys.exit(main())
