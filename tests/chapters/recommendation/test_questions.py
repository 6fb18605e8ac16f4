"""Questions on `work/recommendation`."""

from tests.classes.asked import asking_of

WRONG = {
    "recommendation/many": [
        ({"to": "the mean"}, lambda n: n**0.5, "mean or sum"),
        ({"to": "the mean"}, lambda n: 1 / n, "the root is missing"),
        ({"to": "the sum"}, lambda n: n, "the root is missing"),
        ({"to": "the sum"}, lambda n: 1, "errors cancel"),
        ({"to": "the sum"}, lambda n: [n], "should be one number"),
    ]
}

TestAsking = asking_of("recommendation", WRONG)
