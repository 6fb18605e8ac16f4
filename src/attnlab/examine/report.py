"""What an examination found, on one screen, in a notebook, or as JSON."""

import html
import json
import textwrap
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["fault", "remark", "held", "skipped", "left out"]


@dataclass(frozen=True)
class Finding:
    """What one check came to.

    `figure` and `threshold` are shares of the outputs' spread, unless the sentence says otherwise.
    """

    check: str
    verdict: Verdict
    said: str
    figure: float | None = None
    threshold: float | None = None
    likely: tuple[str, ...] = ()
    page: str | None = None


@dataclass(frozen=True)
class Report:
    """All findings; it prints as one screen, and a notebook shows it as a table.

    `ok` is true where no check found a fault and at least one held: remarks, and what was skipped
    or left out, don't count.

    >>> Report("Model", (Finding("the future", "held", "No output moved."),), 0.1).ok
    True
    """

    model: str
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.of("fault") and bool(self.of("held"))

    def __bool__(self) -> bool:
        return self.ok

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings of one verdict, in the order of the checks."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def found(self) -> list[str]:
        """The names of the checks that found a fault, each once."""
        return list(dict.fromkeys(finding.check for finding in self.of("fault")))

    @property
    def headline(self) -> str:
        n_faults, left = len(self.of("fault")), len(self.of("left out"))
        held = len({finding.check for finding in self.of("held")})
        which = min(n_faults, 2) if n_faults else "nothing" if not held else "left" if left else 0
        return HEADLINES[which].format(model=self.model, n=n_faults, held=held, left=left)

    def __str__(self) -> str:
        lines = [self.headline, ""]
        for finding in (*self.of("fault"), *self.of("remark")):
            lines += [f"{MARKS[finding.verdict]} {finding.check}", *_wrapped(finding.said)]
            lines += [line for mistake in finding.likely for line in _wrapped("– " + mistake)]
            if finding.page:
                lines += _wrapped(PAGE.format(page=finding.page))
        held = list(dict.fromkeys(finding.check for finding in self.of("held")))
        if held:
            lines += _wrapped(HELD.format(checks=" · ".join(held)), "")
        for finding in self.of("skipped"):
            lines += _wrapped(SKIPPED.format(check=finding.check, why=finding.said), "")
        for finding in self.of("left out"):
            lines += _wrapped(LEFT_OUT.format(check=finding.check, why=finding.said), "")
        return "\n".join(lines)

    def to_json(self) -> str:
        """The report as JSON: the model, `ok`, the seconds, and all fields of each finding."""
        findings = [asdict(finding) for finding in self.findings]
        head = {"model": self.model, "ok": self.ok, "seconds": round(self.seconds, 3)}
        return json.dumps({**head, "findings": findings}, indent=1, ensure_ascii=False)

    def _repr_html_(self) -> str:
        rows = []
        for finding in sorted(self.findings, key=lambda f: ORDER.index(f.verdict)):
            likely = "".join(f"<li>{html.escape(mistake)}</li>" for mistake in finding.likely)
            page = f"<p>{html.escape(PAGE.format(page=finding.page))}</p>" if finding.page else ""
            rows.append(
                f"<tr><td>{MARKS[finding.verdict]}</td><td>{html.escape(finding.check)}</td>"
                f'<td style="text-align:left">{html.escape(finding.said)}'
                f"{likely and f'<ul>{likely}</ul>'}{page}</td></tr>"
            )
        return (
            f"<p><strong>{html.escape(self.headline)}</strong></p>"
            f"<table><tbody>{''.join(rows)}</tbody></table>"
        )


WIDTH = 76  # characters, as many as a page of the book has room for
ORDER: tuple[Verdict, ...] = ("fault", "remark", "held", "skipped", "left out")
MARKS = {"fault": "✗", "remark": "!", "held": "✓", "skipped": "–", "left out": "…"}
HEADLINES = {
    0: "{model}: no fault found; checks that held: {held}.",
    "left": "{model}: no fault found in what was asked; checks that held: {held}, and that were "
    "left out for want of time: {left}.",
    1: "{model}: one fault.",
    2: "{model}: {n} faults.",
    "nothing": "{model}: nothing could be examined.",
}
PAGE = "More on this in “Attention by Experiment”, {page}."
HELD = "✓ held: {checks}"
SKIPPED = "– skipped, {check}: {why}"
LEFT_OUT = "… left out for want of time, {check}: {why}"


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    """Lines of at most `WIDTH` characters."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
