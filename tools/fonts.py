"""The text's fonts, as small as the book needs them: src/attnbook/fonts/.

    python -m tools.fonts     with the package brotli installed, after a new release of the font

Kept are the characters, and of the rest what the style sheets ask for: weights from 400 to 700,
ligatures, kerning, and figures of one width.
"""

from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

SOURCE = Path("node_modules", "@fontsource-variable", "source-serif-4")
TARGET = Path("src", "attnbook", "fonts")
NAME = "Book Serif"  # what was changed may not bear the font's own name
FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"]


def reduced(path: Path) -> TTFont:
    """The font at `path`, without what the book does not use."""
    font = TTFont(path)
    options = Options(layout_features=FEATURES, hinting=False, name_IDs=[0, 1, 4, 6, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = NAME if record.nameID != 6 else NAME.replace(" ", "")
    font.flavor = None
    plain = BytesIO()
    font.save(plain)
    return instantiateVariableFont(TTFont(plain), {"wght": (400, 700)})


if __name__ == "__main__":
    for slant in ("normal", "italic"):
        font = reduced(SOURCE / "files" / f"source-serif-4-latin-wght-{slant}.woff2")
        font.flavor = "woff2"
        font.save(TARGET / f"{slant}.woff2")
    (TARGET / "LICENSE").write_bytes((SOURCE / "LICENSE").read_bytes())
