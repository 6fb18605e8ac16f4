"""The page of `make dev`: a widget as its files in `src/` have it, again after every change."""

import shutil
import subprocess
import sys
import threading

import pytest

from tools import dev


@pytest.fixture
def src(tmp_path):
    """A copy of what the page needs, to be edited."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(dev.SRC, tmp_path, ignore=ignored, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def home(src):
    with dev.server("masks", 0, src) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}/"
        serving.shutdown()


def test_an_edited_file_is_seen_at_once(visit, home, src):
    opened = visit(home, home)
    words = opened.page.locator(".attn-sentence")
    words.wait_for()
    assert opened.page.locator(".attn-cell").first.bounding_box()["height"] == 32
    widget = src / "attnlab/chapters/masks/widget.js"
    text = widget.read_text(encoding="utf-8")
    assert text.count("words.show(") == 1
    widget.write_text(text.replace("words.show(", 'words.show("Edited: ", '), encoding="utf-8")
    opened.page.locator(".attn-sentence", has_text="Edited: ").wait_for(timeout=5000)
    sheet = src / "attnlab/chapters/masks/widget.css"
    style = sheet.read_text(encoding="utf-8")
    sheet.write_text(style.replace("height: 32px", "height: 40px"), encoding="utf-8")
    opened.page.wait_for_function(
        "document.querySelector('.attn-cell')?.getBoundingClientRect().height === 40"
    )
    assert not opened.errors and not opened.foreign


def test_a_widget_that_speaks_with_the_model_of_another_is_shown(visit, src):
    with dev.server("decoding.drawing", 0, src) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{serving.server_port}/"
        opened = visit(home, home)
        opened.page.locator(".attn-drawings .attn-said").first.wait_for()
        serving.shutdown()
    assert not opened.errors and not opened.foreign


def test_an_error_is_reported_in_its_own_file(visit, home, src):
    controls = src / "attnlab/widgets/js/controls.js"
    text = controls.read_text(encoding="utf-8")
    controls.write_text(text + '\nthrow new Error("planted");\n', encoding="utf-8")
    opened = visit(home, home)
    stacks = []
    opened.page.on("pageerror", lambda error: stacks.append(error.stack))
    opened.page.reload(wait_until="networkidle")
    assert f"/attnlab/widgets/js/controls.js:{len(text.splitlines()) + 2}:" in stacks[0]


def test_half_written_python_is_shown_until_it_is_whole(visit, home, src, capfd):
    opened = visit(home, home)
    widget = src / "attnlab/chapters/masks/widget.py"
    text = widget.read_text(encoding="utf-8")
    widget.write_text(text + "\ndef half(", encoding="utf-8")
    opened.page.locator("pre", has_text="SyntaxError").wait_for()
    assert "SyntaxError" in capfd.readouterr().err
    widget.write_text(text, encoding="utf-8")
    opened.page.locator(".attn-sentence").wait_for()


def test_another_room_that_is_broken_does_not_matter(visit, home, src):
    for room in ("heads", "scaling"):
        (src / f"attnlab/chapters/{room}/widget.py").write_text("def half(", encoding="utf-8")
    visit(home, home).page.locator(".attn-sentence").wait_for()


def test_a_name_may_be_the_chapters_own(monkeypatch):
    served = []
    monkeypatch.setattr(dev, "server", lambda name, port: served.append(name) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dev.main("self-attention", "8001")
    assert served == ["self_attention"]


def test_without_arguments_it_says_what_it_takes():
    command = [sys.executable, "-m", "tools.dev"]
    done = subprocess.run(command, cwd=dev.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "A widget and a port are expected: make dev WIDGET=scaling PORT=8001\n"


@pytest.mark.parametrize(
    ("name", "port", "said"),
    [
        ("", "8001", "There is no widget ''"),
        ("scalling", "8001", "takes block, bottleneck, captions"),
        ("scaling", "80x", "Port 80x cannot be used"),
        ("scaling", "99999", "Port 99999 cannot be used"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(name, port, said):
    answer = dev.main(name, port)
    assert said in answer and "\n" not in answer
