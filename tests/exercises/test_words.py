"""What a reader is told is a whole sentence with named places, never joined from fragments."""

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from tests.exercises.rooms import CHAPTERS, EXERCISES


def text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def places(*nodes: ast.AST) -> set[str]:
    """The names of the places in all strings of some code."""
    strings = [node.value for tree in nodes for node in ast.walk(tree) if text(node)]
    return {name for string in strings for _, name, *_ in Formatter().parse(string)} - {None}


def faults(code: str) -> Iterator[str]:
    """Where a translator would find half a sentence, and where a place would stay empty."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.JoinedStr():
                yield f"{node.lineno}: an f-string"
            case ast.BinOp(left, ast.Add() | ast.Mod(), right) if text(left) or text(right):
                yield f"{node.lineno}: a string put together by an operator"
            case ast.IfExp(_, left, right) if text(left) or text(right):
                yield f"{node.lineno}: a string chosen where it stands"
            case ast.Attribute(value, "format" | "join" as method) if text(value):
                yield f"{node.lineno}: a string put together by its {method}"
            case ast.Call(ast.Name("Hint"), [sentence], given):
                yield from faults_of_hint(node.lineno, sentence, given)
            case ast.Call(ast.Name("recognize"), [_, wrong], given) | ast.Call(
                ast.Name("compare"), [_, _, wrong], given
            ):
                if not places(wrong) <= {each.arg for each in given}:
                    yield f"{node.lineno}: the places are {places(wrong)}"


def faults_of_hint(line: int, sentence: ast.AST, given: list[ast.keyword]) -> Iterator[str]:
    more = [each.value for each in given if each.arg == "more"]
    if not all(map(text, more)):
        yield f"{line}: the hint's second sentence is none"
    if not text(sentence):
        if not isinstance(sentence, ast.Name):
            yield f"{line}: the hint is no sentence"
    elif places(sentence, *more) != {each.arg for each in given} - {"more"}:
        yield f"{line}: the places are {places(sentence, *more)}"


@pytest.mark.parametrize("path", EXERCISES, ids=CHAPTERS)
def test_sentences_are_whole(path):
    assert list(faults(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ('raise Hint(f"got {got}")', "1: an f-string"),
        ('case = f"d = {d}"\nraise Hint("{case}: no", case=case)', "1: an f-string"),
        ('raise Hint("got " + str(got))', "1: a string put together by an operator"),
        ('raise Hint("got %s" % got)', "1: a string put together by an operator"),
        ('raise Hint(", ".join(names))', "1: a string put together by its join"),
        ('raise Hint("got {}".format(got))', "1: a string put together by its format"),
        ('raise Hint("tanh {state}", state="on" if tanh else "off")', "1: a string chosen"),
        ('return "right" if got else "right, too"', "1: a string chosen"),
        ('raise Hint("got {got}")', "1: the places are {'got'}"),
        ('raise Hint("no", got=got)', "1: the places are set()"),
        ('raise Hint("got {}", got=got)', "1: the places are {''}"),
        ('raise Hint("got {got.shape}", got=got)', "1: the places are {'got.shape'}"),
        ("raise Hint(hints[key])", "1: the hint is no sentence"),
        ('raise Hint("no", more="got {got}")', "1: the places are {'got'}"),
        ('raise Hint("no", more=hints[key])', "1: the hint's second sentence is none"),
        ('recognize(got, [(d, "{case}: that is d")])', "1: the places are {'case'}"),
        ('compare(got, d, [(1, "{n}: no")], case="d")', "1: the places are {'n'}"),
    ],
)
def test_what_counts_as_a_fault(code, fault):
    assert fault in "\n".join(faults(code))


@pytest.mark.parametrize(
    "code",
    [
        'raise Hint("got {got!r}, {share:.3g} of {{a, b}}", got=got, share=share)',
        'for wrong, hint in [(1, "one {got}")]:\n    raise Hint(hint, got=got)',
        'recognize(got, [(d, "{case}: that is d"), *others], alike=eq, case=case)',
        'raise Hint("got {got}", more="{got} for {d}", got=got, d=d)',
        'compare(got, d, [(1, "{case}: no", "{case}, {d}: no")], case="d", d=d)',
        'return "right"',
    ],
)
def test_what_is_no_fault(code):
    assert list(faults(code)) == []
