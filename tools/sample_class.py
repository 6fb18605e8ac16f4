"""A made-up class, from a chapter's page to a gradebook: `make class`.

It hands in for a class of *heads*, runs the commands that an instructor would type, showing each,
and compares all marks with those that were deserved. `python -m tools.sample_class 260 40` does it
for 260 honest students and 40 who attack.
"""

import json
import shlex
import shutil
import sys
import time
from pathlib import Path

from attnclass.__main__ import main as attnclass
from attnclass.kits import KITS, kit_of
from attnclass.verdicts import file_name
from tests.book.books import ROOT
from tests.classes import made

FOLDER = ROOT / "_build" / "class"
WRONG = "{student}, {exercise}: {status}, and should be {expected}"
AGREED = "All {n} marks of {students} students are what they should be: {seconds:.0f} seconds."


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
    _run("grade", FOLDER / "hw", FOLDER / "submissions", "--roster", roster)
    seconds = time.monotonic() - started
    wrong = [line for each in handed_in for line in _wrong(each)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if not wrong:
        n = sum(len(each.expected) for each in handed_in)
        print(AGREED.format(n=n, students=len(handed_in), seconds=seconds))
    return bool(wrong)


def _run(*words: str | Path) -> None:
    """Show a command, and run it."""
    given = [str(word.relative_to(ROOT)) if isinstance(word, Path) else word for word in words]
    print(f"$ attnclass {shlex.join(given)}", flush=True)
    if status := attnclass(given):
        sys.exit(status)


def _wrong(submission: made.Submission) -> list[str]:
    """The marks that are not what they should be."""
    kept = FOLDER / "hw" / "results" / f"{file_name(submission.student)}.json"
    results = json.loads(kept.read_text("utf-8"))["results"]
    return [
        WRONG.format(
            student=submission.student, exercise=name, status=results[name]["status"],
            expected=" or ".join(expected),
        )
        for name, expected in submission.expected.items()
        if results[name]["status"] not in expected
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
