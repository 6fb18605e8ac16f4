"""A platform's CSV file, in which single cells are filled: all others stay byte for byte."""

import re
from pathlib import Path

from ..roster import decoded, delimiter_of

NO_FILE = "expected a CSV file that the platform has written; there is none at {path}"


class Sheet:
    """The cells of a CSV file, by row and column, both counted from 0.

    Raises:
        ValueError: there is no such file, or it is no text.
    """

    def __init__(self, path: Path):
        if not path.is_file():
            raise ValueError(NO_FILE.format(path=path))
        self.path = path
        text, self._encoding = decoded(path)
        self._mark = "\ufeff" * text.startswith("\ufeff")
        text = text.removeprefix("\ufeff")
        self._delimiter = delimiter_of(text)
        self._rows, self._ends = _raw(text, self._delimiter)

    @property
    def headings(self) -> list[str]:
        return [self.cell(0, column).strip() for column in range(len(self._rows[0]))]

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, heading: str) -> int | None:
        """Where a heading stands, or None."""
        return self.headings.index(heading) if heading in self.headings else None

    def cell(self, row: int, column: int) -> str:
        """What is in a cell; nothing where a row is too short to have it."""
        raw = self._rows[row][column] if column < len(self._rows[row]) else ""
        is_quoted = len(raw) > 1 and raw[0] == raw[-1] == '"'
        return raw[1:-1].replace('""', '"') if is_quoted else raw

    def fill(self, row: int, column: int, words: str) -> None:
        """Put words into a cell, in quotes if they need any."""
        if re.search(rf'["\r\n{self._delimiter}]', words):
            words = '"' + words.replace('"', '""') + '"'
        cells = self._rows[row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = words

    def content(self) -> bytes:
        """The file, with what was filled."""
        lines = map(self._delimiter.join, self._rows)
        text = "".join(line + end for line, end in zip(lines, self._ends, strict=True))
        return (self._mark + text).encode(self._encoding)


def _raw(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """The rows as they are written, quotes included, and what ends each of them."""
    written = re.compile(rf'("(?:[^"]|"")*"|[^{delimiter}\r\n]*)({delimiter}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = [[]]
    ends: list[str] = []
    for cell in written.finditer(text):
        rows[-1].append(cell[1])
        if cell[2] != delimiter:
            ends.append(cell[2])
            rows.append([])
        if cell.end() == len(text) and cell[2] != delimiter:
            break
    return rows[: len(ends)], ends
