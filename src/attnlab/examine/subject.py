"""A model under examination: how it is asked, and what it answers.

Letters: R sequences in a call, n places, m places of the source, V numbers in an output.
"""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from attnlab.examine.roles import CannotExamine, along, asking, call, find_roles, parts, takes

Kind = Literal["decoder", "encoder", "encoder-decoder"]


@dataclasses.dataclass(frozen=True)
class Probe:
    """One question: sequences, which of their places are real, and the sources they go with.

    Without `real` the mask is left out where the model allows it, and says "all" where it doesn't.
    """

    tokens: Tensor  # (R, n) or (R, n, d)
    real: Tensor | None = None  # (R, n)
    source: Tensor | None = None  # (R, m) or (R, m, d)
    source_real: Tensor | None = None  # (R, m)
    labels: Tensor | None = None  # (R, n)
    positions: Tensor | None = None  # (R, n), handed in only where they are said

    def with_(self, **changed: Any) -> "Probe":
        return dataclasses.replace(self, **changed)

    def rows(self, chosen: list[int]) -> "Probe":
        """The chosen sequences of all that the probe holds."""
        return self.each(lambda x: x[chosen])

    def each(self, change: Callable[[Tensor], Tensor]) -> "Probe":
        """The probe with every tensor that it holds changed alike."""
        return self.with_(**{name: change(x) for name, x in vars(self).items() if x is not None})


class Subject:
    """A model, the batch that shows how it is called, and what is known of both.

    Raises:
        CannotExamine: a batch without a sequence, another kind, or a model that answers with
            nothing that goes along it; the message says what to hand in.
    """

    def __init__(
        self,
        model: Callable,
        batch: Any,
        *,
        kind: Kind | None,
        forward: Callable | None,
        pad: int | None,
        roles: Mapping[str, str],
    ):
        self.model, self.batch, self.forward = model, batch, forward
        self.module = model if isinstance(model, nn.Module) else None
        self.entries, self._whole = parts(batch, model)
        self.roles = find_roles(self.entries, roles)
        self.names = {role: name for name, role in self.roles.items() if role != "as is"}
        if kind is not None and kind not in get_args(Kind):
            raise CannotExamine(f"kind must be one of {', '.join(get_args(Kind))}, got {kind!r}.")
        self.kind: Kind = kind or ("encoder-decoder" if self.source is not None else "decoder")
        self.pad = pad
        self.leaves_out = isinstance(batch, Mapping)  # masks, where all is real
        parameters = [] if self.module is None else list(self.module.parameters())
        if self.tokens.is_meta or any(parameter.is_meta for parameter in parameters):
            raise CannotExamine(
                "Model and batch must be on a device that computes, got one that is on 'meta'."
            )
        if self.tokens.shape[0] == 0 or self.tokens.shape[1] == 0:
            raise CannotExamine(
                "The batch must hold at least one sequence of at least one token, "
                f"got tokens of shape {tuple(self.tokens.shape)}."
            )

    @property
    def tokens(self) -> Tensor:
        return self.entries[self.names["tokens"]]

    @property
    def source(self) -> Tensor | None:
        return self.entries.get(self.names.get("source", ""))

    @property
    def takes_mask(self) -> bool:
        """Whether the model can be told that places of the tokens are padding."""
        return self._masked("") or (self.pad is not None and not self.tokens.is_floating_point())

    @property
    def takes_source_mask(self) -> bool:
        source = self.source
        if source is None:
            return False
        return self._masked("source ") or (self.pad is not None and not source.is_floating_point())

    @property
    def takes_positions(self) -> bool:
        return "positions" in self.names or (
            self.forward is None and takes(self.model, "position_ids")
        )

    def _masked(self, of: str) -> bool:
        return any(of + role in self.names for role in ("real", "padding", "lengths"))

    def in_precision(self, dtype: torch.dtype) -> "Subject":
        """The same with a copy of the model in another precision, and a batch of the same."""
        other = copy.copy(self)
        other.model = other.module = copy.deepcopy(self.module).to(dtype)  # pyright: ignore[reportOptionalMemberAccess]
        other.entries = {name: cast(x, dtype) for name, x in self.entries.items()}
        return other

    @property
    def unsaid(self) -> set[int]:
        """Tokens that no question has: padding, and those that the model's configuration names."""
        config = getattr(self.model, "config", None)
        names = ("pad_token_id", "bos_token_id", "eos_token_id")
        special = {getattr(config, name, None) for name in names} | {self.pad}
        return {token for token in special if isinstance(token, int)}

    def batch_of(self, probe: Probe) -> Any:
        """The probe as a batch of the form that was handed in."""
        return self._whole(self.entries_of(probe))

    def entries_of(self, probe: Probe) -> dict[str, Any]:
        """The probe as a batch's entries, by name."""
        n_rows, n = probe.tokens.shape[:2]
        entries = {}
        for name, value in self.entries.items():
            role = self.roles[name]
            if role in ("tokens", "source"):
                entries[name] = self._sequence(probe, role)
            elif role.endswith(("real", "padding", "lengths")):
                mask = self._mask(probe, name, role)
                if mask is not None:
                    entries[name] = mask
            elif role == "labels":
                labels = probe.tokens if probe.labels is None else probe.labels
                entries[name] = (
                    labels if labels.ndim == value.ndim else stretch(value, n_rows, None)
                )
            elif role == "positions":
                entries[name] = (
                    torch.arange(n, device=value.device).expand(n_rows, n)
                    if probe.positions is None
                    else probe.positions
                )
            elif isinstance(value, Tensor) and value.ndim:
                entries[name] = self._along(value, name, n_rows, n)
            else:
                entries[name] = value
        if probe.positions is not None and "positions" not in self.names:
            entries["position_ids"] = probe.positions
        # Some models write into what they are handed: it is theirs.
        return {k: x.clone() if isinstance(x, Tensor) else x for k, x in entries.items()}

    def _along(self, value: Tensor, name: str, rows: int, n: int) -> Tensor:
        """What is handed in as it is, for so many rows of so many tokens.

        A mask of what each token may see is cut to the first n of both.
        """
        given = tuple(self.tokens.shape[:2])
        square = "mask" in name and value.shape[-2:] == (given[1], given[1])
        if value.shape[0] == given[0] and not (square and value.ndim == 2):
            value = stretch(value, rows, n if value.shape[:2] == given and not square else None)
        return value[..., :n, :n] if square else value

    def _sequence(self, probe: Probe, role: str) -> Tensor:
        """The tokens or the source, with padding written where the model knows it by its token."""
        source = role == "source"
        x, real = (probe.source, probe.source_real) if source else (probe.tokens, probe.real)
        assert x is not None
        if real is None or self.pad is None or x.is_floating_point():
            return x
        if self._masked("source " if source else ""):
            return x  # what padding holds is the probe's to say
        return x.masked_fill(~real, self.pad)

    def _mask(self, probe: Probe, name: str, role: str) -> Tensor | None:
        """A mask of the form that was handed in, or nothing where it can be left out."""
        given = self.entries[name]
        source = role.startswith("source")
        real, x = (probe.source_real, probe.source) if source else (probe.real, probe.tokens)
        assert x is not None
        if real is None:
            if self.leaves_out:
                return None
            real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        if role.endswith("lengths"):
            return real.sum(1).to(given)
        shape = [len(real)] + [1] * (given.ndim - 1)
        sequence = self.source if source else self.tokens
        assert sequence is not None
        shape[along(given, *sequence.shape[:2]) or -1] = real.shape[1]
        real = real.reshape(shape)
        if given.is_floating_point() and bool((given < 0).any()):  # added to the scores
            return torch.zeros_like(real, dtype=given.dtype).masked_fill(~real, given.min().item())
        return (~real if role.endswith("padding") else real).to(given.dtype)

    def answer(self, probe: Probe) -> Any:
        """Whatever the model returns.

        Raises:
            ModelRaised: an error of the model's, or of `forward`.
        """
        return self._call(self.batch_of(probe))

    def _call(self, batch: Any) -> Any:
        if self.forward is None:
            return call(self.model, batch)
        with asking():
            return self.forward(self.model, batch)

    def overwritten(self, probe: Probe) -> list[str]:
        """The entries of a batch into which a call writes."""
        entries = self.entries_of(probe)
        before = {name: x.clone() for name, x in entries.items() if isinstance(x, Tensor)}
        self._call(self._whole(entries))
        return [name for name, x in before.items() if not torch.equal(x, entries[name])]

    def outputs(self, probe: Probe) -> Tensor:
        """What the model says: `(R, n, V)`, or `(R, …)` of an encoder.

        Raises:
            CannotExamine: no such tensor came back.
        """
        return self.read(self.answer(probe), probe)

    def read(self, answer: Any, probe: Probe) -> Tensor:
        """The outputs in what a model, or a step of it, returned."""
        found = _tensor(answer)
        R, n = probe.tokens.shape[:2]
        placed = found is not None and found.shape[:2] == (R, n)
        if found is None or not (placed or (self.kind == "encoder" and found.shape[:1] == (R,))):
            one = found is not None and found.shape[:1] == (R,)
            pooled = "; for one output a sequence, kind='encoder'" if one else ""
            got: Any = answer if found is None else found
            got = (
                f"a tensor of {tuple(got.shape)}, {got.dtype}"
                if isinstance(got, Tensor)
                else type(got).__name__
            )
            raise CannotExamine(
                f"The model got {R} sequences of {n} tokens; for each token a row of numbers was "
                f"expected, ({R}, {n}, …), batch first, and it returned {got}. Hand in "
                f"forward=lambda model, batch: ..., which returns such a tensor{pooled}."
            )
        return found


def _tensor(answer: Any) -> Tensor | None:
    """The tensor of outputs in a model's answer."""
    if isinstance(answer, Tensor):
        return answer if answer.is_floating_point() and answer.ndim > 1 else None
    for name in ("logits", "last_hidden_state"):
        inner = answer.get(name) if isinstance(answer, Mapping) else getattr(answer, name, None)
        if isinstance(inner, Tensor):
            return inner
    if isinstance(answer, tuple | list):
        return next((found for found in map(_tensor, answer) if found is not None), None)
    return None


def cast(x: Any, dtype: torch.dtype) -> Any:
    """The same in another precision, if it has one."""
    return x.to(dtype) if isinstance(x, Tensor) and x.is_floating_point() else x


def stretch(value: Tensor, rows: int, n: int | None) -> Tensor:
    """As many rows as asked for, all like the first, and n places, the last as often as needed."""
    value = value[:1].expand(rows, *value.shape[1:])
    if n is None:
        return value
    places = torch.arange(n, device=value.device).clamp(max=value.shape[1] - 1)
    return value[:, places]
