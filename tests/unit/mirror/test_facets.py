"""What people can filter a record by."""

from nic_node.mirror.describe import NONE, Properties, build_properties
from nic_node.mirror.tables import MirrorProperties
from tests.fakes.network_log import PRACTICE, build_lattice

SHA256 = "a" * 64


def test_a_plain_practice_has_what_every_practice_has() -> None:
    assert build_properties(PRACTICE, None) == Properties(
        rung="described", decision="adopt", problem="chronic-absence", idea="attendance-outreach"
    )


def test_a_full_one_has_each_once() -> None:
    payload = PRACTICE | {
        "problem": {"category": "chronic-absence", "subject": "math", "grade_bands": ["6-8", "9-12", "6-8"]},
        "cost": {"cost_band": "0", "staff_time_band": "0-1"},
        "direction": "better",
        "context": {"lattice_sha256": SHA256, "class": "c1"},
    }
    lattice = build_lattice()
    lattice["classes"][0]["bands"] |= {"locale": "rural"}
    found = build_properties(payload, lattice | {"classes": [lattice["classes"][0] | {"id": "c1"}]})
    assert None not in found
    assert found.grade_bands == "6-8,9-12"
    assert found.context_class == f"{SHA256}:c1"
    assert found.locale == "rural"


def test_a_question_has_none() -> None:
    assert build_properties({"text": "Who?"}, None) == NONE


def test_each_has_its_column_in_this_order() -> None:
    assert MirrorProperties.__table__.columns.keys() == ["record_id", *Properties._fields]
