"""The whole way of a school into a network, over real HTTP between two nodes."""

from sqlalchemy import select

from nic_node.db.jobs import Job
from nic_node.membership.follow import check_membership
from nic_node.membership.jobs import ask_soon
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.look_up import look_up
from nic_node.membership.read import is_reading_allowed, is_writing_allowed, membership_of
from nic_node.membership.tell import confirm, leave
from nic_node.network.apply import VET
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve
from nic_node.network.jobs import VET_AGAIN
from nic_node.network.members import member_by_entity
from nic_node.network.tables import Network
from nic_node.network.vet import settle_check
from tests.unit.network.people_stage import StagedNode, found, invitation_link

CONTACT = {"name": "Noor Haddad", "email": "office@school.example", "role": "Principal", "phone": ""}


async def join(coordinator: StagedNode, school: StagedNode) -> tuple[int, int, int]:
    """(network id, membership id, member id) of a school that has applied."""
    network = await found(coordinator)
    return network.id, *await send_application(coordinator, school, network)


async def send_application(coordinator: StagedNode, school: StagedNode, network: Network) -> tuple[int, int]:
    """(membership id, member id) of a school that has applied."""
    link = await invitation_link(coordinator, network)
    offer = await look_up(school.local, link, now=school.clock())
    acceptance = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=CONTACT)
    membership_id = await apply(
        school.local, actor=await school.actor(), offer=offer, acceptance=acceptance, now=school.clock()
    )
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, network.id, school.local.entity_id)
        assert member is not None
    return membership_id, member.id


async def approve_fully(
    coordinator: StagedNode, school: StagedNode, network_id: int, membership_id: int, member_id: int
) -> None:
    """Every check settled, approved, and the school's node knows."""
    await coordinator.work()
    actor = await coordinator.actor()
    ids = {"network_id": network_id, "member_id": member_id, "actor": actor}
    async with coordinator.database.writing() as session:
        code = await give_code(session, node=coordinator.local, now=coordinator.clock(), **ids)
        for check in ("host", "directory"):
            await settle_check(session, check=check, now=coordinator.clock(), **ids)
    await confirm(
        school.local, actor=await school.actor(), membership_id=membership_id, code=code.lower(), now=school.clock()
    )
    async with coordinator.database.writing() as session:
        member = await member_by_entity(session, network_id, school.local.entity_id)
        assert member is not None
        await approve(session, coordinator.local, version=member.version, now=coordinator.clock(), **ids)
    assert await check_membership(school.local, membership_id)


async def test_from_link_to_member_and_out_again(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert (membership.state, membership.problem) == ("approved", "")
    assert membership.confirmed
    assert is_writing_allowed(membership, school.clock())
    assert [move["to"] for move in membership.moves] == ["applied", "approved"]
    assert any("/marks/publisher" in role for role in membership.roles)
    later = school.clock.forward(hours=25)
    assert not is_writing_allowed(membership, later)
    assert is_reading_allowed(membership, later)
    await leave(school.local, actor=await school.actor(), membership_id=membership_id, now=school.clock())
    await check_membership(school.local, membership_id)
    async with school.database.reading() as session:
        assert (await membership_of(session, membership_id)).state == "left"


async def test_a_host_that_is_down_is_asked_again(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, _, member_id = await join(coordinator, school)
    await school.server.close()
    await coordinator.work()
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, network_id, school.local.entity_id)
        assert member is not None
        assert member.found is not None
        assert "can't be reached" in member.found["problem"]
        job = await session.scalar(select(Job).where(Job.kind == VET, Job.key == str(member_id)))
        assert job is not None
        assert job.run_at == coordinator.clock() + VET_AGAIN


async def test_what_can_t_be_sent_now_is_sent_later_as_the_same_application(
    coordinator: StagedNode, school: StagedNode
) -> None:
    network = await found(coordinator)
    offer = await look_up(school.local, await invitation_link(coordinator, network), now=school.clock())
    acceptance = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=CONTACT)
    port = coordinator.server.port
    await coordinator.server.close()
    membership_id = await apply(
        school.local, actor=await school.actor(), offer=offer, acceptance=acceptance, now=school.clock()
    )
    await school.work()
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert membership.state == "sending"
    assert "can't be reached" in membership.problem
    await coordinator.listen_again(port)
    assert await check_membership(school.local, membership_id)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert (membership.state, membership.problem) == ("applied", "")


async def test_the_log_s_word_makes_the_node_ask(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    await school.work()
    async with coordinator.database.writing() as session:
        member = await member_by_entity(session, network_id, school.local.entity_id)
        assert member is not None
        member.state = "suspended"
    async with school.database.writing() as session:
        await ask_soon(session, network=f"{coordinator.local.entity_id}/net/north-coast", now=school.clock())
        await ask_soon(session, network="https://nobody.example/net/x", now=school.clock())
    await school.work()
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert membership.state == "suspended"
    assert not is_writing_allowed(membership, school.clock())
    assert is_reading_allowed(membership, school.clock())
