"""An assignment on heads for the tests of exports, and files as Canvas and Moodle write them."""

from pathlib import Path

from attnclass.assignment import Assignment, due_date
from attnclass.exports import export
from attnclass.gradebook import Grade, write_gradebook
from attnclass.handing_out import new
from attnclass.roster import Student
from tests.classes import built

POINTS = {"heads/writes": 2.0, "heads/in-writing": 5.0, "heads/narrow": 0.5, "heads/bug": 0.0}
ADA = Student("s1", "Ada Byron", "ada@x.org", "ada", "1001")
SEAN = Student("s2", "Seán O'Casey", "Sean@x.org", "sean", "1002")
ALAN = Student("007", "Alan Turing", "alan@x.org", "", "1003")
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (11),HW-3 (12),Final Score\r\n"
    "    Points Possible,,,,,5.0,25,(read only)\r\n"
    '"Byron, Ada",71,S1,ada,"A ""1""",4.50,,  90.1\r\n'
    '"O\'Casey, Seán",72,s2,sean,A,,EX,\r\n'
    '"Gone, Long",73,s9,gone,A,1,2,3\r\n'
    '"Turing, Alan",74,007,alan,A,,3,\r\n'
    '"Student, Test",75,,x,A,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 1001,Ada Byron,ada@x.org,Submitted,,"100,00",Yes,-,-,\n'
    'Participant 1002,Seán_O Casey,sean@x.org,Submitted,"3,00","100,00",Yes,-,-,<p>Well done</p>\n'
    'Participant 1003,Alan Turing,alan@x.org,Submitted,"1,00","100,00",No,-,-,\n'
)


def made(place: Path) -> Assignment:
    """An assignment without grades, with a wheel that is none."""
    kits = built.kits("heads", folder=place)
    due = due_date("2030-01-01T00:00+00:00")
    return new(place / "hw3", ["heads"], due, POINTS, kits)


def graded(assignment: Assignment) -> Assignment:
    """The same, graded: of 11.5 points Ada has 4 and waits for a person, Seán all, Alan none."""
    nothing = dict.fromkeys(assignment.points, 0.0)
    ada: dict[str, float | None] = {**nothing, "heads/count": 1.0, "heads/writes": 2.0}
    write_gradebook(assignment, [
        Grade(ADA, {**ada, "heads/gently": 1.0, "heads/in-writing": None}, 0, 4.0, []),
        Grade(SEAN, {**assignment.points}, 0, 11.5, []),
        Grade(ALAN, {**nothing}, 2, 0.0, ["not handed in"]),
    ])  # fmt: skip
    return assignment


def given(assignment: Assignment, content: str, encoding: str = "utf-8") -> Path:
    path = assignment.folder.parent / "given.csv"
    path.write_bytes(content.encode(encoding))
    return path


def said(assignment: Assignment, to: str, into: Path | None = None) -> str:
    return "\n".join(export(assignment, to, into))
