"""Telling a network which keys this school has: its own entity configuration, signed by a key that the network knows.

What was told last is kept with the membership, so that a network that was down learns it when it is back: for as long
as the key that it knows is still published.
"""

from typing import Any

from nic_node.keyring.keys import StoredKey, all_public_keys, load_private_jwk
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.configuration import own_configuration
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import MembershipRow
from nic_node.peerhttp.signing import RequestSigner
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE
from schemas.limits import REQUEST_MAX_BYTES

Told = dict[str, Any]
"""{"federation": kids, "http": kids, "signed_by": kid}: what a network was told, and by which key."""
MOST_ROUNDS = 2
"""First the known key presents the new one, then the new one signs for itself."""


async def tell_keys(node: LocalNode, membership_id: int) -> None:
    """Tell the network until it knows every published key, by the mouth of the one that signs today.

    Raises:
        Untrusted, Unreachable: it did not take them; the next check tells it again.
    """
    for _ in range(MOST_ROUNDS):
        if not await _tell_once(node, membership_id):
            return


async def _tell_once(node: LocalNode, membership_id: int) -> bool:
    now = node.clock()
    async with node.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
        if row is None or row.application_id is None:
            return False
        keys = {
            purpose: await all_public_keys(session, entity_id=node.entity_id, purpose=purpose, now=now)
            for purpose in (KeyPurpose.FEDERATION, KeyPurpose.HTTP)
        }
        active = {purpose: [key for key in found if key.active_from <= now] for purpose, found in keys.items()}
        if row.keys_told is None and all(len(found) == 1 for found in keys.values()):
            return False  # the application enclosed them, and nothing has changed since
        known = row.keys_told or {}
        signing = known_or_oldest(active[KeyPurpose.FEDERATION], known.get("federation", ()))
        told = _told(keys, signing)
        if told == row.keys_told:
            return False
        by = known_or_oldest(active[KeyPurpose.HTTP], known.get("http", ()))
        signer = RequestSigner(
            node.entity_id,
            await load_private_jwk(session, operator_key=node.operator_key, entity_id=node.entity_id, kid=by.kid),
        )
        token = await own_configuration(node, session, signed_by=signing.kid)
    await node.client.post(
        f"{row.network}/v1/members/{row.application_id}/keys",
        body=token.encode(),
        body_type=ENTITY_STATEMENT_CONTENT_TYPE,
        content_type=(),
        max_bytes=REQUEST_MAX_BYTES,
        signer=signer,
        accept_status={204},
    )
    async with node.database.writing() as session:
        kept = await session.get(MembershipRow, membership_id, with_for_update=True)
        if kept is not None:
            kept.keys_told = told
    return True


def known_or_oldest(active: list[StoredKey], known: Any) -> StoredKey:
    """Of active keys, newest first: the newest that the network knows; if none is known to be known, the oldest."""
    return next((key for key in active if key.kid in known), active[-1])


def _told(keys: dict[KeyPurpose, Any], signing: StoredKey) -> Told:
    kids = {purpose.value: sorted(key.kid for key in found) for purpose, found in keys.items()}
    return {**kids, "signed_by": signing.kid}
