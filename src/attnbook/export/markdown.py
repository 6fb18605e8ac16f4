"""From the nodes of a resolved page to plain Markdown, which Colab, JupyterLab and GitHub read.

`Markdown` has one method for each kind of node, named like the node's class, and returns text. A
kind that it does not know is an error: nothing of a page may get lost silently.
"""

import re
from base64 import b64encode
from html import escape
from typing import NoReturn

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.locale import admonitionlabels

from ..code_cells import is_code_cell
from ..formulas import without_colors
from .page import Page, number_of

# A measured value stands between these two private characters until the cells are cut.
VALUE_START, VALUE_END = "\ue000", "\ue001"

# What Markdown would take for markup, though the author did not mean it so.
_SPECIAL = re.compile(
    r"[\\`*$]"
    r"|(?<!\w)_|_(?!\w)"
    r"|\](?=[(\[])"
    r"|<(?=[a-zA-Z/!?])|&(?=#?\w+;)"
    r"|(?:^|(?<=\n))(?:>|#(?=#*\s)|[+-](?=\s)|\d+(?=[.)]\s))"
)


class Markdown:
    """Writes the nodes of one page."""

    def __init__(self, page: Page):
        self.page = page

    def __call__(self, node: nodes.Node) -> str:
        method = getattr(self, type(node).__name__, None)
        return method(node) if method else self._refuse(node, _name(node))

    def _refuse(self, node: nodes.Node, what: str) -> NoReturn:
        raise ExtensionError(f"{self.page.place(node)}: the notebook has no Markdown for {what}")

    def _inline(self, node: nodes.Element) -> str:
        return "".join(map(self, node.children))

    def _blocks(self, children: list[nodes.Node]) -> str:
        return "\n\n".join(filter(None, map(self, children)))

    # Words

    def Text(self, node) -> str:
        return _SPECIAL.sub(lambda found: _escape(found[0]), node.astext())

    def emphasis(self, node) -> str:
        return f"*{self._inline(node)}*"

    def strong(self, node) -> str:
        return f"**{self._inline(node)}**"

    def literal(self, node) -> str:
        ticks = "``" if "`" in node.astext() else "`"
        return ticks + node.astext() + ticks

    def math(self, node) -> str:
        return f"${without_colors(node.astext().strip())}$"

    def inline(self, node) -> str:
        text = self._inline(node)
        return VALUE_START + text + VALUE_END if "pasted-text" in node["classes"] else text

    def reference(self, node) -> str:
        text, address = self._inline(node), self.page.address_of(node)
        return f"[{text}]({address})" if address and text != address else text

    def footnote_reference(self, node) -> str:
        return f"<sup>{node.astext()}</sup>"

    def comment(self, node) -> str:
        return ""

    number_reference = reference
    title_reference = emphasis
    abbreviation = _inline
    target = meta = substitution_definition = comment
    covered_start = covered_end = comment  # a notebook shows everything

    # Paragraphs

    def paragraph(self, node) -> str:
        # What differs from run to run is said otherwise in a notebook: see times.py.
        return node.get("in_notebook") or self._inline(node)

    def title(self, node) -> str:
        return f"{self.heading_mark(node.parent)} {self._inline(node)}"

    def heading_mark(self, node) -> str:
        """A # for each section that a node is in, and one for its own title."""
        depth, above = 1, node.parent
        while isinstance(above, nodes.section):
            depth, above = depth + 1, above.parent
        return "#" * depth

    def rubric(self, node) -> str:
        return f"**{self._inline(node)}**"

    def transition(self, node) -> str:
        return "" if "footnotes" in node["classes"] else "---"

    def math_block(self, node) -> str:
        tag = f" \\tag{{{number_of(self.page, 'displaymath', node)}}}" if node["number"] else ""
        return f"$$\n{without_colors(node.astext().strip())}{tag}\n$$"

    def literal_block(self, node) -> str:
        return fence(node.astext().rstrip("\n"), node.get("language", ""))

    def block_quote(self, node) -> str:
        return quote(self._blocks(node.children))

    def attribution(self, node) -> str:
        return "— " + self._inline(node)

    def footnote(self, node) -> str:
        label, *text = node.children
        return f"<sup>{label.astext()}</sup> {self._blocks(text)}"

    # Lists and tables

    def bullet_list(self, node) -> str:
        return self._items(node, ["- "] * len(node))

    def enumerated_list(self, node) -> str:
        first = node.get("start", 1)
        return self._items(node, [f"{first + i}. " for i in range(len(node))])

    def _items(self, node, marks) -> str:
        loose = any(len(item) > 1 and isinstance(item[1], nodes.paragraph) for item in node)
        items = []
        for item, mark in zip(node, marks, strict=True):
            text = (self._blocks if loose else self._tight)(item.children)
            items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        return re.sub(r"\n +(?=\n)", "\n", ("\n\n" if loose else "\n").join(items))

    def _tight(self, children) -> str:
        return "\n".join(filter(None, map(self, children)))

    def table(self, node) -> str:
        caption = [c for c in node.children if isinstance(c, nodes.title)]
        heads, bodies = (list(node.findall(kind)) for kind in (nodes.thead, nodes.tbody))
        width = len(list(node.findall(nodes.colspec)))
        head = self._row(heads[0][0]) if heads else [""] * width
        rows = [head, self._rule(bodies[0][0])]
        rows += [self._row(row) for part in (*heads, *bodies) for row in part][len(heads) :]
        lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return "\n\n".join([*(self._caption(c, "table", node) for c in caption), lines])

    def _row(self, row) -> list[str]:
        for entry in row:
            if "morecols" in entry or "morerows" in entry:
                self._refuse(row, "a table cell that spans others")
        return [self._cell(entry) for entry in row]

    def _cell(self, entry) -> str:
        for formula in entry.findall(nodes.math):  # a bar would end the cell
            tex = formula.astext().replace(r"\|", r"\Vert ").replace("|", r"\vert ")
            formula.replace_self(nodes.math("", tex))
        text = " ".join(self._blocks(entry.children).split())
        return text.replace("|", r"\|")

    def _rule(self, row) -> list[str]:
        rules = {"text-left": ":--", "text-right": "--:", "text-center": ":-:"}
        return [next((rules[c] for c in e["classes"] if c in rules), "---") for e in row]

    # Figures

    def figure(self, node) -> str:
        captions = (nodes.caption, nodes.legend)
        return "\n\n".join(
            self._caption(c, "figure", node) if isinstance(c, captions) else self(c)
            for c in node.children
        )

    def image(self, node) -> str:
        return show(node.get("alt", ""), self.page.address_of_image(node))

    def diagram(self, node) -> str:
        if not self.page.holds_pictures:
            return show(node["alt"], self.page.address_of_diagram(node))
        return held(node["alt"], node["standalone"])

    def caption(self, node) -> str:
        return self._inline(node)

    def legend(self, node) -> str:
        return self._blocks(node.children)

    def _caption(self, node, kind, owner) -> str:
        if isinstance(node, nodes.legend) or not owner["ids"]:
            return self(node)
        label = self.page.env.config.numfig_format[kind] % number_of(self.page, kind, owner)
        return f"**{label}** {self._inline(node)}"

    # Boxes

    def admonition(self, node) -> str:
        title, *text = node.children
        if "dropdown" in node["classes"]:
            return details(_plain(title), self._blocks(text))
        return quote(f"**{self._inline(title)}**\n\n{self._blocks(text)}")

    def sidebar(self, node) -> str:
        title, *text = node.children
        return self.admonition(node) if title.children else quote(self._blocks(text))

    def note(self, node) -> str:
        label = admonitionlabels[type(node).__name__]
        return quote(f"**{label}**\n\n{self._blocks(node.children)}")

    attention = caution = danger = error = hint = important = seealso = tip = warning = note

    def theorem_node(self, node) -> str:
        title, content = node.children
        label = f"{node['realtype'].title()} {number_of(self.page, node['countertype'], node)}"
        return quote(f"**{label}{self._inline(title)}**\n\n{self._blocks(content.children)}")

    definition_node = lemma_node = proposition_node = corollary_node = theorem_node

    def proof_node(self, node) -> str:
        title, content = node.children
        return quote(f"**Proof**{self._inline(title)}\n\n{self._blocks(content.children)}")

    def solution_node(self, node) -> str:
        _, content = node.children
        return details("Solution", self._blocks(content.children))

    def compound(self, node) -> str:
        """A first page's list of all pages is the site's navigation; notebooks have none."""
        return "" if "toctree-wrapper" in node["classes"] else self._refuse(node, "a compound")

    def container(self, node) -> str:
        """A cell inside a solution is text; elsewhere it would never run."""
        if not is_code_cell(node):
            self._refuse(node, f"a box of class {' '.join(node['classes'])!r}")
        if node.parent.parent.__class__.__name__ != "solution_node":
            self._refuse(node, f"a code cell inside {_name(node.parent)}")
        return fence(self.page.code_of(node), "python")


def show(alt: str, address: str | None) -> str:
    """A picture, or, where it has no address, what is to be seen on it."""
    alt = alt.replace("\n", " ")
    return f"![{alt}]({address})" if address else f"*Picture: {alt}*"


def held(alt: str, svg: str) -> str:
    """A picture that the notebook itself holds.

    As HTML, because not every program that shows notebooks takes such an address in Markdown.
    """
    data = b64encode(svg.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def quote(text: str) -> str:
    """Markdown for a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def details(summary: str, text: str) -> str:
    """HTML that folds Markdown away; the empty lines make it Markdown again."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


def fence(code: str, language: str) -> str:
    """A block of code, with a fence longer than any in it."""
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{'' if language in ('none', 'default') else language}\n{code}\n{ticks}"


def _escape(text: str) -> str:
    if text in "<&":
        return {"<": "&lt;", "&": "&amp;"}[text]
    return text + "\\" if text.isdigit() else "\\" + text  # "3." is escaped as "3\."


def _plain(title: nodes.Element) -> str:
    """A title as HTML, in which Markdown's marks would show; formulas are typeset all the same."""
    words = (
        f"${without_colors(text)}$" if isinstance(text.parent, nodes.math) else text
        for text in title.findall(nodes.Text)
    )
    return escape("".join(words), quote=False)


def _name(node: nodes.Node) -> str:
    name = type(node).__name__.removesuffix("_node").replace("_", " ")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
