"""Questions on `work/memory`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "memory/return", "The return of a step",
    bumps=[1, 2, 3, 4, 5], before=[1, 2, 3, 4], turn=["right", "wrong"],
)  # fmt: skip
def _return(bumps: int, before: int, turn: str) -> Asked:
    end = 1.0 if turn == "right" else -1.0
    found = end - 0.05 * bumps
    return value(
        f"A walker runs into the wall {before + bumps} times, at 0.05 each. Of these, {before} "
        f"come before step t, the others at it or later. The turn at the end is {turn}: it brings "
        f"{end:g}. What is the return of step t?",
        "return_of_step",
        round(found, 4),
        [
            (round(end - 0.05 * (before + bumps), 4), "what came before step t is no part of its "
             "return"),
            (round(end - 0.05 * before, 4), "those are the bumps before it; the later ones count"),
            (end, "bumps at step t or later are part of its return"),
            (round(-0.05 * bumps, 4), "the turn at the end comes after step t, and counts"),
            (round(end + 0.05 * bumps, 4), "a bump costs: its reward is negative"),
        ],
        solution=f"return_of_step = {end:g} - 0.05 * {bumps}",
        places=4,
    )  # fmt: skip


@question(
    "memory/frames", "Enough frames", steps=[5, 7, 9, 12, 16, 21, 30, 48, 81], sign=[0, 1, 2, 3],
)  # fmt: skip
def _frames(steps: int, sign: int) -> Asked:
    return value(
        f"A maze is seen in frames, one at each step: step 0 is the door, step {steps} the "
        f"junction. The sign hangs at step {sign}. A policy sees the frame in sight and the ones "
        "just before it, side by side. How many frames must it see, the one in sight counted, to "
        "see the sign from the junction?",
        "frames_needed",
        steps - sign + 1,
        [
            (steps - sign, "that many steps lie between; both ends are frames"),
            (steps - sign - 1, "those are the frames between; the sign's and the junction's count"),
            (steps - sign + 2, "that is one too many: from the sign's frame to the junction's"),
            (sign + 1, "those are the frames from the door to the sign"),
            (steps + sign + 1, "a later sign takes fewer frames, not more"),
        ],
        solution=f"frames_needed = {steps} - {sign} + 1",
    )  # fmt: skip


sentences(
    "memory/holds", "Which sentence holds", "sentence_on_memory",
    asks="One of these sentences about the chapter's mazes and policies holds. Which?",
    right=[
        "Attention without positions is right in half of the walks where the last sign counts.",
        "A policy that sees the last four frames does no better than a coin at the junction.",
        "A baseline that is each walk's own mean takes away whether the walk went well.",
        "The GRU learned to turn by the last of two signs.",
    ],
    wrong={
        "REINFORCE is told at the junction which turn would have been right.":
            "it gets a reward for what it did, and hears of nothing else",
        "The return of a step sums all rewards of the walk, those before it too.":
            "what came before a step is no merit of it",
        "Attention solved the maze because it has more weights than the GRU.":
            "the GRU has more, and solved it as well",
        "A causal mask lets attention tell which of two signs came last.":
            "at the junction it hides nothing, so the order of the past is lost",
        "The GRU forgot a sign at the door after five pictures.":
            "it carried the sign through far longer corridors",
        "A larger entropy of the policy means that it is surer of its actions.":
            "a sure policy has an entropy near 0",
        "The baseline changes which policy is best.":
            "it is subtracted whatever is done, and only makes the learning less noisy",
        "What is seen in these corridors depends on what was done before.":
            "every action leads on, so that a walk can be read in one pass",
    },
)  # fmt: skip


@question(
    "memory/discounted", "Returns that fade",
    factor=[0.5, 0.8, 0.9], own=["its own reward counts in full", "its own reward is left out"],
)  # fmt: skip
def _discounted(factor: float, own: str) -> Asked:
    with_own = own == "its own reward counts in full"

    def sums(r: np.ndarray, fade: float, counts_own: bool) -> np.ndarray:
        found, later = np.zeros_like(r), np.zeros(len(r))
        for t in reversed(range(r.shape[1])):
            found[:, t] = later * fade + (r[:, t] if counts_own else 0)
            later = r[:, t] + fade * later
        return found

    def checker(fading_returns: Any) -> str:
        with Comparison() as compare:
            for b, t in ((3, 5), (4, 4), (2, 6)):
                r = np.random.default_rng(b).standard_normal((b, t)).round(2)
                got = array(fading_returns(r.copy()), {"B": b, "T": t})
                wrong = [
                    (sums(r, 1.0, with_own), "later rewards fade: each step multiplies them by the "
                     "factor"),
                    (sums(r, factor, not with_own), "does a step's own reward count?"),
                    (sums(r[:, ::-1], factor, with_own)[:, ::-1], "that sums what came before"),
                ]  # fmt: skip
                compare(got, sums(r, factor, with_own), wrong, case=equations(B=b, T=t))
        return "right"

    start = "r[:, t] + " if with_own else ""
    return function(
        f"Given rewards `r` of shape (B, T), as an array of NumPy, return (B, T): for each step "
        f"the sum of the rewards after it, of which one that is k steps later is multiplied by "
        f"{factor} to the k; {own}.",
        "def fading_returns(r):",
        checker,
        solution="def fading_returns(r):\n"
        "    found, later = np.zeros_like(r), np.zeros(len(r))\n"
        "    for t in reversed(range(r.shape[1])):\n"
        f"        found[:, t] = {start}{factor} * later\n"
        f"        later = r[:, t] + {factor} * later\n"
        "    return found",
    )


@question("memory/needs-attention", "It needs attention", games=["ten", "twenty", "fifty"])
def _needs(games: str) -> Asked:
    return essay(
        f"A team's agent without memory fails in {games} games in which something seen early "
        "matters late. They give it attention over its past, and it wins them. “So these games "
        "need attention,” they write. What would you ask before you believe the sentence?",
        "on_needing_attention",
        [
            "Whether another memory, such as a GRU, was trained as long and as carefully.",
            "Over how many seeds, and how far they spread.",
            "How far back the games need to look, and whether order or only presence matters.",
            "Whether exploration differed, so that one agent went on trying and the other did not.",
        ],
        solution="They compared a memory with none, so they have shown that a memory is needed. I "
        "would ask for a GRU that was trained as long and tuned as well, with several seeds of "
        "each. I would ask how far back one has to look, and whether the order of what was seen "
        "counts. And whether both agents explored alike: one that stops trying looks like one that "
        "cannot remember.",
    )
