"""The reader's own `attention.py`, which grows from chapter to chapter.

A chapter's code cell with the tag `attention-file` is the whole file as it stands there. The page
marks the lines that are new since the chapter before, and offers the file as a download.
"""

import posixpath
from difflib import SequenceMatcher
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

from .code_cells import code_cells
from .collecting import PageCollector
from .contents import entries

TAG = "attention-file"
MOST_LINES = 40
FOLDER = "_downloads"
NAME = "attention.py"

# The words that readers see.
FIRST = "{lines} lines. "
GROWN = "{lines} lines; those that are new here are marked. "
DOWNLOAD = "Download attention.py"


class FileCollector(PageCollector):
    """Keeps the file as each chapter leaves it."""

    kept_as = "attnbook_own_file"

    def process_doc(self, app, doctree):
        files = [block.astext() for block in _blocks(doctree)]
        page = app.env.docname
        if len(files) > 1:
            raise ExtensionError(f"{page}: expected one cell tagged {TAG}; got {len(files)}")
        for code in files:
            if (lines := len(code.splitlines())) > MOST_LINES:
                raise ExtensionError(
                    f"{page}: expected at most {MOST_LINES} lines in the cell tagged {TAG}; "
                    f"got {lines}"
                )
            self.of(app.env)[page] = code


def new_lines(before: str, now: str) -> list[int]:
    """Which lines of a text, counted from 1, another has not.

    Examples:
        >>> new_lines("a\\nb", "a\\nB\\nc")
        [2, 3]
    """
    old, new = before.splitlines(), now.splitlines()
    changes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    places = [range(start, end) for kind, _, _, start, end in changes if kind != "equal"]
    return [i + 1 for place in places for i in place if new[i].strip()]


def _stages(env) -> dict[str, tuple[str, str]]:
    """By page, in the book's order: the file before it, and as it leaves it."""
    files, before = FileCollector.of(env), ""
    found = {}
    for page in entries(env):
        if page in files:
            found[page] = before, files[page]
            before = files[page]
    return found


def _grown(app, env) -> list[str]:
    """A page is written anew when the file before it changed."""
    stages = _stages(env)
    known, env.attnbook_stages = getattr(env, "attnbook_stages", {}), stages
    return [page for page, stage in stages.items() if known.get(page) != stage]


def _blocks(doctree: nodes.document) -> list[nodes.literal_block]:
    cells = [cell for cell in code_cells(doctree) if f"tag_{TAG}" in cell["classes"]]
    return [block for cell in cells if (block := cell.next_node(nodes.literal_block)) is not None]


def _show(app, doctree, docname) -> None:
    """After the notebook is made, and before code is folded: the file stays in one piece."""
    if app.builder.format != "html":
        return
    for block in _blocks(doctree):
        before, now = _stages(app.env)[docname]
        if before:
            block["highlight_args"] = {"hl_lines": new_lines(before, now)}
        words = (GROWN if before else FIRST).format(lines=len(now.splitlines()))
        here = posixpath.dirname(docname)
        uri = posixpath.relpath(posixpath.join(FOLDER, _folder(docname), NAME), here or ".")
        link = nodes.raw("", f'<a href="{uri}" download>{DOWNLOAD}</a>', format="html")
        block.parent.append(nodes.paragraph("", "", nodes.Text(words), link, classes=["own-file"]))


def _folder(docname: str) -> str:
    return docname.rpartition("/")[2]


def _write(app, error) -> None:
    if error or app.builder.format != "html":
        return
    for page, code in FileCollector.of(app.env).items():
        path = Path(app.outdir, FOLDER, _folder(page), NAME)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code.rstrip("\n") + "\n", "utf-8")


def setup(app) -> None:
    app.add_env_collector(FileCollector)
    app.connect("env-updated", _grown)
    app.connect("doctree-resolved", _show, priority=590)
    app.connect("build-finished", _write)
