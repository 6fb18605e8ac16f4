"""The commands, as an instructor types them."""

import csv
import errno
import json
import os
import subprocess
import sys

import pytest

from attnclass.__main__ import main
from attnclass.kits import kit_in
from tests.classes import made

DUE = "2027-02-01T23:59+01:00"


@pytest.fixture
def hw(kits, tmp_path):
    assert (
        main(
            ["new", str(tmp_path / "hw"), "--chapters", "heads", "--due", DUE, "--kits", str(kits)]
        )
        == 0
    )
    return tmp_path / "hw"


@pytest.fixture
def grade(hw, kits, tmp_path):
    """Submissions and a roster, and the command that grades them."""
    handed_in = [*made.submissions(kit_in(kits / "heads"), 3, seed=3)]
    for each in handed_in:
        path = tmp_path / "in" / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n" + "".join(f"{each.student},\n" for each in handed_in) + "s999,\n")
    command = [str(hw), str(tmp_path / "in"), "--roster", str(roster), "--trust-me"]
    return handed_in, command


def test_from_a_chapter_to_a_gradebook_and_away(hw, grade, tmp_path, capsys):
    handed_in, command = grade
    assert main(["grade", *command]) == 0
    rows = {
        row["id"]: row
        for row in csv.DictReader((hw / "grades.csv").read_text("utf-8").splitlines())
    }
    assert list(rows) == [*(each.student for each in handed_in), "s999"]
    for each in handed_in:
        for name, (status,) in each.expected.items():
            points = {"passed": "1", "failed": "0", "not attempted": "0", "written": ""}[status]
            assert rows[each.student][name] == points
    assert rows["s999"]["remarks"] == "not handed in"
    assert json.loads((hw / "grades.json").read_text())[0]["student"]["id"] == "s000"
    assert json.loads((hw / "report.json").read_text())["handed in"] == 3
    assert hw.stat().st_mode & 0o777 == 0o700, "it is for the instructor alone"
    pages = [*(hw / "feedback").iterdir()]
    assert len(pages) == 4
    assert all(page.stat().st_size < 20_000 for page in pages)
    assert main(["forget", str(hw)]) == 0
    left = "".join(path.read_text("utf-8", "replace") for path in hw.rglob("*") if path.is_file())
    assert "s000" not in left
    assert "s999" not in left


# As workers of a cluster are: daemons, in threads of something else, and in another folder.
DAEMONS = """
import os
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
class Daemons(ThreadPoolExecutor):
    def submit(self, function, job):
        return super().submit(in_a_daemon, function, job)
def in_a_daemon(function, job):
    with get_context("spawn").Pool(1, os.chdir, ("/",)) as pool:
        return pool.apply(function, (job,))
"""


def test_an_executor_lies_where_one_is_and_its_workers_elsewhere(hw, grade, tmp_path, monkeypatch):
    handed_in, command = grade
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "of_daemons.py").write_text(DAEMONS)
    assert main(["grade", *command, "--executor", "of_daemons:Daemons", "--jobs", "2"]) == 0
    assert made.wrong_marks(handed_in, hw / "results") == []


def test_a_disk_that_is_full_and_a_keyboard_that_stops_lose_nothing(hw, grade, monkeypatch, capsys):
    _, command = grade

    def full(*given, **settings):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("attnclass.__main__.grade_class", full)
    assert main(["grade", *command]) == 2
    assert "the disk is full" in capsys.readouterr().err

    def stop(*given, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("attnclass.__main__.grade_class", stop)
    assert main(["grade", *command]) == 130
    assert "run the same again to go on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--chapters", "heads", "--due", "2027-02-01T23:59"], "has no time zone"),
        (["--chapters", "heads", "--due", "tomorrow"], "expected a date with a time and a zone"),
        (["--chapters", "feet", "--due", DUE], "got 'feet'"),
        (["--chapters", "heads", "--due", DUE, "--points", "heads/writes"], "exercise=points"),
        (
            ["--chapters", "heads", "--due", DUE, "--points", "heads/feet=2"],
            "none of the exercises",
        ),
        (["--chapters", "heads", "--due", DUE, "--points", "heads/writes=-1"], "0 or more"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(words, said, kits, tmp_path, capsys):
    assert main(["new", str(tmp_path / "hw"), *words, "--kits", str(kits)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "hw").exists()


def test_each_command_has_its_help():
    for words in ([], ["new"], ["hand-out"], ["grade"], ["regrade"], ["forget"]):
        done = subprocess.run(
            [sys.executable, "-m", "attnclass", *words, "--help"], capture_output=True, check=True
        )
        assert b"usage: attnclass" in done.stdout
