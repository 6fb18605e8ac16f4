"""Execute the chapters: side by side, once, and again only when something that they use changed.

MyST-NB would run them one after the other, and again for an edited caption but never for an edited
module. Here it runs nothing: it reads each page together with its stored outputs.
"""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from nbclient import NotebookClient
from nbformat import NotebookNode
from sphinx.errors import ExtensionError
from sphinx.util import logging

from .results import THREADS, Results, bases, chapters, code_of, hash_of, reasons

# Names the one chapter that `make chapter` is about, where it started this build.
CHAPTER = "ATTNBOOK_CHAPTER"
WRITES = "a cell wrote to stderr: {words}\n{code}"
_READER = "attnbook.execution.results.add_outputs"


def folder_hash(folder: Path) -> str:
    """A hash of every file's name and content, below a folder of sources."""
    paths = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    files = {
        path.relative_to(folder).as_posix(): hash_of(path.read_bytes())
        for path in paths
        if path.is_file()
    }
    return hash_of(json.dumps(files, sort_keys=True).encode())


def execute(root: Path, timeout: int, say: Callable[[str], None], only: str = "") -> None:
    """Execute the chapters of the book in `root` that have to be, and `say` which and why.

    Where a chapter is named, `only` that one, and those of which there is nothing to show: the
    others are shown as they were last.

    Errors: ExtensionError, with the tracebacks, where chapters fail; the others' results are kept.
    """
    results, paths = Results(root), chapters(root)
    results.prune(paths)
    asked = {
        page: path
        for page, path in paths.items()
        if not only or name_of(page) == only or not results.can_show(page, path)
    }
    now = bases(root, asked)
    why = reasons(results, now)
    for line in announcement(why, len(paths)):
        say(line)
    if not why:
        return
    os.environ.update(THREADS)
    failures = []
    jobs = [(page, code_of(paths[page]), paths[page].parent, timeout) for page in why]
    with multiprocessing.Pool(min(len(jobs), multiprocessing.cpu_count())) as pool:
        for done, (page, outcome, seconds) in enumerate(pool.imap_unordered(_run, jobs), 1):
            failed = isinstance(outcome, str)
            state = "failed after" if failed else "done in"
            say(f"{name_of(page)}: {state} {seconds:.0f} s ({done} of {len(jobs)})")
            if failed:
                failures.append(f"{page}.md: {outcome}")
            else:
                results.keep(page, outcome, now[page], seconds)
    if failures:
        raise ExtensionError("\n\n".join(failures))


def announcement(why: dict[str, str], chapters: int) -> list[str]:
    """Which of the book's chapters are executed, and why, as lines to be printed.

    Examples:
        >>> announcement({"book/mechanism/scores": "its code changed"}, chapters=14)
        ['scores: executed, its code changed']
        >>> announcement({"book/a": "numpy 2.0 -> 2.1", "book/b": "numpy 2.0 -> 2.1"}, chapters=2)
        ['all: executed, numpy 2.0 -> 2.1']
    """
    if not why:
        return ["No chapter needs to be executed"]
    if len(why) == chapters > 1 and len(set(why.values())) == 1:
        return [f"all: executed, {next(iter(why.values()))}"]
    return [f"{name_of(page)}: executed, {reason}" for page, reason in why.items()]


def _run(job: tuple[str, NotebookNode, Path, int]) -> tuple[str, NotebookNode | str, float]:
    """In a process of its own: a page, its executed code or what went wrong, and the seconds."""
    page, code, folder, timeout = job
    client = NotebookClient(
        code,
        timeout=timeout,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel's own log, which warns of its sockets
    )
    start = time.perf_counter()
    try:
        outcome = client.execute()
        outcome = _complaint(outcome) or outcome
    except Exception as error:  # a cell may raise anything, and a kernel die of it
        outcome = f"{type(error).__name__}: {error}"
    return page, outcome, time.perf_counter() - start


def _complaint(executed: NotebookNode) -> str:
    """What a cell wrote to stderr: it may be of the moment, and must not be shown again."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                return WRITES.format(words=output.text.strip(), code=cell.source)
    return ""


def name_of(page: str) -> str:
    """What people call a page: a chapter's name, and for a folder's index the folder's too."""
    path = PurePosixPath(page)
    return path.name if path.name != "index" else f"{path.parent.name}/index"


def _execute(app) -> None:
    """Before anything is read: bring all results up to date, and have pages read with them."""
    root = Path(app.srcdir)
    say = logging.getLogger(__name__).info
    execute(root, app.config.nb_execution_timeout, say, os.environ.get(CHAPTER, ""))
    results = Results(root)
    # MyST-NB takes the reader whose suffix a page's path ends with: here, the path itself.
    readers = {
        str(path): (_READER, {"path": str(path), "executed": str(results.notebook(page))}, False)
        for page, path in chapters(root).items()
    }
    app.env.mystnb_config = app.env.mystnb_config.copy(custom_formats=readers)


def _outdated(app, env, added, changed, removed) -> list[str]:
    """The pages that were last made from other results, also if that build came to no end."""
    root = Path(app.srcdir)
    made = {page: Path(app.outdir, f"{page}.html") for page in chapters(root) if page not in added}
    return [
        page
        for page, html in made.items()
        if not html.exists() or html.stat().st_mtime < Results(root).notebook(page).stat().st_mtime
    ]


def setup(app) -> None:
    app.connect("builder-inited", _execute, priority=900)  # when MyST-NB has its configuration
    app.connect("env-get-outdated", _outdated)
