"""What a first visit to a page costs: what is sent, what moves after it was shown, and how soon its
widgets can be used."""

import gzip
from collections.abc import Mapping

from playwright.sync_api import Page

# To be there before the page is: adds up by how much of the window what was shown has moved, and by
# how far, as Chromium tells it. What moves because a reader has just touched something is left out.
WATCH_SHIFTS = """
globalThis.attnShifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput)
      attnShifts.push([entry.value, entry.sources.map((s) => {
        const at = s.node?.nodeType === 1 ? s.node : s.node?.parentElement;
        return at ? `${at.localName}.${at.className}` : "";
      })]);
}).observe({ type: "layout-shift", buffered: true });
"""
# As many widgets as the page has places for them; for how long that took, in ms.
DRAWN = """() => document.querySelectorAll(".attn-widget, .attn-notice").length
  === document.querySelectorAll('script[type$="widget-view+json"]').length
  && performance.now()"""


def until_drawn(page: Page) -> float:
    """Wait until every widget is there; seconds since the page was asked for."""
    return page.wait_for_function(DRAWN).json_value() / 1000


def shifts(page: Page) -> list[tuple[float, list[str]]]:
    """How far what was shown has moved so far, and what it was."""
    return [(value, what) for value, what in page.evaluate("globalThis.attnShifts")]


def sent(bodies: Mapping[str, bytes]) -> int:
    """Bytes, compressed as a host does; fonts and pictures that are compressed already are not."""
    packed = (".woff2", ".png")
    return sum(len(b if url.endswith(packed) else gzip.compress(b)) for url, b in bodies.items())
