"""Results that stay covered until their prediction is made, and figures that answer one."""

import json

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from nbformat.v4 import new_code_cell, new_notebook, new_output

from attnbook.covering import cover, covered, covered_end, covered_start
from attnbook.predictions import _answers, check_answered, frame_of, questions_of
from attnlab.figures import ANSWER_MIME

SVG = '<svg viewBox="0 0 100 100"><g id="a"><path d="M 10 80 L 90 80 L 90 20 z"/></g></svg>'
QUESTION = {"name": "example-keys", "version": "abc", "question": "What?", "quantities": []}
RECORD = {"name": "example-keys", "frame": "a", "places": {}, "truth": {}}


@pytest.fixture
def page(predicted_book):
    html = (predicted_book.site / "book" / "part" / "chapter.html").read_text("utf-8")
    return BeautifulSoup(html, "html.parser")


def test_what_gives_an_answer_away_is_covered_and_nothing_else(page):
    covers = page.select(".covered")
    names = [cover["data-prediction"] for cover in covers]
    assert names == ["chapter-keys", "chapter-keys", "chapter-curve"]
    words = " ".join(cover.text for cover in covers)
    assert "a secret" in words and "A secret in a section." in words
    assert "What was measured." in words and "answer_to" in words
    assert "Open words" not in words and "Words before" not in words
    assert page.select(".covered > section#inside > h3")
    assert page.select("section#after > h3 + .covered")  # in part: the heading stays
    assert not page.select("[hidden] .covered, .covered[hidden]")  # without a script all is shown


def test_a_figure_hands_on_what_it_answers(page):
    answers = [json.loads(box["data-answers"]) for box in page.select("figure .answered")]
    names = [answer["question"]["name"] for box in answers for answer in box]
    assert names == ["chapter-keys", "chapter-curve"]
    left, top, width, height = answers[0][0]["frame"]
    across, down = answers[0][0]["size"]
    assert 0 < left < left + width < across and 0 < top < top + height < down
    assert all(box.img["src"].endswith(".svg") for box in page.select(".answered"))


def test_the_book_knows_all_of_its_predictions(predicted_book):
    text = (predicted_book.site / "_static" / "predictions.js").read_text("utf-8")
    found = json.loads(text.removeprefix("globalThis.attnPredictions = ").rstrip(";\n"))
    assert [(each["page"], each["anchor"], each["run"]) for each in found] == [
        ("book/part/chapter.html", "fig-chapter-keys", ""),
        ("book/part/chapter.html", "fig-chapter-curve", ""),
    ]
    assert found[0]["truth"] == {"8": 8.1, "512": 1.2}


def test_a_notebook_covers_nothing(predicted_book):
    cells = predicted_book.notebook("part/chapter.ipynb").cells
    text = "\n".join(cell.source for cell in cells)
    assert "A secret in a section." in text and "covered" not in text
    assert sum("answer_to(" in cell.source for cell in cells if cell.cell_type == "code") == 2
    assert not any("data" in output for cell in cells for output in cell.get("outputs", []))


def start(name="example-keys"):
    return covered_start(name=name)


def document(*children) -> nodes.document:
    found = nodes.document(None, None)
    found.extend(children)
    return found


@pytest.mark.parametrize(
    ("children", "message"),
    [
        ([start()], "what example-keys covers has no {covered-end}"),
        ([covered_end()], "{covered-end} ends nothing"),
        ([start(), covered_end(), covered_end()], "{covered-end} ends nothing"),
        (
            [start(), nodes.section("", start("other")), covered_end()],
            "what example-keys covers must end before other begins",
        ),
    ],
)
def test_a_cover_without_its_end_is_refused(children, message):
    with pytest.raises(ValueError, match=message.replace("{", r"\{")):
        cover(document(*children))


def test_a_cover_may_begin_and_end_in_other_sections():
    text = {name: nodes.paragraph("", name) for name in "abcdef"}
    whole = nodes.section("", nodes.title("", "whole"), text["c"])
    tree = document(
        nodes.section("", text["a"], start(), text["b"]),
        whole,
        nodes.section("", nodes.title("", "part"), text["d"], covered_end(), text["e"]),
        text["f"],
    )
    cover(tree)
    covers = [cover.astext().split() for cover in tree.findall(covered)]
    assert covers == [["b"], ["whole", "c"], ["d"]]
    assert tree.astext().split() == ["a", "b", "whole", "c", "part", "d", "e", "f"]
    assert not list(tree.findall(covered_start)) and not list(tree.findall(covered_end))


def answers(*outputs, figure=True, record=RECORD, questions=None):
    """What a page with one cell says that it answers; the cell left a record, and these outputs."""
    kept = new_output("display_data", {f"application/papermill.record/{ANSWER_MIME}": record})
    cell = nodes.container(nb_element="cell_code", cell_index=0)
    if figure:
        named = {"names": ["fig-example"], "ids": ["fig-example"]}
        cell += nodes.figure("", nodes.image(uri="x.svg"), **named)
    shown = [new_output("display_data", data) for data in outputs]
    notebook = new_notebook(cells=[new_code_cell("", outputs=[kept, *shown])])
    known = {"example-keys": QUESTION} if questions is None else questions
    return list(_answers(document(cell), notebook, known))


def test_a_picture_is_found_in_whatever_else_a_cell_shows():
    (found,) = answers({"text/plain": "3"}, {"image/svg+xml": SVG, "image/png": ""})
    assert found["anchor"] == "fig-example" and found["question"] == QUESTION


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"figure": False}, "a cell answers example-keys and shows no figure"),
        ({"questions": {}}, "fig-example answers example-keys, which is not shown"),
        ({"outputs": []}, "fig-example answers example-keys, so it must be one SVG"),
        ({"outputs": [{"image/png": ""}]}, "fig-example answers .*, so it must be one SVG"),
        (
            {"record": RECORD | {"frame": "b"}},
            "fig-example answers example-keys, but the picture has no axes 'b'",
        ),
    ],
)
def test_a_figure_that_cannot_show_a_guess_is_named(given, message):
    outputs = given.pop("outputs", [{"image/svg+xml": SVG}])
    with pytest.raises(ValueError, match=message):
        answers(*outputs, **given)


@pytest.mark.parametrize(
    ("answered", "covers", "message"),
    [
        (["a"], set(), r"no figure answers the prediction b: end the cell .* answer_to\(…\)"),
        (["a", "b", "a"], set(), "two figures answer the prediction a"),
        (["a", "b"], {"c"}, "covered is c, which the page does not ask"),
    ],
)
def test_a_prediction_without_its_one_answer_is_named(answered, covers, message):
    with pytest.raises(ValueError, match=message):
        check_answered({"a", "b"}, answered, covers)


def test_a_picture_without_a_size_is_refused():
    with pytest.raises(ValueError, match="the picture has no axes 'a'"):
        frame_of(SVG.replace("viewBox", "view"), "a")


def test_two_predictions_of_one_name_are_refused():
    def widget(**changes):
        state = {"_anywidget_id": "x.Prediction", "_prediction": QUESTION | changes}
        return {"state": state}

    def notebook(*widgets):
        kind = "application/vnd.jupyter.widget-state+json"
        state = dict(enumerate([*widgets, {"state": {"_anywidget_id": "x.Other"}}]))
        return new_notebook(metadata={"widgets": {kind: {"state": state}}})

    assert questions_of(notebook(widget(), widget())) == {"example-keys": QUESTION}
    assert questions_of(new_notebook()) == {}
    with pytest.raises(ValueError, match="two predictions are called example-keys"):
        questions_of(notebook(widget(), widget(version="def")))
