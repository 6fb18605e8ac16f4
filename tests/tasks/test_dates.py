"""Dates: the texts are CLDR's, the alignment is true, and no test day is in training."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
import torch
from babel.dates import format_date, format_skeleton

from attnlab.tasks.dates import FORMATS, Dates
from attnlab.tasks.vocabulary import UNK

DAY = date(2026, 3, 8)
SEVERAL = Dates(("en", "de", "zh", "ru", "ar"))


@pytest.mark.parametrize("language", SEVERAL.languages)
@pytest.mark.parametrize("way", list(FORMATS))
def test_texts_are_those_of_babel(language, way):
    skeleton = FORMATS[way]
    if skeleton is None:
        expected = format_date(DAY, way, locale=language)
    else:
        expected = format_skeleton(skeleton, DAY, locale=language)
    assert SEVERAL.text(DAY, language, way) == expected


def test_alignment_of_a_known_date():
    dates = Dates(("en",))
    pair = dates.pair(DAY, "en", "full")  # Sunday, March 8, 2026
    text = "".join(dates.src_vocabulary.decode(pair.src))
    target = "".join(dates.tgt_vocabulary.decode(pair.tgt))
    said = [text[min(p) : max(p) + 1] if p else "" for p in pair.alignment]
    assert target == "2026-03-08"
    assert said == ["2026"] * 4 + [""] + ["March"] * 2 + [""] + ["8"] * 2


@pytest.mark.parametrize("language", SEVERAL.languages)
@pytest.mark.parametrize("way", list(FORMATS))
def test_alignment_covers_year_month_and_day(language, way):
    pair = SEVERAL.pair(DAY, language, way)
    assert [bool(p) for p in pair.alignment] == [c != "-" for c in "2026-03-08"]
    assert not pair.alignment[0] & pair.alignment[5]
    assert not pair.alignment[5] & pair.alignment[8]


def test_no_test_day_and_no_test_text_is_in_training():
    dates = Dates(("en", "fr"), ("full", "long"), first_year=2020, last_year=2020)
    train = dates.batch(3000)
    test = dates.batch(800, split="test")

    def texts(batch):
        return {"".join(dates.src_vocabulary.decode(row)) for row in batch.src.tolist()}

    def days(batch):
        return {"".join(dates.tgt_vocabulary.decode(row)) for row in batch.tgt_out.tolist()}

    assert not texts(train) & texts(test)
    assert not days(train) & days(test)
    assert len(days(train)) + len(days(test)) == 366
    assert all(dates.is_held_out(date.fromisoformat(day)) for day in days(test))
    assert not any(dates.is_held_out(date.fromisoformat(day)) for day in days(train))


def test_vocabulary_knows_every_character():
    for _ in range(3):
        assert (SEVERAL.batch(100).src != UNK).all()


def test_years_are_kept():
    dates = Dates(first_year=1000, last_year=1000)
    batch = dates.batch(20)
    assert dates.tgt_vocabulary.decode(batch.tgt_out[0, :4].tolist()) == list("1000")
    assert Dates(first_year=9999, last_year=9999).batch(5).tgt_out.shape == (5, 11)


def test_a_generator_decides_all():
    first, second = (SEVERAL.batch(9, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first.src, second.src)


def test_all_ways_mean_one_day():
    texts = {}
    for offset in range(0, 3000, 7):
        day = DAY + timedelta(days=offset)
        for language in SEVERAL.languages:
            for way in SEVERAL.formats:
                assert texts.setdefault(SEVERAL.text(day, language, way), day) == day


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"languages": ("en", "es")}, r"'2/1/2024' is both 2024-01-02 and 2024-02-01"),
        ({"languages": ()}, r"languages must be a tuple of one or more, got \(\)"),
        ({"languages": "en"}, "languages must be a tuple of one or more, got 'en'"),
        ({"languages": ("xx",)}, "languages must be known to Babel, got 'xx'"),
        ({"languages": ("no such",)}, "languages must be known to Babel, got 'no such'"),
        ({"formats": ("tiny",)}, "formats must be one of .* got 'tiny'"),
        ({"first_year": 999}, "first_year must be at least 1000, got 999"),
        ({"first_year": 2050}, "last_year must be at least 2050, got 2049"),
        ({"last_year": 10_000}, "last_year must be at most 9999, got 10000"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Dates(**settings)


def test_years_may_be_numpys():
    assert Dates(first_year=np.int16(2000), last_year=np.int16(2001)) == Dates(
        first_year=2000, last_year=2001
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"languages": (3,)}, "languages must be text, got int"),
        ({"first_year": 2000.0}, "first_year must be an integer, got float"),
        ({"last_year": None}, "last_year must be an integer, got NoneType"),
    ],
)
def test_settings_of_the_wrong_types(settings, message):
    with pytest.raises(TypeError, match=message):
        Dates(**settings)


def test_a_day_with_its_hour_is_that_day():
    hour = datetime(DAY.year, DAY.month, DAY.day, 23, 59)
    for language in SEVERAL.languages:
        assert SEVERAL.pair(hour, language, "full") == SEVERAL.pair(DAY, language, "full")
    assert SEVERAL.is_held_out(hour) == SEVERAL.is_held_out(DAY)


@pytest.mark.parametrize("day", ["2026-03-08", 3, None])
def test_what_is_no_day(day):
    for ask in (lambda: SEVERAL.pair(day, "en", "full"), lambda: SEVERAL.is_held_out(day)):
        with pytest.raises(TypeError, match="day must be a date, got"):
            ask()


def test_wrong_language_of_a_text():
    for language in ("fr", ["en"], None):
        with pytest.raises(ValueError, match=r"language must be one of 'en', .*; got "):
            SEVERAL.text(DAY, language, "full")
    with pytest.raises(ValueError, match=r"format must be one of 'full', .*; got 'tiny'"):
        SEVERAL.pair(DAY, "en", "tiny")


def test_languages_have_an_order():
    """In which they are drawn: that of a set differs from run to run."""
    assert Dates(["en", "de"]) == Dates(("en", "de"))
    for wrong in ({"en", "de"}, {"en": 1}, iter(["en"]), 3):
        with pytest.raises(ValueError, match="languages must be a tuple of one or more, got"):
            Dates(wrong)
