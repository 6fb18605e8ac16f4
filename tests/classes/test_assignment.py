"""What `assignment.toml` may say, and what is said of one that cannot be."""

import stat
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.assignment import (
    FILE,
    Late,
    checked_name,
    due_date,
    read_assignment,
    write,
    written_out,
)
from attnclass.limits import USUAL

KNOWN = 'name = "hw3"\ndue = 2027-02-01T23:59:00+01:00\n[points]\n"heads/count" = 5\n'


def rewritten(assignment, content: str | bytes):
    content = content if isinstance(content, bytes) else content.encode()
    (assignment.folder / FILE).write_bytes(content)
    return read_assignment(assignment.folder)


def test_what_was_written_is_read(assignment):
    assert read_assignment(assignment.folder) == assignment
    assert assignment.points["heads/in-writing"] == 5 and assignment.points["heads/count"] == 1
    assert assignment.late == Late(0.1, 3)
    edited = rewritten(assignment, b"\xef\xbb\xbf" + KNOWN.encode())
    assert edited.points == {"heads/count": 5.0} and edited.late == Late()
    assert edited.limits == assignment.limits == USUAL
    assert rewritten(assignment, KNOWN + "[limits]\ncall = 30").limits.call == 30
    assert edited.due == datetime(2027, 2, 1, 22, 59, tzinfo=UTC)
    assert [each.name for each in edited.exercises("heads")] == ["heads/count"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("+01:00", "", "2027-02-01T23:59:00 has no time zone: add one, as in 2027-"),
        ("T23:59:00+01:00", "", "with a time and a zone, .*; got '2027-02-01'"),
        ("due = 2027-02-01T23:59:00+01:00", "", "expected a date .*; got None"),
        ("2027-02-01T23:59:00+01:00", "soon", r"assignment\.toml: Invalid"),
        ("= 5", "= 0", "the points of hw3 sum to 0: nothing would count"),
        ('"heads/count" = 5', "", "the points of hw3 sum to 0"),
        ('[points]\n"heads/count" = 5', "", r"should have a table \[points\].*; got None"),
        ('[points]\n"heads/count" = 5', "points = 3", r"should have a table \[points\].*; got 3"),
        ("= 5", "= -1", "'heads/count' should be worth a number of points, 0 or more; got -1"),
        ("= 5", "= nan", "should be worth a number of points, 0 or more; got nan"),
        ("= 5", "= inf", "should be worth a number of points, 0 or more; got inf"),
        ("= 5", "= true", "should be worth a number of points, 0 or more; got True"),
        ("= 5", '= "2"', "should be worth a number of points, 0 or more; got '2'"),
        ("= 5", f"= 1{'0' * 400}", "should be worth a number of points, 0 or more; got 1000"),
        ("heads/count", "heads/cuont", "'heads/cuont' is none of the exercises: heads/count, "),
        ("heads/count", "positions/shift", "'positions/shift' is none of the exercises"),
        ('"hw3"', "3", "should say name, a folder's name of letters that can be seen; got 3"),
        ('"hw3"', '"../hw3"', "should say name, .*; got '../hw3'"),
        ('"hw3"', '""', "should say name, .*; got ''"),
        ('name = "hw3"', "", "should say name, .*; got None"),
        ("[points]", "limits = 3\n[points]", r"\[limits\] may say cells, call, .*; got 3"),
        ("[points]", "limits = {cell = 3}\n[points]", r"\[limits\] may say cells, call, whole"),
        ("[points]", "limits = {call = 0}\n[points]", r"\[limits\] may say .*above 0; got"),
        ("[points]", "limits = {call = nan}\n[points]", r"\[limits\] may say"),
        ("[points]", "limits = {memory = 1.5}\n[points]", r"\[limits\] may say"),
        ("[points]", "limits = {threads = true}\n[points]", r"\[limits\] may say"),
        ("[points]", "late = 3\n[points]", r"\[late\] should say per_day, .*; got 3"),
        ("[points]", "late = {days = 3}\n[points]", r"\[late\] should say .*; got {'days': 3}"),
        ("[points]", "late = {days = 3, per_day = nan}\n[points]", r"\[late\] should say"),
        ("[points]", "late = {days = 3, per_day = 1.5}\n[points]", r"\[late\] should say"),
        ("[points]", "late = {days = true, per_day = 1}\n[points]", r"\[late\] should say"),
        ("[points]", "late = {days = -1, per_day = 1}\n[points]", r"\[late\] should say"),
        ("[points]", "[points]\n[points]", r"assignment\.toml: Cannot declare"),
    ],
)  # fmt: skip
def test_what_cannot_be(assignment, old, new, sentence):
    assert old in KNOWN
    with pytest.raises(ValueError, match=sentence):
        rewritten(assignment, KNOWN.replace(old, new))


def test_no_assignment(assignment, tmp_path):
    with pytest.raises(ValueError, match=r"with assignment\.toml in it; got .*none"):
        read_assignment(tmp_path / "none")
    with pytest.raises(ValueError, match=r"assignment\.toml: 'utf-8' codec can't decode"):
        rewritten(assignment, KNOWN.replace("hw3", "hü").encode("cp1252"))
    (assignment.folder / "kits" / ".DS_Store").write_bytes(b"")
    assert list(rewritten(assignment, KNOWN).kits) == ["heads"]
    (assignment.folder / "kits" / "heads" / "kit.json").write_text('{"chapter": "heads"}')
    with pytest.raises(ValueError, match=r"kit\.json is no kit of a chapter.*'exercises'"):
        rewritten(assignment, KNOWN)
    (assignment.folder / "kits" / "heads" / "kit.json").unlink()
    with pytest.raises(ValueError, match="has no kits of chapters"):
        rewritten(assignment, KNOWN)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("2027-02-01T23:59", "has no time zone"),
        ("2027-02-01", "has no time zone"),
        ("tomorrow", "expected a date with a time and a zone, .*; got 'tomorrow'"),
        ("this zone", "expected a date with a time and a zone, .*; got 'this zone'"),
        ("", "expected a date with a time and a zone, .*; got ''"),
        ("2027-02-30T23:59+01:00", "expected a date"),
    ],
)
def test_no_date(words, sentence):
    with pytest.raises(ValueError, match=sentence):
        due_date(words)


@given(
    st.text(min_size=1),
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)),
    st.integers(-800, 800),
    st.lists(st.floats(0, 1e6), min_size=1),
)
def test_whatever_is_written_out_can_be_read(name, due, minutes, worth):
    due = due.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    points = {f"heads/{i}": each for i, each in enumerate(worth)}
    try:
        checked_name(name)
    except ValueError:
        return
    told = tomllib.loads(written_out(name, due, points))
    assert (told["name"], told["due"], told["points"]) == (name, due, points)


@pytest.mark.parametrize("name", ["hw3", "Übung 3", "作业", "hw😀", 'a"b', "-1"])
def test_names_of_folders(name):
    assert checked_name(name) == name
    assert tomllib.loads(written_out(name, due_date("2027-02-01T23:59Z"), {}))["name"] == name


def test_a_file_is_written_whole_for_its_owner_alone(tmp_path, monkeypatch):
    path = tmp_path / "new" / "grades.csv"
    write(path, "zoë\ud800")
    assert path.read_text("utf-8") == "zoë?"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(path, "other")
    assert path.read_text("utf-8") == "zoë?" and list(path.parent.iterdir()) == [path]
