"""Results of experiments that take too long for a chapter, each with the command that made it.

The scripts are in `experiments/`; each writes one file here, of the same name.
"""

import json
from importlib.resources import files


def load(name: str) -> dict:
    """The stored result of `experiments/<name>.py`.

    Errors: ValueError, with the names there are, where nothing is stored under that name.

    >>> load("recall_grid")["command"]
    'python experiments/recall_grid.py'
    """
    results = {path.name.removesuffix(".json"): path for path in files(__name__).iterdir()}
    if not name.isidentifier() or name not in results:
        stored = sorted(key for key in results if key.isidentifier() and not key.startswith("_"))
        raise ValueError(f"expected one of {', '.join(stored)}, got {name!r}")
    return json.loads(results[name].read_text("utf-8"))
