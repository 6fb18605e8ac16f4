"""A front end's files as one module.

A page that was saved to disk can import neither a file nor an address.
"""

import posixpath
import re
from pathlib import Path

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.\.?/[\w/.-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?(?:function\*?|const|class)\s+(\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export\s+default\b", re.MULTILINE)
# An address that a file computes, the host's of a widget for example, is none of another file.
_FOREIGN = re.compile(r"^(?:import|export)\b.*|\bimport\s*\(\s*[\"'`].*", re.MULTILINE)


def join_modules(root: Path, entry: str) -> str:
    """The file `entry` below `root` with all that it imports, as one module without imports.

    A file may import by name and by relative path, `import { softmax } from "./mathematics.js";`,
    and export functions, constants and classes where it declares them; the entry alone has a
    default. Each imported file becomes a function that runs it once and returns what it exports,
    so that files may declare the same names. These functions stand below the entry, and its imports
    keep their lines: an error in the entry is reported under its name and its own line.

    Errors: ValueError for any other import or export, an import of what is not exported, modules
    that import each other, and a file that is not there.
    """
    sources: dict[str, str] = {}
    _collect(root, entry, sources, [])
    parts = [_IMPORT.sub(_destructured(entry), sources.pop(entry))]
    for name, source in sources.items():
        exports = ", ".join(exported for _, exported in _EXPORT.findall(source))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(_destructured(name), source))
        scope = _scope(name)
        parts.append(
            f"// {name}\nfunction {scope}() {{\nreturn ({scope}.exports ??= (() => {{\n"
            f"{body}\nreturn {{ {exports} }};\n}})());\n}}\n"
        )
    return "\n".join([*parts, f"//# sourceURL={entry}\n"])


def _destructured(name: str):
    """What takes the place of each import of a file, line for line."""

    def replace(found: re.Match) -> str:
        names, path = found.groups()
        return f"const {{{names}}} = {_scope(_resolved(name, path))}();"

    return replace


def _resolved(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _scope(name: str) -> str:
    """The name of the function that runs a file; no file declares such a one."""
    return "$" + re.sub(r"\W", "_", name)


def _collect(root: Path, name: str, sources: dict[str, str], above: list[str]) -> None:
    """Put `name` and all that it imports into `sources`."""
    if name in above:
        raise ValueError(f"{name} imports itself, through {above[-1]}")
    if name in sources:
        return
    path = root / name
    if not path.is_file():
        raise ValueError(f"{path.name} is not in {posixpath.dirname(name) or root.name}/")
    sources[name] = source = path.read_text(encoding="utf-8")
    rest = _EXPORT.sub("", _IMPORT.sub("", source))
    foreign = _FOREIGN.search(rest if above else _DEFAULT.sub("", rest))
    if foreign:
        raise ValueError(
            f'{name}: expected an import like {{ name }} from "./file.js" or an export of a '
            f"function, const or class; got {foreign[0]}"
        )
    for names, file in _IMPORT.findall(source):
        imported = _resolved(name, file)
        _collect(root, imported, sources, [*above, name])
        exported = {export for _, export in _EXPORT.findall(sources[imported])}
        missing = {each.strip() for each in names.split(",") if each.strip()} - exported
        if missing:
            raise ValueError(f"{name} imports {sorted(missing)}, which {imported} does not export")
