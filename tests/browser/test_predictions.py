"""Predictions in a real browser: made, locked, kept, drawn where they belong; results covered."""

import itertools
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import ROOT
from tests.browser.on_page import finger
from tests.browser.storage import BROKEN, KEY

PAGE = "book/part/chapter.html"
YOURS = "book/your-predictions.html"
PHONE = {"width": 390, "height": 844}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def read(visit, address_of, predicted_book):
    """`read(page)` visits a page of the small book and waits for its predictions."""

    def open_page(page: str = PAGE, scheme: str = "http", **context):
        home = address_of(predicted_book.site, scheme)
        opened = visit(home + page, home, **context)
        if page.startswith(PAGE) and context.get("java_script_enabled", True):
            opened.page.locator(".attn-prediction").nth(1).wait_for()
        return opened

    return open_page


def prediction(page, name="chapter-keys"):
    return page.locator(f"#prediction-{name}")


def guess_keys(page, at_8="16", at_512="3") -> None:
    """Type the guesses, and commit."""
    for name, text in (("8", at_8), ("512", at_512)):
        page.locator(f'input[data-name="{name}"]').fill(text)
        page.keyboard.press("Tab")
    prediction(page).get_by_role("button", name="Commit").click()


def again(opened):
    opened.page.reload()
    opened.page.locator(".attn-prediction").nth(1).wait_for()


def check_places(page, site: Path) -> None:
    """The guesses at 16 and at 3 keys are drawn where matplotlib drew its own points there."""
    image = page.locator("#fig-chapter-keys img")
    name = image.get_attribute("src").rpartition("/")[2]
    svg = (site / "_images" / name).read_text("utf-8")
    size = [float(x) for x in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()]
    box = image.bounding_box()
    scale = [box["width"] / size[0], box["height"] / size[1]]
    for d_k, circle in zip(
        (8, 512), page.locator("#fig-chapter-keys .guess-point").all(), strict=True
    ):
        drawn = re.search(
            rf'<g id="reference-{d_k}">.*?<use [^>]*x="([\d.]+)" y="([\d.]+)"', svg, re.DOTALL
        )
        there = circle.bounding_box()
        for i, (start, length) in enumerate((("x", "width"), ("y", "height"))):
            expected = box[start] + float(drawn[i + 1]) * scale[i]
            assert abs(there[start] + there[length] / 2 - expected) <= 2


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE])
def test_a_guess_is_committed_kept_locked_and_drawn_in_its_place(read, predicted_book, viewport):
    opened = read(viewport=viewport)
    page = opened.page
    guess_keys(page)
    status = prediction(page).get_by_role("status").last
    expect(status).to_have_text("Committed. See it in the figure")
    expect(status).to_be_focused()
    check_places(page, predicted_book.site)
    again(opened)
    check_places(page, predicted_book.site)
    assert page.locator(".covered:visible").count() == 2
    expect(page.locator(".verdict")).to_have_text(
        "Open circles in the figure: your guess."
        "None of your 2 intervals holds what was measured; furthest off is your guess for “Keys in "
        "effect at width 512”: 3, where 1.2 was measured."
    )
    guess = page.locator('input[data-name="8"]')
    expect(guess).to_have_value("16")
    assert not guess.is_editable()
    handle = page.locator('[data-name="8-value"]')
    handle.press("ArrowRight")
    box = page.locator(".attn-track").first.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    expect(guess).to_have_value("16")
    assert handle.get_attribute("aria-disabled") == "true"
    assert not prediction(page).get_by_role("button").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert (opened.errors, opened.foreign) == ([], [])


def test_before_that_results_are_out_of_reach(read):
    page = read().page
    seen = page.locator("article").aria_snapshot()
    assert "a secret" not in seen and "What was measured" not in seen
    assert seen.count("Your prediction comes first.") == 3
    assert not page.evaluate("find('secret')")
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("Boolean(document.activeElement.closest('.covered'))"))
    assert not any(reached)
    page.locator('a[href="#fig-chapter-keys"]').last.hover()
    page.wait_for_timeout(400)  # a card would be open by now
    assert not page.locator(".card:popover-open").count()
    guess_keys(page)
    seen = page.locator("article").aria_snapshot()
    assert "a secret" in seen and "A secret in a section." in seen
    assert seen.count("Your prediction comes first.") == 1
    assert page.evaluate("find('secret')")


def test_by_keyboard_alone(read):
    opened = read()
    page = opened.page
    page.locator('input[data-name="8"]').focus()
    page.keyboard.press("Tab")  # the only handle there is before a guess
    for key in ("ArrowRight", "PageUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    before = {h: value(page, f"8-{h}") for h in ("low", "value", "high")}
    assert 8 < before["value"] < 16 and before["low"] < before["value"] < before["high"]
    page.locator('[data-name="8-low"]').focus()
    page.keyboard.press("End")
    assert value(page, "8-low") == value(page, "8-value") == before["value"]
    page.keyboard.press("Home")
    assert value(page, "8-low") == 1 and value(page, "8-high") == before["high"]
    page.locator('[data-name="8-value"]').press("Home")
    commit = prediction(page).get_by_role("button", name="Commit")
    commit.press("Enter")
    said = "First make a guess for “Keys in effect at width 512”."
    expect(prediction(page).get_by_role("status").last).to_have_text(said)
    expect(page.locator('[data-name="512-value"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    commit.press("Enter")
    expect(page.locator("#fig-chapter-keys .guess-point")).to_have_count(2)
    assert not opened.errors


def test_a_choice_and_a_curve(read):
    opened = read(viewport=PHONE)
    page = opened.page
    other = prediction(page, "chapter-curve")
    page.get_by_role("radio", name="the egg").check()
    page.get_by_role("slider", name="How sure").press("ArrowRight")
    curve = page.locator(".attn-guess-curve")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    page.mouse.move(box["x"] + 70, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + 200, steps=12)
    page.mouse.up()
    drawn = [value(page, f"fall-{i}") for i in range(5)]
    assert drawn == sorted(drawn, reverse=True) and drawn[0] > 2 and drawn[4] < 1
    page.locator('[data-name="fall-0"]').focus()
    for key in ("ArrowUp", "ArrowRight", "PageDown"):
        page.keyboard.press(key)
    assert value(page, "fall-0") > drawn[0] and value(page, "fall-1") < drawn[1]
    other.get_by_role("button", name="Commit").click()
    picture = page.locator("#fig-chapter-curve svg.guess")
    expect(picture.locator(".guess-point")).to_have_count(1)
    expect(picture.locator(".guess-curve")).to_have_count(1)
    assert "you chose “the egg”, 80% sure, and were right" in picture.get_attribute("aria-label")
    again(opened)
    expect(page.get_by_role("radio", name="the egg")).to_be_checked()
    assert page.get_by_role("radio", name="the egg").is_disabled()
    assert not opened.errors


def value(page, name: str) -> float:
    return float(
        page.locator(f'[role="slider"][data-name="{name}"]').get_attribute("aria-valuenow")
    )


def test_by_mouse_handles_go_where_they_are_dragged(read):
    page = read().page
    track = page.locator(".attn-track").first
    rail = track.locator(".attn-rail").bounding_box()
    y = rail["y"] + rail["height"] / 2

    def drag(start: float, end: float) -> None:
        page.mouse.move(start, y)
        page.mouse.down()
        page.mouse.move(end, y, steps=5)
        page.mouse.up()

    drag(rail["x"] + 10, rail["x"] + rail["width"] / 2)
    assert value(page, "8-value") == pytest.approx(8, rel=0.02)
    high = track.locator(".attn-handle-high").bounding_box()
    drag(high["x"] + 8, rail["x"] + rail["width"] + 20)
    assert value(page, "8-high") == 64 and value(page, "8-value") == pytest.approx(8, rel=0.02)
    for handle in track.get_by_role("slider").all():
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_what_is_typed_and_no_number_is_refused_in_a_sentence(read):
    page = read().page
    field = page.locator('input[data-name="8"]')
    for text in ("65", "NaN", "<b>1</b>", "x" * 10_000):
        field.fill(text)
        field.press("Enter")
        said = "This must be a number from 1 to 64."
        expect(prediction(page).get_by_role("status").first).to_have_text(said)
        expect(field).to_have_value(text)
    field.fill("12.5")
    field.press("Enter")
    expect(field).to_have_value("12.5")
    expect(prediction(page).get_by_role("status").first).to_have_text("")


@pytest.mark.parametrize("refused", ["70", "many"])
def test_nothing_is_committed_while_what_was_typed_is_refused(read, refused):
    page = read().page
    field = page.locator('input[data-name="8"]')
    field.fill("20")
    field.press("Enter")
    guess_keys(page, at_8=refused)
    said = "Nothing is committed yet: first correct what you typed for “Keys in effect at width 8”."
    expect(prediction(page).get_by_role("status").last).to_have_text(said)
    expect(field).to_be_focused()
    expect(field).to_have_value(refused)
    assert not page.evaluate("key => localStorage.getItem(key)", KEY)
    page.locator('[data-name="8-value"]').press("ArrowRight")  # another way to correct it
    assert float(field.input_value()) == value(page, "8-value") == pytest.approx(20, rel=0.1)
    guess_keys(page, at_8="")  # what is emptied is as it was
    expect(page.locator("#fig-chapter-keys .guess-point")).to_have_count(2)


def test_what_is_being_typed_stays_when_another_tab_keeps_something(read):
    page = read().page
    page.locator('input[data-name="8"]').press_sequentially("12")
    other = page.context.new_page()
    other.goto(page.url)
    other.evaluate("key => localStorage.setItem(key, JSON.stringify({ version: 1 }))", KEY)
    page.wait_for_timeout(200)
    expect(page.locator('input[data-name="8"]')).to_have_value("12")


def words(page) -> str:
    return page.locator(".attn-interval-words").first.inner_text()


def test_an_interval_comes_back_from_an_end_of_the_range(read):
    page = read().page
    field = page.locator('input[data-name="8"]')

    def told(text: str) -> str:
        field.fill(text)
        field.press("Enter")
        return words(page)

    first = told("20")
    for end in ("64", "1"):
        told(end)
        assert told("20") == first
    handle = page.locator('[data-name="8-value"]')
    for key in ("End", "Home"):
        handle.press(key)
    assert told("20") == first


@pytest.mark.parametrize("key", ["Alt", "Control", "Meta"])
def test_a_key_with_another_is_the_browser_s(read, key):
    page = read().page
    for name in ("8-value", "fall-0"):
        handle = page.locator(f'[data-name="{name}"]')
        handle.press("ArrowUp")
        before = value(page, name)
        page.evaluate("addEventListener('keydown', (e) => (window.taken = e.defaultPrevented))")
        handle.press(f"{key}+ArrowDown")
        assert (value(page, name), page.evaluate("taken")) == (before, False)


@pytest.mark.parametrize("what", [".attn-track", ".attn-guess-curve"])
def test_a_finger_that_scrolls_the_page_makes_no_guess(read, what):
    page = read(viewport=PHONE, has_touch=True, is_mobile=True).page
    place = page.locator(what).first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.evaluate("scrollY")
    finger(page, [(x, y - 15 * i) for i in range(15)])
    assert page.evaluate("scrollY") > before
    asked = place.locator("xpath=..")
    assert asked.get_attribute("data-made") == "false"
    assert not asked.locator('[role="slider"][aria-valuetext]:not([aria-valuetext^="no"])').count()
    y = place.bounding_box()["y"] + box["height"] / 2
    finger(page, [(box["x"] + box["width"] * i / 20, y) for i in range(1, 20)])
    assert asked.get_attribute("data-made") == "true"


def test_a_tap_makes_a_guess(read):
    page = read(viewport=PHONE, has_touch=True, is_mobile=True).page
    rail = page.locator(".attn-rail").first
    rail.scroll_into_view_if_needed()
    rail.tap()
    assert value(page, "8-value") == pytest.approx(8, rel=0.05)


def test_a_curve_is_drawn_over_all_places_that_a_stroke_passes(read):
    page = read().page
    curve = page.locator(".attn-guess-curve")
    curve.scroll_into_view_if_needed()
    points = [point.bounding_box() for point in page.locator(".attn-guess-point").all()]
    across = [point["x"] + point["width"] / 2 for point in points]
    top = curve.bounding_box()["y"]
    page.mouse.click(across[1], top + 100)
    hint = page.locator(".attn-interval-words").last
    expect(hint).to_contain_text("4 of 5 points still have no guess")
    page.get_by_role("radio", name="the egg").check()
    other = prediction(page, "chapter-curve")
    other.get_by_role("button", name="Commit").click()
    expect(other.get_by_role("status").last).to_contain_text("First make a guess for")
    expect(page.locator('[data-name="fall-0"]')).to_be_focused()
    page.mouse.move(across[0], top + 20)
    page.mouse.down()
    page.mouse.move(across[4], top + 220)
    page.mouse.up()
    drawn = [value(page, f"fall-{i}") for i in range(5)]
    steps = [a - b for a, b in itertools.pairwise(drawn)]
    assert steps == pytest.approx([steps[0]] * 4, abs=0.03) and steps[0] > 0.3
    expect(hint).to_have_text("")


def test_show_me_uncovers_without_a_guess(read):
    opened = read()
    page = opened.page
    prediction(page).get_by_role("button", name="Show me").click()
    for _ in range(2):
        expect(page.get_by_text("A secret in a section.")).to_be_visible()
        assert not page.locator(".guess, .verdict").count()
        said = prediction(page).get_by_role("status").last
        expect(said).to_have_text("Shown without a guess. See it in the figure")
        again(opened)


@pytest.mark.parametrize("place", ["#fig-chapter-keys", "#inside"])
def test_a_place_within_a_result_is_opened_for_who_asks_for_it(read, place):
    opened = read(PAGE + place)
    page = opened.page
    expect(page.locator(place)).to_be_in_viewport()
    expect(page.get_by_text("A secret in a section.")).to_be_visible()
    expect(page.get_by_text("This is open because a link led here").first).to_be_visible()
    guess_keys(page)  # which can still be made
    expect(page.locator("#fig-chapter-keys .guess-point")).to_have_count(2)


def test_without_a_script_and_in_print_all_is_shown(read):
    page = read(java_script_enabled=False).page
    expect(page.get_by_text("A secret in a section.")).to_be_visible()
    page = read().page
    expect(page.get_by_text("A secret in a section.")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_text("A secret in a section.")).to_be_visible()
    expect(page.get_by_text("Your prediction comes first.").first).to_be_hidden()


@pytest.mark.parametrize("script", ["site.js", "widget-host.js"])
def test_where_a_script_is_missing_nothing_stays_covered(visit, address_of, predicted_book, script):
    home = address_of(predicted_book.site, "http")
    page = visit("about:blank", home).page
    page.route(f"**/{script}*", lambda route: route.abort())
    page.goto(home + PAGE)
    expect(page.get_by_text("A secret in a section.")).to_be_visible()
    expect(page.get_by_text("Your prediction comes first.").first).to_be_hidden()


def test_another_tab_sees_it_and_the_first_guess_counts(read):
    opened = read()
    first, second = opened.page, opened.page.context.new_page()
    second.goto(first.url)
    second.locator(".attn-prediction").nth(1).wait_for()
    guess_keys(first)
    expect(second.locator("#fig-chapter-keys .guess-point")).to_have_count(2)
    expect(second.locator('input[data-name="8"]')).to_have_value("16")
    second.evaluate("key => localStorage.removeItem(key)", KEY)
    expect(first.locator(".guess")).to_have_count(0)
    assert prediction(first).get_by_role("button", name="Commit").count() == 1
    expect(first.get_by_text("A secret in a section.")).to_be_hidden()


@pytest.mark.parametrize("broken", BROKEN)
def test_with_a_storage_that_fails_a_prediction_lasts_as_long_as_the_page(
    visit, address_of, predicted_book, broken
):
    home = address_of(predicted_book.site, "http")
    opened = visit("about:blank", home)
    opened.page.add_init_script(broken)
    opened.page.goto(home + PAGE)
    opened.page.locator(".attn-prediction").nth(1).wait_for()
    guess_keys(opened.page)
    expect(opened.page.locator("#fig-chapter-keys .guess-point")).to_have_count(2)
    said = prediction(opened.page).get_by_role("status").last
    expect(said).to_contain_text(BROKEN[broken])
    # Sphinx's own highlighting of what was searched for asks storage and does not expect a refusal.
    assert set(opened.errors) <= {"SecurityError"}


def test_a_guess_at_an_older_figure_is_asked_for_anew(read):
    opened = read()
    page = opened.page
    guess_keys(page)
    page.evaluate(
        """key => {
          const kept = JSON.parse(localStorage.getItem(key));
          kept.predictions["chapter-keys"].version = "older";
          localStorage.setItem(key, JSON.stringify(kept));
        }""",
        KEY,
    )
    again(opened)
    expect(prediction(page).get_by_role("status").last).to_contain_text("asks has changed since")
    expect(page.get_by_text("A secret in a section.")).to_be_hidden()
    guess_keys(page, at_8="5")
    expect(page.locator('input[data-name="8"]')).to_have_value("5")
    expect(page.get_by_text("A secret in a section.")).to_be_visible()


def test_your_predictions_lists_them_and_takes_them_elsewhere(read, tmp_path):
    opened = read(accept_downloads=True)
    page = opened.page
    guess_keys(page)
    page.goto(page.url.replace(PAGE, YOURS))
    mine = page.locator(".your-predictions")
    expect(mine).to_contain_text("made 1 of 2 predictions")
    expect(mine).to_contain_text("0 of your 2 intervals hold what was measured, 0%.")
    expect(mine).to_contain_text("you guessed 3, and it is 1.2, outside your 80% interval")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / "mine.json"
    saved.value.save_as(file)

    elsewhere = read(YOURS).page
    expect(elsewhere.get_by_text("made 0 of 2 predictions")).to_be_visible()
    assert elsewhere.get_by_role("button", name="Save as a file").is_disabled()
    status = elsewhere.locator(".your-predictions").get_by_role("status")
    assert not elsewhere.locator('input[type="file"]').is_visible()
    for content, said in [
        (file.read_text("utf-8"), "Added from the file: predictions 1, chapters read 0"),
        ("{", "This file is no export of this book"),
        (file.read_text("utf-8"), "The file has nothing that is not here already."),
        (
            '{"version": 1, "solved": {"gone/away": {}}}',
            "Nothing was added from the file. 1 entry of the file belongs to another edition",
        ),
        ('{"version": 99}', "This file is from a newer edition"),
        (other_guess(file), "This file has another guess than yours for 1 prediction"),
    ]:
        given = {"name": "x.json", "mimeType": "application/json", "buffer": content.encode()}
        elsewhere.locator('input[type="file"]').set_input_files(given)
        expect(status).to_contain_text(said)
        expect(elsewhere.locator(".your-prediction")).to_have_count(1)
    elsewhere.once("dialog", lambda dialog: dialog.accept())
    elsewhere.get_by_role("button", name="Forget all").click()
    expect(elsewhere.locator(".your-prediction")).to_have_count(0)
    expect(status).to_have_text("All is forgotten; the chapters ask again.")
    expect(status).to_be_focused()
    elsewhere.goto(elsewhere.url.replace(YOURS, PAGE))
    expect(elsewhere.get_by_text("A secret in a section.")).to_be_hidden()


@pytest.mark.parametrize("broken", BROKEN)
def test_what_a_file_gives_is_said_not_to_last_where_it_does_not(
    visit, address_of, predicted_book, broken
):
    home = address_of(predicted_book.site, "http")
    opened = visit("about:blank", home)
    page = opened.page
    page.add_init_script(broken)
    page.goto(home + YOURS)
    status = page.locator(".your-predictions").get_by_role("status")
    made = {"version": 1, "read": {PAGE: {"at": "2026-01-02"}}}
    given = {"name": "x.json", "mimeType": "application/json", "buffer": json.dumps(made).encode()}
    page.locator('input[type="file"]').set_input_files(given)
    expect(status).to_contain_text("chapters read 1")
    expect(status).to_contain_text(BROKEN[broken])
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget all").click()
    gone = "What you did since you opened this page" if BROKEN[broken] else "All is forgotten"
    expect(status).to_contain_text(gone)
    expect(status).to_contain_text(BROKEN[broken])


def test_a_setting_that_is_none_is_as_if_there_were_none(read):
    page = read(color_scheme="dark").page
    page.evaluate("localStorage.setItem('theme', 'purple'); localStorage.setItem('code', 'junk')")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-code", "taught")


def other_guess(file: Path) -> str:
    kept = json.loads(file.read_text("utf-8"))
    kept["predictions"]["chapter-keys"]["guess"]["8"] = {"value": 2, "low": 1, "high": 3}
    return json.dumps(kept)


def test_from_a_disk_it_works_too_and_offers_a_file(read):
    opened = read(scheme="file")
    page = opened.page
    guess_keys(page)
    expect(page.locator("#fig-chapter-keys .guess-point")).to_have_count(2)
    with page.expect_download():
        page.get_by_role("button", name="Save it as a file").click()
    page.goto(page.url.replace(PAGE, YOURS))
    expect(page.get_by_text("Some browsers keep what each file there stores apart")).to_be_visible()
    assert (opened.errors, opened.foreign) == ([], [])


@pytest.mark.parametrize("state", ["open", "committed"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_prediction_is_accessible(read, theme, state):
    opened = read(color_scheme=theme)
    page = opened.page
    if state == "committed":
        guess_keys(page)
        page.wait_for_timeout(700)  # until the guess has appeared
    page.add_script_tag(path=AXE)
    for _ in range(2):
        found = page.evaluate(
            "axe.run(document, { resultTypes: ['violations'] })"
            ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
        )
        assert found == []
        page.goto(page.url.replace(PAGE, YOURS).partition("#")[0])
        page.locator(".your-predictions button").first.wait_for()
        page.add_script_tag(path=AXE)
    assert not opened.errors
