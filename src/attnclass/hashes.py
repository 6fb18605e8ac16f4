"""By what marking knows a cell that a learner has left as it was."""

import hashlib


def hash_of(source: str) -> str:
    r"""A fingerprint of a cell's code, whatever ends its lines.

    >>> hash_of("a = 1\nb = 2\n") == hash_of("a = 1 \r\nb = 2")
    True
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line.rstrip(" \t") for line in lines).strip("\n")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
