"""Leaves: what the log holds. Each is a compact JWS, at most 4 KiB, with one of these payloads.

A leaf says neither when nor in words nor where: no time of its own, no text, no address of an author.
Schemas check the form; whether a leaf may stand where it stands is judged by `federation`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.canonical import read_json, verify_json
from schemas.code import Code
from schemas.document import DocumentSchema, load_parsed, verify_kind, verify_version
from schemas.fields import (
    Base64Url,
    Choice,
    Text,
    Whole,
    entity_field,
    jkt_field,
    jws_field,
    origin_field,
    record_id_field,
    sha256_field,
    time_field,
    verifier_key_field,
    version_field,
)
from schemas.invalid import InvalidDocument
from schemas.jwk import ED25519_JWK, RSA_3072_BYTES, RSA_3072_JWK, X25519_JWK
from schemas.limits import LEAF_MAX_BYTES
from schemas.states import STATES
from schemas.vocab import MODERATION_REASONS, RETRACT_REASONS

LEAF_TYP = "nic-leaf+jws"
ISSUE_TYP = "nic-issue+jws"
RECORD_KINDS = ("practice", "replication", "question", "answer", "flag")

MIN_ISSUED_FLOOR = 3
WITNESSES_MAX = 12  # as many verifier keys as an epoch leaf of 4 KiB bears beside its RSA key
# RFC 9474 section 4.1 (Prepare): 32 random bytes stand before the message.
CREDENTIAL_PREFIX_BYTES = 32
CREDENTIAL_MESSAGE_MAX_BYTES = CREDENTIAL_PREFIX_BYTES + 400


class LeafHeader(DocumentSchema):
    """The protected header of every leaf."""

    alg = Choice({"EdDSA"}, required=True)
    typ = Choice({LEAF_TYP}, required=True)
    kid = jkt_field(required=True)


class Leaf(DocumentSchema):
    """What every leaf says: its type, the wire version and its network."""

    v = version_field()
    network = entity_field(required=True)


class EpochLeaf(Leaf):
    """Announces an epoch: the only source of its keys, policy, lattice, witnesses and windows."""

    t = Choice({"epoch"}, required=True)
    epoch = Whole(1, required=True)
    rsa_jwk = fields.Nested(RSA_3072_JWK, required=True)
    submission_key = fields.Nested(X25519_JWK, required=True)
    policy_sha256 = sha256_field(required=True)
    lattice_sha256 = sha256_field(required=True)
    witnesses = fields.List(verifier_key_field(), required=True, validate=validate.Length(0, WITNESSES_MAX))
    quorum = Whole(1, WITNESSES_MAX, required=True)
    issue_from = time_field(required=True)
    issue_to = time_field(required=True)
    active_from = time_field(required=True)
    active_to = time_field(required=True)
    min_issued = Whole(MIN_ISSUED_FLOOR, required=True)

    @validates_schema
    def verify_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data["issue_from"] < data["issue_to"] < data["active_from"] < data["active_to"]:
            raise ValidationError("An epoch issues, then registers, then is active, then ends.", "issue_from")
        if len(set(data["witnesses"])) != len(data["witnesses"]):
            raise ValidationError("A witness is named twice.", "witnesses")
        if data["quorum"] != quorum_of(len(data["witnesses"])):
            raise ValidationError("The quorum must be half of the witnesses, rounded down, and one.", "quorum")


class IssuedLeaf(Leaf):
    """A member's signed request for a blind signature: whoever is counted, is counted in public."""

    t = Choice({"issued"}, required=True)
    jws = jws_field(2_000, required=True)


class OpenLeaf(Leaf):
    """Opens an epoch; fixes the lattice that its records use."""

    t = Choice({"open"}, required=True)
    epoch = Whole(1, required=True)
    issued = Whole(required=True)
    registered = Whole(required=True)
    lattice_sha256 = sha256_field(required=True)


class VoidLeaf(Leaf):
    """Ends an epoch before it opened, with what was short."""

    t = Choice({"void"}, required=True)
    epoch = Whole(1, required=True)
    issued = Whole(required=True)
    registered = Whole(required=True)


class CredentialSchema(DocumentSchema):
    """`msg`: the whole prepared message of RFC 9474; `sig`: the unblinded signature."""

    msg = Base64Url(CREDENTIAL_PREFIX_BYTES + 1, CREDENTIAL_MESSAGE_MAX_BYTES, required=True)
    sig = Base64Url(RSA_3072_BYTES, required=True)


class PseudonymLeaf(Leaf):
    """Registers a pseudonym with the credential that proves: one approved member, and no more."""

    t = Choice({"pseudonym"}, required=True)
    epoch = Whole(1, required=True)
    jwk = fields.Nested(ED25519_JWK, required=True)
    credential = fields.Nested(CredentialSchema(), required=True)


class RecordLeaf(Leaf):
    """Commits to a blob by the hash of its salted canonical bytes."""

    t = Choice({"record"}, required=True)
    epoch = Whole(1, required=True)
    kind = Choice(RECORD_KINDS, required=True)
    blob_sha256 = sha256_field(required=True)


class RetractLeaf(Leaf):
    """An author takes back a record."""

    t = Choice({"retract"}, required=True)
    target = record_id_field(required=True)
    reason = Choice(RETRACT_REASONS, required=True)


class MemberLeaf(Leaf):
    """A membership moved from one state to another; `jkt` is the member's federation key."""

    t = Choice({"member"}, required=True)
    entity = entity_field(required=True)
    jkt = jkt_field(required=True)
    from_state = Choice(STATES, required=True, data_key="from", attribute="from")
    to_state = Choice(STATES, required=True, data_key="to", attribute="to")


class ModerateLeaf(Leaf):
    """The network takes down a record."""

    t = Choice({"moderate"}, required=True)
    target = record_id_field(required=True)
    reason = Choice(MODERATION_REASONS, required=True)


class BlockLeaf(Leaf):
    """Records of a pseudonym are refused from an index on; it may still retract."""

    t = Choice({"block"}, required=True)
    jkt = jkt_field(required=True)
    from_index = Whole(1, required=True)


class PredecessorSchema(DocumentSchema):
    """The log that went before, and its last checkpoint with cosignatures, as a signed note."""

    origin = origin_field(required=True)
    checkpoint = Text(2_000, multiline=True, required=True)


class GenesisLeaf(Leaf):
    """Entry 0 of every log: pins its keys."""

    t = Choice({"genesis"}, required=True)
    entity = entity_field(required=True)
    generation = Whole(1, required=True)
    log_key = verifier_key_field(required=True)
    leaf_jwk = fields.Nested(ED25519_JWK, required=True)
    predecessor = fields.Nested(PredecessorSchema())

    @validates_schema
    def verify_succession(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["entity"] != data["network"]:
            raise ValidationError("The entity of a genesis leaf is its network.", "entity")
        if ("predecessor" in data) != (data["generation"] > 1):
            raise ValidationError("Only a log of generation 2 or more names a predecessor.", "predecessor")


class IssueRequest(DocumentSchema):
    """What a member signs with its federation key to get a blind signature (typ nic-issue+jws)."""

    network = entity_field(required=True)
    epoch = Whole(1, required=True)
    blinded_msg = Base64Url(RSA_3072_BYTES, required=True)


class CredentialMessage(DocumentSchema):
    """What is blinded, and stands in a credential's `msg` after the random prefix."""

    v = version_field()
    network = entity_field(required=True)
    epoch = Whole(1, required=True)
    jkt = jkt_field(required=True)


LEAF_HEADER = LeafHeader()
ISSUE_REQUEST = IssueRequest()
CREDENTIAL_MESSAGE = CredentialMessage()

NETWORK_LEAVES = frozenset({"genesis", "epoch", "issued", "open", "void", "member", "moderate", "block"})
PSEUDONYM_LEAVES = frozenset({"pseudonym", "record", "retract"})
LEAVES: Mapping[str, Leaf] = MappingProxyType(
    {
        "genesis": GenesisLeaf(),
        "epoch": EpochLeaf(),
        "issued": IssuedLeaf(),
        "open": OpenLeaf(),
        "void": VoidLeaf(),
        "member": MemberLeaf(),
        "moderate": ModerateLeaf(),
        "block": BlockLeaf(),
        "pseudonym": PseudonymLeaf(),
        "record": RecordLeaf(),
        "retract": RetractLeaf(),
    }
)


def quorum_of(witnesses: int) -> int:
    """How many of the witnesses make a checkpoint final."""
    return witnesses // 2 + 1


def load_leaf_payload(data: bytes | Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a leaf, as `load_parsed_leaf`; a mapping is held to the limits of JSON first."""
    if isinstance(data, bytes):
        return load_parsed_leaf(read_json(data, max_bytes=LEAF_MAX_BYTES))
    verify_json(data)
    return load_parsed_leaf(data)


def load_parsed_leaf(document: Any) -> dict[str, Any]:
    """A leaf's payload that was parsed, by the schema of its type.

    InvalidDocument: unsupported-version for another wire version (keep it: a newer program may read
    it), leaf-type-unknown and unknown-kind for a type or a record's kind that version 1 does not have.
    """
    verify_version(document)
    leaf_type = document.get("t")
    if not isinstance(leaf_type, str) or leaf_type not in LEAVES:
        raise InvalidDocument(Code.LEAF_TYPE_UNKNOWN, "This leaf is of a type that version 1 does not have.", "/t")
    if leaf_type == "record":
        verify_kind(document, RECORD_KINDS)
    return load_parsed(LEAVES[leaf_type], document)
