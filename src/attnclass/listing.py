"""The files in folders and zips that others have made: nothing is unpacked to a disk, no link is
followed, no name leads out of its folder, and no more is read than a file says that it has."""

import io
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .notebooks import shown

DEEPEST_PATH = 40  # folders in folders
UTF_8 = 0x800  # the flag of a member whose name is said to be UTF-8
TOO_MANY = "it lists {n} files, and {most} are the most that is read"
PACKED = "its way of packing is not known here"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a folder or a zip, by the parts of its path, and what opens it."""

    parts: tuple[str, ...]
    size: int
    open: Callable[[], BinaryIO]
    is_link: bool = False

    @property
    def kind(self) -> str:
        """How its name ends, such as `.zip`."""
        return os.path.splitext(self.parts[-1])[1].lower()

    @property
    def counts(self) -> bool:
        """May this hold what marking looks for?"""
        return self.kind in (".ipynb", ".zip")


def in_folder(place: Path, unreadable: Callable[[OSError], None]) -> list[Entry]:
    """The files in a folder, and links as what they are; `unreadable` hears of other folders."""
    entries = []
    for folder, folders, files in os.walk(place, onerror=unreadable):
        for name in [*files, *folders]:
            path = Path(folder, name)
            status = path.lstat()
            parts, is_link = path.relative_to(place).parts, stat.S_ISLNK(status.st_mode)
            if (is_link or stat.S_ISREG(status.st_mode)) and not _is_beside(parts):
                opens = lambda path=path: path.open("rb")  # noqa: E731
                entries.append(Entry(parts, status.st_size, opens, is_link))
    return entries


@contextmanager
def in_zip(zipped: Entry, most: float) -> Iterator[list[Entry]]:
    """The files in a zip, which can be opened as long as the context lasts.

    Raises:
        ValueError: it is no zip that can be read, or lists more than `most` files.
    """
    try:
        file = zipped.open()
    except Exception as error:  # whatever a broken zip around it makes zipfile raise
        raise ValueError(reason_of(error)) from error
    with file:
        try:
            archive = zipfile.ZipFile(file)
            members = [(member, _parts(member)) for member in archive.infolist()]
        except Exception as error:  # the same of this one
            raise ValueError(reason_of(error)) from error
        if len(members) > most:
            raise ValueError(TOO_MANY.format(n=len(members), most=most))
        yield [_member(archive, member, parts) for member, parts in members if parts]


def reason_of(error: Exception) -> str:
    """What an error says, which may quote what is in a file."""
    return shown(str(error) or type(error).__name__, 100)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: tuple[str, ...]) -> Entry:
    def opened() -> BinaryIO:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError(PACKED)  # others may ask for any amount of memory
        with archive.open(member) as file:
            return io.BytesIO(file.read(member.file_size))

    return Entry(parts, member.file_size, opened, stat.S_ISLNK(member.external_attr >> 16))


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Those of a member's path, none of which leads upwards or to a root; none of a folder's."""
    name = member.filename
    if not member.flag_bits & UTF_8:  # macOS writes UTF-8 and doesn't say so
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", ".", ".."))
    return () if member.is_dir() or _is_beside(parts) else parts


def _is_beside(parts: tuple[str, ...]) -> bool:
    """Is this what systems leave beside files, or deeper than what anybody hands in?"""
    if not 0 < len(parts) <= DEEPEST_PATH:
        return True
    return bool({".ipynb_checkpoints", "__MACOSX"} & {*parts}) or parts[-1].startswith("._")
