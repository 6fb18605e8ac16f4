"""The reference has every public name, and a docstring says all that its reader may ask."""

import inspect
import re

import pytest

import attnlab
from tests.book.test_links import Links

PUBLIC = {*attnlab.__all__, *attnlab._LAZY}
OURS = {"claim", "quote", "ClaimFailed", "Progress", "seed_everything"}  # no paper's idea
WITHOUT_ERRORS = {"ClaimFailed", "Progress"}
WITHOUT_ARRAYS = OURS | {
    *("fit", "sorted_batches", "receptive_field"),
    *("warmup", "linear_decay", "noam"),
}


def said_of(name: str) -> str:
    """The docstring, that of the call, and that of whatever it refers to for the rest."""
    thing = getattr(attnlab, name)
    text = inspect.getdoc(thing) + (inspect.getdoc(getattr(thing, "forward", None)) or "")
    others = re.findall(r"are those of `(\w+)`", text)
    return text + "".join(said_of(other) for other in others if other in PUBLIC - {name})


def test_the_table_lists_every_public_name_and_nothing_else(site):
    targets = Links(site / "book" / "back" / "reference.html").targets
    listed = {found[1] for t in targets if (found := re.search(r"#attnlab\.(\w+)$", t))}
    assert listed == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_docstring_says_what_its_reader_may_ask(name):
    text = said_of(name)
    assert ("Raises:" in text) or name in WITHOUT_ERRORS
    assert ("Source:" in text) or name in OURS
    assert (">>> " in text) or name == "ClaimFailed"
    assert re.search(r"`\(.*\)`", text) or name in WITHOUT_ARRAYS


def test_a_formula_is_typeset_and_code_is_code(site):
    pages = list((site / "book" / "back" / "reference").glob("*.html"))
    assert pages
    for page in pages:
        text = re.sub(
            r"<(pre|annotation|script).*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL
        )
        assert not re.search(r"[`$]", text), page.name
