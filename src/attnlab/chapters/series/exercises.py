"""Checks of the chapter `work/series`."""

from functools import cache

import numpy as np
import torch

from attnlab.chapters.series.forecasts import autoregression, repeat_season, ridge
from attnlab.chapters.series.models import Forecaster
from attnlab.chapters.series.motifs import find_lags
from attnlab.chapters.series.widget import METHODS, SERIES, SeriesWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written


@exercise("series/season", "again")
def _season(again) -> str:
    with Comparison() as compare:
        for count, past, season, future in (
            (3, 8, 3, 7),  # longer than two seasons, and not a multiple
            (4, 9, 4, 4),
            (2, 6, 5, 2),  # shorter than a season
            (5, 4, 4, 6),  # the past is one season
            (3, 5, 1, 3),  # a season of one value
        ):
            rng = np.random.default_rng(past)
            x = rng.standard_normal((count, past))
            right = repeat_season(x, season, future)
            steps = np.arange(future)
            wrong = [
                (x[:, steps % season], "that is the first season of the past; the last is nearer"),
                (x[:, past - season + steps[::-1] % season],
                 "the season is to go on, and not to run backwards"),
                (x[:, past - 1 - steps % season],
                 "forwards: the first value to come is like the one a season before it"),
                (np.repeat(x[:, -1:], future, axis=1),
                 "that repeats the last value alone; the whole season is wanted"),
                (x[:, past - season + np.minimum(steps, season - 1)],
                 "after one season begin again, and don't hold its last value"),
                (np.repeat(x[:, -season:].mean(axis=1, keepdims=True), future, axis=1),
                 "that is the mean of the season; each of its values is wanted by itself"),
                (x[:, past - season + (steps + 1) % season],
                 "it is one step early: the first value to come is like the one a season before"),
                (x[:, past - season + (steps - 1) % season],
                 "it is one step late: the first value to come is like the one a season before"),
                (x[:, past - season + steps // -(-future // season) % season],
                 "repeat the season, and not each value of it"),
            ]  # fmt: skip
            got = array(again(x.copy(), season, future), {"N": count, "f": future})
            compare(got, right, wrong, case=equations(w=past, season=season, f=future))
    return "right: the forecast to beat, before anything is trained"


@exercise("series/bug", "scaled")
def _bug(scaled) -> str:
    with Comparison() as compare:
        for n, known, slope, seed in ((30, 18, 0.3, 0), (25, 10, -0.5, 1), (12, 9, 2.0, 2)):
            values = slope * np.arange(n) + np.random.default_rng(seed).standard_normal(n) + 5
            seen, rest = values[:known], values[known:]
            right = (values - seen.mean()) / seen.std()
            parts = [(seen - seen.mean()) / seen.std(), (rest - rest.mean()) / rest.std()]
            wrong = [
                ((values - values.mean()) / values.std(),
                 "{case}: mean and spread have seen the test: take those of the known values"),
                ((values - values.mean()) / seen.std(), "{case}: the mean has seen the test"),
                ((values - seen.mean()) / values.std(), "{case}: the spread has seen the test"),
                (np.concatenate(parts),
                 "{case}: one scale for all: with one of its own the test has lost its trend"),
                ((values - rest.mean()) / rest.std(),
                 "{case}: that is the scale of the test; take that of the known values"),
                ((values - seen.mean()) / seen.var(),
                 "{case}: divide by the standard deviation, the root of the variance"),
                (values - seen.mean(), "{case}: divide by the standard deviation as well"),
                (values / seen.std(), "{case}: subtract the mean first"),
                ((values - seen.min()) / (seen.max() - seen.min()),
                 "{case}: scale by mean and standard deviation, as the buggy one does"),
                ((values - seen.mean()) / seen.std(ddof=1),
                 "{case}: divide by `known`, not by one less: NumPy's own standard deviation"),
            ]  # fmt: skip
            got = array(scaled(values.copy(), known), {"n": n})
            compare(got, right, wrong, case=equations(n=n, known=known))
    return "right: a scale belongs to what was learned from"


@exercise("series/lag", "lags")
def _lag(lags) -> str:
    with Comparison() as compare:
        for count, past, shortest, longest, noise in (
            (6, 40, 3, 12, 0.1),
            (5, 30, 4, 9, 0.6),  # so much noise that rules differ
            (8, 24, 2, 15, 0.8),  # sums favor long lags
            (4, 20, 5, 5, 0.3),  # nothing to choose
        ):
            rng = np.random.default_rng(past)
            periods = rng.integers(shortest, longest + 1, count)
            periods[:2] = shortest, longest  # for whoever leaves out an end
            x = np.stack([np.resize(rng.standard_normal(p), past) for p in periods])
            x = x + noise * rng.standard_normal(x.shape) + 1
            tried = np.arange(shortest, longest + 1)
            pairs = [(x[:, lag:], x[:, :-lag]) for lag in tried]
            gaps = np.array([((a - b) ** 2).mean(axis=1) for a, b in pairs])
            right = find_lags(x, shortest, longest)
            sums = np.array([((a - b) ** 2).sum(axis=1) for a, b in pairs])
            products = np.array([(a * b).mean(axis=1) for a, b in pairs])
            sizes = np.array([np.abs(a - b).mean(axis=1) for a, b in pairs])
            rolled = np.array([((x - np.roll(x, lag, axis=1)) ** 2).mean(axis=1) for lag in tried])
            wrong = [
                (gaps.argmin(axis=0), "that counts from the shortest lag; which lag is it?"),
                (sums.argmin(axis=0) + shortest,
                 "a long lag leaves fewer places to compare: take the mean, not the sum"),
                (gaps.argmax(axis=0) + shortest,
                 "that is where it is least like itself: take the smallest difference"),
                (products.argmax(axis=0) + shortest,
                 "products favor large values; compare by squared differences"),
                (sizes.argmin(axis=0) + shortest, "the differences are to be squared"),
                (rolled.argmin(axis=0) + shortest,
                 "its end is no neighbor of its beginning: compare only places that both have"),
                (np.repeat(gaps.mean(axis=1).argmin() + shortest, count),
                 "each series has a lag of its own; that is one for all"),
                (gaps.min(axis=0), "that is the difference; at which lag?"),
                (gaps[:-1].argmin(axis=0) + shortest if len(tried) > 1 else right,
                 "the longest lag is included"),
                (gaps[1:].argmin(axis=0) + shortest + 1 if len(tried) > 1 else right,
                 "the shortest lag is included"),
            ]  # fmt: skip
            got = array(lags(x.copy(), shortest, longest), {"N": count})
            compare(got.astype(float), right, wrong, case=equations(w=past, longest=longest))
    return "right: three lines, and nothing to train"


@cache
def _parts() -> tuple[Forecaster, np.ndarray, np.ndarray]:
    """What a widget is made with; the attention is untrained, which counting doesn't mind."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        attention = Forecaster(SERIES.past, SERIES.future, patch=12)
    learned = SERIES.scaled[: SERIES.known]
    return attention, autoregression(learned, 24), ridge(*SERIES.windows("train"), 100.0)


@cache
def _errors(first: int, last: int, shuffled: bool) -> np.ndarray:
    """The errors of all methods at each start, `(starts, 4)`."""
    w = SeriesWidget(*_parts(), shuffled=shuffled)
    found = []
    for w.start in range(first, last + 1):
        found.append([w.errors[name] for name in METHODS])
    w.close()
    return np.array(found)


@exercise("series/widget", "wins", sets=("start",))
def _widget(wins) -> str:
    with Comparison() as compare:
        for method, first, last, shuffled in (
            ("autoregression", 401, 412, False),
            ("season", 440, 449, False),
            ("ridge", 400, 408, True),  # shuffled, which must stay
            ("attention", 515, 521, False),
            ("autoregression", 674, 684, False),  # to the end, where nobody is best
            ("ridge", 77, 77, False),  # one start
        ):
            errors = _errors(first, last, shuffled)
            known = errors[np.isfinite(errors).all(axis=1)]
            own = METHODS.index(method)

            def count(rows, own=own) -> int:
                return int((rows[:, own] <= rows.min(axis=1)).sum())

            plain = _errors(first, last, False)
            plain = plain[np.isfinite(plain).all(axis=1)]
            right = count(known)
            wrong = [
                (count(known[:-1]) if len(known) == len(errors) else right,
                 "{case}: the last start counts as well"),
                (count(known[1:]), "{case}: the first start counts as well"),
                (int((known[:, own] >= known.max(axis=1)).sum()),
                 "{case}: that counts where it is worst"),
                (len(known) - right, "{case}: that counts where another method is best"),
                (right / len(errors), "{case}: how many, and not which share"),
                (count(plain), "{case}: leave the past shuffled, or in order, as it is"),
                (right + len(errors) - len(known),
                 "{case}: where nothing is known, nobody is best"),
                (int((known[:, own] < known[:, 0]).sum()),
                 "{case}: it has to beat all four, not season-naive alone"),
                (int((known[:, own] <= np.median(known, axis=1)).sum()),
                 "{case}: that counts where it is among the better half"),
            ]  # fmt: skip
            w = SeriesWidget(*_parts(), shuffled=shuffled)
            got = number(wins(w, method, first, last))
            compare(got, right, wrong, case=equations(method=method, first=first, last=last))
    return "right: a forecast is judged over many starts, and never by the one that was shown"


choice(
    "series/explain",
    "why_too_low",
    right="a",
    hints={
        "b": "more heads are more weighted means, and none of them leaves the range of its values",
        "c": "a softmax has no such preference: its weights follow from the scores, however many "
        "months there are",
        "d": "positions count within the window, from 1 to its length; they know no dates",
    },
    praise="right: behind its last norm all forecasts lie in a box; changes take the box along",
)


written(
    "series/in-writing",
    "what_to_try",
    points=[
        "First the same hour a day or a week ago, and a linear map or autoregression of the last "
        "days.",
        "A split in the order of time; whatever is scaled or chosen knows nothing of the test.",
        "Attention can gain where lags differ from day to day or must be looked up, or from other "
        "inputs such as weather or many series; name one, or say that there is none.",
        "Errors on the same days, over several seeds, and a lead that is larger than their spread.",
        "What it costs to train and to run, or what one does with a forecast that isn't sure.",
    ],
)
