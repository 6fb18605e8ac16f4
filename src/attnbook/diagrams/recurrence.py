"""A recurrent network, one state after the other: the only way from the first input to the last."""

from .drawing import Drawing

TEXT = {"way": "three steps, three times through $U$"}
STEPS = range(1, 5)
APART, SIDE = 76, 15
STATE, INPUT = 4, 3  # numbers in a state and in an input
STATES_AT, INPUTS_AT = 70, 184  # heights of their tops


def draw() -> Drawing:
    d = Drawing(262)
    places = [84 + APART * (step - 1) for step in STEPS]  # middles
    d.formula(22, STATES_AT + 2 * SIDE, "h_0", "muted")
    for step, x in zip(STEPS, places, strict=True):
        inward, onward = ("plain", "muted") if step == STEPS[0] else ("muted", "plain")
        state = d.cells(x - SIDE / 2, STATES_AT, STATE, 1, "plain", side=SIDE)
        read = d.cells(x - SIDE / 2, INPUTS_AT, INPUT, 1, inward, side=SIDE)
        d.arrow(read.top, (x, state.bottom[1] + 3), kind=inward)
        d.formula(x + 9, 158, "W", inward, "start")
        start = x - APART + SIDE / 2 + 3 if step > STEPS[0] else 34
        d.arrow((start, state.left[1]), (state.left[0] - 3, state.left[1]), kind=onward)
        d.formula((start + state.left[0]) / 2 - 2, state.left[1] - 14, "U", onward)
        d.formula(x, STATES_AT - 16, f"h_{step}")
        d.formula(x, INPUTS_AT + INPUT * SIDE + 17, f"x_{step}", inward)
    d.brace(places[0], places[-1], 36, up=True)
    d.words((places[0] + places[-1]) / 2, 14, TEXT["way"], "muted")
    return d
