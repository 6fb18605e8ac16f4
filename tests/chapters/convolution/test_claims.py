"""The claims of `before/convolution` fail when what they say is broken."""

import copy

import pytest
import torch

import attnlab.stored
from attnlab.nn import convolution
from tests.chapters.faults import failing_claims

PAGE = "before/convolution.md"
TRAINED = ('"training detectors"', '"training at the edge', "convolution-live")
MEASURED = ("influences", "deep - expected")  # what takes a second


def failing(until: str = "", *, skip: tuple = TRAINED, edits: dict | None = None) -> set[str]:
    """The claims that fail up to this one, without those that need a trained network."""
    return failing_claims(PAGE, until=until, skip=skip, edits=edits)


def test_on_five_other_seeds_what_needs_no_training_holds():
    assert failing(edits={"SEEDS = range(3)": "SEEDS = range(10, 15)"}) == set()


def test_networks_that_are_not_trained():
    edits = {"steps=300": "steps=0", "steps=600": "steps=0"}
    failed = failing("convolution-live", skip=MEASURED, edits=edits)
    assert failed == {"convolution-right", "convolution-live", "convolution-moved"}


def test_a_dense_network_that_is_shown_both_halves():
    edits = {
        "SEEDS = range(3)": "SEEDS = range(1)",
        "(sequences(LEFT) for": "(sequences(torch.cat([LEFT, RIGHT])) for",
    }
    failed = failing("convolution-right", skip=(), edits=edits)
    assert failed == {"convolution-dense-right"}


@pytest.mark.parametrize(
    ("right", "wrong", "until", "names"),
    [
        ("padded[j * dilation : j * dilation + T] @ W[j] for",
         "padded[j * dilation : j * dilation + T] @ W[-1 - j] for",
         "convolution-parity", {"convolution-parity", "convolution-parity-stack"}),
        ("nn.Conv1d(d, d, kernel_size=3))", "nn.Conv1d(d, d, kernel_size=63))",
         "convolution-fewer", {"convolution-fewer"}),
        ("shifted(stack(x), 7)", "shifted(stack(x), 6)",
         "convolution-ends", {"convolution-equivariance"}),
        ("gap[:, 11:-4].max()", "gap.max()",
         "convolution-ends", {"convolution-equivariance"}),
        ("widths[16].mean(), 4", "33, 4", "convolution-outside", {"convolution-width-16"}),
        ("def variation(start, seed):", "def variation(start, seed):\n    start = begin",
         "convolution-faded", {"convolution-faded"}),
        ("kept = np.mean([variation(begin,", "kept = np.mean([variation(lambda stack: stack,",
         "convolution-faded", {"convolution-kept"}),
        ("dilations = [2**layer for layer in range(layers)]", "dilations = [1] * layers * 4",
         "convolution-edge-doubling", {"convolution-doubling"}),
        ("layers_to(n, lambda layer: 2**layer)", "layers_to(n, lambda layer: 1 + layer)",
         "convolution-log", {"convolution-log"}),
        ("dilations=dilations[:-1]", "dilations=dilations",
         "convolution-log", {"convolution-one-fewer"}),
        ("F.max_pool1d(stack(each).mT, pool)", "stack(each).mT",
         "convolution-pooling", {"convolution-pooling", "convolution-pooling-all"}),
        ("y[0].amax(0) - y[1].amax(0)", "y[0] - y[1]",
         "convolution-order-lost", {"convolution-order-lost"}),
        ("tokens[1, 4], tokens[1, 14] = 2, 1", "tokens[1, 4], tokens[1, 14] = 1, 2",
         "convolution-order", {"convolution-order"}),
    ],
)  # fmt: skip
def test_a_line_with_a_mistake(right, wrong, until, names):
    skip = TRAINED if until == "convolution-outside" else (*TRAINED, *MEASURED)
    assert failing(until, skip=skip, edits={right: wrong}) == names


def test_weights_that_are_not_random(monkeypatch):
    """All paths then have one sign: the influence is no longer their number but its square."""
    forward = convolution.ConvStack.forward

    def all_alike(self, x):
        with torch.no_grad():
            for layer in self.layers:
                layer.weight.fill_(0.1)
                layer.bias.fill_(0.1)
        return forward(self, x.abs())

    monkeypatch.setattr(convolution.ConvStack, "forward", all_alike)
    failed = failing("convolution-paths", edits={"stacked - np.maximum(ours, 0)": "0 * ours"})
    assert {"convolution-width-16", "convolution-paths"} <= failed


def test_weights_that_are_not_shared(monkeypatch):
    """Each position scales its outputs by a number of its own."""
    forward = convolution.ConvStack.forward

    def scaled(self, x):
        return forward(self, x) * torch.linspace(1, 2, x.shape[1])[:, None]

    monkeypatch.setattr(convolution.ConvStack, "forward", scaled)
    assert "convolution-equivariance" in failing("convolution-ends")


def test_shares_of_gradients_that_were_not_squared(monkeypatch):
    influence = convolution.input_influence

    def unsquared(*args):
        roots = influence(*args).sqrt()
        return roots / roots.sum()

    monkeypatch.setattr(convolution, "input_influence", unsquared)
    assert {"convolution-width-16", "convolution-paths"} <= failing("convolution-paths")


def test_a_convolution_that_mixes_all_positions(monkeypatch):
    forward = convolution.ConvStack.forward
    monkeypatch.setattr(
        convolution.ConvStack,
        "forward",
        lambda self, x: forward(self, x) + forward(self, x).mean(dim=1, keepdim=True),
    )
    assert "convolution-outside" in failing("convolution-outside")


def test_stacks_twice_as_deep():
    edits = {"influence_of([1] * depth, seed)": "influence_of([1] * 2 * depth, seed)"}
    edits["DEPTHS = (1, 2, 4, 8, 16, 32)"] = "DEPTHS = (1, 2, 4, 8, 16)"
    edits["widths[32]"] = "widths[16]"
    failed = failing("convolution-outside", edits=edits)
    assert failed == {"convolution-width-16", "convolution-outer-half", "convolution-outside"}


def test_a_width_that_counts_every_input_seen(monkeypatch):
    monkeypatch.setattr(convolution, "effective_width", lambda shares: (shares > 0).sum().item())
    failed = failing("convolution-outside")
    assert failed == {"convolution-width-16", "convolution-power"}


@pytest.mark.parametrize(
    ("stack", "lag", "accuracy", "name"),
    [
        ("8 layers", 16, 0.0, "convolution-edge-8"),
        ("16 layers", 32, 0.0, "convolution-edge-16"),
        ("8 layers", 17, 0.5, "convolution-beyond"),
        ("16 layers, default start", 32, 0.9, "convolution-default"),
        ("4 layers, doubling", 30, 0.3, "convolution-edge-doubling"),
    ],
)
def test_a_stored_result_that_says_otherwise(monkeypatch, stack, lag, accuracy, name):
    stored = copy.deepcopy(attnlab.stored.load("convolution"))
    for cell in stored["cells"]:
        if (cell["stack"], cell["lag"]) == (stack, lag):
            cell["accuracy"] = accuracy
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing("convolution-edge-doubling", skip=(*TRAINED, *MEASURED)) == {name}


def test_a_bell_that_the_other_start_does_not_have(monkeypatch):
    stored = copy.deepcopy(attnlab.stored.load("convolution"))
    for cell in stored["cells"]:
        if "default" in cell["stack"]:
            cell["before"] = [share**2 for share in cell["before"]]
    monkeypatch.setattr(attnlab.stored, "load", lambda _: stored)
    assert failing("convolution-faded", skip=(*TRAINED, *MEASURED)) == {"convolution-same-bell"}
