"""Speed and memory beside the peers, in one run of a quarter of an hour on a quiet machine.

    python -m benchmarks [core | attention | training | decoding | widgets | pages] …

Prints each line as soon as it is measured; a run of all parts is kept in benchmarks/results.md.
"""

import os
import platform
import sys
from pathlib import Path

from .timing import SETTINGS, with_settings

if __name__ == "__main__":
    with_settings()  # before torch is imported

import numpy as np
import torch

from .core import core
from .modules import attention, decoding, training
from .pages import pages
from .widgets import widgets

PARTS = {
    "core": core,
    "attention": attention,
    "training": training,
    "decoding": decoding,
    "widgets": widgets,
    "pages": pages,
}
RESULTS = Path(__file__).with_name("results.md")


def machine() -> str:
    """Where it was measured: what a ratio of times may depend on."""
    settings = ", ".join(f"`{name}={value}`" for name, value in SETTINGS.items())
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {torch.get_num_threads()} thread, "
        f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {np.__version__}; "
        f"{settings}. A ratio is a time beside the first line of its table."
    )


def main(names: list[str]) -> None:
    torch.manual_seed(0)
    lines = ["# Benchmarks", "", machine(), ""]
    print(*lines, sep="\n")
    for name in names or PARTS:
        for line in PARTS[name]():
            lines.append(line)
            print(line, flush=True)
        lines.append("")
        print(flush=True)
    if not names:
        RESULTS.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(PARTS):
        sys.exit(f"usage: python -m benchmarks [{' | '.join(PARTS)}] …, got {sorted(unknown)}")
    main(sys.argv[1:])
