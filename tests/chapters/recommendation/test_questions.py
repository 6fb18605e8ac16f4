"""Questions on `work/recommendation`."""

import numpy as np

from tests.classes.asked import asking_of

AFTER, BEFORE = "the item came after", "the item came before"


def counted(*gaps):
    """In the row of an item, what came so many steps after it."""

    def answer(history, n_items):
        counts = np.zeros((n_items, n_items))
        for gap in gaps:
            np.add.at(counts, (history[:-gap], history[gap:]), 1)
        return counts

    return answer


def shares(history, n_items):
    counts = counted(2)(history, n_items)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


WRONG = {
    "recommendation/follows": [
        ({"gap": 2, "way": AFTER}, counted(2), "have changed places"),
        ({"gap": 3, "way": BEFORE}, counted(1), "one step apart"),
        ({"gap": 3, "way": BEFORE}, counted(1, 2, 3), "not up to so many"),
        ({"gap": 2, "way": BEFORE}, shares, "that is a share"),
        ({"gap": 2, "way": BEFORE}, lambda history, n: history, "should have shape"),
    ]
}

TestAsking = asking_of("recommendation", WRONG)
