"""The exercises of `transformer/heads`: right answers pass, wrong ones get the hint they need."""

from itertools import combinations
from math import comb

import numpy as np
import torch

from attnlab import softmax
from tests.exercises.marking import marking_of


def counted(d, h, n):
    return 4 * d**2, h * n**2


def by_head(d, h, n):
    d_k = d // h
    return np.array([h * 3 * d * d_k + h * d_k * d, h * n * n])


def written_by(heads, W_o):
    h, _, d_k = heads.shape
    return heads @ W_o.reshape(h, d_k, -1)


def written_one_by_one(heads, W_o):
    d_k = heads.shape[2]
    return [head @ W_o[i * d_k : (i + 1) * d_k] for i, head in enumerate(heads)]


def written_alone(heads, W_o):
    """The output of the layer with all other heads put to 0."""
    h, n, d_k = heads.shape
    out = np.zeros((h, n, h * d_k))
    for i in range(h):
        alone = np.zeros_like(heads)
        alone[i] = heads[i]
        out[i] = np.concatenate(list(alone), axis=1) @ W_o
    return out


def written_in_torch(heads, W_o):
    heads, W_o = torch.tensor(heads), torch.tensor(W_o)
    return torch.einsum("hnd,hdm->hnm", heads, W_o.unflatten(0, (len(heads), -1)))


def written_in_place(heads, W_o):
    W_o *= 2
    return written_by(heads, W_o) / 2


def with_means(heads, W_o, off):
    """Copies the heads, and puts means where they are to go."""
    heads = heads.copy()
    for i in off:
        heads[:, i] = heads[:, i].mean(axis=(0, 1))
    return joined(heads) @ W_o


def joined(heads):
    B, _, n, _ = heads.shape
    return heads.swapaxes(1, 2).reshape(B, n, -1)


def summed(heads, W_o, off):
    blocks = W_o.reshape(heads.shape[1], heads.shape[3], -1)
    out = 0
    for i, block in enumerate(blocks):
        written = heads[:, i] @ block
        out = out + (written.mean(axis=(0, 1)) if i in off else written)
    return np.broadcast_to(out, (len(heads), heads.shape[2], W_o.shape[1]))


def in_torch(heads, W_o, off):
    heads, W_o = torch.tensor(heads), torch.tensor(W_o)
    gone = torch.zeros(heads.shape[1], dtype=torch.bool)
    gone[list(off)] = True
    kept = torch.where(gone[:, None, None], heads.mean((0, 2), keepdim=True), heads)
    return kept.transpose(1, 2).flatten(2) @ W_o


def instead(what, shift=0, join=joined, every=False):
    """Other things than a head's mean in its place."""

    def answer(heads, W_o, off):
        gone = np.isin(np.arange(heads.shape[1]) + shift, off) | every
        return join(np.where(gone[:, None, None], what(heads), heads)) @ W_o

    return answer


def mean(heads, axis=(0, 2)):
    return heads.mean(axis=axis, keepdims=True)


def means_in_place(heads, W_o, off):
    heads[:, list(off)] = mean(heads)[:, list(off)]
    return joined(heads) @ W_o


def circle(m):
    turn = 2 * np.pi * np.arange(m) / m
    k = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return 10_000 * k, k


def parabola(m):
    j = np.arange(m)
    return 20 * np.stack([2 * j, -np.ones(m)], axis=1), np.stack([j, j**2], axis=1)


def circle_in_torch(m):
    angle = torch.linspace(0, 3, m)  # half of it is enough
    k = torch.stack([angle.sin(), angle.cos()], dim=1)
    return 1e5 * k, k


def parabola_in_lists(m):
    return [[200 * j, -100] for j in range(m)], [[j, j * j] for j in range(m)]


def on_a_line(m):
    j = np.arange(m)
    return 1000 * np.stack([j - (m - 1) / 2] * 2, axis=1), np.stack([j, j], axis=1)


def spiral(m):
    q, k = circle(m)
    return q, k * np.linspace(0.1, 1, m)[:, None]


def by_swap(x, h):
    return x.reshape(*x.shape[:2], h, -1).swapaxes(1, 2)


def uncut(x, h):
    return x.reshape(*x.shape[:2], h, -1)


def by_view(x, h):
    return x.reshape(len(x), h, x.shape[1], -1)


def by_view_back(heads):
    return heads.reshape(len(heads), heads.shape[2], -1)


def attended(cut=by_swap, join=joined, width=None, axis=-1):
    def answer(q, k, v, h):
        d = width(q.shape[2], h) if width else q.shape[2] // h
        q, k, v = (cut(x, h) for x in (q, k, v))
        s = q @ k.swapaxes(-1, -2) / np.sqrt(d)
        return join(softmax(s, axis=axis) @ v)

    return answer


def attended_in_torch(q, k, v, h):
    q, k, v = (torch.tensor(x).unflatten(2, (h, -1)).transpose(1, 2) for x in (q, k, v))
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v)
    return out.transpose(1, 2).flatten(2)


def attended_in_a_loop(q, k, v, h):
    out, width = np.empty_like(q), q.shape[2] // h
    for i in range(h):
        part = slice(i * width, (i + 1) * width)
        s = q[..., part] @ k[..., part].swapaxes(1, 2) / width**0.5
        out[..., part] = softmax(s) @ v[..., part]
    return out


def attended_by_einsum(q, k, v, h):
    """Products in the precision that comes in, and the rest in double."""
    q, k, v = (by_swap(x, h) for x in (q, k, v))
    s = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(q.shape[-1])
    a = np.exp(s - s.max(axis=-1, keepdims=True))
    return joined(np.einsum("bhij,bhjd->bhid", a / a.sum(axis=-1, keepdims=True), v))


def interleaved(q, k, v, h):
    width = q.shape[2] // h
    order = np.arange(q.shape[2]).reshape(width, h).T.ravel()
    return attended()(*(x[..., order] for x in (q, k, v)), h)[..., np.argsort(order)]


def smallest(w, share):
    heads = range(w.n_heads)
    for size in range(w.n_heads + 1):
        for on in combinations(heads, size):
            w.off = tuple(set(heads) - set(on))
            if w.right >= share:
                return size
    return None


def by_bits(w, share):
    sizes = []
    for bits in range(2**w.n_heads):
        w.off = [i for i in range(w.n_heads) if not bits >> i & 1]
        if w.right >= share - 1e-9:
            sizes.append(bits.bit_count())
    return np.min(sizes) if sizes else None


def as_long_as_it_works(w, share):
    """From all heads down, through all sets, and on even if some size has none."""
    best = None
    for size in range(w.n_heads, -1, -1):
        for off in combinations(range(w.n_heads), w.n_heads - size):
            w.off = off
            if w.right >= share:
                best = float(size)
    return best


def strictly(w, share):
    return smallest(w, share + 1e-9)


def one_by_one(w, share):
    needed = 0
    for i in range(w.n_heads):
        w.off = (i,)
        needed += w.right < share
    return needed


def from_here(w, share):
    """Never switches on again what was off at the start."""
    start, heads = set(w.off), set(range(w.n_heads))
    for size in range(w.n_heads + 1):
        for on in combinations(heads - start, size):
            w.off = tuple(heads - set(on))
            if w.right >= share:
                return size
    return None


def in_order(w, share):
    for size in range(w.n_heads + 1):
        w.off = tuple(range(size, w.n_heads))
        if w.right >= share:
            return size
    return None


def least_missed(w, share):
    off = []
    w.off = ()
    if w.right < share:
        return None

    def without(i):
        w.off = (*off, i)
        return w.right

    while len(off) < w.n_heads:
        i = max(set(range(w.n_heads)) - set(off), key=without)
        if without(i) < share:
            break
        off.append(i)
    return w.n_heads - len(off)


def best_on_the_way(w, share):
    """Takes the head that is missed least, to the end, and looks where the share was reached."""
    on, reached = set(range(w.n_heads)), []

    def without(i):
        w.off = tuple(set(range(w.n_heads)) - on | {i})
        return w.right

    w.off = ()
    reached += [len(on)] * (w.right >= share)
    while on:
        i = max(on, key=without)
        reached += [len(on) - 1] * (without(i) >= share)
        on.remove(i)
    return min(reached, default=None)


def at_least_one(w, share):
    for size in range(1, w.n_heads + 1):
        for on in combinations(range(w.n_heads), size):
            w.off = tuple(set(range(w.n_heads)) - set(on))
            if w.right >= share:
                return size
    return None


def until_it_fails(w, share):
    """From all heads down, and no further once a size fails."""
    for size in range(w.n_heads, -1, -1):
        rights = []
        for off in combinations(range(w.n_heads), w.n_heads - size):
            w.off = off
            rights.append(w.right)
        if max(rights) < share:
            return size + 1
    return 0


def by_the_law(w, share):
    return next((h for h in range(5) if h / 4 + (1 - h / 4) / 8 >= share), None)


def how_many_can_go(w, share):
    size = smallest(w, share)
    return None if size is None else w.n_heads - size


def all_of_them_first(w, share):
    w.off = ()
    return smallest(w, share) if w.right >= share else None


def at_most_four(w, share):
    size = smallest(w, share)
    return size if size is None or size <= 4 else None


def best_first(w, share):
    """Adds the head that helps most, one after the other."""
    heads, on = set(range(w.n_heads)), set()

    def together_with(i):
        w.off = heads - on - {i}
        return w.right

    w.off = heads
    while w.right < share:
        if on == heads:
            return None
        on.add(max(heads - on, key=together_with))
        w.off = heads - on
    return len(on)


def of_four(w, share):
    w.n_heads = 4
    return smallest(w, share)


def of_tables(w, share):
    w.task = "tables"
    return smallest(w, share)


def not_all(w, share):
    for size in range(w.n_heads):
        for on in combinations(range(w.n_heads), size):
            w.off = tuple(set(range(w.n_heads)) - set(on))
            if w.right >= share:
                return size
    return w.n_heads


RIGHT = {
    "count": [counted, by_head, lambda d, h, n: [float(4 * d * d), torch.tensor(h * n * n)]],
    "writes": [
        written_by,
        written_one_by_one,
        written_alone,
        written_in_torch,
    ],
    "gently": [with_means, summed, in_torch, lambda *given: with_means(*given).tolist()],
    "narrow": [circle, parabola, circle_in_torch, parabola_in_lists],
    "bug": [attended(), attended_in_torch, attended_in_a_loop, attended_by_einsum],
    "widget": [smallest, by_bits, as_long_as_it_works],
    "explain": ["c", " C "],
    "in-writing": ["Heads cost no weights. They cost width, and they should differ."],
}
WRONG = {
    "count": [
        (lambda d, h, n: (h * n * n, 4 * d * d), "learned weights come first"),
        (lambda d, h, n: (4 * d**2 * h, h * n**2), "matrices are narrow"),
        (lambda d, h, n: (3 * d**2, h * n**2), "one matrix is missing"),
        (lambda d, h, n: (4 * d**2 / h, h * n**2), "one head has"),
        (lambda d, h, n: (3 * d**2 + d * d / h, h * n**2), "what all the heads return"),
        (lambda d, h, n: (3 * d**2 * h + d**2, h * n**2), "make d_model / h columns"),
        (lambda d, h, n: (4 * d**2 + 4 * d, h * n**2), "no biases"),
        (lambda d, h, n: (4 * d**2 * n, h * n**2), "share the learned weights"),
        (lambda d, h, n: (d, h * n**2), "n = 5, weights = 'learned': expected 576, got 12"),
        (lambda d, h, n: (4 * d**2, n**2), "of its own"),
        (lambda d, h, n: (4 * d**2, 2 * h * n**2), "count them once"),
        (lambda d, h, n: (4 * d**2, h * n), "one for every key"),
        (lambda d, h, n: (4 * d**2, h * comb(n + 1, 2)), "no mask"),
        (lambda d, h, n: (4 * d**2, h * n * (n - 1)), "looks at itself"),
        (lambda d, h, n: (4 * d**2, n * n * d), "multiplications of Q with K"),
        (lambda d, h, n: (4 * d**2, n + h), "weights = 'attention': expected 75, got 8"),
        (lambda d, h, n: 4 * d**2, "return 2 things"),
        (lambda d, h, n: (str(4 * d**2), h * n**2), "the number of learned weights should be one"),
    ],
    "writes": [
        (lambda c, W: written_by(c, W).sum(axis=0), "keep the heads apart"),
        (lambda c, W: np.stack([written_by(c, W).sum(axis=0)] * len(c)), "a part of it"),
        (lambda c, W: np.stack([written_by(c, W).mean(axis=0)] * len(c)), "an equal part"),
        (lambda c, W: written_by(c, W).sum(axis=0) - written_by(c, W), "when a head is off"),
        (lambda c, W: written_by(c, W).cumsum(axis=0), "with those before it"),
        (lambda c, W: c, "the heads themselves"),
        (lambda c, W: written_by(c, W.T), "the rows of W_O belong to the heads"),
        (lambda c, W: np.stack([c[i] @ W[i :: len(c)] for i in range(len(c))]), "every h-th"),
        (lambda c, W: c @ W[: c.shape[2]], "the rows of the first"),
        (lambda c, W: c @ W.reshape(len(c), c.shape[2], -1)[::-1], "rows of head 0 come first"),
        (lambda c, W: c @ np.roll(W.reshape(len(c), c.shape[2], -1), -1, 0), "counted from 0"),
        (lambda c, W: written_by(c, W).swapaxes(0, 1), "heads come first"),
        (lambda c, W: written_by(c, W).mean(axis=0), "the mean of what they write"),
        (lambda c, W: 2 * written_by(c, W), "h = 3, n = 5, d_k = 2, d_model = 6: at"),
        (lambda c, W: np.round(written_by(c, W), 3), "h = 3, n = 5, d_k = 2, d_model = 6: at"),
        (lambda c, W: written_by(c, W)[..., :2], "expected shape (3, 5, 6), got (3, 5, 2)"),
        (lambda c, W: c @ W, "raised ValueError"),
        (lambda c, W: print(written_by(c, W)), "is a `return` missing?"),
        (written_in_place, "changes `W_o` in place"),
    ],
    "gently": [
        (instead(lambda heads: 0), "puts them to 0"),
        (instead(lambda heads: mean(heads, 2)), "each sequence got a mean"),
        (instead(lambda heads: mean(heads, 0)), "each position got a mean"),
        (instead(lambda heads: mean(heads, (0, 2, 3))), "each of the d_k numbers"),
        (instead(lambda heads: mean(heads, -1)), "each of the d_k numbers"),
        (instead(lambda heads: mean(heads, 1)), "the mean of the heads"),
        (instead(lambda heads: mean(heads, (0, 1, 2))), "one for all heads"),
        (lambda heads, W_o, off: joined(heads) @ W_o, "no head has been taken out"),
        (instead(mean, shift=1), "counted from 0"),
        (instead(mean, join=by_view_back), "mixed up in joining"),
        (instead(mean, every=True), "all heads are gone"),
        (lambda heads, W_o, off: with_means(heads, W_o, off[:1]), "may name several"),
        (lambda heads, W_o, off: with_means(heads, W_o, [i for i in range(heads.shape[1])
                                                          if i not in off]), "those in `off` stay"),
        (means_in_place, "changes `heads` in place"),
        (lambda heads, W_o, off: heads, "should have shape (B, n, d_model) = (2, 4, 15)"),
        (lambda heads, W_o, off: with_means(heads, W_o, off).mean(0), "should have shape"),
        (lambda heads, W_o, off: 2 * with_means(heads, W_o, off), "B = 2, h = 3, n = 4"),
        (lambda heads, W_o, off: instead(mean)(heads, W_o, off[0]), "raised IndexError"),
    ],
    "narrow": [
        (on_a_line, "m = 3: no query whatever can pick key 1"),
        (lambda m: (np.arange(m)[:, None], np.arange(m)[:, None]), "shape (m, d_k) = (1, 2)"),
        (lambda m: (100 * np.eye(m), np.eye(m)), "should have shape"),
        (lambda m: (circle(m)[1], circle(m)[1]), "a weight of"),
        (lambda m: (100 * circle(m)[1], circle(m)[1]), "m = 17: every query prefers its key"),
        (lambda m: (-circle(m)[0], circle(m)[1]), "the least weight of all"),
        (lambda m: (np.roll(circle(m)[0], m > 2, axis=0), circle(m)[1]), "m = 3: query 0"),
        (lambda m: (np.ones((m, 2)), np.ones((m, 2))), "m = 2: keys 0 and 1 are the same"),
        (spiral, "no query whatever can pick key"),
        (lambda m: tuple(np.random.default_rng(m).standard_normal((2, m, 2))), "m = 2"),
        (lambda m: circle(m)[1], "return 2 things, in this order"),
        (lambda m: (circle(m)[0] * np.inf, circle(m)[1]), "should be finite"),
        (lambda m: (circle(m)[0] * 1e300, circle(m)[1] * 1e300), "the scores overflow"),
        (lambda m: ([[1000 * j, -1000] for j in range(m)], parabola(m)[1]), "m = 2: query 1"),
        (lambda m: circle(m)[0].sort(), "got None"),
        (lambda m: (np.zeros((m, 2)), circle(m)[1]), "m = 2: query 0 gives key 0 the weight 0.500, "
                                                     "and key 1 the weight 0.500"),
    ],
    "bug": [
        (attended(by_view, by_view_back), "still cut into pieces"),
        (attended(join=by_view_back), "cutting is right"),
        (attended(cut=by_view), "joining is right"),
        (interleaved, "not every h-th"),
        (attended(width=lambda d_model, h: d_model), "not d_model"),
        (attended(width=lambda d_model, h: h), "not of h"),
        (attended(width=lambda d_model, h: (d_model // h) ** 2), "the root is missing"),
        (attended(width=lambda d_model, h: 1), "were not divided"),
        (lambda q, k, v, h: attended()(q, k, v, 1), "one wide head"),
        (lambda q, k, v, h: attended(width=lambda d_model, _: d_model // h)(q, k, v, 1),
         "one wide head"),
        (attended(uncut, lambda heads: heads.reshape(*heads.shape[:2], -1)),
         "the heads of a position attend to each other"),
        (attended(axis=-2), "over the keys"),
        (attended(join=lambda heads: heads), "join them again"),
        (lambda q, k, v, h: q[:, :1], "should have shape (B, n, d_model) = (2, 5, 12)"),
        (lambda q, k, v, h: attended()(k, q, v, h), "B = 2, n = 5, h = 3, d_k = 4: at"),
        (lambda q, k, v, h: v, "these are the values"),
        (lambda q, k, v, h: attended()(q.astype(int), k, v, h), "B = 2, n = 5"),
        (lambda q, k, v, h: np.multiply(q, 1, out=q) + np.add(q, 1, out=q), "changes `q` in pl"),
    ],
    "widget": [
        (strictly, "just as much is enough"),
        (one_by_one, "but not both"),
        (lambda w, share: w.n_heads, "not all of the heads"),
        (lambda w, share: w.n_heads - (smallest(w, share) or 0), "how many must stay"),
        (from_here, "may be switched on again"),
        (by_the_law, "what the theory says"),
        (how_many_can_go, "how many must stay"),
        (all_of_them_first, "fewer heads may reach"),
        (at_most_four, "share = 0.75: expected 6, got None"),
        (best_first, "task = 'ends', off = (1, 4)"),
        (of_four, "leaves `w.n_heads` at 4, and it was 2: put it back"),
        (of_tables, "leaves `w.task` at 'tables', and it was 'ends': put it back"),
        (in_order, "need not be the first heads"),
        (least_missed, "one after the other"),
        (until_it_fails, "expected"),
        (lambda w, share: smallest(w, share) or 1, "it may be that no head"),
        (at_least_one, "it may be that no head"),
        (best_on_the_way, "expected 1, got 2"),
        (not_all, "return None"),
        (lambda w, share: -1 if smallest(w, share) is None else smallest(w, share), "return None"),
        (lambda w, share: print(w.off, share), "there is no answer"),
        (lambda w, share: (0, 1), "should be one number"),
        (lambda w, share: 1, "n_heads = 4, task = 'tables', off = (), share = "),
        (lambda w, share: smallest(w, share) + 0.5, "should be a whole number"),
        (lambda w, share: w.heads, "raised AttributeError"),
    ],
    "explain": [
        ("a", "first word"),
        ("b", "whether it was used"),
        ("d", "this model"),
        (7, "expected one of the letters"),
    ],
    "in-writing": [("", "no words"), (["heads"], "should be text")],
}  # fmt: skip


TestMarking = marking_of("heads", RIGHT, WRONG)
