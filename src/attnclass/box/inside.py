"""What runs in the box: limits first, then the learner's cells, then the marker's questions."""

import json
import os
import resource
import sys
from importlib import import_module
from types import ModuleType

import attnlab.exercises

from ..border.channel import Channel
from ..border.learner import serve
from ..limits import MEGABYTE, Limits
from .cells import imports_of, run_all
from .locks import end_with_the_marker, refuse_calls, shut_files
from .visible import listed, readable

# What answers use besides the chapter's own imports, loaded for the sake of a Python that lies in a
# folder which another user may not read.
USUAL = (
    *("bisect", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal"),
    *("fractions", "functools", "heapq", "inspect", "itertools", "math", "numbers", "operator"),
    *("random", "re", "statistics", "string", "textwrap", "time", "typing", "warnings"),
    "encodings.idna",
)


def main() -> None:
    asked, answers, rung, user, told = sys.argv[1:]
    limits = Limits(**json.loads(told))
    channel = Channel(int(asked), int(answers))
    cells = json.loads(channel.receive()[1])
    _load([source for source, is_whole in cells if not is_whole])
    if rung == "lowered":
        shut_files(readable(), listed())
    if os.getuid() == 0:
        _change_user(int(user), is_needed=rung != "trusted")
    for what, most in (
        (resource.RLIMIT_CPU, limits.processor),
        (resource.RLIMIT_AS, limits.memory * MEGABYTE),
        (resource.RLIMIT_NPROC, limits.threads),
        (resource.RLIMIT_FSIZE, limits.disk * MEGABYTE),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if rung != "trusted":
        end_with_the_marker(channel.reads)
        refuse_calls()
    attnlab.exercises.check = lambda *_, **__: None  # whose checkers cannot be read here
    channel.send_values("ready", [])
    serve(run_all(cells, _main_module()), channel)


def _load(own: list[str]) -> None:
    """What the chapter's `own` cells import: before limits count, and while all can be read."""
    for name in USUAL:
        import_module(name)
    for source in own:
        exec(imports_of(source), {})


def _main_module() -> dict:
    """The names of a notebook's cells, in a module that pickling and `inspect` can find."""
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    return vars(module)


def _change_user(user: int, *, is_needed: bool) -> None:
    try:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:  # a container may have no user beside root
        if is_needed:
            raise


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(1)
