"""What the survey's findings are: each was looked into, in the source or by a smaller question.

A finding that stands in no row here is one that nobody has looked into, and the page says so.
"""

from dataclasses import dataclass
from typing import Any

FAULT, LIMIT, DESIGN = "fault", "limit", "by design"
NOT_YET = ("not looked into", "")
ALL = "the future", "padding", "alone and in a batch", "stepwise", "rows of weights"


@dataclass(frozen=True)
class Known:
    """A reason for findings.

    Attributes:
        library: where.
        names: the models' names, or how they begin.
        checks: the checks that found it.
        kind: a fault, a limit that its documentation or a warning states, or by design.
        why: a sentence, with the file or the report that shows it.
    """

    library: str
    names: tuple[str, ...]
    checks: tuple[str, ...]
    kind: str
    why: str


T, X, L, P = "transformers", "x-transformers", "local-attention", "performer-pytorch"
KNOWN = (
    Known(
        T,
        ("BigBirdForCausalLM", "MegatronBert", "RemBert", "RoFormer"),
        ALL,
        FAULT,
        "The decoder gets the encoder's mask, which hides nothing that comes later: "
        "huggingface/transformers#48745.",
    ),
    Known(
        T,
        ("UMT5",),
        ALL,
        FAULT,
        "No causal mask is made because a kernel is to see to it, and the decoder's attention is "
        "built without `is_causal` (`umt5/modeling_umt5.py:375` in 5.17.0); 5.24.0 builds it with.",
    ),
    Known(
        T,
        ("Doge",),
        ALL,
        FAULT,
        "Where no mask is handed in, its dynamic mask is made without a causal one: "
        "huggingface/transformers#48748.",
    ),
    Known(
        T,
        ("FalconForCausalLM",),
        ("rows of weights",),
        FAULT,
        "When weights are asked for, a mask of true and false is added to scores, so nothing is "
        "hidden, and outputs, too, see the future (`falcon/modeling_falcon.py:363` in 5.17.0, "
        "`:352` in 5.24.0).",
    ),
    Known(
        T,
        ("ProphetNetForCausalLM", "ProphetNetForConditional"),
        ("the future", "padding", "alone and in a batch"),
        FAULT,
        "Relative positions of the predicting streams are laid out as (batch, place, stream, head) "
        "and read as (stream, batch, head, place), so that early places get what belongs to later "
        "ones (`prophetnet/modeling_prophetnet.py:807` in 5.17.0); laid out in the order that is "
        "read, none sees the future.",
    ),
    Known(
        T,
        ("ProphetNetForCausalLM", "ProphetNetForConditional"),
        ("stepwise",),
        FAULT,
        "The same layout; a sequence of one place is read otherwise than a long one.",
    ),
    Known(
        T,
        ("ProphetNetForConditional",),
        ("rows of weights",),
        FAULT,
        "The encoder hands out scores from before the softmax as its attentions "
        "(`prophetnet/modeling_prophetnet.py:480` in 5.17.0).",
    ),
    Known(
        T,
        ("BambaForCausalLM",),
        ("stepwise",),
        FAULT,
        "Where no positions are handed in, they start from 0 at each step "
        "(`bamba/modeling_bamba.py:966` in 5.17.0, `:973` in 5.24.0); with positions, steps agree.",
    ),
    Known(
        T,
        ("JambaForCausalLM", "ZambaForCausalLM", "MambaForCausalLM", "FalconMamba"),
        ("stepwise",),
        FAULT,
        "With a cache and several new tokens, the scan starts from an empty state "
        "(`mamba_selective_scan` in `jamba/modeling_jamba.py:588`, `zamba/modeling_zamba.py:570`, "
        "`mamba/modeling_mamba.py:458`, `falcon_mamba/modeling_falcon_mamba.py:496` in 5.17.0), as "
        "it did in five others until huggingface/transformers#46741.",
    ),
    Known(
        T,
        ("Zamba2ForCausalLM",),
        ("stepwise",),
        FAULT,
        "The whole sequence's step sizes are held above `time_step_min`, those of single steps are "
        "not (`zamba2/modeling_zamba2.py:844`, `:804` in 5.17.0); with a bound of 0, steps agree.",
    ),
    Known(
        T,
        ("MoshiForCausalLM",),
        ("stepwise",),
        FAULT,
        "The cache keeps `sliding_window` tokens, and the whole sequence's mask has no window "
        "(`moshi/modeling_moshi.py:857` in 5.17.0, `:778` in 5.24.0).",
    ),
    Known(
        T,
        ("DeepseekV4",),
        ("padding",),
        FAULT,
        "Blocks are compressed without a mask, so padding in front is a part of them "
        "(`deepseek_v4/modeling_deepseek_v4.py:822` in 5.17.0); padding behind does nothing.",
    ),
    Known(
        T,
        ("FSMT",),
        ("stepwise",),
        LIMIT,
        "With a cache it wants all tokens again and answers for the last: “doesn't support "
        "use_cache as Bart's version does” (`fsmt/modeling_fsmt.py:84`).",
    ),
    Known(
        T,
        ("Rwkv",),
        ("padding",),
        LIMIT,
        "It warns that `attention_mask` is unused in this model (`rwkv/modeling_rwkv.py:548`).",
    ),
    Known(
        T,
        ("RecurrentGemma",),
        ("padding",),
        FAULT,
        "Its recurrent blocks take a mask and don't read it "
        "(`recurrent_gemma/modeling_recurrent_gemma.py:430` in 5.17.0).",
    ),
    Known(
        T,
        ("Rwkv",),
        ("rows of weights",),
        DESIGN,
        "It has no weights, and hands out other numbers under that name.",
    ),
    Known(
        T,
        ("CpmAnt",),
        ALL,
        DESIGN,
        "A context is read in both directions, and behind prompts of its own "
        "(`cpmant/modeling_cpmant.py:560`).",
    ),
    Known(
        T,
        ("XLMWithLMHead",),
        ALL,
        DESIGN,
        "It reads in both directions unless `causal=True` (`xlm/configuration_xlm.py:30`).",
    ),
    Known(
        T,
        ("XLNetLMHead",),
        ALL,
        DESIGN,
        "Which tokens see which is said by `perm_mask`; without one, all see all.",
    ),
    Known(
        T,
        ("Reformer",),
        ALL,
        DESIGN,
        "Tokens are sorted into buckets, and buckets cut into chunks: which earlier tokens are in "
        "reach depends on the whole sequence.",
    ),
    Known(
        X,
        ("Decoder, shift_tokens",),
        ("stepwise",),
        FAULT,
        "A step sees its own token alone, so nothing is shifted in from the one before, and "
        "`can_cache_kv` is true all the same (`x_transformers.py:3323` asks attention only).",
    ),
    Known(
        X,
        ("Decoder, shift_tokens",),
        ("padding",),
        FAULT,
        "The mask reaches the shift before attention, not the one before the feed-forward layer "
        "(`x_transformers.py:1609`), where padding in front is shifted in.",
    ),
    Known(
        L,
        ("LocalTransformer",),
        ("stepwise",),
        FAULT,
        "A step turns all keys and caches them turned, so the next one turns them again "
        "(`local_attention/transformer.py:152`); without rotary positions, steps agree.",
    ),
    Known(
        P,
        ("PerformerLM", "PerformerEncDec"),
        ("the future", "alone and in a batch"),
        FAULT,
        "Keys are scaled by a maximum over all tokens, later ones among them, and an ε is added "
        "after that, so that it does not cancel (`performer_pytorch.py:113`).",
    ),
    Known(
        P,
        ("PerformerLM", "PerformerEncDec"),
        ("padding",),
        FAULT,
        "The mask sets values to 0 and leaves keys in the sum that is divided by "
        "(`performer_pytorch.py:428`).",
    ),
    Known(
        P,
        ("PerformerLM", "PerformerEncDec"),
        ("precision and edges",),
        FAULT,
        "It multiplies by 1 / sum of small features, and in half precision 1 / 1e-5 is more than "
        "the largest number (`performer_pytorch.py:210`).",
    ),
)


def explained(row: dict[str, Any], check: str) -> tuple[str, str]:
    """What a finding is, and why."""
    for known in KNOWN:
        of_it = row["library"] == known.library and row["name"].startswith(known.names)
        if of_it and check in known.checks:
            return known.kind, known.why
    return NOT_YET
