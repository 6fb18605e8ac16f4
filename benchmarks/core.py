"""The functional core beside what people would write or call instead.

Every measurement returns rows; `core` makes tables of them.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from attnlab import attention, blockwise_attention, softmax

from .timing import Row, compare, table

rng = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


def softmax_by_hand(x: np.ndarray) -> np.ndarray:
    """The stable softmax that a careful NumPy user writes, in place from the second line on."""
    x = x - x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x


def numpy_softmax(shape: tuple[int, ...]) -> list[Row]:
    scores = normal(*shape)
    return compare(
        {"by hand, in place": lambda: softmax_by_hand(scores), "softmax": lambda: softmax(scores)},
        rounds=51,
        targets={"softmax": 1.05},
    )


def numpy_attention(shape: tuple[int, ...] = (8, 8, 512, 64)) -> list[Row]:
    q, k, v = (normal(*shape) for _ in range(3))

    def two_products() -> np.ndarray:
        return (q @ np.ascontiguousarray(k.swapaxes(-1, -2))) @ v

    def plain() -> tuple[np.ndarray, np.ndarray]:
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(np.float32(shape[-1]))
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights = weights / weights.sum(-1, keepdims=True)
        return weights @ v, weights

    return compare(
        {
            "its two matmuls": two_products,
            "plain expression": plain,
            "attention": lambda: attention(q, k, v),
        },
        targets={"attention": 1.4},
    )


def blockwise_time(causal: bool, n: int = 4096) -> list[Row]:
    import torch  # noqa: PLC0415 - the NumPy rows above run without torch

    q, k, v = (torch.from_numpy(normal(1, 8, n, 64)) for _ in range(3))
    kernel = torch.nn.functional.scaled_dot_product_attention
    with torch.no_grad():
        return compare(
            {
                "SDPA": lambda: kernel(q, k, v, is_causal=causal),
                "blockwise_attention": lambda: blockwise_attention(q, k, v, causal=causal),
            },
            rounds=7,
            targets={"blockwise_attention": 1.6},
        )


def blockwise_memory(n: int = 8192) -> str:
    """Peak resident memory of both, each in a process of its own (Linux)."""
    peaks = {}
    for name in ("attention", "blockwise_attention"):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            peaks[name] = process.submit(peak_memory, name, n).result()
    share = peaks["attention"] / peaks["blockwise_attention"]
    lines = [
        f"## Peak memory beyond the inputs, (1, 8, {n}, 64), float32",
        "",
        "| what | MiB |",
        "|---|--:|",
        *(f"| {name} | {peak:.0f} |" for name, peak in peaks.items()),
        "",
        f"1/{share:.0f} of the plain one (target: 1/100).",
    ]
    return "\n".join(lines)


def peak_memory(name: str, n: int) -> float:
    """MiB by which one call raises this process's resident memory at its highest."""
    import torch  # noqa: PLC0415

    call = {"attention": attention, "blockwise_attention": blockwise_attention}[name]
    q, k, v = (torch.from_numpy(normal(1, 8, n, 64)) for _ in range(3))
    with torch.no_grad():
        call(q[..., :8, :], k[..., :8, :], v[..., :8, :])  # the libraries' own start-up memory
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts again from here
        call(q, k, v)
    return _status("VmHWM") - before


def _status(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024


def core() -> Iterator[str]:
    for shape in [(512, 512), (8, 8, 128, 128), (8, 8, 512, 512)]:
        yield table(f"NumPy softmax, {shape}, float32", numpy_softmax(shape))
        yield ""
    yield table("NumPy attention, (8, 8, 512, 64), float32", numpy_attention())
    for causal in (False, True):
        title = f"Blocks beside the kernel, (1, 8, 4096, 64){', causal' if causal else ''}"
        yield ""
        yield table(title, blockwise_time(causal))
    yield ""
    yield blockwise_memory()
