"""The demo's story, played once a test run: five real node processes that talk HTTP on loopback.

The tests here read what the steps told; those in `browser` click through the very nodes that the story leaves behind.
The nodes end with the last of them: five that go on would take half a core from every test that comes after.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from nic_node.demo.cast import APPLICANT, Cast
from nic_node.demo.check import knock_as_applicant
from nic_node.demo.story import new_cast, play, story
from nic_node.demo.witnessing import expect_confirmed

SLOT_SECONDS = 3
"""Envelopes of five nodes each second would take most of a core from the pages that are tested beside them."""


@dataclass(slots=True, kw_only=True)
class PlayedDemo:
    """The story as it was told, and its cast, alive.

    Attributes:
        lines: a line a step, as `nic demo --check --json` prints them.
        seen: what each step saw; None when one did not hold.
    """

    cast: Cast
    lines: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, dict[str, Any]] | None = None

    async def applicant(self) -> dict[str, Any]:
        """The fourth school's membership, as its own node tells it."""
        school = self.cast.schools[APPLICANT]
        return await school.lead.call("GET", f"/memberships/{school.membership}")


@pytest.fixture(scope="package")
async def played_demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PlayedDemo]:
    """The story, the stranger's knock and who confirmed it all; not yet the outage and the dishonest operator."""
    async with new_cast(tmp_path_factory.mktemp("demo")) as cast:
        cast.slot_seconds = SLOT_SECONDS
        run = PlayedDemo(cast=cast)
        run.seen = await play(
            cast, [*story(), ("applicant", knock_as_applicant), ("confirmed", expect_confirmed)], run.lines.append
        )
        yield run
