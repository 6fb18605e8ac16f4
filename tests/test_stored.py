"""Results of experiments: measured once, kept, and completed where something is missing."""

import pytest

from attnlab import stored


def test_only_what_is_missing_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "ROOMS", tmp_path)
    (tmp_path / "room").mkdir()
    measured = []

    def double(cell):
        measured.append(cell["x"])
        return {**cell, "double": 2 * cell["x"]}

    stored.complete("room", {"lr": 0.1}, cells=([{"x": 1}], double))
    stored.complete(
        "room", {"lr": 0.1}, cells=([{"x": 1}, {"x": 2}], double), others=([{"x": 3}], double)
    )
    assert measured == [1, 2, 3]
    result = stored.load("room")
    assert (result["command"], result["lr"]) == ("python -m attnlab.chapters.room.experiment", 0.1)
    assert [cell["double"] for cell in result["cells"] + result["others"]] == [2, 4, 6]
    assert all(cell["seconds"] >= 0 for cell in result["cells"] + result["others"])


@pytest.mark.parametrize("room", ["nowhere", "../recurrence", None, 3])
def test_a_room_without_results(room):
    with pytest.raises(ValueError, match=r"room must be one of .*, 'recurrence', .*; got"):
        stored.load(room)
