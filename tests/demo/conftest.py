"""One run of the demo for every test here."""

import pytest

from nic_node.demo.check import check_steps
from nic_node.demo.story import play
from tests.demo.played import PlayedDemo, played_demo

__all__ = ["played_demo"]


@pytest.fixture(scope="package")
async def checked_demo(played_demo: PlayedDemo) -> PlayedDemo:
    """The rest of the check: the log is kept, then its operator turns dishonest. It runs after every other test."""
    if played_demo.seen is not None:
        rest = [step for step in check_steps() if step[0] not in played_demo.seen]
        found = await play(played_demo.cast, rest, played_demo.lines.append)
        played_demo.seen = played_demo.seen | found if found is not None else None
    return played_demo
