"""Train forecasters of three series and of motifs, and store their errors.

    python -m attnlab.chapters.series.experiment     # some seven minutes of one core

The series (see `recording.py`), the models and the training are those of the chapter `work/series`.
Cells are stored as they finish, so the script can be stopped and started again. What is chosen,
how long to train and how many values make a token, is chosen by the errors on the validation part.
"""

from collections.abc import Iterator

from torch import Generator, nn

from attnlab.chapters.series.forecasts import mean_square
from attnlab.chapters.series.models import DLinear, Forecaster
from attnlab.chapters.series.motifs import FUTURE, PAST, PERIODS, UNSEEN, Follower, fresh, motifs
from attnlab.chapters.series.training import BATCH, LR, draws, forecast, shuffled, train
from attnlab.chapters.series.windows import SHAPES, series
from attnlab.stored import complete
from attnlab.training.fitting import seed_everything

SEEDS = range(5)


def forecasters() -> Iterator[dict]:
    for name, (season, *_) in SHAPES.items():
        for patch in (1, season):
            for steps in (100, 200, 400):
                yield {"series": name, "model": "attention", "patch": patch, "steps": steps}
        for steps in (200, 600):
            yield {"series": name, "model": "dlinear", "steps": steps}
        yield {"series": name, "model": "from zero", "patch": 1, "steps": 200}
        yield {"series": name, "model": "no order", "patch": 1, "steps": 200}


def every_seed(cells: Iterator[dict]) -> Iterator[dict]:
    for cell in cells:
        for seed in SEEDS:
            yield {**cell, "seed": seed}


def made(todo: dict) -> nn.Module:
    """The untrained model of a cell."""
    measured = series(todo["series"])
    shape = measured.past, measured.future
    if todo["model"] == "dlinear":
        return DLinear(*shape)
    if todo["model"] == "no order":
        return Forecaster(*shape, positions="none", read="mean")
    return Forecaster(*shape, patch=todo["patch"], from_last=todo["model"] == "attention")


def measure(todo: dict) -> dict:
    """The cell, with mean squared errors of scaled values: validation, test, test shuffled."""
    measured = series(todo["series"])
    seed_everything(todo["seed"])
    model = made(todo)
    train(model, draws(*measured.windows("train")), todo["steps"])
    found: dict = {"parameters": sum(p.numel() for p in model.parameters())}
    for part in ("validation", "test"):
        x, y = measured.windows(part)
        found[part] = round(mean_square(forecast(model, x), y), 4)
    found["shuffled"] = round(mean_square(forecast(model, shuffled(x)), y), 4)
    return {**todo, **found}


def rhythms() -> Iterator[dict]:
    for model, steps in (("distance", 300), ("dot", 300), ("linear", 800), ("network", 800),
                         ("transformer", 800), ("network", 3200)):  # fmt: skip
        for seed in SEEDS:
            yield {"model": model, "steps": steps, "seed": seed}


def rhythm(todo: dict) -> dict:
    """The cell, with the errors at periods that were trained, and at longer ones."""
    seed_everything(todo["seed"])
    model = {
        "distance": lambda: Follower(score="distance"),
        "dot": lambda: Follower(score="dot"),
        "linear": lambda: nn.Linear(PAST, FUTURE),
        "network": lambda: nn.Sequential(
            nn.Linear(PAST, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, FUTURE)
        ),
        "transformer": lambda: Forecaster(PAST, FUTURE, n_layers=2, from_last=False),
    }[todo["model"]]()
    train(model, fresh(), todo["steps"], lr=0.01 if isinstance(model, Follower) else LR)
    found: dict = {"parameters": sum(p.numel() for p in model.parameters())}
    for name, periods in (("test", PERIODS), ("unseen", UNSEEN)):
        x, y = motifs(2000, periods, generator=Generator().manual_seed(0))  # the same for all
        found[name] = round(mean_square(forecast(model, x.numpy()), y.double().numpy()), 4)
    return {**todo, **found}


if __name__ == "__main__":
    head = {
        "batch": BATCH, "lr": LR,
        "source": "statsmodels 0.15.0 (elnino, sunspots, co2), public domain; motifs are drawn",
    }  # fmt: skip
    complete("series", head, forecasters=(every_seed(forecasters()), measure),
             rhythms=(rhythms(), rhythm))  # fmt: skip
