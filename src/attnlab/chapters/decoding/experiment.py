"""Time one layer of attention, of a recurrent network and of a CNN, by length and by width.

    nice python -m attnlab.chapters.decoding.experiment     # two minutes

CPU time of one thread, forward only, one sequence. The layers take turns, so that a slow moment of
the machine falls on all of them; stored is the median of the rounds.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from attnlab import attention
from attnlab.nn.convolution import ConvStack
from attnlab.nn.recurrent import TanhRNN
from attnlab.stored import store
from attnlab.training.progress import Progress

LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)
WIDTHS = (16, 32, 64, 128, 256, 512)
ROUNDS = 9
LEAST = 0.006  # seconds: so long is each measurement at least


def layers(d: int) -> dict[str, Callable[[Tensor], object]]:
    """The three of width d; attention without its projections, as in the paper's table."""
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
def measure(n: int, d: int) -> list[dict]:
    x = torch.randn(1, n, d)
    three = layers(d)
    repeats = {name: int(LEAST / seconds(f, x, 2)) + 1 for name, f in three.items()}
    times = {name: [] for name in three}
    for _ in range(ROUNDS):
        for name, f in three.items():
            times[name].append(seconds(f, x, repeats[name]))
    return [
        {
            "layer": name, "n": n, "d": d, "multiplications": multiplications(f, x),
            "ms": round(1000 * statistics.median(times[name]), 4),
        }
        for name, f in three.items()
    ]  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes = [(n, d) for n in LENGTHS for d in WIDTHS]
    cells = []
    with Progress("sizes", len(sizes)) as progress:
        for n, d in sizes:
            cells += measure(n, d)
            progress.advance(f"n {n}, d {d}")
    store("decoding", {"rounds": ROUNDS}, cells=cells)


if __name__ == "__main__":
    main()
