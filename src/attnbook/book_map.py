"""The page that shows what builds on what, and what a reader may skip.

`{book-map}` draws the chapters with an arc to each from what it builds on. `{what-to-skip}` lists
them, with two questions each: whoever can answer them knows the chapter. The questions stand in the
chapter, in a box of the class `skip`, as a list: a question, and in a paragraph of its own the
answer.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .collecting import PageCollector
from .contents import Part, contents
from .diagrams import STYLE, html_of
from .diagrams.book_map import draw
from .links import chapters, is_chapter
from .names import slug
from .needs import direct, needs, says_what_it_needs
from .sentences import composed
from .taught import link_to
from .times import adding_pages, chapter_minutes

TEXT = {
    "needs nothing": "{chapter} takes about {minutes} minutes and needs no other chapter.",
    "needs": "{chapter} takes about {minutes} minutes and builds on {others}.",
    "questions": "{skip} {questions}",
    "skip": "Skip it if you can answer:",
    "answers": "The answers",
}
QUESTIONS = 2  # of each chapter

_log = logging.getLogger(__name__)


class book_map(nodes.General, nodes.Element):
    """The drawing of a figure; `alt` says what is to be seen."""


class what_to_skip(nodes.General, nodes.Element):
    """Where the list stands, until every chapter has been read."""


class BookMap(SphinxDirective):
    """`{book-map}`, with an `:alt:` and a caption like a diagram."""

    has_content = True
    option_spec: ClassVar = {"alt": directives.unchanged}

    def run(self):
        self.assert_has_content()
        if "alt" not in self.options:
            raise self.error("the map needs an :alt:")
        adding_pages(self.env).add(self.env.docname)
        caption, messages = self.parse_inline(" ".join(self.content), lineno=self.content_offset)
        figure = nodes.figure("", book_map(alt=self.options["alt"]))
        figure += nodes.caption("", "", *caption)
        self.set_source_info(figure)
        return [figure, *messages]


class WhatToSkip(SphinxDirective):
    """`{what-to-skip}`"""

    def run(self):
        adding_pages(self.env).add(self.env.docname)
        return [what_to_skip()]


class SkipCollector(PageCollector):
    """Keeps each chapter's questions and answers."""

    kept_as = "attnbook_skips"

    def process_doc(self, app, doctree):
        for box in doctree.findall(nodes.admonition):
            if "skip" not in box["classes"]:
                continue
            items = [item.deepcopy() for item in box.findall(nodes.list_item)]
            asked = [i for i in items if i[0].astext().endswith("?") and len(i.children) > 1]
            if not len(asked) == len(items) == QUESTIONS:
                _log.warning("expected %s questions with their answers", QUESTIONS, location=box)
            self.of(app.env)[app.env.docname] = items


def _parts(env) -> Iterator[tuple[Part, list[str]]]:
    """The parts of the book that have chapters, with these chapters' pages."""
    for part in contents(env):
        pages = [entry.page for entry in part.entries if is_chapter(env, entry.page)]
        if pages:
            yield part, pages


def _refuse_silence(env) -> None:
    """What a chapter doesn't say, the map would show as if it were so."""
    for _, pages in _parts(env):
        for page in pages:
            if not says_what_it_needs(env, page):
                raise ExtensionError(
                    f"{page}.md doesn't say what it needs, and the map shows it: "
                    "write `needs: []` at its head if that is nothing"
                )
            if page not in SkipCollector.of(env):
                raise ExtensionError(
                    f"{page}.md has no questions for those who may skip it: see CONTRIBUTING.md"
                )


def _visit_map(self, node) -> None:
    env = self.builder.env
    names = {page: name for name, page in chapters(env).items()}
    parts = [
        (
            part.caption,
            {
                names[entry.page]: f"{entry.number} {entry.concept}".strip()
                for entry in part.entries
                if entry.page in pages
            },
        )
        for part, pages in _parts(env)
    ]
    needed = {names[page]: [names[o] for o in other] for page, other in direct(needs(env)).items()}
    self.body.append(html_of(self.builder, draw(parts, needed).svg, node["alt"]))
    raise nodes.SkipNode


def _fill(app, document, docname) -> None:
    if document.next_node(book_map) or document.next_node(what_to_skip):
        _refuse_silence(app.env)
    for place in list(document.findall(what_to_skip)):
        needed = direct(needs(app.env))
        sections = []
        for part, pages in _parts(app.env):
            section = nodes.section(ids=[slug(f"skip {part.caption}")], classes=["skip"])
            section += nodes.title("", part.caption)
            for page in pages:
                section += _entry(app, docname, page, needed[page])
            sections.append(section)
        place.replace_self(sections)


def _entry(app, docname: str, page: str, needed: list[str]) -> Sequence[nodes.Node]:
    """A chapter's lines in the list."""
    minutes = str(chapter_minutes(app.env, page))
    links = [link_to(app, docname, other) for other in needed]
    others = [part for link in links for part in (nodes.Text(", "), link)][1:]
    questions = [item.deepcopy() for item in SkipCollector.of(app.env)[page]]
    asked = [child for item in questions for child in (nodes.Text(" "), *item[0].children)][1:]
    answers = [paragraph for item in questions for paragraph in item[1:]]
    chapter = nodes.strong("", "", link_to(app, docname, page))
    box = nodes.admonition(
        "", nodes.title("", TEXT["answers"]), *answers, classes=["dropdown", "skip"]
    )
    about = "needs" if needed else "needs nothing"
    return [
        _sentence(about, chapter=[chapter], minutes=[nodes.Text(minutes)], others=others),
        _sentence("questions", skip=[nodes.strong("", TEXT["skip"])], questions=asked),
        box,
    ]


def _sentence(name: str, **places: Sequence[nodes.Node]) -> nodes.paragraph:
    return nodes.paragraph("", "", *composed(TEXT[name], **places))


def _add_style(app, pagename, templatename, context, doctree) -> None:
    if doctree and doctree.next_node(book_map):
        app.add_css_file(STYLE.name)


def setup(app) -> None:
    app.add_node(book_map, html=(_visit_map, None))
    app.add_node(what_to_skip)
    app.add_directive("book-map", BookMap)
    app.add_directive("what-to-skip", WhatToSkip)
    app.add_env_collector(SkipCollector)
    app.connect("html-page-context", _add_style)
    app.connect("doctree-resolved", _fill)
