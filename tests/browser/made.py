"""Widgets made by tests: one of each, untrained where it shows models, and a page of their own.

A room is imported only when its widget is made, so that one that is broken hides no other.
"""

import inspect
import json
import math
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from ipywidgets.embed import embed_data

from attnlab.models.seq2seq import Seq2Seq
from attnlab.models.transformer import Transformer
from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import Grammar
from attnlab.widgets.base import LabWidget
from attnlab.widgets.packing import LARGEST, LETTERS
from tests.browser.on_page import ROOMS


def untrained_bottleneck() -> LabWidget:
    """With two models that have not learned anything."""
    from attnlab.chapters.bottleneck.widget import BottleneckWidget

    torch.manual_seed(0)
    attending = Seq2Seq(14, 14, d_model=8, attend="additive")
    return BottleneckWidget(Seq2Seq(14, 14, d_model=8), attending)


def untrained_transformer() -> LabWidget:
    from attnlab.chapters.transformer.widget import TransformerWidget

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


def untrained_decoding():
    from attnlab.chapters.decoding.widget import TOPIC_WORDS, WORDS, BeamsWidget

    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    return BeamsWidget(Transformer(len(TOPIC_WORDS), len(WORDS), **sizes))


def untrained_drawing() -> LabWidget:
    from attnlab.chapters.decoding.drawing import DrawingWidget

    return DrawingWidget(untrained_decoding())


def untrained_heads() -> LabWidget:
    """Layers with 1, 2, 4 and 8 heads that have not learned anything."""
    from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
    from attnlab.chapters.heads.widget import HEADS, TASK, HeadsWidget

    torch.manual_seed(0)
    tables = {h: TableAnswerer(TASK, 8, h) for h in HEADS}
    words = {h: SentenceAnswerer(8, h) for h in HEADS}
    return HeadsWidget(tables, words, words)


def untrained_ten_minutes() -> LabWidget:
    from attnlab.chapters.ten_minutes.models import LastWordAsks
    from attnlab.chapters.ten_minutes.widget import TenMinutesWidget

    torch.manual_seed(0)
    return TenMinutesWidget(LastWordAsks())


def untrained_pointers() -> LabWidget:
    from attnlab.chapters.pointers.journeys import Journeys
    from attnlab.chapters.pointers.speakers import pointer
    from attnlab.chapters.pointers.widget import PointersWidget

    torch.manual_seed(0)
    journeys = Journeys(("Ghana", "Peru"), ("Fiji",))
    return PointersWidget(pointer(journeys), journeys)


def untrained_hops() -> LabWidget:
    from attnlab.chapters.pointers.hops import HopsWidget
    from attnlab.chapters.pointers.models import MemoryNetwork

    torch.manual_seed(0)
    return HopsWidget(MemoryNetwork(n_hops=2))


def untrained_series() -> LabWidget:
    from attnlab.chapters.series.models import Forecaster
    from attnlab.chapters.series.widget import SeriesWidget

    torch.manual_seed(0)
    return SeriesWidget(Forecaster(48, 12, patch=12), np.array([1.0, 0.0]), np.zeros((49, 12)))


def untrained_captions() -> LabWidget:
    from attnlab.chapters.captions.models import Eyes, Speaker
    from attnlab.chapters.captions.widget import CaptionsWidget

    torch.manual_seed(0)
    return CaptionsWidget(Speaker(Eyes(), "self"))


def untrained_language() -> LabWidget:
    from attnlab.chapters.language.widget import LanguageWidget
    from attnlab.models.language import LanguageModel

    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    models = (LanguageModel(26, causal=causal, **sizes) for causal in (True, False))
    return LanguageWidget(*models)


def untrained_speech() -> LabWidget:
    from attnlab.chapters.speech.models import Marker, Speller
    from attnlab.chapters.speech.widget import SpeechWidget

    torch.manual_seed(0)
    return SpeechWidget(Speller(6), Speller(6), Marker(6))


def untrained_memory() -> LabWidget:
    from attnlab.chapters.memory.models import Policy
    from attnlab.chapters.memory.widget import MemoryWidget

    torch.manual_seed(0)
    return MemoryWidget(Policy("attention", d_model=6), Policy("gru", d_model=6))


def untrained_translation() -> LabWidget:
    from attnlab.chapters.translation import numbers
    from attnlab.chapters.translation.widget import TranslationWidget

    torch.manual_seed(0)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "d_ff": 8}
    return TranslationWidget(Transformer(len(numbers.SRC), len(numbers.TGT), **sizes))


def untrained_recommendation() -> LabWidget:
    from attnlab.chapters.recommendation.models import Recommender, WeightedCounts
    from attnlab.chapters.recommendation.widget import RecommendationWidget

    torch.manual_seed(0)
    rows = np.eye(240, k=1)
    return RecommendationWidget(Recommender("attention", 240), WeightedCounts(rows))


def class_in(room: str) -> type[LabWidget]:
    """The widget of a room."""
    module = import_module(f"attnlab.chapters.{room}.widget")
    classes = (kind for _, kind in inspect.getmembers(module, inspect.isclass))
    (found,) = (
        kind for kind in classes if issubclass(kind, LabWidget) and "_front_end" in vars(kind)
    )
    return found


def in_room(room: str) -> LabWidget:
    return class_in(room)()


def costs() -> LabWidget:
    from attnlab.chapters.self_attention.costs import CostWidget

    return CostWidget()


def by_hand() -> LabWidget:
    from attnlab.chapters.ten_minutes.by_hand import ByHandWidget

    return ByHandWidget()


# What a widget that shows trained models is made with, where none are at hand.
UNTRAINED = {
    "bottleneck": untrained_bottleneck,
    "captions": untrained_captions,
    "decoding": untrained_decoding,
    "decoding.drawing": untrained_drawing,
    "heads": untrained_heads,
    "language": untrained_language,
    "memory": untrained_memory,
    "pointers": untrained_pointers,
    "pointers.hops": untrained_hops,
    "recommendation": untrained_recommendation,
    "series": untrained_series,
    "speech": untrained_speech,
    "ten_minutes": untrained_ten_minutes,
    "transformer": untrained_transformer,
    "translation": untrained_translation,
}
OTHERS = {"self_attention.costs": costs, "ten_minutes.by_hand": by_hand}
WIDGETS = {room: partial(in_room, room) for room in ROOMS} | UNTRAINED | OTHERS

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


@torch.no_grad()
def filled(model: torch.nn.Module, packed: dict) -> torch.nn.Module:
    """The model with the parameters that a page holds."""
    model = model.double()
    first, second = np.array([LETTERS.index(letter) for letter in packed["data"]]).reshape(2, -1)
    numbers = 64 * first + second - LARGEST - 1
    ends = np.cumsum([math.prod(shape) for _, shape, _ in packed["tensors"]])
    parts = np.split(numbers, ends[:-1])
    for (name, shape, step), part in zip(packed["tensors"], parts, strict=True):
        model.get_parameter(name).copy_(torch.tensor(part * step).reshape(shape))
    return model
