"""A new chapter: its text, its room, its tests, its questions, and its places in `_toc.yml` and on
the page for teachers, from one template.

`python -m attnbook new mechanism/trial "Trial: does it work?"` fills the files of `template/`. What
it makes builds and passes at once, so that the author begins with something green.
"""

import re
from keyword import iskeyword
from pathlib import Path

from ..rooms import parts

TEMPLATE = Path(__file__).parent / "template"
# Where each file of the template goes; the names in braces are those of `_names`.
PLACES = {
    "text.md": "book/{part}/{name}.md",
    "room.py": "src/attnlab/chapters/{room}/__init__.py",
    "exercises.py": "src/attnlab/chapters/{room}/exercises.py",
    "widget.py": "src/attnlab/chapters/{room}/widget.py",
    "widget.js": "src/attnlab/chapters/{room}/widget.js",
    "questions.py": "src/attnclass/questions/{room}.py",
    "test_questions.py": "tests/chapters/{room}/test_questions.py",
    "test_exercises.py": "tests/chapters/{room}/test_exercises.py",
    "test_widget.py": "tests/chapters/{room}/test_widget.py",
    "test_browser.py": "tests/chapters/{room}/test_browser.py",
    "test_claims.py": "tests/chapters/{room}/test_claims.py",
}
_TAUGHT = re.compile(r"^```\{wrong-answers\} (\S+)$", re.MULTILINE)
NO_TEACHING = (
    "no page of book/instructors/teaching/ is called {part}, or has a chapter of it, by "
    "{{wrong-answers}}: write one"
)
LONGEST = 28  # a name: with it the template's longest line has 99
_PLACE = re.compile(r"@(\w+)@")  # braces and dollars mean something in all that the template holds


def create(root: Path, page: str, title: str) -> list[Path]:
    """Make the chapter `page`, "part/name", and return the files that were written or changed.

    Raises:
        ValueError: a page that is no "part/name", a part that the book does not have, a name that
            another chapter has or that cannot be a module's, or a title that is no line.
    """
    names = _names(root, page, title)
    texts = {}
    for source, place in PLACES.items():
        texts[root / place.format(**names)] = _filled(source, names)
    texts[root / "_toc.yml"] = _listed(root, names)
    teaching = _teaching(root, names["part"])
    texts[teaching] = teaching.read_text("utf-8") + _filled("teaching.md", names)
    for target, text in texts.items():  # all of it, now that nothing can be in the way
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return list(texts)


def _filled(source: str, names: dict[str, str]) -> str:
    text = (TEMPLATE / f"{source}.in").read_text("utf-8")
    return _PLACE.sub(lambda place: names[place[1]], text)


def _teaching(root: Path, part: str) -> Path:
    """The page for teachers on which the part's chapters are.

    Raises:
        ValueError: there is none.
    """
    chapters = {path.stem for path in (root / "book" / part).glob("*.md")}
    for page in sorted((root / "book/instructors/teaching").glob("*.md")):
        if page.stem == part or chapters & {*_TAUGHT.findall(page.read_text("utf-8"))}:
            return page
    raise ValueError(NO_TEACHING.format(part=part))


def _names(root: Path, page: str, title: str) -> dict[str, str]:
    """What the template's places are filled with, once it is clear that nothing is in the way."""
    found = re.fullmatch(r"([a-z]+)/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)", page)
    if found is None:
        raise ValueError(
            f"expected a part and a name in small letters, digits and single hyphens, such as "
            f"mechanism/trial; got {page!r}"
        )
    part, name = found.groups()
    known = parts(root)
    if part not in known:
        raise ValueError(f"expected one of the parts {', '.join(known)}; got {part!r}")
    room = name.replace("-", "_")
    if iskeyword(room):
        raise ValueError(f"expected a name that a module can have; {room!r} is a word of Python's")
    if len(name) > LONGEST:
        raise ValueError(
            f"expected a name of at most {LONGEST} characters; got {len(name)}, {name!r}"
        )
    places = (
        f"book/*/{name}.md",
        f"src/attnlab/chapters/{room}",
        f"tests/chapters/{room}",
        f"src/attnclass/questions/{room}.py",
    )
    taken = [path for place in places for path in root.glob(place)]
    if taken:
        raise ValueError(
            f"expected a name that no chapter has; {taken[0].relative_to(root)} is there already"
        )
    if not title.strip():
        raise ValueError("expected a title, such as 'Trial: does it work?'; got none")
    if len(title.splitlines()) > 1:
        raise ValueError(f"expected a title of one line; got {title!r}")
    widget = "".join(word.capitalize() for word in name.split("-")) + "Widget"
    return {"part": part, "name": name, "room": room, "title": title.strip(), "widget": widget}


def _listed(root: Path, names: dict[str, str]) -> str:
    """The contents with the chapter, after the last one of its part."""
    lines = (root / "_toc.yml").read_text("utf-8").splitlines(keepends=True)
    folder = f"book/{names['part']}/"
    before = [i for i, line in enumerate(lines) if f"file: {folder}" in line]
    if not before:
        raise ValueError(
            f"_toc.yml lists no page of {folder} yet: "
            f"list {folder}index there, where the part is to stand"
        )
    indent = lines[before[-1]].partition("-")[0]
    lines.insert(before[-1] + 1, f"{indent}- file: {folder}{names['name']}\n")
    return "".join(lines)
