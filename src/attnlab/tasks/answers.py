"""How answers are marked, of look-ups and of places alike: a model gives logits `(…, L, V)`."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.tasks.lookups import LookupBatch
from attnlab.tasks.places import PlacesBatch


def answer_loss(model: nn.Module, batch: LookupBatch | PlacesBatch) -> Tensor:
    """Mean cross-entropy of all answers."""
    return F.cross_entropy(model(batch)[0].flatten(0, -2), batch.targets.flatten())


@torch.no_grad()
def right_answers(
    model: nn.Module, batch: LookupBatch | PlacesBatch, *, head_mask: Tensor | None = None
) -> Tensor:
    """Which of the most probable answers are right: booleans in the shape of the targets."""
    return model(batch, head_mask=head_mask)[0].argmax(-1) == batch.targets
