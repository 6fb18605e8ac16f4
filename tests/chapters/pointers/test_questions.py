"""Questions on `work/pointers`."""

import numpy as np

from attnlab.functional.softmax import softmax
from tests.classes.asked import asking_of

PLAIN = {"rule": "is added to the query", "scores": "dot products"}
REPLACED = PLAIN | {"rule": "takes the query's place"}
DIVIDED = PLAIN | {"scores": "dot products divided by √d"}

WRONG = {
    "pointers/next-query": [
        (PLAIN, lambda q, K, V: softmax(K @ q) @ V, "is added to the query"),
        (REPLACED, lambda q, K, V: q + softmax(K @ q) @ V, "takes the query's place"),
        (DIVIDED, lambda q, K, V: q + softmax(K @ q) @ V, "divided by √d"),
        (PLAIN, lambda q, K, V: q + softmax(K @ q) @ K, "not the keys"),
        (PLAIN, lambda q, K, V: q + softmax(V @ q) @ K, "have changed places"),
        (PLAIN, lambda q, K, V: q + V[(K @ q).argmax()], "reads all values"),
        (PLAIN, lambda q, K, V: q + K @ q @ V, "the softmax of the scores"),
        (PLAIN, lambda q, K, V: q + V.mean(0), "depend on the query"),
        (PLAIN, lambda q, K, V: np.zeros(2), "should have shape"),
    ]
}

TestAsking = asking_of("pointers", WRONG)
