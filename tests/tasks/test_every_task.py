"""What holds for the batches of every task: their sizes, splits, generators and devices."""

import dataclasses

import numpy as np
import pytest
import torch

from attnlab.tasks.copying import copy_batches, copy_tokens
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.tasks.lookups import Lookups
from attnlab.tasks.places import Places
from attnlab.tasks.rearrange import Copy, Reverse, Sort
from attnlab.tasks.recall import AssociativeRecall, Recall

TASKS = [
    Recall(3), Recall((1, 9)), AssociativeRecall(4), Lookups(), Places(), Copy(), Reverse(), Sort(),
    Dates(), Grammar(),
]  # fmt: skip
every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)


def tensors(batch):
    if dataclasses.is_dataclass(batch):
        return [getattr(batch, field.name) for field in dataclasses.fields(batch)]
    return list(batch)


def drawn(task, size=3, seed=5, **options):
    return tensors(task.batch(size, generator=torch.Generator().manual_seed(seed), **options))


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@every_task
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_generator_decides_all(task, split):
    assert same(drawn(task, split=split), drawn(task, split=split))
    assert not same(drawn(task, 50, split=split), drawn(task, 50, seed=6, split=split))


@every_task
def test_batches_are_on_the_cpu_whatever_the_default_device(task):
    expected = drawn(task)
    torch.manual_seed(5)
    fresh = tensors(next(task.batches(3)))
    with torch.device("meta"):
        assert same(drawn(task), expected)
        torch.manual_seed(5)
        assert same(tensors(next(task.batches(3))), fresh)


@every_task
@pytest.mark.parametrize("number", [np.int64, np.int8, np.uint8])
def test_a_size_may_be_numpys(task, number):
    assert same(drawn(task, number(100)), drawn(task, 100))


@every_task
@pytest.mark.parametrize(
    ("size", "options", "error", "message"),
    [
        (0, {}, ValueError, "size must be at least 1, got 0"),
        (-1, {}, ValueError, "size must be at least 1, got -1"),
        (2.0, {}, TypeError, "size must be an integer, got float"),
        (True, {}, TypeError, "size must be an integer, got bool"),
        ("2", {}, TypeError, "size must be an integer, got str"),
        (None, {}, TypeError, "size must be an integer, got NoneType"),
        (2, {"split": "dev"}, ValueError, "split must be one of 'train', 'test'.*; got 'dev'"),
        (2, {"split": None}, ValueError, "split must be one of 'train', 'test'.*; got None"),
        (2, {"split": ["test"]}, ValueError, "split must be one of .*; got .'test'."),
        (2, {"generator": 3}, TypeError, r"generator must be a torch\.Generator, got int"),
        (2, {"generator": np.random.default_rng(0)}, TypeError, r"a torch\.Generator, got numpy"),
    ],
)
def test_wrong_batches(task, size, options, error, message):
    with pytest.raises(error, match=message):
        task.batch(size, **options)


@every_task
@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_wrong_sizes_are_refused_before_the_first_batch(task, size, error):
    with pytest.raises(error, match="size must be"):
        task.batches(size)


SIZES = [
    (Recall, {"distance": 2, "n_items": 3, "n_symbols": 100}),
    (Recall, {"distance": 100, "n_items": 4, "n_symbols": 100}),
    (AssociativeRecall, {"n_pairs": 3, "n_keys": 100, "n_values": 100}),
    (Lookups, {"n_lookups": 2, "n_pairs": 5, "n_keys": 100, "n_values": 100}),
    (Copy, {"min_len": 5, "max_len": 127, "n_symbols": 125}),
    (Reverse, {"min_len": 5, "max_len": 127, "n_symbols": 125}),
    (Sort, {"min_len": 5, "max_len": 127, "n_symbols": 125}),
]


@pytest.mark.parametrize("number", [np.int8, np.uint8, np.int64])
@pytest.mark.parametrize(("make", "sizes"), SIZES)
def test_settings_may_be_numpys(make, sizes, number):
    """Sums of small ones would overflow."""
    task = make(**{name: number(size) for name, size in sizes.items()})
    assert task == make(**sizes)
    assert same(drawn(task), drawn(make(**sizes)))


@pytest.mark.parametrize("wrong", [2.0, True, "3", None, [3]])
@pytest.mark.parametrize(
    ("make", "name"), [(make, name) for make, sizes in SIZES for name in sizes]
)
def test_settings_are_integers(make, name, wrong):
    sizes = next(sizes for known, sizes in SIZES if known is make)
    with pytest.raises(TypeError, match=f"{name} must be an integer, got {type(wrong).__name__}"):
        make(**sizes | {name: wrong})


def test_copied_tokens_are_like_the_batches_of_tasks():
    torch.manual_seed(5)
    expected, fresh = copy_tokens(3, size=100), next(copy_batches(9, size=2))
    with torch.device("meta"):
        torch.manual_seed(5)
        assert torch.equal(copy_tokens(np.int8(3), size=np.int8(100)), expected)
        assert torch.equal(next(copy_batches(np.int8(9), size=2)), fresh)
    for make, name in (
        (lambda x: copy_tokens(x, size=2), "n"),
        (lambda x: copy_tokens(2, size=x), "size"),
        (lambda x: copy_batches(x, size=2), "max_n"),
        (lambda x: copy_batches(2, size=x), "size"),
    ):
        for wrong, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
            with pytest.raises(error, match=f"^{name} must be"):
                make(wrong)
