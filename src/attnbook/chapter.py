"""One chapter, while it is being written: executed, built, tested, its notebook kept up to date."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .committed import difference
from .execution import CHAPTER, name_of
from .execution.results import chapters

DERIVED, COMMITTED = Path("_build/notebooks"), Path("notebooks")


def work_on(name: str) -> None:
    """Do for the chapter `name` what `make book` and `make test` do for all.

    Raises:
        ValueError: there is no such chapter.
        subprocess.CalledProcessError: its page cannot be built, or a test of it fails.
    """
    pages = {name_of(page): page for page in chapters(Path()) if not page.endswith("index")}
    name = name.replace("_", "-")  # a room's name will do
    if name not in pages:
        raise ValueError(f"expected a chapter, {', '.join(sorted(pages))}; got {name!r}")
    build = ["jupyter-book", "build", ".", "-W", "-n", "--keep-going"]
    subprocess.run(build, check=True, env={**os.environ, CHAPTER: name})
    page = pages[name].removeprefix("book/")
    print(f"{name}: the page is _build/html/book/{page}.html", flush=True)
    pytest = [sys.executable, "-m", "pytest", "-q"]
    tests = f"tests/chapters/{name.replace('-', '_')}"
    subprocess.run([*pytest, "-n", "2", "--dist", "worksteal", tests], check=True)
    notebook = Path(f"{page}.ipynb")
    if difference(DERIVED / notebook, COMMITTED / notebook):
        (COMMITTED / notebook).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DERIVED / notebook, COMMITTED / notebook)
        print(f"{name}: {COMMITTED / notebook} has changed, and is run", flush=True)
        subprocess.run([*pytest, "--nbval-lax", COMMITTED / notebook], check=True)
