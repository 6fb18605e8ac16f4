"""A formula as one would type it, √dₖ or QKᵀ: what the search reads and shows in its excerpts."""

import re

from bs4 import Tag
from bs4.element import NavigableString

_BELOW = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ABOVE = dict(zip("0123456789−niT⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿⁱᵀᵀ", strict=True))
_BETWEEN = re.compile(r"[=+−<>≤≥≈≠∈→←↦∼≪≫×]")
_INVISIBLE = re.compile("[\u2061-\u2064]")
_COMPOUND = re.compile(r"[\s/+−=<>≤≥,]")


def in_words(node: Tag) -> str:
    """The text of a `<math>` element or of a part of it.

    Examples:
        >>> from bs4 import BeautifulSoup
        >>> page = BeautifulSoup(
        ...     "<math><msqrt><msub><mi>d</mi><mi>k</mi></msub></msqrt></math>", "html.parser"
        ... )
        >>> in_words(page.math)
        '√dₖ'
    """
    parts = [child for child in node.children if isinstance(child, Tag)]
    # KaTeX puts some of them where MathML has no place for them.
    words = [in_words(part) for part in parts if not _INVISIBLE.fullmatch(part.get_text())]
    return _WRITTEN.get(node.name, _side_by_side)(*words) if words else _leaf(node)


def _leaf(node: Tag) -> str:
    if node.name == "mspace":
        return " "
    text = "".join(str(s) for s in node.children if isinstance(s, NavigableString))
    text = _INVISIBLE.sub("", text)
    first = node.find_previous_sibling() is None  # a sign, not an operation
    return f" {text} " if node.name == "mo" and _BETWEEN.fullmatch(text) and not first else text


def _side_by_side(*words: str) -> str:
    """The name of a function is set off from the name of its argument."""
    text = ""
    for word in words:
        if word[:1].isalnum() and (_ends_in_name(text) or (_is_name(word) and text[-1:].isalnum())):
            text += " "
        text += word
    return re.sub(r" *, *", ", ", re.sub(r"\s+", " ", text))


def _is_name(word: str) -> bool:
    return re.match("[A-Za-z]{2}", word) is not None


def _ends_in_name(text: str) -> bool:
    return re.search(r"[a-z]{2}$", text) is not None


def _index(text: str, small: dict[str, str], sign: str) -> str:
    text = text.replace(" ", "")
    if text and all(letter in small for letter in text) and (len(text) <= 2 or text.isdigit()):
        return "".join(small[letter] for letter in text)
    return sign + _whole(text)


def _whole(text: str) -> str:
    """In brackets, if it would otherwise fall apart."""
    text = text.strip()
    return f"({text})" if _COMPOUND.search(text) else text


# What becomes of the parts of each element; of others, what stands side by side.
_WRITTEN = {
    "msub": lambda base, below: base + _index(below, _BELOW, "_"),
    "munder": lambda base, below: base + _index(below, _BELOW, "_") + " ",
    "msup": lambda base, above: base + _index(above, _ABOVE, "^"),
    "msubsup": lambda base, below, above: (
        base + _index(below, _BELOW, "_") + _index(above, _ABOVE, "^")
    ),
    "munderover": lambda base, below, above: (
        base + _index(below, _BELOW, "_") + _index(above, _ABOVE, "^") + " "
    ),
    "mover": lambda base, accent: base,
    "mfrac": lambda over, under: f"{_whole(over)}/{_whole(under)}",
    "msqrt": lambda *words: "√" + _whole(_side_by_side(*words)),
    "mroot": lambda base, degree: _index(degree, _ABOVE, "") + "√" + _whole(base),
    "mtable": lambda *rows: " ".join(rows),
    "mtr": lambda *cells: " ".join(cells),
}
