"""Checks of the chapter `work/recommendation`."""

from functools import cache
from math import comb

import numpy as np
import torch

from attnlab.chapters.recommendation.models import Recommender, WeightedCounts
from attnlab.chapters.recommendation.watching import N_ITEMS
from attnlab.chapters.recommendation.widget import Method, RecommendationWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written

Histories = list[np.ndarray]


def _histories(lengths: tuple[int, ...], n_items: int, seed: int) -> Histories:
    """Of such lengths, with steps that occur again and again, and items that come twice."""
    rng = np.random.default_rng(seed)
    return [rng.integers(n_items, size=length) for length in lengths]


def _counts(histories: Histories, n_items: int, gaps=(1,)) -> np.ndarray:
    counts = np.zeros((n_items, n_items))
    for history in histories:
        for gap in gaps:
            np.add.at(counts, (history[:-gap], history[gap:]), 1)
    return counts


def _rows(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


@exercise("recommendation/next", "next_counts")
def _next(next_counts) -> str:
    with Comparison() as compare:
        for lengths, n_items, seed in (
            ((9, 12, 7), 4, 0),
            ((2, 15), 5, 1),  # the shortest history that has a step
            ((1, 30, 1), 3, 2),  # and those that have none
        ):
            histories = _histories(lengths, n_items, seed)
            right = _counts(histories, n_items)
            joined = _counts([np.concatenate(histories)], n_items)
            often = np.zeros((n_items, n_items))
            for history in histories:
                often[history[:-1], history[1:]] += 1
            wrong = [
                (right.T, "the row is what came first, the column what came after"),
                (right + right.T, "the order counts: row i and column j is j after i alone"),
                (_rows(right), "these are shares; how often is asked"),
                ((right > 0).astype(float), "that says whether it ever came; how often is asked"),
                (often, "`+=` with an array of places adds once for each different pair in a "
                 "history; `np.add.at` adds once for each"),
                (joined, "the first item of a user does not come after the last of another one"),
                (_counts(histories, n_items, range(1, max(lengths))),
                 "directly after is asked, and not anywhere after"),
                (_counts(histories, n_items, (2,)), "that is the item after the next one"),
                (_counts(histories[:1], n_items), "all users count, not the first alone"),
                (_counts(histories[-1:], n_items), "all users count, not the last alone"),
                (right * (1 - np.eye(n_items)), "the same item may come twice in a row"),
            ]  # fmt: skip
            got = array(
                next_counts([h.copy() for h in histories], n_items),
                {"N": n_items, "columns": n_items},
            )
            compare(got, right, wrong, case=equations(N=n_items))
    return "right: this is all that a Markov chain knows"


@exercise("recommendation/ties", "rank")
def _rank(rank) -> str:
    with Comparison() as compare:
        for scores, seen, target in (
            ([3.0, 1.0, 2.0, 2.0, 0.0, 2.0, 2.5], [0], 3),
            ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1, 5], 2),  # nobody says anything
            ([5.0, 4.0, 3.0, 2.0, 1.0], [2, 0], 4),  # no ties
            ([-1.0, -2.0, -2.0, -3.0, -2.0], [3], 1),  # a 0 in place of what was seen is on top
            ([2.0, 9.0, 2.0, 2.0, 1.0], [2, 1], 0),  # a tie with what was seen
        ):
            s = np.array(scores)
            unseen = np.delete(s, seen)
            own = s[target]
            better, equal = (unseen > own).sum(), (unseen == own).sum() - 1
            right = 1 + better + equal / 2
            of_all = 1 + (s > own).sum() + ((s == own).sum() - 1) / 2
            zeroed = s.copy()
            zeroed[seen] = 0
            of_zeroed = 1 + (zeroed > own).sum() + ((zeroed == own).sum() - 1) / 2
            wrong = [
                (1 + better, "here all with the same score count as worse: who says nothing is "
                 "first"),
                (1 + better + equal, "here all with the same score count as better"),
                (better + equal / 2, "ranks begin with 1"),
                (right + 0.5, "the target has its own score, and is not one of the others"),
                (of_all, "what was watched is not in the list"),
                (of_zeroed, "a score of 0 does not take an item out of the list"),
                (len(unseen) + 1 - right, "the largest score comes first"),
                (float(int(right)), "half of the equal ones may be half a place"),
                (right - len(seen), "what was watched is left out, and need not be better than the "
                 "target"),
                (own, "that is the target's score; at which place is it?"),
            ]  # fmt: skip
            got = number(rank(s.copy(), [*seen], target))
            compare(got, right, wrong, case=equations(scores=scores, seen=seen, target=target))
    return "right: a method that gives one score to all is in the middle of the list"


@exercise("recommendation/bug", "counts_for")
def _bug(counts_for) -> str:
    with Comparison() as compare:
        for lengths, n_items, i, seed in (
            ((9, 12, 7), 4, 1, 0),
            ((8, 8, 8, 8), 3, 0, 1),
            ((6, 11), 5, 1, 2),
            ((7, 9, 12), 4, -1, 3),  # the last one: -1 below becomes its number
        ):
            user = i % len(lengths)
            histories = _histories(lengths, n_items, seed)
            if seed == 1:
                histories[2] = histories[0].copy()  # somebody watched just the same
            others = histories[:user] + histories[user + 1 :]
            right = _counts(others, n_items)
            same = [h for h in others if not np.array_equal(h, histories[user])]
            all_but_last = [h[:-1] if n == user else h for n, h in enumerate(histories)]
            wrong = [
                (_counts(histories, n_items), "user i is still counted, and the answer with it"),
                (_counts([histories[user]], n_items), "that is user i alone: all others count"),
                (_counts(histories[:user], n_items), "those after user i count as well"),
                (_counts(histories[user + 1 :], n_items), "those before user i count as well"),
                (_counts(same, n_items), "another user who watched just the same still counts"),
                (right.T, "the row is what came first, the column what came after"),
                (_rows(right), "these are shares; how often is asked"),
                (_counts(all_but_last, n_items), "every step of user i is to be said at some time, "
                 "not the last one alone"),
                (_counts([np.concatenate(others)], n_items), "the first item of a user does not "
                 "come after the last of another one"),
                (_counts(histories, n_items) * (_counts([histories[user]], n_items) == 0),
                 "a step that user i took was taken by others, too, and these count"),
            ]  # fmt: skip
            given = [history.copy() for history in histories]
            got = array(counts_for(user, given, n_items), {"N": n_items, "columns": n_items})
            compare(got, right, wrong, case=equations(i=user, N=n_items))
    return "right: what is to be said may not stand in what it is said from"


def _with(total: int, drawn: int, k: int, r: int) -> float:
    p = (r - 1) / total
    return sum(comb(drawn, b) * p**b * (1 - p) ** (drawn - b) for b in range(k))


def _without(total: int, drawn: int, k: int, r: int) -> float:
    ways = sum(comb(r - 1, b) * comb(total - r + 1, drawn - b) for b in range(k))
    return ways / comb(total, drawn)


@exercise("recommendation/half", "half_rank")
def _half(half_rank) -> str:
    with Comparison() as compare:
        for total, drawn, k in (
            (200, 50, 10),
            (40, 3, 3),  # all that are drawn must be better
            (20, 6, 1),  # none may be; an item drawn twice makes a difference
            (50, 45, 40),
            (100, 30, 2),
            (6, 5, 5),  # at rank N the only worse one is likely drawn
        ):
            places = range(1, total + 2)
            chances = [_with(total, drawn, k, r) for r in places]
            right = max(r for r in places if chances[r - 1] >= 0.5)
            apart = [_without(total, drawn, k, r) for r in places]
            wider = [_with(total, drawn, k + 1, r) if k < drawn else 1.0 for r in places]
            fewer = [_with(total, drawn, k - 1, r) for r in places]
            wrong = [
                (max(r for r in places if apart[r - 1] >= 0.5), "that is without repetition: no "
                 "item is drawn twice"),
                (right - 1, "ranks begin with 1, and at rank 1 nobody is better"),
                (right + 1, "there a hit is already less likely than a half"),
                (max(r for r in places if wider[r - 1] >= 0.5), "with k better ones it is in place "
                 "k + 1, and no hit"),
                (max((r for r in places if fewer[r - 1] >= 0.5), default=0), "k − 1 better ones "
                 "leave it in place k, which is a hit"),
                (total * k // drawn, "that is where k of the drawn ones are better on average; "
                 "where is a hit as likely as not?"),
                (max(r for r in range(1, total) if chances[r - 1] >= 0.5), "the rank may be N or "
                 "N + 1: try these, too"),
                (chances[right - 1], "that is the probability; at which rank?"),
                (k, "that is the last hit among all items; among drawn ones far later ranks hit"),
                (total + 1, "at that rank all others are better, and it is a hit for nobody"),
                (total * k / drawn, "that is where k of the drawn ones are better on average; "
                 "where is a hit as likely as not?"),
            ]  # fmt: skip
            got = number(half_rank(total, drawn, k))
            compare(got, right, wrong, case=equations(N=total, m=drawn, k=k))
    return "right: among the drawn ones, a hit says little of what is on top"


@cache
def _widget(seed: int) -> RecommendationWidget:
    """One that learned nothing but counts by chance, so that its methods differ."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rows = np.eye(N_ITEMS, k=1) + 0.2 * rng.random((N_ITEMS, N_ITEMS)) ** 30
    weighted = WeightedCounts(rows / rows.sum(axis=1, keepdims=True))
    with torch.no_grad():
        weighted.age[-4:] = torch.tensor([3.0, 2.0, 1.0, -4.0])
    return RecommendationWidget(Recommender("attention", N_ITEMS, d_model=4), weighted)


def _expected(w: RecommendationWidget, evenings: list[int], method: Method) -> list[int | None]:
    found = []
    for t in range(1, len(evenings)):
        w.history = tuple(evenings[:t])
        found.append(w.expects(method))
    return found


OTHER: dict[Method, Method] = {"decay": "weights", "weights": "decay"}
EVENINGS: tuple[tuple[list[int], Method, int], ...] = (
    ([30, 31, 5, 32, 6, 7, 33, 8], "weights", 0),
    ([30, 31, 5, 32, 6, 7, 33, 8], "decay", 0),
    (
        [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24, 5, 15, 25, 6, 16],
        "weights",
        2,
    ),
    ([7, 200, 8, 201, 9, 10], "decay", 3),
    ([50, 51], "decay", 4),  # asked once
)


@exercise("recommendation/widget", "share_right", sets=("history",))
def _share_right(share_right) -> str:
    with Comparison() as compare:
        for evenings, method, seed in EVENINGS:
            length = len(evenings)
            w = _widget(seed)
            said = _expected(w, evenings, method)
            other = _expected(w, evenings, OTHER[method])
            hits = np.array([a == b for a, b in zip(said, evenings[1:], strict=True)])
            right = hits.mean()
            chances = []
            for t in range(1, length):
                w.history = tuple(evenings[:t])
                chances.append(w.chances(method)[evenings[t]])
            wrong = [
                (hits.sum(), "that is how many; which share of them?"),
                (hits.sum() / length, "before the first evening nobody is asked"),
                (1 - right, "those are the wrong ones"),
                (np.mean([a == b for a, b in zip(other, evenings[1:], strict=True)]),
                 "the method that is asked for is another one"),
                (np.mean(chances), "that is the probability of what came; how often is it first?"),
                (float(hits[-1]), "ask before each evening, not before the last one alone"),
                (float(hits[0]), "ask before each evening, not before the second one alone"),
                (0.0, "a method never puts first what was watched already: ask it before"),
                (hits[1:].mean() if length > 2 else 0.0, "the second evening counts as well"),
            ]  # fmt: skip
            w.history = (5, 7)
            got = number(share_right(w, [*evenings], method))
            compare(got, right, wrong, case=equations(evenings=length, method=method))
    return "right: that is the hit rate at 1, of one user"


written(
    "recommendation/in-writing",
    "on_nine_in_ten",
    points=[
        "Among a hundred sampled products a hit at 10 is about the first tenth of the catalog, and "
        "can turn the order of two methods around; rank among all.",
        "Histories from a ratings page may have the page's order: look at the clock, and take the "
        "dates of the orders instead.",
        "The neighbors must be tuned as carefully, and know what was bought last; popularity and "
        "counts weighed by age are to be beaten, too.",
        "Several seeds with their spread, and tests that are later than all training.",
        "Before it is paid for, a trial with customers: a hit on old data is not a sale.",
    ],
)
