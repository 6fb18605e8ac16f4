"""Questions on `work/speech`."""

from itertools import groupby

from attnclass.questions.speech import BACKWARDS, FIRST, FORWARDS, LAST
from tests.classes.asked import asking_of

DRAWN = {"classes": FIRST, "order": FORWARDS}
TURNED = DRAWN | {"order": BACKWARDS}
BLANK_LAST = DRAWN | {"classes": LAST}


def path_of(logits):
    return logits.argmax(1).tolist()


def merged(logits):
    return [mark for mark, _ in groupby(path_of(logits))]


WRONG = {
    "speech/best-path": [
        (DRAWN, lambda x: [m - 1 for m, _ in groupby(m for m in path_of(x) if m)], "merge first"),
        (DRAWN, lambda x: [m - 1 for m in path_of(x) if m], "what repeats is one digit"),
        (DRAWN, lambda x: [m - 1 for m in merged(x) if m][::-1], "in another order"),
        (TURNED, lambda x: [m - 1 for m in merged(x) if m], "in another order"),
        (DRAWN, lambda x: [m for m in merged(x) if m != 10], "another class is the blank"),
        (BLANK_LAST, lambda x: [m - 1 for m in merged(x) if m], "another class is the blank"),
        (DRAWN, lambda x: [m - 1 for m in merged(x)], "the blanks are still in it"),
        (DRAWN, lambda x: "".join(map(str, merged(x))), "an array of whole numbers"),
    ]
}

TestAsking = asking_of("speech", WRONG)
