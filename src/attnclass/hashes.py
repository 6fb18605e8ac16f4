"""By what marking knows a cell that a learner has left as it was."""

import hashlib


def hash_of(source: str) -> str:
    r"""A fingerprint of a cell's code, whatever ends its lines.

    >>> hash_of("a = 1\nb = 2\n") == hash_of("a = 1 \r\nb = 2")
    True
    """
    lines = [line.rstrip() for line in source.splitlines()]
    return hashlib.sha256("\n".join(lines).strip().encode()).hexdigest()[:16]
