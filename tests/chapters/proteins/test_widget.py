"""The proteins widget: what it computes and refuses, and its mathematics in the browser."""

import numpy as np
import pytest

from attnlab.chapters.proteins.widget import METHODS, SIZES, ProteinsWidget
from tests.widgets.node import ROOMS, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "proteins" / "mathematics.js"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", SIZES[::2])
def test_the_browser_computes_what_python_does(method, n):
    w = ProteinsWidget(sequences=n, method=method)
    fixed = {name: w._constants[name] for name in ("length", "chains")}
    row = next(each for each in w._maps if each["n"] == n)[method]
    strongest, contacts, counts = in_node(
        ("strongest", row, fixed["length"], 14),
        ("contactsOf", fixed["chains"]),
        ("countsOf", row, fixed),
        modules=(OUR_MATH,),
    )
    assert [tuple(pair) for pair in strongest] == w.strongest
    assert {frozenset(pair) for pair in contacts} == {
        frozenset(pair) for pair in np.argwhere(w.contacts).tolist()
    }
    assert counts["contact"] / 14 == pytest.approx(w.right, abs=1e-6)
    assert counts["indirect"] == w.indirect
    assert sum(counts.values()) == 14


def test_places_stand_in_order_or_chain_by_chain():
    w = ProteinsWidget()
    fixed = {name: w._constants[name] for name in ("length", "chains")}
    plain, sorted_ = in_node(
        ("standing", False, fixed), ("standing", True, fixed), modules=(OUR_MATH,)
    )
    assert plain == list(range(24))
    assert sorted(sorted_) == plain
    for i, j in np.argwhere(w.contacts):
        assert abs(sorted_[i] - sorted_[j]) == 1


@pytest.mark.parametrize("method", METHODS)
def test_scores_are_symmetric_and_at_most_1(method):
    scores = ProteinsWidget(method=method).scores
    assert (scores == scores.T).all() and scores.max() == 1
    assert not scores.diagonal().any()


def test_more_sequences_help_the_inverse_and_not_mutual_information():
    few, many = (ProteinsWidget(sequences=n, method="inverse").right for n in (30, 10_000))
    assert many > few + 0.2
    w = ProteinsWidget(sequences=10_000, method="information")
    assert w.right < 0.9 and w.indirect == pytest.approx(14 * (1 - w.right))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    ProteinsWidget,
    [
        ("sequences", 200,
         "sequences must be one of 30, 100, 300, 1000, 3000, 10000; got 200"),
        ("sequences", 0, "sequences must be one of 30, 100, 300, 1000, 3000, 10000; got 0"),
        ("method", "mean", "method must be one of information, inverse, attention; got 'mean'"),
        ("by_chain", 1, "by_chain must be True or False; got 1"),
    ],
)  # fmt: skip


def test_repr_has_inputs_and_no_address():
    assert repr(ProteinsWidget(sequences=1000)) == (
        "ProteinsWidget(sequences=1000, method='information', by_chain=False)"
    )
