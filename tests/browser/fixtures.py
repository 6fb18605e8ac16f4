"""A real Chromium, pages over http and from the disk, and a record of what a page did wrong."""

import functools
import http.server
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ipywidgets import IntSlider
from playwright.sync_api import Browser, Page, sync_playwright

from attnbook import host
from attnlab.chapters.recurrence.widget import RecurrenceWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from tests.browser import chromium
from tests.browser.on_page import BUILT, WIDGETS, write_page

ROOT = Path(__file__).parents[2]
# Without these Chromium itself calls home, and a page would be blamed for it.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """A page, and what it asked for or complained about since it was opened."""

    page: Page
    home: str  # what every request must begin with
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.foreign.append(url)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    flags = FLAGS + (["--no-sandbox"] if os.getuid() == 0 else [])  # root has no sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser):
    """`visit(url, home)` opens a page; keyword arguments go to the browser's context."""
    contexts = []

    def open_page(url: str, home: str, **context) -> Visit:
        contexts.append(browser.new_context(**context))
        opened = Visit(contexts[-1].new_page(), home)
        opened.watch()
        opened.page.goto(url)
        return opened

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def address_of():
    """`address_of(folder, "http")` serves a folder on loopback; `"file"` names it on the disk."""
    servers = []

    @functools.cache
    def address(folder: Path, scheme: str) -> str:
        if scheme == "file":
            return folder.resolve().as_uri() + "/"
        handler = functools.partial(_QuietHandler, directory=folder)
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield address
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    host.write(folder)
    for name, widget in WIDGETS.items():
        write_page(folder, name, [widget()])
    shared = ScalingWidget()
    write_page(folder, "several", [shared, shared, IntSlider(), RecurrenceWidget()])
    return folder


@pytest.fixture(params=["made-http", "made-file", "built-http", "built-file"])
def open_widget(request, visit, address_of, made):
    """`open_widget("scaling")` visits the page that shows it and waits until it is drawn."""
    place, scheme = request.param.split("-")

    def open_it(name: str, **context) -> Visit:
        folder, page = (
            (made, f"{name}.html") if place == "made" else (ROOT / "_build/html", BUILT[name])
        )
        assert (folder / page).exists(), f"{page} is not built: run make book"
        home = address_of(folder, scheme)
        opened = visit(home + page, home, **context)
        opened.page.locator(".attn-widget data[value]").first.wait_for(timeout=10_000)
        return opened

    return open_it


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
