"""Exercises are numbered within their chapter, on its page and in its notebook alike."""


def _count_in_each_chapter(app, builder) -> None:
    """Sphinx counts through the whole book.

    What it counted is stored by now, so that the next build finds it unchanged and writes no page
    for this alone.
    """
    for numbers in app.env.toc_fignumbers.values():
        exercises = numbers.get("exercise", {})
        exercises.update({name: (count,) for count, name in enumerate(exercises, 1)})


def setup(app) -> None:
    app.connect("write-started", _count_in_each_chapter)
