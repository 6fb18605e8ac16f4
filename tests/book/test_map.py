"""The map: what chapters say that they need, its arcs, and the questions for those who may skip."""

import re
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from attnbook.diagrams.book_map import draw
from attnbook.needs import direct, needs, refuse
from tests.book.books import ROOT, build_book

CHAPTER = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{display_name: Python 3, language: python, name: python3}}
{head}
---

# {title}: why?

```{{chapter-times}}
```

Words.

{box}
"""
BOX = """:::{admonition} Can you skip this chapter?
:class: skip dropdown

- What is $1 + 1$?

  It is $2$.

- And why?

  Because of Peano.
:::
"""
MAP = """# Map

```{book-map}
:alt: What builds on what.

The caption.
```

{chapter}`last` and {chapter}`first#words` are the ends.

```{what-to-skip}
```
"""


def env(**said: str):
    """A build's environment with chapters, in this order, and what each says that it needs."""
    pages = {f"book/part/{name}": words for name, words in said.items()}
    return SimpleNamespace(
        external_site_map=list(pages),
        found_docs=set(pages),
        metadata={page: {"kernelspec": "{}", "needs": words} for page, words in pages.items()},
        config=SimpleNamespace(root_doc="book/index"),
    )


def build(folder, heads: dict[str, str], map_page: str = MAP, box: str = BOX):
    """A book with a map and chapters with these lines at their heads."""
    part = folder / "book" / "part"
    part.mkdir(parents=True)
    (folder / "book" / "index.md").write_text("# A book\n\nText.\n", "utf-8")
    (folder / "book" / "map.md").write_text(map_page, "utf-8")
    (part / "index.md").write_text("# A part\n\n```{part-times}\n```\n", "utf-8")
    for name, head in heads.items():
        words = CHAPTER.format(head=head, title=name.title(), box=box)
        (part / f"{name}.md").write_text(words.replace("\nWords.\n", "\n## Words\n\nSome.\n"))
    listed = "".join(f"      - file: book/part/{name}\n" for name in ("index", *heads))
    toc = "format: jb-book\nroot: book/index\nparts:\n  - caption: Start\n    chapters:\n"
    toc += f"      - file: book/map\n  - caption: Part\n    chapters:\n{listed}"
    (folder / "_toc.yml").write_text(toc, "utf-8")
    return build_book(folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    built = build(
        tmp_path_factory.mktemp("map"),
        {"first": "needs: []", "second": "needs: [first]", "last": "needs: [first, second]"},
    )
    assert built.status == 0, built.log
    return (built.site / "book" / "map.html").read_text("utf-8")


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", "", html).split())


def test_needs_are_chapters_by_name():
    found = needs(env(a="[]", b='["a"]', c='["a", "b"]'))
    assert found == {
        "book/part/a": [],
        "book/part/b": ["book/part/a"],
        "book/part/c": ["book/part/a", "book/part/b"],
    }
    refuse(found)
    assert direct(found)["book/part/c"] == ["book/part/b"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"a": "[]", "b": '["c"]'}, "book/part/b.md needs 'c', and there is no such chapter"),
        ({"a": '["b"]', "b": "[]"}, "book/part/a.md needs book/part/b, which _toc.yml lists after"),
        ({"a": '["a"]'}, "chapters need each other: book/part/a → book/part/a"),
        ({"a": '["b"]', "b": '["a"]'}, "chapters need each other: book/part/"),
        ({"a": "[]", "b": "a"}, "book/part/b.md: expected `needs:` to be a list"),
        ({"a": "[]", "b": "[1]"}, "book/part/b.md: expected `needs:` to be a list"),
    ],
)
def test_needs_that_no_order_meets_are_refused_by_name(said, message):
    with pytest.raises(ExtensionError) as refused:
        refuse(needs(env(**said)))
    assert message in str(refused.value)


def test_every_arc_leads_down_to_the_chapter_that_is_grouped_with_it():
    parts = [("One", {"a": "1.1 A", "b": "1.2 B"}), ("Two", {"c": "2.1 C"})]
    svg = draw(parts, {"a": [], "b": ["a"], "c": ["a", "b"]}).svg
    arcs = {}
    for group in svg.iter("g"):
        bows = [path for path in group.iter("path") if "bow" in path.get("class", "")]
        for bow in bows:
            numbers = list(map(float, re.findall(r"-?[\d.]+", bow.get("d", ""))))
            assert numbers[1] < numbers[-1], "an arc leads upwards"
            assert min(numbers[::2]) > -30
        arcs[next(link.get("href") for link in group.iter("a"))] = len(bows)
    assert arcs == {"a": 0, "b": 1, "c": 2}


def test_the_map_links_every_chapter_and_draws_no_arc_that_another_implies(page):
    drawn = re.findall('<svg class="diagram".*?</svg>', page)
    assert len(drawn) == 1
    linked = re.findall(r'<a href="(.*?)">.*?<text.*?</text>', drawn[0])
    assert linked == ["part/first.html", "part/second.html", "part/last.html"]
    assert drawn[0].count("bow") == 2
    assert 'role="group" aria-label="What builds on what."' in drawn[0]
    assert "1.3 Last and 1.1 First are the ends." in words(page)
    assert 'href="part/first.html#words"' in page


def test_the_list_has_numbers_needs_questions_and_folded_answers(page):
    listed = page[page.index('class="skip"') :]
    for sentence in (
        "1.1 First takes about 5 minutes and needs no other chapter.",
        "1.3 Last takes about 5 minutes and builds on 1.2 Second.",
    ):
        assert sentence in words(listed)
    assert words(listed).count("Skip it if you can answer: What is") == 3
    answers = re.findall("<details.*?</details>", listed, re.DOTALL)
    assert len(answers) == 3
    assert all("katex" in fold and "Peano" in fold for fold in answers)


def test_a_chapter_that_doesnt_say_what_it_needs_is_named(tmp_path):
    built = build(tmp_path, {"first": "description: None."})
    assert built.status != 0
    assert "book/part/first.md doesn't say what it needs, and the map shows it" in built.log


def test_an_unknown_need_fails_the_build(tmp_path):
    built = build(tmp_path, {"first": "needs: [other]"})
    assert built.status != 0
    assert "book/part/first.md needs 'other', and there is no such chapter" in built.log


def test_mistakes_on_the_page_and_in_a_box_are_named(tmp_path):
    page = MAP.replace(":alt: What builds on what.\n", "").replace("#words", "#nowhere")
    built = build(tmp_path, {"first": "needs: []", "last": "needs: []"}, page, BOX[:-40] + ":::\n")
    assert built.status != 0
    for sentence in (
        "the map needs an :alt:",
        "expected a page of the contents, or one of its sections; got 'first#nowhere'",
        "expected 2 questions with their answers",
    ):
        assert sentence in built.log


def test_what_a_chapter_says_that_you_need_is_what_it_declares():
    """Its sentence says what of the other chapters; their names are in its needs."""
    for path in ROOT.glob("book/*/*.md"):
        text = path.read_text("utf-8")
        declared = re.search(r"^needs: \[(.*)\]$", text, re.MULTILINE)
        if declared:
            said = re.findall("^You need .*", text.partition("\n## ")[0], re.MULTILINE)
            linked = re.findall(r"\]\((?:\S*/)?([\w-]+?)(?:\.md)?\)", "\n".join(said))
            assert set(linked) <= set(declared[1].split(", ")), path


def test_the_routes_hold_what_they_need():
    """Whoever takes a route is sent to no chapter before what it builds on."""
    text = (ROOT / "book" / "map.md").read_text("utf-8")
    heads = {
        path.stem: re.search(r"^needs: \[(.*)\]$", path.read_text("utf-8"), re.MULTILINE)
        for path in ROOT.glob("book/*/*.md")
    }
    routes = re.findall(r"\{reading-time\}`([^`]*)`", text)
    assert len(routes) == 3
    for route in routes:
        folders = [ROOT / "book" / name.strip() for name in route.split(",")]
        taken = {path.stem for f in folders for path in f.glob("*.md")} | {f.stem for f in folders}
        if route == "book":
            taken = set(heads)
        for name in taken:
            needed = heads.get(name)
            if needed and needed[1]:
                assert set(needed[1].split(", ")) <= taken, (route, name)
