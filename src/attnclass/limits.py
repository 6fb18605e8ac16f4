"""What one submission may use; `[limits]` in `assignment.toml` can say otherwise."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MEGABYTE = 1 << 20
BAD = "[limits] may say {known}, each a number above 0; got {given!r}"


@dataclass(frozen=True)
class Limits:
    """Seconds, megabytes, and numbers.

    Attributes:
        cells: seconds until a notebook's cells have run.
        call: for one call of a function, or one value.
        whole: for all of it.
        processor: of the processor's time.
        memory, disk: megabytes; what is written lies in memory, too.
    """

    cells: float = 90
    call: float = 10
    whole: float = 240
    processor: int = 60
    memory: int = 2048
    disk: int = 64
    threads: int = 16
    files: int = 128


USUAL = Limits()


def read_limits(told: Any) -> Limits:
    """The limits that a table says; what it leaves out is as usual.

    Raises:
        ValueError: it says another thing, or what is no number above 0.

    >>> read_limits({"call": 30}).call
    30
    """
    known = {each.name: each.type for each in fields(Limits)}
    is_table = isinstance(told, dict) and told.keys() <= known.keys()
    if not is_table or not all(_fits(told[name], known[name]) for name in told):
        raise ValueError(BAD.format(known=", ".join(known), given=told))
    return replace(USUAL, **told)


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < MEGABYTE and (kind is float or value == int(value))


def written_out(limits: Limits) -> list[str]:
    """The lines of the table."""
    return [f"{name} = {value}" for name, value in asdict(limits).items()]
