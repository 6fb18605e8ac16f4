"""Numbers, strings and scores of `work/translation`, beside the packages that they come from."""

import random

import pytest

from attnlab.chapters.translation import numbers, recording, strings
from attnlab.chapters.translation.scoring import chrf, right_share

EXTRA = "comes with pip install 'attnlab[translation]', which is not installed"
SAID = ["打开文件", "关闭所有标签页", "无法 保存", "PDF 文件"]
RIGHT = ["保存文件", "关闭其他标签页", "无法保存该文件", "pdf 文档"]
# sacreBLEU 2.6.0: CHRF(lowercase=True).corpus_score(SAID, [RIGHT]).score, and of one text
SACREBLEU = {4: 29.223654913286445, 1: 20.83333333333333}


def some_numbers() -> list[int]:
    rng = random.Random(0)
    edges = [n for k in range(9) for n in (10**k, 10**k + 1, 11 * 10**k, 2 * 10**k - 1)]
    return [n for n in edges if n < 10**9] + [rng.randrange(10**k) for k in range(1, 10)] * 5


def test_numbers_are_those_of_num2words_and_cn2an():
    num2words = pytest.importorskip("num2words", reason=f"num2words {EXTRA}")
    cn2an = pytest.importorskip("cn2an", reason=f"cn2an {EXTRA}")
    for n in {*some_numbers(), *range(200)}:
        words = num2words.num2words(n).replace("-", " ").replace(",", "").replace(" and ", " ")
        assert numbers.english(n) == words.split()
        if n < 10**8 or n // 10**4 % 10**4:  # in an empty group of 万 it leaves out 零
            assert numbers.chinese(n) == cn2an.an2cn(n, "low")


@pytest.mark.parametrize(
    ("n", "english", "chinese"),
    [
        (0, "zero", "零"),
        (10, "ten", "十"),
        (110, "one hundred ten", "一百一十"),
        (1_001, "one thousand one", "一千零一"),
        (100_015, "one hundred thousand fifteen", "十万零一十五"),
        (10_010_000, "ten million ten thousand", "一千零一万"),
        (100_000_000, "one hundred million", "一亿"),
        (100_001_000, "one hundred million one thousand", "一亿零一千"),
    ],
)
def test_numbers_by_hand(n, english, chinese):
    assert " ".join(numbers.english(n)) == english
    assert numbers.chinese(n) == chinese


@pytest.mark.parametrize("n", [-1, 10**9])
def test_numbers_out_of_range_are_refused(n):
    for said in (numbers.english, numbers.chinese):
        with pytest.raises(ValueError, match=f"from 0 to 999,999,999, got {n}"):
            said(n)


def test_every_digit_is_aligned_with_the_word_that_gives_it():
    for n in (120_034, 15, 98_765_432, 40_005):
        pair = numbers.pair(n)
        words = numbers.SRC.decode(pair.src)
        digits = [d for d in str(n) if d != "0"]
        found = [places for places in pair.alignment or [] if places]
        assert len(found) == len(digits)
        for digit, places in zip(digits, found, strict=True):
            (word,) = (words[place] for place in places)
            ones = {numbers.SMALL[int(digit)], numbers.TENS[max(0, int(digit) - 2)]}
            assert word in ones or "teen" in word


def test_no_number_is_learned_and_tested():
    train, test = numbers.split(seed=1)
    assert len({*train, *test}) == 4800
    assert max(test) < 10**numbers.MOST_DIGITS


@pytest.mark.parametrize("seed", [0, 1])
def test_split_by_key_leaks_nothing_and_loses_only_what_is_tested(seed):
    train, test = strings.split_by_key(seed)
    keys = {strings.key(english) for english, _ in test}
    assert len(keys) == len(test) == strings.TESTED
    assert keys.isdisjoint(strings.key(english) for english, _ in train)
    left = [row for row in strings.rows() if strings.key(row[0]) not in keys]
    assert train == left


def test_split_by_row_shares_out_all_rows():
    train, test = strings.split_by_row(0)
    assert sorted(train + test) == sorted(strings.rows())
    assert len(test) == strings.TESTED


def test_the_stored_strings_are_short_and_chinese():
    assert len(strings.rows()) > 4000
    for english, chinese in strings.rows():
        assert 0 < len(strings.key(english).split()) <= strings.LONGEST
        assert recording.is_chinese(chinese)


def test_strings_are_read_from_catalogs(tmp_path):
    one = tmp_path / "one.json"
    one.write_text('{"": {"domain": "x"}, "menu\\u0004Save": ["保存"]}', "utf-8")
    two = tmp_path / "two.po"
    two.write_text(
        'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "天"\n\n#, fuzzy\nmsgid "x"\nmsgstr "叉"\n\n'
        'msgid "Open"\nmsgstr "打开"\n',
        "utf-8",
    )
    assert [*recording.entries(one)] == [("Save", "保存")]
    assert [*recording.entries(two)] == [("day", "天"), ("Open", "打开")]


def test_a_package_that_is_missing_is_named():
    with pytest.raises(ModuleNotFoundError, match="come from no_such_package, which is not"):
        recording.files("no_such_package", "*")


def test_chrf_is_that_of_sacrebleu():
    for count, score in SACREBLEU.items():
        assert 100 * chrf(SAID[:count], RIGHT[:count]) == pytest.approx(score, abs=1e-9)


def test_the_scores_of_sacrebleu_are_as_stored():
    metrics = pytest.importorskip("sacrebleu.metrics", reason=f"sacrebleu {EXTRA}")
    chrf_there = metrics.CHRF(lowercase=True)
    for count, score in SACREBLEU.items():
        found = chrf_there.corpus_score(SAID[:count], [RIGHT[:count]]).score
        assert found == pytest.approx(score, abs=1e-9)


def test_nothing_in_common_scores_nothing():
    assert chrf(["一"], ["二"]) == 0
    assert chrf([""], ["二"]) == 0
    assert right_share(["一", "二"], ["一", "三"]) == 0.5


def test_the_memory_finds_what_it_knows():
    known = strings.rows()[:300]
    memory = strings.Memory(known)
    for english, _ in known[::37]:
        assert strings.key(memory.nearest(english)[0]) == strings.key(english)
