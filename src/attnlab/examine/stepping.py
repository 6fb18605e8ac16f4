"""Ways to write token by token: a step that was handed in, or one that a model brings along."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from attnlab.examine.roles import asking, call, takes
from attnlab.examine.subject import Probe, Subject

State = Any


class Stepper:
    """Asks a model for the outputs of new tokens, with what it remembers of those before.

    Attributes:
        chunks: whether several new tokens can come at once.
        says_positions: whether the positions of new tokens can be handed in.
    """

    chunks = True
    says_positions = False

    def __init__(self, subject: Subject, whole: Probe):
        self.subject, self.whole = subject, whole

    def ask(self, start: int, end: int, state: State, *, say: bool = False) -> tuple[Tensor, State]:
        """Outputs of the tokens from `start` up to `end`, `(R, end - start, V)`, and the state."""
        raise NotImplementedError

    def _new(self, start: int, end: int) -> Probe:
        return self.whole.with_(tokens=self.whole.tokens[:, start:end])


class HandedIn(Stepper):
    """`step(model, batch, state)`, of the batch's form, with the new tokens alone in it."""

    step: Callable

    def ask(self, start: int, end: int, state: State, *, say: bool = False) -> tuple[Tensor, State]:
        new = self._new(start, end)
        with asking():
            answer, state = self.step(self.subject.model, self.subject.batch_of(new), state)
        return self.subject.read(answer, new), state


class WithStart(Stepper):
    """As `attnlab.Transformer` writes: `start(src, max_len=…)`, then `step(tokens, state)`."""

    chunks = False

    def ask(self, start: int, end: int, state: State, *, say: bool = False) -> tuple[Tensor, State]:
        model: Any = self.subject.model
        with asking():
            if state is None:
                state = model.start(self.whole.source, max_len=self.whole.tokens.shape[1])
            return model.step(self.whole.tokens[:, start], state)[:, None], state


CACHES = ("past_key_values", "cache", "cache_params")  # the second, since transformers 5.24


class WithCache(Stepper):
    """As the models of transformers write: a cache by one of those names goes in and comes out."""

    def __init__(self, subject: Subject, whole: Probe, name: str):
        super().__init__(subject, whole)
        self.name = name
        self.says_positions = takes(subject.model, "position_ids")

    def ask(self, start: int, end: int, state: State, *, say: bool = False) -> tuple[Tensor, State]:
        new = self._new(start, end)
        batch = self.subject.entries_of(new) | {self.name: state, "use_cache": True}
        batch.pop(self.subject.names.get("labels", ""), None)  # beside which some keep no cache
        if say:
            places = range(start, end)
            batch["position_ids"] = new.tokens.new_tensor([list(places)] * len(new.tokens))
        model: Any = self.subject.model
        answer = call(model, batch)
        with asking():  # some take a cache, and keep what they remember to themselves
            state = getattr(answer, self.name)
        return self.subject.read(answer, new), state


def stepper(subject: Subject, step: Callable | None, whole: Probe) -> Stepper | None:
    """How this model writes token by token, if it does."""
    model = subject.model
    if step is not None:
        found = HandedIn(subject, whole)
        found.step = step
        return found
    if subject.forward is not None:
        return None
    if callable(getattr(model, "start", None)) and callable(getattr(model, "step", None)):
        return WithStart(subject, whole)
    name = next((name for name in CACHES if takes(model, name)), None)
    if name is not None and takes(model, "use_cache"):
        return WithCache(subject, whole, name)
    return None
