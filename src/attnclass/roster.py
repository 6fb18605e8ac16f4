"""Who is in the class: a CSV file, as a gradebook or a spreadsheet writes it."""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

# A student's names, and the headings under which rosters have them.
HEADINGS = {
    "id": ("id", "student_id", "student id", "sis user id", "id number", "username"),
    "name": ("name", "student", "full name", "student name"),
    "email": ("email", "email address", "e-mail", "mail"),
    "login": ("login", "sis login id", "github", "login id"),
    "platform": ("platform", "canvas id", "moodle id", "identifier"),
}
NO_ID = "the roster {path} needs a column with ids, headed {headings}; its columns are {found}"
TWICE = "the roster {path} has the id {id!r} twice, in lines {first} and {second}"
EMPTY_ID = "the roster {path} has no id in line {line}"
NOBODY = "the roster {path} names nobody"
UNREADABLE = "the file {path} is no text that can be read: save it as CSV in UTF-8"


@dataclass(frozen=True)
class Student:
    """One of the class; all but the id may be empty."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""
    platform: str = ""


def read_roster(path: Path) -> list[Student]:
    """The class, in the order of the file; commas, semicolons or tabs, whatever the encoding.

    Raises:
        ValueError: ids are missing or there twice, or nobody is in it.
    """
    rows = table_of(path)
    if not rows:
        raise ValueError(NOBODY.format(path=path))
    headings = [heading.strip().casefold() for heading in rows[0]]
    columns = {
        name: next((headings.index(each) for each in known if each in headings), None)
        for name, known in HEADINGS.items()
    }
    if columns["id"] is None:
        known = ", ".join(HEADINGS["id"])
        raise ValueError(NO_ID.format(path=path, headings=known, found=", ".join(rows[0])))
    students: dict[str, Student] = {}
    lines: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row) or row[0].strip() == "Points Possible":
            continue
        given = {
            name: row[column].strip() if column is not None and column < len(row) else ""
            for name, column in columns.items()
        }
        if not given["id"]:
            raise ValueError(EMPTY_ID.format(path=path, line=number))
        if (same := key(given["id"])) in lines:
            raise ValueError(
                TWICE.format(path=path, id=given["id"], first=lines[same], second=number)
            )
        lines[same] = number
        students[same] = Student(**given)
    if not students:
        raise ValueError(NOBODY.format(path=path))
    return list(students.values())


def table_of(path: Path) -> list[list[str]]:
    """The rows of a CSV file: text in UTF-8 or UTF-16, or in Windows' Western European.

    Raises:
        ValueError: it is no text.
    """
    text = decoded(path)[0].removeprefix("\ufeff")
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter_of(text))]


def decoded(path: Path) -> tuple[str, str]:
    """A file's text, with the mark of its encoding if it begins with one, and the encoding.

    Raises:
        ValueError: it is no text.
    """
    content = path.read_bytes()
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    encodings = (marks[content[:2]],) if content[:2] in marks else ("utf-8", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise ValueError(UNREADABLE.format(path=path))


def delimiter_of(text: str) -> str:
    """What stands most often in the first line of a CSV file: a comma, a semicolon or a tab."""
    return max(",;\t", key=text.partition("\n")[0].count)


def key(identity: str) -> str:
    """An id for comparing: whatever case and whatever form of its letters.

    >>> key(" AB１") == key("ab1"), key("a.b") == key("ab")
    (True, False)
    """
    return unicodedata.normalize("NFKC", identity).strip().casefold()


def plain(name: str) -> str:
    """A name for comparing: without accents, case, spaces and signs.

    >>> plain("Seán O'Casey-Strauß")
    'seanocaseystrauss'
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(c for c in letters if not unicodedata.combining(c)))
