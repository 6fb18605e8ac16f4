"""Random numbers that Python draws like the browser, whose twins are in js/mathematics.js."""

import numpy as np


def normals(count: int, seed: int) -> np.ndarray:
    r"""`count` draws from the standard normal distribution.

    Each comes from two of `uniforms` through $\sqrt{-2\ln u_1}\cos(2\pi u_2)$.

    Shapes: returns (count,), float64.
    Source: Box & Muller (1958), "A note on the generation of random normal deviates".

    >>> normals(3, seed=0).round(3)
    array([-0.717, -0.508,  1.875])
    """
    u = uniforms(2 * count, seed)
    return np.sqrt(-2 * np.log(u[0::2])) * np.cos(2 * np.pi * u[1::2])


def uniforms(count: int, seed: int) -> np.ndarray:
    """`count` numbers between 0 and 1, each as likely as any other.

    The generator is a counter passed through a hash, so NumPy makes all numbers at once and
    JavaScript needs no more than 32-bit multiplication.

    Shapes: returns (count,), float64.
    Source: the hash is the finalizer of Appleby's MurmurHash3.

    >>> uniforms(3, seed=0).round(3)
    array([0.187, 0.314, 0.798])
    """
    counter = np.arange(count, dtype=np.uint32)
    start = _hash(np.array([seed + 1], dtype=np.uint32))  # far apart for neighboring seeds
    return (_hash(start + counter * np.uint32(0x9E3779B9)) + 0.5) / 2**32


def _hash(x: np.ndarray) -> np.ndarray:
    """uint32 to uint32, one to one; products wrap around at 2³²."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))
