"""Addresses: the repository's, the site's, and the links that lead to a chapter's notebook.

The address stands in `_config.yml` alone. A site that is built for one of its forks gets another
from the environment. Without an address nothing points anywhere: never a dead link.
"""

import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from sphinx.errors import ConfigError

VARIABLE = "ATTNBOOK_REPOSITORY"

# The words that readers see.
TEXT = {"run": "Run on {service}", "download": "Download the notebook"}


@dataclass(frozen=True)
class Repository:
    """Where the course lives, e.g. `https://github.com/owner/course`, and its branch."""

    url: str
    branch: str

    @property
    def github(self) -> str | None:
        """`owner/course` on GitHub; nothing elsewhere."""
        found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", self.url)
        return found and found[1]

    def launch_links(self, notebook: PurePosixPath) -> dict[str, str]:
        """Services that can open a committed notebook, by name."""
        if self.github:
            return {
                "Colab": f"https://colab.research.google.com/github/{self.github}"
                f"/blob/{self.branch}/{notebook}",
                "Binder": f"https://mybinder.org/v2/gh/{self.github}/{self.branch}"
                f"?urlpath=lab/tree/{notebook}",
            }
        return {
            "Binder": f"https://mybinder.org/v2/git/{quote(self.url, safe='')}/{self.branch}"
            f"?urlpath=lab/tree/{notebook}"
        }


def repository(config) -> Repository | None:
    """The repository of this build, or None where no address is set."""
    options = config.html_theme_options
    url = options.get("repository_url")
    return Repository(url, options.get("repository_branch", "main")) if url else None


def _settle_address(app, config) -> None:
    """One address for the whole build, and only one that git can clone and a browser can open."""
    options = config.html_theme_options
    url = os.environ.get(VARIABLE) or options.get("repository_url") or ""
    if url and not re.fullmatch(r"https://[\w.-]+(/[\w.~-]+)+/?|file:///\S+", url):
        raise ConfigError(
            "the repository's address (repository: url in _config.yml, or the environment variable "
            f"{VARIABLE}) must look like https://github.com/owner/course; got {url!r}"
        )
    options["repository_url"] = url.rstrip("/").removesuffix(".git")


def notebook_path(docname: str) -> PurePosixPath:
    """Where the notebook of a page is committed, from the repository's root.

    Examples:
        >>> notebook_path("book/mechanism/scaling")
        PurePosixPath('notebooks/mechanism/scaling.ipynb')
    """
    return PurePosixPath("notebooks", docname.removeprefix("book/") + ".ipynb")


def is_chapter(env, docname: str) -> bool:
    """Has this page code, and is it neither the first page nor among the back matter?

    Then it teaches something, and has a notebook too.
    """
    shows = docname == env.config.root_doc or docname.startswith("book/back/")
    return "kernelspec" in env.metadata[docname] and not shows


def chapters(env) -> dict[str, str]:
    """The chapters' pages by their names, in the order of `_toc.yml`."""
    listed = [page for page in env.external_site_map if page in env.found_docs]
    return {page.rpartition("/")[2]: page for page in listed if is_chapter(env, page)}


def notebook_links(config, docname: str) -> list[tuple[str, str]]:
    """What runs a chapter's notebook, in words, with its address; last its download, beside it."""
    notebook, home = notebook_path(docname), repository(config)
    services = home.launch_links(notebook) if home else {}
    links = [(TEXT["run"].format(service=service), url) for service, url in services.items()]
    return [*links, (TEXT["download"], notebook.with_suffix(".zip").name)]


def _link_page(app, pagename, templatename, context, doctree) -> None:
    if pagename in app.env.all_docs and is_chapter(app.env, pagename):
        context["notebook_links"] = notebook_links(app.config, pagename)


def setup(app) -> None:
    app.connect("config-inited", _settle_address, priority=100)  # before anybody reads it
    app.connect("html-page-context", _link_page)
