"""What is worth knowing beside the main line: folded on a page, and in a notebook a bold line above
its text.

It stands between `{aside-start} Its title` and `{aside-end}`, in one section; code cells may be in
it. Nobody's reading time counts it.
"""

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

ASIDE = "aside"  # the class of the whole
TITLE = "Aside: {title}"  # as readers see it


class aside_start(nodes.Part, nodes.Element):
    """Here an aside begins, with its title as a child."""


class aside_end(nodes.Part, nodes.Element):
    """Here it ends."""


class aside(nodes.Part, nodes.Element):
    """An aside: its title, a rubric, and what it says."""


class AsideStart(SphinxDirective):
    """`{aside-start} Its title`"""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        inline, messages = self.parse_inline(TITLE.format(title=self.arguments[0]))
        node = aside_start("", nodes.rubric("", "", *inline))
        self.set_source_info(node)
        return [node, *messages]


class AsideEnd(SphinxDirective):
    """`{aside-end}`"""

    def run(self):
        node = aside_end()
        self.set_source_info(node)
        return [node]


class Gather(SphinxTransform):
    """Before anything asks what a page holds, e.g. how long it takes to read."""

    default_priority = 890

    def apply(self, **kwargs):
        try:
            gather(self.document)
        except ValueError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from None


def gather(document: nodes.document) -> None:
    """Put what stands between each start and its end into an `aside`.

    Raises:
        ValueError: a start without its end in the same section, an end without its start, or one
            aside within another.
    """
    for start in list(document.findall(aside_start)):
        holder, title = start.parent, start[0]
        first = holder.index(start)
        last = next((i for i in range(first, len(holder)) if _ends(holder[i])), None)
        if last is None:
            raise ValueError(f"{title.astext()!r} has no {{aside-end}} in its section")
        inner = holder[first + 1 : last]
        if any(isinstance(node, aside_start) for node in inner):
            raise ValueError(f"{title.astext()!r} must end before another aside begins")
        holder[first : last + 1] = [aside("", title, *inner, classes=[ASIDE])]
    if document.next_node(aside_end) is not None:
        raise ValueError("an {aside-end} ends nothing")


def _ends(node: nodes.Node) -> bool:
    return isinstance(node, aside_end)


def _visit(self, node) -> None:
    title = node.pop(0)
    self.body.append(self.starttag(node, "details") + "<summary>")
    for child in title.children:
        child.walkabout(self)
    self.body.append("</summary>\n")


def _depart(self, node) -> None:
    self.body.append("</details>\n")


def setup(app) -> None:
    app.add_node(aside_start)
    app.add_node(aside_end)
    app.add_node(aside, html=(_visit, _depart))
    app.add_directive("aside-start", AsideStart)
    app.add_directive("aside-end", AsideEnd)
    app.add_transform(Gather)
