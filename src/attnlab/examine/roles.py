"""Which of a batch's tensors is which.

A batch is a tensor, a tuple or named tuple for `model(*batch)`, or a mapping for `model(**batch)`.
Its entries have names: the keys, the fields, or the parameters that `model.forward` has at those
places. By their names, and by nothing that is hidden, entries get roles:

| role | what it is |
| --- | --- |
| `tokens` | the sequence that outputs go along: `(B, n)` numbers of tokens, `(B, n, d)` vectors |
| `source` | the sequence that is only read: `(B, m)` or `(B, m, d)` |
| `real`, `source real` | a mask that is 1 where a token is real, or 0 there and -inf elsewhere |
| `padding`, `source padding` | a mask that is true where a token is padding |
| `lengths`, `source lengths` | how many tokens of each sequence are real, `(B,)` |
| `labels` | what the loss compares with the outputs |
| `positions` | the number of each token's place |
| `as is` | whatever else the model takes |
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

ROLES = (
    "tokens", "source", "real", "padding", "source real", "source padding", "lengths",
    "source lengths", "labels", "positions", "as is",
)  # fmt: skip
_TARGETS = {"decoder_input_ids", "decoder_inputs_embeds", "tgt", "tgt_in", "trg", "target_in"}
_SOURCES = {"src", "source", "memory", "encoder_hidden_states"}
_LABELS = {"labels", "label", "targets", "target", "tgt_out", "target_out", "y"}
_POSITIONS = {"position_ids", "positions", "pos_ids", "input_pos"}
_OF_TARGET = ("tgt", "trg", "target", "decoder")
_OF_SOURCE = ("src", "source", "memory", "encoder")


class CannotExamine(ValueError):
    """The model and the batch don't go together as `examine` was told; the message says how."""


class ModelRaised(Exception):
    """The model raised an error, of this type and with this first line."""


@contextmanager
def asking() -> Iterator[None]:
    """Errors of the model's are told from those of this package."""
    try:
        yield
    except (CannotExamine, ModelRaised):
        raise
    except Exception as error:  # a model may raise anything, even what can't be printed
        try:
            message = str(error).strip().split("\n")[0][:200].rstrip(".")
        except Exception:
            message = ""
        raise ModelRaised(": ".join(filter(None, (type(error).__name__, message)))) from error


def parts(batch: Any, model: Callable) -> tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]:
    """A batch's entries by name, and the function that makes a batch of such entries again."""
    if isinstance(batch, Tensor):
        name = _parameters(model, 1)[0]
        return {name: batch}, lambda entries: entries[name]
    if isinstance(batch, Mapping):
        return dict(batch), dict
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        names = [field.name for field in dataclasses.fields(batch)]
        return {n: getattr(batch, n) for n in names}, lambda new: dataclasses.replace(batch, **new)
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return batch._asdict(), lambda entries: type(batch)(**entries)  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(batch, tuple | list) and batch:
        names = _parameters(model, len(batch))
        return dict(zip(names, batch, strict=True)), lambda entries: tuple(entries.values())
    raise CannotExamine(
        "The batch must be a tensor or a dataclass for model(batch), a tuple of tensors for "
        f"model(*batch), or a dictionary for model(**batch), and hold something; got "
        f"{type(batch).__name__}."
    )


def call(model: Callable, batch: Any) -> Any:
    """The model's answer to a batch of any of these kinds.

    Raises:
        ModelRaised: whatever the model raises.
    """
    with asking():
        if isinstance(batch, Mapping):
            return model(**batch)
        if isinstance(batch, tuple | list):
            return model(*batch)
        return model(batch)


def find_roles(entries: dict[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The role of each entry, by its name and shape; those that are `given` come first.

    Raises:
        CannotExamine: a role that isn't there, a name that isn't in the batch, or no sequence.
    """
    for name, role in given.items():
        if role not in ROLES or name not in entries:
            raise CannotExamine(
                f"roles= names entries of the batch, {', '.join(entries)}, each with one of "
                f"{', '.join(ROLES)}; got {name!r}: {role!r}."
            )
    roles = {name: "as is" for name in entries} | dict(given)
    free = [name for name in entries if name not in given and isinstance(entries[name], Tensor)]
    masks = [name for name in free if any(word in name for word in ("mask", "pad", "len"))]
    sequences = []
    for name in free:
        if name in _LABELS:
            roles[name] = "labels"
        elif name in _POSITIONS:
            roles[name] = "positions"
        elif name in masks or name == "token_type_ids" or entries[name].dtype == torch.bool:
            continue
        elif entries[name].ndim in (2, 3):
            sequences.append(name)
    if "tokens" not in roles.values():
        _name_sequences(roles, sequences)
    _name_masks(roles, entries, masks)
    return roles


def _name_masks(roles: dict[str, str], entries: dict[str, Any], masks: list[str]) -> None:
    """Says which masks and lengths are of which sequence, and where they are true."""
    kinds = {role: name for name, role in roles.items()}
    for name in masks:
        mask = entries[name]
        ours = _of_source(name, kinds)
        sequence = entries.get(kinds.get("source" if ours else "tokens", ""))
        if sequence is None:
            continue
        said = ""
        if mask.shape == sequence.shape[:1] and "len" in name:
            said = "lengths"
        elif along(mask, *sequence.shape[:2]) and not _triangular(mask):
            said = "padding" if _says_padding(name, mask) else "real"
        if said:
            roles[name] = ("source " if ours else "") + said


def along(mask: Tensor, rows: int, n: int) -> int:
    """The dimension of a mask that goes along a sequence; 0 if it is of another form."""
    found = [d for d in range(1, mask.ndim) if mask.shape[d] == n]
    return found[-1] if found and mask.shape[0] == rows and mask.numel() == rows * n else 0


def _triangular(mask: Tensor) -> bool:
    """Whether it says what each token may see: where B = n, its shape doesn't tell."""
    if mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    on = mask != 0
    return bool(on.any()) and (torch.equal(on, on.tril()) or torch.equal(on, on.triu()))


def _says_padding(name: str, mask: Tensor) -> bool:
    """Whether a mask is true at padding: by its name, unless it is so at the ends of all rows.

    Sequences are padded at one end, so at the other all are real.
    """
    by_name = "padding" in name
    if mask.is_floating_point() and bool((mask < 0).any()):
        return False
    on = (mask != 0).flatten(1)
    real, padding = (bool((on[:, 0] == one).all() or (on[:, -1] == one).all()) for one in (1, 0))
    return padding if real != padding and bool(on.any()) and not bool(on.all()) else by_name


def _name_sequences(roles: dict[str, str], names: list[str]) -> None:
    """Says which sequence is written and which is read, if there are two."""
    if not names:
        raise CannotExamine(
            "The batch has no sequence: a tensor of shape (B, n) with numbers of tokens, or "
            f"(B, n, d) with vectors; it has {', '.join(roles) or 'nothing'}. Where a name "
            "misleads, hand in roles={'its name': 'tokens'}."
        )
    written = [name for name in names if name in _TARGETS]
    read = [name for name in names if name in _SOURCES and name not in written]
    if len(names) == 1:
        roles[names[0]] = "tokens"
        return
    tokens = written[0] if written else next((n for n in names if n not in read), names[-1])
    if not (written or read):  # as in (source, target)
        tokens = names[1]
    source = next((n for n in read + names if n != tokens), None)
    roles[tokens] = "tokens"
    if source is not None:
        roles[source] = "source"


def _of_source(name: str, kinds: dict[str, str]) -> bool:
    """Whether a mask is one of the source's."""
    if "source" not in kinds:
        return False
    if any(word in name for word in _OF_TARGET):
        return False
    return any(word in name for word in _OF_SOURCE) or name in ("attention_mask", "mask", "lengths")


def _parameters(model: Callable, n: int) -> list[str]:
    """The names of the first n parameters of a call, or plain numbers where it tells none."""
    call = model.forward if isinstance(model, torch.nn.Module) else model
    try:
        found = [
            parameter.name
            for parameter in inspect.signature(call).parameters.values()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        found = []
    return (found + [f"argument {i}" for i in range(len(found), n)])[:n]


def takes(model: Callable, name: str) -> bool:
    """Whether a call of the model has a parameter of that name."""
    call = model.forward if isinstance(model, torch.nn.Module) else model
    try:
        return name in inspect.signature(call).parameters
    except (TypeError, ValueError):
        return False
