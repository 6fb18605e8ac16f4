"""What the surveys found, as a page and as JSON lines.

    python -m tools.survey.page OUT.jsonl ...

Takes what `python -m tools.survey` wrote, in each of its environments, and writes `released.md` and
`released.jsonl` beside this file.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from tools.survey.known import explained

HERE = Path(__file__).parent
HEADINGS = {
    "fault": "**Faults:**",
    "limit": "**Limits,** which a documentation or a warning states:",
    "by design": "**By design:**",
    "not looked into": "**Not looked into:**",
}
ENTRY = "- {models} ({libraries}), found by {checks}. {why}"
COUNTS = ("examined", "hold", "flagged", "in part", "not made")


def page(rows: list[dict[str, Any]]) -> str:
    """The counts and the reasons of what was flagged, as Markdown."""
    version = torch.__version__.split("+")[0]
    lines = [
        f"Made by `python -m tools.survey`, last on {datetime.now(UTC):%Y-%m-%d}, with torch "
        f"{version} on a CPU. Models are tiny, weights are drawn at random, nothing is "
        "downloaded. “In part” is what was too slow to be asked of the future.",
        "",
        f"| library | {' | '.join(COUNTS)} |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    of = by_library(rows)
    for library, group in of.items():
        flagged, held, part, missing = sort(group)
        counts = len(group) - len(missing), *map(len, (held, flagged, part, missing))
        lines.append(f"| {library} | {' | '.join(map(str, counts))} |")
    for kind, heading in HEADINGS.items():
        reasons = _by_reason(of, kind)
        lines += ["", heading, "", *reasons] if reasons else []
    return "\n".join([*lines, ""])


def _by_reason(of: dict[str, list[dict[str, Any]]], kind: str) -> list[str]:
    """A line for each reason of a kind: where it was found, by which checks, and the reason."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for library, group in of.items():
        for row in sort(group)[0]:
            for check, _ in row["faults"]:
                what, why = explained(row, check)
                if what == kind:
                    where = found.setdefault(why, {"models": {}, "libraries": {}, "checks": {}})
                    where["models"][f"`{row['name']}`"] = None
                    where["libraries"][library] = None
                    where["checks"][f"*{check}*"] = None
    return [
        ENTRY.format(why=why, **{key: ", ".join(names) for key, names in where.items()})
        for why, where in found.items()
    ]


def lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same as JSON: whole where something was flagged, else the names."""
    out: list[dict[str, Any]] = []
    for library, group in by_library(rows).items():
        flagged, held, part, missing = sort(group)
        out += [
            {"library": library, "name": row["name"], "faults": row["faults"]} for row in flagged
        ]
        out.append({"library": library, "hold": [row["name"] for row in held]})
        asked = flagged + held + part
        for key in ("left out", "no answer"):
            which = {row["name"]: [check for check, _ in row[key]] for row in asked}
            out.append({"library": library, key: {k: v for k, v in which.items() if v}})
        errors = {row["name"]: row["error"][:160] for row in missing}
        out.append({"library": library, "not made": errors})
    return out


def by_library(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each library and version; of a model that was examined twice, the last."""
    last = {(f"{row['library']} {row['version']}", row["name"]): row for row in rows}
    groups: dict[str, list[dict[str, Any]]] = {}
    for (library, _), row in sorted(last.items()):
        groups.setdefault(library, []).append(row)
    return groups


def sort(rows: list[dict[str, Any]]) -> tuple[list, list, list, list]:
    """Those with faults, those without, those not asked of the future, and those not made."""
    missing = [row for row in rows if "error" in row]
    flagged = [row for row in rows if row.get("faults")]
    rest = [row for row in rows if row not in missing and row not in flagged]
    held = [row for row in rest if "the future" in row["held"]]
    return flagged, held, [row for row in rest if row not in held], missing


if __name__ == "__main__":
    texts = [Path(path).read_text(encoding="utf-8") for path in sys.argv[1:]]
    read = [json.loads(line) for text in texts for line in text.splitlines()]
    (HERE / "released.md").write_text(page(read), encoding="utf-8")
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines(read))
    (HERE / "released.jsonl").write_text(text, encoding="utf-8")
