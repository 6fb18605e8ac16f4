"""Every page of the built site in a real browser, as a host serves it and from the disk."""

import re
from dataclasses import dataclass

import pytest

from tests.browser.first_visit import DRAWN, WATCH_SHIFTS, sent, shifts
from tests.browser.fixtures import ROOT, Visit

SITE = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# "404" is shown by a host for addresses that do not exist, so its links begin at the host's root.
NOT_FOUND = "404.html"
# The site's address leads elsewhere: whatever is asked of it is asked while it leaves.
FRONT = "index.html"
BUILT = sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html"))
# What a class gets is shown as it is: no page of the book, and nothing of the site is in it.
SAMPLE = "book/instructors/sample/"
READ = [page for page in BUILT if page not in (FRONT, NOT_FOUND) and not page.startswith(SAMPLE)]
PAGES = [*READ, NOT_FOUND]
CHAPTER = "book/mechanism/scaling.html"
RULES = {
    "light": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},  # what colors do
}
PHONE = {"viewport": {"width": 390, "height": 844}}
HEAD = """() => Object.fromEntries([...document.querySelectorAll("head meta[content]")]
  .map(meta => [meta.name || meta.getAttribute("property"), meta.content]))"""
SIDEWAYS = """() => [...document.querySelectorAll(
    "article :is(.cell_input pre, .katex-display, .pst-scrollable-table-container)")]
  .filter(box => box.scrollWidth > box.clientWidth).map(box => box.innerText.slice(0, 80))"""
BELOW = """() => (document.querySelector(".site-nav [aria-current]")
  ?.getBoundingClientRect().bottom ?? 0) - innerHeight"""
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
BUDGET = 350_000  # bytes of a first visit, compressed as a host does
TRAINED = 600_000  # where trained models travel
STILL = 0.01  # of the window's height and area: by so much a page may move after it was shown

# All tests of one page follow each other, in one worker: what is looked at once serves them all.
every_page = pytest.mark.parametrize("page", PAGES, scope="module")
every_page_read = pytest.mark.parametrize("page", READ, scope="module")


@pytest.fixture
def read(visit, address_of):
    """`read(page, scheme)` visits a page of the site, and notes warnings as errors."""

    def open_page(page: str, scheme: str = "http", **context) -> Visit:
        home = address_of(SITE, scheme)
        opened = visit("about:blank", home, **context)
        opened.page.on("console", lambda m: m.type == "warning" and opened.errors.append(m.text))
        opened.page.add_init_script(WATCH_SHIFTS)
        opened.page.goto(home + page)
        if context.get("java_script_enabled", True):
            opened.page.wait_for_function(DRAWN)
        return opened

    return open_page


@dataclass(frozen=True)
class FirstVisit:
    """What came of a page that was asked for over http, read to its end and left alone."""

    foreign: list[str]
    errors: list[str]
    raw: int  # bytes
    sent: int  # bytes, compressed as a host does
    head: dict[str, str]  # what the page says of itself
    sideways: list[str]  # how whatever is wider than its column begins
    below: float  # by how much the menu's line of the page ends below the window, in px
    shifts: list[tuple[float, list[str]]]  # what moved after it was shown, and by how much


@pytest.fixture(scope="module")
def first_visits() -> dict[str, FirstVisit]:
    return {}


@pytest.fixture
def first_visit(first_visits, visit, address_of):
    """`first_visit(page)`, made once for all tests that ask about it."""

    def record(page: str) -> FirstVisit:
        if page not in first_visits:
            first_visits[page] = make(page)
        return first_visits[page]

    def make(page: str) -> FirstVisit:
        home = address_of(SITE, "http")
        opened = visit("about:blank", home)
        received = {}
        opened.page.on("console", lambda m: m.type == "warning" and opened.errors.append(m.text))
        opened.page.on("response", lambda response: received.update({response.url: response}))
        opened.page.add_init_script(WATCH_SHIFTS)
        opened.page.goto(home + page)
        opened.page.wait_for_function(DRAWN)
        below = opened.page.evaluate(BELOW)
        opened.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        opened.page.wait_for_load_state("networkidle")
        bodies = {url: r.body() for url, r in list(received.items()) if url.startswith("http")}
        moved = shifts(opened.page)
        unfold(opened.page)
        return FirstVisit(
            opened.foreign,
            opened.errors,
            sum(map(len, bodies.values())),
            sent(bodies),
            opened.page.evaluate(HEAD),
            opened.page.evaluate(SIDEWAYS),
            below,
            moved,
        )

    return record


def unfold(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")


def test_the_site_is_built():
    assert {FRONT, "search.html", NOT_FOUND, CHAPTER} <= set(BUILT), "run make book first"


@every_page
def test_a_page_asks_nobody_else_and_complains_of_nothing(first_visit, page):
    assert (first_visit(page).foreign, first_visit(page).errors) == ([], [])


@every_page_read
def test_nor_does_it_from_the_disk(read, page):
    opened = read(page, "file")
    opened.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    opened.page.wait_for_load_state("networkidle")
    assert (opened.foreign, opened.errors) == ([], [])


@every_page
def test_a_page_is_accessible_in_the_light_and_in_the_dark(read, page):
    opened = read(page, reduced_motion="reduce")  # no color is looked at while it changes
    unfold(opened.page)
    opened.page.add_script_tag(path=AXE)
    # Code has the same colors everywhere, and half of all elements: one page's is looked at.
    where = {"exclude": [] if page == CHAPTER else [[".highlight"]]}
    found = []
    for theme, rules in RULES.items():
        opened.page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        result = opened.page.evaluate("given => axe.run(...given)", [where, options])
        found += [(theme, v["id"], [n["html"] for n in v["nodes"]]) for v in result["violations"]]
    assert found == []


@every_page
def test_at_a_desk_no_code_table_or_formula_scrolls(first_visit, page):
    assert first_visit(page).sideways == []


@every_page
def test_a_phone_scrolls_a_page_only_downwards_and_nothing_moves(read, page):
    phone = read(page, **PHONE).page
    phone.wait_for_load_state("networkidle")
    assert_still(shifts(phone))
    unfold(phone)
    for width in (390, 320):
        phone.set_viewport_size({"width": width, "height": 844})
        assert phone.evaluate("document.documentElement.scrollWidth") == width


@every_page
def test_the_menus_line_of_a_page_is_within_the_window(first_visit, page):
    assert first_visit(page).below <= 0


@pytest.mark.parametrize("anchor", ["#100%", "#%", "#%E0"])
def test_a_malformed_anchor_is_none(read, anchor):
    opened = read(CHAPTER + anchor)
    assert opened.page.locator(".found-popup").count() == 1  # all scripts have run
    assert opened.errors == []


@every_page
def test_a_first_visit_is_light(first_visit, page, capsys):
    cost = first_visit(page)
    with capsys.disabled():
        print(f"\n{page}: {cost.raw / 1000:.0f} KB, {cost.sent / 1000:.0f} KB gzipped")
    brings_models = '"tensors"' in (SITE / page).read_text("utf-8")
    assert cost.sent <= (TRAINED if brings_models else BUDGET)


@every_page
def test_at_a_desk_nothing_moves_after_it_was_shown(first_visit, page):
    assert_still(first_visit(page).shifts)


def assert_still(moved) -> None:
    assert sum(value for value, _ in moved) <= STILL, moved


@pytest.mark.parametrize("page", [p for p in READ if p.startswith("book/")], scope="module")
def test_a_page_says_what_it_is(first_visit, page):
    head = first_visit(page).head
    assert 20 <= len(head["description"]) <= 300
    assert head["og:title"]
    assert head["og:description"] == head["description"]


def test_no_two_pages_share_a_title():
    titles = [TITLE.search((SITE / page).read_text("utf-8"))[1] for page in READ]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_sites_address_leads_to_the_first_page(visit, address_of, scheme):
    opened = visit("about:blank", home := address_of(SITE, scheme))
    opened.page.goto(home + FRONT, wait_until="commit")
    opened.page.wait_for_url("**/book/index.html")
    assert opened.page.locator("h1").inner_text().startswith("Attention by Experiment")
    assert (opened.foreign, opened.errors) == ([], [])


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 900), (PHONE["viewport"]["width"], PHONE["viewport"]["height"])]
)
def test_the_first_page_begins_with_what_it_is_and_a_sentence_that_asks(read, width, height):
    opened = read("book/index.html", viewport={"width": width, "height": height})
    page = opened.page
    hours = page.get_by_text("to read.").first.inner_text()
    assert re.search(r"takes \d+\sminutes, all of it [\d½]+\shours? to read", hours), hours
    asking = page.locator(".attn-asking")
    for part in (page.get_by_role("link", name="Start", exact=True), asking):
        box = part.bounding_box()
        assert box and box["y"] + box["height"] < height
    words = {asking.inner_text()}
    asking.click()
    words.add(asking.inner_text())
    assert words == {"tired", "wide"}
    page.get_by_role("link", name="Start", exact=True).click()
    page.wait_for_url("**/book/start/ten-minutes.html")
    assert (opened.errors, opened.foreign) == ([], [])


def test_a_wrong_address_shows_a_page_that_leads_back(visit, address_of):
    """At any depth: as a host does, the page is sent for an address that does not exist."""
    home = address_of(SITE, "http")
    opened = visit("about:blank", home)
    # Sent as if found: the browser would note the status 404 itself as an error.
    opened.page.route("**/no/such/page", lambda route: route.fulfill(path=SITE / NOT_FOUND))
    opened.page.goto(home + "no/such/page")
    opened.page.wait_for_load_state("networkidle")
    assert opened.errors == []
    assert "does not exist" in opened.page.locator("h1").inner_text()
    opened.page.locator(".site-nav a").filter(has_text="Glossary").click()
    opened.page.wait_for_url("**/book/back/glossary.html")
    opened.page.go_back()
    opened.page.locator(".brand").click()
    opened.page.wait_for_url("**/book/index.html")


def test_light_or_dark_is_the_systems_choice_until_it_is_the_readers(read):
    opened = read(CHAPTER, color_scheme="dark")
    theme = opened.page.locator("html")
    button = opened.page.get_by_role("button", name="Dark")
    assert (theme.get_attribute("data-theme"), button.get_attribute("aria-pressed")) == (
        "dark",
        "true",
    )
    button.focus()
    opened.page.keyboard.press("Enter")
    assert theme.get_attribute("data-theme") == "light"
    opened.page.reload()
    assert (theme.get_attribute("data-theme"), button.get_attribute("aria-pressed")) == (
        "light",
        "false",
    )


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(read):
    page = read(CHAPTER, **PHONE).page
    menu, nav = page.get_by_role("button", name="Menu"), page.locator("#site-nav")
    assert not nav.is_visible()
    menu.focus()
    page.keyboard.press("Enter")
    assert nav.is_visible()
    assert menu.get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("Escape")
    assert not nav.is_visible()


def test_a_page_can_be_read_without_a_script(read):
    page = read(CHAPTER, java_script_enabled=False, **PHONE).page
    assert page.locator("#site-nav").is_visible()
    solution = page.locator("details.solution").first
    code = solution.locator("pre").first
    assert not code.is_visible()
    solution.locator("summary").click()
    assert code.is_visible()
    folded = page.locator(".fold pre").first
    assert folded.is_visible()
    page.emulate_media(media="print")
    assert not folded.is_visible()
    page = read(CHAPTER, java_script_enabled=False).page  # at a desk
    assert page.locator(".page-toc a").first.is_visible()


def test_code_can_be_copied(read):
    page = read(CHAPTER, permissions=["clipboard-read", "clipboard-write"]).page
    cell = page.locator(".cell_input").first
    cell.hover()
    cell.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    for part in cell.locator("pre").all():  # folded or not
        assert part.text_content().strip() in copied


def test_how_much_code_is_in_sight_is_the_readers_choice_and_remembered(read):
    opened = read(CHAPTER)
    page = opened.page
    taught = page.locator(".cell:not(.admonition *) .cell_input > div pre").first
    folded = page.locator(".cell .fold pre").first
    exercise = page.locator(".exercise .cell_input pre").first

    def seen():
        return taught.is_visible(), folded.is_visible(), exercise.is_visible()

    assert seen() == (True, False, True)
    page.get_by_role("radio", name="what teaches").focus()
    page.keyboard.press("ArrowRight")
    assert seen() == (True, True, True)
    page.get_by_role("radio", name="none", exact=True).check()
    assert seen() == (False, False, True)
    page.reload()
    assert seen() == (False, False, True)
    assert page.get_by_role("radio", name="none", exact=True).is_checked()
    assert opened.errors == []


def test_the_menu_shows_where_one_is(read):
    page = read("book/transformer/decoding.html", viewport={"width": 1280, "height": 500}).page
    here = page.locator(".site-nav [aria-current=page]")
    assert " ".join(here.inner_text().split()).startswith("3.6 Decoding")
    box = here.bounding_box()
    assert box and 0 < box["y"] < 400
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_card_says_what_a_term_means_without_leaving_the_page(read, scheme):
    opened = read("book/transformer/heads.html", scheme)
    page = opened.page
    card, term = page.locator("#card"), page.locator('article a[href$="#term-key"]').first
    term.hover()
    card.wait_for()
    assert "compared with the query" in card.inner_text()
    assert term.get_attribute("aria-describedby") == "card"
    page.keyboard.press("Escape")
    assert not card.is_visible()
    page.keyboard.press("Tab")  # from now on, focus shows
    term.focus()
    card.wait_for()
    assert page.evaluate("document.activeElement.textContent") == "keys"
    page.mouse.move(5, 5)
    page.locator("article h1").click()
    assert not card.is_visible()
    assert (opened.errors, opened.foreign) == ([], [])


def test_a_card_shows_a_cited_work_and_a_formula(read):
    page = read(CHAPTER).page
    card = page.locator("#card")
    for link, words in (
        ('[href*="bibliography"]', "Attention is all you need"),
        ('[href*="#equation"]:not(.headerlink)', "="),
    ):
        page.locator(f"article a.reference{link}").filter(visible=True).first.hover()
        card.filter(has_text=words).wait_for()
        box = card.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1280


def test_a_card_that_comes_too_late_stays_away(read):
    page = read("book/transformer/heads.html").page
    held = []

    def hold(route):
        held.append(route)

    page.route("**/card-texts.js", hold)
    term = page.locator('article a[href$="#term-key"]').first
    with page.expect_request("**/card-texts.js"):
        term.hover()
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)  # the card would have closed by now
    held[0].continue_()
    page.wait_for_function("globalThis.attnCards")
    page.wait_for_timeout(100)
    assert not page.locator("#card").is_visible()
    term.hover()
    page.locator("#card").wait_for()


@pytest.mark.parametrize(("width", "height"), [(640, 450), (320, 560)])
def test_a_card_leaves_its_link_free(read, width, height):
    page = read("book/transformer/decoding.html", viewport={"width": width, "height": height}).page
    link = page.locator('article p a.reference.internal[href="#fig-decoding-gaps"]').first
    link.evaluate("a => scrollTo(0, a.getBoundingClientRect().top + scrollY - innerHeight / 2)")
    link.hover()
    page.locator("#card").wait_for()
    card, named = page.locator("#card").bounding_box(), link.bounding_box()
    assert card["y"] >= 0
    assert card["y"] + card["height"] <= height
    below, above = card["y"], card["y"] + card["height"]
    assert below >= named["y"] + named["height"] or above <= named["y"]


def test_on_a_touch_screen_the_first_touch_shows_the_card(read):
    page = read("book/transformer/heads.html", has_touch=True, **PHONE).page
    term = page.locator('article a[href$="#term-key"]').first
    term.tap()
    card = page.locator("#card")
    card.wait_for()
    assert page.url.endswith("heads.html")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    card.get_by_role("link", name="Go there").tap()
    page.wait_for_url("**/glossary.html#term-key")


def test_the_contents_mark_the_section_that_is_read(read):
    page = read("book/back/notation.html", viewport={"width": 1280, "height": 700}).page
    page.get_by_role("heading", name="Vectors and matrices").evaluate("h => h.scrollIntoView()")
    marked = page.locator(".page-toc a[aria-current]")
    marked.wait_for()
    assert marked.inner_text() == "Vectors and matrices"


def test_paper_gets_the_text_alone(read):
    page = read(CHAPTER).page
    page.emulate_media(media="print")
    for chrome in (".site-header", ".site-nav", ".page-toc", ".site-footer", ".turn", ".launch"):
        assert not page.locator(chrome).first.is_visible(), chrome
    assert page.locator("article h1").is_visible()
