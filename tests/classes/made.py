"""A made class: submissions of `heads`, with the marks that they deserve."""

import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from attnbook.sample_class import answered
from attnclass.kits import Kit
from attnclass.verdicts import file_name
from tests.classes.attacks import ATTACKS, PRELUDE

WRONG = {
    "heads/count": "def count(d_model, h, n):\n    return 4 * h * d_model**2, n**2\n",
    "heads/writes": (
        "def written_by(heads, W_o):\n    h, n, d_k = heads.shape\n    return heads @ W_o[:d_k]\n"
    ),
    "heads/gently": (
        "def with_means(heads, W_o, off):\n    kept = heads.copy()\n    kept[:, list(off)] = 0\n"
        "    return join(kept) @ W_o\n"
    ),
    "heads/narrow": (
        "def narrow_head(m):\n    k = np.stack([np.arange(m), np.ones(m)], axis=1)\n"
        "    return 2_000 * k, k\n"
    ),
    "heads/bug": (
        "def attend_in_heads(q, k, v, h):\n    B, n, d_model = q.shape\n"
        "    q, k, v = (x.reshape(B, n, h, -1).swapaxes(1, 2) for x in (q, k, v))\n"
        "    s = q @ k.swapaxes(-1, -2) / np.sqrt(d_model)\n"
        "    return (softmax(s) @ v).swapaxes(1, 2).reshape(B, n, d_model)\n"
    ),
    "heads/widget": "def fewest_heads(w, share):\n    return w.n_heads\n",
    "heads/explain": 'what_to_write = "a"\n',
}

WRONG_MARK = "{student}, {exercise}: {status}, and should be {expected}"


@dataclass(frozen=True)
class Submission:
    """What one student hands in: where it lies, what is in it, and what is to be said of it.

    Attributes:
        expected: of each exercise, the status, or those that it may have.
    """

    student: str
    path: str
    content: bytes
    expected: dict[str, tuple[str, ...]]


def submissions(of: Kit, n: int, seed: int = 0) -> Iterator[Submission]:
    """What `n` honest students hand in; those with a blank path hand in nothing."""
    draw = random.Random(seed)
    right = {each.name: each.solution for each in of.exercises}
    written = [each.name for each in of.exercises if each.is_written]
    blank = dict.fromkeys(right, ("not attempted",))
    for i in range(n):
        student = f"s{i:03d}"
        kind = KINDS[i % len(KINDS)]
        chosen = {
            name: draw.choice(CHOICES[kind]) if name not in written else "passed" for name in right
        }
        answers = {
            name: {"passed": right[name], "failed": WRONG.get(name)}.get(status)
            for name, status in chosen.items()
        }
        expected = {name: (status,) for name, status in chosen.items()}
        expected |= dict.fromkeys(written, ("written",))
        notebook = answered(of, {name: x for name, x in answers.items() if x})
        path = f"{student}.ipynb" if i % 3 else f"{student}/{of.chapter}.ipynb"
        made = Submission(student, path, b"", expected)
        if kind == "nothing":
            yield replace(made, path="", expected=blank)
        elif kind == "broken":
            yield replace(made, content=json.dumps(notebook)[:-99].encode(), expected=blank)
        else:
            if kind == "missing cells":
                gone = draw.sample(sorted(set(right) - set(written)), 3)
                labels = {f"{each.label}-stub" for each in of.exercises if each.name in gone}
                notebook.cells = [cell for cell in notebook.cells if cell["id"] not in labels]
                expected = expected | dict.fromkeys(gone, ("not attempted",))
            if kind == "cells twice":
                notebook.cells += [cell for cell in notebook.cells if cell["id"].endswith("-stub")]
            content = json.dumps(notebook).encode()
            if kind == "zipped":
                content = _zipped(of.chapter, content)
                made = replace(made, path=f"{student}.zip")
            yield replace(made, content=content, expected=expected)


def wrong_marks(handed_in: list[Submission], results: Path) -> list[str]:
    """The marks in an assignment's `results` that are not what they should be."""
    wrong = []
    for each in handed_in:
        kept = results / f"{file_name(each.student)}.json"
        found = json.loads(kept.read_text("utf-8"))["results"]
        for name, expected in each.expected.items():
            if (status := found[name]["status"]) not in expected:
                should = " or ".join(expected)
                wrong.append(WRONG_MARK.format(
                    student=each.student, exercise=name, status=status, expected=should
                ))  # fmt: skip
    return wrong


# Kinds of submissions, and what their answers are drawn from.
CHOICES = {
    "right": ["passed"],
    "mixed": ["passed", "passed", "failed", "not attempted"],
    "wrong": ["failed"],
    "blank": ["not attempted"],
    "zipped": ["passed", "failed"],
    "missing cells": ["passed", "failed"],
    "cells twice": ["passed", "failed"],
    "broken": ["passed"],
    "nothing": ["passed"],
}
KINDS = [*["mixed"] * 5, *["right"] * 2, "wrong", "zipped", *CHOICES]


def attacks(n: int) -> Iterator[Submission]:
    """What the first `n` of hostile students hand in.

    Nothing of it may be right, but for what a guess among four letters may be.
    """
    expected = dict.fromkeys([*WRONG, "heads/in-writing"], ("failed", "not attempted", "written"))
    expected["heads/explain"] = ("passed", "failed", "not attempted")
    given = PRELUDE.format(secret="/etc/shadow", outside="/tmp", port=1)
    for i, code in list(enumerate(ATTACKS.values()))[:n]:
        cells = [
            {"cell_type": "code", "id": f"c{k}", "metadata": {}, "outputs": [], "source": source}
            for k, source in enumerate([given, code, 'check("heads/count")'])
        ]
        yield Submission(
            f"x{i:03d}", f"x{i:03d}/heads.ipynb", json.dumps({"cells": cells}).encode(), expected
        )


def _zipped(chapter: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"work/{chapter}.ipynb", content)
    return packed.getvalue()
