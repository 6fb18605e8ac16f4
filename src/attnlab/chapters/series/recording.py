"""Copy three series from statsmodels, and keep them beside this file.

    pip install 'attnlab[series]'
    python -m attnlab.chapters.series.recording     # a moment; rewrites series.json

Sources, all in the public domain by statsmodels' notes (statsmodels itself: BSD-3-Clause):

- `elnino`: sea surface temperature off Peru and Ecuador, 0–10° south and 80–90° west, degrees
  Celsius, each month from 1950 to 2010; NOAA, ERSST v3b, Niño 1+2.
- `sunspots`: mean number of a year, 1700 to 2008; NOAA's National Geophysical Data Center.
- `co2`: carbon dioxide at Mauna Loa, parts per million, 1958 to 2001; Keeling and Whorf (2004).
  The weeks that are there are averaged by month, and months without any are filled in straight.
"""

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np

SERIES_FILE = Path(__file__).parent / "series.json"
FIRST_MONTH, LAST_MONTH = (1958, 3), (2001, 12)  # of carbon dioxide


def table(name: str) -> list[list[str]]:
    """The rows of a data set of statsmodels, as text, without their heads.

    Raises:
        ModuleNotFoundError: statsmodels is not installed.
    """
    package = find_spec("statsmodels")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "the series come from statsmodels, which is not installed: "
            "pip install 'attnlab[series]'"
        )
    file = Path(package.origin).parent / "datasets" / name / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


def by_month(weeks: list[list[str]]) -> np.ndarray:
    """Means of the months from the first to the last, of weeks `[yyyymmdd, number or nothing]`."""
    found: dict[tuple[int, int], list[float]] = {}
    for date, number in weeks:
        if number:
            found.setdefault((int(date[:4]), int(date[4:6])), []).append(float(number))
    months = [(year, month) for year in range(1958, 2002) for month in range(1, 13)]
    months = [month for month in months if FIRST_MONTH <= month <= LAST_MONTH]
    known = [i for i, month in enumerate(months) if month in found]
    means = [np.mean(found[months[i]]) for i in known]
    return np.interp(np.arange(len(months)), known, means)


def record() -> None:
    """Write the file. Errors: ModuleNotFoundError where statsmodels is not installed."""
    series = {
        "elnino": [float(x) for year in table("elnino") for x in year[1:]],
        "sunspots": [float(number) for _, number in table("sunspots")],
        "co2": by_month(table("co2")).round(2).tolist(),
    }
    head = {
        "command": "python -m attnlab.chapters.series.recording",
        "source": "statsmodels 0.15.0 (elnino, sunspots, co2)",
        "license": "public domain",
    }
    SERIES_FILE.write_text(json.dumps({**head, "series": series}) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        record()
    except ModuleNotFoundError as missing:
        raise SystemExit(str(missing)) from None
