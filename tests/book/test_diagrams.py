"""Diagrams: each says what it shows, can be read on a phone, and leads to chapters that exist."""

import re
from base64 import b64decode
from collections import Counter
from importlib import import_module
from xml.etree.ElementTree import fromstring

import nbformat
import numpy as np
import pytest

from attnbook.diagrams import DIAGRAMS, STYLE, diagram, lookup, svg_of, transformer
from attnbook.diagrams.picture import colors_of, picture
from tests.book.books import ROOT, build_book
from tests.book.diagrams import DRAWN, HEAD, LINKED, build_diagrams, directive

COLUMN = 354  # pixels of a phone that is 390 wide
SMALLEST = 11
USE = re.compile(
    r"```\{diagram\} (\S+)\n(?::name: \S+\n)?(?::reached: (\S+)\n)?:alt: (.+)\n\n(?:.+\n)+```",
    re.MULTILINE,
)
COLORS = colors_of((ROOT / "book/assets/css/base.css").read_text("utf-8"))

every_diagram = pytest.mark.parametrize("drawn", DRAWN, ids=lambda d: "-".join(filter(None, d)))


def drawing(drawn):
    name, reached = drawn
    return svg_of(diagram(name=name, reached=reached, alt="What there is."))


def spoken(svg) -> list[str]:
    """The words that a reader sees, line by line."""
    return ["".join(text.itertext()) for text in svg.iter("text")]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    built = build_diagrams(tmp_path_factory.mktemp("diagrams"))
    assert built.status == 0, built.log
    return built


@every_diagram
def test_it_can_be_read_on_a_phone(drawn):
    svg = drawing(drawn)
    scale = min(COLUMN, float(svg.get("width"))) / float(svg.get("viewBox").split()[2])
    sizes = [float(e.get("font-size")) for e in svg.iter() if "font-size" in e.attrib]
    assert sizes
    assert min(sizes) * scale >= SMALLEST


@every_diagram
def test_it_needs_nothing_else_and_names_nothing(drawn):
    """No identifier, because the same diagram may stand on a page twice; nothing from elsewhere."""
    svg = drawing(drawn)
    for element in svg.iter():
        assert element.tag in {"svg", "g", "a", "text", "tspan", "rect", "circle", "path"}
        assert "id" not in element.attrib
        assert not any(
            "url(" in value or ":" in value for n, value in element.items() if n != "style"
        )


@every_diagram
def test_its_words_are_kept_in_one_place(drawn, monkeypatch):
    """Another language puts its words there, and none of English is left."""
    module = import_module(DIAGRAMS[drawn[0]].__module__)
    other = {
        name: "译" if isinstance(words, str) else tuple("译" for _ in words)
        for name, words in module.TEXT.items()
    }
    monkeypatch.setattr(module, "TEXT", other)
    left = [
        "".join(text.itertext())
        for text in drawing(drawn).iter("text")
        if "words" in text.get("class").split()
    ]
    assert {words for words in left if words != "译"} <= set(getattr(module, "WORD", ""))


@every_diagram
def test_a_notebook_gets_it_with_the_colors_of_paper(drawn):
    text = picture(drawing(drawn), 'What "there" is.', STYLE.read_text("utf-8"), COLORS)
    file = fromstring(text)
    assert file.get("aria-label") == 'What "there" is.'
    assert "var(" not in text and COLORS["--attn-query"] in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not any(element.tag.endswith("}a") for element in file.iter())


def test_its_links_lead_to_chapters_of_the_book():
    chapters = {path.stem for path in ROOT.glob("book/*/*.md") if "kernelspec" in path.read_text()}
    linked = {a.get("href") for drawn in DRAWN for a in drawing(drawn).iter("a")}
    assert {"self-attention", "positions", "heads", "block", "masks"} <= linked <= chapters


def test_the_transformer_grows():
    pale = [
        sum("pale" in g.get("class").split() for g in drawing(("transformer", chapter)).iter("g"))
        for chapter in transformer.CHAPTERS
    ]
    assert pale == sorted(set(pale), reverse=True)
    assert pale[-1] == 0


def test_the_book_shows_every_diagram_and_the_transformer_in_each_chapter_that_adds_to_it():
    used = {
        path: USE.findall(path.read_text("utf-8")) for path in sorted(ROOT.glob("book/**/*.md"))
    }
    written = sum(path.read_text("utf-8").count("```{diagram}") for path in used)
    assert written == sum(map(len, used.values()))
    assert {name for uses in used.values() for name, *_ in uses} == set(DIAGRAMS)
    for chapter in transformer.CHAPTERS:
        (path,) = ROOT.glob(f"book/*/{chapter}.md")
        assert [r for name, r, _ in used[path] if name == "transformer"] == [chapter]


def test_an_alternative_tells_no_number_that_the_picture_has_not():
    for path in ROOT.glob("book/**/*.md"):
        for name, reached, alt in USE.findall(path.read_text("utf-8")):
            shown = " ".join(spoken(drawing((name, reached or None)))).replace("−", "minus ")
            for number in re.findall(r"(?:minus )?\d+\.\d+", alt):
                assert number in shown, (path, name, number)


def test_the_numbers_of_a_lookup_are_those_of_attention():
    scores = lookup.QUERY @ lookup.KEYS.T / 2
    weights = np.exp(scores) / np.exp(scores).sum()
    shown = spoken(drawing(("lookup", None)))
    for number in weights[0]:
        assert f"{number:.2f}" in shown
    for number in (weights @ lookup.VALUES)[0]:
        assert f"{number:.1f}" in shown


def test_a_page_shows_them_as_figures(book):
    page = (book.site / "book/part/all.html").read_text("utf-8")
    assert page.count("<figure") == page.count('<svg class="diagram"') == len(DRAWN)
    for number, (name, reached) in enumerate(DRAWN, 1):
        anchor = "-".join(filter(None, ("diagram", name, reached)))
        figure = page[page.index(f'id="{anchor}"') :].partition("</figure>")[0]
        assert f'aria-label="What {name} shows."' in figure
        assert re.search(rf"Fig\. {number} </span><span .*>The caption of {name}\.", figure)
        has_links = next(drawing((name, reached)).iter("a"), None) is not None
        assert f'role="{"group" if has_links else "img"}"' in figure
    assert "diagrams.css" in page
    assert "diagrams.css" not in (book.site / "book/part/block.html").read_text("utf-8")
    ids = Counter(re.findall(r'\sid="([^"]*)"', page))
    assert [name for name, count in ids.items() if count > 1] == []


def test_its_links_resolve_and_none_leads_to_its_own_page(book):
    part = book.site / "book" / "part"
    for page, others in (("all", {*LINKED}), ("heads", {*LINKED} - {"heads"})):
        drawn = re.findall(
            '<svg class="diagram".*?</svg>', (part / f"{page}.html").read_text("utf-8")
        )
        linked = {address for svg in drawn for address in re.findall(r'href="(.*?)"', svg)}
        assert linked == {f"{chapter}.html" for chapter in others - {"decoding"}}
        assert all((part / address).exists() for address in linked)


def test_a_chapter_that_does_not_exist_is_named(tmp_path):
    built = build_diagrams(tmp_path, chapters=("heads",))
    assert built.status != 0
    assert re.search(
        r"book/part/\w+\.md:\d+: the diagram 'transformer' links to a chapter '[\w-]+', "
        r"and there is none",
        built.log,
    )


def test_mistakes_in_the_directive_are_named(tmp_path):
    (tmp_path / "book").mkdir()
    page = f"{HEAD}# A book\n\n{directive('nonsense')}```{{diagram}} block\n\nCaption.\n```\n\n"
    page += directive("heads", "block") + directive("transformer", "nowhere")
    (tmp_path / "book" / "index.md").write_text(page, "utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
    built = build_book(tmp_path)
    assert built.status != 0
    for sentence in (
        "there is no diagram 'nonsense', only recurrence, convolution,",
        "the diagram 'block' needs an :alt: and a caption",
        "the diagram 'heads' can't have reached 'block': only the transformer grows",
        "the diagram 'transformer' can't have reached 'nowhere': only the transformer grows",
    ):
        assert sentence in built.log


def test_a_download_holds_the_picture_and_git_its_words(fixture_book):
    kept = fixture_book.notebook("part/everything.ipynb")
    downloads = fixture_book.folder / "_build" / "downloads" / "notebooks"
    held = nbformat.read(downloads / "part" / "everything.ipynb", as_version=4)
    assert [cell.id for cell in held.cells] == [cell.id for cell in kept.cells]
    (words,) = [cell.source for cell in kept.cells if cell.id == "diagram-shapes"]
    assert words.startswith('*Picture: Matrices "side by side".*\n\n**Fig. ')
    assert "data:" not in "".join(cell.source for cell in kept.cells)
    (shown,) = [cell.source for cell in held.cells if cell.id == "diagram-shapes"]
    found = re.match(
        r'<img alt="Matrices &quot;side by side&quot;." src="data:image/svg\+xml;base64,(.+)">',
        shown,
    )
    assert fromstring(b64decode(found[1])).get("aria-label") == 'Matrices "side by side".'
    assert len(found[1]) < 40_000
    assert words.partition("\n\n")[2] == shown.partition("\n\n")[2]
