"""The table of what attention was worth: what chapters say, with what was measured."""

import json
import shutil
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from attnbook.worth import KEYS, said
from tests.book.books import FIXTURE, build_book

HEAD = """worth:
  task: Count
  baseline: "{everything-one} by hand"
  attention: none
  cost: nothing
  verdict: a tie
"""


@pytest.fixture
def build(tmp_path):
    """`build(head)` builds the small book, whose chapter has these lines at its head."""

    def build(head: str):
        folder = shutil.copytree(FIXTURE, tmp_path / "book")
        chapter = folder / "book" / "part" / "everything.md"
        chapter.write_text(chapter.read_text("utf-8").replace("---\n", f"---\n{head}", 1), "utf-8")
        index = folder / "book" / "part" / "index.md"
        index.write_text(index.read_text("utf-8") + "\n```{worth}\n```\n", "utf-8")
        return build_book(folder)

    return build


def test_a_name_in_braces_is_what_was_measured_and_leads_to_its_claim(build):
    built = build(HEAD)
    assert built.status == 0, built.log
    page = (built.site / "book" / "part" / "index.html").read_text("utf-8")
    (row,) = BeautifulSoup(page, "html.parser").select("table.worth tbody tr")
    cells = [cell.get_text().strip() for cell in row.find_all("td")]
    assert cells[1] == "Count" and cells[2].endswith(" by hand") and "{" not in cells[2]
    (link,) = row.select('a[href*="#claim-"]')
    assert cells[2].startswith(link.get_text())


def test_a_name_that_no_claim_has_stops_the_build(build):
    built = build(HEAD.replace("everything-one", "nowhere"))
    assert built.status != 0
    assert "names {nowhere}, and the chapter has no claim of that name" in built.log


@pytest.mark.parametrize(
    "given", ["much", "[]", '{"task": "Count"}', json.dumps({**dict.fromkeys(KEYS, ""), "cost": 1})]
)
def test_what_is_not_said_whole_is_refused(given):
    env = SimpleNamespace(metadata={"book/part/page": {"worth": given}})
    with pytest.raises(
        ExtensionError, match=r"book/part/page\.md: expected `worth:` to have task, b"
    ):
        said(env, "book/part/page")


def test_a_chapter_need_not_say_anything():
    assert said(SimpleNamespace(metadata={"book/part/page": {}}), "book/part/page") is None
