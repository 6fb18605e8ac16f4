"""Exports: the formats alone. That the graders accept them is what `make class-tools` tries."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import nbformat
import pytest
import yaml

from attnclass.assignment import Assignment
from attnclass.exports import TARGETS, gradescope, nbgrader, on_gradescope, otter
from attnclass.kits import Exercise
from tests.classes.exporting import CANVAS, MOODLE, given, graded, made, said


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return made(tmp_path)


class TestNbgrader:
    def test_cells_are_what_nbgrader_takes_them_for(self, assignment: Assignment):
        said(assignment, "nbgrader")
        place = assignment.folder / "exports" / "nbgrader"
        book = nbformat.read(place / "source" / "hw3" / "heads.ipynb", 4)
        nbformat.validate(book)
        cells = {
            c.metadata["nbgrader"]["grade_id"]: c for c in book.cells if "nbgrader" in c.metadata
        }
        assert all("/" not in name for name in cells)
        count, test = cells["heads-count"].metadata.nbgrader, cells["heads-count-test"]
        assert (count.solution, count.grade, count.locked) == (True, False, False)
        assert (test.metadata.nbgrader.solution, test.metadata.nbgrader.locked) == (False, True)
        points = {name: c.metadata.nbgrader.points for name, c in cells.items() if "points" in
                  c.metadata.nbgrader}  # fmt: skip
        assert points["heads-writes-test"] == 2 and points["heads-bug-test"] == 0
        assert points["heads-in-writing"] == 5
        by_hand = cells["heads-in-writing"].metadata.nbgrader
        assert by_hand.grade and by_hand.solution and "heads-in-writing-test" not in cells
        assert (
            place / "source" / "hw3" / "attnlab-0.2.0-py3-none-any.whl"
        ).read_bytes() == b"a wheel"

    def test_without_its_solution_an_answer_is_the_course_s_stub(self, assignment: Assignment):
        for cell, exercise in stubs(assignment, nbgrader):
            before, _, rest = cell.source.partition("### BEGIN SOLUTION")
            after = rest.partition("### END SOLUTION")[2]
            assert (before + after).split() == exercise.stub.split()
            assert exercise.solution.partition("\n")[0] in rest

    def test_tests_say_nothing_on_stderr_and_have_no_result(
        self, assignment: Assignment, capsys: pytest.CaptureFixture
    ):
        book = nbgrader.notebook(assignment, assignment.kits["heads"])
        test = next(c for c in book.cells if c["id"] == "ex-heads-count-test").source
        loud = "import sys\ndef count(d, h, n):\n    sys.stderr.write('x')\n    return {}\n"
        exec(loud.format("4 * d**2, h * n**2") + test, {})
        with pytest.raises(AssertionError, match="heads/count"):
            exec(loud.format("0, 0") + test, {})
        assert capsys.readouterr().err == ""
        assert test.rpartition("\n")[2] == "### END HIDDEN TESTS"

    def test_the_configuration_is_python(self, assignment: Assignment):
        said(assignment, "nbgrader")
        text = (assignment.folder / "exports" / "nbgrader" / "nbgrader_config.py").read_text(
            "utf-8"
        )
        compile(text, "nbgrader_config.py", "exec")
        for setting in (
            "add_missing_cells = True",
            "Execute.timeout = 600",
            'code_stub = {"python"',
        ):
            assert setting in text


class TestOtter:
    def test_questions_have_points_and_tests(self, assignment: Assignment):
        said(assignment, "otter")
        place = assignment.folder / "exports" / "otter"
        book = nbformat.read(place / "heads.ipynb", 4)
        nbformat.validate(book)
        raw = [c.source for c in book.cells if c.cell_type == "raw"]
        told = yaml.safe_load(raw[0])
        assert told["tests"] == {"ok_format": False} and told["name"] == "hw3 heads"
        (wheel,) = told["files"]
        assert (place / wheel).read_bytes() == b"a wheel"
        questions = {q["name"]: q for q in map(yaml.safe_load, raw[1:]) if q}
        assert questions["heads_writes"] == {"name": "heads_writes", "points": 2, "manual": False}
        assert (
            questions["heads_in_writing"]["manual"] and questions["heads_in_writing"]["points"] == 5
        )
        n = len(questions)
        for word in ("BEGIN SOLUTION", "END SOLUTION", "END QUESTION"):
            assert raw.count(f"# {word}") == n
        assert raw.count("# BEGIN TESTS") == raw.count("# END TESTS") == n - 1

    def test_a_test_passes_what_is_right_alone(self, assignment: Assignment):
        book = otter.notebook(assignment, assignment.kits["heads"], "x.whl")
        source = next(c.source for c in book.cells if "def test_heads_count" in c.source)
        space: dict = {}
        exec(source, space)
        space["test_heads_count"]({"count": lambda d_model, h, n: (4 * d_model**2, h * n**2)})
        for wrong in ({}, {"count": lambda d_model, h, n: (0, 0)}):
            with pytest.raises(AssertionError, match=r"\w"):
                space["test_heads_count"](wrong)

    def test_without_its_solution_an_answer_is_the_course_s_stub(self, assignment: Assignment):
        for cell, exercise in stubs(assignment, otter, "x.whl"):
            before, _, rest = cell.source.partition("# BEGIN SOLUTION NO PROMPT")
            assert (before + rest.partition("# END SOLUTION")[2]).split() == exercise.stub.split()


class TestGradescope:
    def test_the_zip_has_what_gradescope_starts_and_no_solution(self, assignment: Assignment):
        said(assignment, "gradescope")
        with ZipFile(assignment.folder / "exports" / "gradescope.zip") as archive:
            names = archive.namelist()
            for script in ("setup.sh", "run_autograder"):
                assert archive.getinfo(script).external_attr >> 16 == 0o755
                text = archive.read(script)
                assert text.startswith(b"#!/usr/bin/env bash\n") and b"conda" not in text
                subprocess.run(["bash", "-n"], input=text, check=True)
            assert {"attnlab-0.2.0-py3-none-any.whl", "attnclass/box/inside.py",
                    "assignment/assignment.toml"} <= set(names)  # fmt: skip
            assert not [name for name in names if name.endswith(".ipynb")]
            kit = json.loads(archive.read("assignment/kits/heads/kit.json"))
        assert {each["solution"] + each["explanation"] for each in kit["exercises"]} == {""}

    def test_without_a_python_that_will_do_one_sentence_says_so(
        self, assignment: Assignment, tmp_path: Path
    ):
        root = unpacked(assignment, tmp_path)
        (tmp_path / "bin").mkdir()
        for tool in ("bash", "dirname"):
            (tmp_path / "bin" / tool).symlink_to(f"/usr/bin/{tool}")
        ended = subprocess.run(
            ["/usr/bin/bash", root / "source" / "setup.sh"], env={"PATH": str(tmp_path / "bin")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[-1].startswith("Python 3.11, 3.12 or 3.13 is needed here")

    @pytest.mark.parametrize("is_right", [True, False])
    def test_results_are_what_gradescope_reads(
        self, assignment: Assignment, tmp_path: Path, is_right: bool
    ):
        root = unpacked(assignment, tmp_path)
        kit = assignment.kits["heads"]
        answers = {f"{each.label}-stub": each.solution for each in kit.exercises}
        if not is_right:
            answers["ex-heads-count-stub"] = "def count(d_model, h, n):\n    return 0, 0"
            del answers["ex-heads-narrow-stub"]
        book = nbformat.read(kit.notebook, 4)
        for cell in book.cells:
            cell.source = answers.get(cell["id"], cell.source)
        nbformat.write(book, root / "submission" / "my heads (2).ipynb")
        told = on_gradescope.results(root, "trusted")
        assert set(told) == {"output", "visibility", "stdout_visibility", "tests"}
        scores = {test["name"].partition(" ·")[0]: (test["score"], test["max_score"]) for test in
                  told["tests"]}  # fmt: skip
        assert scores["What each head writes"] == (2, 2) and scores["Spot the bug"] == (0, 0)
        assert scores["Count"] == (is_right, 1)
        assert scores["Two numbers are enough"] == (0.5 * is_right, 0.5)
        assert len(told["tests"]) == 7 and "marked by a person" in told["output"]
        assert all(test["output"] and test["visibility"] == "visible" for test in told["tests"])

    def test_no_notebook_at_all_is_said(self, assignment: Assignment, tmp_path: Path):
        root = unpacked(assignment, tmp_path)
        (root / "submission" / "essay.pdf").write_bytes(b"%PDF")
        told = on_gradescope.results(root, "trusted")
        assert "hand in the file heads.ipynb" in told["output"]
        assert sum(test["score"] for test in told["tests"]) == 0


def unpacked(assignment: Assignment, place: Path) -> Path:
    """What lies below /autograder when a submission is marked."""
    said(assignment, "gradescope")
    root = place / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with ZipFile(assignment.folder / "exports" / "gradescope.zip") as archive:
        archive.extractall(root / "source")
    return root


def stubs(
    assignment: Assignment, target: ModuleType, *more: str
) -> Iterator[tuple[nbformat.NotebookNode, Exercise]]:
    """The cells with answers in what a target makes of heads, each with its exercise."""
    kit = assignment.kits["heads"]
    cells = {cell["id"]: cell for cell in target.notebook(assignment, kit, *more).cells}
    for exercise in assignment.exercises("heads"):
        yield cells[f"{exercise.label}-stub"], exercise


class TestRefusals:
    @pytest.mark.parametrize("to", TARGETS)
    def test_what_is_there_already_is_kept(self, assignment: Assignment, to: str):
        into = {"canvas": CANVAS, "moodle": MOODLE}.get(to)
        path = given(graded(assignment), into) if into else None
        said(assignment, to, path)
        with pytest.raises(ValueError, match="is there already"):
            said(assignment, to, path)

    @pytest.mark.parametrize(
        ("to", "words"),
        [
            ("nbgrader", "db assignment add hw3 --duedate 2030-01-01T00:00:00+00:00, a"),
            ("otter", "take off yourself what coming late costs by assignment.toml"),
            ("gradescope", "a date and a late date of its own"),
        ],
    )
    def test_what_coming_late_costs_there_is_said(
        self, assignment: Assignment, to: str, words: str
    ):
        assert words in said(assignment, to)

    def test_an_assignment_takes_no_file_of_marks(self, assignment: Assignment):
        with pytest.raises(ValueError, match="otter takes no --into"):
            said(assignment, "otter", Path("x.csv"))

    def test_without_the_students_zip_there_is_no_wheel(self, assignment: Assignment):
        (assignment.folder / "students" / "hw3.zip").unlink()
        with pytest.raises(ValueError, match="attnclass hand-out"):
            said(assignment, "nbgrader")


def test_gradescope_installs_torch_as_binder_does(assignment, tmp_path):
    gradescope.export(assignment, tmp_path / "gradescope.zip")
    with ZipFile(tmp_path / "gradescope.zip") as archive:
        setup = archive.read("setup.sh").decode()
    (option,) = [x for x in gradescope.BINDER.read_text().splitlines() if "index" in x]
    assert f"install torch {option} &&" in setup
