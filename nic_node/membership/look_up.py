"""From an invitation link to what a network offers: who it is, its charter, its policy. Nothing is kept yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from federation.entities import EntityStatement, verify_entity_configuration, verify_entity_id
from federation.errors import FederationError, Untrusted
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.fetch import fetch_configuration, fetch_document
from nic_node.membership.local import LocalNode
from schemas.code import Code
from schemas.document import InvalidDocument
from schemas.membership import read_invitation

NETWORK_TYPE: Final = "nic_network"
FEDERATION_TYPE: Final = "federation_entity"
WANTED_ENDPOINTS: Final = ("federation_fetch_endpoint", "federation_trust_mark_endpoint")
MARKED_ENDPOINT: Final = "federation_trust_mark_list_endpoint"
"""Used where it is there: without it a node knows no members' copies of the log."""
OTHER_KEY: Final = N_(
    "The network answers with another key than the one in your invitation, so nothing was sent to it. "
    "Ask the coordinator, by phone, for a new link."
)
EXPIRED: Final = N_("This invitation has expired. Ask the coordinator for a new link.")
OWN_NETWORK: Final = N_(
    "This link belongs to another network than its address says. Ask the coordinator for a new one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A network that answered with the key that the invitation pins.

    Attributes:
        pinned: thumbprints of its federation keys, all of them now relied on; signed_by: the one that signs today.
        policy, charter: the documents; their bytes stand in `contents` by hash.
    """

    network: str
    name: str
    token: str
    expires_at: datetime
    pinned: tuple[str, ...]
    signed_by: str
    metadata: Mapping[str, Any]
    endpoints: Mapping[str, str]
    policy: Mapping[str, Any]
    charter: Mapping[str, Any]
    contents: Mapping[str, bytes] = field(repr=False)

    @property
    def policy_sha256(self) -> str:
        return str(self.metadata["policy_sha256"])

    @property
    def charter_sha256(self) -> str:
        return str(self.metadata["charter_sha256"])


async def look_up(node: LocalNode, text: str, *, now: datetime) -> Offer:
    """Read an invitation link, ask the network who it is, and fetch what it wants to have accepted.

    Raises:
        InvalidInput: under 'invitation', in one sentence: no invitation, expired, another key, no answer, a page
            instead of a statement, a redirect, too many bytes.
    """
    invitation = read_link(text, now=now)
    try:
        verify_entity_id(invitation["network"], allow_insecure_loopback=node.config.allow_insecure_loopback)
        statement = await ask_network(node, invitation["network"], pinned={invitation["jkt"]}, now=now)
        metadata = network_metadata(statement)
        contents, documents = {}, {}
        for name in ("policy_sha256", "charter_sha256"):
            content, document = await fetch_document(node.client, statement.subject, metadata[name])
            contents[metadata[name]], documents[name] = content, document
    except FederationError as error:
        sentence = _refused(error)
        raise InvalidInput({"invitation": [sentence]}, sentence) from error
    return Offer(
        network=statement.subject,
        name=metadata["name"],
        token=invitation["token"],
        expires_at=datetime.fromtimestamp(invitation["exp"], UTC),
        pinned=tuple(statement.keys),
        signed_by=statement.kid,
        metadata=metadata,
        endpoints=federation_endpoints(statement),
        policy=documents["policy_sha256"],
        charter=documents["charter_sha256"],
        contents=contents,
    )


def _refused(error: FederationError) -> str:
    """What is wrong with what answered, and what to do: sentences about peers say that themselves."""
    if error.code is Code.KEY_NOT_PINNED:
        return OTHER_KEY
    return error.detail if error.code.startswith("peer-") else f"{error.detail} Ask the coordinator for a new link."


def read_link(text: str, *, now: datetime) -> dict[str, Any]:
    """The invitation in a link; InvalidInput under 'invitation' when it is none, or expired."""
    try:
        invitation = read_invitation(text)
    except InvalidDocument as error:
        raise InvalidInput({"invitation": [error.message]}, error.message) from error
    if invitation["exp"] <= now.timestamp():
        raise InvalidInput({"invitation": [EXPIRED]}, EXPIRED)
    return invitation


async def ask_network(node: LocalNode, network: str, *, pinned: set[str], now: datetime) -> EntityStatement:
    """The network's entity configuration, signed by a pinned key.

    Raises:
        Untrusted, Unreachable: as `fetch_configuration` and `verify_entity_configuration`.
    """
    token = await fetch_configuration(node.client, network)
    statement = verify_entity_configuration(
        token, now=now, pinned=pinned, allow_insecure_loopback=node.config.allow_insecure_loopback
    )
    if statement.subject != network:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, OWN_NETWORK)
    return statement


def network_metadata(statement: EntityStatement) -> Mapping[str, Any]:
    """What a network says of its log and documents; its log lies under its own address.

    Raises:
        Untrusted: METADATA_INVALID.
    """
    metadata: Mapping[str, Any] | None = statement.metadata.get(NETWORK_TYPE)
    if metadata is None or any(name not in statement.metadata.get(FEDERATION_TYPE, {}) for name in WANTED_ENDPOINTS):
        raise Untrusted(Code.METADATA_INVALID, "What answers at this address is no network.")
    if not str(metadata["log_url"]).startswith(f"{statement.subject}/"):
        raise Untrusted(Code.METADATA_INVALID, "This network's log lies at an address that is not its own.")
    return metadata


def federation_endpoints(statement: EntityStatement) -> dict[str, str]:
    stated = statement.metadata[FEDERATION_TYPE]
    return {name: stated[name] for name in (*WANTED_ENDPOINTS, MARKED_ENDPOINT) if name in stated}
