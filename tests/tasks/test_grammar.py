"""The English-Chinese grammar: what it says, what is aligned, and what is held out."""

import pytest

from attnlab.tasks.grammar import Grammar

GRAMMAR = Grammar()


def chinese(english):
    return " ".join(GRAMMAR.translation(GRAMMAR.find(english)).chinese)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("I love programming", "我 爱 编程"),
        ("she loves music", "她 爱 音乐"),
        ("he does not study history", "他 不 学习 历史"),
        ("they do not study history", "他们 不 学习 历史"),
        ("my friend wants to play the piano", "我 的 朋友 想 弹 钢琴"),
        ("we want to play football", "我们 想 踢 足球"),
        ("do you like noodles ?", "你 喜欢 面条 吗 ？"),
        ("why does the teacher teach physics ?", "老师 为什么 教 物理 ？"),
        ("the students will read books tomorrow", "学生们 明天 会 看 书"),
        ("the doctor drinks tea every day", "医生 每天 喝 茶"),
        ("you play basketball with friends", "你 和 朋友 一起 打 篮球"),
    ],
)
def test_translations(english, expected):
    assert chinese(english) == expected


def test_alignment_follows_the_words_across_the_sentence():
    words = GRAMMAR.translation(GRAMMAR.find("my mother will watch films tomorrow"))
    said = {
        zh: [words.english[i] for i in sorted(p)]
        for zh, p in zip(words.chinese, words.alignment, strict=True)
    }
    assert said == {
        "我": ["my"],
        "的": ["my"],
        "妈妈": ["mother"],
        "明天": ["tomorrow"],
        "会": ["will"],
        "看": ["watch"],
        "电影": ["films"],
    }


def test_every_chinese_word_comes_from_somewhere():
    for split in ("train", "test", "pairs"):
        for sentence in GRAMMAR.sentences(split):
            assert all(GRAMMAR.translation(sentence).alignment)


def test_no_english_sentence_is_there_twice():
    """Else a held-out sentence could stand in training under another number."""
    english = [
        " ".join(GRAMMAR.translation(sentence).english)
        for split in ("train", "test", "pairs")
        for sentence in GRAMMAR.sentences(split)
    ]
    assert len(set(english)) == len(english) > 8000


def test_held_out_pairs_have_never_met():
    def met(split):
        return {
            (pattern, GRAMMAR.object_of(predicate))
            for _, pattern, predicate in GRAMMAR.sentences(split)
        }

    assert not met("train") & met("pairs")
    assert not met("test") & met("pairs")


def test_the_showcase_is_held_out_though_its_parts_are_known_two_by_two():
    showcase = GRAMMAR.find("I love programming")
    assert showcase in GRAMMAR.sentences("test")
    train = GRAMMAR.sentences("train")
    for hidden in range(3):
        parts = [part for place, part in enumerate(showcase) if place != hidden]
        assert any([p for i, p in enumerate(s) if i != hidden] == parts for s in train)


@pytest.mark.parametrize("split", ["test", "pairs"])
def test_held_out_words_are_all_in_training(split):
    known = {w for s in GRAMMAR.sentences("train") for w in GRAMMAR.translation(s).english}
    held_out = {w for s in GRAMMAR.sentences(split) for w in GRAMMAR.translation(s).english}
    assert held_out <= known


def test_shares_of_the_splits():
    train, test, pairs = (len(GRAMMAR.sentences(s)) for s in ("train", "test", "pairs"))
    assert test / (train + test) == pytest.approx(0.2, abs=0.03)
    assert pairs / (train + test + pairs) == pytest.approx(0.2, abs=0.05)


def test_batches_are_sentences_of_their_split():
    held_out = {" ".join(GRAMMAR.translation(s).english) for s in GRAMMAR.sentences("test")}
    batch = GRAMMAR.batch(30, split="test")
    for row in batch.src.tolist():
        assert " ".join(GRAMMAR.src_vocabulary.decode(row)) in held_out
    assert batch.alignment.any(dim=2).sum() == batch.tgt_out.gt(3).sum()


def test_bad_input():
    with pytest.raises(
        ValueError, match="split must be one of 'train', 'test', 'pairs'; got 'dev'"
    ):
        GRAMMAR.sentences("dev")
    with pytest.raises(ValueError, match="must be a sentence of the grammar, got 'I hate tea'"):
        GRAMMAR.find("I hate tea")
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        GRAMMAR.batch(0)


@pytest.mark.parametrize(
    "sentence",
    [
        (-1, 0, 0), (0, 0, 999), (0, 12, 0), (0, 0), [0, 0, 0], (0.5, 0, 0), "abc", None,
        (0.0, 0, 0), (True, False, 0), ([0], 0, 0),
    ],
)  # fmt: skip
def test_sentences_of_another_grammar(sentence):
    for read in (GRAMMAR.translation, GRAMMAR.pair):
        with pytest.raises(ValueError, match="sentence must be one of the grammar's, got"):
            read(sentence)


def test_predicates_of_another_grammar():
    for wrong, error in ((-1, ValueError), (999, ValueError), (1.0, TypeError)):
        with pytest.raises(error, match="predicate must be"):
            GRAMMAR.object_of(wrong)
