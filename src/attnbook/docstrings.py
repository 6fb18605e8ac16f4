"""The reference's pages: what the library's docstrings say, by way of Sphinx's autodoc.

Docstrings are written for whoever reads them in an editor, in Markdown's manner; autodoc takes
reStructuredText. Each is translated on its way, without a second text that could grow stale.
"""

import inspect
import re
from textwrap import indent

_SECTION = re.compile(r"(Args|Shapes|Returns|Raises|Source|Examples):$")
_ITEM = re.compile(r"^    (\w[\w, ]*): ")
_MARKUP = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|`(.+?)`", re.DOTALL)


def to_rst(docstring: str) -> str:
    r"""A docstring's sections as fields, its formulas as formulas, and its code linked.

    Examples:
        >>> print(to_rst("Turn `x` by $\\pi$.\n\nArgs:\n    x: what to turn."))
        Turn :py:obj:`x`\  by :math:`\pi`\ .
        <BLANKLINE>
        :Arguments:
            :x: what to turn.
    """
    lines, section = docstring.split("\n"), ""
    for i, line in enumerate(lines):
        if found := _SECTION.match(line):
            section = found[1]
            lines[i] = ":Arguments:" if section == "Args" else f":{line}"
        elif section in ("Args", "Raises"):
            lines[i] = _ITEM.sub(r"    :\1: ", line)
    return _MARKUP.sub(_role, "\n".join(lines))


def _role(found: re.Match) -> str:
    display, formula, code = found.groups()
    if display:
        return ".. math::\n\n" + indent(display, "    ")
    # What ends a role is an escaped space: a letter may follow, as the s of several.
    return (f":math:`{formula}`" if formula else f":py:obj:`{code}`") + "\\ "


def _translate(*event) -> None:
    """Change the lines of a docstring in the list that autodoc goes on with."""
    app, _, _, documented, _, lines = event
    lines[:] = to_rst("\n".join(lines)).split("\n")
    if module := inspect.getmodule(documented):  # autosummary's table would keep the old sentence
        app.env.note_dependency(module.__file__)


def setup(app) -> None:
    app.connect("autodoc-process-docstring", _translate)
