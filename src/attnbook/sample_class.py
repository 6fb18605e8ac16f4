"""A class of four, marked while the book is built: what an instructor gets, beside the page on it.

The four hand in for *heads*: one is right throughout, one has typical mistakes, one has stopped
midway, and one hands in nothing. No answer runs that does not stand here or in the book.
"""

import hashlib
import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import nbformat
from sphinx.errors import ExtensionError

from .execution import folder_hash

if TYPE_CHECKING:
    from attnclass.kits import Kit

PAGE = "book/instructors/gradebook"
CHAPTER, DUE = "heads", "2027-02-01T23:59+01:00"
FAILED = "the sample class could not be marked: {said}"
SHOWN = {  # what the page links to, and where it comes from
    "instructions.html": "students/instructions.html",
    "feedback.html": "feedback/s002-*.html",
    "report.html": "report.html",
    "written.html": "written.html",
    "grades.csv": "grades.csv",
}
MISTAKES = {
    "heads/count": "def count(d_model, h, n):\n    return 4 * d_model**2, n**2",
    "heads/writes": (
        "def written_by(heads, W_o):\n    h, n, d_k = heads.shape\n    return heads @ W_o[:d_k]"
    ),
    "heads/explain": 'what_to_write = "b"',
    "heads/in-writing": (
        'about_heads = """Heads cost nothing: the weights stay as many. But each is narrower, and\n'
        'in the chapter 32 heads of width 1 did worse than 8. So I would try several numbers."""'
    ),
}


def _finish(app, error) -> None:
    """After the kits are written: mark the class, unless nothing has changed that it rests on."""
    if error or app.builder.format != "html" or PAGE not in app.env.found_docs:
        return
    build = Path(app.outdir).parent
    out = Path(app.outdir, PAGE).parent / "sample"
    kit = (build / "kits" / CHAPTER / "kit.json").read_bytes()
    sources = Path(__file__).parents[1]
    rests_on = [folder_hash(sources / name) for name in ("attnclass", "attnlab")]
    key = hashlib.sha256(repr([kit, *rests_on, Path(__file__).read_bytes()]).encode()).hexdigest()
    kept = build / "kept" / "sample-class"
    if not (kept / key).is_dir():
        shutil.rmtree(kept, ignore_errors=True)
        with TemporaryDirectory() as folder:
            _mark(Path(folder), build / "kits", kept / key)
    shutil.copytree(kept / key, out, dirs_exist_ok=True)


def answered(of: "Kit", answers: dict[str, str]) -> nbformat.NotebookNode:
    """The chapter's notebook, in which these exercises are answered."""
    notebook = nbformat.read(of.notebook, 4)
    by_cell = {f"{each.label}-stub": answers.get(each.name) for each in of.exercises}
    for cell in notebook.cells:
        if answer := by_cell.get(cell["id"]):
            cell.source = answer
    return notebook


def _mark(desk: Path, kits: Path, out: Path) -> None:
    """From the chapter to the gradebook, by the commands that the page tells."""
    # Not above: it loads torch, which takes as long as to write all pages that need none.
    from attnclass.__main__ import main as attnclass  # noqa: PLC0415
    from attnclass.kits import kit_of  # noqa: PLC0415

    hw, roster, handed_in = desk / "hw3", desk / "roster.csv", desk / "submissions"
    commands = [["new", hw, "--chapters", CHAPTER, "--due", DUE, "--kits", kits]]
    commands.append(["grade", hw, handed_in, "--roster", roster, "--trust-me", "--jobs", "1"])
    commands[-1] += ["--executor", "concurrent.futures:ThreadPoolExecutor"]
    kit = kit_of(CHAPTER, kits)
    right = {each.name: each.solution for each in kit.exercises}
    half = dict(list(right.items())[: len(right) // 2])
    class_of = {"s001": right, "s002": right | MISTAKES, "s003": half, "s004": None}
    roster.write_text("\n".join(["id", *class_of]), "utf-8")
    handed_in.mkdir()
    for student, answers in class_of.items():
        if answers is not None:
            nbformat.write(answered(kit, answers), handed_in / f"{student}.ipynb")
    for command in commands:
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            status = attnclass([str(word) for word in command])
        if status:
            raise ExtensionError(FAILED.format(said=said.getvalue()))
    out.mkdir(parents=True)
    for name, path in SHOWN.items():
        (found,) = hw.glob(path)
        shutil.copyfile(found, out / name)


def setup(app) -> None:
    app.connect("build-finished", _finish, priority=900)  # the export has written kits by then
