"""What runs in Gradescope's container: `python -m attnclass.exports.on_gradescope /autograder`.

One submission is marked as `attnclass grade` marks it, and `results/results.json` says so in
Gradescope's words.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ..assignment import Assignment, read_assignment
from ..box import RUNGS, best
from ..grading import grade_class
from ..kits import Exercise
from ..roster import Student
from ..submissions import find_of
from ..verdicts import Marked

# What students read; and for the instructor, in the container's output.
IN_WRITING = "“{title}” is marked by a person, and is not in these points."
NO_NOTEBOOK = "No notebook was found in what you handed in: hand in the file {files}."
BOXED = "boxed by: {rung}"
UNBOXED = "no box works in this container: the submission could reach the file of its own marks"


def results(root: Path, rung: str) -> dict[str, Any]:
    """What Gradescope is told of the submission below `root`, marked in a box of that `rung`."""
    assignment = read_assignment(root / "source" / "assignment")
    student = Student("the submission")
    found = find_of(student, root / "submission")
    if not found.by_student:
        files = " or ".join(f"{chapter}.ipynb" for chapter in assignment.kits)
        found.remarks.append(NO_NOTEBOOK.format(files=files))
    (marked,) = grade_class(assignment, [student], found, rung).marked
    return told(assignment, marked, found.remarks)


def told(assignment: Assignment, marked: Marked, remarks: list[str]) -> dict[str, Any]:
    """The marks in Gradescope's form: a test for each exercise that marks itself."""
    exercises = [each for chapter in assignment.kits for each in assignment.exercises(chapter)]
    in_writing = [IN_WRITING.format(title=each.title) for each in exercises if each.is_written]
    return {
        "output": "\n".join([*remarks, *marked.remarks, *in_writing]),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            _test(each, assignment.points[each.name], marked.results[each.name])
            for each in exercises
            if not each.is_written
        ],
    }


def _test(exercise: Exercise, points: float, result: dict[str, str]) -> dict[str, Any]:
    return {
        "name": exercise.title,
        "score": points * (result["status"] == "passed"),
        "max_score": points,
        "output": result["message"],
        "visibility": "visible",
    }


def main(root: Path) -> None:
    """Mark, and write the file that Gradescope reads."""
    rung = best(trust=True)
    print(UNBOXED if rung == RUNGS[-1] else BOXED.format(rung=rung))
    content = json.dumps(results(root, rung), ensure_ascii=False, indent=1)
    (root / "results" / "results.json").write_text(content, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
