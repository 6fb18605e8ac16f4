"""How much memory tensors take while something is computed."""

import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class _Counted(TorchDispatchMode):
    """Counts the bytes of all storages that are made and still alive, on whichever device."""

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.seen = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.count(tensor.untyped_storage())
        return result

    def count(self, storage):
        if storage._cdata not in self.seen:
            self.seen.add(storage._cdata)
            self.now += storage.nbytes()
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self.free, storage._cdata, storage.nbytes())

    def free(self, key, size):
        self.seen.discard(key)
        self.now -= size


def peak_memory(compute):
    """What `compute` returns, and the most bytes that were alive on the way, its own included."""
    with _Counted() as counted:
        return compute(), counted.peak
