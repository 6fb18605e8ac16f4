"""Results that stay covered on a page until their prediction is made.

What gives an answer away stands between `{covered-start} name-of-the-prediction` and
`{covered-end}`; a notebook shows it, and so does a page on paper or without a script.
"""

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective


class covered_start(nodes.Part, nodes.Element):
    """From here on the page shows nothing until the prediction `name` is made."""


class covered_end(nodes.Part, nodes.Element):
    """Here what is covered ends."""


class covered(nodes.Part, nodes.Element):
    """What gives the answer to a prediction away."""


class CoveredStart(SphinxDirective):
    """`{covered-start} name-of-a-prediction`"""

    required_arguments = 1

    def run(self):
        node = covered_start(name=self.arguments[0])
        self.set_source_info(node)
        return [node]


class CoveredEnd(SphinxDirective):
    """`{covered-end}`"""

    def run(self):
        node = covered_end()
        self.set_source_info(node)
        return [node]


def _arrange(app, doctree, docname) -> None:
    """After the notebook is made, and when a page's contents are known."""
    if app.builder.format == "html":
        try:
            cover(doctree)
        except ValueError as error:
            raise ExtensionError(f"{docname}: {error}") from None


def cover(document: nodes.document) -> None:
    """Wrap what stands between each start and its end, which may be in another section.

    Raises:
        ValueError: a start without its end, an end without its start, or one within another.
    """
    inside: str | None = None

    def wrap(parent: nodes.Element) -> None:
        nonlocal inside
        kept: list[nodes.Node] = []
        run: list[nodes.Node] = []

        def end_run() -> None:
            if run:
                kept.append(covered("", *run, name=inside))
                run.clear()

        for child in list(parent.children):
            if isinstance(child, covered_start):
                if inside is not None:
                    raise ValueError(f"what {inside} covers must end before {child['name']} begins")
                inside = child["name"]
            elif isinstance(child, covered_end):
                if inside is None:
                    raise ValueError("{covered-end} ends nothing")
                end_run()
                inside = None
            elif isinstance(child, nodes.Element) and _has_mark(child):
                end_run()
                wrap(child)
                kept.append(child)
            else:  # of a section that is covered in part, the heading stays
                covers = inside is not None and not isinstance(child, nodes.title)
                (run if covers else kept).append(child)
        end_run()
        parent.children = []
        parent.extend(kept)

    wrap(document)
    if inside is not None:
        raise ValueError(f"what {inside} covers has no {{covered-end}}")


def _has_mark(node: nodes.Element) -> bool:
    return any(isinstance(each, covered_start | covered_end) for each in node.findall())


def _visit_covered(self, node) -> None:
    self.body.append(
        self.starttag(node, "div", CLASS="covered", **{"data-prediction": node["name"]})
    )


def _depart_covered(self, node) -> None:
    self.body.append("</div>\n")


def setup(app) -> None:
    app.add_node(covered_start)
    app.add_node(covered_end)
    app.add_node(covered, html=(_visit_covered, _depart_covered))
    app.add_directive("covered-start", CoveredStart)
    app.add_directive("covered-end", CoveredEnd)
    app.connect("doctree-resolved", _arrange, priority=700)
