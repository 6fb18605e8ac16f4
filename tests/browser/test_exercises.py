"""Exercises and progress in a real browser: answered, kept, counted, taken elsewhere."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import ROOT
from tests.browser.storage import BROKEN, KEY
from tests.exercises.test_choice import CHOICES

HOME, PAGE, YOURS = "book/index.html", "book/part/chapter.html", "book/your-predictions.html"
PHONE = {"width": 390, "height": 844}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WRONG = "Not right: small numbers are learned like large ones; and here a bias of any size would do"
PRAISE = "a bias in the keys is one number for each query, and softmax cannot see it"


@pytest.fixture
def read(visit, address_of, predicted_book):
    """`read(page)` visits a page of the small book."""

    def open_page(page: str = PAGE, scheme: str = "http", **context):
        home = address_of(predicted_book.site, scheme)
        return visit(home + page, home, **context)

    return open_page


def choice(page):
    return page.locator("#ex-chapter-explain")


def said(page):
    return choice(page).locator(".told")


def mark(page):
    return choice(page).get_by_text("✓ Solved")


def answer(page, letter: str) -> None:
    choice(page).locator(f'input[value="{letter}"]').check()
    choice(page).get_by_role("button", name="Check").click()


def tick(page):
    return page.get_by_role("checkbox", name="I have solved it")


def have_read(page):
    return page.get_by_role("checkbox", name="I have read this chapter")


def in_menu(page):
    return page.locator(".site-nav .done")


def test_a_wrong_answer_gets_its_hint_and_a_right_one_is_kept(read):
    opened = read()
    page = opened.page
    expect(mark(page)).to_be_hidden()
    choice(page).get_by_role("button", name="Check").click()
    expect(said(page)).to_have_text("Choose one of the options first.")
    choice(page).get_by_text("It is too small.").click()
    expect(said(page)).to_have_text("")
    choice(page).get_by_role("button", name="Check").click()
    expect(said(page)).to_contain_text(WRONG)
    expect(mark(page)).to_be_hidden()
    assert in_menu(page).count() == 0
    answer(page, "b")
    expect(said(page)).to_have_text(f"right: {PRAISE}")
    for _ in range(2):
        expect(mark(page)).to_be_visible()
        expect(choice(page).locator('input[value="b"]')).to_be_checked()
        expect(in_menu(page)).to_have_text("1/2You have solved 1 of its 2 exercises.")
        page.reload()
    answer(page, "d")  # once solved it stays so, and the other hints can be read
    expect(said(page)).to_contain_text("Not right: nothing is saturated")
    expect(mark(page)).to_be_visible()
    assert (opened.errors, opened.foreign) == ([], [])


def test_by_keyboard_alone(read):
    opened = read()
    page = opened.page
    tick(page).focus()
    page.keyboard.press("Space")
    expect(tick(page)).to_be_checked()
    choice(page).locator("input").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Not right: the largest score is subtracted only")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")  # a link within the option
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(mark(page)).to_be_visible()
    expect(said(page)).to_contain_text(PRAISE)
    have_read(page).focus()
    page.keyboard.press("Space")
    words = "✓ 2/2You have read it. You have solved 2 of its 2 exercises."
    expect(in_menu(page)).to_have_text(words)
    assert opened.errors == []


def test_what_is_ticked_can_be_unticked(read):
    page = read().page
    for box in (tick(page), have_read(page)):
        box.check()
        page.reload()
        expect(box).to_be_checked()
        expect(in_menu(page)).to_have_count(1)
        box.uncheck()
        page.reload()
        expect(box).not_to_be_checked()
        assert in_menu(page).count() == 0


def test_a_newcomer_is_told_and_sent_nothing(read):
    opened = read(HOME)
    asked = []
    opened.page.on("request", lambda request: asked.append(request.url))
    opened.page.reload()
    opened.page.wait_for_load_state("networkidle")
    expect(opened.page.locator(".your-progress")).to_be_hidden()
    assert asked and not any("chapters.js" in url for url in asked)


def test_the_first_page_says_how_far_one_is_and_where_to_go_on(read):
    opened = read()
    page = opened.page
    answer(page, "b")
    page.goto(page.url.replace(PAGE, HOME))
    line = page.locator(".your-progress")
    sums = "You have read {} of 1 chapters, made 0 of 2 predictions and solved 1 of 2 exercises. {}"
    expect(line).to_have_text(sums.format(0, "Go on with A chapter."))
    line.get_by_role("link", name="A chapter").click()
    page.wait_for_url("**/" + PAGE)
    have_read(page).check()
    page.goto(page.url.replace(PAGE, HOME))
    expect(line).to_contain_text("You have read all 1 chapters")
    assert (opened.errors, opened.foreign) == ([], [])


def test_an_exercise_that_changed_since_is_asked_anew(read):
    page = read().page
    answer(page, "b")
    tick(page).check()
    page.evaluate(
        """key => {
          const kept = JSON.parse(localStorage.getItem(key));
          for (const entry of Object.values(kept.solved)) entry.version = "older";
          localStorage.setItem(key, JSON.stringify(kept));
        }""",
        KEY,
    )
    page.reload()
    expect(mark(page)).to_be_hidden()
    expect(tick(page)).not_to_be_checked()
    expect(said(page)).to_have_text("")
    assert in_menu(page).count() == 0


def test_another_tab_sees_it(read):
    first = read().page
    second = first.context.new_page()
    second.goto(first.url)
    answer(first, "b")
    tick(first).check()
    have_read(first).check()
    expect(mark(second)).to_be_visible()
    expect(tick(second)).to_be_checked()
    expect(have_read(second)).to_be_checked()
    expect(in_menu(second)).to_contain_text("✓ 2/2")
    second.evaluate("key => localStorage.removeItem(key)", KEY)
    expect(mark(first)).to_be_hidden()
    expect(have_read(first)).not_to_be_checked()
    expect(in_menu(first)).to_have_count(0)


@pytest.mark.parametrize("broken", BROKEN)
def test_with_a_storage_that_fails_it_lasts_as_long_as_the_page(
    visit, address_of, predicted_book, broken
):
    home = address_of(predicted_book.site, "http")
    opened = visit("about:blank", home)
    opened.page.add_init_script(broken)
    opened.page.goto(home + PAGE)
    page = opened.page
    answer(page, "b")
    expect(mark(page)).to_be_visible()
    expect(choice(page).get_by_role("status").last).to_contain_text(BROKEN[broken])
    have_read(page).check()
    expect(page.locator(".chapter-read").get_by_role("status")).to_contain_text(BROKEN[broken])
    expect(in_menu(page)).to_contain_text("✓ 1/2")
    assert opened.errors == []


def test_from_a_disk_it_works_too_and_offers_a_file(read):
    opened = read(scheme="file", accept_downloads=True)
    page = opened.page
    assert page.locator(".kept-file").count() == 0
    answer(page, "b")
    tick(page).check()
    page.reload()
    expect(mark(page)).to_be_visible()
    expect(in_menu(page)).to_contain_text("2/2")
    have_read(page).check()
    with page.expect_download():
        page.get_by_role("button", name="Save it as a file").click()
    page.goto(page.url.replace(PAGE, HOME))
    expect(page.locator(".your-progress")).to_contain_text("You have read all 1 chapters")
    assert (opened.errors, opened.foreign) == ([], [])


def test_one_file_takes_all_of_it_to_another_browser(read, tmp_path):
    page = read(accept_downloads=True).page
    answer(page, "b")
    have_read(page).check()
    page.goto(page.url.replace(PAGE, YOURS))
    expect(page.locator(".your-predictions-sum")).to_contain_text("solved 1 of 2 exercises")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert saved.value.suggested_filename == "attention-by-experiment.json"
    file = tmp_path / "mine.json"
    saved.value.save_as(file)

    elsewhere = read(YOURS).page
    status = elsewhere.locator(".your-predictions").get_by_role("status")
    taken = "Added from the file: predictions 0, chapters read 1, exercises solved 1."
    for content, words in [
        (file.read_text("utf-8"), taken),
        (file.read_text("utf-8"), "The file has nothing that is not here already."),
        (json.dumps({"version": 1, "solved": {"x": "y" * 10_000_000}}), "This file is no export"),
    ]:
        given = {"name": "x.json", "mimeType": "application/json", "buffer": content.encode()}
        elsewhere.locator('input[type="file"]').set_input_files(given)
        expect(status).to_have_text(re.compile(re.escape(words)))
    elsewhere.goto(elsewhere.url.replace(YOURS, PAGE))
    expect(mark(elsewhere)).to_be_visible()
    expect(have_read(elsewhere)).to_be_checked()
    elsewhere.goto(elsewhere.url.replace(PAGE, YOURS))
    elsewhere.once("dialog", lambda dialog: dialog.accept())
    elsewhere.get_by_role("button", name="Forget all").click()
    expect(in_menu(elsewhere)).to_have_count(0)
    elsewhere.goto(elsewhere.url.replace(YOURS, PAGE))
    expect(mark(elsewhere)).to_be_hidden()
    expect(have_read(elsewhere)).not_to_be_checked()


def test_paper_shows_the_options_and_no_form(read):
    page = read().page
    answer(page, "b")
    page.emulate_media(media="print")
    expect(choice(page).get_by_text("It is too small.")).to_be_visible()
    for form in (".answer input", ".answer button", ".told", ".solved", ".asked", ".chapter-read"):
        assert page.locator(form).count(), form
        assert not page.locator(form).first.is_visible(), form


def test_without_a_script_the_options_and_the_solution_can_be_read(read):
    page = read(java_script_enabled=False).page
    expect(choice(page).get_by_text("It is too small.")).to_be_visible()
    assert page.locator("form.answer").count() == 0
    expect(page.locator(".chapter-read")).to_be_hidden()
    page.locator("details.solution summary").click()
    expect(page.get_by_text("Only differences count.")).to_be_visible()


@pytest.mark.parametrize("answered", ["", "a", "b"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_form_is_accessible_and_fits_a_phone(read, theme, answered):
    opened = read(color_scheme=theme, viewport=PHONE)
    page = opened.page
    if answered:
        answer(page, answered)
        have_read(page).check()
        page.get_by_role("button", name="Menu").click()
        expect(in_menu(page)).to_be_visible()
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] })"
        ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for label in page.locator(".answer label, .solved, .chapter-read label").all():
        assert not label.is_visible() or label.bounding_box()["height"] >= 24
    assert opened.errors == []


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_of_the_book_can_be_answered(visit, address_of, name):
    home = address_of(ROOT / "_build" / "html", "http")
    (path,) = ROOT.glob(f"book/*/{name.partition('/')[0]}.md")
    opened = visit(home + path.relative_to(ROOT).with_suffix(".html").as_posix(), home)
    exercise = opened.page.locator(".exercise").filter(
        has=opened.page.locator(f'input[name="{name}"]')
    )
    radios = exercise.get_by_role("radio")
    expect(radios).to_have_count(4)
    right = "abcd".index(CHOICES[name].right)
    for i in (1 - min(right, 1), right):
        radios.nth(i).check()
        exercise.get_by_role("button", name="Check").click()
        told = CHOICES[name].praise if i == right else CHOICES[name].hints["abcd"[i]]
        expect(exercise.locator(".told")).to_contain_text(told)
    expect(exercise.get_by_text("✓ Solved")).to_be_visible()
    assert (opened.errors, opened.foreign) == ([], [])
