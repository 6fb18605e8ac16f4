"""Stories: what answers a question, and the networks that are asked."""

import random

import pytest
import torch

from attnlab.chapters.pointers.models import MemoryNetwork, share_answered, story_loss, train_reader
from attnlab.chapters.pointers.stories import (
    N_FACTS,
    WHAT,
    WHERE,
    WHO,
    WORDS,
    batches,
    last_place,
    needed_facts,
    numbered,
    story,
)


@pytest.mark.parametrize("two", [False, True, None])
@pytest.mark.parametrize("n_facts", [N_FACTS, 20])
def test_a_story_answers_its_question(two, n_facts):
    rng = random.Random(0)
    for _ in range(100):
        s = story(rng, n_facts=n_facts, two=two)
        assert len(s.facts) == n_facts
        assert two is None or (s.asked in WHAT) == two
        assert len(s.needed) == (2 if s.asked in WHAT else 1)
        bearer = s.asked
        if s.asked in WHAT:
            bearer = [who for did, who, x in s.facts if (did, x) == ("took", s.asked)][-1]
            assert s.facts[s.needed[0]][1:] == (bearer, s.asked)
        assert s.facts[s.needed[-1]] == ("went", bearer, s.place)
        later = s.facts[s.needed[-1] + 1 :]
        assert not any((did, who) == ("went", bearer) for did, who, _ in later)


def test_what_a_story_does_not_say():
    facts = [("took", "cook", "key"), ("went", "guard", "attic")]
    assert needed_facts(facts, "key") is None
    assert needed_facts(facts, "lamp") is None
    assert needed_facts(facts, "pilot") is None
    assert needed_facts(facts, "guard") == [1]


def test_batches_hold_what_stories_do():
    rng = random.Random(1)
    told = [story(rng) for _ in range(6)]
    b = numbered(told, told=[True, False] * 3)
    for i, s in enumerate(told):
        assert [tuple(WORDS[n] for n in fact) for fact in b.facts[i].tolist()] == s.facts
        assert WORDS[b.asked[i]] == s.asked and WHERE[b.place[i]] == s.place
        assert b.needed[i].tolist() == [s.needed[0], s.needed[-1]]
        assert last_place(s) in WHERE
    assert b.told.tolist() == [True, False] * 3
    many = next(batches(400, seed=0, told=0.1))
    assert 10 < many.told.sum() < 80
    assert 100 < (many.asked >= WORDS.index(WHAT[0])).sum() < 300
    assert (next(batches(50, seed=0, two=True)).asked >= 2 + len(WHO)).all()


def model(**options):
    torch.manual_seed(0)
    return MemoryNetwork(**{"n_hops": 2, "d_model": 5, **options}).double()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("ages", [False, True])
def test_hops_are_their_equations(scaled, ages):
    net, b = model(n_hops=3, start=1.0, scaled=scaled, ages=ages), next(batches(4, seed=0))
    logits, weights = net(b)
    for i in range(4):
        K = torch.stack([sum(net.key.weight[n] for n in fact) for fact in b.facts[i]])
        V = torch.stack([sum(net.value.weight[n] for n in fact) for fact in b.facts[i]])
        if ages:
            for fact in range(N_FACTS):
                K[fact] += net.key_age.weight[N_FACTS - 1 - fact]
                V[fact] += net.value_age.weight[N_FACTS - 1 - fact]
        q = net.ask.weight[b.asked[i]]
        for hop in range(3):
            a = (K @ q / (5**0.5 if scaled else 1)).softmax(0)
            torch.testing.assert_close(weights[i, hop], a)
            q = q + a @ V
        torch.testing.assert_close(logits[i], net.answer(q))


def test_without_ages_the_order_of_facts_does_not_matter():
    b = next(batches(4, seed=0))
    order = torch.randperm(N_FACTS)
    shuffled = type(b)(b.facts[:, order], b.asked, b.place, b.needed, b.told)
    for ages in (False, True):
        net = model(start=1.0, ages=ages)
        same = torch.allclose(net(b)[0], net(shuffled)[0])
        assert same != ages


def test_what_is_told_is_in_the_loss():
    net, b = model(), next(batches(8, seed=0, told=1.0))
    silent = type(b)(b.facts, b.asked, b.place, b.needed, torch.zeros(8, dtype=torch.bool))
    logits, weights = net(b)
    answers = torch.nn.functional.cross_entropy(logits, b.place)
    first = weights[torch.arange(8), 0, b.needed[:, 0]]
    torch.testing.assert_close(story_loss(net, silent), answers)
    torch.testing.assert_close(story_loss(net, b), answers - first.log().mean())


def test_a_little_training_helps():
    torch.manual_seed(0)
    net = MemoryNetwork(n_hops=1, d_model=16)
    b = next(batches(300, seed=99, two=False))
    before = share_answered(net, b)
    train_reader(net, 120, seed=0, two=False)
    assert share_answered(net, b) > before + 0.2
