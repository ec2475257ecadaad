"""What a school shares upward, as a district's pages rely on it."""

import pytest

from nic_node.school.obstacles.write import ANSWERS, KINDS
from schemas import district
from schemas.document import InvalidDocument, load_document
from tests.unit.schemas.protocol_examples import example


@pytest.mark.parametrize("day", ["2026-02-30", "0000-02-20"])
def test_a_day_that_the_calendar_lacks_is_refused(day: str) -> None:
    document = example("shared")
    document["projects"][0]["last_on"] = day
    with pytest.raises(InvalidDocument, match="a day of the calendar"):
        load_document(district.SHARED, document)


@pytest.mark.parametrize(("kind", "lacks"), [("text", "lines"), ("bullets", "lines"), ("facts", "pairs")])
def test_a_block_without_what_its_kind_shows_is_refused(kind: str, lacks: str) -> None:
    document = example("shared")
    document["plan"]["sections"][0]["blocks"] = [{"kind": kind}]
    with pytest.raises(InvalidDocument, match=f"has {lacks}"):
        load_document(district.SHARED, document)


def test_the_closed_lists_are_those_of_the_room() -> None:
    assert (tuple(KINDS), tuple(ANSWERS)) == (district.OBSTACLE_KINDS, district.ANSWERS)
