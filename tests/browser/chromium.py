"""Find a browser for the tests: an installed Chromium or Chrome, or else the one of Playwright."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

INSTALLED = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> str | None:
    """The path of a browser, or None where there is none."""
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    if found is None:
        with sync_playwright() as playwright:
            own = playwright.chromium.executable_path
        found = own if Path(own).exists() else None
    return found


if __name__ == "__main__":
    path = find()
    print(path)
    sys.exit(path is None)
