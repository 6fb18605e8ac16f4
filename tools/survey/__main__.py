"""Examine released models, each in a process of its own.

    python -m tools.survey OUT.jsonl [parts of names]

Examines the libraries that are installed, of transformers and those of `others`. Writes a line of
JSON for each class: what was found, or why there was nothing to examine.
"""

import json
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from attnlab.examine import examine
from tools.survey import others, tiny

SECONDS = 40  # for an examination
LIMIT = 100  # for a class, with its making


def libraries() -> dict[str, Iterator[tuple[str, Callable[[], dict]]]]:
    """The libraries that are installed here: their models, by name, each with what makes it."""
    every = {"transformers": tiny.of_transformers} | others.LIBRARIES
    return {name: of() for name, of in every.items() if _installed(name)}


def _installed(library: str) -> bool:
    try:
        version(library)
    except PackageNotFoundError:
        return False
    return True


def survey(out: Path, only: list[str]) -> None:
    with out.open("w", encoding="utf-8") as lines:
        for library, models in libraries().items():
            for name, make in models:
                if not only or any(part in name for part in only):
                    row = {"library": library, "version": version(library), "name": name}
                    row |= _apart(make)
                    lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                    lines.flush()
                    print(name, row.get("error") or row["faults"] or "holds", flush=True)


def _apart(make: Callable[[], dict]) -> dict[str, Any]:
    """What a process of its own finds within its time."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_examine, args=(make, there))
    process.start()
    there.close()
    try:
        if not here.poll(LIMIT):
            return {"error": f"not done after {LIMIT} s"}
        return here.recv()
    except EOFError:
        return {"error": "the process ended without an answer"}
    finally:
        process.kill()
        process.join()


def _examine(make: Callable[[], dict], answer: Any) -> None:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # some print their configuration, or warn, at each call
        os.dup2(nowhere.fileno(), 2)
    try:
        report = examine(**make(), seconds=SECONDS)
    except Exception as error:  # a library may raise anything
        answer.send({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})
        return
    row: dict[str, Any] = {"seconds": round(report.seconds, 1)}
    for key, verdict in (("faults", "fault"), ("remarks", "remark"), ("left out", "left out")):
        row[key] = [[finding.check, finding.said] for finding in report.of(verdict)]
    row["held"] = list(dict.fromkeys(finding.check for finding in report.of("held")))
    row["no answer"] = [
        [finding.check, finding.said]
        for finding in report.of("skipped")
        if "no answer" in finding.said
    ]
    answer.send(row)


if __name__ == "__main__":
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    survey(Path(sys.argv[1]), sys.argv[2:])
