"""Every chapter has one text in `book/` and one room in `attnlab`, under one name.

A room is a folder of `src/attnlab/chapters/`, with `_` for the `-` of the text's name.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

from sphinx.errors import ExtensionError

from .execution.results import chapters, code_of

ROOMS = Path("src/attnlab/chapters")
_PACKAGE = "attnlab.chapters"
# What crosses names the package or climbs up to it; most code does neither, and is not parsed.
_MAY_CROSS = re.compile(r"\bchapters\b|\.\.")
_JS_IMPORT = re.compile(r"""\b(?:from|import)\b[\s(]*["'](\.[^"']+)["']""")


def odd_rooms(root: Path) -> list[str]:
    """What is wrong with texts and rooms below `root`; nothing where there are no rooms at all."""
    rooms = {room.parent.name for room in root.glob(f"{ROOMS}/*/__init__.py")}
    if not rooms:
        return []
    texts: dict[str, list[str]] = defaultdict(list)
    for page in sorted(root.glob("book/*/*.md")):
        if "{chapter-times}" in page.read_text("utf-8"):
            texts[page.stem.replace("-", "_")].append(page.relative_to(root).as_posix())
    wrong = [
        f"{' and '.join(pages)} would share the room {ROOMS / room}: give each a name of its own"
        for room, pages in texts.items()
        if len(pages) > 1
    ]
    wrong += [
        f"{texts[room][0]} has no room: make {ROOMS / room}/__init__.py"
        for room in sorted(texts.keys() - rooms)
    ]
    wrong += [
        f"{ROOMS / room} has no text: write book/<part>/{room.replace('_', '-')}.md, with "
        "{chapter-times} below its title"
        for room in sorted(rooms - texts.keys())
    ]
    wrong += [
        f"{page}.md has code but neither {{chapter-times}} below its title nor a room"
        for page in chapters(root)
        for _, part, *name in [page.split("/")]
        if part in parts(root) and "_".join(name).replace("-", "_") not in rooms | texts.keys()
    ]
    files = (file for file in root.glob(f"{ROOMS}/*/*") if file.is_file())
    wrong += [
        f"{ROOMS / room} has files, but no __init__.py: it is no room without"
        for room in sorted({file.parent.name for file in files} - rooms - texts.keys())
        if room != "__pycache__"
    ]
    return wrong


def parts(root: Path) -> list[str]:
    """The folders of the book whose first page adds up what its chapters take."""
    pages = sorted(root.glob("book/*/index.md"))
    return [page.parent.name for page in pages if "{part-times}" in page.read_text("utf-8")]


def crossings(root: Path) -> list[str]:
    """Where a chapter, in its text or its room, imports from another's room.

    What `make lint` leaves out: texts, front ends, and imports for types alone.
    """
    wrong = []
    for page, path in chapters(root).items():
        own = path.stem.replace("-", "_")
        if (root / ROOMS / own).is_dir():
            cells = (cell.source for cell in code_of(path).cells)
            named = {room for cell in cells for room in _imported_rooms(cell, "")}
            wrong += [_crossing(f"{page}.md", own, room) for room in sorted(named - {own})]
    for path in sorted(root.glob(f"{ROOMS}/*/*")):
        name, own = path.relative_to(root).as_posix(), path.parent.name
        named = set()
        if path.suffix == ".py":
            named = set(_imported_rooms(path.read_text("utf-8"), f"{_PACKAGE}.{own}"))
        if path.suffix == ".js":
            rooms = (root / ROOMS).resolve()
            places = _JS_IMPORT.findall(path.read_text("utf-8"))
            targets = ((path.parent / place).resolve() for place in places)
            named = {to.relative_to(rooms).parts[0] for to in targets if rooms in to.parents}
        wrong += [_crossing(name, own, room) for room in sorted(named - {own})]
    return wrong


def _crossing(place: str, own: str, other: str) -> str:
    return (
        f"{place} belongs to {ROOMS / own} and imports from {ROOMS / other}: "
        "move what both use out of the rooms"
    )


def _imported_rooms(code: str, package: str) -> Iterator[str]:
    """The rooms that Python code imports from; none in code that is not Python alone."""
    if not _MAY_CROSS.search(code):
        return
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (package or not node.level):
            module = resolve_name("." * node.level + (node.module or ""), package)
            names += [f"{module}.{alias.name}" for alias in node.names]
    for name in names:
        if name.startswith(f"{_PACKAGE}."):
            yield name.split(".")[2]


def _refuse_odd_rooms(app) -> None:
    root = Path(app.srcdir)
    if wrong := odd_rooms(root) + crossings(root):
        raise ExtensionError("\n".join(wrong))


def setup(app) -> None:
    app.connect("builder-inited", _refuse_odd_rooms)
