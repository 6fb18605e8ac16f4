"""On a page, what teaches is in sight and what proves is folded: behind one quiet line each.

Of a cell's code, imports, claims, quotes and drawing are folded where they stand, statement by
statement; the rest stays open. A cell that proves more than it teaches is folded in one piece, with
what leads up to its claims. A notebook shows everything.
"""

import ast
from collections.abc import Iterator
from itertools import groupby

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

IMPORTS, PROOF, DRAWING, TAUGHT = "imports", "proof", "drawing", "taught"
_DRAWN_BY = {"plt", "fig", "figure", "ax", "axes"}
_STATED_BY = {"claim", "quote"}
_SET_UP_BY = {"style"}

# The words that readers see.
TEXT = {
    IMPORTS: "What is imported",
    PROOF: "How this was measured",
    DRAWING: "How this was drawn",
    TAUGHT: "The code",
}


class folded(nodes.Part, nodes.Element):
    """What stands behind a quiet `line`."""


def runs(code: str) -> list[tuple[str, str]]:
    """A cell's code in runs of one kind: what it is for, and its lines.

    Code that is not Python alone, such as a cell that begins with `%%time`, is taught.

    Examples:
        >>> runs("import numpy as np\\n\\nx = np.eye(2)\\nclaim('Two rows', len(x), 2, abs=0)")
        [('imports', 'import numpy as np'), ('taught', 'x = np.eye(2)'), \
('proof', "claim('Two rows', len(x), 2, abs=0)")]
    """
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return [(TAUGHT, code)]
    of_each = [_kind(statement) for statement in statements]
    if of_each.count(PROOF) > of_each.count(TAUGHT) > 0:
        return [(PROOF, code)]
    kinds: list[str] = []  # of each line
    for statement, kind in zip(statements, of_each, strict=True):
        kinds += [kind] * (_end(statement) - len(kinds))  # a comment belongs to what follows it
    lines = code.splitlines()
    kinds += kinds[-1:] * (len(lines) - len(kinds))
    found = []
    for kind, group in groupby(zip(kinds, lines, strict=False), key=lambda pair: pair[0]):
        found.append((kind, "\n".join(line for _, line in group).strip("\n")))
    return found or [(TAUGHT, code)]


def _end(statement: ast.stmt) -> int:
    assert statement.end_lineno is not None  # it was parsed
    return statement.end_lineno


def _kind(statement: ast.stmt) -> str:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return IMPORTS
        case ast.Expr(ast.Call(ast.Name(name))) if name in _SET_UP_BY:
            return IMPORTS
        case ast.Expr(ast.Call(ast.Name(name))) if name in _STATED_BY:
            return PROOF
        case ast.For() | ast.With() | ast.If() if _only_states(statement):
            return PROOF
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
    return DRAWING if names & _DRAWN_BY else TAUGHT


def _only_states(statement: ast.For | ast.With | ast.If) -> bool:
    below = [*statement.body, *getattr(statement, "orelse", [])]
    return all(_kind(inner) == PROOF for inner in below)


def _fold(app, doctree, docname) -> None:
    """After the notebook is made, in which nothing is folded."""
    if app.builder.format != "html":
        return
    for block in list(doctree.findall(nodes.literal_block)):
        cell = block.parent
        if "cell_input" in cell.get("classes", []) and not _stays_whole(block):
            cell.children = list(_shown(block))
    for hidden in list(doctree.findall(HideCodeCellNode)):  # what its author folded
        code = [block.astext() for block in hidden.findall(nodes.literal_block)]
        hidden.replace_self(folded("", *hidden.children, line=_line("\n".join(code))))


def _shown(block: nodes.literal_block) -> Iterator[nodes.Element]:
    found = runs(block.astext())
    for proves, group in groupby(found, key=lambda run: run[0] != TAUGHT):
        parts = list(group)
        copy = block.copy()
        copy.rawsource = "\n\n".join(code for _, code in parts)
        copy += nodes.Text(copy.rawsource)
        yield folded("", copy, line=_line(copy.rawsource)) if proves else copy


def _line(code: str) -> str:
    """What folded code is for above all."""
    kinds = {kind for kind, _ in runs(code)}
    return next(TEXT[kind] for kind in (PROOF, DRAWING, IMPORTS, TAUGHT) if kind in kinds)


def _stays_whole(block: nodes.literal_block) -> bool:
    """A learner's own file stays in one piece, what they fill in, and what the author hid."""
    above: nodes.Element | None = block
    while above is not None:
        if isinstance(above, HideCodeCellNode):
            return True
        if {"exercise", "solution", "tag_attention-file"} & set(above.get("classes", [])):
            return True
        above = above.parent
    return False


def _visit(self, node) -> None:
    self.body.append(self.starttag(node, "details", CLASS="fold"))
    self.body.append(f"<summary>{node['line']}</summary>\n")


def _depart(self, node) -> None:
    self.body.append("</details>\n")


def setup(app) -> None:
    app.add_node(folded, html=(_visit, _depart))
    app.connect("doctree-resolved", _fold, priority=600)
