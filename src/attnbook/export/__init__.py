"""The chapters as notebooks, derived by the build that makes the site, from the same execution."""

import shutil
from pathlib import Path

import nbformat
from myst_nb.core.read import create_nb_reader

from ..links import Repository, is_chapter, notebook_path, repository
from .cells import notebook_of
from .page import Page

_MISSING = """\
# The chapters use the course's own package, attnlab.
from importlib.util import find_spec

if find_spec("attnlab") is None:
    raise ModuleNotFoundError(
        "This notebook needs the package attnlab: get the repository that this notebook belongs "
        "to, run `pip install .` in its folder, and run this cell again."
    )
"""
_INSTALL = """\
# Installs the course's own package where it is missing; NumPy and PyTorch stay as they are.
from importlib import invalidate_caches
from importlib.metadata import version
from importlib.util import find_spec

if find_spec("attnlab") is None:
    there = [name for name in ("numpy", "torch") if find_spec(name)]
    kept = " ".join(f"{{name}}=={{version(name)}}" for name in there)
    %pip install --quiet git+{url}@{branch} {{kept}}
    invalidate_caches()
"""


def first_cell(home: Repository | None) -> str:
    """Code that installs `attnlab` where it is missing, or says what to do about it."""
    if home is None:
        return _MISSING.rstrip()
    return _INSTALL.format(url=home.url, branch=home.branch).rstrip()


def _executed(app, docname: str) -> nbformat.NotebookNode:
    """The chapter's notebook with the outputs of this build's execution."""
    env, path = app.env, app.env.doc2path(docname)
    source = Path(path).read_text("utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, source)
    return reader.read(source)


def _export(app, document, docname) -> None:
    if app.builder.format != "html" or not is_chapter(app.env, docname):
        return
    home = repository(app.config)
    page = Page(app.env, docname, _executed(app, docname), app.config.html_baseurl)
    notebook = notebook_of(page, document.deepcopy(), first_cell(home))
    # One copy beside the page, for readers to download; one that `notebooks/` is compared with.
    beside = Path(app.outdir, docname + ".ipynb")
    derived = Path(app.outdir).parent / notebook_path(docname)
    for target in (beside, derived):
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)


def _drop_leftovers(app, error) -> None:
    """A chapter that was renamed leaves no notebook behind."""
    if error is None and app.builder.format == "html":
        folder = Path(app.outdir).parent
        chapters = (name for name in app.env.found_docs if is_chapter(app.env, name))
        expected = {folder / notebook_path(name) for name in chapters}
        for path in set(folder.glob("notebooks/**/*.ipynb")) - expected:
            path.unlink()


def publish(derived: Path, committed: Path) -> None:
    """Make `committed` a copy of the notebooks that the last build derived."""
    if not derived.is_dir():
        raise FileNotFoundError(f"{derived} is missing: run make book first")
    shutil.rmtree(committed, ignore_errors=True)
    shutil.copytree(derived, committed)


def setup(app) -> None:
    # When all references are resolved, and before others arrange the page for a browser.
    app.connect("doctree-resolved", _export, priority=100)
    app.connect("build-finished", _drop_leftovers)
