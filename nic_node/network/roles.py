"""Roles of members: who publishes, who witnesses, who serves a mirror. The network's trust marks say so.

A publisher's credentials, a witness's place in the next epoch's leaf, and every mark hang on the row that is written
here: what is withdrawn shows at the next request, what an epoch's leaf names stays until the next epoch.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import verify_entity_configuration
from federation.errors import FederationError
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.log.cosigners import witnesses_of
from nic_node.network.member_keys import stated_witness_key
from nic_node.network.members import member_of
from nic_node.network.tables import Member
from nic_node.network.transitions import verify_version
from schemas.entity import MIRROR, PUBLISHER, TRUST_MARK_ROLES, WITNESS
from schemas.leaf import WITNESSES_MAX
from schemas.states import APPROVED

ROLE_WORDS: Final = {
    PUBLISHER: (N_("Publisher"), N_("May share practices and results. Every member has this role at first.")),
    WITNESS: (
        N_("Witness"),
        N_(
            "Its node confirms that the log only grows. With three or more, an entry is final once most have confirmed."
        ),
    ),
    MIRROR: (N_("Mirror"), N_("Its node serves a copy of the log to everybody, also while this network is down.")),
}
"""Role -> its name and what it means."""
NOT_A_MEMBER: Final = N_("Only a member that is approved has roles.")
NOT_A_SCHOOL: Final = N_("A network below this one has no roles.")
NO_ANSWER: Final = N_("Its node gave no answer, so the key by which it would confirm is not known. Try again later.")
NO_KEY: Final = N_("Its node states no key by which it would confirm. It needs a newer program first.")
TOO_MANY: Final = N_("There are as many witnesses as an epoch can name. Withdraw the role from another one first.")


async def learn_witness_key(node: LocalNode, member: Member) -> str:
    """Ask a member's node for the key by which it cosigns, outside any transaction.

    Raises:
        InvalidInput: it gave none.
    """
    try:
        statement = verify_entity_configuration(
            await fetch_configuration(node.client, member.entity),
            now=node.clock(),
            pinned=set(member.keys),
            allow_insecure_loopback=node.config.allow_insecure_loopback,
        )
    except FederationError as error:
        raise InvalidInput({"roles": [NO_ANSWER]}) from error
    key = stated_witness_key(statement) if statement.subject == member.entity else None
    if key is None:
        raise InvalidInput({"roles": [NO_KEY]})
    return key


async def give_roles(
    node: LocalNode,
    *,
    network_id: int,
    member_id: int,
    roles: Collection[str],
    version: int,
    actor: Actor,
    now: datetime,
) -> Member:
    """A member has these roles from now on, and no others.

    Raises:
        NotAllowed: no coordinator of this network. NotFound: no such member.
        Conflict: a stale version, or a member that is not approved.
        InvalidInput: an unknown role; a witness whose node tells no key; more witnesses than an epoch can name.
    """
    wanted = set(roles)
    if unknown := wanted - set(TRUST_MARK_ROLES):
        raise InvalidInput({"roles": [N_("There is no such role: {names}.").format(names=", ".join(sorted(unknown)))]})
    async with node.database.reading() as session:
        await verify_coordinator(session, network_id, actor)
        member = await member_of(session, network_id, member_id)
    _verify_eligible(member)
    key = await learn_witness_key(node, member) if WITNESS in wanted else None
    async with node.database.writing() as session:
        await verify_coordinator(session, network_id, actor)
        member = await member_of(session, network_id, member_id, for_update=True)
        verify_version(member, version)
        _verify_eligible(member)
        if WITNESS in wanted and WITNESS not in member.roles:
            await _verify_room(session, network_id)
        await _keep(session, member, wanted, key, actor, now)
    return member


def _verify_eligible(member: Member) -> None:
    if member.is_network:
        raise Conflict(NOT_A_SCHOOL)
    if member.state != APPROVED:
        raise Conflict(NOT_A_MEMBER)


async def _verify_room(session: AsyncSession, network_id: int) -> None:
    if len(await witnesses_of(session, network_id)) >= WITNESSES_MAX:
        raise InvalidInput({"roles": [TOO_MANY]})


async def _keep(
    session: AsyncSession, member: Member, wanted: set[str], key: str | None, actor: Actor, now: datetime
) -> None:
    before = list(member.roles)
    member.roles = [role for role in TRUST_MARK_ROLES if role in wanted]
    if key is not None:
        member.witness_key = key
    if member.roles == before:
        return
    await record_audit(
        session,
        actor=actor,
        action="member.roles-changed",
        subject="member",
        subject_id=member.id,
        before={"roles": before},
        after={"roles": member.roles},
        now=now,
    )
