"""MultiHeadAttention in torch's transforms: vmap, grad, autocast, compile, export; and copies."""

import copy
import math
import pickle

import pytest
import torch
from torch import nn
from torch.export import Dim, export
from torch.func import functional_call, grad, jacrev, vmap

from attnlab.functional.masks import causal_mask
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache

B, H, D = 4, 2, 8
LENGTHS = [5, 40]  # the plain product, and the fused kernel
KERNELS = ["auto", "plain", "fused"]


def one_by_one(f, *batches):
    """What vmap is to equal."""
    return torch.stack([f(*items) for items in zip(*batches, strict=True)])


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, equal_nan=True)


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("return_weights", [False, True])
@pytest.mark.filterwarnings("ignore:There is a performance drop")  # of torch's fused kernel
def test_vmap_equals_the_loop(n, kernel, return_weights):
    layer = MultiHeadAttention(D, H, kernel=kernel)
    x, mask = torch.randn(B, n, D), torch.rand(B, n, n) < 0.6
    mask[:, 0] = False  # a query without keys
    mask[1, :, 2] = torch.arange(n) == n - 1
    x[1, 2, 0] = math.nan  # that the last query alone may see
    bias, head_mask = torch.randn(B, H, n, n), torch.rand(B, H) < 0.5
    bias[0, 0, 1] = -math.inf

    def call(x, **options):
        result = layer(x[None], return_weights=return_weights, **options)
        return result[1][0] if return_weights else result[0]

    def both(x, mask):
        return call(x, mask=mask)

    def mask_alone(mask):
        return call(x[0], mask=mask)

    def bias_alone(bias):
        return call(x[0], bias=bias)

    def of_heads(x, head_mask):
        return call(x, head_mask=head_mask, causal=True)

    same(vmap(both)(x, mask), one_by_one(both, x, mask))
    same(vmap(mask_alone)(mask), one_by_one(mask_alone, mask))
    same(vmap(bias_alone)(bias), one_by_one(bias_alone, bias))
    same(vmap(of_heads)(x, head_mask), one_by_one(of_heads, x, head_mask))
    assert vmap(both)(x, mask)[1, -1].isnan().all() or return_weights


@pytest.mark.parametrize("n", LENGTHS)
def test_gradients_of_every_item(n):
    layer = MultiHeadAttention(D, H)
    parameters = dict(layer.named_parameters())
    x, mask = torch.randn(B, n, D), torch.rand(B, n, n) < 0.6

    def loss(parameters, x, mask):
        return functional_call(layer, parameters, (x[None],), {"mask": mask}).square().sum()

    every = vmap(grad(loss), (None, 0, 0))(parameters, x, mask)
    for i in range(B):
        single = torch.autograd.grad(loss(parameters, x[i], mask[i]), [*parameters.values()])
        for mine, theirs in zip(every.values(), single, strict=True):
            torch.testing.assert_close(mine[i], theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("n", LENGTHS)
def test_jacrev_is_the_jacobian(n):
    layer, x = MultiHeadAttention(2, 1).double(), torch.randn(1, n, 2, dtype=torch.float64)
    same(jacrev(layer)(x), torch.autograd.functional.jacobian(layer, x))


@pytest.mark.parametrize("n", LENGTHS)
def test_vmap_with_dropout(n):
    layer = MultiHeadAttention(D, H, dropout=0.5)
    x = torch.randn(1, n, D).expand(B, n, D)

    def call(x):
        return layer(x[None])[0]

    different = vmap(call, randomness="different")(x)
    assert all(not torch.allclose(different[0], other) for other in different[1:])
    alike = vmap(call, randomness="same")(x)
    assert all(torch.equal(alike[0], other) for other in alike[1:])
    with pytest.raises(RuntimeError, match="randomness error mode"):
        vmap(call)(x)


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("return_weights", [False, True])
def test_autocast_takes_the_bias_of_the_weights(n, kernel, return_weights):
    layer, x = MultiHeadAttention(D, H, kernel=kernel), torch.randn(B, n, D)
    bias = torch.randn(H, n, n)
    for options in ({"bias": bias}, {"bias": bias, "causal": True}, {"mask": bias[0] > -1}):
        want = layer(x, **options)
        with torch.autocast("cpu", torch.bfloat16):
            got = layer(x, return_weights=return_weights, **options)
        context = got[0] if return_weights else got
        assert context.dtype == torch.bfloat16
        torch.testing.assert_close(context.float(), want, atol=0.1, rtol=0.1)


@pytest.mark.parametrize("dtypes", [(torch.float64, torch.float32), (torch.float16, torch.float64)])
def test_autocast_leaves_double_precision_alone(dtypes):
    wide, x = MultiHeadAttention(D, H).double(), torch.randn(B, 6, D).double()
    want = wide(x)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(wide(x), want)
        with pytest.raises(TypeError, match=f"dtype of the weights, {dtypes[1]}, got {dtypes[0]}"):
            wide.to(dtypes[1])(x.to(dtypes[0]))


def test_autocast_decodes_with_a_cache():
    layer, x = MultiHeadAttention(D, H), torch.randn(B, 6, D)
    cache = KeyValueCache(batch=B, n_heads=H, max_len=6, d_k=4, d_v=4, like=x)
    with torch.autocast("cpu", torch.bfloat16):
        got = torch.cat([layer(part, causal=True, cache=cache) for part in x.split(2, 1)], 1)
    torch.testing.assert_close(got.float(), layer(x, causal=True), atol=0.1, rtol=0.1)


class Masked(nn.Module):
    """A layer as a model calls it."""

    def __init__(self, kernel):
        super().__init__()
        self.attention = MultiHeadAttention(D, H, kernel=kernel)

    def forward(self, x, mask, bias):
        return self.attention(x, mask=mask, bias=bias, causal=True)


def masked_inputs(n):
    x, mask, bias = torch.randn(2, n, D), torch.rand(2, n, n) < 0.5, torch.randn(H, n, n)
    mask[:, 0] = False
    mask[:, :, 1] = False
    bias[0, -1] = -math.inf
    x[0, 1, 3] = math.nan  # that nobody sees
    return x, mask, bias


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("strict", [False, True])
def test_export_with_any_length(kernel, strict):
    model = Masked(kernel).eval()
    n, batch = Dim("n", min=2, max=100), Dim("batch", min=1, max=64)
    shapes = ({0: batch, 1: n}, {0: batch, 1: n, 2: n}, {1: n, 2: n})
    exported = export(model, masked_inputs(7), dynamic_shapes=shapes, strict=strict).module()
    for length in (2, 24, 25, 100):
        inputs = masked_inputs(length)
        same(exported(*inputs), model(*inputs))
    x, mask, bias = masked_inputs(9)
    same(exported(x[:1], mask[:1], bias), model(x[:1], mask[:1], bias))


@pytest.mark.parametrize("kernel", KERNELS)
def test_compile_with_any_length(kernel):
    model = Masked(kernel).double()
    compiled = torch.compile(model, backend="aot_eager", dynamic=True, fullgraph=True)
    for n in (5, 30):
        x, mask, bias = masked_inputs(n)
        inputs = (x.double(), mask, bias.double())
        want, got = model(*inputs), compiled(*inputs)
        same(got, want)
        real = want.isfinite()
        wanted = torch.autograd.grad(want[real].square().sum(), [*model.parameters()])
        for mine, theirs in zip(
            torch.autograd.grad(got[real].square().sum(), [*model.parameters()]),
            wanted, strict=True,
        ):  # fmt: skip
            assert mine.isfinite().all()
            torch.testing.assert_close(mine, theirs)


def test_compile_with_dropout():
    layer = MultiHeadAttention(D, H, dropout=0.5)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    x = torch.randn(B, 5, D)
    assert not torch.allclose(compiled(x), compiled(x))


def test_copies_give_the_same():
    layer, x = MultiHeadAttention(D, H, kernel="plain", dropout=0.1).eval(), torch.randn(B, 5, D)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        same(twin(x, causal=True), layer(x, causal=True))
        assert twin.kernel == "plain" and twin.dropout == 0.1


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("training", [True, False])
def test_work_stays_on_the_cpu_when_the_default_device_is_elsewhere(n, training):
    layer = MultiHeadAttention(D, H, dropout=0.2).train(training)
    theirs = nn.MultiheadAttention(D, H)
    x, mask = torch.randn(B, n, D), torch.tensor(causal_mask(n))
    noisy = x.clone()
    noisy[0, -1] = math.nan
    with torch.device("meta"):
        for options in ({}, {"causal": True}, {"mask": mask}, {"mask": mask.numpy()}):
            for tokens in (x, noisy):
                context, weights = layer(tokens, return_weights=True, **options)
                assert {a.device.type for a in (context, weights, layer(tokens, **options))} == {
                    "cpu"
                }
        cache = KeyValueCache(batch=B, n_heads=H, max_len=n, d_k=4, d_v=4, like=x)
        assert layer(x, causal=True, cache=cache).isfinite().all()
        ours = MultiHeadAttention.from_torch(theirs)
    assert all(p.device.type == "cpu" for p in ours.parameters())
    same(ours.project_in.weight, theirs.in_proj_weight)
