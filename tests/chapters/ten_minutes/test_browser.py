"""The ten minutes' widgets in a browser: torch's weights, an arc for each, and a word that turns;
and one look-up by hand, moved by mouse, finger and keys."""

import json
import re

import numpy as np
import pytest

from attnlab.chapters.ten_minutes.by_hand import ByHandWidget
from attnlab.chapters.ten_minutes.models import LastWordAsks
from attnlab.chapters.ten_minutes.sentences import ADJECTIVES
from attnlab.chapters.ten_minutes.widget import TenMinutesWidget
from tests.browser.made import filled
from tests.browser.on_page import embedded_state, press

THICKEST = 16
# Where an arc ends, in pixels of the page, and the word it leads to.
ENDS = """() => [...document.querySelectorAll(".attn-asks")][0].querySelectorAll("path").values()
  .map(line => {
    const end = line.getPointAtLength(line.getTotalLength());
    const box = line.ownerSVGElement.getBoundingClientRect();
    return [box.x + end.x, box.y + end.y];
  }).toArray()"""


def check(page, **state) -> TenMinutesWidget:
    """All that is shown is what the widget gives for these traits; returns that widget."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    models = json.loads(store.text_content())["state"].values()
    packed = next(m["state"]["_model"] for m in models if "adjective" in m["state"])
    w = TenMinutesWidget(filled(LastWordAsks(), packed), **state)
    widget = page.locator(".attn-widget").first
    weights = widget.locator("data").evaluate_all("all => all.map(each => +each.value)")
    np.testing.assert_allclose(weights, w.weights, atol=1e-6)
    said = widget.locator(".attn-said").all_text_contents()
    assert [word.lower() for word in said] == w.words
    widths = widget.locator("path").evaluate_all(
        "all => all.map(p => parseFloat(p.style.strokeWidth))"
    )
    np.testing.assert_allclose(widths, THICKEST * w.weights, atol=0.0051)
    sentence = widget.locator(".attn-sentence").text_content()
    assert f"The model says: the {w.answer} is too {w.adjective}." in sentence
    shown = widget.locator("select").evaluate_all("all => all.map(each => each.value)")
    assert shown == [w.adjective, w.animal, w.place]
    return w


def test_by_keyboard(open_widget):
    opened = open_widget("ten_minutes")
    page = opened.page
    check(page)
    word = page.locator(".attn-asking").first
    word.focus()
    page.keyboard.press("ArrowDown")
    check(page, adjective=ADJECTIVES[1])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    check(page, adjective=ADJECTIVES[-1])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert check(page, adjective="wide").answer == "street"
    page.locator('input[data-name="place_first"]').first.focus()
    page.keyboard.press("Space")
    check(page, adjective="wide", place_first=True)
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("ten_minutes", viewport={"width": 1280, "height": 1400})
    page = opened.page
    page.locator(".attn-asking").first.click()
    check(page, adjective="wide")
    page.locator(".attn-asking").first.click()
    assert check(page).answer == "animal"
    chosen = {"adjective": "hungry", "animal": "duck", "place": "valley"}
    for name, word in chosen.items():
        page.locator(f'select[data-name="{name}"]').first.select_option(word)
    check(page, **chosen)
    sentence = page.locator(".attn-sentence").first
    assert "never met “hungry” said of “duck”" in sentence.text_content()
    page.get_by_role("button", name="Reset").first.click()
    check(page)
    assert not opened.errors and not opened.foreign


@pytest.mark.parametrize("width", [1280, 390])
def test_arcs_end_at_their_words_and_stay_in_the_picture(open_widget, width):
    page = open_widget("ten_minutes", viewport={"width": width, "height": 900}).page
    for place_first in (False, True):
        if place_first:
            page.locator('input[data-name="place_first"]').first.check()
            page.locator('select[data-name="animal"]').first.select_option("hedgehog")
            page.locator('select[data-name="adjective"]').first.select_option("slippery")
        words = [word.bounding_box() for word in page.locator(".attn-read").all()]
        for (x, y), box in zip(page.evaluate(ENDS), words, strict=True):
            assert box["x"] - 2 <= x <= box["x"] + box["width"] + 2
            assert min(abs(y - box["y"]), abs(y - box["y"] - box["height"])) <= 2
        folded = page.locator(".attn-asks").first.get_attribute("data-folded")
        assert folded == ("true" if width == 390 else "false")
        frame = page.locator(".attn-widget").first.bounding_box()
        for line in page.locator(".attn-asks path").all():
            assert line.bounding_box()["y"] > frame["y"] + 10


def test_nothing_moves_for_those_who_want_it_so(open_widget):
    page = open_widget("ten_minutes", reduced_motion="reduce").page
    moving = page.locator(".attn-asks :is(path, .attn-said)")
    durations = moving.evaluate_all("all => all.map(e => getComputedStyle(e).transitionDuration)")
    assert set(durations) == {"0s"}


def look_up(page):
    return page.locator(".attn-widget", has=page.locator(".attn-hand"))


def check_by_hand(page, **traits) -> ByHandWidget:
    """All numbers that are shown are those of the widget with these traits; returns it."""
    w = ByHandWidget(**traits)
    widget = look_up(page)

    def shown(step: str) -> list[float]:
        """What each line of this step ends with."""
        rows = widget.locator(f'p[data-name^="{step}_"]').all()
        return [float(row.locator("data").last.get_attribute("value")) for row in rows]

    scaled = w.products / np.sqrt(2)
    np.testing.assert_allclose(shown("product"), w.products, atol=1e-9)
    np.testing.assert_allclose(shown("divided"), scaled, atol=1e-9)
    np.testing.assert_allclose(shown("power"), np.exp(scaled), rtol=1e-9)
    np.testing.assert_allclose(shown("share"), w.weights, rtol=1e-9)
    discs = widget.locator(".attn-hand-share")
    weights = discs.evaluate_all("all => all.map(disc => +disc.dataset.weight)")
    np.testing.assert_allclose(weights, w.weights, rtol=1e-9)
    read = "({}, {})".format(*(f"{x:.2f}" for x in w.read)).replace("-", "−")
    assert widget.locator('p[data-name="read"]').text_content() == f"Read: {read}"
    assert f"and gets {read}." in widget.locator(".attn-sentence").text_content()
    assert widget.locator("input:checked").get_attribute("value") == w.point
    return w


def place_in_plane(page, x: float, y: float) -> tuple[float, float]:
    box = look_up(page).locator(".attn-hand-plane svg").bounding_box()
    across, up = box["width"] * (x + 2.25) / 4.5, box["height"] * (2.25 - y) / 4.5
    return box["x"] + across, box["y"] + up


def places_shown(page) -> list[tuple[float, ...]]:
    """Of the query and the keys, as those are told who listen."""
    points = (
        look_up(page)
        .locator(".attn-hand-point")
        .evaluate_all("all => all.map(point => point.ariaLabel)")
    )
    numbers = (re.findall(r"−?\d\.\d\d", label) for label in points)
    found = [tuple(float(x.replace("−", "-")) for x in pair) for pair in numbers]
    return found[::-1]  # the query is drawn last, on top


def test_a_look_up_by_keyboard(open_widget):
    opened = open_widget("ten_minutes.by_hand")
    page = opened.page
    start = embedded_state(page, ByHandWidget)
    check_by_hand(page, **start)
    look_up(page).locator(".attn-hand-point[data-query]").focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    state = {**start, "query": (1.0, 0.9)}
    check_by_hand(page, **state)
    look_up(page).get_by_label("Key B, at").focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    state |= {"places": [start["places"][0], (0.5, 1.5), start["places"][2]], "point": "B"}
    check_by_hand(page, **state)
    look_up(page).locator('input[value="C"]').check()
    press(page, "point_1", Home=1)
    press(page, "point_2", End=1)
    state |= {"places": [*state["places"][:2], (-2, 2)], "point": "C"}
    check_by_hand(page, **state)
    look_up(page).get_by_role("button", name="Reset").click()
    check_by_hand(page, **start)
    assert not opened.errors and not opened.foreign


def test_a_look_up_by_mouse(open_widget):
    opened = open_widget("ten_minutes.by_hand", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, ByHandWidget)
    look_up(page).scroll_into_view_if_needed()
    page.mouse.move(*place_in_plane(page, *start["places"][2]))
    page.mouse.down()
    page.mouse.move(*place_in_plane(page, 1.5, -0.75), steps=6)
    page.mouse.up()
    query, *keys = places_shown(page)
    assert query == tuple(start["query"])
    assert keys[2] == pytest.approx((1.5, -0.75), abs=0.03)
    state = {**start, "places": keys, "point": "C"}
    check_by_hand(page, **state)
    page.mouse.click(*place_in_plane(page, *start["places"][0]))  # which moves nothing
    check_by_hand(page, **{**state, "point": "A"})
    page.mouse.click(*place_in_plane(page, -1, -1))  # where nothing is: the query comes
    query, *_ = places_shown(page)
    assert query == pytest.approx((-1, -1), abs=0.03)
    check_by_hand(page, **{**state, "query": query, "point": "query"})
    assert not opened.errors and not opened.foreign


def test_a_look_up_by_finger(open_widget):
    opened = open_widget(
        "ten_minutes.by_hand", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = opened.page
    start = embedded_state(page, ByHandWidget)
    look_up(page).locator(".attn-hand-plane").scroll_into_view_if_needed()
    page.touchscreen.tap(*place_in_plane(page, -0.5, 1.5))
    query, *_ = places_shown(page)
    assert query == pytest.approx((-0.5, 1.5), abs=0.03)
    check_by_hand(page, **{**start, "query": query})
    page.touchscreen.tap(*place_in_plane(page, *start["places"][1]))
    check_by_hand(page, **{**start, "query": query, "point": "B"})


def test_a_look_up_says_what_surprises(open_widget):
    page = open_widget("ten_minutes.by_hand").page
    sentence = look_up(page).locator(".attn-sentence")
    press(page, "point_1", Home=1, PageUp=4)
    press(page, "point_2", Home=1, PageUp=4)
    check_by_hand(page, query=(0, 0))
    assert "All three products are the same" in sentence.text_content()
    look_up(page).get_by_role("button", name="Reset").click()
    look_up(page).locator('input[value="C"]').check()
    press(page, "point_1", Home=1, PageUp=6)
    press(page, "point_2", Home=1, PageUp=5)
    places = [*ByHandWidget().places[:2], (1.0, 0.5)]
    w = check_by_hand(page, places=places, point="C")
    away = np.hypot(*(np.array(w.places) - w.query).T)
    assert (away.argmin(), w.products.argmax()) == (2, 0)
    assert "Key C is the nearest to the query, but key A has" in sentence.text_content()


@pytest.mark.parametrize("width", [1280, 390])
def test_no_line_of_a_look_up_leaves_its_frame(open_widget, width):
    page = open_widget("ten_minutes.by_hand", viewport={"width": width, "height": 900}).page
    widget = look_up(page)
    for name in ("query", "A", "B", "C"):
        widget.locator(f'input[value="{name}"]').check()
        for axis in ("point_1", "point_2"):
            press(page, axis, Home=1, ArrowRight=1)
    frame = widget.bounding_box()
    for line in widget.locator(".attn-hand-steps p").all():
        box = line.bounding_box()
        assert box["x"] >= frame["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
