"""Run the graders for which `attnclass export` makes assignments, and see whether marks are right.

    python -m tools.class_tools [nbgrader | otter | gradescope] … [--kits FOLDER]

An assignment of `heads` goes the whole way through nbgrader and through otter-grader, which are
installed beside .venv, and through Gradescope's layout of folders, in which its two scripts run as
they would there. Three submissions are handed in, or four, and each has to get its marks.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from zipfile import ZipFile

import nbformat

from attnclass.kits import KITS, kit_of

ROOT = Path(__file__).parents[1]
NAME, CHAPTER = "hw3", "heads"
POINTS = {"heads/writes": 2.0, "heads/in-writing": 5.0}  # all others are worth one
WRONG = {
    "heads/count": "def count(d_model, h, n):\n    return 0, 0",
    "heads/writes": "def written_by(heads, W_o):\n    return heads",
}
# Cells of the odd submission: one is there twice, a test is gone, and an answer with its test.
DUPLICATED = "ex-heads-writes-stub"
DELETED = ("ex-heads-count-test", "ex-heads-narrow-stub", "ex-heads-narrow-test")
FAILED = "{tool} ended with {code}: {command}\n{said}"
WRONG_MARKS = "{tool} gives other marks than were earned: expected {expected}, got {found}"
RIGHT = "{tool}: {n} submissions, all marks right ({marks}), in {seconds:.0f} s"
WHICH = "nbgrader, otter or gradescope; without any, all"
NO_GRADER = "{path} is not there: make class-tools installs it"


def main() -> int:
    parser = argparse.ArgumentParser(description="Are marks right in the graders of others?")
    parser.add_argument("tools", nargs="*", metavar="TOOL", choices=[[], *TOOLS], help=WHICH)
    parser.add_argument("--kits", type=Path, default=KITS, help="where the book's build left kits")
    given = parser.parse_args()
    failures = 0
    for tool in given.tools or TOOLS:
        begun = monotonic()
        with TemporaryDirectory(prefix=f"class-tools-{tool}-") as place:
            assignment = Path(place) / NAME
            points = [f"{name}={worth:g}" for name, worth in POINTS.items()]
            _run(tool, place, sys.executable, "-m", "attnclass", "new", assignment, "--chapters",
                 CHAPTER, "--due", "2030-01-01T00:00+00:00", "--points", *points,
                 "--kits", given.kits)  # fmt: skip
            _run(tool, place, sys.executable, "-m", "attnclass", "export", assignment, "--to", tool)
            expected = _expected(given.kits)
            found = TOOLS[tool](assignment / "exports", given.kits)
        expected = {who: expected[who] for who in found}
        if found != expected or len(found) < len(SUBMISSIONS):
            print(WRONG_MARKS.format(tool=tool, expected=expected, found=found), file=sys.stderr)
            failures += 1
            continue
        marks = ", ".join(f"{who}: {points:g}" for who, points in found.items())
        print(RIGHT.format(
            tool=tool, n=len(found), marks=marks, seconds=monotonic() - begun
        ), flush=True)  # fmt: skip
    return failures


def _nbgrader(exports: Path, kits: Path) -> dict[str, float]:
    """nbgrader's whole cycle, from files in folders as Moodle names them to pages of feedback."""
    course = exports / "nbgrader"
    nbgrader = _installed("nbgrader")
    _run("nbgrader", course, nbgrader, "generate_assignment", NAME)
    released = nbformat.read(course / "release" / NAME / f"{CHAPTER}.ipynb", 4)
    submissions = _submissions(released, kits)
    # nbgrader by itself gives such a student no marks, and nobody after them in the alphabet.
    odd = submissions["odd"] = _submissions(released, kits)["right"]
    cells = {cell["id"]: cell for cell in odd.cells}
    odd.cells.insert(0, nbformat.from_dict({**cells[DUPLICATED], "id": "twice"}))
    for name in DELETED:
        odd.cells.remove(cells[name])
    for number, (who, notebook) in enumerate(submissions.items(), 4000):
        folder = f"downloaded/{NAME}/archive/{who}_{number}_assignsubmission_file_"
        _write(notebook, course / folder / f"{CHAPTER}.ipynb")
    for command in ("zip_collect", "autograde", "export", "generate_feedback"):
        _run("nbgrader", course, nbgrader, command, *([] if command == "export" else [NAME]))
    for who in submissions:
        if not (course / "feedback" / who / NAME / f"{CHAPTER}.html").is_file():
            return {}
    with (course / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def _otter(exports: Path, kits: Path) -> dict[str, float]:
    """`otter assign`, and `otter run` on what it gives to students, filled in."""
    folder, otter = exports / "otter", _installed("otter")
    _run("otter", folder, otter, "assign", f"{CHAPTER}.ipynb", f"dist/{CHAPTER}",
         "--no-run-tests")  # fmt: skip
    (autograder,) = folder.glob(f"dist/{CHAPTER}/autograder/*.zip")
    given = nbformat.read(folder / "dist" / CHAPTER / "student" / f"{CHAPTER}.ipynb", 4)
    marks = {}
    for who, notebook in _submissions(given, kits).items():
        place = folder / who
        _write(notebook, place / f"{CHAPTER}.ipynb")
        _run("otter", place, otter, "run", "-a", autograder, "-o", place, f"{CHAPTER}.ipynb")
        tests = json.loads((place / "results.json").read_text("utf-8"))["tests"]
        marks[who] = sum(test.get("score", 0.0) for test in tests)
    return marks


def _gradescope(exports: Path, kits: Path) -> dict[str, float]:
    """Gradescope's two scripts where Gradescope puts them, and its files around them."""
    root = exports / "autograder"
    with ZipFile(exports / "gradescope.zip") as archive:
        archive.extractall(root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    _packages_beside(root / "venv", exports / "packages")
    _run("gradescope", root, "bash", root / "source" / "setup.sh", alone=True)
    given = nbformat.read(exports.parent / "students" / f"{CHAPTER}.ipynb", 4)
    marks = {}
    for who, notebook in _submissions(given, kits).items():
        for name in ("submission", "results"):
            shutil.rmtree(root / name, ignore_errors=True)
            (root / name).mkdir()
        _write(notebook, root / "submission" / f"{CHAPTER} (1).ipynb")
        _run("gradescope", root, "bash", root / "run_autograder", alone=True)
        told = json.loads((root / "results" / "results.json").read_text("utf-8"))
        marks[who] = sum(test["score"] for test in told["tests"])
    return marks


TOOLS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "nbgrader": _nbgrader,
    "otter": _otter,
    "gradescope": _gradescope,
}
SUBMISSIONS = ("right", "wrong", "blank")


def _submissions(given: nbformat.NotebookNode, kits: Path) -> dict[str, nbformat.NotebookNode]:
    """What students make of the notebook that they were `given`."""
    right = {each.name: each.solution for each in kit_of(CHAPTER, kits).exercises}
    answers = {"right": right, "wrong": right | WRONG, "blank": {}}
    return {who: _answered(given, answers[who]) for who in SUBMISSIONS}


def _answered(given: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    """A copy in which the cell that checks an exercise has an answer to it."""
    copy = deepcopy(given)
    for cell in copy.cells:
        for name, answer in answers.items():
            if cell.cell_type == "code" and f'check("{name}")' in cell.source:
                cell.source = answer
    return copy


def _expected(kits: Path) -> dict[str, float]:
    """What each submission has earned, without what a person marks."""
    worth = {
        each.name: POINTS.get(each.name, 1.0)
        for each in kit_of(CHAPTER, kits).exercises
        if not each.is_written
    }
    every = sum(worth.values())
    wrong = every - sum(worth[name] for name in WRONG)
    odd = every - worth["heads/narrow"]
    return {"right": every, "wrong": wrong, "blank": 0.0, "odd": odd}


def _packages_beside(environment: Path, packages: Path) -> None:
    """An environment with all of .venv's packages but the course's own, as if pip had been there.

    What the zip brings along is then installed for real, and nothing is downloaded.
    """
    venv.create(environment, with_pip=True)
    packages.mkdir()
    for path in Path(nbformat.__file__).parents[1].iterdir():
        if not path.name.startswith(("attn", "__editable__")):
            (packages / path.name).symlink_to(path)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "beside.pth").write_text(str(packages))


def _installed(tool: str) -> Path:
    path = ROOT / f".venv-{tool}" / "bin" / tool
    if not path.is_file():
        raise SystemExit(NO_GRADER.format(path=path))
    return path


def _write(notebook: nbformat.NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _run(tool: str, folder: Path | str, *command: Path | str, alone: bool = False) -> None:
    """Run a command in a folder, with the course's packages or `alone`; ends all if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # as in an environment that is activated: nbgrader starts programs of its own by their names
    environment["PATH"] = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    if not alone:
        environment["PYTHONPATH"] = str(ROOT / "src")
    ended = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if ended.returncode:
        words, said = " ".join(map(str, command)), ended.stdout[-3000:]
        raise SystemExit(FAILED.format(tool=tool, code=ended.returncode, command=words, said=said))


if __name__ == "__main__":
    sys.exit(main())
