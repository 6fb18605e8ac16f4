"""One text and one room a chapter: what the build refuses, and in which words."""

from pathlib import Path

import pytest

from attnbook.rooms import crossings, odd_rooms

CODE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
---

# Title

```{code-cell}
%s
```
"""
CHAPTER = "# Title\n\n```{chapter-times}\n```\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """A book of one chapter and one page that is none."""

    def write(place, text=""):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text, "utf-8")

    write("book/part/self-made.md", CHAPTER)
    write("book/part/index.md", "# A part\n\n```{part-times}\n```\n")
    write("src/attnlab/chapters/__init__.py")
    write("src/attnlab/chapters/self_made/__init__.py")
    return tmp_path, write


def test_text_and_room_of_one_name_are_right(tree):
    root, _ = tree
    assert odd_rooms(root) == []


def test_a_text_needs_a_room(tree):
    root, write = tree
    write("book/part/on-trial.md", CHAPTER)
    (error,) = odd_rooms(root)
    assert error == (
        "book/part/on-trial.md has no room: make src/attnlab/chapters/on_trial/__init__.py"
    )


def test_a_room_needs_a_text(tree):
    root, write = tree
    write("src/attnlab/chapters/on_trial/__init__.py")
    write("book/part/on-trial.md", "# Without times, a page like any other\n")
    (error,) = odd_rooms(root)
    assert error.startswith("src/attnlab/chapters/on_trial has no text: write book/<part>/on-trial")


def test_two_chapters_cannot_share_a_name(tree):
    root, write = tree
    write("book/other/self-made.md", CHAPTER)
    (error,) = odd_rooms(root)
    assert error.startswith("book/other/self-made.md and book/part/self-made.md would share the ")


def test_a_page_with_code_in_a_part_is_a_chapter(tree):
    root, write = tree
    write("book/part/on-trial.md", CODE % "1")
    write("book/back/speed.md", CODE % "1")  # in no part
    (error,) = odd_rooms(root)
    assert error == (
        "book/part/on-trial.md has code but neither {chapter-times} below its title nor a room"
    )


def test_a_folder_with_files_is_a_room_by_its_init(tree):
    root, write = tree
    write("src/attnlab/chapters/on_trial/widget.py")
    write("src/attnlab/chapters/gone/__pycache__/widget.pyc")  # what a checkout leaves
    (error,) = odd_rooms(root)
    assert error == (
        "src/attnlab/chapters/on_trial has files, but no __init__.py: it is no room without"
    )


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("book/part/self-made.md", CODE % "from attnlab.chapters.other.widget import Widget"),
        ("book/part/self-made.md", CODE % "from attnlab.chapters import other"),
        ("book/part/self-made.md", CODE % "import attnlab.chapters.other.widget as w"),
        ("src/attnlab/chapters/self_made/widget.js", 'import { a } from "../other/widget.js";'),
        (
            "src/attnlab/chapters/self_made/widget.py",
            "if TYPE_CHECKING:\n    from ..other.models import Model",
        ),
    ],
)
def test_a_chapter_that_imports_from_anothers_room_is_named(tree, place, text):
    root, write = tree
    write(place, text)
    (error,) = crossings(root)
    assert error == (
        f"{place} belongs to src/attnlab/chapters/self_made and imports from "
        "src/attnlab/chapters/other: move what both use out of the rooms"
    )


def test_what_crosses_into_no_other_room_is_right(tree):
    root, write = tree
    write("book/part/self-made.md", CODE % "%time from attnlab.chapters.self_made import widget")
    write("book/index.md", CODE % "from attnlab.chapters.self_made.widget import Widget")
    write(
        "src/attnlab/chapters/self_made/widget.js",
        'import { a } from "../../widgets/js/svg.js";\nimport { b } from "./other.js";',
    )
    write("src/attnlab/chapters/self_made/widget.py", "from . import models")
    assert crossings(root) == []


def test_a_book_without_rooms_is_left_alone(tmp_path):
    (tmp_path / "book/part").mkdir(parents=True)
    (tmp_path / "book/part/chapter.md").write_text(CHAPTER, "utf-8")
    assert odd_rooms(tmp_path) == []


def test_the_book_itself_is_right():
    assert odd_rooms(ROOT) + crossings(ROOT) == []
