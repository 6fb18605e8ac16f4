"""What is said of a student's work, what that rests on, and what is otherwise than before."""

import hashlib
from dataclasses import dataclass, field

# What verdicts rest on, and what is said where it is no longer what it was.
WHY = {
    "notebooks": "another notebook was handed in",
    "exercises": "other exercises count now",
    "chapters": "the chapter is another version",
    "checkers": "the checkers are another version",
    "limits": "other limits or another box",
    "fault": "the marker itself had failed at it",
}
NOTHING_ELSE = "nothing that it rests on is otherwise: the answer itself is not always the same"


@dataclass
class Marked:
    """What is said of one student's work.

    Attributes:
        rests_on: a fingerprint of each of `WHY`; `fault` only of what is to be marked again.
        results: by exercise, its `status`, `message` and `answer`.
        remarks: what the instructor should know of the files.
    """

    student: str
    rests_on: dict[str, str]
    results: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def say(self, names: list[str], status: str, message: str, answer: str = "") -> None:
        """Give exercises their result."""
        for name in names:
            self.results[name] = {"status": status, "message": message, "answer": answer}

    def fail(self, names: list[str], fault: str) -> None:
        """Say of exercises that the marker failed, so that the next grading tries once more."""
        self.rests_on = {**self.rests_on, "fault": fault}
        self.remarks = [*self.remarks, fault]
        self.say(names, "failed", fault)


@dataclass(frozen=True)
class Change:
    """A verdict that is another one than was kept."""

    student: str
    exercise: str
    before: str
    after: str
    why: str


def changes(before: Marked, after: Marked) -> list[Change]:
    """Each exercise whose status is another one, and why."""
    reasons = [
        said for name, said in WHY.items() if before.rests_on.get(name) != after.rests_on.get(name)
    ]
    why = "; ".join(reasons) or NOTHING_ELSE
    return [
        Change(after.student, name, before.results[name]["status"], result["status"], why)
        for name, result in after.results.items()
        if name in before.results and before.results[name]["status"] != result["status"]
    ]


def file_name(student: str) -> str:
    """A name for a student's files that is one whatever the id is.

    >>> file_name("../ada")
    '---ada-60088279'
    """
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in student)[:40]
    return f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"
