"""Questions on `work/translation`."""

from tests.classes.asked import asking_of

FOURS = {"of": "4", "gives": "how many"}
LAST = {"of": "3", "gives": "the last"}

WRONG = {
    "translation/groups": [
        (FOURS, lambda n: -(-len(str(n)) // 3), "once more"),
        (FOURS, lambda n: n % 10_000, "read again"),
        (FOURS, lambda n: len(str(n)), "not the groups"),
        (FOURS, lambda n: len(str(n)) // 4, "not full"),
        (LAST, lambda n: n % 10_000, "once more"),
        (LAST, lambda n: n // 1000, "all but the last"),
        (LAST, lambda n: int(str(n)[:3]), "from the right"),
        (LAST, lambda n: "34", "should be"),
    ]
}

TestAsking = asking_of("translation", WRONG)
