"""Layers whose heads are set by hand, so that one knows what is lost without each of them."""

from functools import cache
from typing import NamedTuple

import torch
from torch import nn

from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.chapters.heads.widget import HEADS, TASK

QUIET = 0.5  # what is written to an answer has to be louder than this


class Head(NamedTuple):
    """A head that looks up the key at one place of the question, and writes what it finds as the
    answer to one, as loudly as it is told."""

    looks: int
    writes: int
    loud: float = 1.0


def own(*looks: int) -> tuple[Head, ...]:
    """Heads that write what they find where it belongs; -1 stands for one that writes nothing.

    >>> own(2, -1)
    (Head(looks=2, writes=2, loud=1.0), Head(looks=0, writes=0, loud=0.0))
    """
    return tuple(Head(max(look, 0), max(look, 0), float(look >= 0)) for look in looks)


@torch.no_grad()
def layer(does: tuple[Head, ...]) -> TableAnswerer:
    """A layer with these heads. What none of them writes loudly enough is answered with 0."""
    L, n, V = TASK.n_lookups, TASK.n_keys, TASK.n_values
    model = TableAnswerer(TASK, 2 * L * n, len(does))
    for p in model.parameters():
        nn.init.zeros_(p)
    model.ask.weight[:, : L * n] = torch.eye(L * n)  # the key asked for, by its place
    model.key.weight[:, :n] = torch.eye(n)
    model.value.weight[:, n : n + V] = torch.eye(V)
    model.read_out.weight[:, : L * V] = torch.eye(L * V)
    model.read_out.bias[::V] = QUIET  # for the answer 0
    to_q, to_k, to_v = model.heads.project_in.weight.split(model.heads.widths)
    to_out = model.heads.project_out.weight
    for i, head in enumerate(does):
        first, asked, answer = i * model.heads.d_k, head.looks * n, head.writes * V
        to_q[first : first + n, asked : asked + n] = 400 * torch.eye(n)  # one pair gets it all
        to_k[first : first + n, :n] = torch.eye(n)
        to_v[first : first + V, n : n + V] = torch.eye(V)
        to_out[answer : answer + V, first : first + V] = head.loud * torch.eye(V)
    return model


@cache
def layers(does: tuple[Head, ...]) -> tuple[dict, dict, dict]:
    """What a `HeadsWidget` is made from: such a layer, and others that have learned nothing."""
    torch.manual_seed(0)
    tables = {h: TableAnswerer(TASK, 8, h) for h in HEADS}
    tables[len(does)] = layer(does)
    neighbors, ends = ({h: SentenceAnswerer(8, h) for h in HEADS} for _ in range(2))
    return tables, neighbors, ends
