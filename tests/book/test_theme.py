"""Addresses that other sites read: only where the book knows its own."""

from types import SimpleNamespace

import pytest

from attnbook.theme import site_url


@pytest.mark.parametrize(
    ("baseurl", "repository", "expected"),
    [
        ("", "", ""),
        ("", "https://github.com/Owner/course", "https://owner.github.io/course/"),
        ("", "https://example.org/owner/course", ""),
        (
            "https://example.org/book",
            "https://github.com/owner/course",
            "https://example.org/book/",
        ),
    ],
)
def test_the_sites_address_is_given_or_follows_from_the_repositorys(baseurl, repository, expected):
    options = {"repository_url": repository}
    config = SimpleNamespace(html_baseurl=baseurl, html_theme_options=options)
    assert site_url(config) == expected
