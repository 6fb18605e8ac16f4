"""A small English–Chinese grammar, written by hand, whose every sentence has a known alignment.

Subjects, ways to say something (patterns) and predicates (a verb and an object) combine freely.
The languages differ in more than their words: Chinese verbs have no endings, times and places
stand before the verb, "do" has no counterpart, and "play" is another verb for each thing played.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from numbers import Integral
from typing import Literal

import torch
from torch import Generator

from attnlab.functional import settings
from attnlab.tasks.pairs import Batch, Pair, collate
from attnlab.tasks.sizes import without_end
from attnlab.tasks.split import is_held_out
from attnlab.tasks.vocabulary import Vocabulary
from attnlab.training.batches import drawing_device

# English, Chinese, and whether the English verb takes its ending.
SUBJECTS = [
    ("I", "我", False), ("you", "你", False), ("we", "我们", False), ("they", "他们", False),
    ("he", "他", True), ("she", "她", True), ("my/my friend", "我/my 的/my 朋友", True),
    ("my/my mother", "我/my 的/my 妈妈", True), ("my/my father", "我/my 的/my 爸爸", True),
    ("the teacher", "老师", True), ("the student", "学生", True), ("the doctor", "医生", True),
    ("the children", "孩子们", False), ("the students", "学生们", False),
]  # fmt: skip

# Verb, verb with its ending, Chinese verb, and the objects that go with it.
_SUBJECT_MATTER = "programming 编程, mathematics 数学, history 历史, physics 物理, Chinese 中文"
VERBS = [
    ("love", "loves", "爱", f"{_SUBJECT_MATTER}, music 音乐, tea 茶, films 电影"),
    ("like", "likes", "喜欢", f"{_SUBJECT_MATTER}, music 音乐, coffee 咖啡, noodles 面条"),
    ("study", "studies", "学习", f"{_SUBJECT_MATTER}, English 英文"),
    ("teach", "teaches", "教", f"{_SUBJECT_MATTER}, English 英文"),
    ("read", "reads", "看", "books 书, newspapers 报纸, stories 故事, poems 诗"),
    ("write", "writes", "写", "books 书, letters 信, stories 故事, poems 诗"),
    ("watch", "watches", "看", "films 电影, television 电视"),
    ("eat", "eats", "吃", "noodles 面条, rice 米饭, apples 苹果, fish 鱼, bread 面包"),
    ("drink", "drinks", "喝", "tea 茶, coffee 咖啡, water 水, milk 牛奶"),
    ("buy", "buys", "买", "books 书, newspapers 报纸, tea 茶, bread 面包, apples 苹果, flowers 花"),
    ("play", "plays", "踢", "football 足球"),
    ("play", "plays", "打", "basketball 篮球, tennis 网球"),
    ("play", "plays", "弹", "the_piano 钢琴, the_guitar 吉他"),
]

# S, V, V+ (with the ending that the subject asks for) and O are slots. Other words carry, behind
# a slash, the name of what they say; words with one name belong together. A + asks for an ending.
PATTERNS = [
    ("S V+ O", "S V O"),
    ("S do+/not not/not V O", "S 不/not V O"),
    ("S also/also V+ O", "S 也/also V O"),
    ("do+/ask S V O ?/ask", "S V O 吗/ask ？/ask"),
    ("why/why do+/why S V O ?/ask", "S 为什么/why V O ？/ask"),
    # From here on for what one does, not for what one feels.
    ("S want+/want to/want V O", "S 想/want V O"),
    ("S do+/not not/not want/want to/want V O", "S 不/not 想/want V O"),
    ("S can/can V O", "S 能/can V O"),
    ("S often/often V+ O", "S 常常/often V O"),
    ("S will/will V O tomorrow/tomorrow", "S 明天/tomorrow 会/will V O"),
    ("S V+ O every/daily day/daily", "S 每天/daily V O"),
    ("S V+ O at/at home/home", "S 在/at 家/home V O"),
    ("S V+ O with/with friends/friend", "S 和/with 朋友/friend 一起/with V O"),
]
FEELINGS, PATTERNS_OF_FEELINGS = ("love", "like"), 5
ENDINGS = {"do": "does", "want": "wants"}

GrammarSplit = Literal["train", "test", "pairs"]
Sentence = tuple[int, int, int]  # numbers of subject, pattern and predicate


@dataclass(frozen=True)
class Translation:
    """One sentence in both languages, and for each Chinese word the English ones that it says."""

    english: list[str]
    chinese: list[str]
    alignment: list[set[int]]


class Grammar:
    """English sentences to Chinese ones.

    Held out are, as "pairs", one combination in five of object and pattern: those two words have
    never met. And of the rest, as "test", one sentence in five, among them "I love programming":
    its parts have been seen, two by two, but never the three together.

    >>> grammar = Grammar()
    >>> example = grammar.translation(grammar.find("I love programming"))
    >>> "".join(example.chinese), example.alignment
    ('我爱编程', [{0}, {1}, {2}])
    """

    def __init__(self):
        self._predicates = [
            (verb, ending, chinese, *thing.split())
            for verb, ending, chinese, things in VERBS
            for thing in things.split(", ")
        ]
        sentences = [
            (subject, pattern, predicate)
            for subject, pattern, predicate in product(
                range(len(SUBJECTS)), range(len(PATTERNS)), range(len(self._predicates))
            )
            if pattern < PATTERNS_OF_FEELINGS or self._predicates[predicate][0] not in FEELINGS
        ]
        objects = sorted({thing for *_, thing, _ in self._predicates})
        number = [objects.index(thing) for *_, thing, _ in self._predicates]
        met = [(pattern, number[predicate]) for _, pattern, predicate in sentences]
        unmet = is_held_out(torch.tensor(met, device="cpu"))
        unseen = is_held_out(torch.tensor(sentences, device="cpu"))
        self._sentences: dict[GrammarSplit, list[Sentence]] = {"train": [], "test": [], "pairs": []}
        for i, sentence in enumerate(sentences):
            split = "pairs" if unmet[i] else "test" if unseen[i] else "train"
            self._sentences[split].append(sentence)
        self._known = frozenset(sentences)

    @cached_property
    def src_vocabulary(self) -> Vocabulary:
        return Vocabulary(word for s in self._all() for word in self.translation(s).english)

    @cached_property
    def tgt_vocabulary(self) -> Vocabulary:
        return Vocabulary(word for s in self._all() for word in self.translation(s).chinese)

    def sentences(self, split: GrammarSplit) -> Sequence[Sentence]:
        """All sentences of one split.

        Raises:
            ValueError: another split.
        """
        settings.one_of(tuple(self._sentences), split=split)
        return tuple(self._sentences[split])

    def find(self, english: str) -> Sentence:
        """The sentence with this English text.

        Raises:
            ValueError: the grammar has no such sentence.
        """
        for sentence in self._all():
            if " ".join(self.translation(sentence).english) == english:
                return sentence
        raise ValueError(f"english must be a sentence of the grammar, got {english!r}")

    def object_of(self, predicate: int) -> str:
        """The English object of a predicate.

        Raises:
            TypeError: the predicate is no integer. ValueError: the grammar has none of this number.
        """
        settings.count(0, predicate=predicate)
        if predicate >= len(self._predicates):
            raise ValueError(f"predicate must be below {len(self._predicates)}, got {predicate}")
        return self._predicates[predicate][3].replace("_", " ")

    def translation(self, sentence: Sentence) -> Translation:
        """The sentence in both languages.

        Raises:
            ValueError: the grammar has no such sentence.
        """
        whole = isinstance(sentence, tuple) and all(
            isinstance(number, Integral) and not isinstance(number, bool) for number in sentence
        )
        if not whole or sentence not in self._known:
            raise ValueError(f"sentence must be one of the grammar's, got {sentence!r}")
        subject, pattern, predicate = sentence
        subject_en, subject_zh, third_person = SUBJECTS[subject]
        verb, verb_ending, verb_zh, object_en, object_zh = self._predicates[predicate]
        english, chinese = PATTERNS[pattern]
        slots_en = {
            "S": subject_en,
            "V": verb,
            "V+": verb_ending if third_person else verb,
            "O": object_en.replace("_", " "),
        }
        words_en = fill_pattern(english, slots_en, third_person)
        words_zh = fill_pattern(
            chinese, {"S": subject_zh, "V": verb_zh, "O": object_zh}, third_person
        )
        alignment = [
            {i for i, (_, said) in enumerate(words_en) if said == meaning}
            for _, meaning in words_zh
        ]
        return Translation([w for w, _ in words_en], [w for w, _ in words_zh], alignment)

    def pair(self, sentence: Sentence) -> Pair:
        """The sentence in numbers.

        Raises:
            ValueError: the grammar has no such sentence.
        """
        words = self.translation(sentence)
        src = self.src_vocabulary.encode(words.english)
        return Pair(src, self.tgt_vocabulary.encode(words.chinese), words.alignment)

    def batch(
        self, size: int, *, split: GrammarSplit = "train", generator: Generator | None = None
    ) -> Batch:
        """So many sentences of one split, drawn with replacement.

        Raises:
            TypeError: a size that is no integer, or a generator that is none.
            ValueError: size below 1, or another split.
        """
        settings.count(1, size=size)
        sentences = self.sentences(split)
        device = drawing_device(generator)
        drawn = torch.randint(len(sentences), (int(size),), generator=generator, device=device)
        return collate([self.pair(sentences[index]) for index in drawn.tolist()])

    def batches(self, size: int) -> Iterator[Batch]:
        """Fresh training batches without end.

        Raises:
            TypeError: the size is not an integer. ValueError: it is below 1.
        """
        return without_end(self.batch, size)

    def _all(self) -> Iterator[Sentence]:
        for sentences in self._sentences.values():
            yield from sentences


def fill_pattern(pattern: str, slots: dict[str, str], third_person: bool) -> list[tuple[str, str]]:
    """The words of a pattern, each with the name of what it says."""
    words = []
    for item in pattern.split():
        for part in slots.get(item, item).split():
            word, _, meaning = part.partition("/")
            if word.endswith("+"):
                word = ENDINGS[word[:-1]] if third_person else word[:-1]
            words.append((word, meaning or item[0]))
    return words
