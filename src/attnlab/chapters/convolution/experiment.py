"""Train stacks of convolutions to recall inside, at the edge of and beyond their field; store both
who recalls and what each stack sees before and after.

    python -m attnlab.chapters.convolution.experiment     # eight minutes

A cell is one stack, one lag and one seed. Cells are stored as they finish, so the script can be
stopped and started again; delete the result to measure all of it anew.
"""

from torch import nn

from attnlab.models.recallers import Recaller
from attnlab.nn.convolution import ConvStack, input_influence
from attnlab.stored import complete
from attnlab.tasks.recall import Recall, recall_accuracy, recall_loss
from attnlab.training.fitting import fit, seed_everything

WIDTH = 32
BATCH = 64
STEPS = 600
RATE = 3e-3
SEEDS = (0, 1, 2)
MORE_SEEDS = (0, 1, 2, 3, 4)  # for 16 layers at their edge, where it is a matter of luck
STACKS = {
    "8 layers": [1] * 8,
    "16 layers": [1] * 16,
    "16 layers, default start": [1] * 16,
    "4 layers, doubling": [1, 2, 4, 8],
}
LAGS = {  # the furthest that they see is 16, 32 and 30
    "8 layers": (8, 16, 17),
    "16 layers": (16, 24, 32),
    "16 layers, default start": (16, 24, 32),
    "4 layers, doubling": (24, 30, 31),
}


def cells() -> list[dict]:
    """Seed after seed, so that what is stored early is whole."""
    return [
        {"stack": name, "lag": lag, "seed": seed}
        for seed in MORE_SEEDS
        for name, lags in LAGS.items()
        for lag in lags
        if seed in SEEDS or lag == 32
    ]


def fresh_stack(name: str) -> ConvStack:
    """Causal; begun as by He et al. (2015), under whom signals do not fade, or as by PyTorch."""
    stack = ConvStack(WIDTH, WIDTH, dilations=STACKS[name], causal=True)
    for layer in stack.layers if "default" not in name else ():
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.get_parameter("bias"))
    return stack


def influence_by_lag(model: Recaller, task: Recall) -> list[float] | None:
    """How much the last output depends on each input, beginning with the last input; None if on
    none of them, as may be after training to recall what cannot be seen."""
    x = model.embed(task.batch(256, split="test")[0]).detach()  # (B, T, d_model)
    try:
        shares = input_influence(model.layer, x, x.shape[1] - 1).flip(0)  # (T,)
    except ValueError:
        return None
    return [float(f"{share:.3g}") for share in shares]


def measure(todo: dict) -> dict:
    """The cell with its held-out accuracy, and what the last output sees before and after."""
    seed_everything(todo["seed"])
    task = Recall(todo["lag"] - Recall(0).n_items)
    layer = fresh_stack(todo["stack"])
    model = Recaller(task.vocab_size, task.n_answers, d_model=WIDTH, layer=layer)
    before = influence_by_lag(model, task)
    fit(model, task.batches(BATCH), recall_loss, steps=STEPS, lr=RATE)
    accuracy = round(recall_accuracy(model, task), 3)
    return {
        **todo, "accuracy": accuracy, "before": before, "after": influence_by_lag(model, task)
    }  # fmt: skip


if __name__ == "__main__":
    head = {
        "width": WIDTH,
        "batch": BATCH,
        "steps": STEPS,
        "lr": RATE,
        "stacks": STACKS,
    }
    complete("convolution", head, cells=(cells(), measure))
