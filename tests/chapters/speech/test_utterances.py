"""Utterances, the ear, and what is counted: nobody's company in a batch changes anything."""

import numpy as np
import pytest
import torch

from attnlab.chapters.speech.cutting import by_cutting
from attnlab.chapters.speech.models import STRIDE, Ear, Marker, Speller, ctc_loss
from attnlab.chapters.speech.recording import N_BANDS, heard
from attnlab.chapters.speech.scoring import error, looks, marked, mistakes, spelled
from attnlab.chapters.speech.sound import whisper
from attnlab.chapters.speech.utterances import Utterances, noisy, said, voices, words
from attnlab.tasks.vocabulary import BOS, EOS, PAD, SPECIAL


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_no_voice_is_in_both_splits():
    assert sorted(voices("train") + voices("test")) == list(range(32))
    with pytest.raises(ValueError, match="split must be one of"):
        voices("valid")


def test_a_batch_holds_what_is_said_and_where():
    batch = Utterances(2, 5).batch(20, generator=seeded())
    for row in range(20):
        tokens = batch.tgt_out[row]
        n = int((tokens >= len(SPECIAL)).sum())
        assert tokens[n] == EOS and (tokens[n + 1 :] == PAD).all()
        assert batch.tgt_in[row, 0] == BOS and (batch.tgt_in[row, 1 : n + 1] == tokens[:n]).all()
        places = batch.alignment[row]
        assert not places[n:].any()
        starts = [int(place.nonzero()[0]) for place in places[:n]]
        assert starts == sorted(starts)
        lengths = {len(voice[tokens[0] - len(SPECIAL)]) for voice in words()}
        assert int(places[0].sum()) in lengths
        m = int(batch.src_mask[row].sum())
        assert (batch.src[row, m:] == 0).all() and batch.src[row, :m].any(1).all()


def test_backwards_turns_text_and_places_round():
    forwards, backwards = (
        Utterances(3, 3, backwards=back).batch(4, generator=seeded()) for back in (False, True)
    )
    assert torch.equal(forwards.src, backwards.src)
    assert torch.equal(forwards.tgt_out[:, :3].flip(1), backwards.tgt_out[:, :3])
    assert torch.equal(forwards.alignment[:, :3].flip(1), backwards.alignment[:, :3])


def test_one_digit_again_and_again_with_the_pauses_that_are_asked_for():
    batch = Utterances(4, 4, same=True, pauses=(3, 3)).batch(5, generator=seeded())
    assert (batch.tgt_out[:, :4] == batch.tgt_out[:, :1]).all()
    start, end = (batch.alignment[0, i].nonzero()[[0, -1], 0] for i in (0, 1))
    assert start[0] == 3 and end[0] - start[1] == 4


@pytest.mark.parametrize(
    ("given", "error_", "match"),
    [
        ({"min_len": 0}, ValueError, "min_len"),
        ({"min_len": 3, "max_len": 2}, ValueError, "max_len"),
        ({"min_len": 2.5}, TypeError, "min_len"),
    ],
)
def test_bad_lengths_are_refused(given, error_, match):
    with pytest.raises(error_, match=match):
        Utterances(**given)


@pytest.mark.parametrize("make", [Speller, Marker])
def test_alone_and_in_a_batch_the_same_is_heard(make):
    torch.manual_seed(0)
    model = make(6).double().eval()
    batch = Utterances(1, 6).batch(7, generator=seeded())
    frames = batch.src.double()
    for row in range(7):
        m, n = int(batch.src_mask[row].sum()), int((batch.tgt_in[row] != PAD).sum())
        alone, real = frames[row : row + 1, :m], torch.ones(1, 1, m, dtype=torch.bool)
        if make is Speller:
            together = model(frames, batch.tgt_in, src_mask=batch.src_mask)[row, :n]
            by_itself = model(alone, batch.tgt_in[row : row + 1, :n], src_mask=real)[0]
            unmasked = model(alone, batch.tgt_in[row : row + 1, :n])[0]
            torch.testing.assert_close(unmasked, by_itself)
        else:
            logits, mask = model(frames, batch.src_mask)
            together, by_itself = logits[row, mask[row, 0]], model(alone, real)[0][0]
        torch.testing.assert_close(together, by_itself)


def test_the_ear_hears_both_ways():
    torch.manual_seed(0)
    ear, frames = Ear(6), torch.rand(1, 11, 20)
    mask = torch.ones(1, 1, 11, dtype=torch.bool)
    before = ear(frames, mask)[0]
    frames[0, -1] += 1
    assert (ear(frames, mask)[0][0, 0] != before[0, 0]).any()
    assert before.shape[1] == -(-11 // STRIDE)


class Telling:
    """A marker that says what it is told, in logits."""

    def __init__(self, paths):
        self.paths = torch.tensor(paths)

    def __call__(self, frames, mask):
        return torch.nn.functional.one_hot(self.paths, 11).float() * 50, mask[..., ::STRIDE]


def test_ctc_loss_is_small_where_the_path_says_the_digits_and_only_then():
    batch = Utterances(2, 2).batch(3, generator=seeded())
    digits = batch.tgt_out[:, :2] - len(SPECIAL) + 1
    t = -(-batch.src.shape[1] // STRIDE)
    paths = torch.zeros(3, t, dtype=torch.int64)
    paths[:, 2], paths[:, 4] = digits[:, 0], digits[:, 1]
    assert ctc_loss(Telling(paths.tolist()), batch) < 1e-3
    assert error(marked(Telling(paths.tolist()), batch), batch) == 0
    paths[:, 4] = 0
    assert ctc_loss(Telling(paths.tolist()), batch) > 1
    assert error(marked(Telling(paths.tolist()), batch), batch) == 0.5


def test_mistakes_are_counted_in_digits_that_were_said():
    batch = Utterances(4, 4).batch(2, generator=seeded())
    wanted = [[token - len(SPECIAL) for token in row[:4].tolist()] for row in batch.tgt_out]
    assert error(wanted, batch) == 0
    assert error([row[:3] for row in wanted], batch) == 0.25
    assert error([row * 3 for row in wanted], batch) == 2
    assert mistakes([1, 2, 3], [2, 3, 3]) == 2


def test_an_untrained_speller_ends_some_time():
    torch.manual_seed(0)
    batch = Utterances(2, 3).batch(3, generator=seeded())
    assert max(map(len, spelled(Speller(6), batch))) <= batch.tgt_out.shape[1] + 8
    assert set(looks(Speller(6), batch)) == {"inside", "onward"}


def test_cutting_knows_words_that_stand_apart():
    apart = Utterances(3, 3, pauses=(6, 6)).batch(40, split="test", generator=seeded())
    joined = Utterances(3, 3, pauses=(0, 0)).batch(40, split="test", generator=seeded())
    assert error(by_cutting(apart), apart) < 0.15
    assert error(by_cutting(joined), joined) > 0.3


def test_a_whisper_is_as_loud_as_its_frames_and_never_too_loud():
    silence = noisy(torch.zeros(20, N_BANDS), seeded()).numpy()
    sounds = [whisper(frames) for frames in (silence, words()[0][7].numpy(), np.ones((4, N_BANDS)))]
    soft, spoken, loudest = (np.abs(sound).max() for sound in sounds)
    assert soft < 0.02 and 0.2 < spoken <= 1 and loudest == 1


def test_a_whisper_holds_what_the_frames_hold():
    frames, _ = said([7, 3], voices("test")[0], [2, 3, 2])
    again = heard(whisper(frames.numpy())) / 255
    assert abs(len(again) - len(frames)) <= 8  # its silent ends are cut off
    strongest = np.argmax([np.corrcoef(np.resize(again, frames.shape).ravel(),
                                       np.roll(frames.numpy(), -k, axis=0).ravel())[0, 1]
                           for k in range(6)])  # fmt: skip
    shifted = np.roll(frames.numpy(), -strongest, axis=0)[: len(again)]
    assert np.corrcoef(again[: len(shifted)].ravel(), shifted.ravel())[0, 1] > 0.8
