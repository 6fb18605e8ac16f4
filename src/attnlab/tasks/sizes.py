"""What a task is made of, in numbers: how many of everything."""

from attnlab.functional import settings


def whole(least: int, task: object, *names: str) -> None:
    """The named settings of a task are integers, `least` or more; they become Python's own, since
    small ones of NumPy's would overflow in sums.

    Raises:
        TypeError: one is not an integer. ValueError: one is below `least`.
    """
    for name in names:
        settings.count(least, **{name: getattr(task, name)})
        object.__setattr__(task, name, int(getattr(task, name)))  # tasks are frozen
