"""Results of experiments that take too long for a chapter, each with the command that made it.

A room's `experiment.py` measures them, once, and its `results.json` keeps them.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time

from attnlab.functional import settings

ROOMS = Path(__file__).parent / "chapters"


def load(room: str) -> dict:
    """The stored result of a room's experiment.

    Raises:
        ValueError: nothing is stored under that name; the message names the rooms there are.

    >>> load("recurrence")["command"]
    'python -m attnlab.chapters.recurrence.experiment'
    """
    rooms = sorted(path.parent.name for path in ROOMS.glob("*/results.json"))
    settings.one_of(rooms, room=room)
    return json.loads(_path(room).read_text("utf-8"))


def complete(room: str, head: dict, **lists: tuple[Iterable[dict], Callable[[dict], dict]]) -> None:
    """Measure each cell that the stored result lacks, and store it at once, with its seconds.

    So an experiment can be stopped and started again; without its file it measures all anew.

    Args:
        room: where the experiment and its result are.
        head: what all cells have in common.
        lists: by the name under which they are stored, the cells to measure, and the function that
            returns a cell with its results added.
    """
    import torch  # noqa: PLC0415 - a chapter that only loads may do without it

    torch.set_num_threads(1)
    before = load(room) if _path(room).exists() else {}
    stored: dict[str, list[dict]] = {name: before.get(name, []) for name in lists}
    for name, (cells, measure) in lists.items():
        for cell in cells:
            if any(cell.items() <= known.items() for known in stored[name]):
                continue
            start = process_time()
            found = measure(cell)
            stored[name].append({**found, "seconds": round(process_time() - start, 1)})
            print(stored[name][-1], flush=True)
            store(room, head, **stored)


def store(room: str, head: dict, **lists: list[dict]) -> None:
    """Write a result: the command that makes it, what its runs share, and a line for each run."""
    start = json.dumps({"command": f"python -m attnlab.chapters.{room}.experiment", **head})[:-1]
    parts = [
        f'"{name}": [\n' + ",\n".join(map(json.dumps, runs)) + "\n]" for name, runs in lists.items()
    ]
    _path(room).write_text(f"{start}, {', '.join(parts)}}}\n", "utf-8")


def _path(room: str) -> Path:
    return ROOMS / room / "results.json"
