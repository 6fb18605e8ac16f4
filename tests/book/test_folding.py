"""What of a page's code is in sight, and what is folded."""

import pytest
from bs4 import BeautifulSoup

from attnbook.folding import DRAWING, IMPORTS, PROOF, TAUGHT, TEXT, runs


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("import torch", IMPORTS),
        ("from attnlab import claim", IMPORTS),
        ("style()", IMPORTS),
        ("claim('Two', 2, 2, abs=0)", PROOF),
        ("quote('two', 2)", PROOF),
        ("for n in (1, 2):\n    claim(f'{n}', n, n, abs=0)\n    quote(f'n-{n}', n)", PROOF),
        ("if x:\n    claim('a', 1, 1, abs=0)\nelse:\n    claim('b', 1, 1, abs=0)", PROOF),
        ("fig, ax = plt.subplots()", DRAWING),
        ("for ax, x in zip(axes, xs):\n    ax.plot(x)", DRAWING),
        ("def draw(ax, values):\n    ax.plot(values)", DRAWING),
        ("for n in (1, 2):\n    x = n\n    claim(f'{n}', x, n, abs=0)", TAUGHT),
        ("if x:\n    claim('a', 1, 1, abs=0)\nelse:\n    y = 1", TAUGHT),
        ("x = softmax(scores)", TAUGHT),
        ("def claimed(q):\n    return q.claim(1)", TAUGHT),
        ("quote = 1", TAUGHT),
        ("print('axes')", TAUGHT),
        ("%%time\nx = 1", TAUGHT),
        ("", TAUGHT),
    ],
)
def test_each_statement_is_of_one_kind(statement, kind):
    assert runs(statement) == [(kind, statement)]


def test_a_cell_that_proves_more_than_it_teaches_is_folded_whole():
    code = "best = max(x)\nclaim('One', best, 1, abs=0)\nquote('best', best)\n\n# the end"
    assert runs(code) == [(PROOF, code)]
    assert [kind for kind, _ in runs(f"more = 2\n{code}")] == [TAUGHT, PROOF]


def test_no_line_is_lost_and_a_comment_goes_with_what_follows_it():
    code = (
        "import numpy as np\n\n# what is asked\nq = np.eye(2)  # (n, d_k)\n\n# it holds\n"
        "claim('Two', len(q), 2, abs=0)\nquote('two', 2)\n\nprint(q)\n# the end"
    )
    found = runs(code)
    assert [kind for kind, _ in found] == [IMPORTS, TAUGHT, PROOF, TAUGHT]
    assert found[1][1] == "# what is asked\nq = np.eye(2)  # (n, d_k)"
    assert found[2][1].startswith("# it holds\n")
    lines = [line for _, part in found for line in part.splitlines() if line]
    assert lines == [line for line in code.splitlines() if line]


@pytest.fixture
def page(fixture_book):
    html = (fixture_book.site / "book" / "part" / "everything.html").read_text("utf-8")
    return BeautifulSoup(html, "html.parser")


def test_a_page_folds_what_proves_and_shows_the_rest(page):
    folded = {fold.summary.text: fold.pre.text for fold in page.select(".cell .fold:not(.checks)")}
    assert set(folded) <= set(TEXT.values())
    assert "import " in folded[TEXT[IMPORTS]]
    assert "claim(" in folded[TEXT[PROOF]]
    seen = page.select(".cell:not(.tag_attention-file) .cell_input pre")
    shown = [pre.text for pre in seen if not pre.find_parent("details")]
    assert not any("claim(" in code or code.startswith("import ") for code in shown)
    assert "[1, 2, 3]" in map(str.strip, shown)


def test_exercises_and_solutions_stay_in_one_piece(page):
    assert page.select(".exercise .cell_input, .solution .cell_input")
    assert not page.select(".exercise .fold, .solution .fold")


def test_a_notebook_folds_nothing_and_a_page_leaves_nothing_out(fixture_book, page):
    cells = fixture_book.notebook("part/everything.ipynb").cells
    code = [cell.source.split() for cell in cells if cell.cell_type == "code"]
    for cell in page.select(".cell_input:not(.solution *)"):
        assert " ".join(part.text for part in cell.select("pre")).split() in code
