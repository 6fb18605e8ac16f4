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
NO_ID = (
    "the roster {path} needs a first row with headings, one of them for ids: {headings}; "
    "its first row is: {found}"
)
TWICE = (
    "the roster {path} has {given!r} twice, in rows {first} and {second}: ids, logins, addresses "
    "and the platform's numbers must tell students apart, whatever their case"
)
EMPTY_ID = "the roster {path} has no id in row {row}"
BAD_ID = "the roster {path} has an id in row {row} with signs that cannot be seen: {id!a}"
NOBODY = "the roster {path} names nobody"
NO_FILE = "{path} cannot be read: {reason}"
UNREADABLE = "the file {path} is no text that can be read: save it as CSV in UTF-8"
NO_TABLE = "the file {path} is no table in CSV, from row {row} on: {reason}"


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
        ValueError: ids are missing, two students have the same id, login or address, or nobody is
            in it.
    """
    rows = table_of(path)
    if not rows:
        raise ValueError(NOBODY.format(path=path))
    columns = _columns(path, rows[0])
    students: list[Student] = []
    taken: dict[tuple[str, str], int] = {}  # by what names a student, the row
    for number, row in enumerate(rows[1:], 2):
        given = {
            name: " ".join(row[column].split()) if column is not None and column < len(row) else ""
            for name, column in columns.items()
        }
        if not any(given.values()) or row[0].strip() == "Points Possible":
            continue
        if not given["id"]:
            raise ValueError(EMPTY_ID.format(path=path, row=number))
        if not given["id"].isprintable():
            raise ValueError(BAD_ID.format(path=path, row=number, id=given["id"]))
        for name in ("id", "login", "email", "platform"):
            if name != "id" and not plain(given[name]):  # nothing, or a sign for it: -, ?
                continue
            kind = "a number" if name == "platform" else "a name"
            first = taken.setdefault((kind, key(given[name])), number)
            if first != number:
                raise ValueError(
                    TWICE.format(path=path, given=given[name], first=first, second=number)
                )
        students.append(Student(**given))
    if not students:
        raise ValueError(NOBODY.format(path=path))
    return students


def _columns(path: Path, first: list[str]) -> dict[str, int | None]:
    """Where each of a student's names stands; an address is an id where there is no other."""
    headings = [" ".join(heading.split()).casefold() for heading in first]
    columns = {
        name: next((headings.index(each) for each in known if each in headings), None)
        for name, known in HEADINGS.items()
    }
    if columns["id"] is None:
        columns["id"] = columns["email"]
    if columns["id"] is None:
        known = ", ".join(HEADINGS["id"])
        raise ValueError(NO_ID.format(path=path, headings=known, found=", ".join(first)))
    if columns["platform"] is None and "sis login id" in headings:  # a gradebook of Canvas'
        columns["platform"] = columns["id"]
    return columns


def table_of(path: Path) -> list[list[str]]:
    """The rows of a CSV file; an empty line is an empty row.

    Raises:
        ValueError: it cannot be read, is no text, or is no table.
    """
    text = decoded(path)[0].removeprefix("\ufeff")
    lines = io.StringIO(text, newline=None)
    reader = csv.reader(lines, delimiter=delimiter_of(text), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error as error:  # a quotation mark, say, that is never closed
        raise ValueError(NO_TABLE.format(path=path, row=len(rows) + 1, reason=error)) from error
    return rows


def decoded(path: Path) -> tuple[str, str]:
    """A file's text, with the mark of its encoding if it begins with one, and the encoding.

    That is UTF-8 or UTF-16, or else Windows' Western European.

    Raises:
        ValueError: it cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(NO_FILE.format(path=path, reason=error.strerror)) from error
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
    """A comma, a semicolon or a tab: by which the first line of a CSV file has the most cells."""
    lines = text[:100_000].splitlines()[:1]
    return max(",;\t", key=lambda sign: max(map(len, csv.reader(lines, delimiter=sign)), default=0))


def key(identity: str) -> str:
    """An id for comparing: in whatever case, and however its accents are stored.

    Letters that merely look alike stay different.

    >>> key(" AB1") == key("ab1"), key("e\u0301") == key("é"), key("а") == key("a")
    (True, True, False)
    """
    composed = unicodedata.normalize("NFC", identity.strip())
    return unicodedata.normalize("NFC", composed.lower())


def plain(name: str) -> str:
    """A name for comparing: without accents, case, spaces and signs.

    >>> plain("Seán O'Casey-Strauß")
    'seanocaseystrauss'
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(c for c in letters if not unicodedata.combining(c)))
