"""The search box and the search page of the built site in a real browser."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import ROOT, Visit

SITE = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTER = "book/mechanism/scaling.html"
PHONE = {"viewport": {"width": 390, "height": 844}}
VIOLATIONS = """async theme => {
  document.documentElement.dataset.theme = theme;
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values } });
  return violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)]);
}"""
# Past what the keyboard and the box's longest text let through.
PASTE = """(box, text) => {
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""


@pytest.fixture
def read(visit, address_of):
    """`read(page, scheme)` visits a page of the site."""

    def open_page(page: str, scheme: str = "http", **context) -> Visit:
        home = address_of(SITE, scheme)
        return visit(home + page, home, **context)

    return open_page


def search_for(opened: Visit, query: str):
    """Type it, and wait for what is said of it."""
    box = opened.page.get_by_role("combobox", name="Search the book")
    box.fill(query)
    opened.page.locator(".found-status").wait_for()
    return box


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_box_shows_results_and_the_keyboard_follows_one(read, scheme):
    opened = read(CHAPTER, scheme)
    page = opened.page
    box = search_for(opened, "rotary")
    expect(box).to_have_attribute("aria-expanded", "true")
    options = page.get_by_role("option")
    first = options.first
    expect(first.locator("mark").first).to_have_text("rotary")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    box.press("ArrowUp")  # back to what was typed
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("ArrowUp")  # and to the last
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/book/back/glossary.html#term-rotary-positions")
    assert (opened.foreign, opened.errors) == ([], [])


def test_results_are_grouped_by_kind_and_say_where_they_are(read):
    opened = read(CHAPTER)
    search_for(opened, "label smothing")
    term = opened.page.get_by_role("group", name="Glossary").get_by_role("option").first
    expect(term.locator("mark")).to_have_text(["label", "smoothing"])
    section = opened.page.get_by_role("group", name="Chapters").get_by_role("option").first
    expect(section.locator(".found-place")).to_have_text(re.compile(r"^\d\.\d+ [A-Z]"))


def test_nothing_is_loaded_before_the_box_is_used(read):
    opened = read(CHAPTER)
    asked = []
    opened.page.on("request", lambda request: asked.append(request.url))
    opened.page.mouse.move(5, 300)
    opened.page.wait_for_load_state("networkidle")
    assert not any("search.js" in url for url in asked)
    opened.page.get_by_role("combobox").focus()
    opened.page.wait_for_function("globalThis.attnSearch")
    assert sum("search.js" in url for url in asked) == 1


def test_escape_and_another_place_close_the_results(read):
    opened = read(CHAPTER)
    popup = opened.page.locator(".found-popup")
    box = search_for(opened, "softmax")
    expect(popup).to_be_visible()
    box.press("Escape")
    expect(popup).not_to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("softmax")
    box.press("ArrowDown")
    expect(popup).to_be_visible()
    box.press("Tab")
    expect(popup).not_to_be_visible()
    box.focus()
    box.press("ArrowDown")
    expect(popup).to_be_visible()
    box.fill("")
    expect(popup).not_to_be_visible()


def test_enter_leads_to_all_results(read):
    opened = read(CHAPTER)
    page = opened.page
    search_for(opened, "softmax").press("Enter")
    page.wait_for_url("**/search.html?q=softmax")
    expect(page.get_by_role("status").first).to_contain_text("results for “softmax”")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Glossary")
    expect(page.get_by_role("combobox")).to_have_value("softmax")
    more = page.locator("details summary").first
    hidden = page.locator("article details li a").first
    expect(hidden).not_to_be_visible()
    more.click()
    hidden.click()
    page.wait_for_url("**/book/**")
    assert (opened.foreign, opened.errors) == ([], [])


def test_what_is_found_is_told_to_those_who_do_not_see_it(read):
    opened = read(CHAPTER)
    status = opened.page.locator(".found-status")
    assert status.get_attribute("role") == "status"
    search_for(opened, "rotary")
    expect(status).to_contain_text("The best 8 of ")
    opened.page.get_by_role("combobox").fill("zebras")
    expect(status).to_have_text("Nothing was found for “zebras”.")
    expect(opened.page.get_by_role("option")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "Type what you are looking for"),
        ("%20%20", "Type what you are looking for"),
        ("x" * 10_000, "Nothing was found for “" + "x" * 80 + "…”."),
        (quote("<img src=y onerror=document.title='!'>"), "for “<img src=y onerror="),
        ("%ED%A0%80", "Nothing was found"),
        ("constructor%20__proto__", "for “constructor __proto__”"),
    ],
)
def test_the_search_page_takes_any_address(read, query, told):
    opened = read(f"search.html?q={query}")
    expect(opened.page.get_by_role("status").first).to_contain_text(told)
    assert opened.page.locator("article img").count() == 0
    assert opened.page.title().startswith("Search")
    assert opened.errors == []


def test_the_box_takes_whatever_is_pasted(read):
    opened = read(CHAPTER)
    box = opened.page.get_by_role("combobox")
    for text in ("\ud800", "<b>head</b>", "(((", "softmax \udfff " * 1000):
        box.evaluate(PASTE, text)
    expect(opened.page.get_by_role("option").first).to_be_visible()
    assert opened.page.locator(".found-popup b").count() == 0
    box.fill("")
    opened.page.keyboard.insert_text("softmax " * 1250)
    assert len(box.input_value()) == 200
    box.press("Enter")
    opened.page.wait_for_url("**/search.html?q=softmax*")
    assert opened.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_results_are_accessible(read, theme):
    opened = read(CHAPTER)
    search_for(opened, "softmax").press("ArrowDown")
    opened.page.add_script_tag(path=AXE)
    assert opened.page.evaluate(VIOLATIONS, theme) == []
    opened = read("search.html?q=softmax")
    opened.page.locator("article li a").first.wait_for()
    opened.page.add_script_tag(path=AXE)
    assert opened.page.evaluate(VIOLATIONS, theme) == []


def test_a_phone_finds_too(read):
    opened = read(CHAPTER, **PHONE)
    page = opened.page
    page.get_by_role("button", name="Menu").click()
    box = search_for(opened, "scaled dot-product attention")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box.press("Escape")
    expect(page.locator(".found-popup")).not_to_be_visible()
    expect(box).to_be_visible()  # the menu is still open
    box.press("Enter")
    page.wait_for_url("**/search.html?q=scaled*")
    page.locator("article li a").first.wait_for()
    expect(page.get_by_role("combobox")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_a_script_the_page_says_so_and_leads_on(read):
    page = read(CHAPTER, java_script_enabled=False).page
    page.get_by_role("textbox", name="Search the book").fill("heads")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=heads")
    expect(page.get_by_role("main")).to_contain_text("The search needs JavaScript")
    page.get_by_role("main").get_by_role("link", name="glossary").click()
    page.wait_for_url("**/book/back/glossary.html")


def test_a_search_that_cannot_be_loaded_says_so_and_is_tried_again(read):
    opened = read(CHAPTER)
    opened.page.route("**/search.js", lambda route: route.abort())
    search_for(opened, "heads")
    status = opened.page.locator(".found-status")
    expect(status).to_have_text("The search could not be loaded.")
    opened.page.unroute("**/search.js")
    opened.page.get_by_role("combobox").fill("head")
    expect(opened.page.get_by_role("option").first).to_be_visible()


def test_paper_gets_the_results_of_the_page(read):
    opened = read("search.html?q=softmax")
    result = opened.page.locator("article li a").first
    result.wait_for()
    opened.page.emulate_media(media="print")
    expect(result).to_be_visible()
    expect(opened.page.get_by_role("combobox")).not_to_be_visible()
