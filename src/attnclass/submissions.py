"""What was handed in, and by whom: names of files and folders as platforms give them.

| platform | e.g. |
| --- | --- |
| Moodle | `Ada Byron_1234567_assignsubmission_file_/heads.ipynb` |
| Canvas | `byronada_LATE_4711_98765_heads-1.ipynb` |
| nbgrader | `submitted/ada/hw3/heads.ipynb` |
| GitHub | `hw3-ada/heads.ipynb` |
| a folder | `ada/heads.ipynb`, `ada.ipynb`, `ada_heads.ipynb`, `ada.zip` |

Zips are read, zips in them too; nothing is ever unpacked to a disk.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .notebooks import LARGEST
from .roster import Student, key, plain

DEEPEST = 3  # zips in zips
MOST_FILES = 20_000
MOST_BYTES = 4 << 30  # unpacked, of one zip with all in it
NOWHERE = "expected a folder or a zip with submissions; got {path}"
NOTHING = "no notebook (.ipynb) was found in {path}"

# Remarks, which the instructor reads beside a student's marks.
UNREADABLE = "{file} cannot be read: {reason}"
ANSWERED_TWICE = "several notebooks of {chapter} were handed in: {file} is marked, the last by name"
_MOODLE = re.compile(r"(?P<name>.+)_(?P<platform>\d+)_assignsubmission_(?:file|onlinetext)_?")
_CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<platform>\d+)_\d+_(?P<file>.+)")


@dataclass(frozen=True)
class File:
    """A notebook that was handed in: where it was found, and what is in it."""

    path: str
    content: bytes


@dataclass
class Found:
    """What was found: notebooks by student, those of nobody, and what could not be read."""

    by_student: dict[str, list[File]] = field(default_factory=dict)
    of_nobody: list[File] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def find(place: Path, students: list[Student], assignment: str) -> Found:
    """All notebooks in a folder or a zip.

    Raises:
        ValueError: there is no such place, or no notebook in it.
    """
    found = Found()
    if place.is_dir():
        files = _in_folder(place, found)
    elif place.is_file() and zipfile.is_zipfile(place):
        files = _in_zip(place.read_bytes(), "", 1, found)
    else:
        raise ValueError(NOWHERE.format(path=place))
    owner = Owners(students, assignment)
    for file in sorted(files, key=lambda file: file.path):
        student = owner.of(file.path)
        if student is None:
            found.of_nobody.append(file)
        else:
            found.by_student.setdefault(student.id, []).append(file)
    if not (found.by_student or found.of_nobody):
        raise ValueError(NOTHING.format(path=place))
    return found


def _in_folder(place: Path, found: Found) -> Iterator[File]:
    """Files in a folder; links are not followed, since they may lead anywhere."""
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_symlink() or not path.is_file() or _is_beside(name):
            continue
        if path.suffix.lower() == ".ipynb":
            if path.stat().st_size > LARGEST:
                found.remarks.append(UNREADABLE.format(file=name, reason="it is too large"))
                continue
            yield File(name, path.read_bytes())
        elif path.suffix.lower() == ".zip":
            yield from _in_zip(path.read_bytes(), name, 1, found)


def _in_zip(content: bytes, place: str, depth: int, found: Found) -> Iterator[File]:
    """Files in a zip, as far as they are what they say; `place` is where the zip was found."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist()[:MOST_FILES]:
                path = PurePosixPath(member.filename.replace("\\", "/"))
                name = str(PurePosixPath(place, *(part for part in path.parts if part != "..")))
                is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
                if member.is_dir() or is_link or _is_beside(name):
                    continue
                if path.suffix.lower() not in (".ipynb", ".zip"):
                    continue
                left -= member.file_size
                if member.file_size > LARGEST or left < 0:
                    found.remarks.append(UNREADABLE.format(file=name, reason="it is too large"))
                    continue
                with archive.open(member) as file:
                    inside = file.read(LARGEST + 1)
                if len(inside) > LARGEST:  # larger than the zip says
                    found.remarks.append(UNREADABLE.format(file=name, reason="it is too large"))
                elif path.suffix.lower() == ".ipynb":
                    yield File(name, inside)
                elif depth < DEEPEST:
                    yield from _in_zip(inside, name, depth + 1, found)
                else:
                    found.remarks.append(UNREADABLE.format(file=name, reason="zips in zips in zips"))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError,
            OSError) as error:  # fmt: skip
        found.remarks.append(UNREADABLE.format(file=place or "the zip", reason=error))


def _is_beside(name: str) -> bool:
    """Is this what systems leave beside files: checkpoints, resource forks?"""
    parts = name.split("/")
    return ".ipynb_checkpoints" in parts or "__MACOSX" in parts or parts[-1].startswith("._")


class Owners:
    """Whose a path is, by the roster.

    A name counts if it is exactly one student's; a path that names two students is nobody's.
    """

    def __init__(self, students: list[Student], assignment: str):
        self._assignment = plain(assignment)
        self._exact = _unique((key(x), s) for s in students for x in (s.id, s.email, s.login) if x)
        self._platform = _unique((s.platform.split()[-1], s) for s in students if s.platform)
        self._named = _unique((name, s) for s in students for name in _names(s))

    def of(self, path: str) -> Student | None:
        """The student whose the path is, or None."""
        found = {student.id: student for student in map(self._part, path.split("/")) if student}
        return next(iter(found.values())) if len(found) == 1 else None

    def _part(self, part: str) -> Student | None:
        """Who is named by a folder's name, or a file's."""
        stem = re.sub(r"(\.ipynb|\.zip)$", "", part, flags=re.IGNORECASE)
        for pattern in (_MOODLE, _CANVAS):
            if match := pattern.fullmatch(stem):
                by_number = self._platform.get(match["platform"])
                return by_number or self._named.get(plain(match["name"])) or self._exact.get(
                    key(match["name"])
                )
        if student := self._exact.get(key(stem)) or self._named.get(plain(stem)):
            return student
        ends = {stem.rpartition(sign)[0] for sign in "-_ "} | {
            stem.partition(sign)[2] for sign in "-_ " if plain(stem.partition(sign)[0])
            == self._assignment
        }  # fmt: skip
        named = {s.id: s for end in ends if (s := self._exact.get(key(end)))}
        return next(iter(named.values())) if len(named) == 1 else None


def _names(student: Student) -> set[str]:
    """A student's name as platforms write it: first name first, or last."""
    words = re.split(r"[,\s]+", student.name.strip())
    return {plain("".join(words[i:] + words[:i])) for i in range(len(words))} - {""}


def _unique(pairs) -> dict[str, Student]:
    """The pairs whose first part belongs to one student alone."""
    found: dict[str, dict[str, Student]] = {}
    for name, student in pairs:
        found.setdefault(name, {})[student.id] = student
    return {name: next(iter(of.values())) for name, of in found.items() if len(of) == 1}
