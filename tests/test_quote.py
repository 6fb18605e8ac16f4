"""What `quote` leaves for the prose is what MyST-NB then shows."""

import pytest
from myst_nb.core.variables import format_plain_text

from attnlab import claims


@pytest.mark.parametrize(
    "value, shown",
    [
        (1200, "1,200"),
        (0.5, "0.5"),
        (3.2e-7, "3.2\xa0×\xa010⁻⁷"),
        ("0, 1, 2", "0, 1, 2"),
        ("98%", "98%"),
    ],
)
def test_prose_shows_a_quoted_value_as_it_was_written(monkeypatch, value, shown):
    left = {}
    monkeypatch.setattr(claims, "_show", lambda line, extra, metadata: left.update(extra))
    claims.quote("test-value", value)
    (text,) = left.values()
    assert format_plain_text(text, "") == shown
