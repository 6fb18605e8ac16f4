"""`{chapter-times}`: how long a chapter takes to read and to run, both measured by the build.

`{part-times}`, on the page that opens a part: the same for all chapters of its folder.

`` {reading-time}`mechanism` ``, within a sentence of any page: how long a folder's chapters take to
read, or one chapter, `start/ten-minutes`, or the whole `book`; with commas, several together.
"""

import math
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from .asides import ASIDE
from .collecting import PageCollector
from .execution.results import Results
from .folding import TAUGHT, runs

WORDS_A_MINUTE = 150  # technical prose, with its formulas
LINES_A_MINUTE = 20  # code that one reads to understand it
BESIDE = {ASIDE, "exercise", "solution"}  # the classes of what takes a time of its own
SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)

# The words that readers see.
ON_THE_PAGE = "About {minutes} minutes to read, without the exercises, and {running} to run."
# A notebook says nothing of running: another run takes another time.
IN_THE_NOTEBOOK = "About {minutes} minutes to read, without the exercises."
OF_THE_PART = "Its chapters take about {reading} to read and {running} to run."
UP_TO_90_SECONDS, MORE = "{n} seconds", "{n} minutes"
HALF_AN_HOUR, ONE_HOUR = "½ hour", "1 hour"
HOURS, HOURS_AND_A_HALF = "{n} hours", "{n}½ hours"
MINUTES = "{n} minutes"
NO_BREAK = "\N{NO-BREAK SPACE}"

_log = logging.getLogger(__name__)


class times_node(nodes.General, nodes.Element):
    """Where the directive stands, until the chapter has been read and executed."""


class part_times_node(nodes.General, nodes.Element):
    """Where the part's directive stands, until every chapter has been read."""


class reading_time_node(nodes.Inline, nodes.Element):
    """Where the role stands, until every chapter has been read: `of` says which it adds up."""


class ChapterTimes(SphinxDirective):
    """`{chapter-times}`: one sentence, how long the chapter takes to read and to run."""

    def run(self):
        return [times_node()]


class PartTimes(SphinxDirective):
    """`{part-times}`: one sentence, e.g. "Its chapters take about 3 hours to read, …"."""

    def run(self):
        opening_pages(self.env).add(self.env.docname)
        return [part_times_node()]


class ReadingTime(SphinxRole):
    """`` {reading-time}`before, mechanism` ``: a few words, e.g. "5½ hours"."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        adding_pages(self.env).add(self.env.docname)
        node = reading_time_node(of=[name.strip() for name in self.text.split(",")])
        self.set_source_info(node)
        return [node], []


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
    return _in_words(_next_round(seconds))


def running_time_of_all(chapters: Iterable[float]) -> str:
    """What the chapters' own lines add up to, so that whoever adds them finds no other sum.

    Examples:
        >>> running_time_of_all([62] * 6), running_time_of_all([25, 55, 110])
        ('9 minutes', '4 minutes')
    """
    return _in_words(sum(map(_next_round, chapters)))


def _in_words(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return UP_TO_90_SECONDS.format(n=seconds) if seconds < 120 else MORE.format(n=minutes)


def _next_round(seconds: float) -> int:
    return next((limit for limit in SECONDS if seconds <= limit), 60 * math.ceil(seconds / 60))


def words_to_read(doctree: nodes.document) -> int:
    """How many words of prose stand here, whatever another machine measures.

    What cells print does not count, nor do asides and exercises; and a measured value is one word,
    whatever its digits.
    """
    words = 0
    for paragraph in doctree.findall(nodes.paragraph):
        if not ({"cell_output"} | BESIDE) & _classes_around(paragraph):
            values = [v for v in paragraph.findall(nodes.inline) if "pasted-text" in v["classes"]]
            words += len(paragraph.astext().split())
            words -= sum(len(value.astext().split()) - 1 for value in values)
    return words


def _classes_around(node: nodes.Element | None) -> set[str]:
    """The classes of an element and of all that it stands in."""
    classes: set[str] = set()
    while node:
        classes |= set(node.get("classes", []))
        node = node.parent
    return classes


def _lines_to_read(block: nodes.literal_block) -> int:
    """How many lines of code stand here; none where they are a cell's output, or folded away."""
    classes = _classes_around(block)
    if ({"tag_hide-input", "output"} | BESIDE) & classes:
        return 0
    code = block.astext()
    if "cell_input" in classes:
        code = "\n".join(lines for kind, lines in runs(code) if kind == TAUGHT)
    return sum(bool(line.strip()) for line in code.splitlines())


def reading_hours(minutes: int) -> str:
    """Minutes of several chapters, in hours to the half.

    Examples:
        >>> reading_hours(125), reading_hours(140), reading_hours(20)
        ('2 hours', '2½ hours', '½ hour')
    """
    hours, half = divmod(max(1, round(minutes / 30)), 2)
    if (hours, half) in {(0, 1), (1, 0)}:
        return HALF_AN_HOUR if half else ONE_HOUR
    return (HOURS_AND_A_HALF if half else HOURS).format(n=hours)


def reading_time(minutes: int) -> str:
    """Minutes as they are while they are few, and then hours to the half.

    Examples:
        >>> reading_time(10), reading_time(50)
        ('10 minutes', '1 hour')
    """
    return MINUTES.format(n=minutes) if minutes < 25 else reading_hours(minutes)


class TimesCollector(PageCollector):
    """Keeps the times of each chapter, which pages open a part, and which add up times."""

    kept_as = "attnbook_times"

    def clear_doc(self, app, env, docname):
        super().clear_doc(app, env, docname)
        opening_pages(env).discard(docname)
        adding_pages(env).discard(docname)

    def merge_other(self, app, env, docnames, other):
        super().merge_other(app, env, docnames, other)
        opening_pages(env).update(opening_pages(other) & set(docnames))
        adding_pages(env).update(adding_pages(other) & set(docnames))

    def process_doc(self, app, doctree):
        for place in list(doctree.findall(times_node)):
            lines = sum(map(_lines_to_read, doctree.findall(nodes.literal_block)))
            words = words_to_read(doctree)
            minutes = reading_minutes(words, lines)
            seconds = Results(Path(app.srcdir)).seconds(app.env.docname)
            self.of(app.env)[app.env.docname] = (minutes, seconds)
            words = ON_THE_PAGE.format(minutes=minutes, running=running_time(seconds))
            place.replace_self(_sentence(words, IN_THE_NOTEBOOK.format(minutes=minutes)))

    def get_updated_docs(self, app, env):
        """Pages that add up times are written anew, whichever chapter was edited."""
        return sorted(opening_pages(env) | adding_pages(env))


def _fill_part(app, doctree, docname) -> None:
    for place in list(doctree.findall(part_times_node)):
        folder = docname.rpartition("/")[0]
        times = [
            t for name, t in TimesCollector.of(app.env).items() if name.rpartition("/")[0] == folder
        ]
        words = OF_THE_PART.format(
            reading=reading_hours(sum(minutes for minutes, _ in times)),
            running=running_time_of_all(seconds for _, seconds in times),
        )
        place.replace_self(_sentence(words, words))


def _fill_reading_times(app, doctree, docname) -> None:
    for place in list(doctree.findall(reading_time_node)):
        minutes = 0
        for wanted in place["of"]:
            found = [
                taken
                for name, (taken, _) in TimesCollector.of(app.env).items()
                if wanted == "book" or f"{name}/".startswith(f"book/{wanted}/")
            ]
            if not found:
                _log.warning(
                    "expected a chapter, a folder of chapters or `book`; got %r",
                    wanted,
                    location=place,
                )
            minutes += sum(found)
        place.replace_self(nodes.Text(reading_time(minutes).replace(" ", NO_BREAK)))


def _sentence(words: str, in_notebook: str) -> nodes.paragraph:
    return nodes.paragraph("", words, classes=["chapter-times"], in_notebook=in_notebook)


def chapter_minutes(env, page: str) -> int:
    """How long a chapter takes to read."""
    return TimesCollector.of(env)[page][0]


def opening_pages(env) -> set[str]:
    """The pages with `{part-times}`, each of which opens a part."""
    if not hasattr(env, "attnbook_parts"):
        env.attnbook_parts = set()
    return env.attnbook_parts


def adding_pages(env) -> set[str]:
    """The pages that tell of chapters, as by a `{reading-time}`: every build writes them anew."""
    if not hasattr(env, "attnbook_adding"):
        env.attnbook_adding = set()
    return env.attnbook_adding


def setup(app) -> None:
    app.add_node(times_node)
    app.add_node(part_times_node)
    app.add_node(reading_time_node)
    app.add_role("reading-time", ReadingTime())
    app.add_directive("chapter-times", ChapterTimes)
    app.add_directive("part-times", PartTimes)
    app.add_env_collector(TimesCollector)
    app.connect("doctree-resolved", _fill_part)
    app.connect("doctree-resolved", _fill_reading_times)
