"""What was handed in, and by whom: folders and zips as platforms give them.

The outermost name on a path that is a student's decides whose it is (`owners`), and what lies
inside is theirs whatever it is called. Zips are read, zips in them too; nothing is ever unpacked to
a disk, links are not followed, and what one student hands in can use up that student's share alone.
"""

import math
import re
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from .listing import DEEPEST_PATH, Entry, in_folder, in_zip, reason_of
from .notebooks import LARGEST, shown
from .owners import Owners
from .roster import Student

DEEPEST = 4  # zips in zips
LARGEST_CLASS = 512 << 20  # bytes of a zip in a zip, as long as it is nobody's
LARGEST_ZIP = 32 << 20  # of one student's
MOST_BYTES, MOST_ZIPPED = 40 << 20, 100 << 20  # in all notebooks of a student, and in all zips
MOST_FILES, MOST_MEMBERS = 500, 20_000  # of a student that are read, and that a zip may list
NOWHERE = "expected a folder or a zip with submissions; got {path}"
NOTHING = "no notebook (.ipynb) was found in {path}"

# Remarks, which the instructor reads beside a student's marks.
UNREADABLE = "{file} cannot be read: {reason}"
ANSWERED_TWICE = "several notebooks of {chapter} were handed in: {file} is marked, the last by name"
NO_NOTEBOOK = "{file} holds no notebook (.ipynb)"
NAMES_ANOTHER = "{file} counts for {owner}, in whose folder or zip it lies, and names {other}"
SEVERAL = (
    "{file} may be of {students} or of another of that name, and is nobody's: name it by an id, or "
    "add a column platform with the platform's numbers to the roster"
)
BESIDE = "{file} names nobody beside what names students, and is left out with all that is in it"

# Reasons why something cannot be read.
TOO_LARGE = "it is too large"
TOO_MANY = "too many files lie beside it"
TOO_DEEP = "zips lie in zips in zips"
LINK = "it is a link, and links are not followed"


@dataclass(frozen=True)
class File:
    """A notebook that was handed in: where it was found, and what is in it."""

    path: str
    content: bytes


@dataclass
class Found:
    """What was found: notebooks by student, those of nobody, and what could not be read.

    Attributes:
        of_nobody: notebooks, and folders and zips with all that is in them; without contents.
    """

    by_student: dict[str, list[File]] = field(default_factory=dict)
    of_nobody: list[File] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def find(place: Path, students: list[Student], assignment: str) -> Found:
    """All notebooks in a folder or a zip.

    Raises:
        ValueError: there is no such place, or no notebook in it.
    """
    search = _Search(Owners(students, assignment))
    found = search.found
    if place.is_dir():
        search.sort(in_folder(place, search.unreadable), (), 0)
    elif place.is_file() and zipfile.is_zipfile(place):
        whole = Entry((place.name,), place.stat().st_size, lambda: place.open("rb"))
        search.unzip(whole, (), partial(search.sort, above=(), depth=1))
    else:
        raise ValueError(NOWHERE.format(path=place))
    search.settle()
    for files in found.by_student.values():
        files.sort(key=lambda file: search.rank(file.path))
    if not (found.by_student or found.of_nobody):
        raise ValueError("\n".join([NOTHING.format(path=place), *found.remarks]))
    return found


def find_of(student: Student, place: Path) -> Found:
    """All notebooks in a folder that is one student's, whoever is named in it."""
    search = _Search(Owners([student], ""))
    entries = sorted(in_folder(place, search.unreadable), key=lambda entry: entry.parts)
    search.take_all(place.name, entries, (), student, 0)
    return search.found


class _Share:
    """What is left to one student of files, and of bytes in them."""

    def __init__(self):
        self.files = MOST_FILES
        self._left = {".ipynb": MOST_BYTES, ".zip": MOST_ZIPPED}

    def allows(self, entry: Entry) -> bool:
        """Is there room for it? If so, it is taken."""
        largest = LARGEST if entry.kind == ".ipynb" else LARGEST_ZIP
        if entry.size > min(largest, self._left[entry.kind]):
            return False
        self._left[entry.kind] -= entry.size
        return True


class _Search:
    """One search through all that was handed in."""

    def __init__(self, owners: Owners):
        self.owners, self.found = owners, Found()
        self.by_name: dict[str, dict[str, str]] = {}  # of each student's id: numbers, with paths

    def sort(self, entries: list[Entry], above: tuple[str, ...], depth: int) -> None:
        """Give each entry to whom it is of, as soon as a name says so."""
        groups: dict[str, list[Entry]] = {}
        for entry in sorted(entries, key=lambda entry: entry.parts):
            groups.setdefault(entry.parts[0], []).append(entry)
        counting = [name for name, group in groups.items() if any(x.counts for x in group)]
        whose = self.owners.among(counting)
        for name, group in groups.items():
            claim = whose.get(name) if whose is not None else None
            if whose is None:
                self._look_into(name, group, above, depth)
            elif claim is None:  # beside notebooks, and none
                if self.owners.claim(name).students:
                    self.remark(NO_NOTEBOOK, (*above, name))
            elif len(claim.students) == 1:
                if claim.number is not None:
                    path = _path((*above, name))
                    self.by_name.setdefault(claim.students[0].id, {})[claim.number] = path
                self.take_all(name, group, above, claim.students[0], depth)
            else:
                self._leave(name, group, above, claim.students)

    def settle(self) -> None:
        """A student has one number on a platform: of two by one name neither is known as theirs."""
        for student, paths in self.by_name.items():
            if len(paths) > 1:
                self.found.by_student.pop(student, None)
                for path in paths.values():
                    self.found.of_nobody.append(File(path, b""))
                    self.found.remarks.append(SEVERAL.format(file=path, students=student))

    def _look_into(self, name: str, group: list[Entry], above: tuple[str, ...], depth: int) -> None:
        """Go on where nobody is named yet."""
        for entry in group:
            if len(entry.parts) == 1 and entry.is_link:
                self.remark(UNREADABLE, (*above, name), reason=LINK)
            elif len(entry.parts) == 1 and entry.kind == ".ipynb":
                self.found.of_nobody.append(File(_path((*above, name)), b""))
            elif len(entry.parts) == 1 and entry.kind == ".zip":
                within = (*above, name)
                if depth >= DEEPEST or (depth and entry.size > LARGEST_CLASS):
                    reason = TOO_DEEP if depth >= DEEPEST else TOO_LARGE
                    self.remark(UNREADABLE, within, reason=reason)
                else:
                    then = partial(self.sort, above=within, depth=depth + 1)
                    self.unzip(entry, above, then)
        deeper = [replace(each, parts=each.parts[1:]) for each in group if len(each.parts) > 1]
        if deeper:
            self.sort(deeper, (*above, name), depth)

    def _leave(
        self, name: str, group: list[Entry], above: tuple[str, ...], students: tuple[Student, ...]
    ) -> None:
        """Say of what may be several students' or nobody's that it is left out."""
        path = (*above, name)
        self.found.of_nobody.append(File(_path(path), b""))
        if students:
            names = ", ".join(dict.fromkeys(student.id for student in students))
            self.remark(SEVERAL, path, students=names)
        elif group[0].parts != (name,) or group[0].kind == ".zip":
            self.remark(BESIDE, path)

    def take_all(
        self, name: str, group: list[Entry], above: tuple[str, ...], owner: Student, depth: int
    ) -> None:
        """All of the group is the owner's, and something is said if no notebook is in it."""
        files = self.found.by_student.setdefault(owner.id, [])
        before = len(files), len(self.found.remarks)
        self._take(group, above=above, owner=owner, share=_Share(), depth=depth)
        if before == (len(files), len(self.found.remarks)):
            self.remark(NO_NOTEBOOK, (*above, name))
        if not files:
            del self.found.by_student[owner.id]

    def _take(
        self, entries: list[Entry], *, above: tuple[str, ...], owner: Student, share: _Share,
        depth: int,
    ) -> None:  # fmt: skip
        """What of these can be read, as far as the owner's share goes."""
        for entry in entries:
            path = (*above, *entry.parts)
            if not (entry.counts or entry.is_link):
                continue
            share.files -= 1
            if share.files < 0:
                self.remark(UNREADABLE, path, reason=TOO_MANY)
                return
            if entry.is_link:
                self.remark(UNREADABLE, path, reason=LINK)
            elif not share.allows(entry):
                self.remark(UNREADABLE, path, reason=TOO_LARGE)
            elif entry.kind == ".ipynb":
                self._keep(entry, path, owner)
            elif depth >= DEEPEST:
                self.remark(UNREADABLE, path, reason=TOO_DEEP)
            else:
                then = partial(self._take, above=path, owner=owner, share=share, depth=depth + 1)
                self.unzip(entry, above, then, most=MOST_MEMBERS)

    def _keep(self, entry: Entry, path: tuple[str, ...], owner: Student) -> None:
        try:
            with entry.open() as file:
                content = file.read(LARGEST + 1)
        except Exception as error:  # whatever a broken zip makes zipfile raise
            self.remark(UNREADABLE, path, reason=reason_of(error))
            return
        self.found.by_student.setdefault(owner.id, []).append(File(_path(path), content))
        for part in path[:DEEPEST_PATH]:
            others = self.owners.claim(part).students
            if others and owner not in others:
                other = others[0].id
                self.remark(NAMES_ANOTHER, path, owner=owner.id, other=other)
                return

    def unzip(
        self, zipped: Entry, above: tuple[str, ...], then: Callable[[list[Entry]], None],
        most: float = math.inf,
    ) -> None:  # fmt: skip
        """Let `then` have what is in a zip, if it is one and lists no more than `most` files."""
        with ExitStack() as stack:
            try:
                entries = stack.enter_context(in_zip(zipped, most))
            except ValueError as error:
                self.remark(UNREADABLE, (*above, *zipped.parts), reason=str(error))
                return
            then(entries)

    def unreadable(self, error: OSError) -> None:
        self.remark(UNREADABLE, (str(error.filename),), reason=error.strerror or "")

    def remark(self, words: str, path: tuple[str, ...], **values: str) -> None:
        self.found.remarks.append(words.format(file=_path(path), **values))

    def rank(self, path: str) -> tuple[bool, list[int | str]]:
        """The order of a student's files, numbers as numbers, what is named for this one last."""
        words = re.split(r"(\d+)", path.casefold().removesuffix(".ipynb"))
        numbered = [int(word) if i % 2 else word for i, word in enumerate(words)]
        return any(map(self.owners.is_assignment, path.split("/"))), numbered


def _path(parts: tuple[str, ...]) -> str:
    """A path as it is said: without signs that do something, and not too long."""
    return shown("/".join(parts))
