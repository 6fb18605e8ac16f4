"""Marks in files of Canvas and Moodle: what is filled, what stays, what is refused."""

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from attnclass.__main__ import main
from attnclass.assignment import Assignment, read_assignment
from attnclass.exports.marks import scaled
from attnclass.exports.sheets import Sheet
from attnclass.verdicts import file_name
from tests.classes.exporting import CANVAS, MOODLE, SEAN, given, graded, made, said


@pytest.fixture
def marks(tmp_path: Path) -> Assignment:
    return graded(made(tmp_path))


class TestSheet:
    @pytest.mark.parametrize("text", [
        "", "a", "a,b\n", 'a,"b,""c"\r\nd,\r\n', "a;b\n;\n\n", "\ufeffa\tb\n1\t", "a\rb,\n,c\r\n",
        '"a\nb",c\n"unfinished,d\n',
    ])  # fmt: skip
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_a_file_in_which_nothing_is_filled_stays_byte_for_byte(
        self, tmp_path: Path, text: str, encoding: str
    ):
        path = tmp_path / "a.csv"
        path.write_bytes(text.encode(encoding))
        assert Sheet(path).content() == path.read_bytes()

    def test_cells_are_what_csv_reads_and_one_that_needs_quotes_gets_them(self, tmp_path: Path):
        path = tmp_path / "a.csv"
        path.write_text('a,"b, ""c"""\nd,é\n', "cp1252")
        sheet = Sheet(path)
        assert sheet.headings == ["a", 'b, "c"']
        sheet.fill(1, 0, 'x,"y"')
        assert sheet.content().decode("cp1252") == 'a,"b, ""c"""\n"x,""y""",é\n'
        assert next(csv.reader(io.StringIO('"x,""y""",é'))) == [sheet.cell(1, 0), "é"]

    def test_numbers_have_the_sign_of_the_file(self):
        assert [scaled(1 / 3, 100, like=words) for words in ("100", "100,0")] == ["33.33", "33,33"]
        assert scaled(1, 100, like="100.00") == "100"


class TestCanvas:
    def test_one_column_is_filled_and_all_else_stays(self, marks: Assignment):
        into = given(marks, CANVAS)
        words = said(marks, "canvas", into)
        written = (marks.folder / "exports" / "canvas.csv").read_bytes()
        assert written == CANVAS.replace("4.50,,", "4.50,8.7,").replace("A,,3,", "A,,0,").encode()
        assert into.read_bytes() == CANVAS.encode()
        for remark in ("3 of 3 students", "SIS User ID", "are scaled", "of 1 students", "row 5"):
            assert remark in words
        assert "Gone, Long" in words and "Student, Test" not in words

    def test_where_it_has_no_ids_logins_find_students(self, marks: Assignment):
        other = CANVAS.replace("S1", "").replace("s2", "").replace("007", "").replace("25", "")
        words = said(marks, "canvas", given(marks, other))
        assert "2 of 3 students" in words and "SIS Login ID" in words
        assert "Alan Turing (007)" in words
        written = (marks.folder / "exports" / "canvas.csv").read_text("utf-8")
        assert "Points Possible,,,,,5.0,11.5," in written and "4.50,4,  90.1" in written

    def test_a_name_that_two_students_have_finds_neither(self, marks: Assignment):
        path = marks.folder / "grades.json"
        told = path.read_text("utf-8").replace('"sean"', '"ADA"')
        path.write_text(told.replace('"login": ""', '"login": "alan"'), "utf-8")
        other = CANVAS.replace("S1", "").replace("s2", "").replace("007", "")
        words = said(marks, "canvas", given(marks, other))
        assert "1 of 3 students" in words and "Ada Byron (s1)" in words

    @pytest.mark.parametrize(("content", "remark"), [
        ("id,name\n1,Ada\n", "id, name"),
        (CANVAS.replace("    Points Possible", "Nobody"), "no such row"),
        (CANVAS.replace("HW-3", "HW-4"), "Quiz, HW-4"),
        (CANVAS.replace("Quiz", "hw 3"), "there are 2"),
        (CANVAS.replace(",25,", ",none,"), "'none'"),
        (CANVAS.replace(",25,", ",0,"), "'0'"),
        (CANVAS.replace("S1,ada", "q,q").replace("s2,sean", "q,q").replace("007", "q"), "'q'"),
        ("", "Points Possible"),
    ])  # fmt: skip
    def test_another_file_is_refused(self, marks: Assignment, content: str, remark: str):
        with pytest.raises(ValueError, match=r"expected|none of the 3") as error:
            said(marks, "canvas", given(marks, content))
        assert remark in str(error.value)
        assert not (marks.folder / "exports").exists()


class TestMoodle:
    def test_grades_and_comments_are_filled_where_nobody_was_before(self, marks: Assignment):
        words = said(marks, "moodle", given(marks, MOODLE))
        with (marks.folder / "exports" / "moodle.csv").open(encoding="utf-8") as file:
            ada, sean, alan = csv.DictReader(file)
        assert (ada["Grade"], sean["Grade"], alan["Grade"]) == ("34,78", "100", "1,00")
        assert ada["Feedback comments"].startswith("hw3: Count · a minute: 1 of 1 points<br>")
        assert "a person has still to mark this, for up to 5 points" in ada["Feedback comments"]
        assert sean["Feedback comments"] == "<p>Well done</p>"
        assert alan["Feedback comments"] == "" and "cannot be changed" in words
        assert "not in" not in words.replace("not in their totals", "")

    def test_an_earlier_comment_of_ours_is_replaced(self, marks: Assignment):
        old = MOODLE.replace("<p>Well done</p>", "<p>hw3: old</p>")
        said(marks, "moodle", given(marks, old))
        assert "old" not in (marks.folder / "exports" / "moodle.csv").read_text("utf-8")

    def test_emails_are_compared_letter_by_letter(self, marks: Assignment):
        other = MOODLE.replace("Participant 100", "Participant 200")
        words = said(marks, "moodle", given(marks, other))
        assert "2 of 3 students" in words and "Seán O'Casey (s2)" in words

    def test_pages_of_feedback_lie_in_folders_as_moodle_names_them(self, marks: Assignment):
        (marks.folder / "feedback").mkdir()
        page = marks.folder / "feedback" / f"{file_name(SEAN.id)}.html"
        page.write_text("a page", "utf-8")
        said(marks, "moodle", given(marks, MOODLE))
        with ZipFile(marks.folder / "exports" / "moodle.zip") as archive:
            (name,) = archive.namelist()
            assert archive.read(name) == b"a page"
        assert name == "Seán O Casey_1002_assignsubmission_file_/hw3.html"

    @pytest.mark.parametrize("without", ["Identifier", "Grade", "Maximum Grade"])
    def test_another_file_is_refused(self, marks: Assignment, without: str):
        content = MOODLE.replace(f"{without},", "Other,", 1)
        if without == "Grade":
            content = MOODLE.replace(",Grade,Max", ",Mark,Max")
        with pytest.raises(ValueError, match="expected Moodle's grading worksheet"):
            said(marks, "moodle", given(marks, content))
        assert not (marks.folder / "exports").exists()


class TestRefusals:
    @pytest.mark.parametrize("to", ["canvas", "moodle"])
    def test_marks_need_grades_and_a_file(
        self, tmp_path: Path, to: str, capsys: pytest.CaptureFixture
    ):
        assignment = made(tmp_path)
        arguments = ["export", str(assignment.folder), "--to", to]
        assert main(arguments) == 2
        assert "needs --into" in capsys.readouterr().err
        assert main([*arguments, "--into", str(given(assignment, CANVAS))]) == 2
        assert "hw3 is not graded yet: expected" in capsys.readouterr().err

    def test_grades_for_other_points_are_not_exported(self, marks: Assignment):
        path = marks.folder / "assignment.toml"
        path.write_text(path.read_text("utf-8").replace('"heads/writes" = 2', '"heads/writes" = 3'))
        with pytest.raises(ValueError, match="graded for other points"):
            said(read_assignment(marks.folder), "canvas", given(marks, CANVAS))

    def test_a_file_that_is_not_there(self, marks: Assignment):
        with pytest.raises(ValueError, match="there is none at"):
            said(marks, "moodle", marks.folder / "none.csv")

    def test_what_is_forgotten_is_gone(self, marks: Assignment):
        said(marks, "canvas", given(marks, CANVAS))
        assert main(["forget", str(marks.folder)]) == 0
        assert not (marks.folder / "exports").exists()
