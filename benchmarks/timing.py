"""Times things beside each other, in turn, so that a slow moment of the machine slows all alike."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

SHORTEST = 0.03  # seconds that are worth timing: what is quicker is called several times in a row
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    # Keep large freed blocks, instead of asking the system for new pages at every call: this cost
    # would be paid by all rows alike, in seconds, and hide what they differ in (glibc).
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**26),
}


@dataclass(frozen=True)
class Row:
    """One line of a table: what ran, how long, and how long beside the base."""

    name: str
    seconds: float
    ratio: float
    target: float | None = None  # the ratio should not be above it

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return f"≤ {self.target:g} {'met' if self.ratio <= self.target else 'MISSED'}"


def with_settings() -> None:
    """Start this program again with the settings, which count only before it starts."""
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        os.execve(sys.executable, sys.orig_argv, os.environ | SETTINGS)


def compare(
    functions: dict[str, Callable[[], object]],
    *,
    rounds: int = 15,
    targets: dict[str, float] | None = None,
) -> list[Row]:
    """Run the functions in turn for some rounds; the first named is the base of the ratios.

    The order turns around every round, and the ratio is the median of the rounds' ratios: what
    changes between rounds cancels. The first round warms up and is not counted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    calls = max(1, int(SHORTEST / max(_time(functions[next(iter(functions))], 1), 1e-6)))
    names = list(functions)
    for turn in range(rounds + 1):
        for name in names if turn % 2 else reversed(names):
            taken = _time(functions[name], calls)
            if turn:
                seconds[name].append(taken)
    base = seconds[names[0]]
    return [
        Row(
            name,
            median(times),
            median(mine / its for mine, its in zip(times, base, strict=True)),
            (targets or {}).get(name),
        )
        for name, times in seconds.items()
    ]


def table(title: str, rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [f"## {title}", "", "| what | ms | ratio | target |", "|---|--:|--:|---|"]
    lines += [
        f"| {row.name} | {row.seconds * 1e3:.3g} | {row.ratio:.2f} | {row.verdict} |"
        for row in rows
    ]
    return "\n".join(lines)


def _time(function: Callable[[], object], calls: int) -> float:
    """Seconds of one call, the mean of several in a row."""
    gc.collect()
    gc.disable()  # a collection in the middle would be charged to whoever is running
    try:
        start = perf_counter()
        for _ in range(calls):
            function()
        return (perf_counter() - start) / calls
    finally:
        gc.enable()
