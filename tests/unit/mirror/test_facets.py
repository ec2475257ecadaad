"""What people can filter a record by."""

from nic_node.commons.shelf import STORED
from nic_node.mirror.describe import build_facets
from tests.fakes.network_log import PRACTICE, build_lattice

SHA256 = "a" * 64


def test_a_plain_practice_has_what_every_practice_has() -> None:
    assert set(build_facets(PRACTICE, None)) == {
        ("rung", "described"),
        ("decision", "adopt"),
        ("problem", "chronic-absence"),
        ("idea", "attendance-outreach"),
    }


def test_a_full_one_has_a_row_for_each_value() -> None:
    payload = PRACTICE | {
        "problem": {"category": "chronic-absence", "subject": "math", "grade_bands": ["6-8", "9-12"]},
        "cost": {"cost_band": "0", "staff_time_band": "0-1"},
        "measures": [{"measure": "a"}, {"measure": "b"}, {"measure": "a"}],
        "direction": "better",
        "aim_result": "met",
        "context": {"lattice_sha256": SHA256, "class": "c1"},
    }
    found = build_facets(payload, build_lattice())
    assert {name for name, _ in found} >= set(STORED) - {"locale"}, "the library filters by nothing that is not filed"
    assert {value for name, value in found if name == "grade-band"} == {"6-8", "9-12"}
    assert {value for name, value in found if name == "measure"} == {"a", "b"}
    assert ("class", f"{SHA256}:c1") in found
    assert ("level", "middle") in found


def test_a_question_has_none() -> None:
    assert build_facets({"text": "Who?"}, None) == []
