"""A diagram as a file of its own, for notebooks: in the colors of paper, and without links."""

import re
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement, tostring


def colors_of(style: str) -> dict[str, str]:
    """What the custom properties of a style sheet's first `:root` are."""
    root = style[style.index(":root") :].partition("}")[0]
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", root))


def picture(svg: Element, alt: str, style: str, colors: dict[str, str]) -> str:
    """The text of an SVG that needs nothing else: rules, colors and ground are inside."""
    file = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": alt})
    file.attrib |= {name: svg.attrib[name] for name in ("viewBox", "width", "height")}
    rules = re.sub(r"/\*.*?\*/|(?<=[{;}])\s+", "", style, flags=re.DOTALL)
    SubElement(file, "style").text = re.sub(r"var\((--[\w-]+)\)", lambda v: colors[v[1]], rules)
    SubElement(file, "rect", {"width": "100%", "height": "100%", "fill": colors["--attn-paper"]})
    drawn = SubElement(file, "g", {"class": svg.attrib["class"]})
    drawn.extend(deepcopy(list(svg)))
    for link in drawn.iter("a"):
        link.tag = "g"
        link.attrib.clear()
    return tostring(file, encoding="unicode")
