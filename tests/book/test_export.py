"""A page with every construct becomes a notebook in plain Markdown, and the same one each time."""

import hashlib
import re
import shutil
from copy import deepcopy

import nbformat
import pytest

from tests.book.books import FIXTURE, build_book

CHAPTER = "part/everything.ipynb"

# What MyST understands and a notebook's reader does not.
RAW_MYST = re.compile(
    r"\{[a-z:]+\}`"  # a role
    r"|^\s*(?:`{3,}|:{3,})\{"  # a directive
    r"|^\s*:{3,}\s*$"
    r"|^\([\w-]+\)=\s*$"  # a label
    r"|\$\$\s*\([\w-]+\)\s*$"  # a formula's label
    r"|^\+\+\+|^%|\[\^",  # a cell's end, a comment, a footnote
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def chapter(fixture_book):
    return fixture_book.notebook(CHAPTER)


def in_words(notebook: nbformat.NotebookNode) -> str:
    """A notebook's cells, tags and outputs, as text that can be read line by line.

    Measured values are left out, for one of them is the time that this machine took.
    """
    lines = []
    for cell in notebook.cells:
        source = cell.source
        for start, end in reversed(cell.metadata.pop("values", [])):
            source = source[:start] + "…" + source[end:]
        metadata = f" {dict(cell.metadata)}" if cell.metadata else ""
        lines += [f"%% {cell.cell_type}{metadata}", source]
        for output in cell.get("outputs", []):
            lines += ["%% output", output.get("text") or output.data["text/plain"]]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def test_every_construct_has_its_markdown(chapter, tmp_path):
    expected, got = FIXTURE / "everything.expected.md", tmp_path / "everything.md"
    got.write_text(in_words(deepcopy(chapter)), "utf-8")
    assert got.read_text("utf-8") == expected.read_text("utf-8"), (
        f"if this is meant: cp {got} {expected}"
    )


def test_cells_have_stable_names(chapter):
    page = "book/" + CHAPTER.removesuffix(".ipynb")
    expected = [
        hashlib.sha256(f"{page}:{position}".encode()).hexdigest()[:8]
        for position in range(len(chapter.cells))
    ]
    assert [cell.id for cell in chapter.cells] == expected


def test_code_is_numbered_from_the_top(chapter):
    counts = [cell.execution_count for cell in chapter.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_measured_values_are_marked_where_they_stand(chapter):
    (cell,) = [cell for cell in chapter.cells if "We measured" in cell.source]
    values = [cell.source[start:end] for start, end in cell.metadata["values"]]
    assert values == ["1", "1.2\xa0×\xa010⁶"]


def test_two_exports_give_the_same_bytes(fixture_book):
    paths = [
        fixture_book.folder / "_build" / "notebooks" / CHAPTER,
        fixture_book.site / "book" / CHAPTER,
    ]
    first = paths[0].read_bytes()
    assert build_book(fixture_book.folder, "--all").status == 0
    assert [path.read_bytes() for path in paths] == [first, first]


def test_with_an_address_what_stands_elsewhere_is_a_link(tmp_path):
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True)
    built = build_book(tmp_path, ATTNBOOK_REPOSITORY="https://github.com/Owner/course")
    assert built.status == 0, built.log
    chapter = built.notebook(CHAPTER)
    text = "\n".join(cell.source for cell in chapter.cells)
    home = "https://owner.github.io/course"
    for link in (
        f"[Another page]({home}/book/part/other.html#other-page)",
        f"[softmax]({home}/book/part/other.html#term-softmax)",
        f"[`softmax`]({home}/book/part/other.html#attnlab.softmax)",
        f"![A grey square.]({home}/_images/picture.svg)",
    ):
        assert link in text
    assert (
        "Equation (1) is affine; see this page," in text
    )  # what stands in the notebook needs none
    assert "git+https://github.com/Owner/course@main" in chapter.cells[0].source
    page = (built.site / "book/part/everything.html").read_text("utf-8")
    path = "main/notebooks/part/everything.ipynb"
    assert f"https://colab.research.google.com/github/Owner/course/blob/{path}" in page
    assert "https://mybinder.org/v2/gh/Owner/course/main?urlpath=lab/tree/notebooks/part" in page
    assert "colab" not in (built.site / "book/part/other.html").read_text("utf-8")


def test_no_notebook_holds_raw_myst(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(
                r"^( *`{3,})\w*\n.*?^\1$", "", cell.source, flags=re.MULTILINE | re.DOTALL
            )
            assert RAW_MYST.findall(prose) == []


@pytest.mark.parametrize(
    "line",
    ["{ref}`x`", "```{note}", ":::{margin}", "(a-label)=", "$$ (eq-a)", "+++", "% hidden", "a[^1]"],
)
def test_raw_myst_would_be_noticed(line):
    assert RAW_MYST.search("Some text.\n" + line)


def test_only_text_is_kept_of_outputs(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type in ("stream", "display_data", "execute_result")
            assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}
            assert "image/" not in str(output) and "papermill" not in str(output)
