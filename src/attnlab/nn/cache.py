"""What decoding remembers: the keys and values of the positions before."""

from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.nn.finite import known_finite
from attnlab.nn.kernels import mixed_precision


class KeyValueCache:
    """Keys and values of up to `max_len` positions, in memory that is taken once.

    Letters: B batch, h heads, T positions so far, n new ones, d_k and d_v widths of one head.

    Args:
        batch, n_heads, max_len, d_k, d_v: sizes, 1 or more (the batch may be 0).
        like: a tensor of floats, whose dtype and device the cache is to have.

    Raises:
        TypeError: a size is not an integer, or `like` no tensor of floats.
        ValueError: a size is too small.

    >>> import torch
    >>> cache = KeyValueCache(batch=1, n_heads=1, max_len=3, d_k=2, d_v=2, like=torch.ones(1))
    >>> k = v = torch.ones(1, 1, 1, 2)
    >>> _ = cache.append(k, v)
    >>> cache.append(2 * k, 2 * v)[0].tolist()
    [[[[1.0, 1.0], [2.0, 2.0]]]]
    """

    def __init__(self, *, batch: int, n_heads: int, max_len: int, d_k: int, d_v: int, like: Tensor):
        (batch,) = settings.count(0, batch=batch)
        n_heads, max_len, d_k, d_v = settings.count(
            1, n_heads=n_heads, max_len=max_len, d_k=d_k, d_v=d_v
        )
        check.tensors(like=like)
        check.floats(like=like)
        self.length = 0
        self.finite = True  # whether all that was appended is known to be finite
        self._keys = like.new_empty(batch, n_heads, max_len, d_k)
        self._values = like.new_empty(batch, n_heads, max_len, d_v)

    def append(self, k: Tensor, v: Tensor, *, finite: bool = False) -> tuple[Tensor, Tensor]:
        """Add k `(B, h, n, d_k)` and v `(B, h, n, d_v)`; return all so far, `(B, h, T, ...)`.

        What is returned are views: they are good until the next call. Gradients do not flow into
        the cache. Whoever knows that k and v are `finite` tensors saves a look at them.

        Raises:
            TypeError: k or v is no tensor, or of another dtype than the cache (which, under
                autocast, has its own all the same), or finite neither True nor False.
            ValueError: k or v has another shape than the cache takes, is on another device, or
                does not fit into it.
        """
        settings.flag(finite=finite)
        if not finite:
            check.tensors(k=k, v=v)
        start, end = self.length, self.length + (k.shape[2] if k.ndim == 4 else 0)
        for name, new, kept in (("k", k, self._keys), ("v", v, self._values)):
            room = (*kept.shape[:2], end - start, kept.shape[3])
            if new.shape != room:
                raise ValueError(f"cache takes {name} of shape {room}, got {tuple(new.shape)}")
            if new.device != kept.device:
                raise ValueError(f"cache takes {name} on {kept.device}, got {new.device}")
            if new.dtype != kept.dtype and not mixed_precision(kept):
                raise TypeError(f"cache takes {name} of {kept.dtype}, got {new.dtype}")
        if end > self._keys.shape[2]:
            raise ValueError(f"cache holds {self._keys.shape[2]} positions, got {end}")
        self._keys[:, :, start:end] = k.detach()
        self._values[:, :, start:end] = v.detach()
        self.length = end
        self.finite = self.finite and (finite or known_finite(k, v))
        return self._keys[:, :, :end], self._values[:, :, :end]

    def select(self, rows: Tensor) -> None:
        """Keep the given rows of the batch, in the given order; one may come several times.

        Raises:
            TypeError: rows are no tensor of integers.
            ValueError: rows are not `(B,)`, on another device, or not from 0 to B − 1.
        """
        rows = contents.rows(len(self._keys), self._keys, rows=rows)
        self._keys, self._values = self._keys[rows], self._values[rows]
