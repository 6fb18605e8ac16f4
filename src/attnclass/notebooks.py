"""What was handed in, read as text alone: nothing of it is executed here."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .hashes import hash_of
from .kits import Kit

LARGEST = 20 << 20  # bytes of a notebook
MOST_CELLS, MOST_CODE = 5_000, 2_000_000  # cells, and characters of code in them
LONGEST_ANSWER = 20_000  # characters that are shown of an answer
TOO_LARGE = "the notebook has {size} bytes, and {most} are the most that is read"
TOO_LONG = "the notebook has {cells} cells with {characters} characters of code"
NO_NOTEBOOK = "this is no notebook: it cannot be read as JSON with a list of cells"
_OWN = ("assignment", "chapter", "version", "variant")
_CHECK = re.compile(r"""\bcheck\(\s*["']([\w-]+/[\w-]+)["']\s*[,)]""")
_DEFINES = r"^(?:(?:def|class)\s+{name}\b|{name}\s*(?::[^=\n]*)?=(?!=))"


@dataclass(frozen=True)
class Notebook:
    """A notebook's cells of code, each with its id, and what it says of itself.

    Attributes:
        version: of the kit from which it was made.
        variant: the fingerprint of what was drawn for whom it was made.
    """

    cells: tuple[tuple[str, str], ...]
    assignment: str | None
    chapter: str | None
    version: str | None
    variant: str | None = None


def read_notebook(content: bytes) -> Notebook:
    """The cells of code in what was handed in.

    Raises:
        ValueError: it is no notebook, or too large to be an honest one.
    """
    if len(content) > LARGEST:
        raise ValueError(TOO_LARGE.format(size=len(content), most=LARGEST))
    try:
        told = json.loads(content.decode("utf-8-sig"))
        cells = told["cells"]
        found = tuple(
            (_text(cell.get("id")), _text(cell["source"]))
            for cell in cells
            if cell["cell_type"] == "code"
        )
    except (
        AttributeError, KeyError, RecursionError, TypeError, UnicodeDecodeError, ValueError,
    ) as error:  # fmt: skip
        raise ValueError(NO_NOTEBOOK) from error
    characters = sum(len(source) for _, source in found)
    if len(cells) > MOST_CELLS or characters > MOST_CODE:
        raise ValueError(TOO_LONG.format(cells=len(cells), characters=characters))
    return Notebook(found, *_says(told.get("metadata")))


def _says(metadata: Any) -> list[str | None]:
    """The assignment, the chapter, the version and the variant that a notebook says it is of."""
    own = metadata.get("attnclass") if isinstance(metadata, dict) else None
    says = [own.get(x) if isinstance(own, dict) else None for x in _OWN]
    return [shown(x) if isinstance(x, str) else None for x in says]


def shown(words: str, longest: int = 200) -> str:
    """Somebody's words or file name for a line of ours: one that is not long and does nothing.

    >>> shown("he\\x1b[2Jads\\u202e.ipynb"), shown("x" * 99, 9)
    ('he\\\\x1b[2Jads\\\\u202e.ipynb', 'xxxx…xxxx')
    """
    if len(words) > longest:
        words = f"{words[: longest // 2]}…{words[-(longest // 2) :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)


def chapter_of(notebook: Notebook) -> str | None:
    """The chapter that a notebook is of: what it says itself, or what most of its checks say."""
    if notebook.chapter is not None:
        return notebook.chapter
    checks = Counter(
        name.partition("/")[0] for _, source in notebook.cells for name in _CHECK.findall(source)
    )
    return checks.most_common(1)[0][0] if checks else None


def to_run(notebook: Notebook, kit: Kit) -> list[tuple[str, bool]]:
    """The cells as a box runs them: each with whether it is to be executed whole.

    The cell that installs the course's package is left out, as long as nothing was added to it.
    """
    own, setup = set(kit.cells.values()), kit.cells.get("setup")
    cells = [(source, hash_of(source)) for _, source in notebook.cells]
    return [(source, hashed not in own) for source, hashed in cells if hashed != setup]


def answer_in(notebook: Notebook, exercise: str, target: str) -> str:
    """The code of the cell in which an exercise is answered.

    It is the last that calls its check, or, where none does, the last that defines its target.
    """
    defines = re.compile(_DEFINES.format(name=re.escape(target)), re.MULTILINE)
    for is_answer in (lambda source: exercise in _CHECK.findall(source), defines.search):
        for _, source in reversed(notebook.cells):
            if is_answer(source):
                return source[:LONGEST_ANSWER]
    return ""


def _text(source: Any) -> str:
    """A cell's text, which notebooks hold as one or line by line."""
    if source is None:
        return ""
    return source if isinstance(source, str) else "".join(source)
