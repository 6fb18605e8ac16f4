r"""Formulas are typeset while the book is built, by KaTeX: pages carry no mathematics script.

`\query{Q}`, `\key{K}`, `\value{V}` and `\weight{A}` have the color of what they mean, and what
`\later{…}` holds is faint: it has not been explained yet. On a page it is a class, so that it
follows light, dark and paper; a notebook, which knows no such commands, gets the formula without
them.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset
from sphinx.util.math import get_node_equation_number

from .javascript import run_node
from .theme import held

# A formula that KaTeX does not understand must fail the build, not turn red on the page.
_SCRIPT = r"""
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const macros = Object.fromEntries(["query", "key", "value", "weight", "later"].map(
  kind => ["\\" + kind, `\\htmlClass{is-${kind}}{#1}`]));
const options = {
  macros,
  trust: ({ command, class: name }) => {
    if (command === "\\htmlClass" && /^is-(query|key|value|weight|later)$/.test(name)) return true;
    throw new Error(`KaTeX may not use ${command} here`);
  },
  strict: code => code === "htmlExtension" ? "ignore" : "error",
};
console.log(JSON.stringify(formulas.map(({ tex, display }) => {
  try {
    return { html: katex.renderToString(tex, { ...options, displayMode: display }) };
  } catch (error) {
    return { error: error.message };
  }
})));
"""
_USUAL = re.compile(r"url\((fonts/KaTeX_(?:Main-Regular|Math-Italic)\.woff2)\)")
_MEANING = re.compile(r"\\(?:query|key|value|weight|later)(?=\{)")


def without_colors(tex: str) -> str:
    r"""A formula for those who know no commands of ours.

    Examples:
        >>> without_colors(r"\query{q_i} \cdot \key{k_j}")
        '{q_i} \\cdot {k_j}'
    """
    return _MEANING.sub("", tex)


def _dist(app) -> Path:
    return Path(app.srcdir) / "node_modules" / "katex" / "dist"


def typeset(dist: Path, formulas: list[dict]) -> list[dict]:
    """HTML with MathML inside for each `{"tex": …, "display": bool}`; or its `error`."""
    script = ("-e", _SCRIPT, str(dist / "katex.js"))
    return json.loads(run_node("KaTeX", *script, stdin=json.dumps(formulas)))


def _typeset_page(app, doctree, docname) -> None:
    """One run of KaTeX for all formulas of a page that are not typeset yet."""
    if app.builder.format != "html":
        return
    found = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    found = [formula for formula in found if "typeset" not in formula]
    formulas = [{"tex": f.astext(), "display": isinstance(f, nodes.math_block)} for f in found]
    for formula, result in zip(found, typeset(_dist(app), formulas) if found else [], strict=True):
        if "error" in result:
            line = next((p.line for p in _ancestry(formula) if p.line), None)
            raise ExtensionError(f"{app.env.doc2path(docname)}:{line}: {result['error']}")
        formula["typeset"] = result["html"]


def _typeset_new_page(app, doctree) -> None:
    _typeset_page(app, doctree, app.env.docname)


def _ancestry(node):
    while node is not None:
        yield node
        node = node.parent


def _visit_inline(self, node) -> None:
    self.body.append(f'<span class="math">{node["typeset"]}</span>')
    raise nodes.SkipNode


def _visit_display(self, node) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(node["typeset"] + "</div>\n")
    raise nodes.SkipNode


def _require_katex(app) -> None:
    if not _dist(app).is_dir():
        raise ExtensionError("KaTeX is missing: run `make book`, which installs it")


def _add_style(app, pagename, templatename, context, doctree) -> None:
    """Only pages with formulas need the style sheet."""
    if doctree and doctree.next_node(lambda n: isinstance(n, nodes.math | nodes.math_block)):
        app.add_css_file("katex/katex.min.css")


def _copy_style(app, error) -> None:
    """The style sheet, and its fonts in the one format that every browser reads.

    Those that nearly every formula needs are within it, so that no line moves when they come.
    """
    target = Path(app.outdir) / "_static" / "katex"
    target.mkdir(parents=True, exist_ok=True)
    style = (_dist(app) / "katex.min.css").read_text("utf-8")
    style = _USUAL.sub(lambda font: f"url({held(_dist(app) / font[1])})", style)
    (target / "katex.min.css").write_text(style, "utf-8")
    copy_asset(_dist(app) / "fonts", target / "fonts", excluded=lambda p: not p.endswith(".woff2"))


def setup(app) -> None:
    app.add_html_math_renderer("katex", (_visit_inline, None), (_visit_display, None))
    app.connect("builder-inited", _require_katex)
    app.connect("html-page-context", _add_style)
    # First when a page is read, before its headings are copied to tables of contents.
    app.connect("doctree-read", _typeset_new_page, priority=400)
    app.connect("doctree-resolved", _typeset_page)
    app.connect("build-finished", _copy_style)
