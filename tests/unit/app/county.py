"""A county: a network and its schools, whole nodes with HTTP between them and one clock that stands still."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientResponse

from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from nic_node.mirror.status import LogStatus, log_statuses
from nic_node.network.tables import Network
from tests.conftest import TestClock
from tests.unit.app.test_suspension import listening
from tests.unit.network.people_stage import StagedNode, found
from tests.unit.network.test_people_join import approve_fully, send_application


@dataclass
class County:
    """`members` and `memberships` are ids of the schools, in their order; `outside` are schools that are none yet.

    `await close_hub()`: the network's node goes down.
    """

    hub: StagedNode
    schools: list[StagedNode]
    network: Network
    outside: list[StagedNode] = field(default_factory=list)
    memberships: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    close_hub: Callable[[], Awaitable[None]] = field(kw_only=True)

    async def work(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.hub.clock.forward(minutes=2)
            for node in (self.hub, *self.schools):
                await node.work()

    async def status(self, school: int = 0) -> LogStatus:
        node = self.schools[school]
        async with node.database.reading() as session:
            (status,) = await log_statuses(session, now=node.clock())
        return status

    async def ask_witness(self, body: bytes, school: int = 0) -> ClientResponse:
        return await self.schools[school].browser().client.post("/witness/add-checkpoint", data=body)

    async def note(self) -> bytes:
        answer = await self.hub.browser().client.get("/net/north-coast/log/1/checkpoint")
        return await answer.read()

    async def admit(self, school: StagedNode) -> None:
        """It applies, and everything about it is settled."""
        membership_id, member_id = await send_application(self.hub, school, self.network)
        await approve_fully(self.hub, school, self.network.id, membership_id, member_id)
        self.memberships.append(membership_id)
        self.members.append(member_id)


@asynccontextmanager
async def running_county(
    tmp_path_factory: pytest.TempPathFactory, names: str = "abc", *, outside: str = "", **policy: Any
) -> AsyncIterator[County]:
    """A county whose schools are members, and perhaps others; `policy` is what differs from the usual one."""
    folder, clock = tmp_path_factory.mktemp("county"), TestClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    migrated = tmp_path_factory.mktemp("migrated")
    database = Database.connect(read_config(migrated, {}).database_url)
    await upgrade(database)
    await database.close()
    async with AsyncExitStack() as stack:
        schools = [
            await stack.enter_async_context(listening(shutil.copytree(migrated, folder / name), clock))
            for name in (*names, *outside)
        ]
        apart = await stack.enter_async_context(AsyncExitStack())
        hub = await apart.enter_async_context(listening(shutil.copytree(migrated, folder / "hub"), clock))
        made = County(
            hub, schools[: len(names)], await found(hub, **policy), schools[len(names) :], close_hub=apart.aclose
        )
        for school in made.schools:
            await made.admit(school)
        yield made
