"""A class is marked whole, whatever happens: stopped, resumed, marked again, two at once."""

import errno
import fcntl
import json
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from attnclass import grading
from attnclass.grading import GAVE_UP, grade_class
from attnclass.roster import Student
from attnclass.submissions import File, Found
from attnclass.verdicts import NOTHING_ELSE, WHY
from attnlab.exercises import Result
from tests.classes.places import disk, inside, needs_namespaces

NAMES = ("ann", "bob", "cyd", "dee")
STUDENTS = [Student(name) for name in NAMES]


@pytest.fixture
def marker(monkeypatch):
    """In the place of a box: says the same of every exercise, and counts whom it marks."""

    class Marker:
        says = "passed"
        marked: list[str] = []  # noqa: RUF012 - of one test alone

        def __call__(self, notebook, kit, names, rung, **settings):
            (answer,) = (source for _, source in notebook.cells)
            self.marked.append(answer)
            if answer == "raise":
                raise RuntimeError("of ours")
            return [Result(name, self.says, "") for name in names]

    Marker.marked = []
    monkeypatch.setattr(grading, "mark", marker := Marker())
    return marker


def handed_in(**answers: str) -> Found:
    """A notebook with one cell from each student named; from others, their own name."""
    found = Found()
    for name in NAMES:
        cell = {"cell_type": "code", "source": answers.get(name, name)}
        content = json.dumps({"cells": [cell], "metadata": {"attnclass": {"chapter": "heads"}}})
        found.by_student[name] = [File(f"{name}.ipynb", content.encode())]
    return found


def graded(assignment, found, **settings):
    settings = {"executor": ThreadPoolExecutor, **settings}
    return grade_class(assignment, STUDENTS, found, "no box", **settings)


def statuses(graded):
    return [{said["status"] for said in each.results.values()} for each in graded.marked]


def test_what_has_been_marked_is_not_marked_again(assignment, marker):
    graded(assignment, handed_in())
    assert sorted(marker.marked) == sorted(NAMES)
    again = graded(assignment, handed_in())
    assert len(marker.marked) == 4
    assert [each.student for each in again.marked] == list(NAMES)


def test_another_notebook_is_marked_and_the_change_has_a_reason(assignment, marker):
    graded(assignment, handed_in())
    marker.says = "failed"
    changes = graded(assignment, handed_in(bob="better")).changes
    assert marker.marked[4:] == ["better"]
    assert {(c.student, c.before, c.after, c.why) for c in changes} == {
        ("bob", "passed", "failed", WHY["notebooks"])
    }
    assert len(changes) == 8


def test_marking_again_says_what_is_otherwise_though_nothing_else_is(assignment, marker):
    graded(assignment, handed_in())
    assert not graded(assignment, handed_in(), again=True).changes
    marker.says = "failed"
    changes = graded(assignment, handed_in(), again=True).changes
    assert len(marker.marked) == 12
    assert {change.why for change in changes} == {NOTHING_ELSE}


def test_stopped_and_run_again_goes_on(assignment, marker):
    def stop(marked):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(assignment, handed_in(), tell=stop, jobs=1)
    kept = len([*(assignment.folder / "results").iterdir()])
    assert kept >= 1
    marker.marked.clear()
    assert statuses(graded(assignment, handed_in())) == [{"passed"}] * 4
    assert len(marker.marked) == 4 - kept


def test_half_a_verdict_on_the_disk_is_no_verdict(assignment, marker):
    graded(assignment, handed_in())
    for path in (assignment.folder / "results").iterdir():
        path.write_text(path.read_text()[:50])
    assert statuses(graded(assignment, handed_in())) == [{"passed"}] * 4
    assert len(marker.marked) == 8


def test_a_fault_of_the_marker_costs_one_student_a_look_and_nobody_else(assignment, marker):
    marks = graded(assignment, handed_in(cyd="raise"))
    assert statuses(marks) == [{"passed"}, {"passed"}, {"failed"}, {"passed"}]
    (remark,) = marks.marked[2].remarks
    assert "RuntimeError: of ours" in remark


def test_where_the_marker_failed_it_tries_again_and_there_alone(assignment, marker, monkeypatch):
    def full(*given, **settings):
        raise OSError(errno.ENOMEM, "no memory")

    with monkeypatch.context() as patched:
        patched.setattr(grading, "mark", full)
        assert statuses(graded(assignment, handed_in())) == [{"failed"}] * 4
    graded(assignment, handed_in(cyd="raise"))
    marker.marked.clear()
    again = graded(assignment, handed_in())
    assert marker.marked == ["cyd"]
    assert statuses(again) == [{"passed"}] * 4
    assert not any(each.remarks for each in again.marked)
    assert all(WHY["fault"] in change.why for change in again.changes) and again.changes


@needs_namespaces
def test_a_full_disk_stops_the_grader_and_loses_nothing(assignment, marker):
    results = assignment.folder / "results"
    results.mkdir()

    def fill_and_go_on():
        try:
            graded(assignment, handed_in())
        except OSError as error:
            reason = error.errno
        kept = {path.name for path in results.iterdir()}
        marker.marked.clear()
        disk("1m", results, again=True)
        return reason, kept, statuses(graded(assignment, handed_in())), len(marker.marked)

    reason, kept, marks, n = inside(lambda: disk("8k", results), fill_and_go_on)
    assert reason == errno.ENOSPC
    assert 0 < len(kept) < 4 and all(name.endswith(".json") for name in kept)
    assert marks == [{"passed"}] * 4
    assert n == 4 - len(kept), "what was kept is not marked again"


class Broken(ThreadPoolExecutor):
    """Ends, as a pool of processes does, when it is to mark bob."""

    def submit(self, function, job):
        if job.student != "bob":
            return super().submit(function, job)
        future = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_who_ends_the_marker_is_given_up_and_nobody_else(assignment, marker):
    marks = graded(assignment, handed_in(), executor=Broken)
    assert statuses(marks) == [{"passed"}, {"failed"}, {"passed"}, {"passed"}]
    assert marks.marked[1].remarks == [GAVE_UP]


class Elsewhere(Broken):
    """Runs nothing, as a cluster on which this is not installed."""

    def submit(self, function, job):
        future = Future()
        future.set_exception(ModuleNotFoundError("No module named 'attnclass'"))
        return future


def test_an_executor_that_runs_nothing_is_said_in_one_sentence(assignment, marker):
    with pytest.raises(RuntimeError, match="has failed: ModuleNotFoundError: No module named"):
        graded(assignment, handed_in(), executor=Elsewhere)


def test_who_hands_in_nothing_has_attempted_nothing(assignment, marker):
    found = handed_in()
    del found.by_student["dee"]
    marks = graded(assignment, found)
    assert statuses(marks)[3] == {"not attempted"}
    assert marks.marked[3].remarks == ["not handed in"]


def test_two_graders_at_once_are_one_too_many(assignment, marker):
    with (assignment.folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RuntimeError, match="somebody else is grading"):
            graded(assignment, handed_in())
    assert not marker.marked


def test_other_checkers_mark_anew(assignment, marker, monkeypatch):
    graded(assignment, handed_in())
    monkeypatch.setattr("attnclass.jobs._checkers", lambda: "others")
    marker.says = "failed"
    assert {change.why for change in graded(assignment, handed_in()).changes} == {WHY["checkers"]}
