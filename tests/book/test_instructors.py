"""The worked example for instructors is what the commands do."""

import csv
import re
import shlex

import pytest

from attnclass.__main__ import main
from attnclass.kits import kit_in
from tests.book.books import ROOT
from tests.classes import built, made
from tests.classes.exporting import MOODLE

PAGE = (ROOT / "book" / "instructors" / "gradebook.md").read_text("utf-8")
OTHERS = ("softmax", "masks")
SHOWN = re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```", PAGE)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with kits, four submissions, a roster and a worksheet: where commands are typed."""
    kits = built.kits("heads", *OTHERS, folder=tmp_path / "built")
    handed_in = [*made.submissions(kit_in(kits / "heads"), 4)]
    for each in handed_in:
        path = tmp_path / "submissions" / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    rows = (f"{each.student},Participant {i}\n" for i, each in enumerate(handed_in))
    (tmp_path / "roster.csv").write_text("id,platform\n" + "".join(rows))
    worksheet = MOODLE.splitlines()[0] + "\n" + "Participant 0,s000,x@x.org,,,5,Yes,-,-,-\n"
    (tmp_path / "worksheet.csv").write_text(worksheet)
    monkeypatch.chdir(tmp_path)
    return kits


def test_each_command_says_what_the_page_says(desk, capsys):
    assert len(SHOWN) == 6
    for command, said in SHOWN:
        program, *words = shlex.split(command)
        assert program == "attnclass"
        if words[0] == "new":
            words += ["--kits", str(desk)]
        if words[0] == "grade":
            words += ["--trust-me"]  # which counts only where no box works
        assert main(words) == 0, command
        printed = capsys.readouterr().out
        if said:
            assert printed == said


def test_the_class_that_the_build_marks_is_there_to_be_looked_at(site):
    folder = site / "book" / "instructors" / "sample"
    linked = re.findall(r'<a href="sample/([^"]+)">', PAGE)
    assert sorted(path.name for path in folder.iterdir()) == sorted(linked)
    rows = [*csv.DictReader((folder / "grades.csv").read_text("utf-8").splitlines())]
    points = [[row[f"heads/{x}"] for x in ("count", "writes", "widget", "explain")] for row in rows]
    assert points == [["1"] * 4, ["0", "0", "1", "0"], ["1", "1", "0", "0"], ["0"] * 4]
    feedback = (folder / "feedback.html").read_text("utf-8")
    assert "every head has attention weights of its own" in feedback
    assert "Heads cost nothing" in (folder / "written.html").read_text("utf-8")
