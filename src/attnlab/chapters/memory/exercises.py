"""Checks of the chapter `work/memory`."""

from functools import cache

import numpy as np
import torch

from attnlab.chapters.memory.models import Policy
from attnlab.chapters.memory.widget import LONGEST, MemoryWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


def _to_go(r: np.ndarray) -> np.ndarray:
    return r[:, ::-1].cumsum(axis=1)[:, ::-1]


@exercise("memory/to-go", "returns")
def _returns(returns) -> str:
    with Comparison() as compare:
        for b, t, seed in ((3, 5, 0), (4, 4, 1), (6, 2, 2)):  # B = T: axes can be exchanged
            r = np.random.default_rng(seed).standard_normal((b, t)).round(2)
            right = _to_go(r)
            wrong = [
                (r.cumsum(axis=1), "that sums what came before, which no action can change"),
                (right - r, "what a step brings itself is part of its return"),
                (np.repeat(r.sum(axis=1, keepdims=True), t, axis=1),
                 "that is the whole walk's reward at every step; leave out what came before it"),
                (r[:, ::-1].cumsum(axis=1), "these are the right sums in reverse order: turn the "
                 "columns back"),
                (r[::-1].cumsum(axis=0)[::-1], "that sums over walks; time runs along a row"),
                (r.cumsum(axis=0), "that sums over walks; time runs along a row"),
                (right / np.arange(t, 0, -1), "that is a mean; a return is a sum"),
                (r, "these are the rewards; what comes later counts, too"),
                (r + np.pad(r[:, 1:], ((0, 0), (0, 1))), "all that comes later counts, not the "
                 "next step alone"),
                (right - right.mean(axis=0), "that is the return less its baseline"),
            ]  # fmt: skip
            got = array(returns(r.copy()), {"B": b, "T": t})
            compare(got, right, wrong, case=equations(B=b, T=t))
    return "right: a step answers for what comes from it on"


@exercise("memory/bug", "advantage")
def _advantage(advantage) -> str:
    with Comparison() as compare:
        for b, t, seed in ((5, 3, 0), (4, 4, 1), (2, 6, 2)):
            rng = np.random.default_rng(seed)
            r = np.where(rng.random((b, t)) < 0.3, -0.05, 0.0)
            r[:, -1] = np.resize([1.0, -1.0, -1.0, 1.0, 1.0], b)
            g, back = _to_go(r), r.cumsum(axis=1)
            right = g - g.mean(axis=0)
            wrong = [
                (g - g.mean(axis=1, keepdims=True), "a walk is compared with itself: whether it "
                 "went well is lost"),
                (g - g.mean(), "that is one mean for all steps: a step's baseline is that of its "
                 "own column"),
                (g, "the baseline is missing"),
                (back - back.mean(axis=0), "these are sums of what came before"),
                (r - r.mean(axis=0), "these are rewards less their mean; a step answers for what "
                 "comes later, too"),
                (-right, "turn the sign: better than expected is positive"),
                (right / np.maximum(g.std(axis=0), 1e-9), "a difference is asked for, not divided "
                 "by the deviation"),
                (g + g.mean(axis=0), "the baseline is subtracted"),
                (np.broadcast_to(g.mean(axis=0), g.shape), "that is the baseline itself"),
                (right * b / (b - 1), "here a walk counts in its own baseline: the mean is that of "
                 "all walks"),
            ]  # fmt: skip
            got = array(advantage(r.copy()), {"B": b, "T": t})
            compare(got, right, wrong, case=equations(B=b, T=t))
    return "right: each step is compared with the same step of the other walks"


@exercise("memory/push", "push")
def _push(push) -> str:
    with Comparison() as compare:
        for b, a, seed in ((4, 3, 0), (3, 3, 1), (6, 2, 2)):
            rng = np.random.default_rng(seed)
            logits, goodness = rng.standard_normal((b, a)), rng.standard_normal(b)
            actions = rng.integers(a, size=b)
            p, taken = softmax(logits), np.eye(a)[actions]
            scaled = goodness[:, None]
            right = scaled * (p - taken)
            wrong = [
                (-right, "turn the sign: a step of training goes against the gradient of the loss"),
                (p - taken, "that is the gradient of cross-entropy; how good was the action?"),
                (-scaled * taken, "all logits are pushed: the softmax takes from the others what "
                 "it gives to one"),
                (scaled * p, "the action that was taken has a term of its own"),
                (right / b, "each row is a loss of its own; nothing is averaged"),
                (right * p, "that is the gradient of a probability, not of its logarithm"),
                (np.abs(scaled) * (p - taken), "bad actions are pushed down: the goodness keeps "
                 "its sign"),
                (scaled * (p - np.eye(a)[p.argmax(axis=1)]), "the action that was taken counts, "
                 "not the most probable one"),
                (scaled * (1 - taken) * p, "the logit of the action that was taken gets a push, "
                 "too"),
            ]  # fmt: skip
            got = array(push(logits.copy(), actions.copy(), goodness.copy()), {"B": b, "A": a})
            compare(got, right, wrong, case=equations(B=b, A=a))
    return "right: cross-entropy's gradient, once for each walk, times how well it went"


OTHER = {"left": "right", "right": "left"}


@cache
def _policies(seed: int) -> tuple[Policy, Policy]:
    """Two that learned nothing; their probabilities change with the corridor all the same."""
    torch.manual_seed(seed)
    return Policy("attention", d_model=6), Policy("gru", d_model=6)


@cache
def _by_length(
    seed: int, sign: str, maze: int, name: str = "right_attention", at: int = LONGEST + 1
) -> list[float]:
    """A number of the widget, for each length from 1; at the junction, if no step is given."""
    w = MemoryWidget(*_policies(seed), sign=sign, maze=maze, at=at)
    found = []
    for w.length in range(1, LONGEST + 1):
        found.append(getattr(w, name))
    w.close()
    return found


def _first(row, share: float) -> int | None:
    return next((place for place, x in enumerate(row, 1) if x < share), None)


@exercise("memory/widget", "forgets", sets=("length", "at"))
def _widget(forgets) -> str:
    with Comparison() as compare:
        for seed, sign, maze, quantile in (
            (0, "left", 0, 0.05),
            (1, "right", 3, 0.1),
            (2, "left", 5, 0.03),
            (3, "right", 8, 0.0),  # it never falls below
            (4, "left", 9, 1.0),  # at once
        ):
            attention, gru, on_sign = (
                _by_length(seed, sign, maze, name)
                for name in ("right_attention", "right_gru", "on_sign")
            )
            level = {0.0: min(attention) - 0.01, 1.0: max(attention) + 0.01}
            share = level.get(quantile, float(np.quantile(attention, quantile)))
            right = _first(attention, share)
            last = max((n for n, x in enumerate(attention, 1) if x < share), default=None)
            flipped = _by_length(seed, OTHER[sign], maze)
            start = _by_length(seed, sign, maze, at=2)
            wrong = [
                (_first(gru, share), "{case}: that is the GRU; the other policy is asked for"),
                (_first(on_sign, share), "{case}: that is the weight on the sign, and not what is "
                 "made of it"),
                (_first([-x for x in attention], -share), "{case}: below the share, not above"),
                (None if right is None else right - 1, "{case}: that is one too short, or counted "
                 "from 0"),
                (None if right is None else right + 1, "{case}: those are steps from the door; how "
                 "many pictures hang between?"),
                (last, "{case}: a shorter corridor will do"),
                (None if right is None else attention[right - 1], "{case}: that is the "
                 "probability; at which length?"),
                (LONGEST if right is None else right, "{case}: if it never falls below, return "
                 "None"),
                (0 if right is None else right, "{case}: if it never falls below, return None"),
                (_first(flipped, share), "{case}: leave the sign as it is"),
                (_first(start, share), "{case}: that is at step 2, where `w` happens to be; go to "
                 "the junction"),
            ]  # fmt: skip
            w = MemoryWidget(*_policies(seed), sign=sign, maze=maze, length=7, at=2)
            got = forgets(w, share)
            got = None if got is None else number(got)
            case = equations(sign=sign, maze=maze, share=round(share, 3))
            compare(got, right, wrong, case=case)
            w.close()
    return "right: the shortest corridor that is too long"


choice(
    "memory/explain",
    "what_is_missing",
    right="b",
    hints={
        "a": "the two signs have embeddings of their own, and with one sign in the corridor the "
        "same policy is right",
        "c": "a causal mask hides what is to come; at the junction nothing is, and all that was "
        "seen may be looked at in any order",
        "d": "with ALiBi the same rewards are enough; the walks that are good and those that are "
        "bad do differ",
    },
    praise="right: it can only say which signs there were, and both were there",
)


written(
    "memory/in-writing",
    "what_went_wrong",
    points=[
        "A share of a half can mean that the sign isn't remembered, or that the policy always "
        "turns the same way.",
        "Look at the probabilities at the junction: near 0 and 1 from early on, it has stopped "
        "trying; near a half, it has found nothing yet; other ones behind the other sign, it "
        "remembers.",
        "Try a bonus for entropy, several seeds, and more steps, for both policies alike.",
        "A test of memory alone: train the same network on the right answers, without rewards.",
        "Compare with a GRU and with a policy that has no memory before blaming attention.",
    ],
)
