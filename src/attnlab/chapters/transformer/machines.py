"""Machines from vectors to vectors of which one knows what they depend on."""

from collections.abc import Callable

import numpy as np

from attnlab.functional.softmax import softmax


def machine_of(
    m: int,
    n: int,
    d: int,
    *,
    padding: list[int] | None = None,
    deaf: bool = False,
    leak: tuple[int, int] | None = None,
    strength: float | list[float] = 1.0,
    window: int | None = None,
    layers: int = 1,
    along: bool = False,
) -> tuple[Callable, np.ndarray, np.ndarray]:
    """A machine from (m, d) and (n, d) to (n, d), and what its outputs depend on: (n, m), (n, n).

    Args:
        padding: places of the source that are masked.
        deaf: what should ask the memory asks the target.
        leak: (t, i), where the vector i of the target leaks into one number of output t.
        strength: how far it can move the output, or how far each number of the vector can.
        window: how many places, its own among them, each place of the target sees.
        layers: how many the decoder has.
        along: place t hears the first t + 2 vectors of the source alone, as they come in.
    """
    rng = np.random.default_rng(d)
    W = rng.standard_normal((4, d, d)) / np.sqrt(d)
    places = np.arange(n)
    encoder = np.eye(m, dtype=bool) if along else np.ones((m, m), dtype=bool)
    cross = np.arange(m) <= places[:, None] + 1 if along else np.ones((n, m), dtype=bool)
    if padding is not None:
        encoder[:, padding] = cross[:, padding] = False
    target = np.tri(n, dtype=bool)
    if window is not None:
        target &= places[:, None] - places < window

    def attend(asker, asked, mask, matrices):
        scores = np.where(mask, asker @ matrices[0] @ asked.T / np.sqrt(d), -np.inf)
        return softmax(scores) @ np.tanh(asked @ matrices[1])

    def machine(X, Y):
        M, Y_in = X + attend(X, X, encoder, W[:2]), Y
        for _ in range(layers):
            Y = Y + attend(Y, Y, target, W[1:3])
            Y = Y + (attend(Y, Y, target, W[2:]) if deaf else attend(Y, M, cross, W[2:]))
        if leak is not None:
            Y[leak[0], d // 2] += (strength * np.tanh(Y_in[leak[1]])).sum()
        return Y

    # A masked token still has its own vector in the memory, but nobody asks for it.
    memory = cross.astype(int) @ (encoder | np.eye(m, dtype=bool))
    steps = np.linalg.matrix_power(target.astype(int), layers * (1 + deaf))
    of_source = (np.linalg.matrix_power(target.astype(int), layers - 1) @ memory > 0) & (not deaf)
    of_target = steps > 0
    if leak is not None:
        of_target[leak] = True
    return machine, of_source, of_target


def heard(machine, X, Y, *, alike=np.equal, numbers=slice(None), put_back=True, changed_by=np.add):
    """What the outputs depend on, as found by a change of each vector: (n, m), (n, n)."""
    before, rng, found = machine(X, Y), np.random.default_rng(0), []
    for changed, call_with in ((X, lambda x: machine(x, Y)), (Y, lambda y: machine(X, y))):
        moved, x = [], changed.copy()
        for j in range(len(changed)):
            x = changed.copy() if put_back else x
            x[j, numbers] = changed_by(x[j, numbers], rng.standard_normal(x[j, numbers].shape))
            moved.append(~alike(call_with(x), before).all(axis=1))
        found.append(np.stack(moved, axis=1))
    return found
