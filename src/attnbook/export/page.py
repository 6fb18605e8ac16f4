"""What a page's Markdown needs to know beyond its nodes: numbers, addresses, executed cells."""

import posixpath
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment

from ..diagrams import diagram, file_name
from ..links import is_chapter, notebook_path


@dataclass(frozen=True)
class Page:
    """One chapter of a build; `site` is where the book is published, or empty.

    What a reader downloads holds its pictures; what git keeps is text alone.
    """

    env: BuildEnvironment
    docname: str
    notebook: NotebookNode
    site: str
    holds_pictures: bool

    def place(self, node: nodes.Node | None) -> str:
        """The file and line of a node, or of what it stands in."""
        while node is not None and not node.line:
            node = node.parent
        path = Path(self.env.doc2path(self.docname)).relative_to(self.env.srcdir)
        return f"{path}:{node.line}" if node is not None else str(path)

    def address_of(self, reference: nodes.reference) -> str | None:
        """Where a reference leads, for one who reads the notebook somewhere else.

        What stands in the notebook itself is named there and needs no link. Another chapter is a
        notebook in the same folders, wherever these lie; all else is on the site alone.
        """
        address = reference.get("refuri")
        if not reference.get("internal"):
            return address
        if address is None or address.startswith("#"):
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.docname), address))
        chapter = target.partition("#")[0].removesuffix(".html")
        if is_chapter(self.env, chapter):
            here = notebook_path(self.docname).parent
            return posixpath.relpath(notebook_path(chapter), here)
        return self.site + target if self.site else None

    def address_of_image(self, image: nodes.image) -> str | None:
        """The site's copy of a picture."""
        if not self.site:
            return None
        return f"{self.site}_images/{self.env.images[image['uri']][1]}"

    def address_of_diagram(self, node: diagram) -> str | None:
        """The site's copy of a diagram."""
        return f"{self.site}_images/{file_name(node)}.svg" if self.site else None

    def code_of(self, container: nodes.container) -> str:
        """The source of the cell that a page shows."""
        return self.notebook.cells[container["cell_index"]].source


def number_of(page: Page, kind: str, node: nodes.Element) -> str:
    """The number under which the page shows a figure, an equation or an exercise."""
    numbers = page.env.toc_fignumbers[page.docname][kind]
    return ".".join(map(str, numbers[node["ids"][0]]))
