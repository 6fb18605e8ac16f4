"""Learned positions: shapes, gradients, clipping, and what they refuse."""

import numpy as np
import pytest
import torch

from attnlab import LearnedEncoding, RelativeBias


def test_encoding_is_the_first_rows_of_its_table():
    encoding = LearnedEncoding(max_len=7, d_model=5)
    assert encoding.code.shape == (7, 5)
    assert 0.01 < encoding.code.std() < 0.03
    for n in (0, 1, 7):
        assert torch.equal(encoding(n), encoding.code[:n])
    encoding(3).sum().backward()
    assert encoding.code.grad.sum(1).tolist() == [5, 5, 5, 0, 0, 0, 0]


def test_sizes_of_few_bits():
    assert RelativeBias(2, np.int8(100)).bias.shape == (2, 201)
    bias = RelativeBias(np.uint8(2), np.uint8(3))
    torch.nn.init.normal_(bias.bias)
    assert torch.equal(bias(np.int8(100), np.uint8(200)), bias(100, 200))
    assert LearnedEncoding(np.uint8(200), np.int8(3))(np.uint8(200)).shape == (200, 3)


def test_bias_is_looked_up_by_clipped_distance():
    relative = RelativeBias(n_heads=3, max_distance=2)
    assert relative.bias.tolist() == torch.zeros(3, 5).tolist()
    with torch.no_grad():
        relative.bias.copy_(torch.arange(15.0).reshape(3, 5))
    for n, m in [(5, 7), (7, 5), (1, 1), (0, 3)]:
        bias = relative(n, m)
        assert bias.shape == (3, n, m)
        for h in range(3):
            for i in range(n):
                for j in range(m):
                    assert bias[h, i, j] == relative.bias[h, max(-2, min(2, j - i)) + 2]
    assert torch.equal(relative(5), relative(5, 5))
    relative(5, 7).sum().backward()
    assert relative.bias.grad.sum() == 3 * 5 * 7


def test_they_can_be_compiled_exported_and_mapped():
    encoding, bias = LearnedEncoding(max_len=100, d_model=5), RelativeBias(3, max_distance=2)
    module = Looked(encoding, bias)
    length = {0: torch.export.Dim("n", min=2, max=100)}
    x = torch.randn(7, 5)
    exported = torch.export.export(module, (x,), dynamic_shapes={"x": length}).module()
    compiled = torch.compile(module, backend="eager", fullgraph=True, dynamic=True)
    for n in (2, 24, 100):
        y = torch.randn(n, 5)
        for got in (exported(y), compiled(y)):
            torch.testing.assert_close(got, module(y))
    many = torch.randn(4, 7, 5)
    looped = [module(one) for one in many]
    torch.testing.assert_close(
        torch.vmap(module)(many), tuple(map(torch.stack, zip(*looped, strict=True)))
    )


class Looked(torch.nn.Module):
    def __init__(self, encoding, bias):
        super().__init__()
        self.encoding, self.bias = encoding, bias

    def forward(self, x):
        return x + self.encoding(x.shape[0]), self.bias(x.shape[0]) + x[0, 0]


def test_a_default_device_elsewhere_moves_nothing():
    bias = RelativeBias(3, max_distance=2)
    torch.set_default_device("meta")
    try:
        assert bias(5, 7).device.type == "cpu"
    finally:
        torch.set_default_device(None)


def test_no_distance_at_all_is_one_bias_for_each_head():
    assert RelativeBias(n_heads=2, max_distance=0).bias.shape == (2, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LearnedEncoding(7, 5)(8), ValueError, "n must be at most max_len = 7, got 8"),
        (lambda: LearnedEncoding(7, 5)(-1), ValueError, "n must be at least 0, got -1"),
        (lambda: LearnedEncoding(7, 5)(1.0), TypeError, "n must be an integer, got float"),
        (lambda: LearnedEncoding(0, 5), ValueError, "max_len must be at least 1, got 0"),
        (lambda: LearnedEncoding(7, 0), ValueError, "d_model must be at least 1, got 0"),
        (lambda: LearnedEncoding(7, 5)(True), TypeError, "n must be an integer, got bool"),
        (lambda: LearnedEncoding(7.0, 5), TypeError, "max_len must be an integer, got float"),
        (lambda: RelativeBias(1, 1)(2, "3"), TypeError, "m must be an integer, got str"),
        (lambda: RelativeBias(1, 1)(None), TypeError, "n must be an integer, got NoneType"),
        (lambda: RelativeBias(0, 1), ValueError, "n_heads must be at least 1, got 0"),
        (lambda: RelativeBias(1, -1), ValueError, "max_distance must be at least 0, got -1"),
        (lambda: RelativeBias(1, 1)(-1), ValueError, "n must be at least 0, got -1"),
        (lambda: RelativeBias(1, 1)(1, -1), ValueError, "m must be at least 0, got -1"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
