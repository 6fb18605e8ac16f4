"""A real Chromium, pages over http and from the disk, and a record of what a page did wrong."""

import functools
import http.server
import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.book.books import ROOT, Build, build_book
from tests.browser import chromium
from tests.browser.on_page import page_of

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
def predicted_book(tmp_path_factory) -> Build:
    """A book of one chapter with predictions of every kind, and of the page that lists them."""
    folder = tmp_path_factory.mktemp("predicted")
    shutil.copytree(ROOT / "tests" / "book" / "predicted", folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "book" / "your-predictions.md", folder / "book")
    built = build_book(folder)
    assert built.status == 0, built.log
    return built


@pytest.fixture
def open_widget(visit, address_of):
    """`open_widget("scaling")` visits the built page that shows it and waits until it is drawn."""

    def open_it(name: str, scheme: str = "http", **context) -> Visit:
        site = ROOT / "_build" / "html"
        page = page_of(name)
        assert (site / page).exists(), f"{page} is not built: run make book"
        home = address_of(site, scheme)
        opened = visit(home + page, home, **context)
        opened.page.locator(".attn-widget data[value]").first.wait_for(timeout=10_000)
        return opened

    return open_it


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
