"""Questions on `transformer/heads`."""

from tests.classes.asked import asking_of

FORWARD = "as they are counted"
REVERSE = "in the reverse order"


def joined(heads):
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


WRONG = {
    "heads/join": [
        ({"first": "h", "order": FORWARD}, lambda x: x.reshape(x.shape[1], -1), "swap axes first"),
        ({"first": "h", "order": REVERSE}, joined, "another order"),
        ({"first": "h", "order": REVERSE}, lambda x: joined(x)[:, ::-1], "keep their order"),
        ({"first": "n", "order": FORWARD}, lambda x: x, "should have shape (n, h d_k) = (5, 6)"),
        ({"first": "n", "order": REVERSE}, lambda x: x.reshape(len(x), -1), "another order"),
    ]
}

TestAsking = asking_of("heads", WRONG)
