"""Every chapter has one text in `book/` and one room in `attnlab`, under one name.

A room is a folder of `src/attnlab/chapters/`, with `_` for the `-` of the text's name.
"""

from collections import defaultdict
from pathlib import Path

from sphinx.errors import ExtensionError

ROOMS = Path("src/attnlab/chapters")


def odd_rooms(root: Path) -> list[str]:
    """What is wrong with texts and rooms below `root`; nothing where there are no rooms at all."""
    rooms = {room.parent.name for room in root.glob(f"{ROOMS}/*/__init__.py")}
    texts: dict[str, list[str]] = defaultdict(list)
    for page in sorted(root.glob("book/*/*.md")):
        if rooms and "{chapter-times}" in page.read_text("utf-8"):
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
    return wrong


def _refuse_odd_rooms(app) -> None:
    if wrong := odd_rooms(Path(app.srcdir)):
        raise ExtensionError("\n".join(wrong))


def setup(app) -> None:
    app.connect("builder-inited", _refuse_odd_rooms)
