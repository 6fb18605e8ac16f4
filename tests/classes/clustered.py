"""A class that Dask's local cluster marks: `python -m tests.classes.clustered`, where Dask is.

Its workers are processes that may have no children by `multiprocessing`, run jobs in threads, and
start in folders of their own.
"""

import sys
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, LocalCluster

from attnclass.__main__ import main as attnclass
from attnclass.box import best
from attnclass.kits import kit_in
from tests.classes import built, made

DUE = "2027-02-01T23:59+01:00"
RIGHT = "Dask: {n} submissions, all marks right, in a box of the rung {rung}"


def cluster(jobs: int) -> Executor:
    """What gradebook.md tells an instructor to write: here with two threads in each process."""
    workers = LocalCluster(n_workers=jobs, threads_per_worker=2, dashboard_address=None)
    return Client(workers).get_executor()


def main(n: int = 6) -> int:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        kits = built.kits("heads", folder=place / "built")
        handed_in = [*made.submissions(kit_in(kits / "heads"), n, seed=3)]
        (place / "in").mkdir()
        for each in handed_in:
            (place / "in" / f"{each.student}.ipynb").write_bytes(each.content)
        roster = place / "roster.csv"
        roster.write_text("id\n" + "".join(f"{each.student}\n" for each in handed_in))
        hw = str(place / "hw")
        attnclass(["new", hw, "--chapters", "heads", "--due", DUE, "--kits", str(kits)])
        status = attnclass([
            *("grade", hw, str(place / "in"), "--roster", str(roster), "--jobs", "2"),
            *("--executor", "tests.classes.clustered:cluster"),
        ])  # fmt: skip
        wrong = [] if status else made.wrong_marks(handed_in, place / "hw" / "results")
    if status or wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    print(RIGHT.format(n=n, rung=best(trust=False)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
