"""The exercises of `work/memory`: right answers pass, wrong ones get the hint they need."""

import numpy as np
import torch

from attnlab import softmax
from tests.exercises.marking import marking_of


def returns(r):
    return r[:, ::-1].cumsum(axis=1)[:, ::-1]


def returns_in_a_loop(r):
    G = np.zeros_like(r)
    later = 0
    for t in reversed(range(r.shape[1])):
        later = later + r[:, t]
        G[:, t] = later
    return G


def returns_in_torch(r):
    return torch.tensor(r).flip(1).cumsum(1).flip(1)


def returns_by_subtraction(r):
    return r.sum(axis=1, keepdims=True) - r.cumsum(axis=1) + r


def advantage(r):
    G = returns(r)
    return G - G.mean(axis=0)


def advantage_in_torch(r):
    G = returns_in_torch(r)
    return G - G.mean(0, keepdim=True)


def advantage_by_steps(r):
    G = returns(r)
    return np.stack([column - column.mean() for column in G.T], axis=1)


def taken(logits, actions):
    return np.eye(logits.shape[1])[actions]


def push(logits, actions, goodness):
    return goodness[:, None] * (softmax(logits) - taken(logits, actions))


def push_by_autograd(logits, actions, goodness):
    x = torch.tensor(logits, requires_grad=True)
    chosen = x.log_softmax(-1)[torch.arange(len(x)), torch.tensor(actions)]
    (-chosen * torch.tensor(goodness)).sum().backward()
    return x.grad


def push_in_a_loop(logits, actions, goodness):
    rows = []
    for row, action, good in zip(logits, actions, goodness, strict=True):
        p = np.exp(row - row.max())
        p /= p.sum()
        p[action] -= 1
        rows.append(good * p)
    return rows


def forgets(w, share):
    w.at = 81
    for length in range(1, 81):
        w.length = length
        if w.right_attention < share:
            return length
    return None


def forgets_at_each_junction(w, share):
    for w.length in range(1, 81):
        w.at = w.length + 1
        if w.right_attention < share:
            return w.length
    return None


def forgets_by_list(w, share):
    w.at = 81

    def at(length):
        w.length = length
        return w.right_attention

    return min((length for length in range(1, 81) if at(length) < share), default=None)


def search(name="right_attention", order=range(1, 81), give=lambda w: w.length, none=None):
    def answer(w, share):
        w.at = 81
        for w.length in order:
            if getattr(w, name) < share:
                return give(w)
        return none

    return answer


def where_it_is(w, share):
    for w.length in range(1, 81):
        if w.right_attention < share:
            return w.length
    return None


def above(w, share):
    w.at = 81
    for w.length in range(1, 81):
        if w.right_attention > share:
            return w.length
    return None


def other_sign(w, share):
    w.sign = "right" if w.sign == "left" else "left"
    return forgets(w, share)


RIGHT = {
    "to-go": [returns, returns_in_a_loop, returns_in_torch, returns_by_subtraction],
    "bug": [advantage, advantage_in_torch, advantage_by_steps],
    "push": [push, push_by_autograd, push_in_a_loop],
    "widget": [forgets, forgets_at_each_junction, forgets_by_list],
    "explain": ["b"],
    "in-writing": ["Look at the probabilities first."],
}
WRONG = {
    "to-go": [
        (lambda r: r.cumsum(axis=1), "which no action can change"),
        (lambda r: returns(r) - r, "what a step brings itself"),
        (lambda r: np.repeat(r.sum(axis=1, keepdims=True), r.shape[1], axis=1),
         "leave out what came before"),
        (lambda r: r[:, ::-1].cumsum(axis=1), "turn the columns back"),
        (lambda r: r[::-1].cumsum(axis=0)[::-1], "time runs along a row"),
        (lambda r: r.cumsum(axis=0), "time runs along a row"),
        (lambda r: returns(r) / np.arange(r.shape[1], 0, -1), "a return is a sum"),
        (lambda r: r, "what comes later counts, too"),
        (lambda r: r + np.pad(r[:, 1:], ((0, 0), (0, 1))), "not the next step alone"),
        (advantage, "less its baseline"),
        (lambda r: returns(r)[:, 0], "should have shape (B, T)"),
    ],
    "bug": [
        (lambda r: returns(r) - returns(r).mean(axis=1, keepdims=True), "compared with itself"),
        (lambda r: returns(r) - returns(r).mean(), "one mean for all steps"),
        (returns, "the baseline is missing"),
        (lambda r: r.cumsum(axis=1) - r.cumsum(axis=1).mean(axis=0), "what came before"),
        (lambda r: r - r.mean(axis=0), "rewards less their mean"),
        (lambda r: -advantage(r), "better than expected is positive"),
        (lambda r: advantage(r) / np.maximum(returns(r).std(axis=0), 1e-9), "not divided"),
        (lambda r: returns(r) + returns(r).mean(axis=0), "is subtracted"),
        (lambda r: np.tile(returns(r).mean(axis=0), (len(r), 1)), "the baseline itself"),
        (lambda r: advantage(r) * len(r) / (len(r) - 1), "counts in its own baseline"),
        (lambda r: advantage(r)[0], "should have shape (B, T)"),
    ],
    "push": [
        (lambda x, a, g: -push(x, a, g), "against the gradient"),
        (lambda x, a, g: softmax(x) - taken(x, a), "how good was the action?"),
        (lambda x, a, g: -g[:, None] * taken(x, a), "all logits are pushed"),
        (lambda x, a, g: g[:, None] * softmax(x), "has a term of its own"),
        (lambda x, a, g: push(x, a, g) / len(x), "nothing is averaged"),
        (lambda x, a, g: push(x, a, g) * softmax(x), "not of its logarithm"),
        (lambda x, a, g: push(x, a, abs(g)), "the goodness keeps its sign"),
        (lambda x, a, g: push(x, x.argmax(axis=1), g), "not the most probable one"),
        (lambda x, a, g: g[:, None] * (1 - taken(x, a)) * softmax(x), "gets a push, too"),
        (lambda x, a, g: push(x, a, g).sum(axis=1), "should have shape (B, A)"),
    ],
    "widget": [
        (search("right_gru"), "that is the GRU"),
        (search("on_sign"), "the weight on the sign"),
        (above, "below the share, not above"),
        (search(give=lambda w: w.length - 1), "one too short"),
        (search(give=lambda w: w.step), "steps from the door"),
        (search(order=range(80, 0, -1)), "a shorter corridor will do"),
        (search(give=lambda w: w.right_attention), "that is the probability"),
        (search(none=80), "return None"),
        (search(none=0), "return None"),
        (other_sign, "leaves `w.sign` at"),
        (where_it_is, "go to the junction"),
        (lambda w, share: "none", "should be one number"),
    ],
    "explain": [("a", "embeddings of their own"), ("c", "what is to come"), ("d", "with ALiBi")],
    "in-writing": [("", "no words"), (3, "should be text")],
}  # fmt: skip

TestMarking = marking_of("memory", RIGHT, WRONG)
