"""Points as tables: what a person adds, what coming late costs, what a spreadsheet would run."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.assignment import Late
from attnclass.gradebook import (
    Marked,
    grades,
    read_times,
    read_written,
    table,
    write_gradebook,
)
from attnclass.roster import Student
from tests.classes.conftest import DUE

ADA, BOB = (
    Student("ada", "Ada Byron", "ada@x.org"),
    Student("-1", '=HYPERLINK("x")', "@b", "bobray"),
)
CLASS = [ADA, BOB]
WRITTEN = "heads/in-writing"


def marks(assignment, status: str, **others: str) -> Marked:
    each = {name: {"status": status, "message": "", "answer": ""} for name in assignment.points}
    for name, said in others.items():
        each[f"heads/{name.replace('_', '-')}"]["status"] = said
    return Marked("", {}, each, ["=cmd|' /C calc'!A0.ipynb cannot be read", "a; =b"])  # pyright: ignore


def row_of(assignment, marked: Marked, *, late=timedelta(), written=None):
    times = {"ada": DUE + late}
    return grades(assignment, [ADA], [marked], times, {"ada": written} if written else {})[0]


@pytest.mark.parametrize(
    ("late", "days", "total"),
    [
        (timedelta(days=-3), 0, 7),
        (timedelta(), 0, 7),
        (timedelta(microseconds=1), 1, 6.3),
        (timedelta(days=1), 1, 6.3),
        (timedelta(days=1, seconds=1), 2, 5.6),
        (timedelta(days=3), 3, 4.9),
        (timedelta(days=3, seconds=1), 4, 0),
    ],
)
def test_what_coming_late_costs(assignment, late, days, total):
    line = row_of(assignment, marks(assignment, "passed", in_writing="written"), late=late)
    assert (line.days_late, line.total) == (days, total)
    assert line.points[WRITTEN] is None and line.points["heads/count"] == 1


def test_other_rules_and_none(assignment):
    marked = marks(assignment, "passed")
    year = timedelta(days=365)
    assert row_of(replace(assignment, late=Late()), marked, late=year).total == 12
    assert row_of(replace(assignment, late=Late(1.0, 9)), marked, late=timedelta(days=2)).total == 0
    assert grades(assignment, [ADA], [marked], {}, {})[0].days_late == 0


def test_what_a_person_gave_counts_and_nothing_else_does(assignment):
    marked = marks(assignment, "failed", in_writing="written", count="not attempted")
    line = row_of(assignment, marked, written={WRITTEN: 3.5})
    assert line.total == 3.5 and line.points["heads/count"] == 0


def written(assignment, content: str | bytes):
    content = content if isinstance(content, bytes) else content.encode()
    (assignment.folder / "written.csv").write_bytes(content)
    return read_written(assignment, CLASS)


def test_a_table_to_fill_in_is_made_once(assignment):
    path = assignment.folder / "written.csv"
    assert read_written(assignment, CLASS) == {}
    made = path.read_bytes()
    assert made == "\ufeffid,heads/in-writing\nada,\n'-1,\n".encode()
    filled = made.replace(b"ada,", b"ada,4").replace(b"'-1,", b"'-1,2")
    assert written(assignment, filled) == {"ada": {WRITTEN: 4}, "-1": {WRITTEN: 2}}
    assert path.read_bytes() == filled


@pytest.mark.parametrize(
    ("content", "points"),
    [
        ('id;heads/in-writing\nADA;"3,5"\n', {"ada": {WRITTEN: 3.5}}),
        ("Heads/In-Writing,name, ID \n 0 ,x,-1\n\n,,\n", {"-1": {WRITTEN: 0}}),
        ("id,heads/in-writing\nada,\ngone,\n", {}),
        ("id,heads/in-writing\nada\n", {}),
    ],
)
def test_points_as_people_write_them(assignment, content, points):
    assert written(assignment, content) == points


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "should have the columns id, heads/in-writing in its first row; got "),
        ("id,heads/writes\nada,3\n", "heads/in-writing in its first row; got id, heads/writes"),
        ("id,heads/in-writing\ngone,3\n", "row 2: 'gone' is not on the roster; add them there"),
        ("id,heads/in-writing\n,3\n", "row 2: '' is not on the roster"),
        ("id,heads/in-writing\nada,3\n\nADA,4\n", "row 4: 'ADA' is in row 2, too"),
        *(
            (
                f"id,heads/in-writing\nada,{points}\n",
                f"row 2: expected from 0 to 5 points for {WRITTEN}",
            )
            for points in (
                "6",
                "-1",
                "nan",
                "inf",
                "-inf",
                "1e400",
                "three",
                "=3",
                "5.0001",
                "True",
            )
        ),
    ],
)
def test_points_that_cannot_be(assignment, content, sentence):
    with pytest.raises(ValueError) as refused:
        written(assignment, content)
    assert sentence in str(refused.value)


def test_without_exercises_in_writing_there_is_no_table(assignment):
    points = {"heads/count": 1.0}
    assert read_written(replace(assignment, points=points), CLASS) == {}
    assert not (assignment.folder / "written.csv").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id,time\nada,2027-02-01T23:59\n", "row 2: 2027-02-01T23:59:00 has no time zone"),
        ("id,time\nada,\n", "row 2: expected a date with a time and a zone"),
        ("id,time\nada\n", "row 2: expected a date with a time and a zone"),
        ("id,time\neve,2027-02-01T23:59Z\n", "row 2: 'eve' is not on the roster"),
        ("id,time\n,2027-02-01T23:59Z\n", "row 2: '' is not on the roster"),
        (
            "id,time\nada,2027-02-01T23:59Z\n-1,2027-02-01T23:59Z\nAda,2027-02-01T23:58Z\n",
            "row 4: 'Ada'",
        ),
        (
            "id,when\nada,2027-02-01T23:59Z\n",
            "should have the columns id, time in its first row; got id, when",
        ),
        ("", "should have the columns id, time in its first row; got "),
        (b"\0", "is no text that can be read"),
    ],
)
def test_times_that_cannot_be(tmp_path, content, sentence):
    path = tmp_path / "times.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError) as refused:
        read_times(path, CLASS)
    assert sentence in str(refused.value) and "times.csv" in str(refused.value)


def test_times(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("Time;ID;name\n2027-02-01T23:59+01:00;ADA;x\n\n2027-02-02 00:00Z;-1;y\n")
    assert read_times(path, CLASS) == {"ada": DUE, "-1": datetime(2027, 2, 2, tzinfo=UTC)}


def test_the_gradebook(assignment):
    marked = [marks(assignment, "passed", in_writing="written"), marks(assignment, "failed")]
    path = write_gradebook(assignment, grades(assignment, CLASS, marked, {}, {}))
    ada, bob = csv.DictReader(io.StringIO(path.read_text("utf-8")))
    assert ada["id"] == "ada" and ada["total"] == "7" and ada["of"] == "12"
    assert ada[WRITTEN] == "" and ada["to be marked"] == WRITTEN and ada["heads/count"] == "1"
    assert bob["id"] == "'-1" and bob["email"] == "'@b" and bob["name"] == '\'=HYPERLINK("x")'
    assert bob["remarks"] == "'=cmd|' /C calc'!A0.ipynb cannot be read; a;' =b"
    told = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert [each["student"]["id"] for each in told] == ["ada", "-1"]
    assert told[0]["points"][WRITTEN] is None and told[0]["total"] == 7


@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n;,|'\" a1＝")), min_size=1, max_size=3))
def test_no_cell_begins_like_a_formula_whatever_stands_for_a_comma(cells):
    made = table([cells])
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(made, newline=""), delimiter=delimiter):
            for cell in row:
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝")), made


@given(st.lists(st.text(st.characters(exclude_characters="\r")), min_size=1, max_size=3))
def test_what_is_no_formula_stays_as_it_is(cells):
    plain = [cell for cell in cells if not set(cell) & set("=+-@\t＝＋－＠")] + ["x"]
    assert next(csv.reader(io.StringIO(table([plain]), newline=""))) == plain
