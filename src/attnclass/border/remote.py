"""The marker's side of the border: a learner's work, as a checker can call it.

A checker gets its own values alone: copies go out, and answers come in as plain values. A function
or a widget that a checker hands over stays here, and is called, read and set from the other side
by its number; of a widget only what its own class in the course offers can be reached.
"""

import inspect
import io
import pickle
import sys
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from anywidget import AnyWidget
from torch import nn
from traitlets import TraitError

from attnlab.exercises.work import settings_of

from .channel import Channel, TooLate
from .learner import Theirs
from .values import Broken, decode

_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType)
_ERRORS = (AttributeError, TraitError, TypeError, ValueError)  # that may be raised over there
_FIELDS = "__dataclass_fields__"  # of what stands for a widget
MOST_CALLS = 100_000  # that a learner's function may make of what it was handed


class Remote:
    """The work of one learner, whose process is at the other end of `channel`."""

    def __init__(self, channel: Channel):
        self.channel = channel
        self.failure: Exception | None = None  # what came over the border that may not, or nothing
        self._kept: list[Any] = []  # what can be asked for by number, as long as a call lasts

    def work(self, target: str) -> Any:
        """What the learner has under that name: `...`, a value, or a function to be called.

        Raises:
            Broken: the process has ended, or answers what cannot be.
            TooLate: it does not answer.
        """
        told, blobs = self._request("get", target)
        if told.get("k") == "untouched":
            return ...
        if told.get("k") == "value":
            return decode(told.get("v"), blobs)
        if told.get("k") != "function":
            raise Broken("an answer to another question")

        def work(*args: Any, **settings: Any) -> Any:
            try:
                return self._call(target, args, settings)
            except (Broken, TooLate) as failure:  # which a checker takes for the learner's own
                self.failure = failure
                raise

        work.__signature__ = _signature(told.get("parameters"))
        return work

    def _call(self, target: str, args: tuple, settings: dict[str, Any]) -> Any:
        self._kept.clear()
        told, blobs = self._request("call", target, self._pickled((args, settings)))
        for _ in range(MOST_CALLS):
            if told.get("k") not in ("call", "get", "set"):
                break
            self.channel.send(self._answer(told, blobs))
            told, blobs = self.channel.receive_values()
        if told.get("k") == "raised":
            raise _error(told)
        if told.get("k") != "result":
            raise Broken("an answer to another question")
        after = told.get("after")
        given = (*args, *settings.values())
        if not isinstance(after, list) or len(after) != len(given):
            raise Broken("other arguments than were given")
        for value, left in zip(given, after, strict=True):
            if left is not None:
                _leave(value, decode(left, blobs))
        return decode(told.get("v"), blobs)

    def _request(self, what: str, target: str, given: bytes = b"") -> tuple[dict, list[bytes]]:
        self.channel.send(pickle.dumps((what, target, given)))
        return self.channel.receive_values()

    def _pickled(self, value: Any) -> bytes:
        content = io.BytesIO()
        _Pickler(content, self._kept).dump(value)
        return content.getvalue()

    def _answer(self, told: dict, blobs: list[bytes]) -> bytes:
        """What is sent back for a call, an attribute that is read, or one that is set."""
        handle, name = told.get("h"), told.get("name")
        if type(handle) is not int or not 0 <= handle < len(self._kept):
            raise Broken("what was never handed over")
        try:
            ours = self._kept[handle]
            args = [decode(each, blobs) for each in told["args"]]
            if told["k"] == "call":
                settings = {key: decode(each, blobs) for key, each in told["settings"].items()}
                if not isinstance(ours, _FUNCTIONS):
                    raise TypeError("this is no function")
                return self._pickled((True, ours(*args, **settings)))
            if not (_is_widget(ours) and name in _offered(ours)):
                kind = type(ours).__name__
                raise AttributeError(f"{kind!r} object has no attribute {name!r}")
            if told["k"] == "set":
                setattr(ours, name, args[0])
                return self._pickled((True, None))
            return self._pickled((True, getattr(ours, name)))
        except Exception as error:
            kind = next((k for k in _ERRORS if isinstance(error, k)), ValueError)
            return pickle.dumps((False, kind(str(error))))


class _Pickler(pickle.Pickler):
    """Keeps functions and widgets here, and sends what asks for them in their place."""

    def __init__(self, content: io.BytesIO, kept: list[Any]):
        super().__init__(content)
        self._kept = kept

    def reducer_override(self, value: Any) -> Any:
        is_here = _is_widget(value)
        if isinstance(value, _FUNCTIONS) and not is_here:
            module = sys.modules.get(getattr(value, "__module__", None) or "")
            is_here = getattr(module, getattr(value, "__name__", ""), None) is not value
        if not is_here:
            return NotImplemented
        self._kept.append(value)
        return Theirs, (len(self._kept) - 1,)


def _is_widget(value: Any) -> bool:
    """Is this a widget, or what stands for one in a checker?"""
    return isinstance(value, AnyWidget) or hasattr(type(value), "stands_for")


def _offered(widget: Any) -> set[str]:
    """The names of what the course's own classes give a widget: traits, properties, methods."""
    own = [kind for kind in type(widget).__mro__ if kind.__module__.startswith("attnlab.")]
    names = {name for kind in own for name in (*vars(kind), *getattr(kind, _FIELDS, ()))}
    return {name for name in names if not name.startswith("_")}


def _signature(names: Any) -> inspect.Signature:
    """That of the learner's function, as far as names go."""
    try:
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
        return inspect.Signature(parameters)
    except (TypeError, ValueError):  # there are none, or none that can be
        any_number = inspect.Parameter("given", inspect.Parameter.VAR_POSITIONAL)
        return inspect.Signature([any_number])


def _error(told: dict) -> Exception:
    """What the learner's function has raised, as far as a hint shows it."""
    name, said = told.get("type"), told.get("said")
    if not (isinstance(name, str) and name.isidentifier() and isinstance(said, str)):
        raise Broken("an error that cannot be")
    return type(name[:80], (Exception,), {})(*([said[:2000]] if said else []))


def _leave(value: Any, left: Any) -> None:
    """Make an argument what the learner's function has made of its copy."""
    if isinstance(value, nn.Module):
        _leave_module(value, left)
    elif isinstance(value, np.ndarray):
        if isinstance(left, np.ndarray) and _alike(value, left):
            value[...] = left
    elif isinstance(value, torch.Tensor):
        if isinstance(left, torch.Tensor) and _alike(value, left):
            with torch.no_grad():
                value.copy_(left)
    elif type(value) is type(left):
        if isinstance(value, list):
            value[:] = left
        elif isinstance(value, dict | set):
            value.clear()
            value.update(left)


def _alike(value: Any, left: Any) -> bool:
    return (left.shape, left.dtype) == (value.shape, value.dtype)


def _leave_module(module: nn.Module, left: Any) -> None:
    """The same of a module: what is in it, how it is set, which parameters are others."""
    for path in dict(module.named_parameters()):
        if path in left["others"]:
            owner, name = _within(module, path)
            setattr(owner, name, nn.Parameter(getattr(owner, name).detach().clone()))
    shapes = {name: x.shape for name, x in module.state_dict().items()}
    if {name: x.shape for name, x in left["state"].items()} == shapes:
        module.load_state_dict(left["state"])
    for path, was in settings_of(module).items():
        now = left["settings"].get(path)
        if type(now) is type(was) and now != was:
            setattr(*_within(module, path), now)


def _within(module: nn.Module, path: str) -> tuple[Any, str]:
    """What a dotted path leads to, a module in it or a parameter, and the name at its end."""
    place, _, name = path.rpartition(".")
    find = module.get_parameter if name == "requires_grad" else module.get_submodule
    return find(place), name
