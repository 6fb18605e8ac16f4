"""Diagrams: a directive that draws one into its page, as a figure among the others.

    ```{diagram} heads
    :alt: What is to be seen, for those who don't see it.

    The caption.
    ```

Each is a function that returns a drawing, in a module that reads like what it draws, with the words
that a reader sees in its `TEXT`. `{diagram} transformer` takes `:reached: heads`, the chapter that
the reader has come to. A text refers to it as `diagram-heads`, or `diagram-transformer-heads`;
where the same one stands in the book once more, `:name:` gives it another name there.
"""

from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element, tostring

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from ..links import chapters
from . import (
    asks_itself,
    block,
    captions,
    contacts,
    convolution,
    counting,
    encoder_decoder,
    families,
    follows,
    graphs,
    heads,
    lookup,
    mask,
    maze,
    myriads,
    patches,
    pointing,
    readers,
    recurrence,
    scores,
    series,
    shapes,
    soft_lookup,
    softmax,
    speech,
    transformer,
)
from .picture import colors_of, picture

STYLE = Path(__file__).parent / "static" / "diagrams.css"
DIAGRAMS = {
    "recurrence": recurrence.draw,
    "convolution": convolution.draw,
    "encoder-decoder": encoder_decoder.without_attention,
    "encoder-decoder-attention": encoder_decoder.with_attention,
    "lookup": lookup.draw,
    "scores": scores.draw,
    "soft-lookup": soft_lookup.draw,
    "shapes": shapes.draw,
    "softmax": softmax.draw,
    "asks-itself": asks_itself.draw,
    "mask": mask.draw,
    "pointing": pointing.draw,
    "heads": heads.draw,
    "block": block.draw,
    "transformer": transformer.draw,
    "families": families.draw,
    "follows": follows.draw,
    "graphs": graphs.draw,
    "series": series.draw,
    "contacts": contacts.draw,
    "counting": counting.draw,
    "speech": speech.draw,
    "captions": captions.draw,
    "maze": maze.draw,
    "myriads": myriads.draw,
    "patches": patches.draw,
    "readers": readers.draw,
}


class diagram(nodes.General, nodes.Element):
    """The picture of a figure: its `name`, how far the reader has `reached`, and its `alt`."""


class Diagram(SphinxDirective):
    """Puts a diagram into a page."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = dict.fromkeys(("alt", "name", "reached"), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        name, alt = self.arguments[0], self.options.get("alt")
        reached = self.options.get("reached")
        if name not in DIAGRAMS:
            raise self.error(f"there is no diagram {name!r}, only {', '.join(DIAGRAMS)}")
        if not alt or not self.content:
            raise self.error(f"the diagram {name!r} needs an :alt: and a caption")
        if reached and (name != "transformer" or reached not in transformer.CHAPTERS):
            raise self.error(
                f"the diagram {name!r} can't have reached {reached!r}: "
                f"only the transformer grows, through {', '.join(transformer.CHAPTERS)}"
            )
        caption, messages = self.parse_inline(" ".join(self.content), lineno=self.content_offset)
        picture = diagram(name=name, reached=reached, alt=alt)
        figure = nodes.figure("", picture, nodes.caption("", "", *caption))
        self.set_source_info(figure)
        self.set_source_info(picture)
        self.options.setdefault("name", file_name(picture))
        self.add_name(figure)
        return [figure, *messages]


def svg_of(node: diagram) -> Element:
    """The drawing; its links have the names of chapters."""
    draw = DIAGRAMS[node["name"]]
    return (draw(node["reached"]) if node["reached"] else draw()).svg


def file_name(node: diagram) -> str:
    return "-".join(filter(None, ("diagram", node["name"], node["reached"])))


def standalone(app, node: diagram) -> str:
    """The diagram as a file of its own, in the colors of paper."""
    base = Path(app.srcdir, "book", "assets", "css", "base.css").read_text("utf-8")
    return picture(svg_of(node), node["alt"], STYLE.read_text("utf-8"), colors_of(base))


def _resolve(app, document, docname) -> None:
    """Refuse links to chapters that don't exist; write what notebooks show from the site."""
    pages = chapters(app.env)
    for node in document.findall(diagram):
        for link in svg_of(node).iter("a"):
            if link.get("href") not in pages:
                raise ExtensionError(
                    f"{app.env.doc2path(docname)}:{node.line}: the diagram {node['name']!r} links "
                    f"to a chapter {link.get('href')!r}, and there is none"
                )
        if app.builder.format == "html":
            node["standalone"] = standalone(app, node)
            if app.config.html_baseurl:
                target = Path(app.outdir, app.builder.imagedir, file_name(node) + ".svg")
                target.parent.mkdir(exist_ok=True)
                target.write_text(node["standalone"], "utf-8")


def html_of(builder, svg: Element, alt: str) -> str:
    """What the page that is being written shows; links lead from it to the chapters' pages."""
    here, pages, links = builder.current_docname, chapters(builder.env), list(svg.iter("a"))
    # A picture hides what is in it from those who listen, and links must be heard.
    svg.set("role", "group" if links else "img")
    svg.set("aria-label", alt)
    for link in links:
        target = pages[link.attrib.pop("href")]
        if target == here:
            link.tag = "g"
        else:
            link.set("href", builder.get_relative_uri(here, target))
    return tostring(svg, encoding="unicode")


def _visit(self, node) -> None:
    self.body.append(html_of(self.builder, svg_of(node), node["alt"]))
    raise nodes.SkipNode


def _serve_style(app, config) -> None:
    config.html_static_path.append(str(STYLE.parent))


def _add_style(app, pagename, templatename, context, doctree) -> None:
    """Only pages with diagrams need the style sheet."""
    if doctree and doctree.next_node(diagram):
        app.add_css_file(STYLE.name)


def setup(app) -> None:
    app.add_directive("diagram", Diagram)
    app.add_node(diagram, html=(_visit, None))
    app.connect("config-inited", _serve_style)
    app.connect("html-page-context", _add_style)
    app.connect("doctree-resolved", _resolve, priority=50)  # before the notebook is made
