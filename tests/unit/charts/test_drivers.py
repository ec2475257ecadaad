"""The driver diagram: boxes, and a line an idea that says how many results there are and which way."""

import pytest

from nic_node.charts.drivers import DriverBox, IdeaRow, drivers_svg
from tests.unit.charts.drawing import Drawing

AIM = "Students who miss a tenth of their days fall from 28 % to 22 % by June, in every school of the network"
DRIVERS = [
    DriverBox(
        "Families hear early, and can answer",
        [
            IdeaRow("Two-way texting", "12 results: 9 better, 3 worse", 12, "better"),
            IdeaRow("Home visits", "3 results: 1 better, 2 worse", 3, "worse"),
            IdeaRow("Family conferences", "no result yet", 0, "none"),
        ],
    ),
    DriverBox("Somebody asks", [IdeaRow("Mentoring", "2 results: 2 can’t tell", 2, "unclear")]),
    DriverBox("The bus comes in time", []),
]


def draw(drivers=DRIVERS, *, size="wide", aim=AIM):
    return Drawing(drivers_svg("Drivers", "Three.", aim, drivers, size=size))


@pytest.mark.parametrize(("size", "width"), [("wide", 744), ("narrow", 326)])
def test_every_driver_has_a_box_and_every_idea_a_line(size, width):
    drawing = draw(size=size)
    assert (drawing.width, drawing.title, drawing.desc) == (width, "Drivers", "Three.")
    assert len(drawing.of("ch-box")) == 4
    kinds = {kind: len(drawing.of(kind)) for kind in ("ch-edge-better", "ch-edge-worse", "ch-edge-none", "ch-edge")}
    assert set(kinds.values()) == {1}
    assert "12 results: 9 better, 3 worse" in drawing.words
    for box in drawing.of("ch-box"):
        assert float(box.get("y")) >= 0
        assert float(box.get("y")) + float(box.get("height")) <= drawing.height
    assert max(float(word.get("y")) for word in drawing.root.iter("text")) <= drawing.height


def test_more_results_make_a_thicker_line():
    drawing = draw()
    (better,), (worse,) = drawing.of("ch-edge-better"), drawing.of("ch-edge-worse")
    assert float(better.get("stroke-width")) > float(worse.get("stroke-width")) >= 1


def test_long_words_are_wrapped_and_cut():
    drawing = draw([DriverBox("word " * 60, [])], aim="x" * 200)
    assert any(words.endswith("…") for words in drawing.words)
    assert max(len(words) for words in drawing.words) < 40
    assert draw([]).of("ch-box")
