"""A learner's process for tests, without a box: a fork of the test's own."""

import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attnclass.border.channel import Channel
from attnclass.border.learner import serve
from attnclass.border.remote import Remote


@contextmanager
def across(namespace: dict[str, Any], seconds: float = 20) -> Iterator[Remote]:
    """What a learner has defined, in a process of its own."""
    asked, answers = os.pipe(), os.pipe()
    with warnings.catch_warnings(action="ignore"):  # a test's process may have threads
        child = os.fork()
    if child == 0:
        os.close(asked[1])
        os.close(answers[0])
        try:
            serve(namespace, Channel(asked[0], answers[1]))
        finally:
            os._exit(0)
    os.close(asked[0])
    os.close(answers[1])
    channel = Channel(answers[0], asked[1], seconds)
    try:
        yield Remote(channel)
    finally:
        channel.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
