"""Speakers at work: how they learn, what they say, how much of it is right, and what they need."""

import torch
from torch import Tensor

from attnlab.chapters.captions.models import Eyes, Speaker, Told
from attnlab.chapters.captions.scenes import CELL, SIDE, WIDTH, Scenes
from attnlab.decoding import greedy
from attnlab.tasks.digits import SIZE
from attnlab.tasks.pairs import Batch, alignment_accuracy, translation_loss
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

N_WORDS = 4  # of a caption, with the end
RATES = {
    "mean": 0.005, "flat": 0.002, "wide": 0.0005, "grid": 0.005, "no places": 0.005, "self": 0.005,
}  # fmt: skip


def learn(
    eyes: Eyes, told: Told, steps: int, *, seed: int, progress: Progress | str = "training"
) -> Speaker:
    """A new speaker, trained on pictures of known pairs; the eyes stay as they are."""
    seed_everything(seed)
    speaker = Speaker(eyes, told)
    schedule = linear_decay(steps, warmup_steps=20)
    fit(speaker, Scenes().batches(64), translation_loss, steps=steps, lr=RATES[told],
        schedule=schedule, progress=progress)  # fmt: skip
    return speaker


def said(speaker: Speaker, pictures: Tensor) -> Tensor:
    """The most probable words, `(B, 4)`, with the end, and nothing behind it."""
    tokens = greedy(speaker, pictures, bos=BOS, eos=EOS, max_len=N_WORDS)
    return torch.nn.functional.pad(tokens, (0, N_WORDS - tokens.shape[1]))


@torch.no_grad()
def looks(speaker: Speaker, batch: Batch) -> Tensor:
    """Where each word looks when the words before it are given: `(B, 4, m)`."""
    return speaker(batch.src, batch.tgt_in, return_weights=True)[1]


def scores(words: Tensor, batch: Batch, speaker: Speaker | None = None) -> dict[str, float]:
    """The shares of captions that are right to the last word, and of each word; and how often the
    largest weight of a digit's word lies in that digit's box, where the speaker attends."""
    right = (words == batch.tgt_out).double()  # (B, 4)
    first, between, second, _ = right.mean(0).tolist()
    shares = {
        "exact": right.prod(1).mean().item(),
        "first": first, "relation": between, "second": second,
    }  # fmt: skip
    if speaker is not None and speaker.attend is not None:
        shares["pointing"] = alignment_accuracy(looks(speaker, batch), batch.alignment)
    return {name: round(share, 3) for name, share in shares.items()}


@torch.no_grad()
def blanked(speaker: Speaker, batch: Batch) -> dict[str, float]:
    """Of captions that are right, how often a digit's word changes once the picture is wiped where
    that word looks, or where the other digit's word does. The words before it stay as they were."""
    logits, weights = speaker(batch.src, batch.tgt_in, return_weights=True)
    words = logits.argmax(-1)  # (B, 4)
    right = (words == batch.tgt_out).all(1)
    changed = {"own": 0.0, "other": 0.0}
    for word, other in ((0, 2), (2, 0)):
        for name, place in (("own", word), ("other", other)):
            pictures = wiped(batch.src, weights[:, place].argmax(-1))
            now = speaker(pictures, batch.tgt_in).argmax(-1)[:, word]
            changed[name] += (now != words[:, word])[right].double().mean().item() / 2
    return {name: round(share, 3) for name, share in changed.items()}


def wiped(pictures: Tensor, cells: Tensor) -> Tensor:
    """Pictures `(B, 24, 24)` without the 8 × 8 pixels around the middle of a cell of each, `(B,)`.

    >>> wiped(torch.ones(1, 24, 24), torch.tensor([0])).sum().item()  # 6 × 6 are in the picture
    540.0
    """
    middles = CELL * torch.stack([cells // SIDE, cells % SIDE], 1) + CELL // 2  # (B, 2)
    pixels = torch.arange(WIDTH)
    near = (pixels >= middles[..., None] - SIZE // 2) & (pixels < middles[..., None] + SIZE // 2)
    return pictures * ~(near[:, 0, :, None] & near[:, 1, None, :])
