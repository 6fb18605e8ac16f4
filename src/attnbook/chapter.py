"""One chapter, while it is being written: executed, built, tested, its notebook kept up to date."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from .committed import difference
from .execution import CHAPTER, name_of
from .execution.results import chapters

BUILD = ["jupyter-book", "build", ".", "-W", "-n", "--keep-going"]
PYTEST = [sys.executable, "-m", "pytest", "-q"]
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
    page = pages[name].removeprefix("book/")
    room = Path("tests", "chapters", name.replace("-", "_"))
    _build_and_test(name, page, room)
    notebook = Path(f"{page}.ipynb")
    if difference(DERIVED / notebook, COMMITTED / notebook):
        (COMMITTED / notebook).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DERIVED / notebook, COMMITTED / notebook)
        print(f"{name}: {COMMITTED / notebook} has changed, and is run", flush=True)
        subprocess.run([*PYTEST, "--nbval-lax", COMMITTED / notebook], check=True)


def _build_and_test(name: str, page: str, room: Path) -> None:
    """Build the page and try it in a browser; the other tests meanwhile, on the other processor.

    Raises:
        subprocess.CalledProcessError: the build fails, or a test.
    """
    in_browser = room / "test_browser.py"
    others = [*PYTEST, room, f"--ignore={in_browser}"]
    with TemporaryFile("w+", encoding="utf-8") as said:
        with subprocess.Popen(others, stdout=said, stderr=subprocess.STDOUT) as beside:
            try:
                subprocess.run(BUILD, check=True, env={**os.environ, CHAPTER: name})
                print(f"{name}: the page is _build/html/book/{page}.html", flush=True)
                browsed = subprocess.run([*PYTEST, in_browser], check=False)
                beside.wait()
            finally:
                beside.terminate()  # if the build has failed
        said.seek(0)
        print(said.read(), end="", flush=True)
    for tests in (browsed, beside):
        if tests.returncode:
            raise subprocess.CalledProcessError(tests.returncode, tests.args)
