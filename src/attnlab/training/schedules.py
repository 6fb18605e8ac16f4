"""Learning rates that change while a model is trained.

A schedule is a function of the step, an integer of 0 or more: the share of the rate that the step
gets. Steps count from 1, as `fit` counts them; torch's `LambdaLR` starts with step 0, which gets 0.
"""

from collections.abc import Callable

from attnlab.functional import settings

Schedule = Callable[[int], float]


def warmup(steps: int) -> Schedule:
    """The rate rises in equal steps from 0 to all of it, and stays there.

    Args:
        steps: how many of them rise.

    Returns:
        A schedule. It raises TypeError for a step that is not an integer, ValueError below 0.

    Raises:
        TypeError: steps is not an integer.
        ValueError: it is below 1.

    Source:
        Goyal et al. (2017), section 2.2.

    >>> [warmup(4)(step) for step in (1, 2, 4, 100)]
    [0.25, 0.5, 1.0, 1.0]
    """
    settings.count(1, steps=steps)
    steps = int(steps)
    return _counted(lambda step: min(1.0, step / steps))


def linear_decay(total: int, *, warmup_steps: int = 1) -> Schedule:
    """Warm-up, then down in equal steps to 0, which is reached just after the last step.

    Args:
        total: all steps, the warm-up included.
        warmup_steps: how many of them rise.

    Returns:
        A schedule, as from `warmup`.

    Raises:
        TypeError: a number of steps is not an integer.
        ValueError: warmup_steps below 1, or total below it.

    Source:
        Devlin et al. (2019), appendix A.2.

    >>> [linear_decay(6, warmup_steps=2)(step) for step in range(1, 8)]
    [0.5, 1.0, 0.8, 0.6, 0.4, 0.2, 0.0]
    """
    settings.count(1, warmup_steps=warmup_steps)
    settings.count(warmup_steps, total=total)
    total, warmup_steps = int(total), int(warmup_steps)
    falling = total + 1 - warmup_steps
    return _counted(lambda step: min(step / warmup_steps, max(0.0, (total + 1 - step) / falling)))


def noam(d_model: int, *, warmup_steps: int = 4000) -> Schedule:
    r"""The paper's schedule, $d_\text{model}^{-1/2} \min(t^{-1/2}, t \cdot w^{-3/2})$, for `lr=1`.

    Args:
        d_model: width of the model.
        warmup_steps: w, where the rate is highest.

    Returns:
        A schedule, as from `warmup`.

    Raises:
        TypeError: an argument is not an integer.
        ValueError: it is below 1.

    Source:
        Vaswani et al. (2017), section 5.3, equation 3.

    >>> schedule = noam(64, warmup_steps=100)
    >>> [round(schedule(step), 5) for step in (1, 100, 400)]
    [0.00013, 0.0125, 0.00625]
    """
    settings.count(1, d_model=d_model, warmup_steps=warmup_steps)
    d_model, warmup_steps = int(d_model), int(warmup_steps)
    return _counted(
        lambda step: d_model**-0.5 * min(max(step, 1) ** -0.5, step * warmup_steps**-1.5)
    )


def _counted(share: Schedule) -> Schedule:
    """The schedule for integers from 0 on: Python's, since small ones of NumPy's overflow."""

    def schedule(step: int) -> float:
        settings.count(0, step=step)
        return share(int(step))

    return schedule
