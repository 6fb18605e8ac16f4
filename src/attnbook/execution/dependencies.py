"""Which files of `attnlab` a chapter's code hangs on, followed file by file and name by name.

A name leads to the module that defines it: `from attnlab import softmax` to
`functional/softmax.py`, and not to all that the package's root imports. What the code does not
tell, such as what a star brings, hangs on everything that it could be. The root's `__init__.py` is
a map of names: code hangs on those lines of it that it takes a name from.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

from sphinx.errors import ExtensionError

# Functions that reach a chapter's room by the name in their first argument, and what they read.
_BY_NAME = {
    "check": "exercises.py",
    "exercises_of": "exercises.py",
    "grade": "exercises.py",
    "rubric": "exercises.py",
    "load": "results.json",
}
_MODULE = re.compile(r"[\w.]+")
_JS_IMPORT = re.compile(r"""\b(?:from|import)\s*["'](\.[^"']+\.js)["']""")
_FOR_TYPES = {".pyi", ".typed", ".ts"}  # what only a type checker reads
# What the root's `__init__.py` may assign and define, beside its docstring and imports.
_MAP = {"__version__", "_LAZY", "__all__"}
_LOOKUP = {"__getattr__", "__dir__"}

# A module, and names that are looked up in it, one after the other: ("attnlab", ("softmax",)).
_Target = tuple[str, tuple[str, ...]]


class Package:
    """A package's files; each is read once, when it is first needed."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.root = self.folder / "__init__.py"
        self._tree = cache(lambda path: ast.parse(path.read_bytes(), str(path)))
        self._nodes = cache(lambda path: list(ast.walk(self._tree(path))))
        self._handed_on = cache(self._read_handed_on)
        self._next = cache(self._read_next)

    def behind(self, code: str, page: str) -> dict[str, bytes]:
        """All that `code`, of the page named `page`, uses: files by their names, and their content.

        Of the root's file, that is what looks names up, and where those lead that are used.

        Errors: ExtensionError for a module or a room that is not there, and for a root that does
            more than to map names.
        """
        found = self._found(code, page)
        files = {path for path in found if isinstance(path, Path)}
        content = {path: path.read_bytes() for path in files - {self.root}}
        if self.root in files:
            lines = sorted(line for line in found if isinstance(line, str))
            content[self.root] = "\n".join([self._lookup(), *lines]).encode()
        return {path.relative_to(self.folder).as_posix(): text for path, text in content.items()}

    def _found(self, code: str, page: str) -> set[Path | str]:
        try:
            waiting = self._leads(list(ast.walk(ast.parse(code))))
        except SyntaxError:  # the kernel will say what it thinks of it
            waiting = self._below(self.folder)
        except LookupError as error:
            raise ExtensionError(f"{page} {error.args[0]}") from None
        found = set()
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                if isinstance(path, str) or path == self.root:
                    continue
                try:
                    waiting |= self._next(path)
                except LookupError as error:
                    name = path.relative_to(self.folder.parent).as_posix()
                    raise ExtensionError(f"{page} uses {name}, which {error.args[0]}") from None
        return found

    def _lookup(self) -> str:
        """The functions of the root, once it is clear that it holds nothing else but its map."""
        functions = []
        for node in self._tree(self.root).body:
            match node:
                case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant(str())):
                    pass
                case ast.Assign([ast.Name(name)]) if name in _MAP:
                    pass
                case ast.FunctionDef(name=name) if name in _LOOKUP:
                    functions.append(ast.unparse(node))
                case _:
                    names = ", ".join(sorted(_MAP | _LOOKUP))
                    raise ExtensionError(
                        f"{self.folder.name}/__init__.py, line {node.lineno}: expected imports and "
                        f"{names} alone; got {ast.unparse(node).splitlines()[0]!r}"
                    )
        return "\n".join(functions)

    def _read_next(self, path: Path) -> set[Path | str]:
        """What one file of the package leads to directly."""
        if path.suffix == ".js":
            imported = _JS_IMPORT.findall(path.read_text("utf-8"))
            return {file for name in imported if (file := (path.parent / name).resolve()).is_file()}
        if path.suffix != ".py":
            return set()
        packages = (folder for folder in path.parents if self.folder in folder.parents)
        above = {init for folder in packages if (init := folder / "__init__.py").is_file()}
        # A room's front end, styles and data lie in it; the styles that all share, in widgets/js/.
        # Elsewhere a module's data bear its name.
        place = path.relative_to(self.folder).parts[0]
        files = [*path.parent.glob("[!.]*"), *path.parent.glob("js/*.css")]
        beside = {file for file in files if _is_read(file) and file.suffix != ".py"}
        if place not in ("chapters", "widgets"):
            beside = {file for file in beside if file.stem == path.stem}
        fronts = {path.parent / name for name in map(_front_end, self._nodes(path)) if name}
        return above | beside | fronts | self._leads(self._nodes(path), path)

    def _leads(self, nodes: list[ast.AST], path: Path | None = None) -> set[Path | str]:
        """What Python code names, a page's or that of the package's module at `path`.

        `nodes` are all of its tree: to walk it takes longer than to look at each.

        Errors: LookupError, in words that follow upon the name of the page or the module.
        """
        bound = self._imports(nodes, path)
        found: set[Path | str] = {self.root} if bound else set()
        for first, *rest in _dotted_names(nodes):
            for module, names in bound.get(first, ()):
                found |= self._files(module, (*names, *rest), bare=True)
        # A package may import a name only to hand it on. That is not followed here: whoever asks
        # for the name is led to the module that defines it.
        hands_on = path is not None and path.name == "__init__.py"
        for module, names in bound["*"] if hands_on else set().union(*bound.values()):
            found |= self._files(module, names, bare=False)
        # The machinery of the exercises calls itself, with whatever name it was given.
        if path is None or self.folder / "exercises" not in path.parents:
            found |= set(self._rooms(nodes, bound))
        return found | (self._below(self.folder) if self._imports_by_string(nodes) else set())

    def _imports(self, nodes: list[ast.AST], path: Path | None) -> dict[str, set[_Target]]:
        """What each imported name may stand for, wherever in the code it is imported."""
        package = ".".join(path.relative_to(self.folder.parent).parent.parts) if path else ""
        bound = defaultdict(set)
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in filter(lambda alias: self._is_ours(alias.name), node.names):
                    bound[alias.asname or alias.name].add((alias.name, ()))
                    if not alias.asname:  # `import attnlab.a.b` binds `attnlab`
                        bound[self.folder.name].add((self.folder.name, ()))
            elif isinstance(node, ast.ImportFrom):
                module = resolve_name("." * node.level + (node.module or ""), package)
                for alias in node.names if self._is_ours(module) else ():
                    bound[alias.asname or alias.name].add((module, (alias.name,)))
        return bound

    def _imports_by_string(self, nodes: list[ast.AST]) -> bool:
        """Whether a call is given a module's name as text, as `import_module("attnlab.x")` is."""
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        named = (keyword.value for call in calls for keyword in call.keywords)
        for value in (*(value for call in calls for value in call.args), *named):
            match value:
                case ast.Constant(str(text)) | ast.JoinedStr([ast.Constant(str(text)), *_]):
                    if self._is_ours(text) and _MODULE.fullmatch(text):  # no sentence
                        return True
        return False

    def _is_ours(self, module: str) -> bool:
        return module.partition(".")[0] == self.folder.name

    def _files(self, module: str, names: tuple[str, ...], bare: bool) -> set[Path | str]:
        """Where `names` of a module or package lead; `bare`: a package itself may be put to use."""
        place = self.folder.joinpath(*module.split(".")[1:])
        if not place.is_dir():
            if not (file := place.with_name(place.name + ".py")).is_file():
                raise LookupError(f"imports {module}: {self.folder.name} has no such module")
            return {file}
        init = place / "__init__.py"
        passed: set[Path | str] = {init} if init.is_file() else set()
        if not names:
            return passed | (self._below(place) if bare else set())
        name, *rest = names
        if origins := self._handed_on(place).get(name):
            if init == self.root:
                passed |= {f"{name}: {'.'.join([m, *n])}" for m, n in origins}
            return passed.union(*(self._files(m, (*n, *rest), bare) for m, n in origins))
        if (place / name).is_dir() or (place / f"{name}.py").is_file():
            return passed | self._files(f"{module}.{name}", tuple(rest), bare)
        return passed | self._below(place)

    def _read_handed_on(self, package: Path) -> dict[str, set[_Target]]:
        """The names that a package has from elsewhere: imported, or in its table `_LAZY`."""
        init = package / "__init__.py"
        if not init.is_file():
            return {}
        own = ".".join(package.relative_to(self.folder.parent).parts)
        table = {
            name: targets - {(own, (name,))}  # a package's own module is found where it lies
            for name, targets in self._imports(self._nodes(init), init).items()
        }
        for node in self._tree(init).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_LAZY":
                for name, module in ast.literal_eval(node.value).items():
                    table[name] = {(f"{own}.{module}", (name,))}
        return table

    def _rooms(self, nodes: list[ast.AST], bound: dict[str, set[_Target]]) -> Iterator[Path]:
        """What `check("heads/writes")` and its like reach by name; any room where that is open."""
        told = {}
        for node in nodes:
            match node:
                case ast.Call(func=function, args=[ast.Constant(str(name)), *_]):
                    told[function] = name
        for node in nodes:
            if not (chain := _chain(node)):
                continue
            for module, names in bound.get(chain[0], bound["*"]):
                known = names if chain[0] in bound else chain[:1]  # a star may bring any name
                if file := _BY_NAME.get((module, *known, *chain[1:])[-1]):
                    if node in told:
                        yield self._in_room(told[node], file)
                    else:
                        yield from self.folder.glob(f"chapters/*/{file}")

    def _in_room(self, name: str, file: str) -> Path:
        room = name.partition("/")[0].replace("-", "_")
        path = self.folder / "chapters" / room / file
        if not path.is_file():
            raise LookupError(
                f"names {name!r}: there is no {self.folder.name}/chapters/{room}/{file}"
            )
        return path

    def _below(self, folder: Path) -> set[Path | str]:
        files = (path for path in folder.rglob("[!.]*") if "__pycache__" not in path.parts)
        found: set[Path | str] = {path for path in files if _is_read(path)}
        return found | ({self.root.read_text("utf-8")} if folder == self.folder else set())


def _front_end(node: ast.AST) -> str | None:
    """The file that a widget's class names as its front end, where this is the line that does."""
    match node:
        case ast.Assign([ast.Name("_front_end")], ast.Constant(str(name))):
            return name
    return None


def _is_read(path: Path) -> bool:
    return path.is_file() and path.suffix not in _FOR_TYPES


def _chain(node: ast.AST) -> tuple[str, ...] | None:
    """A dotted name as its parts; None for any other expression."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (base := _chain(node.value)):
        return (*base, node.attr)
    return None


def _dotted_names(nodes: list[ast.AST]) -> Iterator[tuple[str, ...]]:
    """Every dotted name in some code, each as long as it goes."""
    chains = {node: chain for node in nodes if (chain := _chain(node))}
    parts = {node.value for node in chains if isinstance(node, ast.Attribute)}
    return (chain for node, chain in chains.items() if node not in parts)
