"""Every page of the book is in `_toc.yml`.

A page that is listed twice, or does not exist, already stops the build; one that was forgotten
would silently be left out.
"""

from pathlib import Path

from sphinx.errors import ExtensionError


def _refuse_forgotten(app) -> None:
    root = Path(app.srcdir)
    pages = {p.relative_to(root).with_suffix("").as_posix() for p in root.glob("book/**/*.md")}
    listed = {name.removesuffix(".md") for name in app.config.external_site_map}
    if forgotten := sorted(pages - listed):
        raise ExtensionError(
            f"_toc.yml does not list {', '.join(f'{name}.md' for name in forgotten)}: "
            "add each page where readers shall find it"
        )


def setup(app) -> None:
    app.connect("builder-inited", _refuse_forgotten)
