"""One notebook, marked: its cells run in a box, and checkers ask for what they have defined."""

import time
from dataclasses import replace

from attnlab.exercises import Result
from attnlab.exercises.marking import grade_by

from .border.channel import TooLate
from .border.remote import Remote
from .border.values import Broken, Ended
from .box import running
from .kits import Kit
from .limits import USUAL, Limits
from .notebooks import Notebook, to_run
from .variants import AS_PRINTED, Variant

# What a learner is told, each a whole sentence with named places.
TOO_LATE = "your code took longer than {seconds} seconds here, so it was stopped"
ENDED = "your code ended the process it ran in, or asked for more than it may have"
NO_ANSWER = "what your code answered cannot be read ({reason})"


def mark(
    notebook: Notebook,
    kit: Kit,
    names: list[str],
    rung: str,
    *,
    variant: Variant = AS_PRINTED,
    limits: Limits = USUAL,
    place: int = 0,
) -> list[Result]:
    """What is said of each exercise or question in `names`, whatever the notebook does.

    Raises:
        NoBox: there is none to run it in.
    """
    with running(rung, to_run(notebook, kit), limits, place=place) as channel:
        channel.seconds, channel.last = limits.cells, time.monotonic() + limits.whole
        return _marked(Remote(channel), names, variant, limits)


def _marked(remote: Remote, names: list[str], variant: Variant, limits: Limits) -> list[Result]:
    results: list[Result] = []
    failure: str | None = None
    for name in names:
        if failure is not None:
            results.append(Result(name, "failed", failure))
            continue
        result, failed = _one(name, variant, remote)
        remote.channel.seconds = limits.call
        results.append(result)
        if failed is not None:
            failure = _said(failed)
            results[-1] = replace(result, status="failed", message=failure, more=None)
    return results


def _one(name: str, variant: Variant, remote: Remote) -> tuple[Result, Exception | None]:
    """The result of one exercise, and what has come over the border that may not."""
    marker = variant.marker(name)
    try:
        work = remote.work(marker.target)
    except (Broken, TooLate) as failure:
        return Result(name, "failed", ""), failure
    return grade_by(marker, name, {marker.target: work}), remote.failure


def _said(failure: Exception) -> str:
    if isinstance(failure, TooLate):
        return TOO_LATE.format(seconds=f"{failure.seconds:.0f}")
    if isinstance(failure, Ended):
        return ENDED
    return NO_ANSWER.format(reason=failure)
