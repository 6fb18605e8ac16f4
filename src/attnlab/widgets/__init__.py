"""Widgets: one idea each, to be moved by hand, alive in a notebook and on a page with no Python.

Every widget is an ordinary Jupyter widget. What the reader sets is a trait (`w.d_k`), synchronized
both ways; what follows from it is a property (`w.weights`), computed by `attnlab`.
"""

from importlib import import_module

from attnlab.widgets.block import BlockWidget
from attnlab.widgets.costs import CostWidget
from attnlab.widgets.lookup import LookupWidget
from attnlab.widgets.masks import MasksWidget
from attnlab.widgets.positions import PositionsWidget
from attnlab.widgets.recurrence import RecurrenceWidget
from attnlab.widgets.scaling import ScalingWidget
from attnlab.widgets.scores import ScoresWidget
from attnlab.widgets.self_attention import SelfAttentionWidget
from attnlab.widgets.softmax import SoftmaxWidget

__all__ = [
    "BlockWidget",
    "BottleneckWidget",
    "ConvolutionWidget",
    "CostWidget",
    "DecodingWidget",
    "HeadsWidget",
    "LookupWidget",
    "MasksWidget",
    "PositionsWidget",
    "RecurrenceWidget",
    "ScalingWidget",
    "ScoresWidget",
    "SelfAttentionWidget",
    "SoftmaxWidget",
    "TransformerWidget",
]

# These bring torch, which other chapters do without.
_LAZY = {
    "BottleneckWidget": "bottleneck",
    "ConvolutionWidget": "convolution",
    "DecodingWidget": "decoding",
    "HeadsWidget": "heads",
    "TransformerWidget": "transformer",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'attnlab.widgets' has no attribute {name!r}")
    return getattr(import_module(f"attnlab.widgets.{_LAZY[name]}"), name)
