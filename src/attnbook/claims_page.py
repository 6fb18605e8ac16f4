"""The page of claims: every `claim` of every chapter, with what this build measured."""

import json
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeRenderPlugin
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from attnlab.claims import CLAIM_MIME

from .collecting import PageCollector
from .contents import entries
from .names import distinct, slug
from .sentences import composed

CLAIM = "{statement}: {measured} ({tolerance})"
COLUMNS = ("Claim", "Tolerance", "Measured")
MARK = " †"  # beside what a stored run measured
COUNTED = (": {count} claim", ": {count} claims")  # behind a chapter's name, one or several
STORED = "† These values were not measured by this build."


class claim_node(nodes.paragraph):
    """One claim where its chapter states it; `record` is what `attnlab.claim` displayed."""


class claims_list(nodes.General, nodes.Element):
    """Where the `{claims}` directive stands, until every chapter has been read."""


class ClaimRenderer(MimeRenderPlugin):
    """Turns a claim's output into a line of its own that can be linked to."""

    mime_priority_overrides = (("*", CLAIM_MIME, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline) -> list[nodes.Element] | None:
        if data.mime_type != CLAIM_MIME:
            return None
        content: Any = data.content  # JSON comes parsed, though it is declared as text
        record = content if isinstance(content, dict) else json.loads(content)
        node = claim_node(classes=["claim"], record=record)
        node += composed(
            CLAIM,
            statement=[nodes.inline("", record["statement"], classes=["claim-statement"])],
            measured=[nodes.strong("", record["measured"])],
            tolerance=[nodes.Text(record["tolerance"])],
        )
        return [node]


class ClaimsDirective(SphinxDirective):
    """`{claims}`: the list of all claims of the book."""

    def run(self):
        env: Any = self.env  # with an attribute of our own
        env.attnbook_claims_page = env.docname
        return [claims_list()]


class ClaimsCollector(PageCollector):
    """Keeps the claims of each chapter, and names their anchors."""

    kept_as = "attnbook_claims"

    def process_doc(self, app, doctree):
        found = list(doctree.findall(claim_node))
        anchors = distinct(_anchor(node["record"]) for node in found)
        for node, anchor in zip(found, anchors, strict=True):
            node["ids"] = [anchor]
        if found:
            claims = [{**node["record"], "id": node["ids"][0]} for node in found]
            self.of(app.env)[app.env.docname] = claims

    def get_updated_docs(self, app, env):
        """Every build lists the claims anew, whatever page was edited."""
        names = [c["name"] for claims in self.of(env).values() for c in claims if c["name"]]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ExtensionError(f"two claims share the name {', '.join(twice)}")
        page = getattr(env, "attnbook_claims_page", None)
        return [page] if page else []


def _anchor(claim: dict) -> str:
    return slug(f"claim {claim['name'] or claim['statement']}")


def _fill_page(app, doctree, docname) -> None:
    for place in list(doctree.findall(claims_list)):
        claims = ClaimsCollector.of(app.env)
        chapters = [name for name in _reading_order(app.env) if name in claims]
        titles = {name: entries(app.env)[name] for name in chapters}
        listed = nodes.bullet_list()
        for name in chapters:
            link = nodes.reference("", titles[name].short_title, refid=_section_of(name))
            words = COUNTED[len(claims[name]) > 1].format(count=len(claims[name]))
            text = nodes.paragraph("", "", link, nodes.Text(words))
            listed += nodes.list_item("", text)
        tables = [
            _chapter_table(app, docname, name, titles[name].full_title, claims[name])
            for name in chapters
        ]
        place.replace_self([listed, *tables])


def _section_of(chapter: str) -> str:
    return nodes.make_id(f"claims-{chapter}")


def _reading_order(env) -> list[str]:
    """Page names in the order of `_toc.yml`."""
    return list(env.external_site_map)


def _chapter_table(app, page, chapter, title, claims) -> nodes.section:
    def link(text, anchor=""):
        uri = app.builder.get_relative_uri(page, chapter) + anchor
        return nodes.reference("", text, refuri=uri, internal=True)

    section = nodes.section(ids=[_section_of(chapter)])
    section += nodes.title("", "", link(title))
    for run in sorted({claim["stored"] for claim in claims} - {""}):
        section += nodes.paragraph("", f"{STORED} {run}")
    table = nodes.table(classes=["claims"])
    group = nodes.tgroup(cols=3)
    group += [nodes.colspec(colwidth=width) for width in (60, 25, 15)]
    head = nodes.thead("", row(*COLUMNS))
    body = nodes.tbody()
    for claim in claims:
        body += row(
            link(claim["statement"], "#" + claim["id"]),
            claim["tolerance"],
            claim["measured"] + (MARK if claim["stored"] else ""),
        )
    group += [head, body]
    table += group
    section += table
    return section


def row(*cells: str | nodes.Node) -> nodes.row:
    """A row of a table, of words or of links."""
    made = nodes.row()
    for cell in cells:
        content = nodes.Text(cell) if isinstance(cell, str) else cell
        made += nodes.entry("", nodes.paragraph("", "", content))
    return made


def setup(app) -> None:
    app.add_node(
        claim_node,
        html=(
            lambda self, node: self.visit_paragraph(node),
            lambda self, node: self.depart_paragraph(node),
        ),
    )
    app.add_node(claims_list)
    app.add_directive("claims", ClaimsDirective)
    app.add_env_collector(ClaimsCollector)
    app.connect("doctree-resolved", _fill_page)
