"""A learner's function, as a checker gets it: it can spoil nothing, and only it is blamed.

A checker calls :class:`Work` as it would call the function. Each call

- hands out copies of arrays, tensors and containers, and returns a copy of what comes back, so that
  a checker may compute what is right from its own arrays at any time;
- hands over functions that return copies, so that no view of a checker's array gets out;
- compares afterwards, and raises a hint if the function has changed what it was given, or has left
  a widget or a module set otherwise than it came;
- runs the function alone under “raised”, and quietly: NumPy warns of no overflow;
- leaves generators and settings as they were (`surroundings`).

Widgets and modules are handed over as they are, so a checker makes one for the learner and another
for itself. A learner may try other settings, and has to put them back, but for those traits of a
widget that the exercise asks to set. A module's parameters and buffers are compared like arrays.
"""

from contextlib import suppress
from functools import partial, wraps
from inspect import signature
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from anywidget import AnyWidget
from torch import nn

from attnlab.exercises.hint import Hint
from attnlab.exercises.notation import shown
from attnlab.exercises.surroundings import undisturbed

RAISED = "`{target}` raised {kind}: {error}"
RAISED_WITHOUT_A_WORD = "`{target}` raised {kind}"
CHANGED = "`{target}` changes `{argument}` in place: leave it as it comes in, work on a copy"
CHANGED_SOMETHING = "`{target}` changes its input in place: leave it as it comes in, work on a copy"
LEFT = "`{target}` leaves `{argument}.{setting}` at {after}, and it was {before}: put it back"
NO_FUNCTION = "`{target}` should be a function; got {got}"
_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, np.ufunc, type(np.flip), partial)


class Raised(Hint):
    """The learner's function raised: the hint that says so, with the `error`."""

    def __init__(self, target: str, error: BaseException):
        kind, said = type(error).__name__, _said(error)
        if said:
            super().__init__(RAISED, target=target, kind=kind, error=said)
        else:
            super().__init__(RAISED_WITHOUT_A_WORD, target=target, kind=kind)
        self.error = error


class Work:
    """The learner's `function`, which the page calls `target`.

    Args:
        in_place: the exercise asks for a function that changes what it is given: arguments are
            handed over as they are, and are not compared.
        sets: traits of a widget that the exercise asks to set: they may be left as they then are.

    Raises:
        Hint: when made of what is no function; when called, that the function raised
            (:class:`Raised`), or that it changed what it was given, or left it set otherwise.

    >>> def doubled(x):
    ...     x *= 2
    ...     return x
    >>> Work("doubled", doubled, in_place=True)(np.ones(2))
    array([2., 2.])
    >>> Work("doubled", doubled)(np.ones(2))
    Traceback (most recent call last):
    attnlab.exercises.hint.Hint: `doubled` changes `x` in place: leave it as it comes in, \
work on a copy
    """

    def __init__(
        self, target: str, function: Any, *, in_place: bool = False, sets: tuple[str, ...] = ()
    ):
        if not callable(function):
            raise Hint(NO_FUNCTION, target=target, got=shown(function))
        self.target, self.in_place, self._function, self._sets = target, in_place, function, sets

    def __call__(self, *args: Any, **settings: Any) -> Any:
        given: dict[int | str, Any] = {**dict(enumerate(args)), **settings}
        before = {place: (_state(value), settings_of(value)) for place, value in given.items()}
        handed = given if self.in_place else {place: _handed(x) for place, x in given.items()}
        with undisturbed():
            try:
                with np.errstate(all="ignore"):
                    got = self._function(
                        *(handed[place] for place in range(len(args))),
                        **{name: handed[name] for name in settings},
                    )
            except KeyboardInterrupt:  # the reader's, who will not wait any longer
                raise
            except BaseException as error:  # sys.exit() must not end the notebook either
                raise Raised(self.target, error) from error
        if not self.in_place:
            for place, (state, as_set) in before.items():
                after = settings_of(handed[place])
                for name, was in as_set.items():
                    if name not in self._sets and repr(now := after.get(name)) != repr(was):
                        raise self._told(
                            LEFT, place, setting=name, before=shown(was), after=shown(now)
                        )
                if _state(handed[place]) != state:
                    raise self._told(CHANGED, place)
        return copied(got)

    def _told(self, said: str, place: int | str, **places: Any) -> Hint:
        """The hint that names an argument as the learner does, given its number or its name."""
        with suppress(Exception):  # there is no signature, or one that ends in *args
            names = [*signature(self._function).parameters]
            name = place if isinstance(place, str) else names[place]
            return Hint(said, target=self.target, argument=name, **places)
        return Hint(CHANGED_SOMETHING, target=self.target)


def copied(value: Any) -> Any:
    """A copy of arrays, tensors and containers of them; anything else as it is.

    An array's copy is contiguous, and a plain array. A tensor's has no history.
    """
    if isinstance(value, np.ndarray):
        return np.array(value, order="C")
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if type(value) is dict:
        return {key: copied(each) for key, each in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(copied(each) for each in value)
    return value


def _handed(value: Any) -> Any:
    """What the learner gets for an argument."""
    if isinstance(value, _FUNCTIONS):
        return wraps(value)(lambda *args, **settings: copied(value(*args, **settings)))
    if isinstance(value, torch.Tensor):
        return copied(value).requires_grad_(value.requires_grad)
    return copied(value)


def _state(value: Any) -> Any:
    """What must stay as it is, in a form that can be compared whatever is in it."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, torch.Tensor):
        numbers = value.detach().cpu().reshape(-1).contiguous().view(torch.uint8)
        return str(value.dtype), tuple(value.shape), numbers.numpy().tobytes()
    if isinstance(value, nn.Module):
        return _state(dict(value.state_dict()))
    if type(value) is dict:
        return [(key, _state(each)) for key, each in value.items()]
    if type(value) in (list, tuple, set):
        return [_state(each) for each in value]
    return repr(value) if isinstance(value, bool | int | float | complex | str | None) else None


def settings_of(value: Any) -> dict[str, Any]:
    """How a widget or a module is set, by names as code has them behind the argument and a dot."""
    if isinstance(value, AnyWidget):
        own = set(value.trait_names(sync=True)) - set(AnyWidget.class_trait_names())
        return {name: getattr(value, name) for name in sorted(own) if name[0] != "_"}
    settings: dict[str, Any] = {}
    if isinstance(value, nn.Module):
        for path, module in value.named_modules():
            for name, x in vars(module).items():
                if name[0] != "_" and isinstance(x, bool | int | float | str):
                    settings[f"{path}.{name}".lstrip(".")] = x
        for path, parameter in value.named_parameters():
            settings[f"{path}.requires_grad"] = parameter.requires_grad
    return settings


def _said(error: BaseException) -> str:
    """The first line of what an exception says, if it can say anything."""
    try:
        if error.args in ((), (None,)):  # exit() without a word
            return ""
        return str(error).strip().partition("\n")[0][:200]
    except BaseException:  # the learner's own exception, whose __str__ raises
        return ""
