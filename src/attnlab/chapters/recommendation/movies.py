"""The ratings of MovieLens 100k, in the order in which users entered them.

GroupLens lets anybody use them for research, and nobody pass them on: so they are read from the
package recbole, which brings them, and only what they gave is stored.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

FILE = "dataset_example/ml-100k/ml-100k.inter"


def ratings() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Of each user the movies rated, counted from 0, and when, in seconds; the oldest first.

    Ratings of one second stay in the order of the file.

    Raises:
        ModuleNotFoundError: recbole, which brings them, is not installed.
    """
    found = find_spec("recbole")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            "the ratings come with recbole 1.2.1, which is not installed; "
            "`pip install --no-deps recbole==1.2.1` brings them"
        )
    path = Path(found.submodule_search_locations[0]) / FILE
    table = np.loadtxt(path, skiprows=1, dtype=np.int64)  # user, movie, stars, second
    table = table[np.lexsort((table[:, 3], table[:, 0]))]
    users = np.split(table, np.flatnonzero(np.diff(table[:, 0])) + 1)
    return [user[:, 1] - 1 for user in users], [user[:, 3] for user in users]


def facts(seconds: list[np.ndarray]) -> dict[str, float]:
    """The share of ratings in the second of the one before, and the median hours from a user's
    first rating to the last.

    >>> facts([np.array([0, 0, 3600]), np.array([5, 5])])
    {'same_second': 0.6667, 'hours': 0.5}
    """
    gaps = np.concatenate([np.diff(user) for user in seconds])
    spans = [(user[-1] - user[0]) / 3600 for user in seconds]
    same, hours = float((gaps == 0).mean()), float(np.median(spans))
    return {"same_second": round(same, 4), "hours": round(hours, 4)}
