"""`nic share`: on a node of its own, before anything left."""

from pathlib import Path

from tests.cli.calls import nic


def test_an_empty_node_says_what_to_do_first(school: Path) -> None:
    assert nic("share", "list", "--json", data=school).document == {"items": []}
    assert "nic practice preview" in nic("share", "list", data=school).out
    assert nic("share", "standing", "--json", data=school).document == {"items": []}
    assert "nic network join" in nic("share", "standing", data=school).out
