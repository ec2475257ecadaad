"""Charter and policy of a network as they stand now, for who accepts them anew: at a renewal, or with an appeal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from federation.errors import FederationError
from nic_node.errors import InvalidInput
from nic_node.membership.documents import obtain_document
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import ask_network, network_metadata
from nic_node.membership.read import membership_of
from nic_node.membership.tables import MembershipRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a person accepted, by hash."""

    policy_sha256: str
    charter_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TodaysTerms:
    """`changed`: they are others than those that this school accepted last."""

    policy_sha256: str
    charter_sha256: str
    policy: Mapping[str, Any]
    charter: Mapping[str, Any]
    changed: bool

    @property
    def accepted(self) -> Accepted:
        return Accepted(policy_sha256=self.policy_sha256, charter_sha256=self.charter_sha256)


async def todays_terms(node: LocalNode, membership_id: int) -> TodaysTerms:
    """Ask the network by its pinned key.

    Raises:
        NotFound: there is no such membership.
        InvalidInput: the network gives no answer, or one that does not hold.
    """
    async with node.database.reading() as session:
        membership = await membership_of(session, membership_id)
        pinned = set((await session.get_one(MembershipRow, membership_id)).pinned)
    accepted = Accepted(policy_sha256=membership.policy_accepted, charter_sha256=membership.charter_accepted)
    return await fetch_terms(node, membership.network, pinned=pinned, accepted=accepted)


async def fetch_terms(node: LocalNode, network: str, *, pinned: Collection[str], accepted: Accepted) -> TodaysTerms:
    """As `todays_terms`, of any network whose key is pinned; `accepted` is what was accepted last.

    Raises:
        InvalidInput: as there.
    """
    try:
        statement = await ask_network(node, network, pinned=set(pinned), now=node.clock())
        metadata = network_metadata(statement)
        hashes = (str(metadata["policy_sha256"]), str(metadata["charter_sha256"]))
        policy, charter = [await obtain_document(node, network, sha256) for sha256 in hashes]
    except FederationError as error:
        raise InvalidInput({"": [error.detail]}, error.detail) from error
    return TodaysTerms(
        policy_sha256=hashes[0],
        charter_sha256=hashes[1],
        policy=policy,
        charter=charter,
        changed=hashes != (accepted.policy_sha256, accepted.charter_sha256),
    )
