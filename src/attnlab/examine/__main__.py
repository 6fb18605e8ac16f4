"""The command: `python -m attnlab.examine package.module:factory`.

The factory is called without arguments and returns what `examine` takes: a model and a batch, or a
dictionary of its arguments. The exit code is 0 where no fault is found, 1 where one is, and 2 where
nothing could be examined.
"""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from attnlab.examine import examine


def main(arguments: list[str] | None = None) -> int:
    """Examine what a factory makes, print the report, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m attnlab.examine", description=__doc__)
    parser.add_argument("factory", help="where it is: package.module:name")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--seconds", type=float, help="after so long, say what is left out")
    parsed = parser.parse_args(arguments)
    try:
        options = _made(parsed.factory)
        if parsed.seconds is not None:
            options["seconds"] = parsed.seconds
        report = examine(**options)
    except (TypeError, ValueError, _Unusable) as error:  # CannotExamine is a ValueError
        print(error, file=sys.stderr)
        return 2
    print(report.to_json() if parsed.json else report)
    return 0 if report.ok else 1 if report.found() else 2


class _Unusable(Exception):
    """There is no such factory, or it returns something else."""


def _factory(place: str) -> Callable[[], Any]:
    module, _, name = place.partition(":")
    if not (module and name):
        raise _Unusable(f"Name the factory as package.module:name, got {place!r}.")
    sys.path.insert(0, "")  # as python -m has it: what lies here can be imported
    try:
        found = getattr(import_module(module), name)
    except Exception as error:  # importing runs whatever stands there
        raise _Unusable(f"There is no {name!r} to import from {module!r}: {error}") from error
    if not callable(found):
        raise _Unusable(f"{place} must be a function without arguments, got {found!r}.")
    return found


def _made(place: str) -> dict[str, Any]:
    """The arguments of `examine` that the factory returns."""
    factory = _factory(place)
    try:
        made = factory()
    except Exception as error:  # an exit code of 1 would say that a fault was found
        raise _Unusable(f"{place} raised {type(error).__name__}: {error}") from error
    if isinstance(made, dict) and {"model", "batch"} <= made.keys():
        return dict(made)
    if isinstance(made, tuple) and len(made) == 2:
        return {"model": made[0], "batch": made[1]}
    raise _Unusable(
        "The factory must return (model, batch), or a dictionary with 'model', 'batch' and what "
        f"else examine takes, got {type(made).__name__}."
    )


if __name__ == "__main__":
    sys.exit(main())
