"""Epochs: the terms in which pseudonyms hold, as pure functions of what the log says and of now.

announced -> issuing -> registering -> open -> closed, or void. The epoch leaf is the only source of an epoch's keys,
windows and documents. The windows tell a node what to do and a sequencer what to accept; who judges the log afterwards
goes by its order alone, since leaves carry no time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from federation.blindrsa import public_key, verify_signature
from federation.errors import Untrusted
from federation.jws import peek_jws, sign_jws, verify_peeked
from federation.keys import Jwk, PrivateKey, decode_base64url, load_private, load_public, public_jwk
from federation.tlog.note import COSIGNATURE_V1, VerifierKey, parse_vkey
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes
from schemas.document import InvalidDocument, load_document
from schemas.jwk import RSA_3072_BYTES
from schemas.leaf import (
    CREDENTIAL_MESSAGE,
    CREDENTIAL_MESSAGE_MAX_BYTES,
    CREDENTIAL_PREFIX_BYTES,
    ISSUE_REQUEST,
    ISSUE_TYP,
    quorum_of,
)
from schemas.limits import WIRE_VERSION
from schemas.problem import Code

UNSEALED_SLOTS: Final = 3
"""A node seals no record in this many slots before an epoch ends, and records are accepted this many after it."""
SUBMISSION_KEY_KEPT: Final = timedelta(days=7)

KINDS_AFTER_EPOCH: Final = frozenset({"answer"})
MAX_ISSUE_REQUEST_BYTES: Final = 2_000
"""So that the request fits into a leaf."""

_ENCLOSED_KEY: Final = "jwk"


class EpochStatus(StrEnum):
    """What the log says of an epoch."""

    ANNOUNCED = "announced"
    OPEN = "open"
    VOID = "void"


class Phase(StrEnum):
    """Where an epoch stands now."""

    ANNOUNCED = "announced"
    ISSUING = "issuing"
    REGISTERING = "registering"
    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"


@dataclass(frozen=True)
class EpochWindows:
    """issue_from < issue_to < active_from < active_to, aware UTC."""

    issue_from: datetime
    issue_to: datetime
    active_from: datetime
    active_to: datetime


@dataclass(frozen=True)
class Epoch:
    """What an epoch leaf announces."""

    network: str
    number: int
    rsa_jwk: Mapping[str, str]
    submission_key: Mapping[str, str]
    policy_sha256: str
    lattice_sha256: str
    witnesses: tuple[VerifierKey, ...]
    windows: EpochWindows
    min_issued: int

    @property
    def quorum(self) -> int:
        return quorum_of(len(self.witnesses))

    def fields(self) -> dict[str, Any]:
        """As they stand in the leaf."""
        windows = self.windows
        return {
            "epoch": self.number,
            "rsa_jwk": dict(self.rsa_jwk),
            "submission_key": dict(self.submission_key),
            "policy_sha256": self.policy_sha256,
            "lattice_sha256": self.lattice_sha256,
            "witnesses": [key.text for key in self.witnesses],
            "quorum": self.quorum,
            "issue_from": int(windows.issue_from.timestamp()),
            "issue_to": int(windows.issue_to.timestamp()),
            "active_from": int(windows.active_from.timestamp()),
            "active_to": int(windows.active_to.timestamp()),
            "min_issued": self.min_issued,
        }


def read_epoch(payload: Mapping[str, Any]) -> Epoch:
    """The epoch of a leaf's payload that passed its schema.

    Raises:
        Untrusted: KEY_INVALID, a key or witness that is none; EPOCH_INVALID, a time beyond the calendar, a witness
            twice or with a key of another type.
    """
    load_public(payload["rsa_jwk"])
    load_public(payload["submission_key"])
    witnesses = tuple(parse_vkey(text) for text in payload["witnesses"])
    if any(key.key_type != COSIGNATURE_V1 for key in witnesses):
        raise Untrusted(Code.EPOCH_INVALID, "A witness's key is not one for cosignatures.")
    # One key or one name twice would let one witness count for two.
    if len({key.name for key in witnesses}) < len(witnesses) or len({key.public for key in witnesses}) < len(witnesses):
        raise Untrusted(Code.EPOCH_INVALID, "An epoch names the same witness twice.")
    return Epoch(
        network=payload["network"],
        number=payload["epoch"],
        rsa_jwk=payload["rsa_jwk"],
        submission_key=payload["submission_key"],
        policy_sha256=payload["policy_sha256"],
        lattice_sha256=payload["lattice_sha256"],
        witnesses=witnesses,
        windows=_read_windows(payload),
        min_issued=payload["min_issued"],
    )


def _read_windows(payload: Mapping[str, Any]) -> EpochWindows:
    names = ("issue_from", "issue_to", "active_from", "active_to")
    try:
        times = [datetime.fromtimestamp(payload[name], UTC) for name in names]
    except (ValueError, OverflowError, OSError) as error:
        raise Untrusted(Code.EPOCH_INVALID, "An epoch ends beyond the calendar.") from error
    return EpochWindows(*times)


def plan_windows(policy: Mapping[str, Any], issue_from: datetime) -> EpochWindows:
    """The windows that a policy gives an epoch whose issuing starts at this time."""
    issue_to = issue_from + timedelta(seconds=policy["issue_seconds"])
    active_from = issue_to + timedelta(seconds=policy["register_slots"] * policy["slot_seconds"])
    return EpochWindows(issue_from, issue_to, active_from, active_from + timedelta(seconds=policy["active_seconds"]))


def next_issue_from(windows: EpochWindows, policy: Mapping[str, Any]) -> datetime:
    """When issuing of the following epoch starts, so that it opens as this one ends."""
    lead = policy["issue_seconds"] + policy["register_slots"] * policy["slot_seconds"]
    return windows.active_to - timedelta(seconds=lead)


def verify_epoch_policy(epoch: Epoch, policy: Mapping[str, Any]) -> None:
    """That an epoch keeps to the policy that it fixes; for a node before it takes part.

    Raises:
        Untrusted: POLICY_HASH_WRONG, the policy is another network's; EPOCH_INVALID.
    """
    if policy["network"] != epoch.network:
        raise Untrusted(Code.POLICY_HASH_WRONG, "An epoch names the policy of another network.")
    registering = epoch.windows.active_from - epoch.windows.issue_to
    if registering < timedelta(seconds=policy["register_slots"] * policy["slot_seconds"]):
        raise Untrusted(Code.EPOCH_INVALID, f"An epoch gives less than {policy['register_slots']} slots to register.")
    if epoch.min_issued < policy["min_issued"]:
        raise Untrusted(Code.EPOCH_INVALID, "An epoch would open with fewer members than its policy asks for.")


# Phases -------------------------------------------------------------------------------------------------------------


def phase(windows: EpochWindows, status: EpochStatus, now: datetime) -> Phase:
    """Where an epoch stands. Opening and voiding are the log's to say, the rest is the clock's."""
    if status is EpochStatus.VOID:
        return Phase.VOID
    if now >= windows.active_to:
        return Phase.CLOSED
    if status is EpochStatus.OPEN:
        return Phase.OPEN
    if now < windows.issue_from:
        return Phase.ANNOUNCED
    # Until the log says 'open', a pseudonym that it takes still counts.
    return Phase.ISSUING if now < windows.issue_to else Phase.REGISTERING


def seals_records(windows: EpochWindows, status: EpochStatus, now: datetime, *, slot_seconds: int) -> bool:
    """Whether a node may seal a record in this epoch now: not so late that it might arrive after the end."""
    last = windows.active_to - timedelta(seconds=UNSEALED_SLOTS * slot_seconds)
    return status is EpochStatus.OPEN and now < last


def accepts_records(
    windows: EpochWindows, status: EpochStatus, now: datetime, *, slot_seconds: int, kind: str, supersedes: bool
) -> bool:
    """Whether a sequencer takes a record of this epoch now.

    An author answers and corrects under a practice's own pseudonym also after its epoch.
    """
    if status is not EpochStatus.OPEN:
        return False
    last = windows.active_to + timedelta(seconds=UNSEALED_SLOTS * slot_seconds)
    return now < last or supersedes or kind in KINDS_AFTER_EPOCH


def erase_submission_key_at(windows: EpochWindows) -> datetime:
    return windows.active_to + SUBMISSION_KEY_KEPT


# Issuing: a member's signed request, counted in public --------------------------------------------------------------


@dataclass(frozen=True)
class IssueRequest:
    """What a member asked and signed; jkt names its federation key."""

    jkt: str
    network: str
    epoch: int
    blinded_message: bytes


def build_issue_request(
    private_federation: Jwk | PrivateKey, *, network: str, epoch: int, blinded_message: bytes
) -> str:
    """The JWS that asks for a blind signature. It encloses its key, so that whoever reads the log can verify it."""
    request = {"network": network, "epoch": epoch, "blinded_msg": encode_base64url(blinded_message)}
    key = load_private(private_federation)
    return sign_jws(
        load_document(ISSUE_REQUEST, request), key, typ=ISSUE_TYP, extra_header={_ENCLOSED_KEY: dict(key.public)}
    )


def verify_issue_request(jws: str | bytes) -> IssueRequest:
    """A request that its enclosed key signed. Whose key it is, the caller knows from the member leaf or the chain.

    Raises:
        Untrusted: ISSUE_REQUEST_INVALID; KEY_INVALID, the key is not the one that kid names; SIGNATURE_INVALID; what
            `peek_jws` finds.
    """
    token = peek_jws(jws, typ=ISSUE_TYP, max_bytes=MAX_ISSUE_REQUEST_BYTES, extra_header_names={_ENCLOSED_KEY})
    enclosed = token.header.get(_ENCLOSED_KEY)
    if not isinstance(enclosed, Mapping) or public_jwk(enclosed) != enclosed:
        raise Untrusted(Code.ISSUE_REQUEST_INVALID, "A request for a credential does not enclose its public key.")
    try:
        request = load_document(ISSUE_REQUEST, token.payload)
    except InvalidDocument as error:
        raise Untrusted(Code.ISSUE_REQUEST_INVALID, f"A request for a credential is wrong: {error.message}") from error
    verify_peeked(token, {token.kid: enclosed}.get)
    blinded = decode_base64url(request["blinded_msg"], max_bytes=RSA_3072_BYTES)
    return IssueRequest(token.kid, request["network"], request["epoch"], blinded)


# Credentials: that somebody was issued one, and no longer who --------------------------------------------------------


def message_to_blind(network: str, epoch: int, jkt: str) -> bytes:
    """What a credential certifies, before RFC 9474's Prepare puts 32 random bytes in front of it."""
    return canonical_bytes({"v": WIRE_VERSION, "network": network, "epoch": epoch, "jkt": jkt})


def verify_credential(
    credential: Mapping[str, str], *, rsa_jwk: Mapping[str, Any], network: str, epoch: int, jkt: str
) -> None:
    """That the epoch's key signed this pseudonym's name, and no other's.

    Args:
        credential: msg (the whole prepared message) and sig, base64url.
        rsa_jwk: of the epoch leaf.
        network, epoch, jkt: what the message must name.

    Raises:
        Untrusted: CREDENTIAL_NETWORK_WRONG, CREDENTIAL_EPOCH_WRONG, CREDENTIAL_KEY_WRONG: it is another's;
            CREDENTIAL_INVALID.
    """
    prepared = decode_base64url(credential["msg"], max_bytes=CREDENTIAL_MESSAGE_MAX_BYTES)
    message = prepared[CREDENTIAL_PREFIX_BYTES:]
    if message != message_to_blind(network, epoch, jkt):
        raise _named_difference(message, network, epoch, jkt)
    signature = decode_base64url(credential["sig"], max_bytes=RSA_3072_BYTES)
    verify_signature(public_key(rsa_jwk), prepared, signature)


def _named_difference(message: bytes, network: str, epoch: int, jkt: str) -> Untrusted:
    try:
        named = load_document(CREDENTIAL_MESSAGE, message, max_bytes=CREDENTIAL_MESSAGE_MAX_BYTES)
    except InvalidDocument:
        return Untrusted(Code.CREDENTIAL_INVALID, "A credential's message is not the one that is blinded.")
    if named["network"] != network:
        return Untrusted(Code.CREDENTIAL_NETWORK_WRONG, "A credential was issued by another network.")
    if named["epoch"] != epoch:
        return Untrusted(Code.CREDENTIAL_EPOCH_WRONG, "A credential was issued for another epoch.")
    if named["jkt"] != jkt:
        return Untrusted(Code.CREDENTIAL_KEY_WRONG, "A credential was issued for another pseudonym.")
    return Untrusted(Code.CREDENTIAL_INVALID, "A credential's message is not in its canonical form.")
