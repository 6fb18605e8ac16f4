"""`make dev WIDGET=scaling`: one widget on a page that reloads whenever a file of `src/` changes.

Its front end is imported file by file, as it lies in `src/`; models that it shows are untrained.
"""

import inspect
import json
import os
import sys
import time
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from attnlab.widgets.base import SHARED, LabWidget
from tests.browser.made import WIDGETS

SRC = Path(__file__).parents[1] / "src"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<link rel="icon" href="data:,">
{styles}
<style>:root {{ color-scheme: light dark }}</style>
<body>
<div id="widget"></div>
<script>
  const changes = new EventSource("/changes");
  changes.onmessage = ({{ data }}) => data === "{version}" || location.reload();
</script>
<script type="module">
  import {{ Model }} from "/attnbook/host/model.js";
  import frontEnd from "/{front_end}";
  const model = new Model({state});
  await frontEnd.render({{ model, el: document.getElementById("widget") }});
</script>
</html>"""


class Handler(SimpleHTTPRequestHandler):
    """The widget's page, news of changes, and the files of `src/` by their paths."""

    def __init__(self, *args, name: str, src: Path, **kwargs):
        self.name, self.src = name, src
        super().__init__(*args, directory=src, **kwargs)

    def do_GET(self) -> None:
        if self.path == "/":
            self.begin("text/html")
            self.wfile.write(self.page().encode())
        elif self.path == "/changes":
            self.begin("text/event-stream")
            with suppress(ConnectionError):  # the page was closed
                self.tell_changes()
        else:
            super().do_GET()

    def page(self) -> str:
        widget: LabWidget = WIDGETS[self.name]()
        folder = Path(inspect.getfile(type(widget))).parent
        front_end = (folder / widget._front_end).relative_to(SRC)
        sheets = (SHARED.relative_to(SRC) / "widgets.css", front_end.with_suffix(".css"))
        link = '<link rel="stylesheet" href="/{}">'
        state = {name: v for name, v in widget.get_state().items() if name not in ("_esm", "_css")}
        return PAGE.format(
            name=self.name,
            styles="\n".join(link.format(s.as_posix()) for s in sheets if (self.src / s).exists()),
            front_end=front_end.as_posix(),
            state=json.dumps(state).replace("</", r"<\/"),
            version=newest(self.src),
        )

    def tell_changes(self) -> None:
        python = newest(self.src, "py")
        while newest(self.src, "py") == python:
            self.wfile.write(f"retry: 300\ndata: {newest(self.src)}\n\n".encode())
            time.sleep(0.3)
        os.execv(sys.executable, [sys.executable, "-m", "tools.dev", *sys.argv[1:]])

    def begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_) -> None:
        pass


def newest(src: Path, *kinds: str) -> int:
    """When the last of all files of these kinds was written."""
    kinds = kinds or ("js", "css", "py")
    return max(path.stat().st_mtime_ns for kind in kinds for path in src.rglob(f"*.{kind}"))


def server(name: str, port: int, src: Path = SRC) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, name=name, src=src))


def main(name: str, port: str) -> str | None:
    """Serve until interrupted; returns what went wrong."""
    if name not in WIDGETS:
        return f"There is no widget {name!r}: make dev WIDGET=… takes {', '.join(sorted(WIDGETS))}."
    try:
        serving = server(name, int(port))
    except (OSError, OverflowError, ValueError) as error:
        return f"Port {port} cannot be used ({error}): name another, make dev WIDGET={name} PORT=…"
    print(f"The widget is at http://127.0.0.1:{port}; Ctrl-C ends this.")
    with suppress(KeyboardInterrupt):
        serving.serve_forever()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
