"""What the chapter cannot measure while its page is built: a larger network, and layers' times.

    nice python -m attnlab.chapters.self_attention.experiment     # some eight minutes of one core

The `cells` give the recurrent network a larger state, a second layer and more steps, and ask it
again. The `times` are those of one layer of attention, of a recurrent network and of a CNN, by
length and by width: CPU time of one thread, forward only, one sequence. At each size the layers
take turns, so that a slow moment of the machine falls on all of them; stored is the median of the
rounds.

All is stored as it finishes, so the script can be stopped and started again; delete the result to
measure it anew.
"""

import statistics
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from attnlab import attention
from attnlab.chapters.self_attention.naming import Recurrent, accuracy, loss_of, sequences
from attnlab.nn.convolution import ConvStack
from attnlab.nn.recurrent import TanhRNN
from attnlab.stored import complete
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = (0, 1, 2)
LRS = (3e-3, 1e-2)
D_HIDDEN, N_LAYERS, STEPS = 128, 2, 3000

LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)
WIDTHS = (16, 32, 64, 128, 256, 512)
ROUNDS = 9
LEAST = 0.006  # seconds: so long is each measurement at least


def cells() -> Iterator[dict]:
    for lr in LRS:
        for seed in SEEDS:
            yield {"lr": lr, "seed": seed}


def measure(todo: dict) -> dict:
    """The cell, with the share of named tokens that are found."""
    seed_everything(todo["seed"])
    model = Recurrent(D_HIDDEN, N_LAYERS)
    data = (sequences(32) for _ in range(STEPS))
    schedule = linear_decay(STEPS, warmup_steps=100)
    fit(model, data, loss_of("named"), steps=STEPS, lr=todo["lr"], schedule=schedule)
    return {**todo, "named": round(accuracy(model, "named"), 3)}


def sizes() -> Iterator[dict]:
    for n in LENGTHS:
        for d in WIDTHS:
            yield {"n": n, "d": d, "seed": 0}


def layers(d: int) -> dict[str, Callable[[Tensor], object]]:
    """The three of width d; attention without its matrices, as in the paper's table."""
    return {
        "attention": lambda x: attention(x, x, x),
        "RNN": TanhRNN(d, d),
        "CNN": ConvStack(d, d, dilations=[1]),
    }


def seconds(layer: Callable, x: Tensor, repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        layer(x)
    return (time.process_time() - start) / repeats


def multiplications(layer: Callable, x: Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        layer(x)
    return counter.get_total_flops() // 2  # a multiplication and an addition each


@torch.no_grad()
def take_times(todo: dict) -> dict:
    """The size, with what each layer multiplies there, and the milliseconds it takes."""
    seed_everything(todo["seed"])
    x = torch.randn(1, todo["n"], todo["d"])
    three = layers(todo["d"])
    repeats = {name: int(LEAST / seconds(f, x, 2)) + 1 for name, f in three.items()}
    times = {name: [] for name in three}
    for _ in range(ROUNDS):
        for name, f in three.items():
            times[name].append(seconds(f, x, repeats[name]))
    return {
        **todo,
        "multiplications": {name: multiplications(f, x) for name, f in three.items()},
        "ms": {name: round(1000 * statistics.median(t), 4) for name, t in times.items()},
    }


if __name__ == "__main__":
    head = {"steps": STEPS, "d_hidden": D_HIDDEN, "n_layers": N_LAYERS, "rounds": ROUNDS}
    complete("self_attention", head, cells=(cells(), measure), times=(sizes(), take_times))
