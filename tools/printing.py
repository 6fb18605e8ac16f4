"""How pages are printed: by a Chromium, with their widgets as they stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium

_DRAWN = """() => document.querySelectorAll(".attn-widget, .attn-notice").length
  === document.querySelectorAll('script[type$="widget-view+json"]').length"""


@contextmanager
def printer() -> Iterator[Browser]:
    """The browser that prints."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def open_page(page: Page, address: str) -> None:
    """Go there, and wait until every widget is drawn."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_DRAWN)


def print_page(page: Page, target: Path) -> None:
    """What a page shows as a PDF, as large as its style sheet says."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.pdf(path=target, prefer_css_page_size=True, outline=True, tagged=True)
