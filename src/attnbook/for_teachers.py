"""What the checkers know, on the pages for instructors.

`{wrong-answers} heads`: what wrong answers to the exercises of a chapter are told.
`{rubrics}`: each chapter's exercise in writing, with the points by which it is marked.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from .asides import ASIDE, aside

_EXERCISE = re.compile(
    r"^```\{exercise-start\} (?P<title>.+)\n:label: (?P<label>\S+)\n```\n\n(?P<text>(?:.*\n)*?)"
    r"```\{exercise-end\}",
    re.MULTILINE,
)
_CHECK = re.compile(r'^check\("(.+)"\)$', re.MULTILINE)
NO_CHAPTER = "{page}: expected a chapter with exercises, got {name!r}"

TOLD_CLASS = "told"  # of what stands elsewhere already, and is no result of a search

# The words that readers see.
TOLD = "What `check` tells wrong answers"
IN_WRITING = "{chapter}: {title}"


class WrongAnswers(SphinxDirective):
    """`{wrong-answers} heads`"""

    required_arguments = 1

    def run(self):
        # Not above: they load torch, which takes as long as to write the pages that have none.
        from attnclass.misconceptions import misconceptions  # noqa: PLC0415
        from attnlab.exercises.marking import exercise_of  # noqa: PLC0415

        (chapter,) = self.arguments
        lines = []
        for title, _, name in _exercises_of(self.env, chapter):
            if hints := misconceptions(exercise_of(name).checker):
                lines += [f"**{title}**", "", *(f"- {hint}" for hint in hints), ""]
        if not lines:
            raise ExtensionError(NO_CHAPTER.format(page=self.env.docname, name=chapter))
        title = nodes.rubric("", "", *self.parse_inline(TOLD)[0])
        listed = self.parse_text_to_nodes("\n".join(lines))
        return [aside("", title, *listed, classes=[ASIDE, TOLD_CLASS])]


class Rubrics(SphinxDirective):
    """`{rubrics}`"""

    def run(self):
        from attnlab.exercises.marking import exercise_of  # noqa: PLC0415
        from attnlab.exercises.written import Written  # noqa: PLC0415

        env: Any = self.env  # with what sphinx_external_toc has added
        lines = []
        for tree in env.external_site_map.root.subtrees:
            for page in tree.files():
                chapter = page.rpartition("/")[2]
                for title, text, name in _exercises_of(self.env, chapter):
                    checker = exercise_of(name).checker
                    if isinstance(checker, Written):
                        shown = IN_WRITING.format(chapter=f"{{chapter}}`{chapter}`", title=title)
                        task = text.partition("```{code-cell}")[0].strip()
                        points = [f"{i}. {point}" for i, point in enumerate(checker.points, 1)]
                        lines += [f"**{shown}**", "", task, "", *points, ""]
        listed = self.parse_text_to_nodes("\n".join(lines))
        return [nodes.container("", *listed, classes=[TOLD_CLASS])]


def _exercises_of(env, chapter: str) -> Iterator[tuple[str, str, str]]:
    """Of each exercise of a chapter its title, its text, and the name by which it is checked."""
    for docname in env.found_docs:
        if docname.rpartition("/")[2] == chapter:
            env.note_dependency(env.doc2path(docname))
            source = Path(env.doc2path(docname)).read_text("utf-8")
            for found in _EXERCISE.finditer(source):
                if check := _CHECK.search(found["text"]):
                    yield found["title"], found["text"], check[1]


def setup(app) -> None:
    app.add_directive("wrong-answers", WrongAnswers)
    app.add_directive("rubrics", Rubrics)
