"""Questions on `transformer/transformer`."""

import numpy as np

from attnclass.questions.transformer import BEHIND, IN_FRONT, ONE, TWO
from tests.classes.asked import asking_of


def shifted(goes_in, comes_out, in_front=False, first=0):
    """Rows from a target and its marks; `first` is the least width."""

    def answer(targets, pad, *marks):
        both = [
            [f(target, marks[0], marks[-1]) for target in targets] for f in (goes_in, comes_out)
        ]
        filled = []
        for rows in both:
            n = max(first, *map(len, rows), 0)
            fill = [[pad] * (n - len(row)) for row in rows]
            pairs = zip(fill, rows, strict=True)
            filled.append(np.array([f + row if in_front else row + f for f, row in pairs]))
        return tuple(filled)

    return answer


def begun(target, start, end):
    return [start, *target]


def ended(target, start, end):
    return [*target, end]


def whole(target, start, end):
    return [start, *target, end]


def bare(target, start, end):
    return target


def without_the_last_column(targets, pad, *marks):
    rows, _ = shifted(whole, whole)(targets, pad, *marks)
    return rows[:, :-1], rows[:, 1:]


def ways(padding, marks):
    return {"padding": padding, "marks": marks}


WRONG = {
    "transformer/one-step-behind": [
        (ways(BEHIND, TWO), shifted(ended, ended), "begins with the mark"),
        (ways(BEHIND, TWO), shifted(bare, ended), "begins with the mark"),
        (ways(BEHIND, ONE), shifted(whole, ended), "so it doesn't go in"),
        (ways(IN_FRONT, ONE), shifted(begun, ended), "padding on the other side"),
        (ways(BEHIND, TWO), shifted(begun, ended, in_front=True), "padding on the other side"),
        (ways(BEHIND, TWO), without_the_last_column, "of the longest target alone"),
        (ways(BEHIND, TWO), shifted(begun, begun), "one step on"),
        (ways(IN_FRONT, TWO), shifted(begun, bare, in_front=True), "is to be learned as well"),
        (ways(BEHIND, ONE), shifted(begun, whole), "how it begins"),
        (ways(BEHIND, TWO), lambda *given: shifted(begun, ended)(*given)[0], "return 2 things"),
        (ways(BEHIND, TWO), lambda *given: shifted(begun, ended)(*given)[::-1],
         "begins with the mark"),
    ]
}  # fmt: skip

TestAsking = asking_of("transformer", WRONG)
