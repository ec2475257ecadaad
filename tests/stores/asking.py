"""Acts of questions and answers that several stories begin with."""

from nic_node.commons.threads.read import thread_of
from nic_node.publishing.drafts import send_to_review
from nic_node.publishing.places import place_of_release
from nic_node.publishing.questions.write import start_answer, start_question
from nic_node.publishing.read import all_sharing
from nic_node.publishing.states import OutboxState
from tests.stores.publishing_stage import ADA, World


async def published(world: World, name: str, kind: str = "practice", **payload: object) -> str:
    """A record by another school, mirrored here."""
    log = world.network.log
    record_id = log.record_id(log.publish(name, kind, payload or None))
    await world.follow()
    return record_id


async def ask(world: World, about: str | None = None, text: str = "Did families mind?", **more: object) -> int:
    async with world.database.writing() as session:
        row = await start_question(session, world.node, actor=ADA, text=text, about=about, now=world.clock(), **more)
        return row.id


async def answer(world: World, question: str, text: str = "Hardly any did.", **more: object) -> int:
    async with world.database.writing() as session:
        row = await start_answer(
            session, world.node, actor=ADA, question=question, text=text, now=world.clock(), **more
        )
        return row.id


async def approve(world: World, draft_id: int) -> None:
    async with world.database.writing() as session:
        await send_to_review(session, world.node, actor=ADA, draft_id=draft_id, now=world.clock())
    await world.decide_all(draft_id)
    await world.approve(draft_id)


async def sent(world: World, draft_id: int) -> str:
    """Approved, and in the log: its record id."""
    await approve(world, draft_id)
    await world.slot()
    return await place(world, draft_id)


async def place(world: World, draft_id: int) -> str:
    async with world.database.reading() as session:
        (one,) = [each for each in await all_sharing(session) if each.draft_id == draft_id]
        assert one.state == OutboxState.FINAL
        found = await place_of_release(session, world.node, one.release_id)
    assert found is not None
    return found.record_id


async def own_practice(world: World) -> str:
    draft_id = await world.approved()
    await world.slot()
    return await place(world, draft_id)


async def thread(world: World, question: str):
    async with world.database.reading() as session:
        return await thread_of(session, question, now=world.clock())
