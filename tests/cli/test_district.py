"""`nic district`: naming one, sharing with it, and stopping."""

import shutil
from pathlib import Path

from tests.cli.calls import nic
from tests.cli.serving import give_address, serving


def test_a_school_names_its_district_and_chooses_what_that_sees(school: Path, tmp_path: Path) -> None:
    district = shutil.copytree(school, tmp_path / "district")
    addresses = give_address(school), give_address(district)
    assert "No district is named." in nic("district", "show", data=school).out
    refused = nic("district", "share", "plan", data=school)
    assert (refused.code, refused.err.strip()) == (1, "Name your district first.")
    with serving(district):
        named = nic("district", "name", addresses[1], "--json", data=school).document
    assert (named["entity"], named["shares"], len(named["key"])) == (addresses[1], [], 43)
    shared = nic("district", "share", "obstacles", "plan", "--json", data=school).document
    assert shared["shares"] == ["plan", "obstacles"]
    assert "plan, obstacles" in nic("district", "show", data=school).out
    assert nic("district", "stop", "--json", data=school).document["shares"] == []
    assert "A school names this node first." in nic("district", "schools", data=district).out
