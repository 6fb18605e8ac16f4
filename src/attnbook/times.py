"""`{chapter-times}`: how long a chapter takes to read and to run, both measured by the build."""

import math

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

WORDS_A_MINUTE = 150  # technical prose, with its formulas
LINES_A_MINUTE = 20  # code that one reads to understand it
SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)


class times_node(nodes.General, nodes.Element):
    """Where the directive stands, until the chapter has been read and executed."""


class ChapterTimes(SphinxDirective):
    """`{chapter-times}`: one sentence, e.g. "About 20 minutes to read, 15 seconds to run."."""

    def run(self):
        return [times_node()]


def reading_minutes(words: int, lines: int) -> int:
    """Minutes for prose and code, rounded to five so that an edit seldom changes them.

    Examples:
        >>> reading_minutes(words=2400, lines=150)
        25
    """
    return max(5, 5 * round((words / WORDS_A_MINUTE + lines / LINES_A_MINUTE) / 5))


def running_time(seconds: float) -> str:
    """The next of a few round times, so that two machines seldom differ.

    Examples:
        >>> running_time(12.3), running_time(70), running_time(200)
        ('15 seconds', '90 seconds', '5 minutes')
    """
    shown = next((limit for limit in SECONDS if seconds <= limit), None)
    if shown is None:
        shown = 60 * math.ceil(seconds / 60)
    return f"{shown} seconds" if shown < 120 else f"{shown // 60} minutes"


def _lines_to_read(block: nodes.literal_block) -> int:
    """How many lines of code stand here; none where they are a cell's output, or folded away."""
    folded, cell = False, block
    while cell := cell.parent:
        folded = folded or "tag_hide-input" in cell.get("classes", [])
    if folded or "output" in block["classes"]:
        return 0
    return sum(bool(line.strip()) for line in block.astext().splitlines())


def _fill(app, doctree) -> None:
    for place in list(doctree.findall(times_node)):
        lines = sum(map(_lines_to_read, doctree.findall(nodes.literal_block)))
        words = sum(len(p.astext().split()) for p in doctree.findall(nodes.paragraph))
        run = app.env.nb_metadata[app.env.docname]["exec_data"]["runtime"]
        sentence = nodes.paragraph(classes=["chapter-times"])
        sentence += nodes.Text(f"About {reading_minutes(words, lines)} minutes to read, ")
        # The class marks a measured value, as for glued ones: the notebooks' comparison skips it.
        sentence += nodes.inline("", running_time(run), classes=["pasted-text"])
        sentence += nodes.Text(" to run.")
        place.replace_self(sentence)


def setup(app) -> None:
    app.add_node(times_node)
    app.add_directive("chapter-times", ChapterTimes)
    app.connect("doctree-read", _fill)
