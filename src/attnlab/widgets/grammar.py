"""All English sentences of the grammar in a form that is small enough for a page."""

from attnlab.tasks.grammar import (
    FEELINGS,
    PATTERNS,
    PATTERNS_OF_FEELINGS,
    SUBJECTS,
    VERBS,
    fill_pattern,
)


def packed_grammar() -> dict:
    """What `js/grammar.js` writes all sentences from, in the order of the grammar.

    Returns:
        `subjects`: each with its kind, 1 if the verb takes its ending; `patterns`: the English of
        each for either kind, with places for `subject`, `verb` and `object`, where `verbs` is a
        verb with its ending; `predicates`: verb, verb with its ending, object, and how many of the
        patterns they go with.
    """
    return {
        "subjects": [[_text(words, {}), int(third)] for words, _, third in SUBJECTS],
        "patterns": [
            [_frame(english, third) for third in (False, True)] for english, _ in PATTERNS
        ],
        "predicates": [
            [verb, verbs, thing.split()[0].replace("_", " "), _n_patterns(verb)]
            for verb, verbs, _, things in VERBS
            for thing in things.split(", ")
        ],
    }


def _n_patterns(verb: str) -> int:
    return PATTERNS_OF_FEELINGS if verb in FEELINGS else len(PATTERNS)


def _frame(english: str, third_person: bool) -> str:
    verbs = "{verbs}" if third_person else "{verb}"
    slots = {"S": "{subject}", "V": "{verb}", "V+": verbs, "O": "{object}"}
    return _text(english, slots, third_person)


def _text(pattern: str, slots: dict[str, str], third_person: bool = False) -> str:
    return " ".join(word for word, _ in fill_pattern(pattern, slots, third_person))
