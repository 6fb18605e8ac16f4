"""A new chapter: its text, its room, its tests and its line in `_toc.yml`, from one template.

`python -m attnbook new mechanism/trial "Trial: does it work?"` fills the files of `template/`. What
it makes builds and passes at once, so that the author begins with something green.
"""

import re
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"
# Where each file of the template goes; the names in braces are those of `_names`.
PLACES = {
    "text.md": "book/{part}/{name}.md",
    "room.py": "src/attnlab/chapters/{room}/__init__.py",
    "exercises.py": "src/attnlab/chapters/{room}/exercises.py",
    "widget.py": "src/attnlab/chapters/{room}/widget.py",
    "widget.js": "src/attnlab/chapters/{room}/widget.js",
    "test_exercises.py": "tests/chapters/{room}/test_exercises.py",
    "test_widget.py": "tests/chapters/{room}/test_widget.py",
    "test_browser.py": "tests/chapters/{room}/test_browser.py",
    "test_claims.py": "tests/chapters/{room}/test_claims.py",
}
_PLACE = re.compile(r"@(\w+)@")  # braces and dollars mean something in all that the template holds


def create(root: Path, page: str, title: str) -> list[Path]:
    """Make the chapter `page`, "part/name", and return the files that were written or changed.

    Raises:
        ValueError: a page that is no "part/name", a part that the book does not have, a name that
            another chapter has, or an empty title.
    """
    names = _names(root, page, title)
    targets = {source: root / place.format(**names) for source, place in PLACES.items()}
    for source, target in targets.items():
        text = (TEMPLATE / f"{source}.in").read_text("utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_PLACE.sub(lambda place: names[place[1]], text), "utf-8")
    return [*targets.values(), _list(root, names)]


def _names(root: Path, page: str, title: str) -> dict[str, str]:
    """What the template's places are filled with, once it is clear that nothing is in the way."""
    found = re.fullmatch(r"([a-z]+)/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)", page)
    if found is None:
        raise ValueError(
            f"expected a part and a name in small letters, digits and single hyphens, such as "
            f"mechanism/trial; got {page!r}"
        )
    part, name = found.groups()
    parts = _parts(root)
    if part not in parts:
        raise ValueError(f"expected one of the parts {', '.join(parts)}; got {part!r}")
    room = name.replace("-", "_")
    taken = [*root.glob(f"book/*/{name}.md"), *root.glob(f"src/attnlab/chapters/{room}")]
    if taken:
        raise ValueError(
            f"expected a name that no chapter has; {taken[0].relative_to(root)} is there already"
        )
    if not title.strip():
        raise ValueError("expected a title, such as 'Trial: does it work?'; got none")
    widget = "".join(word.capitalize() for word in name.split("-")) + "Widget"
    return {"part": part, "name": name, "room": room, "title": title.strip(), "widget": widget}


def _parts(root: Path) -> list[str]:
    """The folders of the book whose first page adds up what its chapters take."""
    pages = sorted(root.glob("book/*/index.md"))
    return [page.parent.name for page in pages if "{part-times}" in page.read_text("utf-8")]


def _list(root: Path, names: dict[str, str]) -> Path:
    """Add the chapter to the contents, after the last one of its part."""
    contents = root / "_toc.yml"
    lines = contents.read_text("utf-8").splitlines(keepends=True)
    last = max(i for i, line in enumerate(lines) if f"file: book/{names['part']}/" in line)
    indent = lines[last].partition("-")[0]
    lines.insert(last + 1, f"{indent}- file: book/{names['part']}/{names['name']}\n")
    contents.write_text("".join(lines), "utf-8")
    return contents
