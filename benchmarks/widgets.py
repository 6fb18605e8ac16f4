"""How soon a widget on the built site has redrawn itself after its slider moved."""

import statistics
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium

SITE = Path(__file__).parents[1] / "_build" / "html"
TARGET = 16  # ms that the 95th percentile should not exceed: one frame of a screen
MOVES = 120
SLIDE = """async ([slider, moves]) => {
  const widget = slider.closest(".attn-widget");
  const times = [];
  for (let i = 0; i < moves; i += 1) {
    const share = (i * 0.618) % 1;
    const start = performance.now();
    slider.value = Number(slider.min) + share * (slider.max - slider.min);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    widget.getBoundingClientRect(); // makes the browser lay the page out now
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def widgets() -> Iterator[str]:
    """Lines of a table: every slider of every page of the built site, opened from the disk."""
    pages = sorted(SITE.rglob("*.html"))
    if not pages:
        raise FileNotFoundError(f"expected the built site in {SITE}: run make book first")
    yield "## Widgets: from a slider's move to the new picture"
    yield ""
    yield "| page | slider | median, ms | 95th percentile, ms | target |"
    yield "|---|---|--:|--:|---|"
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox to run in.
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        for path in pages:
            if "attn-widget" in path.read_text("utf-8"):
                yield from _page(browser, path)


def _page(browser: Browser, path: Path) -> Iterator[str]:
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator(".attn-widget").first.wait_for()
    for slider in page.locator('.attn-widget input[type="range"]').all():
        if not slider.is_visible():
            continue
        times = page.evaluate(SLIDE, [slider.element_handle(), MOVES])
        p95 = statistics.quantiles(times, n=20)[-1]
        verdict = "met" if p95 <= TARGET else "MISSED"
        yield (
            f"| {path.stem} | {slider.get_attribute('data-name')} "
            f"| {statistics.median(times):.1f} | {p95:.1f} | ≤ {TARGET} {verdict} |"
        )
    page.close()
