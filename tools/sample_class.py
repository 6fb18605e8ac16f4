"""A made-up class, from a chapter's page to a gradebook: `make class`.

It hands in for a class of *heads*, runs the commands that an instructor would type, showing each,
and compares all marks with those that were deserved. `python -m tools.sample_class 260 40` does it
for 260 honest students and 40 who attack.
"""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil

from attnclass.__main__ import main as attnclass
from attnclass.kits import KITS, kit_of
from tests.book.books import ROOT
from tests.classes import made

FOLDER = ROOT / "_build" / "class"
AGREED = "All {n} marks of {students} students are what they should be: {seconds:.0f} seconds."
AT_ONCE = "At most {megabytes:.0f} MB at once, in markers and boxes."
EVERY = 0.2  # seconds, between two looks at how much that is


def main(honest: int = 12, hostile: int = 0) -> int:
    """Run the commands; 1 if a mark is not what it should be."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    handed_in = [*made.submissions(kit_of("heads", KITS), honest), *made.attacks(hostile)]
    for each in handed_in:
        if each.path:
            path = FOLDER / "submissions" / each.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(each.content)
    roster = FOLDER / "roster.csv"
    roster.write_text("".join(f"{x}\n" for x in ["id", *(each.student for each in handed_in)]))
    _run("new", FOLDER / "hw", "--chapters", "heads", "--due", "2027-02-01T23:59+01:00")
    started = time.monotonic()
    with _most_memory() as most:
        _run("grade", FOLDER / "hw", FOLDER / "submissions", "--roster", roster)
    seconds = time.monotonic() - started
    wrong = made.wrong_marks(handed_in, FOLDER / "hw" / "results")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if not wrong:
        n = sum(len(each.expected) for each in handed_in)
        print(AGREED.format(n=n, students=len(handed_in), seconds=seconds))
        print(AT_ONCE.format(megabytes=max(most) / 1e6))
    return bool(wrong)


def _run(*words: str | Path) -> None:
    """Show a command, and run it."""
    given = [str(word.relative_to(ROOT)) if isinstance(word, Path) else word for word in words]
    print(f"$ attnclass {shlex.join(given)}", flush=True)
    if status := attnclass(given):
        sys.exit(status)


@contextmanager
def _most_memory() -> Iterator[list[int]]:
    """How many bytes the processes below this one take, time after time; what is shared, once."""
    seen, ended = [0], Event()

    def look() -> None:
        while not ended.wait(EVERY):
            seen.append(sum(map(_memory, psutil.Process().children(recursive=True))))

    watch = Thread(target=look)
    watch.start()
    try:
        yield seen
    finally:
        ended.set()
        watch.join()


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:  # it has just ended
        return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
