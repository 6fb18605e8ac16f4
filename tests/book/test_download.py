"""The zip beside a chapter's page: what is in it, and that the same sources give the same bytes."""

import json
import os
import re
import shutil
from zipfile import ZipFile

import nbformat
import pytest
from sphinx.errors import ExtensionError

import attnlab
from attnbook.export import download as making
from attnbook.export.cells import PICTURE
from attnbook.export.download import build_wheel, kept_wheel
from tests.book.books import FIXTURE, ROOT, build_book

DOWNLOAD = "book/part/everything.zip"
WHEEL = f"attnlab-{attnlab.__version__}-py3-none-any.whl"


@pytest.fixture
def download(fixture_book):
    with ZipFile(fixture_book.site / DOWNLOAD) as archive:
        yield archive


def pictures_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [
        output.data[PICTURE]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if PICTURE in output.get("data", {})
    ]


def test_it_holds_a_notebook_the_package_and_five_lines(download):
    assert download.namelist() == [
        "part/README.txt",
        f"part/{WHEEL}",
        "part/everything.ipynb",
    ]
    readme = download.read("part/README.txt").decode()
    assert len(readme.splitlines()) == 5
    for words in ("“Everything”", "jupyter lab everything.ipynb", WHEEL, "CC BY 4.0"):
        assert words in readme


def test_its_notebook_shows_the_figures_and_is_the_derived_one_otherwise(download, fixture_book):
    book = nbformat.reads(download.read("part/everything.ipynb").decode(), as_version=4)
    nbformat.validate(book)
    assert len(pictures_of(book)) == 1
    derived = fixture_book.notebook("part/everything.ipynb")
    assert pictures_of(derived) == []
    for cell, bare in zip(book.cells, derived.cells, strict=True):
        kept = [o for o in cell.pop("outputs", []) if PICTURE not in o.get("data", {})]
        assert kept == bare.pop("outputs", [])
        if cell.id == "diagram-shapes":  # held as a picture, kept as its words
            assert cell.pop("source") != bare.pop("source")
        assert cell == bare
    assert "widget" not in json.dumps(book.metadata)


def test_the_page_shows_the_figure_sharp_at_any_size(fixture_book):
    page = (fixture_book.site / "book/part/everything.html").read_text("utf-8")
    images = re.findall(r'src="\.\./\.\./_images/[^"]+\.(\w+)"', page)
    assert images == ["svg", "svg"]


def test_two_builds_in_two_folders_give_the_same_bytes(fixture_book, tmp_path):
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True)
    built = build_book(tmp_path)
    assert built.status == 0, built.log
    for name in (f"html/{DOWNLOAD}", "notebooks/part/everything.ipynb"):
        first, second = (folder / "_build" / name for folder in (fixture_book.folder, tmp_path))
        assert first.read_bytes() == second.read_bytes(), name


def test_a_wheel_is_the_same_from_every_checkout(tmp_path):
    """Whatever the times and the permissions of its files, and what earlier installations left."""
    shutil.copytree(ROOT / "src" / "attnlab", tmp_path / "src" / "attnlab")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (0, 2_000_000_000))
        path.chmod(0o775)
    (tmp_path / "src" / "attnlab.egg-info").mkdir()
    (tmp_path / "src" / "attnlab.egg-info" / "SOURCES.txt").write_text("nonsense", "utf-8")
    (tmp_path / "build" / "lib" / "attnlab").mkdir(parents=True)
    (tmp_path / "build" / "lib" / "attnlab" / "left_over.py").touch()
    assert build_wheel(tmp_path) == build_wheel(ROOT)


def test_a_wheel_is_built_again_when_a_source_is_another(tmp_path, monkeypatch):
    built = []

    def build(repository):
        built.append(repository)
        return WHEEL, b"%d" % len(built)

    monkeypatch.setattr(making, "build_wheel", build)
    source = tmp_path / "src" / "attnlab" / "module.py"
    source.parent.mkdir(parents=True)
    for path in (source, tmp_path / "pyproject.toml", tmp_path / "LICENSE"):
        path.touch()
    kept = tmp_path / "kept"
    assert kept_wheel(tmp_path, kept) == kept_wheel(tmp_path, kept) == (WHEEL, b"1")
    for count, path in enumerate([source, tmp_path / "pyproject.toml", tmp_path / "LICENSE"], 2):
        path.write_text("other")
        assert kept_wheel(tmp_path, kept) == kept_wheel(tmp_path, kept) == (WHEEL, b"%d" % count)
    source.rename(source.with_name("moved.py"))
    assert kept_wheel(tmp_path, kept) == (WHEEL, b"5")
    assert len(list(kept.iterdir())) == 1


def test_the_wheel_holds_attnlab_alone_with_all_its_files(tmp_path):
    name, content = build_wheel(ROOT)
    (tmp_path / name).write_bytes(content)
    with ZipFile(tmp_path / name) as wheel:
        held = {n for n in wheel.namelist() if ".dist-info/" not in n}
        (metadata,) = [n for n in wheel.namelist() if n.endswith("METADATA")]
        assert f"Version: {attnlab.__version__}\n" in wheel.read(metadata).decode()
    sources = ROOT / "src" / "attnlab"
    assert held == {
        path.relative_to(ROOT / "src").as_posix()
        for path in sources.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_wheel_that_cannot_be_built_stops_the_build(tmp_path):
    (tmp_path / "src" / "attnlab").mkdir(parents=True)
    (tmp_path / "LICENSE").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "attnlab"\n', "utf-8")
    with pytest.raises(ExtensionError, match=r"the wheel of attnlab cannot be built: .*version"):
        build_wheel(tmp_path)
