"""What the first page says of the course itself: how to cite it, where to report a mistake.

`{how-to-cite}` shows what `CITATION.cff` says, which is the only source. `{report-a-mistake}` is a
sentence where the repository's address is known, and nothing where it is not.
"""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from .links import Repository, repository
from .names import slug

SOURCE = "CITATION.cff"
NEEDED = ("title", "authors", "version", "date-released")

# The words that readers see.
CITED = "{authors} ({year}). {title}, version {version}."
CITED_AT = "{authors} ({year}). {title}, version {version}. {url}"
REPORT = "You have found a mistake, or a sentence that says more than it shows?"
REPORT_LINK = "Report it."

Known = dict[str, str]


class how_to_cite_node(nodes.General, nodes.Element):
    """Where the directive stands; `known` is what the source says."""


class report_node(nodes.General, nodes.Element):
    """Where the directive stands, until the address is looked up."""


class HowToCite(SphinxDirective):
    """`{how-to-cite}`: a reference, and the same for BibTeX."""

    def run(self):
        source = Path(self.env.srcdir, SOURCE)
        self.env.note_dependency(str(source))
        return [how_to_cite_node(known=read(source))]


class ReportAMistake(SphinxDirective):
    """`{report-a-mistake}`: one sentence with a link, or nothing."""

    def run(self):
        return [report_node()]


def read(source: Path) -> Known:
    """Title, authors, version and year, from a file in the Citation File Format.

    Errors: ExtensionError where one of them is missing.
    """
    found = yaml.safe_load(source.read_text("utf-8"))
    missing = [key for key in NEEDED if not found.get(key)]
    if missing:
        raise ExtensionError(f"{source.name} must have {', '.join(NEEDED)}; got no {missing[0]}")
    names = [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in found["authors"]
    ]
    return {
        "title": found["title"],
        "authors": ", ".join(names),
        "bibtex_authors": " and ".join(f"{{{name}}}" for name in names),
        "version": str(found["version"]),
        "year": str(found["date-released"])[:4],
    }


def bibtex(known: Known, url: str) -> str:
    """The entry for a bibliography.

    >>> known = {"title": "A", "bibtex_authors": "{B}", "year": "2026", "version": "1.0"}
    >>> print(bibtex(known, ""))
    @misc{a,
      author = {{B}},
      title = {A},
      year = {2026},
      note = {Version 1.0}
    }
    """
    fields = {
        "author": known["bibtex_authors"],
        "title": known["title"],
        "year": known["year"],
        "note": f"Version {known['version']}",
    } | ({"url": url} if url else {})
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{slug(known['title'])},\n{lines}\n}}"


def _fill(app, doctree, docname) -> None:
    home = repository(app.config)
    url = home.url if home else ""
    for place in list(doctree.findall(how_to_cite_node)):
        known = place["known"]
        words = (CITED_AT if url else CITED).format(**known, url=url)
        entry = bibtex(known, url)
        place.replace_self(
            [nodes.paragraph("", words), nodes.literal_block(entry, entry, language="text")]
        )
    for place in list(doctree.findall(report_node)):
        place.replace_self(_report(home) if home else [])


def _report(home: Repository) -> list[nodes.Node]:
    target = f"{home.url}/issues/new" if home.github else home.url
    link = nodes.reference("", REPORT_LINK, refuri=target)
    return [nodes.paragraph("", "", nodes.Text(f"{REPORT} "), link)]


def setup(app) -> None:
    app.add_node(how_to_cite_node)
    app.add_node(report_node)
    app.add_directive("how-to-cite", HowToCite)
    app.add_directive("report-a-mistake", ReportAMistake)
    app.connect("doctree-resolved", _fill)
