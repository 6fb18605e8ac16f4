"""What every experiment does with its cells: measure those that are not stored, and store them."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time

import torch

DATA = Path(__file__).parents[1] / "src/attnlab/data"


def complete(name: str, head: dict, cells: Iterable[dict], measure: Callable[[dict], dict]) -> None:
    """Measure each cell that `<name>.json` lacks, and store it at once.

    So an experiment can be stopped and started again; without its file it measures all anew.

    Args:
        name: of the experiment, of its script and of its result.
        head: what all cells have in common.
        cells: what to measure. `measure` returns a cell with its results added.
    """
    torch.set_num_threads(1)
    path = DATA / f"{name}.json"
    stored = json.loads(path.read_text())["cells"] if path.exists() else []
    for cell in cells:
        if any(cell.items() <= known.items() for known in stored):
            continue
        start = process_time()
        stored.append(measure(cell))
        print(f"{process_time() - start:5.1f} s", stored[-1], flush=True)
        store(name, head, stored)


def store(name: str, head: dict, cells: list[dict]) -> None:
    """Write a result: the command that makes it, what its cells share, and a line for each cell."""
    start = json.dumps({"command": f"python experiments/{name}.py", **head})[:-1]
    lines = ",\n".join(map(json.dumps, cells))
    (DATA / f"{name}.json").write_text(f'{start}, "cells": [\n{lines}\n]}}\n')
