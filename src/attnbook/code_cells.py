"""The code cells of a page, as MyST-NB leaves them in its document."""

from typing import TypeGuard

from docutils import nodes


def is_code_cell(node: nodes.Node) -> TypeGuard[nodes.container]:
    """Whether it is a cell that the page shows; `cell_index` says which of the notebook's."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def code_cells(document: nodes.Element) -> list[nodes.container]:
    """Those that a page shows, in its order."""
    return [node for node in document.findall(nodes.container) if is_code_cell(node)]
