"""Is `notebooks/` what `book/` gives? Outputs and measured values aside, for processors differ."""

import difflib
import json
import shutil
from itertools import zip_longest
from pathlib import Path

_REMEDY = "run `make notebooks` (and change the text in book/, never a notebook)"


def publish(derived: Path, committed: Path) -> None:
    """Make `committed` a copy of the notebooks that the last build derived."""
    if not derived.is_dir():
        raise FileNotFoundError(f"{derived} is missing: run make book first")
    shutil.rmtree(committed, ignore_errors=True)
    shutil.copytree(derived, committed)


def differences(derived: Path, committed: Path) -> list[str]:
    """One sentence, and the lines that differ, for each notebook that is not as it should be."""
    if not derived.is_dir():
        raise FileNotFoundError(f"{derived} is missing: run make book first")
    folders = (derived, committed)
    names = {path.relative_to(folder) for folder in folders for path in folder.rglob("*.ipynb")}
    found = [difference(derived / name, committed / name) for name in sorted(names)]
    return [sentence for sentence in found if sentence]


def difference(ours: Path, theirs: Path) -> str | None:
    """What is wrong with the committed notebook `theirs`, beside the derived one."""
    if not theirs.exists():
        return f"{theirs} is missing: {_REMEDY}"
    if not ours.exists():
        return f"{theirs} belongs to no chapter: {_REMEDY}"
    found = _difference(ours, theirs)
    return found and f"{theirs}, {found}\n{_REMEDY}"


def _difference(ours: Path, theirs: Path) -> str | None:
    """The first cell that differs, and how."""
    try:
        (wanted, wanted_rest), (found, found_rest) = map(_read, (ours, theirs))
    except (ValueError, KeyError, TypeError) as error:
        return f"which is not a notebook: {error!r}"
    for position, (one, other) in enumerate(zip_longest(found, wanted, fillvalue=""), 1):
        if one != other:
            lines = difflib.unified_diff(
                one.splitlines(), other.splitlines(), "committed", "from book/", lineterm="", n=1
            )
            return "\n".join([f"cell {position} differs:", *lines])
    return None if found_rest == wanted_rest else "whose metadata differ"


def _read(path: Path) -> tuple[list[str], dict]:
    """A notebook's cells, each as text, and the rest of it."""
    book = json.loads(path.read_text("utf-8"))
    return [comparable(cell) for cell in book.pop("cells")], book


def comparable(cell: dict) -> str:
    """Everything of a cell that is the same on every machine, as text."""
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    metadata = dict(cell["metadata"])
    for start, end in reversed(metadata.pop("values", [])):
        source = source[:start] + "…" + source[end:]
    return "\n".join([f"{cell['cell_type']} {cell['id']} {json.dumps(metadata)}", source])
