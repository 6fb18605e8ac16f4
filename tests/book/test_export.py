"""A page with every construct becomes a notebook in plain Markdown, and the same one each time."""

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


def names_of(built) -> tuple[list[str], list[str]]:
    """The ids of the cells of the chapter's notebook, and the anchors of the claims on its page."""
    page = (built.site / "book/part/everything.html").read_text("utf-8")
    return [cell.id for cell in built.notebook(CHAPTER).cells], re.findall('id="(claim-.*?)"', page)


def test_cells_and_claims_are_named_after_what_they_are(fixture_book):
    cells, claims = names_of(fixture_book)
    for name in (
        "everything",  # a heading
        "setup",
        "claim-everything-one",  # a cell's first claim
        "fig-everything-plot",
        "ex-everything-sum",
        "ex-everything-sum-stub",
        "ex-everything-sum-solution",
        "references",
    ):
        assert name in cells
    assert claims == ["claim-everything-one", "claim-one-is-one", "claim-one-is-one-2"]


def test_one_more_cell_changes_no_other_name(fixture_book, tmp_path):
    """Though it shifts the numbers of all cells, figures, exercises and claims that follow."""
    shutil.copytree(FIXTURE, tmp_path, dirs_exist_ok=True)
    page = tmp_path / "book" / "part" / "everything.md"
    text = page.read_text("utf-8")
    start = text.index("## Lists, tables and quotes")
    new = """## New

```{code-cell}
from attnlab.claims import claim
claim("New", 1, 1, abs=0, name="everything-new")
```

```{code-cell}
---
mystnb: {figure: {name: fig-everything-new, caption: New.}}
---
import matplotlib.pyplot as plt
_ = plt.plot([1])
```

```{exercise} New
:label: ex-everything-new
```

"""
    page.write_text(text[:start] + new + text[start:], "utf-8")
    built = build_book(tmp_path)
    assert built.status == 0, built.log
    cells, claims = zip(names_of(fixture_book), names_of(built), strict=True)
    added = []
    for before, after in (cells, claims):
        assert [name for name in after if name in before] == before
        added.append([name for name in after if name not in before])
    new_cells, new_claims = added
    assert new_claims == ["claim-everything-new"]
    caption = new_cells.pop(3)
    assert caption.startswith("text-")
    assert new_cells == ["new", "claim-everything-new", "fig-everything-new", "ex-everything-new"]


def test_code_is_numbered_from_the_top(chapter):
    counts = [cell.execution_count for cell in chapter.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_measured_values_are_marked_where_they_stand(chapter):
    (cell,) = [cell for cell in chapter.cells if "We measured" in cell.source]
    values = [cell.source[start:end] for start, end in cell.metadata["values"]]
    assert values == ["1", "1,234,567"]


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
        "[A second chapter](../second/chapter.ipynb)",  # a sibling, wherever the folders lie
    ):
        assert link in text
    assert (
        "Equation (1) is affine; see this page," in text
    )  # what stands in the notebook needs none
    assert "git+https://github.com/Owner/course@main" in chapter.cells[1].source
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


def test_exercises_are_headings_numbered_from_1(notebook):
    titles = [
        found[1]
        for cell in notebook.cells
        if (found := re.match(r"#+ Exercise (\d+)(: .+)?\n", cell.source))
    ]
    assert titles == [str(count) for count in range(1, len(titles) + 1)]
    assert len(titles) == sum("exercise" in c.metadata.get("tags", []) for c in notebook.cells)


def test_pages_number_exercises_alike(fixture_book):
    for page in ("part/everything", "second/chapter"):
        text = (fixture_book.site / "book" / f"{page}.html").read_text("utf-8")
        assert set(re.findall(r"Exercise (\d+)", text)) == {"1"}


def test_nothing_hidden_stands_between_an_exercise_and_its_stub(notebook):
    inside = False
    for cell in notebook.cells:
        if re.match(r"#+ Exercise \d", cell.source):
            inside = True
        elif "exercise" in cell.metadata.get("tags", []):
            inside = False
        assert not (inside and "jupyter" in cell.metadata), cell.source


def test_what_a_page_hides_stands_where_its_text_has_it(chapter):
    names = [cell.source.split("\n")[0] for cell in chapter.cells]
    hidden = names.index('quote("everything-hidden", 3)')
    assert names[hidden + 1 : hidden + 3] == ["<details>", "## Exercises"]
