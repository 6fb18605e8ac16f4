"""All widgets in a real browser: in the light and the dark, over http and from the disk."""

import pytest
from ipywidgets import IntSlider

from attnbook import front
from attnlab.chapters.recurrence.widget import RecurrenceWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from tests.browser.made import WIDGETS, write_page
from tests.browser.on_page import ROOMS, WIDGET, control

OFFERING = ["block", "decoding", "heads", "scores", "ten_minutes", "transformer"]


@pytest.mark.parametrize("name", OFFERING)
def test_the_page_offers_what_a_trait_takes(open_widget, name):
    page = open_widget(name).page
    limits = WIDGETS[name]()._constants["limits"]
    choices = {trait: each["values"] for trait, each in limits.items() if "values" in each}
    for trait, values in choices.items():
        widget = page.locator(WIDGET).first
        offered = widget.locator(f'input[data-name="{trait}"], select[data-name="{trait}"] option')
        assert offered.evaluate_all("all => all.map(each => each.value)") == list(values)
    assert choices


@pytest.mark.parametrize("name", WIDGETS)
def test_a_phone_needs_no_sideways_scroll(open_widget, name):
    page = open_widget(name, viewport={"width": 390, "height": 844}).page
    widget = page.locator(WIDGET).first
    for part in (widget, *widget.locator(":scope > *").all()):
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


CONTRAST = """(widget) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const linear = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const c = byte / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const paper = light(getComputedStyle(widget).backgroundColor);
  const words = [...widget.querySelectorAll("span, data, button, p, text, .attn-bar")];
  const ratios = words.map((node) => {
    const style = getComputedStyle(node);
    const ink = light(node instanceof SVGElement ? style.fill : style.color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
  return { paper, worst: Math.min(...ratios) };
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("name", ROOMS)
def test_a_widget_lives(open_widget, name, scheme, theme):
    """What a reader does with it is tried once, in its room's own tests; here it is only woken."""
    opened = open_widget(name, scheme, color_scheme=theme)
    assert opened.page.locator("html").get_attribute("data-theme") == theme
    for widget in opened.page.locator(WIDGET).all():
        seen = {widget.inner_html()}
        inputs = widget.locator("input:not([type=text])")
        (inputs if inputs.count() else widget.locator("select")).first.focus()
        for key in ("Home", "ArrowRight", "ArrowRight", "Space"):  # one of which it listens to
            opened.page.keyboard.press(key)
            seen.add(widget.inner_html())
        assert len(seen) > 1
    assert (opened.errors, opened.foreign) == ([], [])


@pytest.mark.parametrize("name", WIDGETS)
def test_words_and_bars_stand_out_from_the_paper(open_widget, name):
    page = open_widget(name, reduced_motion="reduce").page
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        measured = page.locator(WIDGET).first.evaluate(CONTRAST)
        assert (measured["paper"] > 0.5) == (theme == "light")
        assert measured["worst"] >= 4.5, theme  # WCAG 2.2, success criterion 1.4.3


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_several_widgets_on_one_page(visit, address_of, tmp_path, scheme):
    front.write(tmp_path)
    shared = ScalingWidget()
    write_page(tmp_path, "several", [shared, shared, IntSlider(), RecurrenceWidget()])
    home = address_of(tmp_path, scheme)
    opened = visit(home + "several.html", home)
    page = opened.page
    page.locator(".attn-widget data[value]").nth(8).wait_for()
    assert page.locator(".attn-widget").count() == 3
    assert page.locator("style").count() == 2  # one for each kind
    control(page, "d_k").press("Home")
    sentences = page.locator(".attn-sentence").all_text_contents()
    assert sentences[0] == sentences[1]  # two views of one widget move together
    assert sentences[0].startswith("At dk = 1 ")
    assert "open the notebook" in page.locator(".attn-notice").text_content()
    assert not opened.errors and not opened.foreign
