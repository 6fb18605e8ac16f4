"""What the last build made of a text, for this one to take where the text is the same.

Most builds are of one page that was edited: what is made of the others need not be made again.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from .execution.results import hash_of

Made = TypeVar("Made")


class Kept:
    """What can be written as JSON, by all that it is made of: a text, our code, and its libraries.

    Of what was not asked for since it was read, nothing is kept on.
    """

    def __init__(self, path: Path, *made_by: str):
        self._path, self._made_by = path, [sys.version, *made_by]
        self._before = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self._now = {}

    def get(self, text: str, make: Callable[[], Made]) -> Made:
        """What `make` gave when it was last called for this text, or gives now."""
        key = hash_of(json.dumps([*self._made_by, text]).encode())
        self._now[key] = self._before[key] if key in self._before else make()
        return self._now[key]

    def write(self) -> None:
        """Keep what was asked for."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")  # what is written by half is never read
        new.write_text(json.dumps(self._now), "utf-8")
        new.replace(self._path)


def kept_of_pages(app, name: str) -> Kept:
    """What was made of the pages as they are written, by way of Beautiful Soup."""
    ours = app.extensions["attnbook"].metadata["env_version"]
    path = Path(app.outdir).parent / "kept" / f"{name}.json"
    return Kept(path, ours, version("beautifulsoup4"))
