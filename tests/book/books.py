"""Small books of a test's own, built like the real one."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
FIXTURE = Path(__file__).parent / "fixture"


@dataclass(frozen=True)
class Build:
    """What building a small book gave."""

    status: int
    log: str
    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "_build" / "html"

    def notebook(self, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self.folder / "_build" / "notebooks" / name, as_version=4)


def build_book(folder: Path, *options: str, **variables: str) -> Build:
    """Build the book in `folder` with the real book's configuration."""
    config = (ROOT / "_config.yml").read_text("utf-8")
    bibliography = "book/part/references.bib"
    config = config.replace("book/back/references.bib", bibliography)
    (folder / "_config.yml").write_text(config, "utf-8")
    (folder / bibliography).parent.mkdir(parents=True, exist_ok=True)
    (folder / bibliography).touch()
    shutil.copy(ROOT / "requirements.txt", folder)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        shutil.copytree(ROOT / "book" / "assets", folder / "book" / "assets")
    command = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(
        [command, "build", folder, "-W", "-n", "--keep-going", *options],
        env={**os.environ, "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Build(done.returncode, done.stdout + done.stderr, folder)
