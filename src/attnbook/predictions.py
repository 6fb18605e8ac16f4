"""Predictions on pages: figures into which a guess can be drawn, and what else a page is told.

`attnlab.figures.answer_to` leaves beside a figure which prediction it answers and where values lie
within its axes; where the axes lie within the picture is found in the picture itself.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from nbformat import NotebookNode
from sphinx.errors import ExtensionError

from attnlab.figures import ANSWER_MIME

from .code_cells import code_cells
from .collecting import PageCollector
from .contents import contents
from .covering import covered_start
from .execution.results import Results, add_outputs, chapters

FILE = Path("_static", "predictions.js")
_START = "globalThis.attnPredictions = "
_STATE = "application/vnd.jupyter.widget-state+json"
_KIND = ".Prediction"  # how the class of a prediction's state ends
_NUMBER = r"(-?[\d.]+(?:e-?\d+)?)"
_VIEW_BOX = re.compile(rf'<svg\b[^>]*\bviewBox="{_NUMBER} {_NUMBER} {_NUMBER} {_NUMBER}"')
_POINT = re.compile(rf"[ML] {_NUMBER} {_NUMBER}")


class answered(nodes.Part, nodes.Element):
    """A picture, and `answers` to predictions that it gives."""


def frame_of(svg: str, gid: str) -> tuple[list[float], list[float]]:
    """Where axes lie in a picture of matplotlib's: left, top, width and height; and its size.

    Raises:
        ValueError: the picture has no such axes.

    Examples:
        >>> path = '<g id="a"><path d="M 10 80 L 90 80 L 90 20 L 10 20 z"/></g>'
        >>> frame_of(f'<svg viewBox="0 0 100 100">{path}</svg>', "a")
        ([10.0, 20.0, 80.0, 60.0], [100.0, 100.0])
    """
    box = _VIEW_BOX.search(svg)
    start = svg.find(f'<g id="{gid}">')
    if box is None or start < 0:
        raise ValueError(f"the picture has no axes {gid!r}")
    path = svg[start : svg.index("</g>", start)]
    points = [(float(x), float(y)) for x, y in _POINT.findall(path)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    x, y, width, height = map(float, box.groups())
    frame = [left - x, top - y, right - left, bottom - top]
    return [round(part, 3) for part in frame], [width, height]


def questions_of(notebook: NotebookNode) -> dict[str, dict]:
    """What the predictions that a notebook shows ask, by their names.

    Raises:
        ValueError: two of them share a name.
    """
    widgets = notebook.metadata.get("widgets", {}).get(_STATE, {}).get("state", {})
    found: dict[str, dict] = {}
    for widget in widgets.values():
        if widget["state"].get("_anywidget_id", "").endswith(_KIND):
            question = widget["state"]["_prediction"]
            if found.get(question["name"], question) != question:
                raise ValueError(f"two predictions are called {question['name']}")
            found[question["name"]] = question
    return found


def _note(app, doctree) -> None:
    """When a page has been read: which figures answer which predictions."""
    page, root = app.env.docname, Path(app.srcdir)
    path = chapters(root).get(page)
    covers = {node["name"] for node in doctree.findall(covered_start)}
    if path is None:
        if covers:
            raise ExtensionError(f"{page}: covered is {_listed(covers)}, but there is no code")
        return
    executed = str(Results(root).notebook(page))
    notebook = add_outputs(path.read_text("utf-8"), str(path), executed)
    try:
        questions = questions_of(notebook)
        found = list(_answers(doctree, notebook, questions))
        check_answered(set(questions), [answer["question"]["name"] for answer in found], covers)
    except ValueError as error:
        raise ExtensionError(f"{page}: {error}") from None
    PredictionsCollector.of(app.env)[page] = found


def check_answered(asked: set[str], answered: list[str], covers: set[str]) -> None:
    """Each prediction of a page has one figure that answers it, and it covers no others.

    Raises:
        ValueError: it is not so, with the predictions' names.

    Examples:
        >>> check_answered({"a", "b"}, ["a", "b"], {"a"})
    """
    if unanswered := asked - set(answered):
        raise ValueError(
            f"no figure answers the prediction {_listed(unanswered)}: "
            "end the cell that draws it with answer_to(…)"
        )
    if twice := {name for name in answered if answered.count(name) > 1}:
        raise ValueError(f"two figures answer the prediction {_listed(twice)}")
    if unknown := covers - asked:
        raise ValueError(f"covered is {_listed(unknown)}, which the page does not ask")


def _answers(doctree, notebook: NotebookNode, questions: dict[str, dict]) -> Iterator[dict]:
    """Put beside each picture what it answers, and tell of it."""
    for cell in code_cells(doctree):
        outputs = notebook.cells[cell["cell_index"]].outputs
        data = [output.get("data", {}) for output in outputs]
        records = [record for each in data for key, record in each.items() if ANSWER_MIME in key]
        for record in records:
            figure = cell.next_node(nodes.figure)
            images = list(cell.findall(nodes.image))  # the same one in several formats
            called = figure["names"][0] if figure and figure["names"] else "a figure without a name"
            if not images:
                raise ValueError(f"a cell answers {record['name']} and shows no figure")
            if record["name"] not in questions:
                raise ValueError(f"{called} answers {record['name']}, which is not shown")
            pictures = [each["image/svg+xml"] for each in data if "image/svg+xml" in each]
            if len(pictures) != 1:
                raise ValueError(f"{called} answers {record['name']}, so it must be one SVG")
            try:
                frame, size = frame_of("".join(pictures[0]), record["frame"])
            except ValueError as error:
                raise ValueError(f"{called} answers {record['name']}, but {error}") from None
            answer = {
                "question": questions[record["name"]],
                "frame": frame,
                "size": size,
                "places": record["places"],
                "truth": record["truth"],
            }
            for image in images:
                image["answers"] = [*image.get("answers", []), answer]
            yield {
                "question": answer["question"],
                "truth": answer["truth"],
                "anchor": figure["ids"][0] if figure and figure["ids"] else "",
                "run": _run_of(figure) if figure else "",
            }


def _run_of(figure: nodes.figure) -> str:
    """Of which stored run its caption says that the figure is."""
    found = (node for node in figure.findall(nodes.inline) if "stored-run" in node["classes"])
    return next((node.astext() for node in found), "")


class PredictionsCollector(PageCollector):
    """Keeps the predictions of each chapter, which are noted when the page has been read."""

    kept_as = "attnbook_predictions"


def _arrange(app, doctree, docname) -> None:
    """For a browser: hand on what figures answer."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        if "answers" in image:
            image.replace_self(answered("", image.deepcopy(), answers=image["answers"]))


def _listed(names) -> str:
    return ", ".join(sorted(names))


def _write(app, error) -> None:
    """All predictions of the book, for the page that lists a reader's own."""
    if error or app.builder.format != "html":
        return
    kept = PredictionsCollector.of(app.env)
    pages = [entry for part in contents(app.env) for entry in part.all]
    book = [
        {"page": f"{entry.page}.html", "title": entry.full_title, **prediction}
        for entry in pages
        for prediction in kept.get(entry.page, [])
    ]
    names = [prediction["question"]["name"] for prediction in book]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ExtensionError(f"two chapters have a prediction called {_listed(twice)}")
    text = _START + json.dumps(book, ensure_ascii=False) + ";\n"
    Path(app.outdir, FILE).write_text(text, "utf-8")


def _visit_answered(self, node) -> None:
    answers = json.dumps(node["answers"], ensure_ascii=False, separators=(",", ":"))
    self.body.append(self.starttag(node, "div", CLASS="answered", **{"data-answers": answers}))


def _depart(self, node) -> None:
    self.body.append("</div>\n")


def setup(app) -> None:
    app.add_node(answered, html=(_visit_answered, _depart))
    app.add_env_collector(PredictionsCollector)
    app.connect("doctree-read", _note)
    app.connect("doctree-resolved", _arrange, priority=700)
    app.connect("build-finished", _write)
