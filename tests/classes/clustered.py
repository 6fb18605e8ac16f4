"""A class that Dask's local cluster marks: `python -m tests.classes.clustered`, where Dask is.

Its executor is the one that gradebook.md shows.
"""

import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from attnclass.__main__ import main as attnclass
from attnclass.box import best
from attnclass.kits import kit_in
from tests.book.books import ROOT
from tests.classes import built, made

PAGE = (ROOT / "book" / "instructors" / "gradebook.md").read_text("utf-8")
DUE = "2027-02-01T23:59+01:00"
RIGHT = "Dask: {n} submissions, all marks right, in a box of the rung {rung}"


def main(n: int = 6) -> int:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        kits = built.kits("heads", folder=place / "built")
        handed_in = [*made.submissions(kit_in(kits / "heads"), n, seed=3)]
        (shown,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        (place / "mycluster.py").write_text(shown)
        os.chdir(place)
        (place / "in").mkdir()
        for each in handed_in:
            (place / "in" / f"{each.student}.ipynb").write_bytes(each.content)
        roster = place / "roster.csv"
        roster.write_text("id\n" + "".join(f"{each.student}\n" for each in handed_in))
        hw = str(place / "hw")
        attnclass(["new", hw, "--chapters", "heads", "--due", DUE, "--kits", str(kits)])
        status = attnclass([
            *("grade", hw, str(place / "in"), "--roster", str(roster), "--jobs", "2"),
            *("--executor", "mycluster:make"),
        ])  # fmt: skip
        wrong = [] if status else made.wrong_marks(handed_in, place / "hw" / "results")
        os.chdir(ROOT)
    if status or wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    print(RIGHT.format(n=n, rung=best(trust=False)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
