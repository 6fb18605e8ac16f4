"""Says of each value, figure and claim that comes from a stored run that it does, and from which.

Nobody says so by hand: `provenance` finds it out from the chapter's code.
"""

from itertools import takewhile
from pathlib import Path

from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.errors import ExtensionError

from attnlab.stored import load

from .claims_page import claim_node
from .code_cells import code_cells
from .execution.results import chapters, read_page
from .provenance import Chapter, Rooms, follow

# The words that readers see.
RUN = "From a stored run: {command}."
RUN_OF_A_SEED = "From a stored run: {command}, seed {first}."
RUN_OF_SEEDS = "From a stored run: {command}, seeds {first} to {last}."
RUN_OF_PARTS = "From a stored run: {command}, seeds by its parts: {ranges}."
RANGE = "{first}–{last}"


class NamedValue(PasteTextRole):
    """A value in prose that remembers under which name it was quoted."""

    def run(self):
        found, messages = super().run()
        for node in found:
            if isinstance(node, nodes.Element):
                node["quoted"] = self.text
        return found, messages


def run_of(room: str) -> str:
    """One sentence: the command of a stored run, and its seeds.

    Examples:
        >>> run_of("positions")
        'From a stored run: python -m attnlab.chapters.positions.experiment, seeds 0 to 2.'
        >>> run_of("convolution")[-29:]
        'seeds by its parts: 0–2, 0–4.'
    """
    run = load(room)
    lists = [part for part in run.values() if isinstance(part, list)]
    seeds = [group for part in lists for group in _seeds_of(part)]
    ends = {(min(group), max(group)) for group in (*seeds, run.get("seeds", [])) if group}
    if not ends:
        return RUN.format(command=run["command"])
    if len(ends) > 1:
        ranges = ", ".join(
            RANGE.format(first=first, last=last) if last > first else str(first)
            for first, last in sorted(ends)
        )
        return RUN_OF_PARTS.format(command=run["command"], ranges=ranges)
    ((first, last),) = ends
    words = RUN_OF_SEEDS if last > first else RUN_OF_A_SEED
    return words.format(command=run["command"], first=first, last=last)


def _seeds_of(part: list) -> list[set[int]]:
    """The seeds of each setting, which is what a cell holds before its seed."""
    groups: dict[str, set[int]] = {}
    for cell in part:
        if isinstance(cell, dict) and "seed" in cell:
            setting = takewhile(lambda item: item[0] != "seed", cell.items())
            groups.setdefault(repr([*setting]), set()).add(cell["seed"])
    return [*groups.values()]


def _mark(app, doctree) -> None:
    """When a page has been read, and before its claims are listed."""
    page = app.env.docname
    path = chapters(Path(app.srcdir)).get(page)
    if path is None:
        return
    cells = read_page(path.read_text("utf-8"), str(path)).cells
    code = follow(cell.source if cell.cell_type == "code" else "" for cell in cells)
    try:
        _mark_claims(doctree, code)
        _mark_values(doctree, code)
    except ValueError as error:
        raise ExtensionError(f"{page}: {error}") from None
    _mark_figures(doctree, code)


def _mark_claims(doctree: nodes.document, code: Chapter) -> None:
    for cell in code_cells(doctree):
        for claim in cell.findall(claim_node):
            record = claim["record"]
            rooms = code.rooms_of(cell["cell_index"], record["name"], record["statement"])
            record["stored"] = _sentence(rooms)
            if rooms:
                claim.append(nodes.inline("", _sentence(rooms), classes=["stored-run"]))


def _mark_values(doctree: nodes.document, code: Chapter) -> None:
    for value in doctree.findall(nodes.inline):
        if "quoted" in value:
            name = value["quoted"].partition(":")[0]
            found = {s.cell for s in code.stated if s.is_of(name, None) and s.name}
            rooms = frozenset[str]().union(*(code.rooms_of(cell, name) for cell in found))
            if rooms:
                value["run"] = _sentence(rooms)


def _mark_figures(doctree: nodes.document, code: Chapter) -> None:
    for cell in code_cells(doctree):
        rooms = code.drawn.get(cell["cell_index"])
        for caption in cell.findall(nodes.caption):
            if rooms:
                caption += [
                    nodes.Text(" "),
                    nodes.inline("", _sentence(rooms), classes=["stored-run"]),
                ]


def _show_values(app, doctree, docname) -> None:
    """After the notebook is made, where a value is text."""
    for value in list(doctree.findall(nodes.inline)):
        if "run" in value:
            value.replace_self(
                nodes.abbreviation(
                    "", *value.children, explanation=value["run"], classes=["stored"]
                )
            )


def _sentence(rooms: Rooms) -> str:
    return " ".join(run_of(room) for room in sorted(rooms))


def setup(app) -> None:
    app.add_role_to_domain("glue", "text", NamedValue(), override=True)
    app.connect("doctree-read", _mark, priority=100)
    app.connect("doctree-resolved", _show_values, priority=600)
