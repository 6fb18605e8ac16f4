"""Widgets on a page: which there are, a page of their own, and how a test sets and reads them."""

import base64
import inspect
import json
import math
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from ipywidgets.embed import embed_data

from attnlab.chapters.bottleneck.widget import BottleneckWidget
from attnlab.chapters.decoding.costs import CostWidget
from attnlab.chapters.decoding.widget import TOPIC_WORDS, WORDS, DecodingWidget
from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.chapters.heads.widget import HEADS, HeadsWidget
from attnlab.chapters.heads.widget import TASK as TABLES
from attnlab.chapters.transformer.widget import TransformerWidget
from attnlab.models.seq2seq import Seq2Seq
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.widgets.base import LabWidget

ROOT = Path(__file__).parents[2]


def untrained_bottleneck() -> BottleneckWidget:
    """The one widget that shows models, with two that have not learned anything."""
    torch.manual_seed(0)
    attending = Seq2Seq(14, 14, d_model=8, attend="additive")
    return BottleneckWidget(Seq2Seq(14, 14, d_model=8), attending)


def untrained_transformer() -> TransformerWidget:
    torch.manual_seed(0)
    grammar, dates = Grammar(), Dates(("en", "de", "zh"))
    models = (
        Transformer(
            len(task.src_vocabulary), len(task.tgt_vocabulary), d_model=8, n_heads=2, n_layers=1,
            d_ff=8,
        )
        for task in (grammar, dates)
    )  # fmt: skip
    return TransformerWidget(*models, dates)


def untrained_decoding() -> DecodingWidget:
    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    return DecodingWidget(Transformer(len(TOPIC_WORDS), len(WORDS), **sizes))


def untrained_heads() -> HeadsWidget:
    """Layers with 1, 2, 4 and 8 heads that have not learned anything."""
    torch.manual_seed(0)
    tables = {h: TableAnswerer(TABLES, 8, h) for h in HEADS}
    words = {h: SentenceAnswerer(8, h) for h in HEADS}
    return HeadsWidget(tables, words, words)


def class_in(room: str) -> type[LabWidget]:
    """The widget of a room."""
    module = import_module(f"attnlab.chapters.{room}.widget")
    classes = (kind for _, kind in inspect.getmembers(module, inspect.isclass))
    (found,) = (
        kind for kind in classes if issubclass(kind, LabWidget) and "_front_end" in vars(kind)
    )
    return found


def page_of(room: str) -> str:
    """Where the built book shows what is in a room."""
    (text,) = ROOT.glob(f"book/*/{room.replace('_', '-')}.md")
    return text.relative_to(ROOT).with_suffix(".html").as_posix()


# What a widget that shows trained models is made with, where none are at hand.
UNTRAINED = {
    "bottleneck": untrained_bottleneck,
    "decoding": untrained_decoding,
    "heads": untrained_heads,
    "transformer": untrained_transformer,
}
ROOMS = sorted(path.parent.name for path in ROOT.glob("src/attnlab/chapters/*/widget.py"))
WIDGETS = {room: UNTRAINED.get(room) or class_in(room) for room in ROOMS} | {"costs": CostWidget}
BUILT = {room: page_of(room) for room in ROOMS} | {"costs": page_of("decoding")}
PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Widgets</title>
<link rel="icon" href="data:,">
<script src="widget-host.js" defer></script>
<body>
{views}
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
</body>
</html>"""


def write_page(folder: Path, name: str, widgets: list) -> None:
    """What MyST-NB writes for a notebook that displays the widgets, and nothing else."""
    data = embed_data(views=widgets, drop_defaults=False)
    view = '<script type="application/vnd.jupyter.widget-view+json">{}</script>'
    views = "\n".join(view.format(json.dumps(spec)) for spec in data["view_specs"])
    state = json.dumps(data["manager_state"]).replace("</script>", r"<\/script>")
    (folder / f"{name}.html").write_text(PAGE.format(views=views, state=state), encoding="utf-8")


def embedded_state(page, widget: type) -> dict:
    """The traits that the page gives the widget to start with."""
    # By its view, because a page keeps the state of widgets that are never shown as well.
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    models = json.loads(store.text_content())["state"]
    own = vars(widget).keys() & set(widget.class_trait_names(sync=True))
    for view in page.locator('script[type="application/vnd.jupyter.widget-view+json"]').all():
        state = models[json.loads(view.text_content())["model_id"]]["state"]
        if state.get("_anywidget_id", "").endswith(f".{widget.__name__}"):
            return {name: state[name] for name in own if not name.startswith("_")}
    raise AssertionError(f"no {widget.__name__} on {page.url}")


@torch.no_grad()
def filled(model: torch.nn.Module, packed: dict) -> torch.nn.Module:
    """The model with the parameters that a page holds."""
    model = model.double()
    numbers = np.frombuffer(base64.b64decode(packed["data"]), dtype="<i2")
    ends = np.cumsum([math.prod(shape) for _, shape, _ in packed["tensors"]])
    parts = np.split(numbers, ends[:-1])
    for (name, shape, step), part in zip(packed["tensors"], parts, strict=True):
        model.get_parameter(name).copy_(torch.tensor(part * step).reshape(shape))
    return model


def number(page, name: str) -> float:
    return float(page.locator(f'data[data-name="{name}"]').first.get_attribute("value"))


def control(page, name: str):
    return page.locator(f'input[data-name="{name}"]').first


def press(page, name: str, **times: int) -> None:
    control(page, name).focus()
    for key, count in times.items():
        for _ in range(count):
            page.keyboard.press(key)


def value_of(page, name: str) -> float:
    """What the slider says to those who listen."""
    return float(control(page, name).get_attribute("aria-valuetext"))


def drag(page, name: str, share: float) -> None:
    """Drag the handle from where it is to a share of the slider's length.

    Let go, it stands where the colored part of the track ends: at a value that there is.
    """
    slider = control(page, name)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    filled = float(slider.evaluate("s => (s.value - s.min) / (s.max - s.min)"))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 10 + filled * (box["width"] - 20), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + share * (box["width"] - 20), middle, steps=8)
    page.mouse.up()
    handle, colored = slider.evaluate(
        """s => [100 * (s.value - s.min) / (s.max - s.min),
                 parseFloat(s.style.getPropertyValue("--filled"))]"""
    )
    assert abs(handle - colored) < 1e-6
