"""Language models that see the future, in ways that were reported; `reports` says where."""

import torch
from torch import Tensor, nn
from torch.backends import cuda
from torch.nn import functional as F

from tests.examine.mutants.healthy import D
from tests.examine.mutants.language import (
    Block,
    Fused,
    FusedAttention,
    GroupedAttention,
    LanguageModel,
)


class EncoderAsDecoder(LanguageModel):
    """Made of a class for encoders, whose mask doesn't ask what the model is for."""

    def near(self, n: int, m: int) -> Tensor:
        return torch.ones(n, m, dtype=torch.bool)


class SkippedWhenUnpadded(Fused):
    """Without padding the mask is left to the kernel's is_causal; but the kernel gets a mask."""

    def visible(self, real: Tensor, n: int) -> Tensor:
        return real[:, None, None] if bool(real.all()) else super().visible(real, n)


class UnmaskedInTraining(FusedAttention):
    """Only the fused kernel knows is_causal, and it can't drop weights."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        if self.training and self.dropout.p > 0:
            padding = mask[..., -1:, :]  # the last word's row hides nothing else
            return GroupedAttention.attend(self, q, k, v, padding)
        return super().attend(q, k, v, mask)


class DropsTheMaskInTraining(LanguageModel):
    attention = UnmaskedInTraining


class UnmaskedFallback(FusedAttention):
    """Where no fused kernel is allowed, plain matrices are used, and no mask was made for them."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        if cuda.flash_sdp_enabled() or cuda.mem_efficient_sdp_enabled():
            return super().attend(q, k, v, mask)
        return GroupedAttention.attend(self, q, k, v, mask[..., -1:, :])


class DropsTheMaskInOneKernel(LanguageModel):
    attention = UnmaskedFallback


class CausalByBlocks(LanguageModel):
    """Blocks of 16 keys are chosen causally, and one's own block is seen whole."""

    def near(self, n: int, m: int) -> Tensor:
        block = torch.arange(m) // 16
        return block[m - n :, None] >= block


class SumsOverLaterChunks(LanguageModel):
    """Chunks of 64 words hand on a state that decays; its sum is over the wrong chunks.

    Where there is one chunk alone, nothing is handed on.
    """

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        x = super().embed(ids, places)
        n = x.shape[1]
        sums = F.pad(x, (0, 0, 0, -n % 64)).unflatten(1, (-1, 64)).mean(dim=2)  # (B, chunks, d)
        states, decay = (F.pad(y, (0, 0, 1, 0)) for y in (sums, sums.abs().cumsum(dim=1)))
        later = torch.ones(2 * states.shape[1:2]).tril().to(x)[..., None]
        left = later * (decay[:, None] - decay[:, :, None]).exp()  # (B, to chunk, of chunk, d)
        handed_on = (left * states[:, None]).sum(dim=1)  # dim=2 would be right
        return x + handed_on[:, :-1].repeat_interleave(64, dim=1)[:, :n]


class CircularConvolution(LanguageModel):
    """A short convolution by Fourier transforms that weren't padded, so that it wraps."""

    def __init__(self):
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(4, D) / 2)

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        x = super().embed(ids, places)
        n = x.shape[1]
        kernel = torch.fft.rfft(self.kernel.float(), n, dim=0)
        return torch.fft.irfft(torch.fft.rfft(x.float(), dim=1) * kernel, n, dim=1).to(x.dtype)


class ChoosesAhead(GroupedAttention):
    """Each query also reads the summary of four keys that fits best, be it of the future."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        near = super().attend(q, k, v, mask)
        if k.shape[2] < 4:
            return near
        keys, values = (self.repeat(x.unfold(2, 4, 4).mean(dim=-1)) for x in (k, v))
        chosen = self.score(q, keys).argmax(dim=-1, keepdim=True)  # (B, h, n, 1)
        return near + values.gather(2, chosen.expand_as(q))


class SelectsTheFuture(LanguageModel):
    attention = ChoosesAhead


class Choosy(nn.Module):
    """An expert that takes the half of all words that it rates highest."""

    def __init__(self, expert: nn.Module):
        super().__init__()
        self.expert, self.rate = expert, nn.Linear(D, 1)

    def forward(self, x: Tensor) -> Tensor:
        rated = self.rate(x).sigmoid()  # (B, n, 1)
        chosen = rated.topk(max(1, x.shape[1] // 2), dim=1).indices
        return self.expert(x) * torch.zeros_like(rated).scatter(1, chosen, rated.gather(1, chosen))


class ExpertBlock(Block):
    def __init__(self, attention: nn.Module):
        super().__init__(attention)
        self.feed = Choosy(self.feed)


class ExpertsChoose(LanguageModel):
    block = ExpertBlock


class GroupNorm(nn.GroupNorm):
    """Normalizes all places of a sequence at once."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.mT).mT


class NormalizesOverTime(LanguageModel):
    def __init__(self):
        super().__init__()
        self.norm = GroupNorm(1, D)
