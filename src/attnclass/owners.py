"""Whose something is that was handed in, by the names that platforms give to files and folders.

| platform | e.g. |
| --- | --- |
| Moodle | `Ada Byron_1234567_assignsubmission_file_/heads.ipynb` |
| Canvas | `byronada_LATE_4711_98765_heads-1.ipynb` |
| nbgrader | `submitted/ada/hw3/heads.ipynb` |
| GitHub | `hw3-ada/heads.ipynb` |
| a folder | `ada/heads.ipynb`, `ada.ipynb`, `ada_heads.ipynb`, `heads-ada.ipynb`, `ada.zip` |

Students name what lies in their own folder or zip as they like, and themselves on some platforms.
So a name counts only where it is exactly one student's, and the platform's number before any name.
"""

import re
from dataclasses import dataclass
from itertools import islice

from attnlab.exercises.names import chapters

from .roster import Student, key, plain

LONGEST, MOST_WORDS = 300, 12  # characters and words of a name that is somebody's
_NOBODY = ("submitted", "submissions")  # folders of nbgrader and of whoever tidies up
_NUMBERS = {
    "moodle": re.compile(r"_(\d+)_assignsubmission_(?:file|onlinetext)(?=_|$)"),
    "canvas": re.compile(r"(?<=[^_])(?:_LATE)?_(\d+)(?=_\d+_.)"),
}
_COPY = re.compile(r"( ?\(\d+\)| - Copy)$", re.IGNORECASE)  # what browsers and systems add


@dataclass(frozen=True)
class Claim:
    """What a name says.

    Attributes:
        students: whose it may be.
        number: the platform's for a student, where the roster has no such number and the name had
            to do.
        is_platform: whether a platform gave the name.
    """

    students: tuple[Student, ...] = ()
    number: str | None = None
    is_platform: bool = False


class Owners:
    """Whose a name is, by the roster."""

    def __init__(self, students: list[Student], assignment: str):
        self._known = {plain(assignment), *map(plain, chapters())} - {""}
        self._assignment = plain(assignment)
        self._exact = {key(x): s for s in students for x in (s.id, s.email, s.login) if plain(x)}
        self._exact |= {key(s.id): s for s in students}
        self._numbers = {s.platform.split()[-1]: s for s in students if s.platform.strip()}
        self._named: dict[str, list[Student]] = {}
        for student in students:
            for name in _orders(student.name):
                self._named.setdefault(name, []).append(student)

    def among(self, names: list[str]) -> dict[str, Claim] | None:
        """What each of these says, which lie beside each other; None if no name is anybody's.

        If one of them is a student's, or a platform's for one, so are all: what names nobody there
        is nobody's.
        """
        claims = {name: self.claim(name) for name in names}
        decides = any(claim.students or claim.is_platform for claim in claims.values())
        return claims if decides else None

    def claim(self, name: str) -> Claim:
        """Who is named by a folder, a zip or a notebook: several, if more than one can be meant."""
        stem = re.sub(r"(\.ipynb|\.zip)$", "", name, flags=re.IGNORECASE)
        bare = _COPY.sub("", stem)
        if len(name) > LONGEST or plain(bare) in (*self._known, *_NOBODY):
            return Claim()
        for pattern in _NUMBERS.values():
            if found := list(pattern.finditer(stem)):
                return self._numbered([match[1] for match in found], stem[: found[0].start()])
        students = self._whole(stem) or self._whole(bare) or self._with_words(stem)
        return Claim(tuple(dict.fromkeys(students)))

    def is_assignment(self, name: str) -> bool:
        """Is this the assignment's own name, in whatever spelling?"""
        return plain(name) == self._assignment

    def _numbered(self, numbers: list[str], name: str) -> Claim:
        """By number; a name alone is no one's who is known by another number."""
        known = dict.fromkeys(self._numbers[x] for x in numbers if x in self._numbers)
        if known:
            return Claim(tuple(known), is_platform=True)
        named = [s for s in self._named.get(plain(name), []) if not s.platform]
        return Claim(tuple(named), numbers[0], is_platform=True)

    def _whole(self, stem: str) -> list[Student]:
        exact = self._exact.get(key(stem))
        return [exact] if exact else self._named.get(plain(stem), [])

    def _with_words(self, stem: str) -> list[Student]:
        """Who is named beside the assignment or a chapter: `hw3-ada`, `ada_heads (1)`."""
        found: list[Student] = []
        for sign in islice(re.finditer("[-_ ]", stem), MOST_WORDS):
            before, after = stem[: sign.start()], stem[sign.end() :]
            if plain(before) in self._known:
                found += self._whole(after)
            ends = islice(re.finditer("[-_ ]|$", after), MOST_WORDS)
            if any(plain(after[: end.start()]) in self._known for end in ends):
                found += self._whole(before)
        return found


def _orders(name: str) -> set[str]:
    """A student's name as platforms write it: first name first, or last."""
    words = re.split(r"[,\s]+", name.strip())
    return {plain("".join(words[i:] + words[:i])) for i in range(len(words))} - {""}
