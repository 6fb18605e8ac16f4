"""The door: what an import brings, which arrays pass, and in which words the others are refused."""

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import attnlab
from attnlab.functional import arrays as check
from attnlab.functional import contents
from attnlab.functional.settings import kind

NUMPY_ONLY = """
import sys
import numpy as np
import attnlab
x = np.random.default_rng(0).standard_normal((5, 4))
attnlab.attention(attnlab.rotary(x, range(5)), x, x, mask=attnlab.causal_mask(5))
attnlab.blockwise_attention(x, x, x, mask=attnlab.padding_mask([3], 5)[0])
attnlab.entropy(attnlab.online_softmax(x)), attnlab.sinusoidal_encoding(5, 4)
assert "torch" not in sys.modules
assert callable(attnlab.MultiHeadAttention)
assert "torch" in sys.modules
assert callable(attnlab.softmax) and callable(attnlab.attention)
"""


def test_numpy_use_does_not_import_torch():
    subprocess.run([sys.executable, "-c", NUMPY_ONLY], check=True)


@pytest.mark.parametrize("name", sorted(attnlab._LAZY))
def test_every_lazy_name_is_there(name):
    assert callable(getattr(attnlab, name))
    assert name in dir(attnlab)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'attnlab' has no attribute 'atention'"):
        attnlab.atention  # noqa: B018 - the look-up is the test


def test_a_star_brings_the_part_without_torch():
    assert all(hasattr(attnlab, name) for name in attnlab.__all__)
    assert not set(attnlab.__all__) & set(attnlab._LAZY)


def test_one_array_of_each_library_has_its_namespace():
    assert check.namespace(x=torch.ones(1)).__name__.endswith("torch")
    with pytest.raises(TypeError, match="x must be a NumPy array or a torch tensor, got NoneType"):
        check.namespace(x=None)


class OwnTensor(torch.Tensor):
    pass


class OwnArray(np.ndarray):
    pass


def quantized() -> torch.Tensor:
    return torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.quint8)


def nested(layout: torch.layout) -> torch.Tensor:
    return torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(1, 2)], layout=layout)


ODD = {
    "matrix": (lambda: np.ones((2, 2)).view(np.matrix), "plain.*numpy.matrix.*np.asarray"),
    "masked": (lambda: np.ma.ones((2, 2)), "plain.*MaskedArray.*np.asarray"),
    "record": (lambda: np.ones((2, 2)).view(np.recarray), "plain.*recarray"),
    "own array": (lambda: np.ones((2, 2)).view(OwnArray), "plain.*OwnArray"),
    "other order": (lambda: np.ones((2, 2), np.dtype(float).newbyteorder()), "order of bytes.*f8"),
    "objects": (lambda: np.ones((2, 2), object), "object"),
    "own tensor": (lambda: torch.ones(2, 2).as_subclass(OwnTensor), "plain.*OwnTensor"),
    "masked tensor": (
        lambda: torch.masked.masked_tensor(torch.ones(2, 2), torch.eye(2).bool()),
        "plain.*MaskedTensor",
    ),
    "sparse": (lambda: torch.eye(2).to_sparse(), r"dense.*sparse_coo.*to_dense\(\)"),
    "csr": (lambda: torch.eye(2).to_sparse_csr(), r"dense.*sparse_csr.*to_dense\(\)"),
    "mkldnn": (lambda: torch.eye(2).to_mkldnn(), r"dense.*mkldnn.*to_dense\(\)"),
    "nested": (lambda: nested(torch.strided), "dense.*nested tensor.*to_padded_tensor"),
    "jagged": (lambda: nested(torch.jagged), "dense.*nested tensor.*to_padded_tensor"),
    "quantized": (quantized, r"quantized.*dequantize\(\)"),
    "one byte": (lambda: torch.ones(2, 2).to(torch.float8_e4m3fn), "floating.*float8_e4m3fn"),
    "complex": (lambda: torch.ones(2, 2, dtype=torch.complex64), "floating.*complex64"),
    "integers": (lambda: torch.ones(2, 2, dtype=torch.int64), "floating.*int64"),
    "booleans": (lambda: np.ones((2, 2), bool), "floating.*bool"),
    "number": (lambda: 1.0, "a NumPy array or a torch tensor, got float"),
    "NumPy's number": (lambda: np.float64(1), "a NumPy array or a torch tensor, got numpy.float64"),
    "list": (lambda: [[1.0]], "a NumPy array or a torch tensor, got list"),
    "nothing": (lambda: None, "a NumPy array or a torch tensor, got NoneType"),
}
ONE = np.ones((2, 2))


def beside(x: object) -> np.ndarray | torch.Tensor:
    """What is well with x, in its library."""
    return torch.ones(2, 2) if isinstance(x, torch.Tensor) else ONE.astype(np.float32)


# The argument that is odd, and the call.
FUNCTIONS = {
    "softmax": ("scores", attnlab.softmax),
    "log_softmax": ("scores", attnlab.log_softmax),
    "online_softmax": ("scores", attnlab.online_softmax),
    "entropy": ("weights", attnlab.entropy),
    "softmax_jacobian": ("p", attnlab.softmax_jacobian),
    "dot_scores": ("q", lambda x: attnlab.dot_scores(x, beside(x))),
    "scaled_dot_scores": ("k", lambda x: attnlab.scaled_dot_scores(beside(x), x)),
    "gaussian_scores": ("q", lambda x: attnlab.gaussian_scores(x, beside(x))),
    "bilinear_scores": ("w", lambda x: attnlab.bilinear_scores(beside(x), beside(x), x)),
    "additive_scores": (
        "w_k",
        lambda x: attnlab.additive_scores(*[beside(x)] * 3, x, beside(x)[0]),
    ),
    "attention": ("v", lambda x: attnlab.attention(beside(x), beside(x), x)),
    "blockwise_attention": ("k", lambda x: attnlab.blockwise_attention(beside(x), x, beside(x))),
}
# And those that may be of other dtypes.
OTHERS = {
    "mask": lambda x: attnlab.softmax(beside(x), mask=x),
    "mask of attention": lambda x: attnlab.attention(*[beside(x)] * 3, mask=x),
    "mask of blocks": lambda x: attnlab.blockwise_attention(*[beside(x)] * 3, mask=x),
    "lengths": lambda x: attnlab.padding_mask(x, 3),
    "like": lambda x: attnlab.causal_mask(3, like=x),
    "like of a window": lambda x: attnlab.window_mask(3, 1, like=x),
    "like of padding": lambda x: attnlab.padding_mask([1], 3, like=x),
    "what scores returned": lambda x: attnlab.attention(*[beside(x)] * 3, scores=lambda q, k: x),
}


REFUSED_ANYWHERE = re.compile("plain|dense|quantized|bytes|got float|got numpy.float64")


@pytest.fixture
def odd(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about what is in beta or deprecated
        return ODD[request.param][0]()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("odd", "message"), [(n, ODD[n][1]) for n in ODD], indirect=["odd"])
def test_every_function_refuses_by_name_what_is_not_a_plain_array_of_floats(function, odd, message):
    name, call = FUNCTIONS[function]
    with pytest.raises(TypeError, match=f"^{name} must.*{message}"):
        call(odd)


@pytest.mark.parametrize("function", OTHERS)
@pytest.mark.parametrize(
    ("odd", "message"),
    [(name, message) for name, (_, message) in ODD.items() if REFUSED_ANYWHERE.search(message)],
    indirect=["odd"],
)
def test_masks_lengths_and_scores_pass_the_same_door(function, odd, message):
    name = function.split(" of ")[0]
    with pytest.raises(TypeError, match=f"^{name} must.*{message}"):
        OTHERS[function](odd)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_memory_map_is_an_array_like_any_other(function, tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float32, "w+", shape=(2, 2))
    mapped[:] = [[0.25, 0.75], [0.5, 0.5]]
    _, call = FUNCTIONS[function]
    results, expected = call(mapped), call(np.array(mapped))
    for result, same in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, same)


def test_a_parameter_and_the_tensors_of_traced_and_mapped_programs_are_tensors():
    x = torch.nn.Parameter(torch.eye(2))
    check.tensors(x=x)
    with FakeTensorMode() as mode:
        check.tensors(x=mode.from_tensor(x), y=torch.ones(2))

    def passes(x):
        check.tensors(x=x)
        check.floats(x=x)
        return x.sum()

    assert torch.vmap(passes)(x).tolist() == [1, 1]
    assert torch.func.grad(passes)(x.detach()).tolist() == [[1, 1], [1, 1]]
    assert torch.func.functionalize(passes)(x.detach()) == 2
    assert torch.compile(passes, backend="eager", fullgraph=True)(x) == 2


@pytest.mark.parametrize("value", [None, [1.0], np.ones(2), 1.0])
def test_a_module_names_what_is_no_tensor(value):
    with pytest.raises(TypeError, match=f"y must be a torch tensor, got {kind(value)}"):
        check.tensors(x=torch.ones(1), y=value)
    with pytest.raises(ValueError, match="one device, got x cpu, y meta"):
        check.tensors(x=torch.ones(1), y=torch.ones(1, device="meta"))


@pytest.mark.parametrize("flip", [lambda x: x[::-1], lambda x: x[:, ::-1], np.fliplr])
def test_masks_of_numpy_go_with_tensors_reversed_or_read_only(flip):
    mask = flip(np.tri(3, dtype=bool))
    x = torch.randn(3, 2)
    expected = attnlab.attention(x, x, x, mask=torch.from_numpy(mask.copy()))
    for same in (mask, np.broadcast_to(mask, (1, 3, 3))[0]):
        for one, other in zip(attnlab.attention(x, x, x, mask=same), expected, strict=True):
            assert torch.equal(one, other)
    assert torch.equal(
        attnlab.blockwise_attention(x, x, x, mask=mask),
        attnlab.blockwise_attention(x, x, x, mask=torch.from_numpy(mask.copy())),
    )


@pytest.mark.parametrize(
    "order", [np.arange(4), np.arange(3.0, -1, -1), np.arange(4)[::-1], [3, 2, 1, 0]]
)
def test_positions_reversed_or_read_only_go_with_tensors(order):
    x = torch.randn(4, 2)
    straight = torch.tensor([float(t) for t in order])
    expected = attnlab.rotary(x, straight)
    for same in (order, np.broadcast_to(order, (1, 4))[0], tuple(order)):
        assert torch.equal(attnlab.rotary(x, same), expected)


def test_a_mask_without_axes_is_one_for_all():
    for array in (np.asarray, torch.from_numpy):
        scores = array(np.ones((2, 2)))
        assert attnlab.softmax(scores, mask=array(np.array(False))).tolist() == [[0, 0], [0, 0]]


def test_a_bias_has_the_dtype_of_the_scores_and_broadcasts_to_them():
    scores, bias = torch.ones(2, 3, 4), torch.ones(3, 1)
    assert check.as_bias(bias, (2, 3, 4), scores).shape == (1, 3, 1)
    with pytest.raises(TypeError, match=r"got bias torch\.float64, scores torch\.float32"):
        check.as_bias(bias.double(), (2, 3, 4), scores)
    with pytest.raises(ValueError, match=r"bias of shape \(3, 1\) does not broadcast.*\(2, 4, 4\)"):
        check.as_bias(bias, (2, 4, 4), scores)


def test_nan_is_named_with_its_place():
    logits = np.zeros((2, 3))
    contents.not_nan(logits=logits, others=torch.full((2,), -torch.inf))
    logits[1, 2] = np.nan
    for array in (np.asarray, torch.from_numpy):
        with pytest.raises(ValueError, match=r"y must not be NaN, got NaN at index \(1, 2\)"):
            contents.not_nan(x=array(np.zeros(2)), y=array(logits))


def test_truth_is_known_where_a_value_can_be_read():
    assert contents.truth(np.bool_(True)) is contents.truth(torch.tensor(True)) is True
    assert (
        contents.truth(np.array(False)) is contents.truth(torch.tensor(False), wait=True) is False
    )
    for wait in (False, True):
        assert contents.truth(torch.tensor(True, device="meta"), wait=wait) is None
        with FakeTensorMode() as mode:
            assert contents.truth(mode.from_tensor(torch.tensor(True)), wait=wait) is None
    found = []
    torch.vmap(lambda x: found.append(contents.truth(x > 0)) or x)(torch.ones(2))
    assert found == [None]


def test_a_value_is_a_number_of_pythons():
    for one in (np.float32(0.5), np.array([0.5]), torch.tensor(0.5), torch.tensor([0.5])):
        assert type(contents.value(one)) is float and contents.value(one) == 0.5
    for wait in (False, True):
        assert contents.value(torch.tensor(0.5, device="meta"), wait=wait) is None


@pytest.mark.parametrize(
    ("lead", "shapes"),
    [
        ((), [(1, 2), (3, 4)]),
        ((2, 3), [(2, 1, 1, 2), (3, 5, 6), (8, 9)]),
        ((0,), [(1, 1, 2), (0, 3, 4)]),
    ],
)
def test_leading_axes_broadcast_as_numpys_do(lead, shapes):
    arrays = {f"x{i}": np.empty(shape) for i, shape in enumerate(shapes)}
    assert check.leading(**arrays) == lead
    arrays["y"] = np.empty((7, *((1,) * len(lead)), 1, 1))
    assert check.leading(**arrays) == (7, *lead)


def test_division_by_what_the_precision_rounds_to_0_or_infinity():
    for dtype in (np.float32, np.float64):
        limits = np.finfo(dtype)
        x = np.array([0, limits.smallest_subnormal, limits.max], dtype)
        for array in (np.asarray, torch.from_numpy):
            with np.errstate(over="ignore"):
                by_little, by_much = (check.divided(array(x), by) for by in (5e-324, 10**400))
            assert by_little[0] == by_much[0] == 0
            assert by_little[1] >= 1 and by_little[2] == np.inf
            assert by_much[2] <= 1 and by_little.dtype == array(x).dtype
            assert check.divided(array(x), np.float32(4)).tolist() == (array(x) / 4).tolist()
    assert check.divided(np.ones(1, np.float32), 1e300).tolist() == [0]
