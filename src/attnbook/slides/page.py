"""A built page of the site, as slides are cut from it."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlparse

from bs4 import BeautifulSoup, Tag

UNUSED = ("frame.css", "print.css")  # of the site's styles: what is around a page, and its paper
_STATE = 'script[type="application/vnd.jupyter.widget-state+json"]'
_VIEW_BOX = re.compile(r'viewbox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', re.IGNORECASE)


class Page:
    """A page, by its path in the folder of the site."""

    def __init__(self, site: Path, path: Path) -> None:
        self.site, self.path = site, path
        self.soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")

    @property
    def is_chapter(self) -> bool:
        return self.soup.select_one("article .objectives") is not None

    @property
    def part(self) -> str:
        """Of the book, e.g. Part 3 · The whole machine."""
        found = self.soup.select_one(".page-head .part")
        return found.get_text().strip() if found else ""

    @property
    def state(self) -> str:
        """The script that holds what the page's widgets begin with."""
        return str(self.soup.select_one(_STATE) or "")

    def address(self, link: str) -> str:
        """Where a link on this page leads, from the site's folder."""
        return urlparse(urljoin(self.path.relative_to(self.site).as_posix(), link)).path

    def styles(self) -> list[str]:
        links = self.soup.select('link[rel="stylesheet"]')
        found = [self.address(str(link["href"])) for link in links]
        return [path for path in found if not path.endswith(UNUSED)]

    def ratio(self, figure: Tag) -> float:
        """How wide a figure's picture is, compared with its height.

        Raises:
            ValueError: it is no vector graphic.
        """
        box = _VIEW_BOX.search(self._drawn(figure))
        if box is None:
            raise ValueError(f"{self.path.name}: expected a figure drawn in SVG; got {figure}")
        width, height = map(float, box.groups())
        return width / height

    def _drawn(self, figure: Tag) -> str:
        image = figure.find("img")
        if image is None:
            return str(figure)
        file = self.site / self.address(str(image["src"]))
        return file.read_text("utf-8") if file.suffix == ".svg" else ""
