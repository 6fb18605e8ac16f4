"""Diagrams as a reader sees them: at a desk and on a phone, in the light, in the dark, on paper."""

import pytest

from tests.book.diagrams import build_diagrams
from tests.browser.fixtures import ROOT
from tests.browser.test_pages import PHONE, RULES

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGE = "book/part/all.html"

# Of each diagram, what is wrong with its texts: outside, on another, or too small.
TEXTS = """() => [...document.querySelectorAll(".diagram")].flatMap((svg, number) => {
  const frame = svg.getBoundingClientRect(), found = [];
  const scale = frame.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")].map(text => [text, text.getBoundingClientRect()]);
  for (const [text, box] of texts) {
    const say = what => found.push(`${number}: ${text.textContent} ${what}`);
    if (box.left < frame.left - 1 || box.right > frame.right + 1
        || box.top < frame.top - 3 || box.bottom > frame.bottom + 3) say("is outside");
    for (const piece of [text, ...text.querySelectorAll("tspan")])
      if (parseFloat(getComputedStyle(piece).fontSize) * scale < 11) say("is too small");
    for (const [other, its] of texts)
      if (text !== other && box.left < its.right - 2 && its.left < box.right - 2
          && box.top < its.bottom - 5 && its.top < box.bottom - 5)
        say(`is on ${other.textContent}`);
  }
  return found;
})"""

# The contrast of each text with what is painted below it, from the page up.
CONTRASTS = """() => [...document.querySelectorAll(".diagram text")].map(text => {
  const rgb = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = color => color.map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const box = text.getBoundingClientRect();
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  let ground = rgb(getComputedStyle(document.body).backgroundColor);
  for (const shape of text.ownerSVGElement.querySelectorAll("rect, path")) {
    if (shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_PRECEDING) continue;
    const style = getComputedStyle(shape), at = shape.getBoundingClientRect();
    const isBelow = at.left < x && x < at.right && at.top < y && y < at.bottom;
    if (style.fill === "none" || !isBelow) continue;
    const part = parseFloat(style.fillOpacity);
    ground = ground.map((c, i) => c * (1 - part) + rgb(style.fill)[i] * part);
  }
  const [one, other] = [light(ground), light(rgb(getComputedStyle(text).fill))];
  return [text.textContent, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)];
})"""

# The colors that stand for something.
COLORS = """() => Object.fromEntries(["plain", "query", "key", "value", "weight"].map(
  kind => [kind, getComputedStyle(document.querySelector(`.diagram g:not(.pale) > .${kind}, `
    + `.diagram > .${kind}`)).color]))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = build_diagrams(tmp_path_factory.mktemp("diagrams"))
    assert built.status == 0, built.log
    return built.site


@pytest.fixture
def page(site, visit, address_of):
    """`page()` opens the page with all diagrams."""

    def open_page(**context):
        home = address_of(site, "http")
        return visit(home + PAGE, home, **context).page

    return open_page


@pytest.mark.parametrize("context", [PHONE, {"viewport": {"width": 1280, "height": 900}}])
def test_texts_are_inside_apart_and_large_enough(page, context):
    opened = page(**context)
    assert opened.evaluate(TEXTS) == []
    assert opened.evaluate("document.documentElement.scrollWidth") == context["viewport"]["width"]


def test_texts_stand_out_in_the_light_and_in_the_dark(page):
    opened = page()
    for theme in ("light", "dark"):
        opened.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        contrasts = opened.evaluate(CONTRASTS)
        assert len(contrasts) > 300
        assert [pair for pair in contrasts if pair[1] < 4.5] == []


def test_colors_are_of_the_theme_and_paper_is_light(page):
    opened = page()
    seen = {}
    for theme in ("light", "dark"):
        opened.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        seen[theme] = opened.evaluate(COLORS)
        assert len(set(seen[theme].values())) == 5
    assert all(seen["light"][kind] != seen["dark"][kind] for kind in seen["light"])
    opened.emulate_media(media="print")
    assert opened.evaluate(COLORS) == seen["light"]


def test_they_are_accessible_and_their_links_large_enough(page):
    opened = page()
    opened.add_script_tag(path=AXE)
    for theme, rules in RULES.items():
        opened.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        result = opened.evaluate("options => axe.run('figure', options)", options)
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in result["violations"]] == []
    link = opened.get_by_role("link", name="positions").first
    assert link.bounding_box()["height"] >= 24
    link.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/positions.html")
