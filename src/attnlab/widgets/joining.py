"""A front end's files as one module.

A page that was saved to disk can import neither a file nor an address.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.\.?/[\w/.-]+\.js)";\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^import\b.*|\bimport\s*\(.*|^export\s*[{*].*", re.MULTILINE)
_DECLARED = re.compile(
    r"^(export\s+)?(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)", re.MULTILINE
)
_EXPORT = re.compile(r"^export\s+(?!default\b)", re.MULTILINE)


def join_modules(entry: Path) -> str:
    """The module at `entry` after all that it imports, as one module without imports.

    A file may import by name and by relative path, `import { softmax } from "./mathematics.js";`,
    and in no other way. As the files come to share one scope, no name may be declared at the top
    of two.

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
        imported = (path.parent / file).resolve()
        _collect(imported, sources, [*above, path])
        declared = _DECLARED.findall(sources[imported])
        exported = {name for export, name in declared if export}
        missing = {name.strip() for name in names.split(",") if name.strip()} - exported
        if missing:
            raise ValueError(
                f"{path.name} imports {sorted(missing)}, which {imported.name} does not export"
            )
    sources[path] = source
