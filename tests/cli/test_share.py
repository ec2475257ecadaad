"""`nic share`: on a node of its own, before anything left, and what it says of a term's counts."""

from pathlib import Path

import pytest

from nic_node.cli.share import _counts
from nic_node.publishing.standing import Standing
from tests.cli.calls import nic


def test_an_empty_node_says_what_to_do_first(school: Path) -> None:
    assert nic("share", "list", "--json", data=school).document == {"items": []}
    assert "nic practice preview" in nic("share", "list", data=school).out
    assert nic("share", "standing", "--json", data=school).document == {"items": []}
    assert "nic network join" in nic("share", "standing", data=school).out


@pytest.mark.parametrize(
    ("registered", "told"),
    [(5, ""), (4, "Credentials unaccounted for: 1."), (6, "The counts of this term do not add up")],
)
def test_where_a_school_stands_says_what_is_open_of_the_credentials(registered: int, told: str) -> None:
    standing = Standing(
        network="n", name="N", ready=True, says="", phase="open", issued=5, registered=registered, members=5
    )
    assert _counts(standing).startswith(told)
    assert bool(_counts(standing)) is bool(told)
