"""The networks that the chapter trains, alike in all but their layer and where it starts."""

import copy

import torch

from attnlab.models.recallers import CausalAttention, Recaller
from attnlab.nn.recurrent import GRU, LSTM, TanhRNN, gradient_by_lag
from attnlab.tasks.recall import Recall

WIDTH = 64
STARTS = {  # by name: the layer, untrained, and the size of its inputs
    "tanh-RNN": (lambda: TanhRNN(WIDTH, WIDTH), 1.0),
    "tanh-RNN, small inputs": (lambda: TanhRNN(WIDTH, WIDTH), 0.1),
    "tanh-RNN, orthogonal": (lambda: TanhRNN(WIDTH, WIDTH, gain=1.0), 1.0),
    "tanh-RNN, both": (lambda: TanhRNN(WIDTH, WIDTH, gain=1.0), 0.1),
    "LSTM": (lambda: LSTM(WIDTH, WIDTH), 1.0),
    "GRU": (lambda: GRU(WIDTH, WIDTH), 1.0),
    "LSTM, forget bias 3": (lambda: LSTM(WIDTH, WIDTH, forget_bias=3.0), 1.0),
    "attention": (lambda: CausalAttention(WIDTH), 1.0),
}


def network(start: str, task: Recall) -> Recaller:
    """Embedding, its vectors times the size of the inputs → layer → scores of the answers."""
    layer, input_size = STARTS[start]
    model = Recaller(task.vocab_size, task.n_answers, d_model=WIDTH, layer=layer())
    with torch.no_grad():
        model.embed.weight *= input_size
    return model


def reach_in(model: Recaller, task: Recall) -> float:
    """$r_k$ from the last cue back to the symbol that it asks for, over 64 fresh sequences."""
    model = copy.deepcopy(model).double()
    x = model.embed(task.batch(64)[0])  # (64, T, d_model)
    return gradient_by_lag(model.layer, x)[x.shape[1] - task.n_items].item()
