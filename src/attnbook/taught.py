"""Where things are taught: the glossary and the notation lead there.

A term is taught where a text sets it in bold, ``**{term}`softmax`**``, which is once. There it gets
an anchor, and its entry in the glossary ends with a link to it. Elsewhere `` {chapter}`softmax` ``
is a link to a chapter by its number and concept, and `` {chapter}`softmax#the-gradient` `` leads to
one of its sections.
"""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from .collecting import PageCollector
from .contents import entries
from .names import slug
from .times import NO_BREAK, adding_pages

GLOSSARY = "book/back/glossary"
LEADS_TO = " → "

_log = logging.getLogger(__name__)


class chapter_link(nodes.Inline, nodes.Element):
    """Where the role stands, until the contents are known."""


class ChapterRole(SphinxRole):
    """`` {chapter}`scaling` ``: a link, e.g. "2.4 Scaling"."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name, _, anchor = self.text.partition("#")
        node = chapter_link(name=name, anchor=anchor)
        self.set_source_info(node)
        return [node], []


class SectionCollector(PageCollector):
    """Keeps the anchors of each page's sections."""

    kept_as = "attnbook_sections"

    def process_doc(self, app, doctree):
        sections = doctree.findall(nodes.section)
        self.of(app.env)[app.env.docname] = [name for each in sections for name in each["ids"]]


class TaughtCollector(PageCollector):
    """Keeps the terms that each page sets in bold, each with the anchor that it gets there."""

    kept_as = "attnbook_bold"

    def process_doc(self, app, doctree):
        page = app.env.docname
        if page == GLOSSARY:
            adding_pages(app.env).add(page)
            return
        self.of(app.env)[page] = terms = []
        for strong in doctree.findall(nodes.strong):
            for link in strong.findall(pending_xref):
                if link.get("reftype") == "term":
                    strong["ids"].append(anchor := f"taught-{slug(link['reftarget'])}")
                    terms.append((link["reftarget"].lower(), anchor))


def places(env) -> dict[str, list[tuple[str, str]]]:
    """By term, in small letters: the pages that teach it, each with the anchor there."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page, terms in TaughtCollector.of(env).items():
        for term, anchor in terms:
            found.setdefault(term, []).append((page, anchor))
    return found


def _check(app, env) -> list[str]:
    """Each term of the glossary is taught at one place."""
    taught, wrong = places(env), []
    for (kind, term), (page, _) in env.get_domain("std").objects.items():
        pages = [f"{name}.md" for name, _ in taught.get(term.lower(), [])]
        if kind == "term" and page == GLOSSARY and len(pages) != 1:
            wrong.append(
                f"the glossary's {term!r} should be set in bold at the one place that defines it, "
                f"**{{term}}`{term}`**; it is in {' and '.join(sorted(pages)) or 'no page'}"
            )
    if wrong:
        raise ExtensionError("\n".join(wrong))
    return []


def link_to(app, docname: str, page: str, anchor: str = "") -> nodes.reference:
    """A link from one page to another, by number and concept: "2.4 Scaling"."""
    entry = entries(app.env)[page]
    uri = app.builder.get_relative_uri(docname, page) + (anchor and f"#{anchor}")
    words = f"{entry.number}{NO_BREAK}{entry.concept}" if entry.number else entry.concept
    return nodes.reference("", words, refuri=uri, internal=True)


def _fill(app, document, docname) -> None:
    """Before the notebook is made: there, too, these are links."""
    pages = {page.rpartition("/")[2]: page for page in entries(app.env)}
    for node in list(document.findall(chapter_link)):
        page, anchor = pages.get(node["name"]), node["anchor"]
        if page is None or (anchor and anchor not in SectionCollector.of(app.env)[page]):
            wanted = f"{node['name']}#{anchor}" if anchor else node["name"]
            _log.warning("expected a page of the contents, or one of its sections; got %r", wanted,
                         location=node)  # fmt: skip
            node.replace_self(nodes.Text(wanted))
        else:
            node.replace_self(link_to(app, docname, page, anchor))
    if docname == GLOSSARY:
        taught = places(app.env)
        for item in document.findall(nodes.definition_list_item):
            for term in item.findall(nodes.term):
                ((page, anchor),) = taught[term.astext().lower()]
                link = link_to(app, docname, page, anchor)
                item.children[-1].children[-1].extend([nodes.Text(LEADS_TO), link])


def setup(app) -> None:
    app.add_node(chapter_link)
    app.add_role("chapter", ChapterRole())
    app.add_env_collector(SectionCollector)
    app.add_env_collector(TaughtCollector)
    app.connect("env-updated", _check)
    app.connect("doctree-resolved", _fill, priority=50)
