"""Right and wrong answers to the exercises about a `Transformer` that is run step by step."""

import sys

import numpy as np
import torch

from attnlab.chapters.decoding.speakers import beams, steps
from attnlab.tasks.vocabulary import BOS

# Step by step


def by_attnlab(model, src, tgt_in):
    state = model.start(src, max_len=tgt_in.shape[1])
    return torch.stack([model.step(tokens, state) for tokens in tgt_in.T], dim=1)


def by_hand(model, src, tgt_in):
    """As the page writes it."""
    decoder, found = model.decoder, []
    state = model.start(src, max_len=tgt_in.shape[1])
    for t, tokens in enumerate(tgt_in.T):
        x = model.tgt_embedding(tokens[:, None]) * decoder.d_model**0.5
        x = decoder.positions.add(x, t)
        for layer, (cache, keys, values) in zip(decoder.layers, state.layers, strict=True):
            x = layer(x, (keys, values), cache=cache)
        found.append(model.to_logits(decoder.last_norm(x)))
    return torch.cat(found, dim=1)


def by_the_cache(model, src, tgt_in):
    """Asks the state where it is."""
    state, found = model.start(src, max_len=50), []
    for tokens in tgt_in.unbind(1):
        x = model.tgt_embedding(tokens)[:, None] * model.decoder.d_model**0.5
        found.append(model.to_logits(model.decoder.step(x, state)).squeeze(1).detach().numpy())
    return np.stack(found, axis=1)


def by_beginnings(model, src, tgt_in):
    """Without a cache: each step reads all up to its own token."""
    every = range(1, tgt_in.shape[1] + 1)
    return torch.stack([model(src, tgt_in[:, :t])[:, -1] for t in every], dim=1)


def at_once(model, src, tgt_in):
    return model(src, tgt_in)


def one_after_the_other_at_once(model, src, tgt_in):
    return torch.stack([model(src, tgt_in)[:, t] for t in range(tgt_in.shape[1])], dim=1)


def without_mask(model, src, tgt_in):
    root = model.decoder.d_model**0.5
    memory = model.encoder(model.src_embedding(src) * root)
    return model.to_logits(model.decoder(model.tgt_embedding(tgt_in) * root, memory, causal=False))


def taught(model, src, tgt_in):
    with torch.no_grad():
        model.to_logits.weight += 0.1
    return by_attnlab(model, src, tgt_in)


def stepped(**mistake):
    return lambda *given: steps(*given, **mistake)


def after(change):
    return lambda *given: change(steps(*given))


# Beams of a model


def without_a_cache(model, src, K, n):
    """Each step runs the model on all tokens so far."""
    tokens, scores = torch.full((1, 1), BOS), torch.zeros(1, dtype=torch.float64)
    for _ in range(n):
        logits = model(src.expand(len(tokens), -1), tokens)[:, -1]
        total = scores[:, None] + logits.log_softmax(-1)
        scores, best = total.flatten().topk(min(K, total.numel()))
        rows = best // total.shape[1]
        tokens = torch.cat([tokens[rows], best[:, None] % total.shape[1]], dim=1)
    return tokens[:, 1:], scores


def in_lists(model, src, K, n):
    beginnings = [([BOS], 0.0)]
    for _ in range(n):
        longer = []
        for tokens, score in beginnings:
            with torch.no_grad():
                log_p = model(src, torch.tensor([tokens]))[0, -1].log_softmax(-1)
            longer += [([*tokens, j], score + p) for j, p in enumerate(log_p.tolist())]
        beginnings = sorted(longer, key=lambda one: -one[1])[:K]
    return [tokens[1:] for tokens, _ in beginnings], [score for _, score in beginnings]


def like(**mistake):
    return lambda *given: beams(*given, **mistake)


def then(change):
    return lambda *given: change(*beams(*given))


RIGHT = {
    "bug": [stepped(), by_attnlab, by_hand, by_the_cache, by_beginnings],
    "beams": [
        like(),
        without_a_cache,
        in_lists,
        lambda *given: [x.numpy() for x in beams(*given)],
    ],
}

WRONG = {
    "bug": [
        (at_once, "n = 6: in its run number 1 the model was given 6 tokens at once"),
        (one_after_the_other_at_once, "in its run number 1"),
        (without_mask, "in its run number 1"),
        (stepped(place=lambda t: 0), "at which place does it stand"),
        (stepped(fresh=True), "what does it see of those before it"),
        (stepped(fresh=True, place=lambda t: 0), "the faulty function"),
        (stepped(place=lambda t: t + 1), "counted from 0"),
        (stepped(scaled=False), "root of d_model"),
        (stepped(normed=False), "last norm"),
        (stepped(every_layer=False), "not the first alone"),
        (after(lambda logits: logits.softmax(-1)), "these are probabilities"),
        (after(lambda logits: logits.log_softmax(-1)), "these are log-probabilities"),
        (after(lambda logits: logits.flip(1)), "in the order of the tokens"),
        (after(lambda logits: logits.roll(1, 1)), "stands at place t"),
        (after(lambda logits: logits.swapaxes(0, 1)), "(B, n, V) = (3, 6, 9), got (6, 3, 9)"),
        (after(lambda logits: logits[:, -1]), "should have shape (B, n, V)"),
        (after(lambda logits: logits + 0.01), "B = 3, m = 4, n = 6, V = 9, n_layers = 1: at "),
        (after(lambda logits: None), "is a `return` missing?"),
        (taught, "changes `model` in place"),
        (lambda model, src, tgt_in: model.decode(src), "raised AttributeError"),
    ],
    "beams": [
        (like(select=False), "those of the faulty function"),
        (like(rows_of_tokens=False), "don't belong to"),
        (like(one_start=False), "one and the same at the start"),
        (like(add=False), "lost at the next step"),
        (like(normalize=False), "logits are no log-probabilities"),
        (then(lambda tokens, scores: (tokens, scores / tokens.shape[1])), "means"),
        (then(lambda tokens, scores: (tokens.flip(0), scores.flip(0))), "the best comes first"),
        (then(lambda tokens, scores: (tokens, scores.exp())), "these are probabilities"),
        (then(lambda tokens, scores: (scores, tokens)), "`tokens` should "),
        (then(lambda tokens, scores: tokens), "return 2 things"),
        (then(lambda tokens, scores: (torch.cat([0 * tokens[:, :1], tokens], 1), scores)),
         "`tokens` should have shape (K, n) = (3, 5), got (3, 6)"),
        (then(lambda tokens, scores: (tokens, scores[0])), "`scores` should have shape"),
        (then(lambda tokens, scores: (tokens, scores.round(decimals=2))), "scores, V = 9, K = 3"),
        (then(lambda tokens, scores: (tokens * 0, scores)), "tokens, V = 9, K = 3"),
        (lambda model, src, K, n: model.beams(K), "raised AttributeError"),
        (lambda *given: sys.exit("enough"), "raised SystemExit: enough"),
    ],
}  # fmt: skip
