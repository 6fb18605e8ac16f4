"""The base of all widgets, and the traits that say what they expect."""

import math
import operator
import re
from pathlib import Path

import anywidget
import numpy as np
import traitlets

_JS = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([\w-]+\.js)";\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^import\b.*|\bimport\s*\(.*|^export\s*[{*].*", re.MULTILINE)
_DECLARED = re.compile(
    r"^(export\s+)?(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)", re.MULTILINE
)
_EXPORT = re.compile(r"^export\s+(?!default\b)", re.MULTILINE)


class LabWidget(anywidget.AnyWidget):
    """A widget whose front end is a file of `widgets/js`, named by the class.

    A page that was saved to disk can import neither a file nor an address, so the file and all that
    it imports are joined into one module, once, when the class is made. What its own style sheet
    says, `<name>.css` where there is one, follows what all widgets share.

    Errors: ValueError where the files cannot be joined (see `join_modules`).

    >>> class Plain(LabWidget):
    ...     _front_end = "scaling.js"
    ...     size = Whole(1, 9, default=3).tag(sync=True)
    >>> Plain(size=4)
    Plain(size=4)
    """

    def __init_subclass__(cls, **kwargs):
        # ipywidgets subclasses a widget once more when it adds traits: that one names no file.
        if "_front_end" in vars(cls):
            cls._esm = join_modules(_JS / cls._front_end)
            own = (_JS / cls._front_end).with_suffix(".css")
            sheets = [_JS / "widgets.css", *([own] if own.exists() else [])]
            cls._css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        # Without the address that Python's own has, a notebook's outputs are the same in every run.
        inputs = (
            f"{name}={getattr(self, name)!r}"
            for cls in type(self).__mro__
            for name, trait in vars(cls).items()
            if isinstance(trait, (Whole, Real, Switch, Choice, Row))
        )
        return f"{type(self).__name__}({', '.join(inputs)})"


class Whole(traitlets.TraitType):
    """A whole number from `low` to `high`; NumPy's integers are taken too.

    Errors: TraitError for anything else, True and False among it.
    """

    def __init__(self, low: int, high: int, *, default: int):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, obj, value) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            number = None
        if number is None or isinstance(value, bool) or not self.low <= number <= self.high:
            raise traitlets.TraitError(
                f"{self.name} must be a whole number from {self.low} to {self.high}; got {value!r}"
            )
        return number


class Real(traitlets.TraitType):
    """A number from `low` to `high`.

    Errors: TraitError for anything else, NaN among it.
    """

    def __init__(self, low: float, high: float, *, default: float):
        self.low, self.high = low, high
        super().__init__(default)

    def validate(self, obj, value) -> float:
        try:
            number = math.nan if isinstance(value, (bool, str)) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not self.low <= number <= self.high:
            raise traitlets.TraitError(
                f"{self.name} must be a number from {self.low} to {self.high}; got {value!r}"
            )
        return number


class Switch(traitlets.Bool):
    """True or False.

    Errors: TraitError for anything else.
    """

    def validate(self, obj, value) -> bool:
        if not isinstance(value, bool):
            raise traitlets.TraitError(f"{self.name} must be True or False; got {value!r}")
        return value


class Choice(traitlets.TraitType):
    """One of some words, the first of them unless said otherwise.

    Errors: TraitError for anything else.
    """

    def __init__(self, *words: str):
        self.words = words
        super().__init__(words[0])

    def validate(self, obj, value) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise traitlets.TraitError(
                f"{self.name} must be one of {', '.join(self.words)}; got {value!r}"
            )
        return value


class Row(traitlets.TraitType):
    """A tuple with as many values as `default`, each of which the trait `item` takes.

    Lists and NumPy's arrays are taken too.

    Errors: TraitError for another number of values, or for a value that `item` does not take.
    """

    def __init__(self, item: traitlets.TraitType, *, default: tuple):
        self.item = item
        super().__init__(default)

    def validate(self, obj, value) -> tuple:
        try:
            values = value.tolist() if isinstance(value, np.ndarray) else list(value)
        except TypeError:
            values = []
        count = len(self.default_value)
        if len(values) != count:
            raise traitlets.TraitError(f"{self.name} must be {count} values; got {value!r}")
        row = []
        for i, each in enumerate(values):
            self.item.name = f"{self.name}[{i}]"  # what the item's own error says
            row.append(self.item.validate(obj, each))
        return tuple(row)


def join_modules(entry: Path) -> str:
    """The module at `entry` after all that it imports, as one module without imports.

    A file may import by name from its own folder, `import { softmax } from "./math.js";`, and from
    nowhere else. As the files come to share one scope, no name may be declared at the top of two.

    Errors: ValueError for any other import, an import of what is not exported, a name declared
    twice, modules that import each other, and a file that is not there.
    """
    sources: dict[Path, str] = {}
    _collect(entry, sources, [])
    owners: dict[str, Path] = {}
    for path, source in sources.items():
        for _, name in _DECLARED.findall(source):
            if name in owners:
                raise ValueError(f"{path.name} declares {name}, as {owners[name].name} does")
            owners[name] = path
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", source)) for source in sources.values())


def _collect(path: Path, sources: dict[Path, str], above: list[Path]) -> None:
    """Put into `sources` what `path` imports, then `path` itself."""
    if path in above:
        raise ValueError(f"{path.name} imports itself, through {above[-1].name}")
    if path in sources:
        return
    if not path.is_file():
        raise ValueError(f"{path.name} is not in {path.parent.name}/")
    source = path.read_text(encoding="utf-8")
    foreign = _ANY_IMPORT.search(_IMPORT.sub("", source))
    if foreign:
        raise ValueError(
            f'{path.name}: expected an import like {{ name }} from "./file.js"; got {foreign[0]}'
        )
    for names, file in _IMPORT.findall(source):
        _collect(path.with_name(file), sources, [*above, path])
        declared = _DECLARED.findall(sources[path.with_name(file)])
        exported = {name for export, name in declared if export}
        missing = {name.strip() for name in names.split(",") if name.strip()} - exported
        if missing:
            raise ValueError(f"{path.name} imports {sorted(missing)}, which {file} does not export")
    sources[path] = source
