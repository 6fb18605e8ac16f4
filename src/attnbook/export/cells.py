"""From a resolved page to the cells of its notebook."""

import hashlib
import re
from collections.abc import Iterator
from itertools import groupby

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pybtex_docutils import Backend
from sphinx.errors import ExtensionError

from .markdown import VALUE_END, VALUE_START, Markdown
from .page import Page, number_of

CHECKED = "nbval-check-output"
_HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
_EXERCISES = ("exercise_node", "exercise_enumerable_node")


def notebook_of(page: Page, document: nodes.document, first_cell: str) -> nbformat.NotebookNode:
    """The chapter as a notebook whose first cell holds the code `first_cell`."""
    cells = [new_code_cell(first_cell, metadata={"tags": ["setup"]})]
    text: list[str] = []

    def end_text():
        if text:
            cells.append(_markdown_cell("\n\n".join(text)))
            text.clear()

    for block in _blocks(page, document):
        if isinstance(block, int):
            end_text()
            cells.append(_code_cell(page, block))
        elif block:
            if block.startswith("#"):
                end_text()
            text.append(block)
    end_text()
    for position, cell in enumerate(cells):
        name = f"{page.docname}:{position}"
        cell["id"] = hashlib.sha256(name.encode()).hexdigest()[:8]
    _count([cell for cell in cells if cell.cell_type == "code"])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.validate(book)
    return book


def _blocks(page: Page, document: nodes.document) -> Iterator[str | int]:
    """Markdown, and the indices of code cells, in the order of the page."""
    shown = {c["cell_index"] for c in document.findall(_is_cell)}
    # The page hides some cells altogether, but those that follow need them.
    unseen = [
        index
        for index, cell in enumerate(page.notebook.cells)
        if cell.cell_type == "code" and index not in shown
    ]
    for block in _children(page, Markdown(page), document):
        while isinstance(block, int) and unseen and unseen[0] < block:
            yield unseen.pop(0)
        yield block
    yield from unseen
    yield _references(page)


def _children(page: Page, markdown: Markdown, parent: nodes.Element) -> Iterator[str | int]:
    for node in parent.children:
        if isinstance(node, nodes.section):
            yield from _children(page, markdown, node)
        elif type(node).__name__ in _EXERCISES:
            title, content = node.children
            label = "Exercise"
            if type(node).__name__ == "exercise_enumerable_node":
                label += " " + number_of(page, "exercise", node)
            yield f"**{label}{markdown.paragraph(title)}**"
            yield from _children(page, markdown, content)
        elif _is_cell(node):
            yield node["cell_index"]
            for figure in node.findall(nodes.figure):
                figure.remove(figure.next_node(nodes.image))  # drawn when the cell runs
                yield markdown(figure)
        else:
            yield markdown(node)


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _references(page: Page) -> str:
    """The list of what the chapter cites, in the order of the bibliography."""
    domain = page.env.get_domain("cite")
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
    for part in re.split(f"({VALUE_START}[^{VALUE_END}]*{VALUE_END})", text):
        value = part.strip(VALUE_START + VALUE_END)
        if value != part:
            values.append([len(plain), len(plain) + len(value)])
        plain += value
    return new_markdown_cell(plain, metadata={"values": values} if values else {})


def _code_cell(page: Page, index: int) -> nbformat.NotebookNode:
    cell = page.notebook.cells[index]
    tags = cell.metadata.get("tags", [])
    outputs = _joined([text for output in cell.outputs if (text := _text_of(output))])
    if CHECKED in tags and any(map(_has_more_than_text, cell.outputs)):
        raise ExtensionError(
            f"{page.place(None)}: a cell tagged {CHECKED} must print plain text only, "
            f"for a notebook stores nothing else; the cell begins {cell.source.splitlines()[0]!r}"
        )
    metadata = {}
    if kept := sorted({"exercise", CHECKED} & set(tags)):
        metadata["tags"] = kept
    if _HIDDEN & set(tags):
        metadata["jupyter"] = {"source_hidden": True}
    return new_code_cell(cell.source, metadata=metadata, outputs=outputs)


def _count(cells: list[nbformat.NotebookNode]) -> None:
    """Number the cells as if the notebook had been run from its top, solutions left out."""
    for count, cell in enumerate(cells, 1):
        cell["execution_count"] = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = count


def _text_of(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """An output as text; nothing for pictures, widgets and values that prose quotes."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    data = output.get("data", {})
    drawn = any(kind.startswith("image/") or "widget-view" in kind for kind in data)
    if drawn or "text/plain" not in data:
        return None
    return new_output(output.output_type, {"text/plain": data["text/plain"]})


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
