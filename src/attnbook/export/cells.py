"""From a resolved page to the cells of its notebook."""

import hashlib
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pybtex_docutils import Backend
from sphinx.errors import ExtensionError
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node
from sphinxcontrib.bibtex.domain import BibtexDomain

from attnlab.claims import CLAIM_MIME

from ..asides import aside
from ..code_cells import code_cells, is_code_cell
from ..diagrams import diagram
from ..names import distinct, slug
from .markdown import VALUE_END, VALUE_START, Markdown
from .page import Page, number_of

CHECKED = "nbval-check-output"
PICTURE = "image/png"
_HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
_VALUE = re.compile(f"{VALUE_START}([^{VALUE_END}]*){VALUE_END}")


@dataclass(frozen=True)
class Block:
    """A piece of a page: Markdown, or the index of a code cell.

    Markdown that has a name of its own begins a cell, and gives it that name.
    """

    content: str | int
    name: str = ""
    line: int | None = None  # where it stands in the page's file


def notebook_of(page: Page, document: nodes.document, first_cell: str) -> nbformat.NotebookNode:
    """The chapter as a notebook; the code `first_cell` follows its title."""
    cells, names = [], []
    text: list[Block] = []

    def end_text():
        if text:
            source = "\n\n".join(str(block.content) for block in text)
            cells.append(_markdown_cell(source))
            names.append(text[0].name or _fingerprint("text", _bare(source)))
            text.clear()

    for block in _blocks(page, document):
        if isinstance(block.content, int):
            end_text()
            cells.append(_code_cell(page, block.content))
            names.append(block.name or _name_of_code(page, block.content))
        elif block.content:
            if block.name:
                end_text()
            text.append(block)
    end_text()
    cells.insert(1, new_code_cell(first_cell, metadata={"tags": ["setup"]}))
    names.insert(1, "setup")
    for cell, name in zip(cells, distinct(names), strict=True):
        cell["id"] = name
    _count([cell for cell in cells if cell.cell_type == "code"])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.validate(book)
    return book


def without_pictures(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy that holds text alone, so that its differences can be read."""
    copy = deepcopy(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if PICTURE not in o.get("data", {})]
    return copy


def _blocks(page: Page, document: nodes.document) -> Iterator[Block]:
    """Markdown, and code cells, in the order of the page's file."""
    shown = {cell["cell_index"] for cell in code_cells(document)}
    # The page hides some cells altogether, but those that follow need them.
    unseen = [
        index
        for index, cell in enumerate(page.notebook.cells)
        if cell.cell_type == "code" and index not in shown
    ]
    lines = page.notebook.metadata["source_map"]

    def is_before(index: int, block: Block) -> bool:
        if isinstance(block.content, int):
            return index < block.content
        return block.line is not None and lines[index] < block.line

    for block in _children(page, Markdown(page), document):
        while unseen and is_before(unseen[0], block):
            yield Block(unseen.pop(0))
        yield block
    yield from map(Block, unseen)
    yield Block(_references(page), "references")


def _children(page: Page, markdown: Markdown, parent: nodes.Element) -> Iterator[Block]:
    for node in parent.children:
        line = next((n.line for n in node.findall(nodes.Element) if n.line), None)
        if isinstance(node, nodes.section | aside):
            yield from _children(page, markdown, node)
        elif isinstance(node, exercise_node | exercise_enumerable_node):
            name = slug(node["label"])
            yield Block(_exercise_title(page, markdown, node), name, line)
            content = cast(nodes.Element, node.children[1])
            for block in _children(page, markdown, content):
                index = block.content
                if isinstance(index, int) and "exercise" in _tags(page, index):
                    yield Block(index, f"{name}-stub")
                else:
                    yield block
        elif is_code_cell(node):
            yield Block(node["cell_index"])
            for figure in node.findall(nodes.figure):
                if image := figure.next_node(nodes.image):
                    figure.remove(image)  # drawn when the cell runs
                yield Block(markdown(figure))
        else:
            yield Block(markdown(node), _own_name(node), line)


def _own_name(node: nodes.Node) -> str:
    """The name that a piece of text gives the cell that it begins, if it begins one."""
    if isinstance(node, nodes.title):
        return slug(node.astext())
    if isinstance(node, solution_node):
        return slug(f"{node['target_label']}-solution")
    if isinstance(node, nodes.figure) and node.next_node(diagram):
        return node["ids"][0]  # and not after its text, for some notebooks hold the picture
    return ""


def _exercise_title(page: Page, markdown: Markdown, exercise: nodes.Element) -> str:
    """A heading, e.g. `### Exercise 3: Count`."""
    label = "Exercise"
    if isinstance(exercise, exercise_enumerable_node):
        label += " " + number_of(page, "exercise", exercise)
    words = markdown.paragraph(exercise.children[0]).strip()  # "(Count)"
    return f"{markdown.heading_mark(exercise)} {label}{': ' + words[1:-1] if words else ''}"


def _name_of_code(page: Page, index: int) -> str:
    """After the figure that the cell draws, or the first claim that it makes, or what it says."""
    cell = page.notebook.cells[index]
    if figure := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
        return slug(figure)
    for output in cell.outputs:
        if name := output.get("data", {}).get(CLAIM_MIME, {}).get("name"):
            return slug(f"claim {name}")
    return _fingerprint("code", cell.source)


def _fingerprint(kind: str, text: str) -> str:
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _bare(text: str) -> str:
    """Text without measured values, and without the numbers of figures, formulas and exercises."""
    return re.sub(r"\d+", "", _VALUE.sub("", text))


def _references(page: Page) -> str:
    """The list of what the chapter cites, in the order of the bibliography."""
    domain = cast(BibtexDomain, page.env.get_domain("cite"))
    cited = {t.key for r in domain.citation_refs if r.docname == page.docname for t in r.targets}
    entries = {c.key: c.formatted_entry.text for c in domain.citations if c.key in cited}
    markdown = Markdown(page)
    lines = [
        "- " + markdown.paragraph(nodes.paragraph("", "", *text.render(Backend())))
        for text in entries.values()
    ]
    return "\n".join(["## References", "", *lines]) if lines else ""


def _markdown_cell(text: str) -> nbformat.NotebookNode:
    """A cell that remembers where measured values stand: another processor may change them."""
    plain, values = "", []
    for position, part in enumerate(_VALUE.split(text)):  # text, value, text, value, …, text
        if position % 2:
            values.append([len(plain), len(plain) + len(part)])
        plain += part
    return new_markdown_cell(plain, metadata={"values": values} if values else {})


def _code_cell(page: Page, index: int) -> nbformat.NotebookNode:
    cell, tags = page.notebook.cells[index], _tags(page, index)
    outputs = _joined([kept for output in cell.outputs if (kept := _kept(output))])
    if CHECKED in tags and any(map(_has_more_than_text, cell.outputs)):
        raise ExtensionError(
            f"{page.place(None)}: a cell tagged {CHECKED} must print plain text only, "
            f"for a notebook stores nothing else; the cell begins {cell.source.splitlines()[0]!r}"
        )
    metadata = {}
    if notable := sorted({"exercise", CHECKED} & tags):
        metadata["tags"] = notable
    if _HIDDEN & tags:
        metadata["jupyter"] = {"source_hidden": True}
    return new_code_cell(cell.source, metadata=metadata, outputs=outputs)


def _count(cells: list[nbformat.NotebookNode]) -> None:
    """Number the cells as if the notebook had been run from its top, solutions left out."""
    for count, cell in enumerate(cells, 1):
        cell["execution_count"] = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = count


def _tags(page: Page, index: int) -> set[str]:
    return set(page.notebook.cells[index].metadata.get("tags", []))


def _kept(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """An output as text or picture; nothing for widgets and values that prose quotes."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    data = output.get("data", {})
    drawn = any(kind.startswith("image/") or "widget-view" in kind for kind in data)
    if "text/plain" not in data or (drawn and PICTURE not in data):
        return None
    kinds = [kind for kind in ("text/plain", PICTURE) if kind in data]
    return new_output(
        output.output_type,
        {kind: data[kind] for kind in kinds},
        metadata={kind: size for kind, size in output.metadata.items() if kind == PICTURE},
    )


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Printed text comes in pieces, cut wherever the kernel happened to send them."""
    joined = []
    for kind, group in groupby(outputs, key=lambda output: output.output_type):
        if kind == "stream":
            text = "".join(output.text for output in group)
            joined.append(new_output("stream", name="stdout", text=text))
        else:
            joined += group
    return joined


def _has_more_than_text(output: nbformat.NotebookNode) -> bool:
    return output.output_type != "stream" and set(output.get("data", {})) != {"text/plain"}
