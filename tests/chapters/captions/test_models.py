"""Eyes and speakers: what they are made of, what they say, and how it is scored."""

import pytest
import torch

from attnlab.chapters.captions.by_rule import by_rule
from attnlab.chapters.captions.kept import keep, kept, stored_eyes, stored_speaker
from attnlab.chapters.captions.models import (
    Eyes,
    Speaker,
    share_seen,
    spoken_digits,
)
from attnlab.chapters.captions.scenes import Scenes
from attnlab.chapters.captions.speaking import blanked, learn, looks, said, scores, wiped


@pytest.fixture(scope="module")
def batch():
    return Scenes().batch(200, split="test", generator=torch.Generator().manual_seed(0))


def test_what_the_eyes_find_is_in_the_cell_that_has_most_of_it(batch):
    eyes = Eyes()
    logits = eyes.name(eyes(batch.src))  # (B, 36, 10)
    assert eyes.found(batch.src).equal(logits.max(1).values)


def test_stored_eyes_see_and_new_ones_do_not(batch):
    assert share_seen(stored_eyes(0), batch) > 0.8
    assert share_seen(Eyes(), batch) < 0.3


def test_a_seed_that_is_not_stored_is_refused():
    with pytest.raises(ValueError, match=r"seed must be one of \[0, 1, 2\], got 7"):
        stored_eyes(7)


@pytest.mark.parametrize("told", ["mean", "flat", "grid", "no places", "self"])
def test_a_speaker_learns_and_its_eyes_stay_as_they_were(told):
    eyes = Eyes()
    before = {name: tensor.clone() for name, tensor in eyes.state_dict().items()}
    speaker = learn(eyes, told, 20, seed=0)
    assert all(before[name].equal(tensor) for name, tensor in speaker.eyes.state_dict().items())
    assert all(p.grad is None for p in eyes.parameters())
    assert speaker.read_out.weight.grad is not None


@pytest.mark.parametrize(("told", "moved"), [("mean", False), ("no places", False), ("grid", True)])
def test_without_places_a_speaker_cannot_tell_where_the_cells_are(told, moved, batch, monkeypatch):
    speaker = Speaker(Eyes(), told)
    before = speaker(batch.src, batch.tgt_in)
    order = torch.randperm(36, generator=torch.Generator().manual_seed(0))
    seen = speaker.eyes(batch.src)[:, order]
    monkeypatch.setattr(speaker.eyes, "forward", lambda _: seen)
    after = speaker(batch.src, batch.tgt_in)
    assert (not torch.allclose(before, after, atol=1e-4)) is moved


def test_the_rule_says_where_the_largest_logits_are_and_never_a_digit_twice(monkeypatch):
    eyes = Eyes()
    logits = torch.full((2, 36, 10), -1.0)
    logits[0, 2, 7] = logits[0, 32, 3] = 5.0  # seven near the top, three far below it
    logits[1, 12, 0] = logits[1, 17, 9] = 5.0
    monkeypatch.setattr(eyes.name, "forward", lambda _: logits)
    assert by_rule(eyes, torch.zeros(2, 24, 24)).tolist() == [[11, 14, 7, 2], [4, 15, 13, 2]]


def test_scores_count_words_and_whole_captions(batch):
    words = batch.tgt_out.clone()
    assert scores(words, batch) == {"exact": 1, "first": 1, "relation": 1, "second": 1}
    words[:50, 0] = 0
    words[50:100, 2] = 0
    found = scores(words, batch)
    assert found == {"exact": 0.5, "first": 0.75, "relation": 1, "second": 0.75}


def test_pointing_is_scored_where_a_speaker_attends(batch):
    speaker = Speaker(Eyes(), "grid")
    weights = looks(speaker, batch)
    hits = batch.alignment.gather(2, weights.argmax(-1, keepdim=True))[:, [0, 2], 0]
    found = scores(said(speaker, batch.src), batch, speaker)
    assert found["pointing"] == pytest.approx(hits.double().mean().item(), abs=1e-3)
    assert "pointing" not in scores(batch.tgt_out, batch, Speaker(Eyes(), "mean"))


def test_wiped_are_the_pixels_around_a_cells_middle():
    kept = wiped(torch.ones(2, 24, 24), torch.tensor([7, 35]))
    assert kept[0, 2:10, 2:10].sum() == 0 and kept[0].sum() == 24 * 24 - 64
    assert kept[1, 18:, 18:].sum() == 0 and kept[1].sum() == 24 * 24 - 36


def test_blanking_counts_captions_that_were_right(batch):
    """A speaker that always says what is wanted, from ink at a cell of its own for each word."""

    class Told:
        def __call__(self, pictures, words, return_weights=False):
            logits = torch.nn.functional.one_hot(batch.tgt_out, 16).float()
            gone = (pictures != batch.src).flatten(1).any(1)
            logits[gone, 0] = 0  # the first word is lost, wherever the picture is wiped
            weights = batch.alignment.float()
            return (logits, weights) if return_weights else logits

    assert blanked(Told(), batch) == {"own": 0.5, "other": 0.5}


def test_what_eyes_are_asked_is_the_two_digits(batch):
    assert spoken_digits(batch).min() >= 0 and spoken_digits(batch).max() <= 9


def test_what_is_kept_comes_back_within_half_a_step(tmp_path):
    tensors = {"a": torch.randn(5, 7), "b c": 3 * torch.randn(4)}
    keep(tmp_path / "some.npz", tensors)
    back = kept(tmp_path / "some.npz")
    assert {*back} == {*tensors}
    for name, tensor in tensors.items():
        step = tensor.abs().max() / 127
        torch.testing.assert_close(back[name], tensor, atol=0.51 * step.item(), rtol=0)


def test_the_stored_speaker_can_speak(batch):
    speaker = stored_speaker()
    assert scores(said(speaker, batch.src), batch, speaker)["exact"] > 0.6
