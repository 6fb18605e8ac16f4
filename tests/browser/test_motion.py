"""What a click or a key moves in a widget glides there; what is dragged is where the pointer is."""

import pytest

from tests.browser.on_page import WIDGET, finger, press

DESK = {"viewport": {"width": 1280, "height": 1400}}
# A slider of each widget, and what can be dragged in it.
MOVING = {
    "lookup": ("query", ".attn-sweep"),
    "softmax": ("bias", ".attn-grip"),
    "scores": ("query_1", ".attn-grip"),
}
WATCH = """widget => {
  widget.glides = 0;
  widget.addEventListener("transitionrun", ({ target }) => {
    if (target instanceof SVGElement) widget.glides += 1;
  });
}"""
# How many things have begun to glide since the last call.
GLIDES = """async (widget) => {
  for (let frame = 0; frame < 3; frame += 1)
    await new Promise((next) => requestAnimationFrame(next));
  const { glides } = widget;
  widget.glides = 0;
  return glides;
}"""

each_widget = pytest.mark.parametrize("name", MOVING)


@pytest.fixture
def watch(open_widget):
    """`watch(name)` opens a widget; its `glides()` counts what has begun to glide since."""

    def open_it(name: str, **context):
        page = open_widget(name, **DESK, **context).page
        widget = page.locator(WIDGET).first
        widget.evaluate("it => it.scrollIntoView({ behavior: 'instant', block: 'center' })")
        widget.evaluate(WATCH)
        return page, widget, lambda: widget.evaluate(GLIDES)

    return open_it


@each_widget
def test_after_a_key_things_glide(watch, name):
    page, _, glides = watch(name)
    press(page, MOVING[name][0], PageUp=1)
    assert glides() > 0


@each_widget
def test_they_do_not_for_whoever_wants_less_motion(watch, name):
    page, widget, glides = watch(name, reduced_motion="reduce")
    before = widget.inner_html()
    press(page, MOVING[name][0], PageUp=1)
    assert glides() == 0
    assert widget.inner_html() != before


@each_widget
def test_what_is_dragged_is_where_the_pointer_is(watch, name):
    page, widget, glides = watch(name)
    box = widget.locator(MOVING[name][1]).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    glides()  # to where the press was
    for step in range(1, 4):
        before = widget.inner_html()
        page.mouse.move(x + 12 * step, y + 12 * step)
        assert glides() == 0
        assert widget.inner_html() != before
    page.mouse.up()
    press(page, MOVING[name][0], PageDown=1)
    assert glides() > 0  # as before


@pytest.mark.parametrize("name", ["lookup", "recurrence", "convolution", "positions", "block"])
def test_a_finger_that_scrolls_the_page_moves_nothing(open_widget, name):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_widget(name, **phone).page
    widget = page.locator(WIDGET).first
    grip = widget.locator(".attn-sweep, .attn-grip-across").first
    grip.evaluate("it => it.scrollIntoView({ behavior: 'instant', block: 'center' })")
    box = grip.bounding_box()
    x, y = box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2
    before, scrolled = widget.inner_html(), page.evaluate("scrollY")
    finger(page, [(x, y - 15 * i) for i in range(15)])
    assert page.evaluate("scrollY") > scrolled
    assert widget.inner_html() == before
    y = grip.bounding_box()["y"] + box["height"] / 2
    finger(page, [(x + 10 * i, y) for i in range(15)])
    assert widget.inner_html() != before
