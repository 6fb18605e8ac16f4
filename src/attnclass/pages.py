"""Pages of a few kilobytes: a student's feedback, the class report, answers for a person to mark.

All that comes from a submission is text, and is shown as text.
"""

import html
import json
import re
from collections import Counter, defaultdict
from string import Template

from .assignment import Assignment, write
from .gradebook import Grade
from .verdicts import Marked

STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
color-scheme: light dark } h2 { margin-top: 2rem } pre { border-left: 3px solid #888;
padding: .6rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top;
overflow-wrap: anywhere }
.bar { display: flex; height: .8rem; min-width: 3rem } .bar i { display: block }
.passed { background: #2a7f62 } .failed { background: #c2553a } .none { background: #999 }
.written { background: #5b6fb5 }"""
PAGE = Template("""\
<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title><style>$style</style>
<h1>$title</h1>
$body
</html>
""")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MARKS = {"passed": "✓ right", "failed": "✗ not right", "not attempted": "○ not attempted",
         "written": "✎ marked by a person"}  # fmt: skip
FEEDBACK = "{assignment}: feedback for {name}"
SUM = "<p><strong>{total:g} of {most:g} points</strong></p>"
LATE = "<p>Days begun after the date: {days}. What that costs is taken off.</p>"
LEFT = "<p>A person has still to mark what you wrote: those points are not in the sum yet.</p>"
WORTH = "<p>{mark} · {points:g} of {most:g} points</p>"
TO_MARK = "<p>{mark} · up to {most:g} points, which a person gives</p>"
REPORT = "{assignment}: the class"
HANDED_IN = "<p>{n} of {all} students handed something in. Boxed by: {rung}.</p>"
TABLE = """\
<table><tr><th>Exercise</th><th>right</th><th>tried</th><th></th></tr>
{rows}
</table>"""
HINTS = "<h2>What wrong answers were told</h2>\n{tables}"
WRITTEN = "{assignment}: answers in writing"


def write_feedback(assignment: Assignment, marked: Marked, grade: Grade, file_name: str) -> None:
    """A student's page: points, what was said of each answer, and the answer."""
    parts = [SUM.format(total=grade.total, most=sum(assignment.points.values()))]
    if grade.days_late:
        parts.append(LATE.format(days=grade.days_late))
    if None in grade.points.values():
        parts.append(LEFT)
    parts += [f"<p>{_text(remark)}</p>" for remark in marked.remarks]
    for chapter in assignment.kits:
        for each in assignment.exercises(chapter, marked.student):
            said, points = marked.results[each.name], grade.points[each.name]
            words = TO_MARK if points is None else WORTH
            mark, most = MARKS[said["status"]], assignment.points[each.name]
            parts.append(f"<h2>{_text(each.title)}</h2>")
            parts.append(words.format(mark=mark, points=points, most=most))
            parts.append(f"<p>{_text(said['message'])}</p>")
            if said["answer"]:
                parts.append(f"<pre>{_text(said['answer'])}</pre>")
    name = grade.student.name or grade.student.id
    title = FEEDBACK.format(assignment=assignment.name, name=name)
    _write_page(assignment, f"feedback/{file_name}.html", title, parts)


def write_report(assignment: Assignment, marked: list[Marked], rung: str) -> None:
    """The class's page, and the same numbers as JSON: what was right, and what was told."""
    counts = {
        name: Counter(each.results[name]["status"] for each in marked) for name in assignment.points
    }
    hints: dict[str, Counter[str]] = defaultdict(Counter)
    for each in marked:
        for name, said in each.results.items():
            if said["status"] == "failed":
                hints[name][said["message"]] += 1
    handed_in = sum(
        any(said["status"] != "not attempted" for said in each.results.values()) for each in marked
    )
    rows, tables = [], []
    for chapter in assignment.kits:
        for each in assignment.exercises(chapter):
            count = counts[each.name]
            tried = len(marked) - count["not attempted"]
            cells = each.title, f"{count['passed']}", f"{tried}"
            bar = "".join(
                f'<i class="{kind}" style="flex: {count[status]}"></i>'
                for kind, status in (
                    ("passed", "passed"), ("written", "written"), ("failed", "failed"),
                    ("none", "not attempted"),
                )
            )  # fmt: skip
            rows.append(
                "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
                + f'<td><div class="bar">{bar}</div></td></tr>'
            )  # fmt: skip
            if told := hints[each.name].most_common():
                lines = [f"<tr><td>{n}</td><td>{_text(hint)}</td></tr>" for hint, n in told]
                tables.append(f"<h3>{_text(each.title)}</h3>\n<table>{''.join(lines)}</table>")
    parts = [HANDED_IN.format(n=handed_in, all=len(marked), rung=rung)]
    parts += [TABLE.format(rows="\n".join(rows)), HINTS.format(tables="\n".join(tables))]
    _write_page(assignment, "report.html", REPORT.format(assignment=assignment.name), parts)
    told = {
        "students": len(marked), "handed in": handed_in, "box": rung,
        "exercises": {
            name: {**count, "hints": dict(hints[name].most_common())}
            for name, count in counts.items()
        },
    }  # fmt: skip
    write(assignment.folder / "report.json", json.dumps(told, ensure_ascii=False, indent=1))


def write_answers(assignment: Assignment, marked: list[Marked]) -> None:
    """The answers in writing, by exercise, with the points by which they are marked."""
    parts = []
    for chapter in assignment.kits:
        for each in assignment.exercises(chapter):
            if not each.is_written:
                continue
            parts.append(f"<h2>{_text(each.title)}</h2>")
            points = "".join(f"<li>{_text(point)}</li>" for point in each.rubric)
            parts.append(f"<p><code>{_text(each.name)}</code></p><ol>{points}</ol>")
            for student in marked:
                said = student.results[each.name]
                if said["status"] == "written":
                    parts.append(f"<h3>{_text(student.student)}</h3>")
                    if each.name in (drawn := assignment.variant_of(student.student)).drawn:
                        parts.append(f"<p>{_text(drawn.asked(each.name).task)}</p>")
                    parts.append(f"<pre>{_text(said['answer'])}</pre>")
    if parts:
        title = WRITTEN.format(assignment=assignment.name)
        _write_page(assignment, "written.html", title, parts)


def _write_page(assignment: Assignment, name: str, title: str, parts: list[str]) -> None:
    content = PAGE.substitute(title=_text(title), style=STYLE, body="\n".join(parts))
    write(assignment.folder / name, content)


def _text(words: str) -> str:
    """Text for a page, in which no sign is a tag's, and none turns the others round."""
    return html.escape(_UNSAFE.sub("\ufffd", words.replace("\r\n", "\n")))
