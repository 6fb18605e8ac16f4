"""Writes slides as one page of reveal.js, which asks for nothing but the files beside it."""

import re
import shutil
from pathlib import Path

from attnlab.widgets.joining import join_modules

from .blocks import blocks
from .cutting import cut
from .making import BOOK, chapter_of
from .page import Page
from .slide import Slide

HERE = Path(__file__).parent
_SOURCE = re.compile(r'(<img\b[^>]*\bsrc=")([^"]*)"')

_DECK = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title} · {book}</title>
{styles}
{state}
<script defer src="reveal/reveal.js"></script>
<script defer src="reveal/notes.js"></script>
<script defer src="slides.js"></script>
<script defer src="_static/widget-host.js"></script>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
</body>
</html>
"""
_SLIDE = """<section class="{kind}"><div class="slide">
{header}<div class="content">{parts}</div>
</div><aside class="notes">{notes}</aside></section>"""
# What is larger than its place is made smaller, see fitting.js.
_PART = '<div class="{name} fit" data-prevent-swipe><div>{part}</div></div>'
_STYLE = '<link rel="stylesheet" href="{}">'


def write(page: Page, target: Path) -> Path:
    """A chapter's deck, with what it needs of the site beside it."""
    title = chapter_of(page.soup)
    slides = cut(blocks(page.soup), page.part, page.ratio)
    html = "\n".join(_written(slide, title) for slide in slides)
    pictures = {link: page.address(link) for _, link in _SOURCE.findall(html)}
    for path in {*page.styles(), *pictures.values(), "_static/widget-host.js"}:
        _copy(page.site, target, path)
    styles = ["reveal/reveal.css", *page.styles(), "slides.css"]
    deck = target / page.path.name
    deck.write_text(
        _DECK.format(
            title=title,
            book=BOOK,
            styles="\n".join(map(_STYLE.format, styles)),
            state=page.state,
            slides=_SOURCE.sub(lambda found: f'{found[1]}{pictures[found[2]]}"', html),
        ),
        "utf-8",
    )
    return deck


def _written(slide: Slide, chapter: str) -> str:
    heading, above = slide.part or slide.section, slide.section if slide.part else chapter
    header = f'<header><p class="above">{above}</p><h2>{heading or chapter}</h2></header>'
    body = _part("body", slide.body)
    if slide.kind.startswith("figure"):  # it fits by itself
        body = slide.body
    elif slide.kind == "prediction":  # its control takes what room it leaves
        body = f'<div class="body">{slide.body}</div>'
    beside = _part("beside", slide.beside) if slide.beside else ""
    return _SLIDE.format(
        kind=slide.kind,
        header=header if slide.kind != "title" else "",
        parts=body + beside,
        notes="\n".join(slide.notes),
    )


def _part(name: str, part: str) -> str:
    return _PART.format(name=name, part=part)


def _copy(site: Path, target: Path, path: str) -> None:
    """A file of the site, at the same place; with a style sheet, its fonts."""
    (target / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(site / path, target / path)
    fonts = Path(path).parent / "fonts"
    if path.endswith(".css") and (site / fonts).is_dir():
        shutil.copytree(site / fonts, target / fonts, dirs_exist_ok=True)


def write_shared(reveal: Path, target: Path) -> None:
    """What all decks share: reveal.js, and our style and script.

    Raises:
        FileNotFoundError: reveal.js is not installed.
    """
    if not reveal.is_dir():
        raise FileNotFoundError("reveal.js is missing: run `make book`, which installs it")
    (target / "reveal").mkdir(parents=True, exist_ok=True)
    for file in ("dist/reveal.css", "dist/reveal.js", "dist/plugin/notes.js", "LICENSE"):
        shutil.copy(reveal / file, target / "reveal")
    shutil.copy(HERE / "slides.css", target)
    script = join_modules(HERE.parents[1], "attnbook/slides/slides.js")
    (target / "slides.js").write_text(f"(() => {{{script}\n}})();\n", "utf-8")
