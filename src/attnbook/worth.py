"""`{worth}`: what attention was worth in each chapter that says so at the head of its text.

    worth:
      task: Say a name that was never seen
      baseline: "{pointers-vocabulary} right, by a vocabulary"
      attention: "{pointers-copied} right"
      cost: twice the time of a step
      verdict: Attention buys it

A name in braces is that of one of the chapter's claims, and stands for what this build measured.
"""

import json
import re
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from .claims_page import ClaimsCollector, row
from .contents import entries
from .links import chapters

KEYS = ("task", "baseline", "attention", "cost", "verdict")
WIDTHS = (14, 20, 22, 16, 14, 14)
_NAME = re.compile(r"\{([^}]*)\}")
NOT_ALL = "{page}.md: expected `worth:` to have {expected}, each a text; got {got}"
NO_CLAIM = "{page}.md: `worth:` names {{{name}}}, and the chapter has no claim of that name"

# The words that readers see.
COLUMNS = ("Chapter", "Task", "Best simple baseline", "Attention", "Its cost", "Verdict")


class worth_table(nodes.General, nodes.Element):
    """Where the directive stands, until every chapter has been read."""


class Worth(SphinxDirective):
    """`{worth}`"""

    def run(self):
        env: Any = self.env  # with an attribute of our own
        env.attnbook_worth_page = env.docname
        return [worth_table()]


def said(env, page: str) -> dict[str, str] | None:
    """What a chapter's head says, or nothing.

    Raises:
        ExtensionError: something is missing, or is another thing.
    """
    found = env.metadata[page].get("worth")
    if found is None:
        return None
    try:
        told = json.loads(found)  # Sphinx keeps what stands at a page's head as text
    except ValueError:
        told = found
    is_whole = isinstance(told, dict) and tuple(told) == KEYS
    if not is_whole or not all(isinstance(words, str) for words in told.values()):
        raise ExtensionError(NOT_ALL.format(page=page, expected=", ".join(KEYS), got=found))
    return told


def _fill(app, doctree, docname) -> None:
    for place in list(doctree.findall(worth_table)):
        table, group = nodes.table(classes=["worth"]), nodes.tgroup(cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in WIDTHS]
        body = nodes.tbody()
        for page in chapters(app.env).values():
            if told := said(app.env, page):
                uri = app.builder.get_relative_uri(docname, page)
                title = entries(app.env)[page].short_title
                link = nodes.reference("", title, refuri=uri, internal=True)
                body += row(link, *(_cell(app.env, page, uri, told[key]) for key in KEYS))
        group += [nodes.thead("", row(*COLUMNS)), body]
        table += group
        place.replace_self(table)


def _cell(env, page: str, uri: str, words: str) -> nodes.inline:
    """A sentence, in which each name of a claim is what was measured, with a link to it."""
    claims = {claim["name"]: claim for claim in ClaimsCollector.of(env).get(page, [])}
    cell = nodes.inline()
    for i, part in enumerate(_NAME.split(words)):
        if i % 2 == 0:
            cell += nodes.Text(part)
        elif part in claims:
            anchor = f"{uri}#{claims[part]['id']}"
            cell += nodes.reference("", claims[part]["measured"], refuri=anchor, internal=True)
        else:
            raise ExtensionError(NO_CLAIM.format(page=page, name=part))
    return cell


def _again(app, env) -> list[str]:
    """Every build fills the table anew, whatever page was edited."""
    page = getattr(env, "attnbook_worth_page", "")
    return [page] if page in env.found_docs else []


def setup(app) -> None:
    app.add_node(worth_table)
    app.add_directive("worth", Worth)
    app.connect("doctree-resolved", _fill)
    app.connect("env-updated", _again)
