"""`make dev WIDGET=scaling`: one widget on a page that reloads whenever a file of `src/` changes.

Its front end is imported file by file, as it lies in `src/`; models that it shows are untrained.
Python runs in a process of its own after every change, so that an error in it is shown, on the
page and in the terminal, until the next change.
"""

import html
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.browser.made import WIDGETS
from tests.browser.on_page import ROOT

SRC = ROOT / "src"
SHEET = "attnlab/widgets/js/widgets.css"  # of all widgets
# Prints where a widget's front end lies, and what its model and those it refers to hold.
MAKE = """
import inspect, json, sys
from pathlib import Path
from ipywidgets.embed import dependency_state
from tests.browser.made import WIDGETS
widget = WIDGETS[sys.argv[1]]()
front_end = Path(inspect.getfile(type(widget))).parent / widget._front_end
models = {id: model["state"] for id, model in dependency_state([widget], False).items()}
for state in models.values():
    state.pop("_esm", None), state.pop("_css", None)
print(json.dumps({"front_end": str(front_end), "model": widget.model_id, "models": models}))
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<link rel="icon" href="data:,">
{styles}
<style>:root {{ color-scheme: light dark }}</style>
<body>
{body}
<script>
  const changes = new EventSource("/changes");
  changes.onmessage = ({{ data }}) => data === "{version}" || location.reload();
</script>
</html>"""
WIDGET = """<div id="widget"></div>
<script type="module">
  import {{ Model }} from "/attnbook/front/model.js";
  import frontEnd from "/{front_end}";
  const models = {models};
  const manager = {{ get_model: async (id) => new Model(models[id]) }};
  const model = new Model(models["{model}"], manager);
  await frontEnd.render({{ model, el: document.getElementById("widget") }});
</script>"""


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
        version = newest(self.src)
        made = make(self.name, self.src, newest(self.src, "py"))
        styles = ""
        if made.returncode:
            body = f"<pre>{html.escape(made.stderr)}</pre>"
        else:
            widget = json.loads(made.stdout)
            front_end = Path(widget["front_end"]).relative_to(self.src)
            models = json.dumps(widget["models"]).replace("</", r"<\/")
            body = WIDGET.format(
                front_end=front_end.as_posix(), model=widget["model"], models=models
            )
            sheets = [SHEET, front_end.with_suffix(".css").as_posix()]
            link = '<link rel="stylesheet" href="/{}">'
            styles = "\n".join(link.format(s) for s in sheets if (self.src / s).exists())
        return PAGE.format(name=self.name, styles=styles, body=body, version=version)

    def tell_changes(self) -> None:
        while True:
            self.wfile.write(f"retry: 300\ndata: {newest(self.src)}\n\n".encode())
            time.sleep(0.3)

    def begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_) -> None:
        pass


@lru_cache(maxsize=1)
def make(name: str, src: Path, version: int) -> subprocess.CompletedProcess:
    """The widget as this version of `src/` makes it, in JSON; or an error, printed as well."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE, name],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(src)},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        print(made.stderr, file=sys.stderr)
    return made


def newest(src: Path, *kinds: str) -> int:
    """When the last of all files of these kinds was written."""
    kinds = kinds or ("js", "css", "py")
    return max(path.stat().st_mtime_ns for kind in kinds for path in src.rglob(f"*.{kind}"))


def server(name: str, port: int, src: Path = SRC) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, name=name, src=src))


def main(name: str, port: str) -> str | None:
    """Serve until interrupted; returns what went wrong."""
    name = name.replace("-", "_")
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
    if len(sys.argv) != 3:
        sys.exit("A widget and a port are expected: make dev WIDGET=scaling PORT=8001")
    sys.exit(main(*sys.argv[1:]))
