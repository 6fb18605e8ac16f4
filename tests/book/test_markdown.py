"""Markdown of single nodes: what must be escaped, and what must be refused."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.errors import ExtensionError

from attnbook.export.markdown import Markdown, details, fence, quote
from attnbook.export.page import Page

ENV = SimpleNamespace(doc2path=lambda name: f"/course/{name}.md", srcdir="/course")
markdown = Markdown(
    Page(ENV, "book/part/page", SimpleNamespace(cells=[]), site="", holds_pictures=False)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d_k and a_b_c", "d_k and a_b_c"),
        ("_name_ and *this*", r"\_name\_ and \*this\*"),
        ("it costs $3, or 3.14", r"it costs \$3, or 3.14"),
        ("a < b and <script>", "a < b and &lt;script>"),
        ("`code`", r"\`code\`"),
        ("see [1](x) but [2] alone", r"see [1\](x) but [2] alone"),
        ("one\n- two\n3. three\n# four\n> five", "one\n\\- two\n3\\. three\n\\# four\n\\> five"),
        ("one\n3.5 two\n-1 three", "one\n3.5 two\n-1 three"),
    ],
)
def test_text_is_escaped_only_where_markdown_would_read_more_into_it(text, expected):
    assert markdown(nodes.paragraph("", "", nodes.Text(text))) == expected


def test_a_quote_and_a_fold_keep_what_they_hold():
    assert quote("a\n\nb") == "> a\n>\n> b"
    assert details("S", "a") == "<details>\n<summary>S</summary>\n\na\n\n</details>"
    assert fence("```\nx\n```", "none") == "````\n```\nx\n```\n````"


def test_a_summary_is_html():
    title = nodes.title("", "", nodes.Text("a < b and "), nodes.math("", "x"))
    box = nodes.admonition("", title, nodes.paragraph("", "t"), classes=["dropdown"])
    assert "<summary>a &lt; b and $x$</summary>" in markdown(box)


def test_an_unknown_node_is_refused_with_its_name_file_and_line():
    unknown = nodes.option_list()
    paragraph = nodes.paragraph("", "", unknown)
    paragraph.line = 7
    with pytest.raises(ExtensionError) as caught:
        markdown(paragraph)
    assert (
        str(caught.value) == "book/part/page.md:7: the notebook has no Markdown for an option list"
    )


def test_code_that_would_not_run_is_refused():
    cell = nodes.container(nb_element="cell_code", cell_index=0, classes=["cell"])
    cell.line = 12
    box = nodes.note("", cell)
    nodes.section("", box)
    with pytest.raises(ExtensionError, match=r"book/part/page.md:12: .* a code cell inside a note"):
        markdown(box)


def test_a_cell_that_spans_others_is_refused():
    row = nodes.row("", nodes.entry("", nodes.paragraph("", "x"), morecols=1))
    with pytest.raises(ExtensionError, match="a table cell that spans others"):
        markdown._row(row)
