"""Sharing something, and correcting it, as people do one after another."""

from nic_node.accounts.actor import Actor
from nic_node.publishing.correct import start_correction
from nic_node.publishing.drafts import draft_of, reword, send_to_review
from tests.stores.publishing_stage import ADA, World

NEW_WORDS = "Students started within two minutes."


async def shared(world: World, **changes: object) -> int:
    draft_id = await world.approved(**changes)
    await world.slot()
    return draft_id


async def correct(world: World, draft_id: int, *, actor: Actor = ADA) -> int:
    """The version of the draft that is open for correction."""
    async with world.database.writing() as session:
        row = await start_correction(session, world.node, actor=actor, draft_id=draft_id, now=world.clock())
        return row.version


async def reworded(world: World, draft_id: int, text: str = NEW_WORDS) -> None:
    async with world.database.writing() as session:
        version = (await draft_of(session, draft_id)).version
        given = {"path": "/lessons/worked", "text": text, "version": version, "now": world.clock()}
        await reword(session, world.node, actor=ADA, draft_id=draft_id, **given)


async def review(world: World, draft_id: int) -> None:
    async with world.database.writing() as session:
        await send_to_review(session, world.node, actor=ADA, draft_id=draft_id, now=world.clock())
    await world.decide_all(draft_id)
    await world.approve(draft_id)


async def corrected(world: World, draft_id: int) -> None:
    await correct(world, draft_id)
    await reworded(world, draft_id)
    await review(world, draft_id)
