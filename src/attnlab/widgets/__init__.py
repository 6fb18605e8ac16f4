"""Widgets: one idea each, to be moved by hand, alive in a notebook and on a page with no Python.

Every widget is an ordinary Jupyter widget. What the reader sets is a trait (`w.d_k`), synchronized
both ways; what follows from it is a property (`w.weights`), computed by `attnlab`.
"""

from attnlab.widgets.recurrence import RecurrenceWidget
from attnlab.widgets.scaling import ScalingWidget
from attnlab.widgets.softmax import SoftmaxWidget

__all__ = ["RecurrenceWidget", "ScalingWidget", "SoftmaxWidget"]
