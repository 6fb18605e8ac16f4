"""The claims of `transformer/block` fail when what they say is broken."""

import pytest

from tests.chapters.faults import failing_claims

PAGE = "transformer/block.md"
# One seed shows a fault, and thirty steps show whether a stack learns.
SHORT = {"range(3)": "range(1, 2)", "steps=100": "steps=30"}
SEED = {"range(3)": "range(1)"}
UNTRAINED = ["live[", "NETWORKS", 'right["']


def without_training(until: str = "", edits: dict[str, str] | None = None) -> set[str]:
    """The claims that fail, of those which need no training."""
    return failing_claims(PAGE, until=until, edits=edits, skip=UNTRAINED)


def test_without_a_fault_all_hold():
    assert failing_claims(PAGE, edits=SHORT) == set()


def test_on_five_other_seeds_what_needs_no_training_holds():
    seeds = {"range(3)": "range(10, 15)", "in range(5)": "in range(20, 25)"}
    assert without_training(edits=seeds) == set()


@pytest.mark.parametrize(
    ("edits", "names"),
    [
        (
            {"return x + super().forward(x)": "return super().forward(x)",
             '"post": lambda: EncoderLayer(d_model, n_heads, 4 * d_model, norm="post")':
             '"post": LAYER_PRE',
             '"full": lambda: EncoderLayer(d_model, n_heads, 4 * d_model, norm="pre")':
             '"full": LAYER_POST',
             "LAYERS = {": "LAYER_PRE = lambda: EncoderLayer(64, 4, 256, norm='pre')\n"
             "LAYER_POST = lambda: EncoderLayer(64, 4, 256, norm='post')\nLAYERS = {"},
            {"block-residual", "block-post-24", "block-pre-24", "block-post-factor"},
        ),
        (
            {'"replace": lambda: MultiHeadAttention(': '"replace": lambda: Add(',
             "torch.randn(1, n, d_model": "1 + 0.1 * torch.randn(1, n, d_model"},
            {"block-start", "block-collapse-4", "block-residual", "block-pre-24"},
        ),
    ],
)  # fmt: skip
def test_layers_that_are_not_what_they_are_called(edits, names):
    """Sums left out or put in, norms in the other place, tokens that are alike from the start."""
    assert without_training(until="block-pre-24", edits=edits | SEED) == names


def test_faults_in_the_law_and_the_norm():
    edits = SEED | {
        "out = x + out if residual else out": "out = out if residual else x",
        "BlockWidget(depth=depth, residual=True)": "BlockWidget(depth=depth)",
        "variance = centered.square().mean(": "variance = centered.var(",
        "- torch.outer(hat, hat) / 16": "",
        "values > 0.999": "values > -1",
        "values[-2]": "values[-3]",
    }
    assert without_training(until="block-stopped", edits=edits) == {
        "block-exponent",
        "block-exponent-residual",
        "block-stream-size",
        "block-stream-own",
        "block-norm-parity",
        "block-projection",
        "block-passed",
        "block-stopped",
    }


def test_faults_in_what_arrives_and_in_gradients():
    edits = SEED | {
        '"post": ("post", 1.0), "pre": ("pre", 1.0), "quiet": ("post", 0.2)':
        '"post": ("pre", 1.0), "pre": ("post", 1.0), "quiet": ("post", 1.0)',
        'n_layers=n_layers, d_ff=64': 'n_layers=24, d_ff=64',
    }  # fmt: skip
    assert without_training(until="block-arrives-quiet", edits=edits) == {
        "block-gradient-ratio",
        "block-gradient-falls",
        "block-gradient-root",
        "block-gradient-quiet-pre",
        "block-arrives-post",
        "block-arrives-quiet",
    }


def test_faults_in_sublayers_and_parity():
    edits = SEED | {
        "[[400.0, -100.0]]": "[[400.0, 100.0]]",
        '"feed-forward": think': '"feed-forward": lambda x: attend(x[None])[0] + '
        "sinusoidal_encoding(len(x), 16, like=x)",
        '"attention": lambda x: attend(x[None])[0]': '"attention": think',
        "x + sinusoidal_encoding(len(x), 16, like=x)": "x",
        "norm_first=pre": "norm_first=not pre",
        "ours = EncoderLayer.from_torch(theirs)": "ours = EncoderLayer.from_torch(theirs); "
        "ours.norm = 'post' if ours.norm == 'pre' else 'pre'",
        "causal=True": "causal=False",
        "left_at(TorchLayer, 24)": "left_at(LAYERS['post'], 24)",
        "F.rms_norm": "F.layer_norm",
    }
    names = {"block-xor-hand", "block-causal-4", "block-torch-24", "block-rms"}
    kinds = ("moved", "alone", "attention", "code", "same", "told")
    names |= {f"block-wise-{kind}" for kind in kinds}
    names |= {f"block-parity{kind}-{norm}" for kind in ("", "-scratch") for norm in ("pre", "post")}
    assert without_training(edits=edits) == names


def test_stacks_that_all_have_their_norm_after_a_loud_sublayer():
    edits = SHORT | {"d_ff=64, norm=norm": 'd_ff=64, norm="post"', "*= start": "*= 1.0"}
    failed = failing_claims(PAGE, until="block-live-quiet", edits=edits)
    assert failed >= {"block-live-pre", "block-live-quiet"} and "block-live-post" not in failed


def test_a_rectifier_too_many_or_too_few():
    edits = SHORT | {
        '"no network": (lambda: None, True)': '"no network": (lambda: FeedForward(16, 64), True)',
        "nn.Sequential(nn.Linear(16, 64), nn.Linear(64, 16))": "FeedForward(16, 64)",
        '"feed-forward": (lambda: Feed': '"feed-forward": (lambda: nn.Linear(16, 16) or Feed',
        '"no network, whole tokens": (lambda: None, False)':
        '"no network, whole tokens": (lambda: None, True)',
    }  # fmt: skip
    skip = ["live[", "gradients[", "gradient_norms(", "arriving("]
    assert failing_claims(PAGE, until="block-xor-whole", edits=edits, skip=skip) == {
        "block-xor-none",
        "block-xor-linear",
        "block-xor-network",
        "block-xor-whole",
    }


def test_a_stored_post_norm_that_learned_after_all():
    edits = {'load("block")': 'load("block") | {"patient": [{"accuracy": 0.9}]}'}
    assert without_training(until="block-post-patient", edits=edits) == {"block-post-patient"}
