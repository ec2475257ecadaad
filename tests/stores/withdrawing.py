"""Acts of taking back that several stories begin with."""

from sqlalchemy import select

from nic_node.mirror.read import living_records
from nic_node.mirror.tables import MirrorBlob
from nic_node.publishing.places import own_places
from nic_node.publishing.read import Sharing, all_sharing
from nic_node.publishing.tables import RetractionRow
from nic_node.publishing.withdraw import withdraw
from tests.stores.publishing_stage import ADA, World


async def shared(world: World) -> int:
    draft_id = await world.approved()
    await world.slot()
    return draft_id


async def take_back(world: World, draft_id: int, *, at_once: bool = False) -> RetractionRow:
    async with world.database.writing() as session:
        return await withdraw(session, world.node, actor=ADA, draft_id=draft_id, at_once=at_once, now=world.clock())


async def sharing(world: World) -> Sharing:
    async with world.database.reading() as session:
        return (await all_sharing(session))[0]


async def state_of(world: World) -> str:
    return (await sharing(world)).withdrawal


async def is_erased(world: World) -> bool:
    async with world.database.reading() as session:
        (own,) = await own_places(session, world.node)
        return own not in await living_records(session, [own]) and await session.scalar(select(MirrorBlob)) is None
