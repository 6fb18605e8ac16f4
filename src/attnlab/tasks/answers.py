"""How answers are marked, of look-ups and of places alike: a model gives logits `(…, L, V)`."""

import torch
from torch import Tensor, nn

from attnlab.tasks.lookups import LookupBatch
from attnlab.tasks.marks import most_probable
from attnlab.tasks.places import PlacesBatch
from attnlab.training.losses import cross_entropy


def answer_loss(model: nn.Module, batch: LookupBatch | PlacesBatch) -> Tensor:
    """Mean cross-entropy of all answers.

    Raises:
        TypeError, ValueError: as `attnlab.cross_entropy` does.
    """
    logits = model(batch)[0]
    return cross_entropy(logits.flatten(1, -2), batch.targets.flatten(1))


@torch.no_grad()
def right_answers(
    model: nn.Module, batch: LookupBatch | PlacesBatch, *, head_mask: Tensor | None = None
) -> Tensor:
    """Which of the most probable answers are right: booleans in the shape of the targets.

    Raises:
        TypeError: logits that are no tensor. ValueError: logits of other targets, or NaN.
    """
    logits = model(batch, head_mask=head_mask)[0]
    return most_probable(logits, batch.targets) == batch.targets
