"""The widgets' host is no Chromium's own: one page, one key, in the Firefox that is installed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.fixtures import ROOT
from tests.widgets.node import NODE

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
SCRIPT = Path(__file__).with_name("firefox.mjs")


@pytest.mark.skipif(FIREFOX is None, reason="no Firefox is installed")
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_widget_lives_in_firefox(address_of, scheme):
    home = address_of(ROOT / "_build" / "html", scheme)
    command = [NODE, SCRIPT, FIREFOX, home + "book/mechanism/scaling.html"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["before"].startswith("At dk = 16 ")
    assert found["after"].startswith("At dk = 1 ")
    assert found["errors"] == []
    assert [url for url in found["asked"] if not url.startswith((home, "data:", "blob:"))] == []
