"""The browser's mathematics gives attnlab's numbers: node runs it on the same inputs."""

import math

import numpy as np
import pytest

from attnlab.functional.scores import dot_scores, scaled_dot_scores
from attnlab.functional.softmax import entropy, softmax, softmax_jacobian
from attnlab.widgets.normals import normals, uniforms
from tests.widgets.node import agree, in_node


def test_normals_are_the_same_for_every_seed():
    seeds = [0, 1, 9999, 2**31 - 1]
    for seed, numbers in zip(seeds, in_node(*(("normals", 50, s) for s in seeds)), strict=True):
        np.testing.assert_allclose(numbers, normals(50, seed), rtol=1e-12, atol=1e-12)


def test_uniforms_are_the_same_for_every_seed_and_even():
    numbers = uniforms(100_000, seed=5)
    np.testing.assert_array_equal(in_node(("uniforms", 50, 5))[0], numbers[:50])
    assert numbers.min() > 0 and numbers.max() < 1
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    np.testing.assert_allclose(counts / 5000, 1, atol=0.06)


def test_normals_are_normal():
    numbers = normals(100_000, seed=0)
    moments = [np.mean(numbers**power) for power in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.05)
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.01
    assert abs(np.corrcoef(numbers[:1000], normals(1000, seed=1))[0, 1]) < 0.1


@pytest.mark.parametrize("scores", [[0.3], [1.0, 2.0, 3.0], [1e4, -1e4, 1e4], [-750.0, 0.0]])
def test_softmax_and_what_follows_from_it(scores):
    p = softmax(np.array(scores))
    ours = in_node(("softmax", scores), ("entropy", p), ("softmaxJacobian", p))
    agree(ours[0], p)
    agree(ours[1], entropy(p))
    agree(ours[2], softmax_jacobian(p))


def test_norm():
    rows = normals(15, seed=2).reshape(3, 5)
    agree(in_node(("norm", rows))[0], np.linalg.norm(rows))


def test_dot_scores_read_the_first_d_k_numbers():
    q, k = normals(7, seed=3), normals(5 * 7, seed=4).reshape(5, 7)
    for d_k in (1, 3, 7):
        (scores,) = in_node(("dotScores", q, k, d_k))
        agree(scores, dot_scores(q[None, :d_k], k[:, :d_k])[0])


def test_mean_entropies():
    queries, keys = normals(3 * 17, 5).reshape(3, 17), normals(11 * 17, 6).reshape(11, 17)
    widths = [1, 2, 5, 17]
    (ours,) = in_node(("meanEntropies", queries, keys, widths))
    for name, scores in (("raw", dot_scores), ("scaled", scaled_dot_scores)):
        nats = [entropy(softmax(scores(queries[:, :d], keys[:, :d]))).mean() for d in widths]
        agree(ours[name], np.array(nats) / math.log(11))


def test_orthogonal_is_the_q_of_qr():
    rows = normals(7 * 7, seed=7).reshape(7, 7)
    q, r = np.linalg.qr(rows)
    np.testing.assert_allclose(
        in_node(("orthogonal", rows))[0], q * np.sign(np.diag(r)), atol=1e-12
    )
