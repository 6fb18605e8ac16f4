"""The widgets of pointers in a real browser: any name is typed, any story told, as torch has it."""

import json

import pytest

from attnlab.chapters.pointers.hops import FACTS, HopsWidget
from attnlab.chapters.pointers.journeys import REQUESTS, UNTRAINED, Journeys
from attnlab.chapters.pointers.models import MemoryNetwork
from attnlab.chapters.pointers.speakers import pointer
from attnlab.chapters.pointers.stories import WHAT, WHO
from attnlab.chapters.pointers.widget import LONGEST_NAME, PointersWidget
from attnlab.stored import load
from attnlab.widgets.base import END
from tests.browser.made import filled
from tests.browser.on_page import control, embedded_state, number


def expected(page, **traits) -> PointersWidget:
    """The widget in Python, with the model that is in the page."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    models = [model["state"]["_model"] for model in states if "_model" in model["state"]]
    packed = next(model for model in models if "words" in model)
    names = load("pointers")["names"]
    journeys = Journeys(tuple(names["known"]), tuple(names["new"]))
    return PointersWidget(filled(pointer(journeys), packed), journeys, **traits)


def check(page, **traits) -> None:
    """All that is shown is what the widget gives for these traits."""
    w = expected(page, **traits)
    widget = of_pointers(page)
    tokens = widget.locator(".attn-token").all_text_contents()
    said = len(w.reply)
    assert tokens[:said] == w.reply and set(tokens[said:]) <= {END}
    looked = min(w.step, len(tokens) - 1)
    pressed = [b.get_attribute("aria-pressed") for b in widget.locator(".attn-token").all()]
    assert pressed.index("true") == looked
    gate = w.gates[looked]
    shares = widget.locator("rect[data-share]").evaluate_all(
        "all => all.map(x => +x.dataset.share)"
    )
    assert shares[0] == pytest.approx(gate, abs=1e-6)
    assert shares[1 : 1 + len(w.words)] == pytest.approx((1 - gate) * w.weights[looked], abs=1e-6)
    assert sum(shares) == pytest.approx(1)
    assert number(page, "gate") == pytest.approx(gate, abs=1e-6)
    assert number(page, "probability") == pytest.approx(w.probabilities[looked], abs=1e-6)
    sentence = widget.locator(".attn-sentence").text_content()
    assert ("Both names are read back right." in sentence) == w.right
    assert ("The reply is wrong" in sentence) != w.right
    assert ("Here the reply ends" in sentence) == (looked == said)


def of_pointers(page):
    return page.locator(".attn-widget", has=page.locator("rect[data-share]"))


def request_of(page):
    return page.locator('select[data-name="request"]')


def test_typing_names(open_widget):
    opened = open_widget("pointers")
    page = opened.page
    state = embedded_state(page, PointersWidget)
    check(page, **state)
    for name in ("Oz", "中国", "New Zealand", "Ghana", "<unk>", "to", END, "x" * LONGEST_NAME):
        control(page, "start").fill(f" {name} ")
        check(page, **{**state, "start": name})
    control(page, "end").fill("Ur")
    check(page, **{**state, "start": "x" * LONGEST_NAME, "end": "Ur"})
    assert not opened.errors and not opened.foreign


@pytest.mark.parametrize("typed", ["", "   ", "x" * 200])
def test_what_is_no_name_is_told_and_not_taken(open_widget, typed):
    opened = open_widget("pointers")
    page = opened.page
    state = embedded_state(page, PointersWidget)
    field = control(page, "start")
    field.fill("Oz")
    field.fill(typed)
    check(page, **{**state, "start": "Oz"})
    sentence = of_pointers(page).locator(".attn-sentence").text_content()
    assert sentence.startswith(f"“start A” takes a name of 1 to {LONGEST_NAME} characters")
    field.blur()
    assert field.input_value() == "Oz"
    assert "takes a name" not in of_pointers(page).locator(".attn-sentence").text_content()
    assert not opened.errors


def test_requests_and_steps_by_keyboard(open_widget):
    opened = open_widget("pointers")
    page = opened.page
    state = embedded_state(page, PointersWidget)
    for request in (*REQUESTS[1:], UNTRAINED):
        request_of(page).press("ArrowDown")
        check(page, **{**state, "request": request})
    last = of_pointers(page).locator(".attn-token").last
    last.focus()
    last.press("Enter")
    steps = of_pointers(page).locator(".attn-token").count()
    check(page, **{**state, "request": UNTRAINED, "step": steps - 1})
    assert not opened.errors and not opened.foreign


def test_by_mouse_and_back(open_widget):
    opened = open_widget("pointers", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, PointersWidget)
    page.get_by_role("button", name="Swap").click()
    swapped = {**start, "start": start["end"], "end": start["start"]}
    check(page, **swapped)
    assert control(page, "start").input_value() == start["end"]
    of_pointers(page).locator(".attn-token").nth(3).click()
    check(page, **{**swapped, "step": 3})
    request_of(page).select_option(UNTRAINED)
    check(page, **{**swapped, "step": 3, "request": UNTRAINED})
    of_pointers(page).get_by_role("button", name="Reset").click()
    check(page, **start)
    assert not opened.errors and not opened.foreign


def test_what_is_typed_and_what_it_does_fit_on_one_screen_of_a_phone(open_widget):
    page = open_widget("pointers", viewport={"width": 390, "height": 844}).page
    top = of_pointers(page).bounding_box()
    header = page.locator(".site-header").bounding_box()["height"]
    bars = of_pointers(page).locator("svg").bounding_box()
    assert bars["y"] + bars["height"] - top["y"] <= 844 - header
    assert bars["x"] + bars["width"] <= 390
    for name in ("M" * LONGEST_NAME, "😀" * LONGEST_NAME):
        control(page, "start").fill(name)
        labels = of_pointers(page).locator("svg .attn-word").all()
        assert name in [label.text_content() for label in labels]
        assert all(label.bounding_box()["x"] >= bars["x"] - 1 for label in labels)


def test_a_name_that_turns_the_direction_turns_no_sentence(open_widget):
    page = open_widget("pointers").page
    control(page, "start").fill("ab\u202ecd")
    sentence = of_pointers(page).locator(".attn-sentence").text_content()
    assert sentence.count("\u202e") == sentence.count("\u202ecd\u2069") > 0


def of_hops(page):
    return page.locator(".attn-widget", has=page.locator(".attn-facts"))


def check_hops(page, **traits) -> HopsWidget:
    """All that is shown is what the widget gives for these traits."""
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    states = json.loads(store.text_content())["state"].values()
    models = [model["state"]["_model"] for model in states if "_model" in model["state"]]
    packed = next(model for model in models if "words" not in model)
    _, (_, d_model), _ = packed["tensors"][0]
    w = HopsWidget(filled(MemoryNetwork(n_hops=2, d_model=d_model), packed), **traits)
    widget = of_hops(page)
    bars = widget.locator(".attn-hop").evaluate_all("all => all.map(bar => +bar.value)")
    assert bars == pytest.approx(w.weights.T.ravel(), abs=1e-6)
    all_facts = widget.locator(".attn-fact").all_text_contents()
    pressed = [b.get_attribute("aria-pressed") for b in widget.locator(".attn-fact").all()]
    assert pressed.index("true") == w.fact and pressed.count("true") == 1
    sentence = widget.locator(".attn-sentence").text_content()
    first, second = (all_facts[top] for top in w.weights.argmax(axis=1))
    assert f"most at “{first}”, the second at “{second}”." in sentence
    assert f"“{w.answer}”" in sentence
    assert ("doesn’t say" in sentence) == (w.place == "")
    assert ("that is right" in sentence) == (w.place == w.answer)
    return w


def test_stories_by_keyboard(open_widget):
    opened = open_widget("pointers.hops")
    page = opened.page
    state = embedded_state(page, HopsWidget)
    start = check_hops(page, **state)
    assert start.place == start.answer  # trained as it is, it is right on its first story
    for asked in (*WHAT, *WHO)[1:]:
        of_hops(page).locator('select[data-name="asked"]').press("ArrowDown")
        check_hops(page, **{**state, "asked": asked})
    fact = of_hops(page).locator(".attn-fact").nth(7)
    fact.focus()
    fact.press("Enter")
    check_hops(page, **{**state, "asked": WHO[-1], "fact": 7})
    of_hops(page).locator('select[data-name="chosen"]').press("ArrowDown")
    facts = list(state["facts"])
    facts[7] += 1
    check_hops(page, **{**state, "asked": WHO[-1], "fact": 7, "facts": facts})
    assert not opened.errors and not opened.foreign


def test_stories_by_mouse_and_back(open_widget):
    opened = open_widget("pointers.hops", viewport={"width": 1280, "height": 1400})
    page = opened.page
    start = embedded_state(page, HopsWidget)
    of_hops(page).locator(".attn-fact").nth(5).click()
    of_hops(page).locator('select[data-name="chosen"]').select_option("the pilot took the key")
    facts = list(start["facts"])
    facts[5] = FACTS.index(("took", "pilot", "key"))
    w = check_hops(page, **{**start, "fact": 5, "facts": facts})
    assert w.place == "cellar"
    before = of_hops(page).locator(".attn-fact").all_text_contents()
    of_hops(page).get_by_role("button", name="Another story").click()
    assert of_hops(page).locator(".attn-fact").all_text_contents() != before
    of_hops(page).get_by_role("button", name="Reset").click()
    check_hops(page, **start)
    assert not opened.errors and not opened.foreign


def test_a_story_and_its_question_fit_on_one_screen_of_a_phone(open_widget):
    page = open_widget("pointers.hops", viewport={"width": 390, "height": 844}).page
    box = of_hops(page).bounding_box()
    header = page.locator(".site-header").bounding_box()["height"]
    change = of_hops(page).locator('select[data-name="chosen"]').bounding_box()
    assert change["y"] + change["height"] - box["y"] <= 844 - header
    assert box["x"] + box["width"] <= 390
