"""Members that have a role in a network: the network lists them, and where they answer their trust chain says."""

from sqlalchemy import select

from federation.errors import Untrusted
from federation.trust_marks import verify_trust_marks
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.fetch import fetch_marked
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import MARKED_ENDPOINT
from nic_node.membership.resolve import resolve_chain
from nic_node.membership.tables import MembershipRow
from schemas.code import Code
from schemas.entity import MIRROR, trust_mark_type
from schemas.membership import SCHOOL_TYPE


async def list_marked(node: LocalNode, network: str, role: str) -> list[str]:
    """Other members that have a role, as the network lists them (OpenID Federation 1.0, section 8.5).

    Raises:
        NotFound: no such membership.
        Untrusted, Unreachable: the network gives no such list.
    """
    endpoint = (await _membership(node, network)).endpoints.get(MARKED_ENDPOINT)
    if endpoint is None:
        raise Untrusted(Code.METADATA_INVALID, "The network has no list of the members that have a role.")
    listed = await fetch_marked(node.client, endpoint, trust_mark_type(network, role))
    return [entity for entity in listed if entity != node.entity_id]


async def find_mirror_url(node: LocalNode, network: str, entity: str) -> str:
    """Where a member serves its copies of logs, by a chain that leads to the network and the network's own mark.

    Raises:
        NotFound: no such membership.
        Untrusted: the chain does not hold, or gives no such role or no address. Unreachable: it can't be had.
    """
    now = node.clock()
    chain = (
        await resolve_chain(
            node.client,
            entity,
            anchors={network: (await _membership(node, network)).pinned},
            now=now,
            allow_insecure_loopback=node.config.allow_insecure_loopback,
        )
    ).chain
    if MIRROR not in verify_trust_marks(chain, network=network, now=now):
        raise Untrusted(Code.TRUST_MARK_INVALID, f"{entity} has no mark of a mirror.")
    url = chain.metadata.get(SCHOOL_TYPE, {}).get("mirror_url")
    if not isinstance(url, str):
        raise Untrusted(Code.METADATA_INVALID, f"{entity} does not say where its copies are.")
    return url.rstrip("/")


async def _membership(node: LocalNode, network: str) -> MembershipRow:
    async with node.database.reading() as session:
        row = await session.scalar(select(MembershipRow).where(MembershipRow.network == network))
    if row is None:
        raise NotFound(N_("There is no such membership."))
    return row
