"""How a chapter's page is cut into slides: what becomes one, where, and what is told beside it."""

from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from attnbook.slides import write_decks
from attnbook.slides.blocks import VIEW, blocks
from attnbook.slides.board import cell, parts
from attnbook.slides.cutting import cut
from attnbook.slides.deck import write, write_shared
from attnbook.slides.page import Page
from tests.book.books import ROOT

REVEAL = ROOT / "node_modules" / "reveal.js"
CHAPTERS = sorted(
    path.relative_to(ROOT).with_suffix(".html").as_posix()
    for path in ROOT.glob("book/*/*.md")
    if ":class: objectives" in path.read_text("utf-8")
)
FIGURE = """<figure id="f"><svg viewBox="0 0 2 1"></svg>
<figcaption>What to see.</figcaption></figure>"""
FORMULA = '<div class="math"><math display="block"><annotation>{}</annotation></math></div>'
CLAIM = """<p class="claim"><span class="claim-statement">{}</span>: <strong>0.2</strong>
(at most 1)</p>"""


def slides_of(article: str, ratio: float = 1.5):
    page = BeautifulSoup(f"<article>{article}</article>", "html.parser")
    return cut(blocks(page), "Part 3", lambda figure: ratio)


def section(heading: str, *content: str) -> str:
    return f"<section><h2>{heading}</h2>{''.join(content)}</section>"


def box(kind: str, title: str, content: str) -> str:
    heading = f'<p class="admonition-title">{title}</p>'
    return f'<div class="{kind} admonition">{heading}{content}</div>'


def widget(name: str) -> str:
    view = 'script type="application/vnd.jupyter.widget-view+json"'
    return f'<div class="cell"><div class="cell_output"><{view}>{name}</script></div></div>'


def code(text: str, below: str = "", tag: str = "") -> str:
    shown = f'<div class="cell_input"><div class="highlight"><pre>{text}\n</pre></div></div>'
    return f'<div class="cell {tag}">{shown}<div class="cell_output">{below}</div></div>'


def lines(count: int, word: str = "line") -> str:
    return "\n".join(f"{word} {k}" for k in range(1, count + 1))


def printed(count: int) -> str:
    return f'<div class="output"><pre>{lines(count, "said")}</pre></div>'


def test_the_title_has_the_question_and_tells_the_opening():
    (title,) = slides_of("<h1>3.3 Heads: why several?</h1><p>Two layers.</p>")
    assert title.kind == "title"
    for words in ("Part 3 · 3.3", "<h1>Heads</h1>", "why several?"):
        assert words in title.body
    assert title.notes == ["<p>Two layers.</p>"]


def test_a_bet_comes_with_its_control_and_before_its_answer():
    bet = box("prediction", "Bet", "<p>How many?</p>")
    answer = f'<div class="covered">{FIGURE}<p>So many.</p></div>'
    page = section("Your prediction", "<p>Think.</p>", bet, widget("a"), answer)
    asked, answered = slides_of(page)
    assert (asked.kind, asked.body) == ("prediction", "<p>How many?</p>")
    assert ">a<" in asked.beside
    assert asked.notes == ["<p>Think.</p>"]
    assert answered.kind == "figure"
    assert answered.notes == ["<p>So many.</p>"]


@pytest.mark.parametrize(
    ("ratio", "kind"), [(1.5, "figure"), (2.0, "figure wide"), (0.6, "figure tall")]
)
def test_a_picture_gets_the_room_that_its_shape_needs(ratio, kind):
    (slide,) = slides_of(section("Seen", FIGURE), ratio)
    assert slide.kind == kind
    assert "What to see." in slide.beside
    assert "figcaption" not in slide.body
    assert 'id="f"' in slide.body  # where a committed bet leads


def test_a_stored_run_is_named_in_short_on_the_slide_and_in_full_in_the_notes():
    run = '<span class="stored-run">From a stored run: python -m x, seed 0.</span>'
    (slide,) = slides_of(section("Seen", FIGURE.replace("What to see.", run)))
    assert "From a stored run." in slide.beside
    assert "python -m x" not in slide.beside
    assert slide.notes == ["<p>From a stored run: python -m x, seed 0.</p>"]


@pytest.mark.parametrize("is_below", [False, True])
def test_what_to_try_comes_before_its_widget_with_the_answers_in_the_notes(is_below):
    steps = "<ol><li><p>Drag it.</p></li></ol>"
    played = (widget("w"), '<details class="dropdown admonition"><p>It moves.</p></details>')
    content = (*played, steps) if is_below else (steps, *played)
    tried, shown = slides_of(section("Play", "<p>Look.</p>", *content))
    assert (tried.kind, shown.kind) == ("points", "widget")
    assert "Drag it." in tried.body
    assert ">w<" in shown.body
    told = " ".join(shown.notes)
    assert "Drag it." in told
    assert "It moves." in told


def test_a_formula_stands_below_the_sentence_that_leads_to_it_and_two_short_ones_share_a_slide():
    ways = (
        "This one leads to the formula, and says with some care what it is about.",
        "And here is why it is so, which takes a sentence as long as the one above it.",
    )
    first, second = (f"<p>This is told alone.\n{way}</p>" for way in ways)
    short = (first, FORMULA.format("a"), second, FORMULA.format("b"))
    (both,) = slides_of(section("Why", *short))
    places = [both.body.index(words) for words in (ways[0], ">a<", ways[1], ">b<")]
    assert places == sorted(places)
    assert "told alone" not in both.body
    assert "told alone" in both.notes[0]
    high = FORMULA.format(r"a \\ b \\ c \\ d \\ e")
    assert len(slides_of(section("Why", first, high, *short[2:]))) == 2


def test_a_sentence_leads_to_one_thing_alone():
    first, second = slides_of(section("Run", "<p>So:</p>", code(lines(10)), code(lines(10))))
    assert "So:" in first.body
    assert "So:" not in second.body


@pytest.mark.parametrize(
    ("count", "below", "shown"),
    [
        (10, "", {"line 10"}),
        (10, printed(3), {"line 10", "said 3"}),
        (17, printed(5), {"line 17", "said 5"}),  # on a slide of its own
        (18, "", set()),  # too long to be read
        (18, printed(5), {"said 5"}),
        (18, printed(3), set()),
        (2, "", set()),
        (2, printed(2), {"line 2", "said 2"}),
        (10, CLAIM.format("It holds"), set()),  # a measurement
    ],
)
def test_short_code_is_shown_with_what_it_printed(count, below, shown):
    made = cell(BeautifulSoup(code(lines(count), below), "html.parser").div)
    body = "".join(slide.body for slide in made)
    last = {f"line {count}", f"said {below.count('said')}"}
    assert {words for words in last if f"{words}<" in body} == shown
    assert all(len(slide.body.splitlines()) <= 17 for slide in made)


def test_the_readers_own_file_is_shown_whole_in_parts():
    text = "\n\n\n".join(lines(9, name) for name in "abc")
    made = cell(BeautifulSoup(code(text, tag="tag_attention-file"), "html.parser").div)
    assert len(made) == 3
    assert all(f"{name} 9" in slide.body for name, slide in zip("abc", made, strict=True))


def test_parts_of_code_keep_a_mark_that_ends_behind_a_blank_line():
    marked = '<span class="hll">a\n</span>\nb'
    assert list(parts(marked, 1)) == ['<span class="hll">a\n</span>', "b"]
    assert list(parts(marked, 3)) == [marked]


def test_points_are_said_in_short_and_told_in_full():
    first = "<li><p><strong>It breaks.</strong>\nHere.\nAnd there.</p></li>"
    second = "<li><p>Two.\nIt is.</p></li>"
    (slide,) = slides_of(section("Where this breaks", f"<ul>{first}{second}</ul>"))
    said = {words: words in slide.body for words in ("breaks.", "Here.", "there.", "Two.", "is.")}
    assert said == {"breaks.": True, "Here.": True, "there.": False, "Two.": True, "is.": False}
    assert first in slide.notes[0]


def test_many_points_take_several_slides_and_go_on_counting():
    steps = "".join(f"<li><p>Step {k}, {'which is long, ' * 12}</p></li>" for k in range(1, 7))
    *tried, _ = slides_of(section("Play", f"<ol>{steps}</ol>", widget("w")))
    assert len(tried) == 2
    assert '<ol start="4"><li><p>Step 4' in tried[1].body


def test_a_section_with_nothing_to_show_is_said_in_short():
    (slide,) = slides_of(section("So what", "<p>One thing.\nAnother.</p><p>A third.</p>"))
    assert (slide.kind, slide.body) == ("statement", "<p>One thing. Another.</p>")
    assert slide.notes == ["<p>One thing.\nAnother.</p>", "<p>A third.</p>"]
    warnings = "<p><strong>First.</strong>\nA.</p><p><strong>Second.</strong>\nB.</p>"
    (slide,) = slides_of(section("Warnings", warnings))
    assert slide.kind == "points"
    assert slide.body.count("<li>") == 2


def test_the_text_of_a_part_without_a_slide_is_told_with_the_last_below_its_heading():
    part = "<section><h3>Aside</h3><p>By the way.</p></section>"
    (slide,) = slides_of(section("Seen", FIGURE, part))
    assert slide.notes == ["<p><b>Aside</b></p>", "<p>By the way.</p>"]


def test_findings_stand_in_a_table_before_what_to_keep_and_checks_stay_out():
    folded = f'<details class="checks fold">{CLAIM.format("Folded")}</details>'
    keep = box("takeaway", "Keep", "<ol><li>This.</li></ol>")
    run = section("Run", code("", CLAIM.format("Found") + folded), FIGURE)
    found = slides_of(run + section("End", keep))
    assert [slide.kind for slide in found] == ["figure", "measured", "takeaway"]
    assert "<td>Found</td><td>0.2</td><td>at most 1</td>" in found[1].body
    assert "Folded" not in found[1].body


def test_the_closing_question_is_one_to_vote_on_with_its_answer_in_the_notes():
    def exercise(number: int, name: str, options: str) -> str:
        task = f"<section><p>Which?</p>{options}{code('x = ...')}</section>"
        asked = box("exercise", f"Exercise {number} ({name} · a minute)", task)
        return asked + box("solution", "Solution", f"<p>Since {number}.</p>")

    options = '<ul class="options"><li>a</li><li>b</li></ul>'
    page = section("Exercises", exercise(1, "Count", "") + exercise(2, "Choose", options))
    (slide,) = slides_of(page + section("Further reading", "<ul><li><p>A book.</p></li></ul>"))
    assert (slide.kind, slide.section, slide.part) == ("exercise", "Exercise 2", "Choose")
    assert slide.body == f"<p>Which?</p>{options}"
    assert slide.notes == ["<p>Since 2.</p>"]


def test_an_aside_stays_out_unless_it_has_a_figure():
    aside = '<details class="aside"><summary>Beside</summary><p>More.</p>{}</details>'
    assert len(slides_of(section("A", FIGURE, aside.format("")))) == 1
    assert len(slides_of(section("A", FIGURE, aside.format(FIGURE)))) == 2


def test_notes_have_formulas_that_need_no_style_and_links_are_plain_words():
    formula = '<i class="katex"><i class="katex-mathml"><math></math></i><i>x</i></i>'
    text = f'<p>See <a href="b.html">b</a>, {formula}</p>'
    (slide,) = slides_of(section("Seen", FIGURE, text))
    assert slide.notes == ["<p>See b, <math></math></p>"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_to_look_at_is_lost_and_all_is_in_order(site, chapter):
    page = Page(site, site / chapter)
    slides = cut(blocks(page.soup), page.part, page.ratio)
    article = page.soup.select_one("article")
    shown = BeautifulSoup("".join(slide.body + slide.beside for slide in slides), "html.parser")
    for kind in (VIEW, "img", "figure > svg", "figcaption", "figure[id]"):
        assert len(shown.select(kind)) == len(article.select(kind)), kind
    for kind, mark in ((VIEW, "id"), ("img", "src"), ("figure[id]", "id")):
        found, wanted = (
            [each.get(mark) or each.get_text() for each in holder.select(kind)]
            for holder in (shown, article)
        )
        assert found == wanted
    assert len(article.select(VIEW)) > 1
    assert slides[-1].kind == "exercise"
    headings = [heading.get_text().rstrip("#") for heading in article.select("h2")]
    named = [BeautifulSoup(slide.section, "html.parser").get_text() for slide in slides]
    places = [headings.index(name) for name in named if name in headings]
    assert all(first <= second for first, second in pairwise(places))


def test_a_folder_of_decks_needs_nothing_beside_it(site, tmp_path):
    write_shared(REVEAL, tmp_path)
    deck = write(Page(site, site / "book/transformer/heads.html"), tmp_path)
    page = BeautifulSoup(deck.read_text("utf-8"), "html.parser")
    files = [str(each["src"]) for each in page.select("script[src], img")]
    files += [str(each["href"]) for each in page.select("link")]
    assert len(files) > 10
    assert [file for file in files if not (deck.parent / file).is_file()] == []
    assert page.select_one("script[type$='widget-state+json']")


def test_without_a_site_or_reveal_it_says_what_to_do(site, tmp_path):
    with pytest.raises(FileNotFoundError, match="run make book"):
        write_decks(tmp_path, REVEAL, tmp_path / "slides")
    with pytest.raises(FileNotFoundError, match=r"reveal\.js is missing"):
        write_decks(site, tmp_path / "none", tmp_path / "slides")
