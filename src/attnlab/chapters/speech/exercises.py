"""Checks of the chapter `work/speech`."""

from dataclasses import dataclass, field

import numpy as np

from attnlab.chapters.speech.scoring import collapsed
from attnlab.chapters.speech.widget import DIGITS, SpeechWidget
from attnlab.exercises.answers import array, near, number, plain
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written


def _rows_alike(got, right) -> bool:
    """Rows of digits; an empty one has no whole numbers in it, and is equal to an empty one."""
    sizes = {-1 if row is None else row.size for row in (plain(got), plain(right))}
    return sizes == {0} or near(got, right)


@exercise("speech/collapse", "digits_said")
def _collapse(digits_said) -> str:
    with Comparison(_rows_alike) as compare:
        for path in (
            [0, 4, 4, 0, 2, 2, 2, 0],  # runs, and blanks at the ends
            [6, 6, 0, 6, 1, 0],  # one digit said twice, and the digit 0
            [3, 0, 5, 0, 3, 3],  # a digit that comes again later
            [0, 0],  # nothing is said
        ):
            unblanked = [mark for mark in path if mark]
            changes = [mark for i, mark in enumerate(path) if i == 0 or mark != path[i - 1]]
            merged = [
                mark for i, mark in enumerate(unblanked) if i == 0 or mark != unblanked[i - 1]
            ]
            wrong = [
                ([mark - 1 for mark in merged],
                 "merge first, and take out the blanks then: a blank parts two equal digits"),
                ([mark - 1 for mark in unblanked], "a digit held over several states is one"),
                ([mark for mark in changes if mark], "mark k stands for digit k - 1, 0 for none"),
                ([mark - 1 for mark in changes], "the blanks are still in it"),
                (merged, "merge first, then take out the blanks, and mark k is digit k - 1"),
                ([mark - 1 for mark in dict.fromkeys(unblanked)],
                 "a digit may be said again: only neighbors are merged"),
                (sorted({mark - 1 for mark in unblanked}),
                 "the digits stand in the order in which they are said"),
                (collapsed(path)[::-1], "that is backwards"),
            ]  # fmt: skip
            got = array(digits_said(list(path)), of="whole numbers")
            compare(got, np.array(collapsed(path)), wrong, case=call("digits_said", path))
    return "right: merge what repeats, and take out the blanks then"


def _sum_over_paths(
    p: np.ndarray, target: list[int], *, skip="unlike", start=2, end=2, best=False
) -> float:
    """CTC's forward sum; the settings are what people get wrong in it."""
    marks = [0]
    for digit in target:
        marks += [digit + 1, 0]
    add = max if best else sum
    alpha = [p[0, mark] if j < start else 0.0 for j, mark in enumerate(marks)]
    for row in p[1:]:
        before, alpha = alpha, []
        for j, mark in enumerate(marks):
            come = before[max(0, j - 1) : j + 1]
            unlike = skip == "all" or (skip == "unlike" and j >= 2 and mark != marks[j - 2])
            if j >= 2 and mark != 0 and unlike:
                come = [before[j - 2], *come]
            alpha.append(float(row[mark] * add(come)))
    return float(add(alpha[-end:]))


@exercise("speech/probability", "probability_of")
def _probability(probability_of) -> str:
    with Comparison() as compare:
        for t, target in (
            (4, [2, 5]),
            (5, [3, 3]),  # a blank must part them
            (6, [1, 4, 1]),  # one that comes again, but not at once
            (3, []),  # nothing is said
            (2, [7]),
            (1, [2, 5]),  # more digits than states
            (12, [0, 0, 9, 8]),  # where one cannot write down all paths
        ):
            rng = np.random.default_rng(t)
            p = rng.dirichlet(np.full(11, 0.8), size=t)  # (t, 11)
            right = _sum_over_paths(p, target)
            greedy = p.max(axis=1).prod() if collapsed(p.argmax(1).tolist()) == target else 0.0
            wrong = [
                (_sum_over_paths(p, target, best=True),
                 "that is the best path alone; all paths that collapse to the target count"),
                (_sum_over_paths(p, target, skip="all"),
                 "between two equal digits there must be a blank, or they would be one"),
                (_sum_over_paths(p, target, skip="never"),
                 "between two digits that differ there need not be a blank"),
                (_sum_over_paths(p, target, end=1), "a path may end with the last digit, too"),
                (_sum_over_paths(p, target, start=1), "a path may begin with the first digit, too"),
                (_sum_over_paths(np.roll(p, -1, axis=1), target),
                 "class 0 is the blank, and class k + 1 is digit k"),
                (greedy, "that asks only whether the most probable path gives the target"),
                (-np.log(right) if right > 0 else np.inf,
                 "that is CTC's loss, the negative logarithm; return the probability"),
                (right / max(len(target), 1), "do not divide by the number of digits"),
            ]  # fmt: skip
            case = equations(T=t, target=target)
            got = number(probability_of(p.copy(), list(target)), finite=False)
            compare(got, right, wrong, case=case)
    return "right: one sum for each state and place, in place of one for each path"


@exercise("speech/bug", "real_states")
def _bug(real_states) -> str:
    with Comparison() as compare:
        for lengths, m in (
            ([8, 5, 2], 8),  # even and odd
            ([7, 1], 7),  # an odd number of frames in all
            ([3, 9, 6, 4], 12),  # none as long as the batch is
        ):
            t = -(-m // 2)
            states, ends = np.arange(t), np.array(lengths)[:, None]
            right = states < -(-ends // 2)
            frames = np.arange(m) < ends
            wrong = [
                (states < ends, "state i is about frame 2 i, and lengths are counted in frames"),
                (states < ends // 2, "state i is about frame 2 i, so an odd length has one more"),
                (states < ends // 2 + 1, "an even length has one state too many"),
                (frames, "one answer for each state, not for each frame"),
                (~right, "the other way round: True is for states of real frames"),
                (np.ones_like(right), "padding has states, too: those are not real"),
                (right.T, "transposed: a row for each utterance"),
                (right[:, None], "a row for each utterance, (B, T), without an axis for queries"),
            ]  # fmt: skip
            got = array(real_states(np.array(lengths), m), of="booleans")
            compare(got, right, wrong, case=call("real_states", lengths, m))
    return "right: the mask is halved along with the frames"


@dataclass
class _Shown:
    """A widget whose models make the mistakes that the exercise needs, by length."""

    stands_for = SpeechWidget
    by_speller: list[int]  # of lengths 0 to 16
    by_ctc: list[int]
    length: int = 4
    pause: int = 2
    writes: str = "forwards"
    digits: tuple[int, ...] = DIGITS
    frames: np.ndarray = field(default_factory=lambda: np.zeros((40, 20)))
    path: list[int] = field(default_factory=lambda: [0] * 20)

    wanted = SpeechWidget.wanted

    @property
    def mistakes_speller(self) -> int:
        return self.by_speller[self.length]

    @property
    def mistakes_ctc(self) -> int:
        return self.by_ctc[self.length]

    @property
    def marked(self) -> list[int]:
        return self.wanted[self.mistakes_ctc :]

    @property
    def written(self) -> list[int]:
        return self.wanted[self.mistakes_speller :]

    @property
    def spans(self) -> list[tuple[int, int]]:
        return [(2 * i, 2 * i + 2) for i in range(self.length)]

    @property
    def weights(self) -> np.ndarray:
        return np.full((self.length + 1, 20), 1 / 20)

    @property
    def inside(self) -> int:
        return max(0, self.length - self.mistakes_speller)


@exercise("speech/widget", "first_behind", sets=("length",))
def _widget(first_behind) -> str:
    with Comparison() as compare:
        for by_speller, by_ctc in (
            # At 3 both are wrong alike; behind at 5, not at 6, then again.
            ([0, 0, 0, 1, 0, 2, 1, 4, 5, 5, 6, 7, 8, 9, 9, 9, 9], [0, 0, 0, 1, 0, 1] + [1] * 11),
            ([0] * 17, [0] * 17),  # never
            ([2, 0, 1, 2] + [0] * 13, [0, 1, 2, 3] + [0] * 13),  # silence does not count
            ([0] * 16 + [3], [0] * 17),  # the last of all
            ([0, 1] + [4] * 15, [0] * 17),  # the first of all
        ):
            gaps = np.array(by_speller) - np.array(by_ctc)
            lengths = np.arange(17)

            def first(where: np.ndarray, lengths=lengths) -> int | None:
                found = lengths[where & (lengths > 0)]
                return int(found[0]) if len(found) else None

            behind = lengths[(gaps > 0) & (lengths > 0)]
            wrong = [
                (first(gaps >= 0), "more mistakes than CTC, not as many"),
                (first(np.array(by_speller) > 0), "it is CTC's mistakes that count as well"),
                (first(gaps < 0), "that is where CTC makes more mistakes"),
                (int(behind[-1]) if len(behind) else None, "that is the last such length"),
                (int(lengths[gaps > 0][0]) if (gaps > 0).any() else None,
                 "with length 0 nothing is said: begin with 1"),
                (len(behind), "that is how many such lengths there are"),
                (first((gaps > 0) & (lengths < 16)), "16 is a length, too"),
                (first((gaps > 0) & (lengths > 1)), "1 is a length, too"),
            ]  # fmt: skip
            right = first(gaps > 0)
            w = _Shown(by_speller, by_ctc)
            got = first_behind(w)
            if (w.pause, w.writes, w.digits) != (2, "forwards", DIGITS):
                raise Hint("`first_behind` changes more of the widget than its length")
            compare(got if got is None else number(got), right, wrong, case=_case(gaps))
    return "right"


def _case(gaps: np.ndarray) -> str:
    """The lengths at which the speller is behind."""
    return equations(behind_at=[int(i) for i in np.flatnonzero(gaps > 0)])


choice(
    "speech/explain",
    "what_it_tells",
    right="a",
    hints={
        "b": "a long utterance has a diagonal of its own to be found, and this speller lost it at "
        "lengths that it had not been trained on",
        "c": "a speller that was trained to write backwards had as clean a diagonal, the other way "
        "round: nothing in attention prefers an order",
        "d": "the largest weights did lie inside the right words, and what they are used for one "
        "can find out by changing a state; the map was not wrong, it was about short utterances",
    },
    praise="right: a habit is learned where there was training, and holds there",
)


written(
    "speech/in-writing",
    "which_for_what",
    points=[
        "Captions are in the order of speech, so CTC's built-in order costs nothing and helps.",
        "CTC can write while one speaks, at least with an ear that reads forwards only; a speller "
        "weighs the whole utterance at every digit.",
        "A translation has another order than what was said, which a path of CTC cannot give; "
        "attention is free to look anywhere.",
        "Attention's hold on its place is learned for the lengths of training: test long talks, "
        "train on them, or cut them into pieces.",
    ],
)
