"""The base of all widgets."""

import inspect
from pathlib import Path

import anywidget

from attnlab.widgets.joining import join_modules
from attnlab.widgets.traits import Constants, Input

END = "■"  # how a page shows that a sequence ends
SHARED = Path(__file__).parent / "js"


class LabWidget(anywidget.AnyWidget):
    """A widget whose front end is a file beside its module, named by the class.

    The file and all that it imports are joined into one module, once, when the class is made. What
    its own style sheet says, `<name>.css` where there is one, follows what all widgets share.

    Errors: ValueError where the files cannot be joined (see `join_modules`).

    >>> from attnlab.widgets.traits import Whole
    >>> class Plain(LabWidget):
    ...     _front_end = "js/controls.js"
    ...     size = Whole(1, 9, default=3).tag(sync=True)
    >>> Plain(size=4)
    Plain(size=4)
    >>> Plain()._constants
    {'limits': {'size': {'min': 1, 'max': 9}}}
    """

    _constants = Constants()

    def __init_subclass__(cls, **kwargs):
        # ipywidgets subclasses a widget once more when it adds traits: that one names no file.
        if front_end := vars(cls).get("_front_end"):
            folder = Path(inspect.getfile(cls)).parent
            packages = cls.__module__.split(".")[:-1]
            root = folder.parents[len(packages) - 1] if packages else folder
            cls._esm = join_modules(root, "/".join([*packages, front_end]))
            own = (folder / front_end).with_suffix(".css")
            sheets = [SHARED / "widgets.css", *([own] if own.exists() else [])]
            cls._css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        # Without the address that Python's own has, a notebook's outputs are the same in every run.
        inputs = (
            f"{name}={getattr(self, name)!r}"
            for cls in type(self).__mro__
            for name, trait in vars(cls).items()
            if isinstance(trait, Input)
        )
        return f"{type(self).__name__}({', '.join(inputs)})"
