"""The learner's side of the border: hands over values, and calls what it is told to call.

Nothing here is to be trusted, for a learner's code runs in the same process and may change it: what
comes of that is a wrong answer, or none.
"""

import inspect
import pickle
from typing import Any

import numpy as np
from torch import nn

from attnlab.exercises.marking import is_untouched
from attnlab.exercises.work import settings_of

from .channel import Channel
from .values import Broken, encode

_SAID = 2000  # characters of what an exception says


class Theirs:
    """A function or a widget of the marker's: each call and each attribute is asked for there."""

    def __init__(self, handle: int, channel: Channel | None = None):
        object.__setattr__(self, "_handle", handle)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return _ask("call", self._handle, None, args, settings)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _ask("get", self._handle, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask("set", self._handle, name, (value,))


_channels: list[Channel] = []  # the one to the marker


def serve(namespace: dict[str, Any], channel: Channel) -> None:
    """Answer the marker's requests about what the learner's cells have defined, until it goes."""
    _channels[:] = [channel]
    while True:
        try:
            request, _ = channel.receive()
        except Broken:
            return
        what, name, given = pickle.loads(request)
        blobs: list[bytes] = []
        try:
            work = namespace.get(name, ...)
            told = _handed(work, blobs) if what == "get" else _called(work, given, blobs)
        except BaseException as error:
            blobs = []
            told = _raised(error)
        channel.send_values(told, blobs)


def _handed(work: Any, blobs: list[bytes]) -> dict:
    """What the learner has under a name: nothing yet, a function with its parameters, a value."""
    if is_untouched(work):
        return {"k": "untouched"}
    if not callable(work) or isinstance(work, type):
        return {"k": "value", "v": encode(work, blobs)}
    try:
        names = [*inspect.signature(work).parameters]
    except (TypeError, ValueError):
        names = None
    return {"k": "function", "parameters": names}


def _called(work: Any, given: bytes, blobs: list[bytes]) -> dict:
    args, settings = pickle.loads(given)
    every = (*args, *settings.values())
    before = [dict(x.named_parameters()) if isinstance(x, nn.Module) else {} for x in every]
    with np.errstate(all="ignore"):
        got = work(*args, **settings)
    after = [_left(each, was, blobs) for each, was in zip(every, before, strict=True)]
    return {"k": "result", "v": encode(got, blobs), "after": after}


def _left(value: Any, before: dict[str, nn.Parameter], blobs: list[bytes]) -> dict | None:
    """An argument as the function has left it, if it can have changed it.

    Of a module: what is in it, how it is set, and which parameters are others than `before`.
    """
    if isinstance(value, nn.Module):
        others = [name for name, x in value.named_parameters() if x is not before.get(name)]
        state = dict(value.state_dict())
        return encode({"state": state, "settings": settings_of(value), "others": others}, blobs)
    can_change = isinstance(value, np.ndarray | list | dict | set) or hasattr(value, "detach")
    return encode(value, blobs) if can_change else None


def _raised(error: BaseException) -> dict:
    kind = type(error)
    try:
        said = "" if error.args in ((), (None,)) else str(error)[:_SAID]
    except BaseException:  # the learner's own exception, whose __str__ raises
        said = ""
    return {"k": "raised", "type": kind.__name__, "said": said}


def _ask(what: str, handle: int, name: str | None, args: tuple = (), settings: dict | None = None):
    (channel,) = _channels
    blobs: list[bytes] = []
    given = [encode(each, blobs) for each in args]
    named = {key: encode(each, blobs) for key, each in (settings or {}).items()}
    told = {"k": what, "h": handle, "name": name, "args": given, "settings": named}
    channel.send_values(told, blobs)
    answer, _ = channel.receive()
    succeeded, value = pickle.loads(answer)
    if not succeeded:
        raise value
    return value
