"""What a test sets and reads on a page of the built book, and which page shows which widget."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A chapter's own widget: the prediction above it is one like the others.
WIDGET = ".attn-widget:not(.attn-prediction)"
ROOMS = sorted(path.parent.name for path in ROOT.glob("src/attnlab/chapters/*/widget.py"))


def page_of(widget: str) -> str:
    """Where the built book shows a widget, "room" or "room.another"."""
    chapter = widget.partition(".")[0].replace("_", "-")
    (text,) = ROOT.glob(f"book/*/{chapter}.md")
    return text.relative_to(ROOT).with_suffix(".html").as_posix()


def embedded_state(page, widget: type) -> dict:
    """The traits that the page gives the widget to start with."""
    # By its view, because a page keeps the state of widgets that are never shown as well.
    store = page.locator('script[type="application/vnd.jupyter.widget-state+json"]')
    models = json.loads(store.text_content())["state"]
    own = vars(widget).keys() & set(widget.class_trait_names(sync=True))
    for view in page.locator('script[type="application/vnd.jupyter.widget-view+json"]').all():
        state = models[json.loads(view.text_content())["model_id"]]["state"]
        if state.get("_anywidget_id", "").endswith(f".{widget.__name__}"):
            return {name: state[name] for name in own if not name.startswith("_")}
    raise AssertionError(f"no {widget.__name__} on {page.url}")


def number(page, name: str) -> float:
    return float(page.locator(f'data[data-name="{name}"]').first.get_attribute("value"))


def control(page, name: str):
    return page.locator(f'input[data-name="{name}"]').first


def press(page, name: str, **times: int) -> None:
    control(page, name).focus()
    for key, count in times.items():
        for _ in range(count):
            page.keyboard.press(key)


def value_of(page, name: str) -> float:
    """What the slider says to those who listen."""
    return float(control(page, name).get_attribute("aria-valuetext"))


def drag(page, name: str, share: float) -> None:
    """Drag the handle from where it is to a share of the slider's length.

    Let go, it stands where the colored part of the track ends: at a value that there is.
    """
    slider = control(page, name)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    filled = float(slider.evaluate("s => (s.value - s.min) / (s.max - s.min)"))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 10 + filled * (box["width"] - 20), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + share * (box["width"] - 20), middle, steps=8)
    page.mouse.up()
    handle, colored = slider.evaluate(
        """s => [100 * (s.value - s.min) / (s.max - s.min),
                 parseFloat(s.style.getPropertyValue("--filled"))]"""
    )
    assert abs(handle - colored) < 1e-6


def knob(page, place: int = 0) -> tuple[float, float]:
    """Where a handle on a chart stands on the screen, or glides to."""
    handle = page.locator(".attn-knob").nth(place)
    handle.scroll_into_view_if_needed()
    x, y = handle.evaluate(
        """node => {
          const { left, top } = node.ownerSVGElement.getBoundingClientRect();
          const [x, y] = node.style.transform.match(/-?[\\d.]+(?=px)/g);
          return [left + +x, top + +y];
        }"""
    )
    return x, y


def pull(page, start: tuple[float, float], x: float) -> None:
    """Drag from a place on the screen sideways to x. On the way nothing glides behind."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + x) / 2, start[1])
    page.mouse.move(x, start[1])
    glide = "node => getComputedStyle(node).transitionDuration"
    assert page.locator(".attn-knob").first.evaluate(glide) == "0s"
    page.mouse.up()
    assert page.locator(".attn-knob").first.evaluate(glide) == "0.25s"


def height_from(page, first: str, last: str) -> float:
    """How high the widget is from the top of its part `first` to the end of its control `last`."""
    top = page.locator(WIDGET).first.locator(first).first.bounding_box()["y"]
    end = control(page, last).bounding_box()
    return end["y"] + end["height"] - top


def finger(page, places: list[tuple[float, float]]) -> None:
    """A finger that goes down at the first of the places, over the others, rests, and goes up.

    One that is lifted while it moves throws the page, which then glides on for as long as it likes.
    """
    session = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(places):
        kind = "touchMove" if i else "touchStart"
        given = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
        session.send("Input.dispatchTouchEvent", given)
    page.wait_for_timeout(200)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
