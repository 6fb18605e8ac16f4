"""Exercises on pages: a choice is answered where it stands, code says where it runs.

What a reader is told of each answer is what the exercise's own checker says of it. What counts as
solved is kept by the browser, together with the version of the exercise.
"""

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx_exercise.nodes import is_exercise_node

from .contents import contents
from .execution.results import hash_of
from .folding import folded
from .links import is_chapter, notebook_links

FILE = Path("_static", "chapters.js")
_START = "globalThis.attnChapters = "
_CHECK = re.compile(r'^check\("(.+)"\)$', re.MULTILINE)
_ASKED = re.compile(r'data-asked="([^"]*)"')

# The words that readers see.
TEXT = {
    "where": "Solve it in the notebook:",
    "in_notebook": "In the notebook",
}


class asked(nodes.Part, nodes.Element):
    """What a page's script is told of the `exercise`, and the `links` to where its code runs."""


def told(name: str) -> dict[str, dict] | None:
    """What a choice says of each of its letters: at the first wrong try, and at later ones.

    Code has no letters, and of an exercise in writing nothing is told: a person marks it.

    Examples:
        >>> told("ten-minutes/most")["b"]["right"], told("ten-minutes/most")["d"]["first"]
        (True, 'its own value would not tell which of the two nouns is meant')
    """
    # Not above: they load torch, which takes as long as to write the pages that have none.
    from attnlab.exercises.choice import Choice  # noqa: PLC0415
    from attnlab.exercises.marking import TEXT as IN_WRITING  # noqa: PLC0415
    from attnlab.exercises.marking import exercise_of, grade  # noqa: PLC0415

    exercise = exercise_of(name)
    if exercise.asks == IN_WRITING:
        return None
    letters = exercise.checker.options if isinstance(exercise.checker, Choice) else ()
    results = {letter: grade(name, {exercise.target: letter}) for letter in letters}
    return {
        letter: {
            "right": result.status == "passed",
            "first": result.told(first=True),
            "later": result.told(first=False),
        }
        for letter, result in results.items()
    }


def version(task: nodes.Element, letters: dict[str, dict]) -> str:
    """A short name for what is asked: who solved another task under this name has not solved it.

    Hints, measured values and the numbers of figures may change.
    """
    right = [letter for letter, told in letters.items() if told["right"]]
    return hash_of("\n".join([*_words(task), *right]).encode())


def _words(node: nodes.Element) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield " ".join(child.split())
        elif isinstance(child, nodes.Element) and not _is_measured(child):
            yield from _words(child)


def _is_measured(node: nodes.Element) -> bool:
    """Is this a value, what a cell printed, or a link, which may name a figure's number?"""
    shown = {"pasted-text", "cell_output"} & set(node.get("classes", []))
    return bool(shown) or isinstance(node, nodes.reference)


def options_of(task: nodes.Element, letters: dict[str, dict]) -> nodes.bullet_list:
    """The list of a choice's options.

    Raises:
        ValueError: there is none, or another, or it has more or fewer of them.
    """
    lists = [child for child in task.children if isinstance(child, nodes.bullet_list)]
    if len(lists) != 1 or len(lists[0].children) != len(letters):
        raise ValueError(f"a choice offers its {len(letters)} options in one list")
    return lists[0]


def _arrange(app, doctree, docname) -> None:
    """After the notebook is made, in which a choice is a cell like any other."""
    if app.builder.format != "html":
        return
    for node in [node for node in doctree.findall(nodes.Element) if is_exercise_node(node)]:
        code = "\n".join(block.astext() for block in node.findall(nodes.literal_block))
        for name in _CHECK.findall(code):
            try:
                _prepare(node, name, notebook_links(app.config, docname))
            except ValueError as error:
                raise ExtensionError(f"{docname}: {name}: {error}") from None


def _prepare(node: nodes.Element, name: str, links: list[tuple[str, str]]) -> None:
    letters = told(name)
    if letters is None:
        return
    task = node.children[-1]
    assert isinstance(task, nodes.Element)
    exercise: dict[str, Any] = {"name": name, "version": version(task, letters)}
    if letters:
        options = options_of(task, letters)
        options["classes"].append("options")
        place = task.index(options) + 1
        rest = task.children[place:]  # how a notebook is told the letter
        task.children = task.children[:place]
        task += folded("", *rest, line=TEXT["in_notebook"])
        exercise["letters"], links = letters, []
    node += asked("", exercise=exercise, links=links)


def _visit(self, node) -> None:
    exercise = json.dumps(node["exercise"], ensure_ascii=False, separators=(",", ":"))
    self.body.append(self.starttag(node, "div", "", CLASS="asked", **{"data-asked": exercise}))
    if node["links"]:
        links = [f'<a href="{escape(url)}">{escape(words)}</a>' for words, url in node["links"]]
        self.body.append(f"<p>{' '.join([TEXT['where'], *links])}</p>\n")


def _depart(self, node) -> None:
    self.body.append("</div>\n")


def exercises_of(html: str) -> list[dict]:
    """The exercises that a page, as it is written, hands its script: their names and versions."""
    found = (json.loads(unescape(text)) for text in _ASKED.findall(html))
    return [{"name": exercise["name"], "version": exercise["version"]} for exercise in found]


def _write(app, error) -> None:
    """The chapters and their exercises, for the menu and the first page to count."""
    if error or app.builder.format != "html":
        return
    chapters = [
        {
            "page": f"{entry.page}.html",
            "title": entry.short_title,
            "exercises": exercises_of(Path(app.outdir, f"{entry.page}.html").read_text("utf-8")),
        }
        for part in contents(app.env)
        for entry in part.all
        if is_chapter(app.env, entry.page)
    ]
    text = _START + json.dumps(chapters, ensure_ascii=False) + ";\n"
    Path(app.outdir, FILE).write_text(text, "utf-8")


def setup(app) -> None:
    app.add_node(asked, html=(_visit, _depart))
    app.connect("doctree-resolved", _arrange, priority=700)  # when what proves is folded
    app.connect("build-finished", _write)
