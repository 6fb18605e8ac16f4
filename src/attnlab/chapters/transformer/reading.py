"""What the models of the Transformer widget can read: their words, and the texts they learned from.

A model answers anything that is made of its tokens, and answers it with confidence. So texts
that are unlike all that it was trained on are told apart here, and not by the model.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from babel import Locale

from attnlab.tasks.dates import Dates
from attnlab.tasks.grammar import (
    ENDINGS,
    FEELINGS,
    PATTERNS,
    PATTERNS_OF_FEELINGS,
    SUBJECTS,
    VERBS,
    Grammar,
)
from attnlab.tasks.vocabulary import SPECIAL, UNK, Vocabulary
from attnlab.widgets.grammar import packed_grammar

# What is said of a text that cannot be read, here and on the page.
QUOTED = {"token": "“{token}”", "between": ", "}
OF_SENTENCES = QUOTED | {
    "nothing": "There is nothing to read: type a sentence.",
    "unknown": "The model has never read {tokens}.",
    "long": "The model has read up to {longest} words; these are {count}.",
    "unlike": "The model has never read a sentence of this kind.",
    "new": "It was not trained on this sentence.",
    "unmet": "In training this verb and this object never stood together.",
}
# What of the vocabulary one can browse, by kind.
WHO, DOES, WHAT, OTHERS = "who", "what they do", "with what", "other words"
A_DAY = date(2026, 3, 8)
RUN = re.compile("[A-Za-zÀ-ÿ]+")  # of letters that have two cases
OF_DATES = QUOTED | {
    "nothing": "There is nothing to read: type a date.",
    "unknown": "The model has never read {tokens}.",
    "long": "The model has read up to {longest} characters; these are {count}.",
    "unlike": "This is no date in a form that the model has read, "
    "from {first_year} to {last_year}.",
}


@dataclass(frozen=True)
class Readable:
    """One task's texts. `known` is a regular expression that Python and browsers understand."""

    src: Vocabulary
    tgt: Vocabulary
    words: bool  # whether tokens are words, or else characters
    known: str
    longest: int  # in tokens
    said: dict[str, str]  # of a text that cannot be read: `unlike` of one that is not `known`
    kinds: dict[str, list[str]]  # what there is to read, by kind
    spelled: dict[str, str]  # words with their capitals, by the same without
    trained: dict[str, bool] = field(default_factory=dict)  # which of all texts it learned from

    def tokens(self, text: str) -> list[str]:
        """The text in tokens.

        Capitals are put right. The end of a sentence may have a full stop or an exclamation mark,
        which is left out: no sentence of the grammar has one.
        """
        if not self.words:
            return list(RUN.sub(lambda run: self._spelled(run[0]), text.strip()))
        words = re.findall(r"[^\s?]+|\?", text[: _end_of_words(text)])
        return [self._spelled(word) for word in words]

    def _spelled(self, word: str) -> str:
        return self.spelled.get(word.lower(), word)

    def message(self, text: str) -> str:
        """Why the text cannot be read, or nothing if it can."""
        tokens = self.tokens(text)
        numbers = self.src.encode(tokens)
        unknown = [t for t, number in zip(tokens, numbers, strict=True) if number == UNK]
        if not tokens:
            return self.said["nothing"]
        if unknown:
            quoted = [self.said["token"].format(token=t) for t in dict.fromkeys(unknown)]
            return self.said["unknown"].format(tokens=self.said["between"].join(quoted))
        if len(tokens) > self.longest:
            return self.said["long"].format(longest=self.longest, count=len(tokens))
        if not re.fullmatch(self.known, self.joined(tokens)):
            return self.said["unlike"]
        return ""

    def remark(self, text: str) -> str:
        """What is to be known of a text that can be read: whether its words met in training."""
        if not self.trained or self.message(text):
            return ""
        known = self.trained.get(self.joined(self.tokens(text)))
        return self.said["unmet"] if known is None else "" if known else self.said["new"]

    def joined(self, tokens: list[str]) -> str:
        return (" " if self.words else "").join(tokens)

    @property
    def tgt_words(self) -> list[str]:
        """The target's words, without those that are special."""
        return self.tgt.decode(range(len(SPECIAL), len(self.tgt)))

    def for_page(self) -> dict:
        """All of it in a form that the browser can be sent."""
        trained = np.packbits(np.array([*self.trained.values()], dtype=bool))
        return {
            "src": [*SPECIAL, *self.src.decode(range(len(SPECIAL), len(self.src)))],
            "tgt": [*SPECIAL, *self.tgt_words],
            "unk": UNK,
            "words": self.words,
            "known": self.known,
            "longest": self.longest,
            "said": self.said,
            "kinds": self.kinds,
            "spelled": self.spelled,
            "trained": base64.b64encode(trained.tobytes()).decode(),
        }


def _end_of_words(text: str) -> int:
    """Where the full stops, exclamation marks and spaces at the end begin.

    A regular expression would begin anew at every full stop, which takes long for many of them.
    """
    end = len(text)
    while end and (text[end - 1] in ".!" or text[end - 1].isspace()):
        end -= 1
    return end


def sentences(grammar: Grammar) -> Readable:
    """English sentences of the grammar, with any object after any verb."""
    every = [s for split in ("train", "test", "pairs") for s in grammar.sentences(split)]
    learned = set(grammar.sentences("train"))
    kinds = [
        _sentence_kind(english, third_person, feelings=number < PATTERNS_OF_FEELINGS)
        for number, (english, _) in enumerate(PATTERNS)
        for third_person in (False, True)
    ]
    return Readable(
        grammar.src_vocabulary,
        grammar.tgt_vocabulary,
        words=True,
        known="|".join(kinds),
        longest=max(len(grammar.translation(s).english) for s in every),
        said=OF_SENTENCES,
        kinds=_kinds_of_words(grammar.src_vocabulary),
        spelled={word.lower(): word for word in _words_of(grammar.src_vocabulary)},
        # In the order of `packed_grammar`, which is that of the numbers.
        trained={" ".join(grammar.translation(s).english): s in learned for s in sorted(every)},
    )


def _words_of(vocabulary: Vocabulary) -> list[str]:
    return vocabulary.decode(range(len(SPECIAL), len(vocabulary)))


def _kinds_of_words(vocabulary: Vocabulary) -> dict[str, list[str]]:
    packed = packed_grammar()
    kinds = {
        WHO: [subject for subject, _ in packed["subjects"]],
        DOES: [form for *forms, _, _ in packed["predicates"] for form in forms],
        WHAT: sorted({thing for _, _, thing, _ in packed["predicates"]}),
    }
    kinds = {kind: list(dict.fromkeys(words)) for kind, words in kinds.items()}
    named = {word for words in kinds.values() for text in words for word in text.split()}
    return kinds | {OTHERS: [word for word in _words_of(vocabulary) if word not in named]}


def dates_in(dates: Dates) -> Readable:
    """Dates in the task's languages, formats and years."""
    texts, days = zip(*dates._one_year(), strict=True)
    ways = [(language, way) for language in dates.languages for way in dates.formats]
    days = tuple(dict.fromkeys(days))
    years = {"first_year": dates.first_year, "last_year": dates.last_year}
    unlike = OF_DATES["unlike"].format(**years)
    return Readable(
        dates.src_vocabulary,
        dates.tgt_vocabulary,
        words=False,
        known="|".join(dict.fromkeys(_date_kind(dates, days, *way) for way in ways)),
        longest=max(map(len, texts)),
        said=OF_DATES | {"unlike": unlike},
        kinds={
            str(Locale.parse(language).english_name): [
                dates.text(A_DAY, language, way) for way in dates.formats
            ]
            for language in dates.languages
        },
        spelled={run.lower(): run for text in texts for run in RUN.findall(text)},
    )


def _sentence_kind(english: str, third_person: bool, *, feelings: bool) -> str:
    verbs = [verb for verb in VERBS if feelings or verb[0] not in FEELINGS]
    things = (thing.split()[0] for *_, things in verbs for thing in things.split(", "))
    subjects = (subject for subject, _, third in SUBJECTS if third == third_person)
    slots = {
        "S": _any(re.sub("/[a-z]+", "", subject) for subject in subjects),
        "V": _any(verb[0] for verb in verbs),
        "V+": _any(verb[third_person] for verb in verbs),
        "O": _any(thing.replace("_", " ") for thing in things),
    }
    return " ".join(slots.get(item) or _word(item, third_person) for item in english.split())


def _word(item: str, third_person: bool) -> str:
    word = item.partition("/")[0]
    if word.endswith("+"):
        word = ENDINGS[word[:-1]] if third_person else word[:-1]
    return re.escape(word)


def _date_kind(dates: Dates, days: Iterable[date], language: str, way: str) -> str:
    parts = [list(dates._parts(day, language, way)) for day in days]
    years = map(str, range(dates.first_year, dates.last_year + 1))
    return "".join(
        _any(years if column[0][1] == "y" else (text for text, _ in column))
        for column in zip(*parts, strict=True)
    )


def _any(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, dict.fromkeys(texts)))})"
