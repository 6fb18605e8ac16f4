"""The chapters as notebooks, derived by the build that makes the site, from the same execution."""

import json
import shutil
from pathlib import Path

import nbformat
from myst_nb.core.read import create_nb_reader
from sphinx.errors import ExtensionError

import attnlab

from ..links import is_chapter, notebook_path, repository
from . import first_cell
from .cells import notebook_of, without_pictures
from .download import kept_wheel, pack
from .kit import kit_of
from .page import Page


def _executed(app, docname: str) -> nbformat.NotebookNode:
    """The chapter's notebook with the outputs of this build's execution."""
    env, path = app.env, app.env.doc2path(docname)
    source = Path(path).read_text("utf-8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, source)
    if reader is None:
        raise ExtensionError(f"{path} must say at its head that it is a notebook; got none")
    return reader.read(source)


def _export(app, document, docname) -> None:
    if app.builder.format != "html" or not is_chapter(app.env, docname):
        return
    code = first_cell.code(repository(app.config))
    executed, site = _executed(app, docname), app.config.html_baseurl
    for path_of, holds_pictures in ((_to_download, True), (_derived, False)):
        page = Page(app.env, docname, executed, site, holds_pictures)
        notebook = notebook_of(page, document.deepcopy(), code)
        _write(path_of(app, docname), notebook if holds_pictures else without_pictures(notebook))
        if holds_pictures:
            _write_kit(app, docname, notebook)


def _derived(app, docname: str) -> Path:
    """The notebook that the committed one is compared with."""
    return Path(app.outdir).parent / notebook_path(docname)


def _to_download(app, docname: str) -> Path:
    """The notebook that goes into the zip beside the page."""
    return Path(app.outdir).parent / "downloads" / notebook_path(docname)


def _write(path: Path, notebook: nbformat.NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _write_kit(app, docname: str, notebook: nbformat.NotebookNode) -> None:
    """What marks a class, beside a notebook to hand out: `_build/kits/heads/`."""
    folder = Path(app.outdir).parent / "kits" / notebook_path(docname).stem
    kit = kit_of(notebook, folder.name, attnlab.__version__)
    _write(folder / notebook_path(docname).name, notebook)
    (folder / "kit.json").write_text(json.dumps(kit, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _finish(app, error) -> None:
    """Pack all downloads, for the package in them may be another one now; leave nothing behind."""
    if error or app.builder.format != "html":
        return
    wheel = kept_wheel(Path(attnlab.__file__).parents[2], Path(app.outdir).parent / "wheel")
    chapters = [name for name in app.env.found_docs if is_chapter(app.env, name)]
    for name in chapters:
        title = app.env.titles[name].astext()
        pack(Path(app.outdir, name + ".zip"), _to_download(app, name), title, wheel)
    expected = {path_of(app, name) for name in chapters for path_of in (_derived, _to_download)}
    for folder in ("notebooks", "downloads"):
        for path in set(Path(app.outdir).parent.glob(f"{folder}/**/*.ipynb")) - expected:
            path.unlink()
    kits = Path(app.outdir).parent / "kits"
    for path in set(kits.glob("*")) - {kits / notebook_path(name).stem for name in chapters}:
        shutil.rmtree(path)


def setup(app) -> None:
    # When all references are resolved, and before others arrange the page for a browser.
    app.connect("doctree-resolved", _export, priority=100)
    app.connect("build-finished", _finish)
