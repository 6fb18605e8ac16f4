"""One text and one room a chapter: what the build refuses, and in which words."""

from pathlib import Path

import pytest

from attnbook.rooms import odd_rooms

CHAPTER = "# Title\n\n```{chapter-times}\n```\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """A book of one chapter and one page that is none."""

    def write(place, text=""):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text, "utf-8")

    write("book/part/self-made.md", CHAPTER)
    write("book/part/index.md", "# A part\n")
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


def test_a_book_without_rooms_is_left_alone(tmp_path):
    (tmp_path / "book/part").mkdir(parents=True)
    (tmp_path / "book/part/chapter.md").write_text(CHAPTER, "utf-8")
    assert odd_rooms(tmp_path) == []


def test_the_book_itself_is_right():
    assert odd_rooms(ROOT) == []
