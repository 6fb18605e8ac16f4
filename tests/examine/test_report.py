"""What a report says, in each of its forms, and what the command makes of it."""

import json
import time

import pytest

from attnlab.examine import CHECKS, CannotExamine, assert_no_fault, examine
from attnlab.examine.__main__ import main
from attnlab.examine.report import Finding, Report
from tests.examine.models import IDS, Writer, translator


@pytest.fixture(scope="module")
def broken() -> Report:
    return examine(Writer(causal=False), IDS)


def healthy() -> tuple:
    return translator(), (IDS[:, :7], IDS)


def leaky() -> dict:
    return {"model": Writer(causal=False), "batch": IDS}


NOT_A_FACTORY = 3


def tuple_of_three() -> tuple:
    return 1, 2, 3


def test_a_report_says_the_worst_first(broken):
    text = str(broken)
    assert text.startswith("Writer: one fault.")
    assert text.index("✗ the future") < text.index("✓ held") < text.index("– skipped")
    assert all(len(line) <= 76 for line in text.splitlines())
    assert len(text.splitlines()) < 40
    assert not broken.ok and not broken and broken.found() == ["the future"]


def test_a_report_as_json(broken):
    read = json.loads(broken.to_json())
    assert read["ok"] is False and read["model"] == "Writer"
    first = next(f for f in read["findings"] if f["verdict"] == "fault")
    assert first["check"] == "the future" and first["figure"] > first["threshold"] > 0
    assert len(read["findings"]) == len(broken.findings)


def test_a_report_in_a_notebook_escapes_what_it_says():
    report = Report("<b>", (Finding("a", "fault", "x < y", likely=("<i>",), page="p"),), 0.0)
    shown = report._repr_html_()
    assert "&lt;b&gt;" in shown and "x &lt; y" in shown and "<i>" not in shown


def test_nothing_held_is_not_ok():
    report = Report("m", (Finding("a", "skipped", "no step"),), 0.0)
    assert not report.ok and "nothing could be examined" in str(report)


def test_assert_no_fault():
    assert assert_no_fault(*healthy()).ok
    with pytest.raises(AssertionError, match="✗ the future"):
        assert_no_fault(**leaky())
    with pytest.raises(CannotExamine):
        assert_no_fault(Writer(), None)


def test_checks_can_be_left_out():
    report = examine(Writer(causal=False), IDS, without=["the future"])
    assert report.ok and "– skipped, the future: it was left out by without=." in str(report)
    with pytest.raises(ValueError, match="without must be"):
        examine(Writer(), IDS, without=["future"])


def test_no_time_is_said(monkeypatch):
    now = [0.0]  # so that a busy machine tells the same
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Slow(Writer):
        def forward(self, ids, mask=None):
            now[0] += 1
            return super().forward(ids, mask)

    report = examine(Slow(), IDS, seconds=30)
    assert report.of("left out") and "no fault found in what was asked" in str(report)
    assert report.seconds < 40


def raises():
    raise KeyError("no configuration")


def unknown():
    return leaky() | {"strict": True}


def nothing():
    return leaky() | {"without": list(CHECKS)}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["tests.examine.test_report:healthy"], 0, "no fault found"),
        (["tests.examine.test_report:leaky"], 1, "one fault"),
        (["tests.examine.test_report:leaky", "--json"], 1, '"ok": false'),
        (["tests.examine.test_report:healthy", "--seconds", "30"], 0, "no fault found"),
        (["tests.examine.test_report"], 2, "package.module:name, got"),
        (["tests.examine.test_report:gone"], 2, "no 'gone' to import"),
        (["no.such.module:f"], 2, "no 'f' to import from 'no.such.module'"),
        (["tests.examine.test_report:NOT_A_FACTORY"], 2, "a function without arguments, got 3"),
        (["tests.examine.test_report:tuple_of_three"], 2, "must return (model, batch)"),
        (["tests.examine.test_report:raises"], 2, "raised KeyError"),
        (["tests.examine.test_report:leaky", "--seconds", "-1"], 2, "must be positive"),
        (["tests.examine.test_report:unknown"], 2, "unexpected keyword argument"),
        (["tests.examine.test_report:nothing"], 2, ""),
    ],
)  # fmt: skip
def test_the_command(arguments, code, said, capsys):
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert said in (err if code == 2 else out)


def test_a_report_is_true_in_a_condition():
    assert Report("m", (Finding("a", "held", "yes"),), 0.0)
