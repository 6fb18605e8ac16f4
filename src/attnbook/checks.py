"""A chapter's findings stand on its page as boxes; its other claims are folded, and counted.

The build decides all of them alike, and the page of claims lists them all.
"""

from collections.abc import Iterable
from itertools import groupby

from docutils import nodes

from .claims_page import claim_node
from .folding import folded

# The words that readers see: how many claims are folded here, alone or below a finding.
ONE, MANY = "1 check holds", "{n} checks hold"
ONE_MORE, MANY_MORE = "1 more check holds", "{n} more checks hold"


def counted(n: int, *, more: bool) -> str:
    """The line behind which `n` checks are folded.

    Examples:
        >>> counted(1, more=False), counted(3, more=True)
        ('1 check holds', '3 more checks hold')
    """
    if n == 1:
        return ONE_MORE if more else ONE
    return (MANY_MORE if more else MANY).format(n=n)


def _fold(app, doctree, docname) -> None:
    """After the notebook is made, whose cells print every claim."""
    if app.builder.format != "html":
        return
    for output in list(doctree.findall(nodes.container)):
        if "cell_output" in output["classes"]:
            output.children = list(_folded(output.children))


def _folded(children: list[nodes.Node]) -> Iterable[nodes.Node]:
    after_finding = False
    for is_check, group in groupby(children, key=_is_check):
        found = list(group)
        if is_check:
            line = counted(len(found), more=after_finding)
            yield folded("", *found, line=line, classes=["checks"])
        else:
            yield from found
            after_finding = isinstance(found[-1], claim_node)


def _is_check(node: nodes.Node) -> bool:
    return isinstance(node, claim_node) and not node["record"]["finding"]


def setup(app) -> None:
    app.connect("doctree-resolved", _fold, priority=600)
