"""Checks of the chapter `transformer/positions`."""

from functools import partial

import numpy as np

from attnlab.chapters.positions.widget import MAX_DISTANCE, PositionsWidget
from attnlab.exercises.answers import array, near, number, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.positions import BASE, sinusoidal_encoding


@exercise("positions/period", "period")
def _period(period) -> str:
    with Comparison() as compare:
        for i, d in (
            (0, 8),  # one radian a step: every exponent is 0
            (1, 4),  # a slow hand: 2i / d is a half, i / d a quarter
            (3, 16),
            (3, 8),  # the same hand of another width
            (31, 64),  # the slowest of many, and still not as slow as the base
            (2, 6),
            (0, 2),  # the only hand
        ):
            turn = 2 * np.pi
            right = turn * BASE ** (2 * i / d)
            wrong = [
                (right / turn, "that is how long one radian takes; a full turn is longer"),
                (1 / (right / turn),
                 "that is the hand's speed, in radians a position; how long does a turn take?"),
                (turn**2 / right, "the hands get slower with i, so their turns take longer"),
                (1 / right,
                 "that is the share of a turn in one step; how long does a whole one take?"),
                (turn * BASE ** (i / d),
                 "the exponent has 2i: `i` counts pairs, not single numbers"),
                (turn * BASE ** ((2 * i + 2) / d), "pairs are counted from 0"),
                (right / 2, "after half a turn both numbers have changed their signs"),
                (round(right), "the period need not be a whole number: do not round it"),
                (np.floor(right), "the period need not be a whole number: do not round it"),
                (np.ceil(right), "the period need not be a whole number: do not round it"),
            ]  # fmt: skip
            if d > 2:
                spread = turn * BASE ** (i / (d / 2 - 1))
                wrong.append(
                    (spread, "the last hand is not quite 10000 times slower than the first")
                )
            case = call("period", i, d)
            compare(number(period(i, d), name=case), right, wrong, case=case)
    return "right: from 6.3 positions to tens of thousands"


@exercise("positions/distance", "distance_between")
def _distance(distance_between) -> str:
    with Comparison() as compare:
        for s, k, d in (
            (0, 2, 8),
            (6, 1, 16),  # between 6 and 7 the fastest hand passes its zero
            (41.3, -3, 12),  # a position that is not whole, and the query first
            (7, 0, 8),
            # 22 steps are nearly seven half turns; what a table of whole numbers calls nearest,
            # here and with 355 steps, is not as far apart
            (-649_320.7, 22, 64),
            (20.5, 710, 16),  # nearly whole turns of the fastest hand: it sees none
            (1000, -1000, 8),  # the farthest on either side
            (2.25, 1000, 12),
            (664_618.5, 355, 32),
            (31, -44, 128),  # before the start, where no table reaches
            (67_311.8, -9, 128),  # the fastest and the slowest hand together say -53
            # for the two fastest hands it is nearly 115, and the slowest passes half a turn
            (-15_673.0, -262, 8),
            (755_382.7, 604, 512),  # one of so many numbers is off by more than a hundredth
            (632_676.2, -700, 8),  # where tables of up to 5,000 positions on either side find
            (6672.9, -934, 128),  # two places that are not as far apart
        ):
            speeds = BASE ** (-np.arange(0, d, 2) / d)
            p_s, p_t = (_code(place * speeds).round(2) for place in (s, s + k))
            sine = p_t[::2] * p_s[1::2] - p_t[1::2] * p_s[::2]
            angles = np.arctan2(sine, p_t[1::2] * p_s[1::2] + p_t[::2] * p_s[::2])
            fast, slow = angles[0], angles[-1] / speeds[-1]
            apart = np.arctan2(p_t[0], p_t[1]) - np.arctan2(p_s[0], p_s[1])
            turns = (
                "the fastest hand cannot count its full turns",
                "the fastest hand cannot count its full turns: let slower ones say how many there "
                "were",
            )
            slowly = (
                "the slowest hand hardly moves from place to place, and two decimals hide it",
                "the slowest hand hardly moves from place to place, and two decimals hide it: let "
                "faster ones say what it cannot",
            )
            off = (
                "a difference of two angles may be off by a full turn",
                "a difference of two angles may be off by a full turn: its sine and its cosine say "
                "what it is",
            )
            wrong = [
                *((each, *turns) for each in (fast, round(fast))),
                *((each, *slowly) for each in (slow, round(slow))),
                *((each, *off) for each in (apart, round(apart))),
                (-k, "the sign is wrong: asked for is t - s, and in a pair the sine comes first"),
                (abs(k), "the side is lost: when t comes before s, the distance is negative"),
                (fast % (2 * np.pi), "the fastest hand may have gone backwards, too"),
                (k + s, "that is the position t; the distance is t - s"),
            ]  # fmt: skip
            case = equations(s=s, t=s + k, d_model=d)
            if (got := distance_between(p_s, p_t)) is None:
                raise Hint(
                    "{case}: got None; is a `return` missing, or does no distance fit exactly? "
                    "The codes are rounded, so the best one need not",
                    case=case,
                )
            compare(number(got, name="the distance"), k, wrong, case=case)
    return "right: slow hands count the turns of the fast ones"


def _code(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).ravel()


@exercise("positions/pairs", "repacked")
def _pairs(repacked) -> str:
    with Comparison() as compare:
        for d_model, h, d_k, dtype in (
            (5, 1, 4, float),  # one head; width 4: there and back is the same
            (10, 3, 6, float),  # width 6: there and back differ, and three heads
            (16, 2, 8, np.float32),  # square: rows could be taken for columns
            (7, 4, 2, float),  # width 2: nothing moves
            (8, 1, 8, float),  # one head and square
            (3, 2, 10, float),  # an odd number of pairs
        ):
            W = np.random.default_rng(d_k).standard_normal((d_model, h * d_k)).astype(dtype)
            heads = W.reshape(d_model, h, d_k)
            halves = heads.reshape(d_model, h, 2, d_k // 2)
            pairs = halves.swapaxes(-1, -2)  # (d_model, h, d_k / 2, 2)
            right = pairs.reshape(W.shape)
            wrong = [
                (W, "nothing has moved"),
                (heads.reshape(d_model, h, d_k // 2, 2).swapaxes(-1, -2).reshape(W.shape),
                 "that is the way back, from neighbors to halves"),
                (W.reshape(d_model, 2, -1).swapaxes(-1, -2).reshape(W.shape),
                 "halves are those of each head, not of all columns together"),
                (pairs[..., ::-1].reshape(W.shape),
                 "in each pair the second comes first: such hands turn backwards"),
                (pairs[..., ::-1, :].reshape(W.shape),
                 "the pairs are in reverse: the fastest must stay the first"),
                (pairs.swapaxes(1, 2).reshape(W.shape), "the heads must stay where they are"),
            ]  # fmt: skip
            if d_model == h * d_k:
                rows = W.reshape(h, 2, d_k // 2, d_model).swapaxes(1, 2).reshape(W.shape)
                wrong += [
                    (rows, "the columns make the numbers of a query; the rows belong to the input"),
                    (right.T, "transposed: `W` is multiplied from the right, x @ W"),
                ]
            got = array(repacked(W, h), {"d_model": d_model, "h * d_k": h * d_k})
            compare(got, right, wrong, case=equations(d_model=d_model, h=h, d_k=d_k))
    return "right: the same model, in another order"


@exercise("positions/step", "enter")
def _step(enter) -> str:
    with Comparison(alike=partial(near, rtol=1e-5)) as compare:  # the code in single precision
        for B, n, d, start, dtype in (
            (2, 5, 8, 0, float),  # training: all at once
            (2, 1, 8, 0, float),  # the first step
            (2, 1, 8, 1, float),
            (3, 4, 6, 3, float),  # several at once, later: the first's code is not everyone's
            (1, 1, 4, 6, float),
            (2, 3, 16, 40, np.float32),  # further on, in single precision
            (1, 2, 2, 5, float),
            # For a table that ends, and whole numbers that do; one hand, exact in any precision.
            (2, 1, 2, 6000, float),
            (2, 1, 2, 40_000, float),
        ):
            x = np.random.default_rng(n).standard_normal((B, n, d)).astype(dtype)
            code = sinusoidal_encoding((start + 2) * (n + 1), d)  # also for a start times n
            right = x + code[start : start + n]
            wrong = [
                (x + code[:n], "{case}: the codes still begin at position 0"),
                (x + code[start],
                 "{case}: all tokens get one code, that of the first; each has its own"),
                (x + code[start + n - 1], "{case}: all tokens get one code, that of the last"),
                (x + code[start + 1 : start + 1 + n],
                 "{case}: one too far: the first token of all stands at 0"),
                (x + code[start * n : start * n + n],
                 "{case}: `start` counts tokens, not calls: do not multiply it by n"),
                (x, "{case}: no code was added"),
                (np.broadcast_to(code[start : start + n], x.shape),
                 "{case}: that is the code alone; it is added to x"),
                (x * np.sqrt(d) + code[start : start + n],
                 "{case}: x has been scaled; this function only adds the code"),
            ]  # fmt: skip
            # A longer table ends only in the last case.
            for ends in [x[:, :0], right] if start == 6000 else [x[:, :0]] * (start > 6000):
                wrong.append((ends, "{case}: the table of codes ends before `start`"))
            case = equations(B=B, n=n, start=start, d_model=d)
            compare(array(enter(x, start)), right, wrong, case=case)
    return "right: step by step and all at once are the same"


@exercise("positions/widget", "farthest_alike")
def _widget(farthest_alike) -> str:
    with Comparison() as compare:
        for d_model, position, distance in (
            (32, 20, 5),  # as on the page
            (2, 0, 9),  # up and down, and below -1/2 as well
            (12, 60, 3),  # falls early, and is above one half at 28 again
            (38, 7, 28),  # above one half at 28, and not at 27
            (18, 99, 0),  # falls at 20 for good
            (54, 41, 11),  # never falls
            (8, 33, 2),
            (32, 20, 28),  # set beyond what is asked for: a search begins at 0, not there
            (36, 15, 6),  # 0.4994 at 26: it is one half that counts
        ):
            state = {"d_model": d_model, "position": position, "distance": distance}
            w = PositionsWidget(**state)
            ahead = w.similarities[position : position + MAX_DISTANCE + 1]
            alike = np.flatnonzero(ahead > 0.5)
            right = int(alike.max())
            fall = next((k for k, c in enumerate(ahead) if c <= 0.5), None)
            anywhere = np.flatnonzero(w.similarities > 0.5)
            # Where it never falls, a search for the first fall may end in different ways.
            falls = (-1, 0, 27, 28) if fall is None else (fall,)
            wrong = [
                *((k - (fall is not None), "{case}: then the cosine falls below one half, but it "
                  "may rise again") for k in falls),
                *((k, "{case}: that is the first distance at which it is not above one half")
                  for k in falls),
                (len(alike) - 1, "{case}: that is how many there are but for 0; which is the "
                 "largest?"),
                (len(alike), "{case}: that is how many there are; which is the largest?"),
                (right + position,
                 "{case}: that is a position; the distance is counted from the key"),
                (anywhere.max() - position,
                 "{case}: `w.similarities` goes on beyond a distance of 28"),
                (anywhere.max(), "{case}: that is a position, and may be too far from the key"),
                (alike[alike < MAX_DISTANCE].max(), "{case}: 28 is a distance as well"),
                (np.flatnonzero(abs(ahead) > 0.5).max(),
                 "{case}: a cosine of -0.9 is not above one half"),
                (MAX_DISTANCE, "{case}: at 28 the cosine need not be above one half"),
                (distance, "{case}: that is the distance as it is set; try them all"),
                (right + 1, "{case}: one too far"),
            ]  # fmt: skip
            if (behind := np.flatnonzero(w.similarities[: MAX_DISTANCE + 1] > 0.5)).size:
                wrong.append((behind.max(), "{case}: `w.similarities` begins at position 0, not at "
                              "the key"))  # fmt: skip
            case = call("farthest_alike", w)
            got = whole(farthest_alike(PositionsWidget(**state)), name=case)
            compare(got, right, wrong, case=case)
    return "right: far apart, and yet alike"


choice(
    "positions/explain",
    "what_is_wrong",
    right="c",
    hints={
        "a": "move all words by 100 places: the chapter's table shows what the scores do",
        "b": "that part is true: each diagonal of the left map in the figure has one shade",
        "d": "a factor makes all codes louder, and changes nothing about what depends on what",
    },
    praise="right: relative codes come in behind the matrices",
)


written(
    "positions/in-writing",
    "about_length",
    points=[
        "Relative means that the scores depend on the distance alone: that is so for RoPE and for "
        "ALiBi, and says nothing about distances that never occurred.",
        "No model was ever asked to look further back than 16 places, and nothing decides what it "
        "does beyond: for RoPE these are angles between query and key that training never used.",
        "ALiBi can say near and far only, with a penalty that goes on evenly, so that nothing new "
        "begins at 17; a model that copies with it probably finds a key by what it is.",
        "The measurement: within 16 both copy well, at 32 RoPE has lost most of it and ALiBi "
        "little, with three seeds each.",
        "A limit: it is one task, ALiBi comes down as well, and a task that needs one exact far "
        "place gets no help from it; or a remedy, training longer or slower hands.",
    ],
)
