"""What a reader downloads: a notebook with its figures, the wheel of attnlab, five lines of help.

The same sources give the same bytes, wherever and whenever they are packed.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sphinx.errors import ExtensionError

from ..execution import folder_hash
from ..execution.results import hash_of

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip file's calendar
SOURCE_DATE_EPOCH = "315532800"  # the same in seconds, for what makes the wheel

_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
_README = """\
“{title}”: a chapter of the course “Attention by Experiment”, as a notebook to run and to change.
To open it in this folder: pip install jupyterlab, and then: jupyter lab {notebook}
Its first cell of code installs {wheel}, the course's own package, from beside it.
Unzip more chapters where you unzipped this one, and the links between them work.
Text and pictures: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/. Code: MIT License.
"""
_BESIDE_SOURCES = ("pyproject.toml", "LICENSE")


def kept_wheel(repository: Path, folder: Path) -> tuple[str, bytes]:
    """What `build_wheel` gives, from `folder` if it has built the same there before."""
    beside = [repository / name for name in _BESIDE_SOURCES]
    hashes = [hash_of(path.read_bytes()) for path in (*beside, Path(__file__))]
    rests_on = [folder_hash(repository / "src" / "attnlab"), *hashes, version("setuptools")]
    kept = folder / hash_of(json.dumps([*rests_on, sys.version]).encode())
    if not kept.is_dir():
        name, content = build_wheel(repository)
        shutil.rmtree(folder, ignore_errors=True)
        new = folder / "new"  # a wheel that is written by half is none
        new.mkdir(parents=True)
        (new / name).write_bytes(content)
        new.rename(kept)
    (wheel,) = kept.iterdir()
    return wheel.name, wheel.read_bytes()


def build_wheel(repository: Path) -> tuple[str, bytes]:
    """The name and the content of the wheel of `attnlab`, built from a copy of its sources."""
    with TemporaryDirectory() as folder:
        copy, built = Path(folder, "copy"), Path(folder, "built")
        shutil.copytree(
            repository / "src" / "attnlab",
            copy / "src" / "attnlab",
            ignore=shutil.ignore_patterns("__pycache__"),
            copy_function=_copy,
        )
        for name in _BESIDE_SOURCES:
            _copy(repository / name, copy / name)
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, str(built)],
            cwd=copy,
            env={**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH},
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1]
            raise ExtensionError(f"the wheel of attnlab cannot be built: {reason}")
        (wheel,) = built.glob("*.whl")
        return wheel.name, wheel.read_bytes()


def _copy(source, target) -> None:
    """The content alone: permissions and times differ between checkouts, and a wheel keeps them."""
    shutil.copyfile(source, target)
    os.chmod(target, 0o644)


def pack(target: Path, notebook: Path, title: str, wheel: tuple[str, bytes]) -> None:
    """Write the zip of a chapter.

    Its only folder is named after the part, like the folders of all notebooks, so that several
    chapters can be unzipped beside each other.
    """
    name, content = wheel
    readme = _README.format(title=title, notebook=notebook.name, wheel=name)
    members = {"README.txt": readme.encode(), name: content, notebook.name: notebook.read_bytes()}
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for member in sorted(members):
            path = PurePosixPath(notebook.parent.name, member)
            info = ZipInfo(str(path), FIRST_DAY)
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[member], ZIP_DEFLATED)
