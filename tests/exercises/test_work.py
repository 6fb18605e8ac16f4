"""What a checker gets of a learner's function: it can spoil nothing, and only it is blamed."""

import sys
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.exercises.hint import Hint
from attnlab.exercises.work import Raised, Work

X = np.arange(6.0).reshape(2, 3)
CHANGED = "`f` changes `x` in place: leave it as it comes in, work on a copy"


def told(function, *args, **settings) -> str:
    with pytest.raises(Hint) as hint:
        Work("f", function)(*args, **settings)
    return str(hint.value)


def set_first(x):
    x[0] = 7


def extend(x):
    x.append(3)


def fill(x):
    x["y"] = 1


def reshape(x):
    x.shape = (3, 2)


def fill_below(x):
    x[0][0] += 1


def retype(x):
    x.dtype = np.int64


@pytest.mark.parametrize(
    ("spoil", "x"),
    [
        (set_first, X.copy()),
        (set_first, X[::-1]),
        (set_first, torch.tensor(X)),
        (set_first, torch.tensor(X) > 2),
        (set_first, torch.ones(3, dtype=torch.bfloat16)),
        (set_first, [1, 2]),
        (set_first, np.array([None, "a"])),
        (extend, [1, 2]),
        (fill, {"x": 1}),
        (lambda x: x.add(3), {1, 2}),
        (lambda x: x.sort(), np.array([3, 1])),
        (lambda x: x.clear(), [[1.0]]),
        (fill_below, [X.copy(), 2]),
        (fill_below, (X.copy(),)),
        (lambda x: x["a"].fill(3), {"a": X.copy()}),
        (reshape, X.copy()),
        (retype, X.copy()),
        (lambda x: x.put(0, np.nan), X.copy()),
        (lambda x: x.mul_(2), torch.tensor(X)),
        (lambda x: x.transpose_(0, 1), torch.tensor(X)),
    ],
)
def test_whoever_changes_what_comes_in_is_told(spoil, x):
    def f(x):
        spoil(x)
        return 0

    before = str(x)
    assert told(f, x) == CHANGED
    assert told(lambda y, x: f(x), 0, x) == CHANGED
    assert told(lambda y, x: f(x), 0, x=x) == CHANGED
    assert str(x) == before


@pytest.mark.filterwarnings("ignore:Setting the .* attribute has been deprecated")
@pytest.mark.parametrize("x", [X, X[0, ::-1], torch.tensor(X), np.array([np.nan, -0.0]), [1, X]])
def test_what_stays_as_it_was_is_no_matter(x):
    def f(x):
        y = x[:1]
        return y + y

    assert len(Work("f", f)(x)) >= 1


def test_an_argument_without_a_name():
    assert "changes its input in place" in told(lambda *given: given[1].fill(0), 1, X)


def test_a_module_is_compared_too():
    def zero(layer):
        nn.init.zeros_(layer.weight)

    layer = nn.MultiheadAttention(4, 2)
    assert "changes `layer` in place" in told(lambda layer: zero(layer.out_proj) or 1, layer)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda layer: layer.eval(), "`f` leaves `layer.training` at False, and it was True"),
        (lambda layer: layer.out_proj.eval(), "leaves `layer.out_proj.training` at False"),
        (lambda layer: layer.requires_grad_(False), "leaves `layer.in_proj_weight.requires_grad`"),
        (lambda layer: setattr(layer, "batch_first", True), "leaves `layer.batch_first` at True"),
        (lambda layer: setattr(layer, "num_heads", 4), "at 4, and it was 2: put it back"),
    ],
)
def test_how_a_module_is_set_must_stay(change, said):
    layer, other = nn.MultiheadAttention(4, 2), nn.MultiheadAttention(4, 2)
    assert said in told(lambda layer: [change(layer), 3][1], layer)
    assert "changes its input in place" in told(lambda *given: change(given[1]), 1, other)


def test_what_is_put_back_may_be_tried():
    layer = nn.MultiheadAttention(4, 2)
    assert Work("f", lambda layer: layer.eval() and layer.train() and 3)(layer) == 3


def test_a_change_may_be_what_is_asked_for():
    x = X.copy()
    Work("f", set_first, in_place=True)(x)
    assert (x[0] == 7).all()


def test_what_comes_back_is_a_copy_without_a_history():
    kept = np.zeros(3)
    work = Work("f", lambda: [kept])
    (got,) = work()
    kept[0] = 9
    assert got[0] == 0
    assert not Work("f", lambda x: x * 2)(torch.ones(2, requires_grad=True)).requires_grad
    assert Work("f", lambda x: x.requires_grad)(torch.ones(2, requires_grad=True)) is True


def test_functions_that_are_handed_over_give_no_view_away():
    def ask(f, x):
        y = f(x)
        y[:] = 0
        return torch.as_tensor(y)  # which takes no negative strides

    for reverse in (np.flip, partial(np.flip, axis=0), lambda x: x[::-1]):
        assert Work("ask", ask)(reverse, X).shape == (2, 3)
    assert Work("ask", lambda f, x: f(x))(np.sin, 0.0) == 0


def stop(x):
    raise SystemExit


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: x.nothing, "`f` raised AttributeError: 'numpy.ndarray' object has no attribute"),
        (lambda: 1, "`f` raised TypeError: "),
        (stop, "`f` raised SystemExit"),
        (lambda x: sys.exit(3), "`f` raised SystemExit: 3"),
        (lambda x: (_ for _ in ()).throw(GeneratorExit), "`f` raised GeneratorExit"),
        (lambda x: (_ for _ in ()).throw(Hint("my own hint")), "`f` raised Hint: my own hint"),
        (lambda x: (_ for _ in ()).throw(ValueError("one\ntwo")), "`f` raised ValueError: one"),
    ],
)
def test_what_the_function_raises_is_told(function, said):
    message = told(function, X)
    assert message.startswith(said) and "\n" not in message


def test_an_endless_recursion_ends():
    def f(x):
        return f(x)

    assert told(f, 1).startswith("`f` raised RecursionError")


def test_a_checker_may_ask_what_was_raised():
    with pytest.raises(Raised) as raised:
        Work("f", lambda: 1 / 0)()
    assert isinstance(raised.value.error, ZeroDivisionError)


def test_it_runs_quietly():
    with pytest.raises(RuntimeWarning):
        np.exp(np.array(1e9))
    assert Work("f", lambda x: np.exp(x) / 0)(np.array([1e9]))[0] == np.inf


@pytest.mark.parametrize("value", [42, "f", X, None, ...])
def test_what_is_no_function(value):
    with pytest.raises(Hint, match="`f` should be a function; got"):
        Work("f", value)


def test_a_widget_can_be_set_where_the_exercise_asks_to():
    w = ScalingWidget()

    def f(w):
        w.d_k = 7
        return w.d_k

    def g(w):
        w.d_k, before = 9, w.d_k
        w.scaled = True
        w.d_k = before

    assert Work("f", f, sets=("d_k",))(w) == 7
    assert told(g, w) == "`f` leaves `w.scaled` at True, and it was False: put it back"
    w.close()
