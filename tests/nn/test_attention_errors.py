"""Every bad input of MultiHeadAttention and its parts: the error, and what it says."""

import re

import numpy as np
import pytest
import torch
from torch import nn, zeros

from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache

B, H, N, D = 3, 2, 5, 22


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((22, 5), ValueError, "got d_model = 22 and n_heads = 5"),
        ((22, 5, {"d_k": 3}), ValueError, "n_heads must divide d_model unless d_k and d_v are"),
        ((0, 1), ValueError, "d_model must be at least 1, got 0"),
        ((22, 0), ValueError, "n_heads must be at least 1, got 0"),
        ((22, 2.0), TypeError, "n_heads must be an integer, got float"),
        ((22, 2, {"d_k": 0}), ValueError, "d_k must be at least 1, got 0"),
        ((22, 2, {"d_v": -3}), ValueError, "d_v must be at least 1, got -3"),
        ((22, 2, {"dropout": 1.0}), ValueError, "dropout must be at least 0 and below 1, got 1.0"),
        ((22, 2, {"dropout": -0.1}), ValueError, "at least 0 and below 1, got -0.1"),
        ((22, 2, {"dropout": "x"}), TypeError, "dropout must be a number, got str"),
        ((22, 2, {"dropout": None}), TypeError, "dropout must be a number, got None"),
        ((22, 2, {"dropout": True}), TypeError, "dropout must be a number, got bool"),
        ((22, 2, {"dropout": float("nan")}), ValueError, "dropout must be at least 0 and below 1"),
        ((22, 2, {"bias": 0.0}), TypeError, "bias must be True or False, got float"),
        ((22, 2, {"kernel": "math"}), ValueError, "kernel must be one of 'auto', 'plain', 'fused'"),
        ((22, 2, {"kernel": None}), ValueError, "kernel must be one of 'auto', 'plain', 'fused'"),
    ],
)
def test_bad_sizes(arguments, error, message):
    sizes, options = arguments[:2], arguments[2] if len(arguments) > 2 else {}
    with pytest.raises(error, match=re.escape(message)):
        MultiHeadAttention(*sizes, **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, x: f(x[0]), ValueError, "query must have shape (B, n, 22), got (5, 22)"),
        (
            lambda f, x: f(x[..., 1:]),
            ValueError,
            "query must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, zeros(3, 7, 4)),
            ValueError,
            "key must have shape (B, n, 22), got (3, 7, 4)",
        ),
        (
            lambda f, x: f(x, zeros(2, 7, 22)),
            ValueError,
            "key must have the B of query, 3, got 2",
        ),
        (
            lambda f, x: f(x, zeros(3, 7, 22), x),
            ValueError,
            "shape of key, got (3, 5, 22) and (3, 7, 22)",
        ),
        (
            lambda f, x: f(x, zeros(3, 0, 22)),
            ValueError,
            "at least one key, got k of shape (3, 2, 0, 11)",
        ),
        (
            lambda f, x: f(x.double()),
            TypeError,
            "dtype of the weights, torch.float32, got torch.float64",
        ),
        (lambda f, x: f(x.to("meta")), ValueError, "device of the weights, cpu, got meta"),
        (lambda f, x: f(x, mask=zeros(5, 5)), TypeError, "mask must be boolean"),
        (
            lambda f, x: f(x, mask=zeros(5, 7).bool()),
            ValueError,
            "mask of shape (5, 7) does not broadcast to scores of shape (3, 2, 5, 5)",
        ),
        (lambda f, x: f(x, mask=zeros(2, 5, 5).bool()), ValueError, "does not broadcast"),
        (
            lambda f, x: f(x, bias=zeros(3, 5, 5)),
            ValueError,
            "bias of shape (3, 5, 5) does not broadcast to scores of shape (3, 2, 5, 5)",
        ),
        (lambda f, x: f(x, bias=zeros(5, 5).double()), TypeError, "expected one dtype"),
        (lambda f, x: f(x, zeros(3, 7, 22), causal=True), ValueError, "got n = 5 and m = 7"),
        (
            lambda f, x: f(x[:2], at=zeros(2, 5)),  # B = h, and positions are no head's
            ValueError,
            "at of shape (2, 5) does not broadcast to (5,)",
        ),
        (lambda f, x: f(x, at=zeros(5).bool()), TypeError, "at must be numbers, got torch.bool"),
        (lambda f, x: f(x, at=zeros(5, device="meta")), ValueError, "expected one device"),
        (
            lambda f, x: f(x, head_mask=zeros(3)),
            ValueError,
            "head_mask must have shape (2,), got (3,)",
        ),
    ],
)
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(MultiHeadAttention(D, H), torch.zeros(B, N, D))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda f, x: f(x[..., 1:], x),
            ValueError,
            "query must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, x[..., 1:], x[..., :-1]),
            ValueError,
            "key must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, x + 1, x.double()),
            TypeError,
            "value must have the dtype of the weights, torch.float32, got torch.float64",
        ),
        (
            lambda f, x: f(x, x + 1, at=torch.arange(5)),
            ValueError,
            "cache and at are for self-attention: expected no key, got one",
        ),
    ],
)
def test_what_is_wrong_is_called_by_its_name(call, error, message):
    with pytest.raises(error) as raised:
        call(MultiHeadAttention(D, H), torch.zeros(B, N, D))
    assert str(raised.value) == message


@pytest.mark.parametrize("name", ["query", "key", "value"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([[[0.0] * D]], "must be a torch tensor, got list"),
        (np.zeros((B, N, D), np.float32), "must be a torch tensor, got numpy.ndarray"),
        ("tokens", "must be a torch tensor, got str"),
        (3, "must be a torch tensor, got int"),
        (zeros(B, N, D).to_sparse(), "must be dense, got torch.sparse_coo"),
        (
            torch.nested.nested_tensor([zeros(N, D)] * B, layout=torch.jagged),
            "must be dense, got a nested tensor",
        ),
        (zeros(B, N, D).long(), "dtype of the weights, torch.float32, got torch.int64"),
        (zeros(B, N, D).to(torch.complex64), "dtype of the weights, torch.float32, got torch.comp"),
    ],
)
def test_what_is_no_tensor_of_the_weights_kind_is_named(name, wrong, message):
    x = zeros(B, N, D)
    inputs = {"query": x, "key": x + 1, "value": x + 2, name: wrong}
    layer = MultiHeadAttention(D, H)
    with pytest.raises(TypeError, match=re.escape(f"{name} must")) as raised:
        layer(**inputs)
    assert message in str(raised.value)
    if name == "query":
        with pytest.raises(TypeError, match="query must"):
            layer(wrong)
    with torch.autocast("cpu", torch.bfloat16), pytest.raises(TypeError, match=f"{name} must"):
        layer(**inputs)


def test_no_query_is_named():
    with pytest.raises(TypeError, match="query must be a torch tensor, got None"):
        MultiHeadAttention(D, H)(None)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"mask": [[True]]}, TypeError, "mask must be a NumPy array or a torch tensor, got list"),
        ({"mask": True}, TypeError, "mask must be a NumPy array or a torch tensor, got bool"),
        ({"mask": zeros(5, 5).bool().to("meta")}, ValueError, "mask meta"),
        ({"mask": zeros(5, 5).bool().to_sparse()}, TypeError, "mask must be dense"),
        ({"bias": [0.0]}, TypeError, "bias must be a torch tensor, got list"),
        ({"bias": zeros(5, 5).bool()}, TypeError, "bias must hold floating-point numbers"),
        ({"bias": zeros(5, 5, device="meta")}, ValueError, "bias meta"),
        ({"head_mask": [1, 0]}, TypeError, "head_mask must be a torch tensor, got list"),
        ({"head_mask": np.ones(2)}, TypeError, "head_mask must be a torch tensor, got numpy"),
        ({"head_mask": zeros(2, device="meta")}, ValueError, "head_mask meta"),
        ({"head_mask": zeros(2).to(torch.complex64)}, TypeError, "head_mask must hold booleans or"),
        ({"head_mask": zeros(1, 2)}, ValueError, "head_mask must have shape (2,), got (1, 2)"),
        ({"at": "here"}, TypeError, "must be numbers"),
        ({"at": torch.arange(3)}, ValueError, "(3,)"),
        ({"cache": {}}, TypeError, "cache must be a KeyValueCache, got dict"),
        ({"causal": 1}, TypeError, "causal must be True or False, got int"),
        ({"causal": None}, TypeError, "causal must be True or False, got None"),
        ({"causal": torch.tensor(True)}, TypeError, "causal must be True or False, got torch.Ten"),
        ({"return_weights": "yes"}, TypeError, "return_weights must be True or False, got str"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        MultiHeadAttention(D, H, d_k=4)(zeros(B, N, D), **options)


@pytest.mark.parametrize(
    ("like", "sizes", "error", "message"),
    [
        (zeros(1).double(), {}, TypeError, "cache takes k of torch.float64, got torch.float32"),
        (zeros(1).half(), {}, TypeError, "cache takes k of torch.float16, got torch.float32"),
        (zeros(1, device="meta"), {}, ValueError, "cache takes k on meta, got cpu"),
        (zeros(1), {"batch": 2}, ValueError, "cache takes k of shape (2, 2, 5, 11), got (3, 2, 5"),
        (zeros(1), {"n_heads": 1}, ValueError, "cache takes k of shape (3, 1, 5, 11), got (3, 2"),
        (zeros(1), {"d_v": 3}, ValueError, "cache takes v of shape (3, 2, 5, 3), got (3, 2, 5, 11"),
        (zeros(1), {"max_len": 4}, ValueError, "cache holds 4 positions, got 5"),
    ],
)
def test_a_cache_that_does_not_fit(like, sizes, error, message):
    sizes = {"batch": B, "n_heads": H, "max_len": 9, "d_k": 11, "d_v": 11} | sizes
    cache = KeyValueCache(**sizes, like=like)
    with pytest.raises(error, match=re.escape(message)):
        MultiHeadAttention(D, H)(zeros(B, N, D), cache=cache)
    assert cache.length == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kdim": 4}, "kdim=4"),
        ({"add_bias_kv": True}, "add_bias_kv=True"),
        ({"add_zero_attn": True}, "add_zero_attn=True"),
    ],
)
def test_from_torch_rejects_what_it_cannot_say(options, message):
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention.from_torch(nn.MultiheadAttention(D, H, **options))
    with pytest.raises(TypeError, match=r"expected nn\.MultiheadAttention, got Linear"):
        MultiHeadAttention.from_torch(nn.Linear(1, 1))


def test_from_torch_rejects_a_class_that_computes_otherwise():
    class Other(nn.MultiheadAttention):
        def forward(self, *inputs):
            return inputs

    with pytest.raises(TypeError, match="a subclass with a forward of its own"):
        MultiHeadAttention.from_torch(Other(D, H))


@pytest.mark.parametrize(
    ("heads", "error", "message"),
    [
        ([[1.0], zeros(B, H, N, 11), zeros(B, H, N, 11)], TypeError, "q must be a torch tensor"),
        ([zeros(B, H, N, 11), None, zeros(B, H, N, 11)], TypeError, "k must be a torch tensor"),
        ([zeros(B, H, N, 11).long()] * 3, TypeError, "q must hold floating-point numbers"),
        ([zeros(B, H, N, 11), *[zeros(B, H, N, 11).double()] * 2], TypeError, "k torch.float64"),
        ([zeros(B, H, 11)] * 3, ValueError, "must have four axes"),
    ],
)
def test_heads_that_attend_refuses(heads, error, message):
    with pytest.raises(error, match=message):
        MultiHeadAttention(D, H).attend(*heads)


def test_the_docstring_says_how_to_have_a_second_derivative():
    said = " ".join(MultiHeadAttention.__doc__.split())
    assert 'For a second derivative, or one in forward mode, choose "plain"' in said
