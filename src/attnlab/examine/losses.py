"""A loss, however it is called, as a function of outputs and labels.

A loss takes `(outputs, labels)`, as `F.cross_entropy` does, or `(model, batch)` and asks the model
itself, or the model computes it when labels are in its batch. In each case outputs can be put in
its way: a stand-in answers in the model's place, or a hook in that of its last layer.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.examine.roles import asking
from attnlab.examine.subject import Probe, Subject


class Loss:
    """What outputs and labels cost."""

    def __init__(self, subject: Subject, loss: Callable | None):
        self.subject, self.loss = subject, loss

    def __call__(self, probe: Probe, outputs: Tensor) -> Tensor:
        """The cost of these outputs `(R, n, V)` for the probe's labels.

        Raises:
            ModelRaised: an error of the loss, or of the model in it.
        """
        with asking():
            return scalar(self.cost(probe, outputs))

    def cost(self, probe: Probe, outputs: Tensor) -> Any:
        """What the loss returns."""
        raise NotImplementedError


class OfOutputs(Loss):
    """`loss(outputs, labels)`, with places side by side or all in one row."""

    flat = False

    def cost(self, probe: Probe, outputs: Tensor) -> Any:
        labels = probe.labels
        assert labels is not None and self.loss is not None
        if self.flat:
            return self.loss(outputs.flatten(0, 1), labels.flatten())
        return self.loss(outputs, labels)


class OfModel(Loss):
    """`loss(model, batch)`, which gets a stand-in that answers with the outputs."""

    def cost(self, probe: Probe, outputs: Tensor) -> Any:
        assert self.loss is not None
        answer = self.subject.answer(probe)
        stand_in = _StandIn(self.subject, _exchanged(answer, outputs))
        return self.loss(stand_in, self.subject.batch_of(probe))


class OfItself(Loss):
    """The model's own loss, with the outputs put in the place of its last layer's."""

    def __init__(self, subject: Subject, probe: Probe):
        super().__init__(subject, None)
        self.layer = _last_layer(subject, probe)

    def cost(self, probe: Probe, outputs: Tensor) -> Any:
        handle = self.layer.register_forward_hook(lambda *_: outputs)
        try:
            return _own_loss(self.subject.answer(probe))
        finally:
            handle.remove()


def _last_layer(subject: Subject, probe: Probe) -> Any:
    """The module that returned the very outputs of the model, or the one that it names."""
    returned: list[tuple[nn.Module, Any]] = []
    inner = [module for module in subject.module.modules() if module is not subject.module]  # pyright: ignore[reportOptionalMemberAccess]
    handles = [m.register_forward_hook(lambda m, _, x: returned.append((m, x))) for m in inner]
    try:
        outputs = subject.outputs(probe)
    finally:
        for handle in handles:
            handle.remove()
    model: Any = subject.model
    found = next((module for module, x in reversed(returned) if x is outputs), None)
    return model.get_output_embeddings() if found is None else found


def _own_loss(answer: Any) -> Any:
    """The loss in a model's answer: what has that name, or the only number."""
    if isinstance(answer, tuple | list):
        return next(x for x in answer if isinstance(x, Tensor) and x.ndim == 0)
    return answer["loss"] if isinstance(answer, Mapping) else answer.loss


class _StandIn(nn.Module):
    """Answers every call with the same, and is the model in all else."""

    def __init__(self, subject: Subject, answer: Any):
        super().__init__()
        self._model, self._answer = [subject.model], answer

    def forward(self, *_: Any, **__: Any) -> Any:
        return self._answer

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(vars(self)["_model"][0], name)


def _exchanged(answer: Any, outputs: Tensor) -> Any:
    """The model's answer with other outputs in it."""
    if isinstance(answer, Tensor):
        return outputs
    if isinstance(answer, Mapping) and "logits" in answer:
        return type(answer)({**answer, "logits": outputs})  # pyright: ignore[reportCallIssue]
    if isinstance(answer, tuple):
        place = next(i for i, x in enumerate(answer) if isinstance(x, Tensor) and x.ndim > 1)
        return (*answer[:place], outputs, *answer[place + 1 :])
    other: Any = copy.copy(answer)
    other.logits = outputs
    return other


def scalar(cost: Any) -> Tensor:
    """The number in what a loss returned: the first of a tuple, `.loss`, or the mean of many."""
    if isinstance(cost, tuple | list):
        cost = cost[0]
    cost = getattr(cost, "loss", cost)
    if not isinstance(cost, Tensor) or not cost.is_floating_point():
        raise TypeError(f"a loss must return a tensor of floats, got {type(cost).__name__}")
    return cost.mean() if cost.ndim else cost


def loss_of(subject: Subject, loss: Callable | None, probe: Probe, outputs: Tensor) -> Loss | None:
    """The way in which this loss can be asked, tried on a question; nothing if there is none."""
    tried: list[Loss] = []
    if loss is None:
        try:
            tried = [OfItself(subject, probe)]
        except Exception:  # it has none, or nothing shows where its outputs come from
            return None
    else:
        of_outputs, flat, of_model = (
            OfOutputs(subject, loss),
            OfOutputs(subject, loss),
            OfModel(subject, loss),
        )
        flat.flat = True
        tried = [of_outputs, flat, of_model] if probe.labels is not None else [of_model]
        if _asks_model(loss):
            tried = [of_model]
    for way in tried:
        try:
            with torch.enable_grad():
                way(probe, outputs)
        except Exception:  # another way may do
            continue
        return way
    return None


def _asks_model(loss: Callable) -> bool:
    """Whether the first parameter is called as a model is."""
    try:
        names = list(inspect.signature(loss).parameters)
    except (TypeError, ValueError):
        return False
    return bool(names) and names[0] in ("model", "net", "network", "module", "m")
