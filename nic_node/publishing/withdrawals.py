"""Signed withdrawals: for each thing that this school shared a retraction that is signed already, and needs no key.

The node keeps one beside each record's place, sealed, so that its backup holds them. The file is for the day when node
and backup are gone: whoever has it can take back what stands in it, by `nic share retract`, and knows whose it is.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from federation.leaves import build_retract, read_leaf, sign_leaf
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.clock import day_at
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.answers import PeerRefused
from nic_node.peerhttp.client import PeerClient
from nic_node.publishing.places import place_of_row
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from schemas.canonical import canonical_bytes, read_json
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.limits import LEAF_MAX_BYTES

WITHDRAWN: Final = "withdrawn"
VERSION: Final = 1
KIND: Final = "nic-withdrawals"
MOST_BYTES: Final = 8 * 1024 * 1024
GONE_ALREADY: Final = frozenset({Code.BLOB_RETRACTED, Code.BLOB_MODERATED})
REFUSALS: Final = frozenset(
    {
        Code.LEAF_MALFORMED,
        Code.LEAF_NETWORK_WRONG,
        Code.LEAF_SIGNER_WRONG,
        Code.LEAF_TOO_LARGE,
        Code.LEAF_TYPE_UNKNOWN,
        Code.PSEUDONYM_UNKNOWN,
        Code.SIGNATURE_INVALID,
        Code.TARGET_NOT_OWN,
        Code.TARGET_UNKNOWN,
    }
)
"""What a network says of a retraction that it judged. Every other answer may be another one the next time."""
NO_FILE: Final = N_("This is no file of signed withdrawals. Share's page of them makes one.")
NO_RECORD: Final = N_("The file has no withdrawal of such a record.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A retraction of one record, signed by its pseudonym; `leaf` is all that the network takes."""

    network: str
    record_id: str
    title: str
    shared_on: str
    leaf: str


class _WithdrawalSchema(Schema):
    class Meta:
        unknown = RAISE

    network = fields.Url(required=True, require_tld=False, schemes={"https", "http"})
    record_id = fields.String(required=True, validate=validate.Length(max=340))
    title = fields.String(required=True, validate=validate.Length(max=200))
    shared_on = fields.String(required=True, validate=validate.Length(max=10))
    leaf = fields.String(required=True, validate=validate.Length(max=LEAF_MAX_BYTES))


class _FileSchema(Schema):
    class Meta:
        unknown = RAISE

    v = fields.Integer(required=True, strict=True, validate=validate.Equal(VERSION))
    kind = fields.String(required=True, validate=validate.Equal(KIND))
    made_on = fields.String(required=True, validate=validate.Length(max=10))
    items = fields.List(fields.Nested(_WithdrawalSchema()), required=True)


# Making them ----------------------------------------------------------------------------------------------------------


async def signed_retraction(
    session: AsyncSession, node: LocalNode, *, network: str, jkt: str, record_id: str, reason: str
) -> bytes:
    """The retract leaf of a record, signed by the pseudonym that published it.

    Raises:
        NotFound: that key is lost.
    """
    private = await load_private_jwk(session, operator_key=node.operator_key, entity_id=node.entity_id, kid=jkt)
    return sign_leaf(build_retract(network, target=record_id, reason=reason), private)


async def kept_withdrawal(session: AsyncSession, node: LocalNode, row: OutboxRow, *, jkt: str, record_id: str) -> str:
    """The one that was signed as the record arrived, else one made now; "" where the pseudonym's key is lost."""
    place = place_of_row(node, row)
    if place is not None and place.withdrawal:
        return place.withdrawal
    try:
        leaf = await signed_retraction(
            session, node, network=row.network, jkt=jkt, record_id=record_id, reason=WITHDRAWN
        )
    except NotFound:
        return ""
    return leaf.decode()


async def own_withdrawals(session: AsyncSession, node: LocalNode) -> list[Withdrawal]:
    """Of everything that stands in a log, the oldest first; also of what is being taken back, until the log says so."""
    chosen = (
        select(OutboxRow, Release)
        .join(Release, Release.id == OutboxRow.release_id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .where(OutboxRow.sealed_place.is_not(None), OutboxRow.state != OutboxState.REMOVED)
        .where(RetractionRow.id.is_(None) | (RetractionRow.state != RetractionState.GONE))
        .order_by(OutboxRow.id)
    )
    found = []
    for row, release in (await session.execute(chosen)).all():
        place = place_of_row(node, row)
        assert place is not None
        leaf = await kept_withdrawal(session, node, row, jkt=place.jkt, record_id=place.record_id)
        if leaf:  # else its key is lost: only a coordinator can take it down
            shared_on = day_at(release.approved_at, node.config.time_zone).isoformat()
            found.append(
                Withdrawal(
                    network=row.network, record_id=place.record_id, title=release.title, shared_on=shared_on, leaf=leaf
                )
            )
    return found


async def export_withdrawals(
    session: AsyncSession, node: LocalNode, *, actor: Actor, today: date, now: datetime
) -> bytes:
    """The file's bytes; that somebody took it is audited, since it says which records are this school's."""
    withdrawals = await own_withdrawals(session, node)
    await record_audit(
        session,
        actor=actor,
        action="withdrawals.exported",
        subject="withdrawals",
        subject_id=None,
        before=None,
        after={"records": len(withdrawals)},
        now=now,
    )
    return build_file(withdrawals, made_on=today)


def build_file(withdrawals: Sequence[Withdrawal], *, made_on: date) -> bytes:
    document = {"v": VERSION, "kind": KIND, "made_on": made_on.isoformat(), "items": [asdict(w) for w in withdrawals]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


# Using them without the node ------------------------------------------------------------------------------------------


def read_file(data: bytes) -> list[Withdrawal]:
    """The withdrawals of a file.

    Raises:
        InvalidInput: it is no such file, or a leaf in it retracts something else than it says.
    """
    try:
        document: dict[str, Any] = _FileSchema().load(read_json(data, max_bytes=MOST_BYTES))
        found = [Withdrawal(**item) for item in document["items"]]
        is_sound = all(_retracts(each) for each in found)
    except (InvalidDocument, ValidationError, FederationError) as error:
        raise InvalidInput({"file": [NO_FILE]}, NO_FILE) from error
    if not is_sound:
        raise InvalidInput({"file": [NO_FILE]}, NO_FILE)
    return found


def _retracts(withdrawal: Withdrawal) -> bool:
    leaf = read_leaf(withdrawal.leaf.encode())
    return leaf.t == "retract" and leaf.payload["target"] == withdrawal.record_id


def chosen_of(withdrawals: Sequence[Withdrawal], record_ids: Sequence[str]) -> list[Withdrawal]:
    """Those of the named records, or all where none is named.

    Raises:
        NotFound: the file has none of a record.
    """
    held = {each.record_id: each for each in withdrawals}
    if any(record_id not in held for record_id in record_ids):
        raise NotFound(NO_RECORD)
    return [held[record_id] for record_id in record_ids] if record_ids else list(withdrawals)


class RetractionRefused(Untrusted):
    """The network itself says that this retraction is none: trying again changes nothing by itself."""


async def send_openly(client: PeerClient, network: str, leaf: str) -> bool:
    """Hand a retraction to its network, unsigned and in the open: the pseudonym's signature is the proof.

    False: the network says that the record is gone already.

    Raises:
        RetractionRefused: the network judged the retraction, and does not take it.
        FederationError: no answer, or one that says nothing about the retraction (a proxy's, say): to be tried again.
    """
    try:
        await client.post(
            f"{network}/v1/retractions",
            body=canonical_bytes({"leaf": leaf}),
            body_type="application/json",
            content_type=(),
            max_bytes=0,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except PeerRefused as error:
        if error.peer_code in GONE_ALREADY:
            return False
        if error.peer_code in REFUSALS:
            raise RetractionRefused(error.peer_code, error.detail) from error
        raise
    return True
