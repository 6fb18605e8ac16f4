"""Notebooks as they are handed in, read as text; which of their cells are run, and how."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.hashes import hash_of
from attnclass.kits import kit_of
from attnclass.notebooks import (
    LARGEST,
    LONGEST_ANSWER,
    MOST_CELLS,
    MOST_CODE,
    Notebook,
    answer_in,
    chapter_of,
    read_notebook,
    shown,
    to_run,
)


def code(source, name=None) -> dict:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return cell if name is None else {**cell, "id": name}


def content(*cells, **metadata) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode()


def test_cells_of_code_in_their_order_whatever_else_is_there():
    text = {"cell_type": "markdown", "source": "# A"}
    both = content(code("a = 1", "x"), text, code(["b = 2\n", "c"], "x"), code("a = 1"), code(""))
    expected = (("x", "a = 1"), ("x", "b = 2\nc"), ("", "a = 1"), ("", ""))
    assert read_notebook(both).cells == read_notebook(b"\xef\xbb\xbf" + both).cells == expected


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (b"", "this is no notebook"),
        (b"{", "this is no notebook"),
        (content(code("x"))[:-4], "this is no notebook"),
        (b"\xff\xfe{\0}\0", "this is no notebook"),
        (b"[" * 100_000, "this is no notebook"),
        (b'{"cells": ' + b"[" * 100_000, "this is no notebook"),
        (b'{"cells": ' + b"9" * 5_000 + b"}", "this is no notebook"),
        (b"[]", "this is no notebook"),
        (b"null", "this is no notebook"),
        (b'{"worksheets": []}', "this is no notebook"),
        (b'{"cells": {"a": 1}}', "this is no notebook"),
        (b'{"cells": "code"}', "this is no notebook"),
        (b'{"cells": [1]}', "this is no notebook"),
        (b'{"cells": [{"source": "x"}]}', "this is no notebook"),
        (b'{"cells": [{"cell_type": "code"}]}', "this is no notebook"),
        (content(code(5)), "this is no notebook"),
        (content(code(["a", 5])), "this is no notebook"),
        (content(code("x", 7)), "this is no notebook"),
        (b" " * (LARGEST + 1), f"has {LARGEST + 1} bytes, and {LARGEST} are the most"),
        (content(*[{"cell_type": "raw"}] * (MOST_CELLS + 1)), f"has {MOST_CELLS + 1} cells"),
        (content(code("x" * (MOST_CODE + 1))), f"with {MOST_CODE + 1} characters of code"),
    ],
)
def test_what_is_no_notebook(told, sentence):
    with pytest.raises(ValueError) as refused:
        read_notebook(told)
    assert sentence in str(refused.value)


def test_a_million_cells():
    with pytest.raises(ValueError, match="the notebook has 500000 cells"):
        read_notebook(
            b'{"cells":[' + b",".join([b'{"cell_type":"code","source":""}'] * 500_000) + b"]}"
        )


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        (
            {"attnclass": {"assignment": "hw3", "chapter": "heads", "version": "1"}},
            ("hw3", "heads", "1"),
        ),
        ({"attnclass": {"assignment": ["hw3"], "chapter": 3}}, (None, None, None)),
        ({"attnclass": "hw3"}, (None, None, None)),
        ({}, (None, None, None)),
        ({"attnclass": {"assignment": "\ud800\x1b[2J\n"}}, (r"\ud800\x1b[2J\n", None, None)),
    ],
)
def test_what_a_notebook_says_of_itself(metadata, says):
    read = read_notebook(content(code("x"), **metadata))
    assert (read.assignment, read.chapter, read.version) == says
    assert read_notebook(b'{"cells": [], "metadata": null}').assignment is None
    long = read_notebook(content(attnclass={"chapter": "x" * 10**6})).chapter
    assert long is not None and len(long) < 300


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(["code", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "id", "metadata"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON | st.builds(lambda cells, own: {"cells": cells, "metadata": own}, st.lists(JSON), JSON))
def test_any_json_is_a_notebook_or_an_error_of_ours(told):
    try:
        read = read_notebook(json.dumps(told).encode())
    except ValueError as error:
        assert "this is no notebook" in str(error)
    else:
        assert all(type(x) is str for cell in read.cells for x in cell)


@pytest.mark.parametrize(
    ("sources", "chapter"),
    [
        (
            ["check('heads/count')", 'check( "positions/period" )', "check('positions/explain')"],
            "positions",
        ),
        (["check('heads/count'", "recheck('heads/a')", "check(name)"], None),
        ([], None),
    ],
)
def test_the_chapter_is_that_of_most_checks(sources, chapter):
    cells = tuple(("", source) for source in sources)
    assert chapter_of(Notebook(cells, None, None, None)) == chapter
    assert chapter_of(Notebook(cells, None, "decoding", None)) == "decoding"


@pytest.fixture
def heads(kits):
    return kit_of("heads", kits)


def test_cells_left_as_they_were_are_not_run_whole(heads):
    book = json.loads(heads.notebook.read_text("utf-8"))
    cells = {
        cell["id"]: "".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"
    }
    own = cells["claim-heads-count-weights"]
    read = read_notebook(content(
        code(cells["setup"], "setup"), code(own, "any"), code(own.replace("\n", " \r\n") + "\n\n"),
        code(own.replace("\n", "\u2028", 1)), code(own + "\npass", "claim-heads-count-weights"),
        code(heads.exercises[0].stub, "ex-heads-count-stub"), code("\ud800"),
        code("x = 1", "setup"),
    ))  # fmt: skip
    run = to_run(read, heads)
    assert [whole for _, whole in run] == [False, False, True, True, True, True, True]
    assert run[0][0] == own and run[-1] == ("x = 1", True)


def test_the_answer_is_in_the_last_cell_that_checks_it():
    sources = ("1\ncheck('heads/count')", "2\ncheck('heads/count')", "check('heads/writes')", "3")
    read = Notebook(tuple(("same", source) for source in sources), None, None, None)
    assert answer_in(read, "heads/count", "count") == sources[1]
    assert answer_in(read, "heads/gently", "with_means") == ""
    long = Notebook((("", "#" * 10**6 + "\ncheck('heads/count')"),), None, None, None)
    assert len(answer_in(long, "heads/count", "count")) == LONGEST_ANSWER


@pytest.mark.parametrize(
    ("source", "is_answer"),
    [
        ("def count(d):\n    ...", True),
        ("x = 1\ncount = lambda d: d", True),
        ("count: int = 7", True),
        ("class count:\n    pass", True),
        ("count == 7", False),
        ("counted = 7", False),
        ("    count = 7", False),
        ("print(count)", False),
    ],
)
def test_without_its_check_the_answer_is_where_its_target_is_defined(source, is_answer):
    read = Notebook((("", source), ("", "check('heads/writes')")), None, None, None)
    assert answer_in(read, "heads/count", "count") == (source if is_answer else "")


@pytest.mark.parametrize(
    "words",
    [
        "check(" * 10**5, "check('" + "a" * 10**6, "check(" + " " * 10**6, "count\n" * 10**5,
        "count:" * 10**5, "def" + " " * 10**6, "count" + "\n" * 10**6,
    ],
)  # fmt: skip
def test_looking_for_checks_takes_no_time(words):
    assert answer_in(Notebook((("", words),), None, None, None), "heads/count", "count") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a\nb", "a \r\nb\t\n\n", True),
        ("a\nb", "\na\rb", True),
        ("a\nb", "a\n b", False),
        ("a\nb", "a\x0cb", False),
        ("a\nb", "a\u2028b", False),
        ("\ud800", "\ud801", False),
        (" a", "a", False),
    ],
)
def test_which_cells_are_one(one, other, same):
    assert (hash_of(one) == hash_of(other)) is same


@given(st.text())
def test_what_is_shown_does_nothing(words):
    assert shown(words).isprintable() and len(shown(words, 20)) <= 21 * 10
