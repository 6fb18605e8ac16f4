"""Which numbers of a chapter are said to come from a stored run."""

import pytest
from bs4 import BeautifulSoup

from attnbook.execution.results import chapters, read_page
from attnbook.provenance import LIVE, follow
from tests.exercises.rooms import BOOK

HEADS = frozenset({"heads"})


def rooms_of_x(*cells: str):
    """Where `quote("x", …)` of the last cell is from."""
    return follow(cells).rooms_of(len(cells) - 1, "x")


@pytest.mark.parametrize(
    "code",
    [
        "quote('x', load('heads')['steps'])",
        "runs = load('heads')\nquote('x', len(runs))",
        "runs = load('heads')['cells']\nbest = max(r['all'] for r in runs)\nquote('x', best)",
        "a, b = load('heads'), 1\nquote('x', a)",
        "for r in load('heads')['cells']:\n    kept = r\nquote('x', kept)",
        "kept = []\nfor r in load('heads')['cells']:\n    kept.append(r)\nquote('x', len(kept))",
        "kept = {}\nkept['a'] = load('heads')\nquote('x', kept['a'])",
        "total = 0\nfor r in load('heads'):\n    total += r\nquote('x', total)",
        "def best():\n    return max(load('heads'))\nquote('x', best())",
        "runs = load('heads')\ndef best():\n    return max(runs)\nquote('x', best())",
        "if True:\n    runs = load('heads')\nquote('x', runs)",
        "with open('a') as f:\n    runs = load('heads')\nquote('x', runs)",
        "try:\n    runs = load('heads')\nexcept ValueError:\n    pass\nquote('x', runs)",
        "for _ in range(2):\n    y = x\n    x = load('heads')\nquote('x', y)",  # round by round
        "live = 2\nruns = load('heads')\nquote('x', live / len(runs))",
        "runs: list = load('heads')\nquote('x', runs)",
        "for k in (1, 2):\n    quote(f'k-{k}', 1)\nquote('x', value=load('heads'))",
        "y = 1\nfor k in (1, 2):\n    quote('x', y)\n    y = load('heads')",
    ],
)
def test_what_is_computed_from_a_stored_run_is_stored(code):
    assert rooms_of_x(code) == HEADS
    *before, last = code.splitlines()
    if last.startswith("quote("):
        assert rooms_of_x("\n".join(before), last) == HEADS  # and from cell to cell


@pytest.mark.parametrize(
    "code",
    [
        "runs = load('heads')\nquote('x', 1)",
        "runs = load('heads')\nruns = 1\nquote('x', runs)",
        "runs = load('heads')\nnp.mean(runs)\nquote('x', np.mean(1))",
        "for r in load('heads'):\n    pass\nquote('x', max(r for r in (1, 2)))",
        "r = load('heads')\ndef f(r):\n    return r\nquote('x', f(1))",
        "quote('y', load('heads'))\nquote('x', 1)",
    ],
)
def test_what_is_measured_now_is_live(code):
    assert rooms_of_x(code) == LIVE


def test_a_claim_is_found_by_its_name_or_its_statement():
    code = (
        "runs = load('heads')\n"
        "claim('live', 1, 1, abs=0)\n"
        "claim(f'{n} heads', runs, 1, abs=0)\n"
        "claim('named', runs, 1, abs=0, name='a-b')"
    )
    chapter = follow([code])
    assert chapter.rooms_of(0, None, "live") == LIVE
    assert chapter.rooms_of(0, None, "4 heads") == HEADS
    assert chapter.rooms_of(0, "a-b", "named") == HEADS


def test_what_cannot_be_told_is_refused():
    code = "runs = load('heads')\nclaim(words, 1, 1, abs=0)\nclaim(others, runs, 1, abs=0)"
    with pytest.raises(ValueError, match="'it' may come from a stored run or not"):
        follow([code]).rooms_of(0, None, "it")


@pytest.mark.parametrize(
    ("code", "rooms"),
    [
        ("ax.plot(load('heads'))", HEADS),
        ("runs = load('heads')\nfor ax in axes:\n    ax.plot(runs)", HEADS),
        ("runs = load('heads')\naxes[0].bar(1, height=runs)", HEADS),
        ("runs = load('heads')\nax.plot(1)", LIVE),
        ("runs = load('heads')", LIVE),
    ],
)
def test_a_picture_is_from_what_is_drawn_in_it(code, rooms):
    assert follow([code]).drawn[0] == rooms


@pytest.mark.parametrize(
    "page", [p for p, f in chapters(BOOK.parent).items() if "load(" in f.read_text()]
)
def test_a_chapter_that_loads_a_run_shows_something_of_it(page):
    path = chapters(BOOK.parent)[page]
    cells = read_page(path.read_text("utf-8"), str(path)).cells
    code = follow(cell.source if cell.cell_type == "code" else "" for cell in cells)
    assert any(stated.rooms for stated in code.stated)


def test_a_page_says_what_is_stored_where_it_is_shown(fixture_book):
    html = (fixture_book.site / "book" / "second" / "chapter.html").read_text("utf-8")
    page = BeautifulSoup(html, "html.parser")
    run = "From a stored run: python -m attnlab.chapters.positions.experiment, seeds 0 to 2."
    assert page.select_one("#claim-second-steps .stored-run").text == run
    assert page.select_one("#claim-one-is-one .stored-run") is None
    (value,) = page.select("abbr.stored")
    assert (value.text, value["title"]) == ("0.005", run)
    assert f"What was stored. {run}" in page.select_one("figcaption").text
