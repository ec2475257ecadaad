"""The whole way of a school into a network, over real HTTP between two nodes."""

from nic_node.membership.follow import check_membership
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.look_up import look_up
from nic_node.membership.read import is_reading_allowed, is_writing_allowed, membership_of
from nic_node.membership.tell import confirm, leave
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve
from nic_node.network.members import member_by_entity
from nic_node.network.vet import settle_check
from tests.unit.network.people_stage import StagedNode, found, invitation_link

CONTACT = {"name": "Noor Haddad", "email": "office@school.example", "role": "Principal", "phone": ""}


async def join(coordinator: StagedNode, school: StagedNode) -> tuple[int, int, int]:
    """(network id, membership id, member id) of a school that has applied."""
    network = await found(coordinator)
    link = await invitation_link(coordinator, network)
    offer = await look_up(school.local, link, now=school.clock())
    acceptance = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=CONTACT)
    membership_id = await apply(
        school.local, actor=await school.actor(), offer=offer, acceptance=acceptance, now=school.clock()
    )
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, network.id, school.local.entity_id)
        assert member is not None
    return network.id, membership_id, member.id


async def test_from_link_to_member_and_out_again(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
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
