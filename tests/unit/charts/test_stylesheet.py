from pathlib import Path

import nic_node.web
from tests.unit.charts.drawing import STYLESHEET_CLASSES

STATIC = Path(nic_node.web.__file__).parent / "static"


def test_the_page_styles_every_class_that_a_drawing_uses():
    styles = "".join(sheet.read_text() for sheet in STATIC.glob("*.css"))
    assert {kind for kind in STYLESHEET_CLASSES if f".{kind}" not in styles} == set()
