"""The claims of `work/recommendation` fail when what they say is broken."""

from tests.chapters.faults import failing_claims

PAGE = "work/recommendation.md"


def test_without_a_fault_all_hold():
    assert failing_claims(PAGE) == set()


def test_a_mean_that_divides_by_the_root():
    edits = {".mean(axis=1)": ".sum(axis=1) / n**0.5"}
    assert failing_claims(PAGE, edits=edits) == {"recommendation-tenth"}
