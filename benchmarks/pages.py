"""What a first visit to each page of the built site costs: bytes, time, and how much moves."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.first_visit import WATCH_SHIFTS, sent, shifts, until_drawn

SITE = Path(__file__).parents[1] / "_build" / "html"


def pages() -> Iterator[str]:
    """Lines of a table: every page of the built site, over http, by a browser that has nothing."""
    found = sorted((SITE / "book").rglob("*.html"))
    if not found:
        raise FileNotFoundError(f"expected the built site in {SITE}: run make book first")
    yield "## Pages: a first visit"
    yield ""
    yield "| page | KB gzipped | of it the page | widgets ready, s | layout shift |"
    yield "|---|--:|--:|--:|--:|"
    handler = functools.partial(_QuietHandler, directory=SITE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox to run in.
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        for path in found:
            yield _page(browser, home, path.relative_to(SITE).as_posix())
    server.shutdown()
    server.server_close()


def _page(browser: Browser, home: str, path: str) -> str:
    page = browser.new_page()
    page.add_init_script(WATCH_SHIFTS)
    received = {}
    page.on("response", lambda response: received.update({response.url: response}))
    page.goto(home + path, wait_until="commit")
    ready = until_drawn(page)
    page.wait_for_load_state("networkidle")
    moved = sum(value for value, _ in shifts(page))
    bodies = {url: response.body() for url, response in list(received.items())}
    total, own = sent(bodies) / 1000, sent({path: bodies[home + path]}) / 1000
    page.close()
    return f"| {path} | {total:.0f} | {own:.0f} | {ready:.2f} | {moved:.3f} |"


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
