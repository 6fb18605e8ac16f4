"""How pages look: our frame and styles around the theme's content, and nothing that is unused."""

import re
import shutil
from base64 import b64encode
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlparse

from docutils import nodes
from sphinx.locale import admonitionlabels
from sphinx_exercise.nodes import solution_node

from . import front
from .links import repository

HERE = Path(__file__).parent
STYLES = ("css/fonts.css", "css/base.css", "css/frame.css", "css/content.css", "css/course.css")

# A font that came after its page would move the words: it comes within the style sheet.
_FACE = """@font-face {{
  font-family: "Book Serif";
  src: url({address}) format("woff2");
  font-weight: 400 700;
  font-style: {slant};
}}
"""

_PATH = re.compile(r'\bd="[^"]*"')
_EXACT = re.compile(r"-?\d+\.\d{3,}")

# What the theme and the extensions put on every page, and our own style and script replace.
REPLACED = (
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "scripts/sphinx-book-theme.js",
    "mystnb.",
    "exercise.css",
    "proof.css",
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
)
# The parts of the theme's frame, which the theme renders for every page to see whether they are
# empty. Our frame shows none of them.
UNSHOWN = (
    "article_header_start",
    "article_header_end",
    "footer_content_items",
    "primary_sidebar_end",
    "secondary_sidebar_items",
)
# 4 MB of the theme, and the scripts of Sphinx's search, that no page asks for.
UNUSED = ("vendor", "styles", "scripts", "locales", "images")
UNUSED_SCRIPTS = (
    *("documentation_options.js", "doctools.js", "sphinx_highlight.js"),
    *("searchtools.js", "language_data.js"),
)

# Where a script of ours is missing, a page is what it is without scripts: nothing stays covered
# that could not be uncovered. The widgets' script says the same, see _config.yml.
GIVE_UP = "document.documentElement.classList.remove('js')"


class summary(nodes.Part, nodes.TextElement):
    """The line of a folded box that is always seen."""


def _configure(app, config) -> None:
    config.templates_path.append(str(HERE / "templates"))
    config.html_static_path.append(str(Path(app.srcdir, "book", "assets")))
    config.html_sidebars = {"**": []}
    config.html_theme_options.update({part: [] for part in UNSHOWN})
    for path in STYLES:
        app.add_css_file(path)
    app.add_css_file("css/print.css", media="print")
    app.add_js_file("site.js", loading_method="defer", onerror=GIVE_UP)
    config.html_baseurl = site_url(config)
    # On a host the page for wrong addresses is shown at any depth, so its links begin at the root.
    config.notfound_urls_prefix = urlparse(config.html_baseurl).path or "/"


def _write_scripts_and_fonts(app) -> None:
    """Before the pages, which are told their checksums."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    front.write(static)
    faces = (
        _FACE.format(address=held(HERE / "fonts" / f"{slant}.woff2"), slant=slant)
        for slant in ("normal", "italic")
    )
    (static / "css").mkdir(exist_ok=True)
    (static / "css" / "fonts.css").write_text("".join(faces), "utf-8")


def held(font: Path) -> str:
    """An address that is the font itself."""
    return f"data:font/woff2;base64,{b64encode(font.read_bytes()).decode()}"


def site_url(config) -> str:
    """The site's address with a slash at its end; "" where neither it nor a repository is known."""
    if config.html_baseurl:
        return config.html_baseurl.rstrip("/") + "/"
    home = repository(config)
    if home is None or not home.github:
        return ""
    owner, name = home.github.split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def _prepare_page(app, pagename, templatename, context, doctree) -> None:
    """The page's description; and only the scripts and styles that it needs."""
    context["html_baseurl"] = app.config.html_baseurl
    # Sphinx made these addresses before the page for wrong addresses got its absolute ones.
    context["favicon_url"] = context["pathto"]("_static/favicon.svg", 1)
    context["logo_url"] = context["pathto"]("_static/logo.svg", 1)
    context["description"] = _description(context.get("meta") or {}, doctree)
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if not _is_replaced(file)]


def _is_replaced(file) -> bool:
    path = str(getattr(file, "filename", file) or "").removeprefix("_static/")
    # The theme tells Sphinx's scripts, which are not there, which page this is.
    body = getattr(file, "attributes", {}).get("body", "")
    return path.startswith(REPLACED) or body.startswith("DOCUMENTATION_OPTIONS")


def _start_page(app):
    """The site's address leads to the first page."""
    yield (
        "index",
        {"first": app.builder.get_relative_uri("index", app.config.root_doc)},
        "start.html",
    )


def _description(meta: dict, doctree) -> str:
    """What the page says of itself in its `description`, or else its first plain paragraph."""
    if "description" in meta or doctree is None:
        return meta.get("description", "")
    paragraphs = (p for p in doctree.findall(nodes.paragraph) if not p["classes"])
    plain = (p.astext() for p in paragraphs if not p.next_node(nodes.math))
    return shorten(next(plain, ""), 300, placeholder=" …")


def _visit_box(self, node, name="") -> None:
    """A box of the class `dropdown` becomes <details>, which opens without a script."""
    if name:  # a note, a tip, …: its title is its kind
        node.insert(0, nodes.title("", admonitionlabels[name]))
    if "dropdown" in node["classes"]:
        title = node[0].astext()  # its text alone: a link here would take the press that unfolds
        node[0].replace_self(summary("", title))
    self.body.append(self.starttag(node, _tag_of(node), CLASS="admonition"))


def _depart_box(self, node) -> None:
    self.body.append(f"</{_tag_of(node)}>\n")


def _tag_of(box) -> str:
    return "details" if "dropdown" in box["classes"] else "div"


def _visit_summary(self, node) -> None:
    self.body.append(self.starttag(node, "summary", "", CLASS="admonition-title"))


def _depart_summary(self, node) -> None:
    self.body.append("</summary>\n")


def _visit_citation(self, node) -> None:
    """A plain paragraph: prose cites by author and year, so nobody looks for a label."""
    node.remove(node.next_node(nodes.label))
    self.body.append(self.starttag(node, "div", CLASS="citation"))


def _depart_citation(self, node) -> None:
    self.body.append("</div>\n")


def _finish(app, error) -> None:
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for folder in UNUSED:
        shutil.rmtree(static / folder, ignore_errors=True)
    for name in UNUSED_SCRIPTS:
        (static / name).unlink(missing_ok=True)
    for template in static.glob("*webpack-macros.html"):
        template.unlink()
    for picture in Path(app.outdir, app.builder.imagedir).glob("*.svg"):
        picture.write_text(rounded(picture.read_text("utf-8")), "utf-8")


def rounded(svg: str) -> str:
    """A picture whose lines are as exact as a screen can show, and a fifth lighter for it.

    Examples:
        >>> rounded('<path d="M 57.599999 41.472 L 60 41.4" transform="scale(0.015625)"/>')
        '<path d="M 57.6 41.47 L 60 41.4" transform="scale(0.015625)"/>'
    """
    return _PATH.sub(lambda path: _EXACT.sub(_short, path[0]), svg)


def _short(number: re.Match) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def setup(app) -> None:
    app.add_node(summary, html=(_visit_summary, _depart_summary))
    for box in (nodes.admonition, solution_node):
        app.add_node(box, override=True, html=(_visit_box, _depart_box))
    app.add_node(nodes.citation, override=True, html=(_visit_citation, _depart_citation))
    app.connect("config-inited", _configure)
    app.connect("builder-inited", _write_scripts_and_fonts)
    app.connect("html-collect-pages", _start_page)
    app.connect("html-page-context", _prepare_page, priority=900)  # after the extensions' own
    app.connect("build-finished", _finish)
