"""Leaves: the entries of a log, each a compact JWS of at most 4 KiB by one Ed25519 key.

Two hands sign them: the network's leaf key (genesis, epoch, issued, open, void, member, moderate, block) and pseudonyms
(pseudonym, record, retract). Form and signature are checked here; whether a leaf may stand where it stands is for
`federation.judge`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from federation.epochs import Epoch
from federation.errors import Untrusted, untrusted_document
from federation.jws import UnverifiedJws, peek_header, peek_jws, sign_jws, verify_signature
from federation.keys import JWS_ALGORITHM, Jwk, PrivateKey, PublicKey, load_ed25519, load_public, public_jwk
from federation.tlog.note import VerifierKey
from schemas.base64url import encode_base64url
from schemas.document import InvalidDocument
from schemas.leaf import LEAF_TYP, load_leaf_payload, load_parsed_leaf
from schemas.limits import LEAF_MAX_BYTES, WIRE_VERSION
from schemas.problem import Code

LEAF_ALGORITHM: Final = JWS_ALGORITHM["Ed25519"]

Payload = dict[str, Any]


class Leaf(NamedTuple):
    """A leaf as it was read: well formed by its schema.

    jws: what is left to verify; None once its signature was found to hold under the key whose thumbprint is `kid`.
    """

    t: str
    kid: str
    payload: Payload
    jws: UnverifiedJws | None

    @property
    def is_verified(self) -> bool:
        return self.jws is None

    def verified(self) -> "Leaf":
        return Leaf(self.t, self.kid, self.payload, None)


def read_leaf(data: bytes) -> Leaf:
    """A leaf's type, signer and content.

    Raises:
        Untrusted: LEAF_TOO_LARGE; NOT_CANONICAL; UNSUPPORTED_VERSION (keep it: a newer program may read it);
            LEAF_TYPE_UNKNOWN; UNKNOWN_KIND; INVALID_DOCUMENT; what `peek_jws` finds.
    """
    if len(data) > LEAF_MAX_BYTES:
        raise Untrusted(Code.LEAF_TOO_LARGE, f"A leaf has {len(data)} bytes; {LEAF_MAX_BYTES} are allowed.")
    jws = peek_jws(data, typ=LEAF_TYP, max_bytes=LEAF_MAX_BYTES, is_canonical=True)
    if jws.header["alg"] != LEAF_ALGORITHM:
        raise Untrusted(Code.ALGORITHM_REFUSED, "A leaf must be signed with an Ed25519 key.")
    try:
        payload = load_parsed_leaf(jws.payload)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    return Leaf(t=payload["t"], kid=jws.kid, payload=payload, jws=jws)


def verify_leaf(leaf: Leaf, jwk: Mapping[str, Any] | PublicKey) -> None:
    """Raises Untrusted: LEAF_SIGNER_WRONG, the leaf names another key than this; SIGNATURE_INVALID; KEY_INVALID."""
    key = load_public(jwk)
    if key.jkt != leaf.kid:
        raise Untrusted(Code.LEAF_SIGNER_WRONG, "A leaf is signed by a key that may not sign it.")
    if leaf.jws is not None:
        verify_signature(leaf.jws, key)


def signer_of(data: bytes) -> str | None:
    """The kid in a leaf's header, where that is right: to have the key at hand. Nothing else is looked at."""
    try:
        kid: str = peek_header(data, typ=LEAF_TYP, is_canonical=True)["kid"]
    except Untrusted:
        return None
    return kid


def is_signed(leaf: Leaf, x: str) -> bool:
    """Whether `verify_leaf` has nothing to say under the key of this `x`."""
    try:
        verify_leaf(leaf, load_ed25519(x))
    except Untrusted:
        return False
    return True


def sign_leaf(payload: Mapping[str, Any], private: Jwk | PrivateKey) -> bytes:
    """The entry for the log.

    Raises:
        InvalidDocument, ValueError: our own mistake: the payload is not by its schema, the leaf would be too long, or
            the key is damaged.
    """
    data = sign_jws(load_leaf_payload(payload), private, typ=LEAF_TYP).encode()
    if len(data) > LEAF_MAX_BYTES:
        raise ValueError(f"this leaf would have {len(data)} bytes; {LEAF_MAX_BYTES} are allowed")
    return data


# Payloads by the network's leaf key ---------------------------------------------------------------------------------


def build_genesis(
    network: str,
    *,
    generation: int,
    log_key: VerifierKey,
    leaf_jwk: Mapping[str, Any],
    predecessor: tuple[str, bytes] | None = None,
) -> Payload:
    """Entry 0. predecessor: origin and last checkpoint (a signed note with its cosignatures) of the log before."""
    payload = _payload("genesis", network) | {"entity": network, "generation": generation}
    payload |= {"log_key": log_key.text, "leaf_jwk": public_jwk(leaf_jwk)}
    if predecessor is not None:
        origin, note = predecessor
        payload["predecessor"] = {"origin": origin, "checkpoint": note.decode()}
    return payload


def build_epoch(epoch: Epoch) -> Payload:
    """Announces an epoch."""
    return _payload("epoch", epoch.network) | epoch.fields()


def build_issued(network: str, *, jws: str) -> Payload:
    """Logs a member's own signed request (`epochs.build_issue_request`) that was answered."""
    return _payload("issued", network) | {"jws": jws}


def build_open(network: str, *, epoch: int, issued: int, registered: int, lattice_sha256: str) -> Payload:
    counts = {"epoch": epoch, "issued": issued, "registered": registered}
    return _payload("open", network) | counts | {"lattice_sha256": lattice_sha256}


def build_void(network: str, *, epoch: int, issued: int, registered: int) -> Payload:
    return _payload("void", network) | {"epoch": epoch, "issued": issued, "registered": registered}


def build_member(network: str, *, entity: str, jkt: str, from_state: str, to_state: str) -> Payload:
    """jkt: of the member's federation key. approved to approved tells of a new key."""
    return _payload("member", network) | {"entity": entity, "jkt": jkt, "from": from_state, "to": to_state}


def build_moderate(network: str, *, target: str, reason: str) -> Payload:
    """target: a record id."""
    return _payload("moderate", network) | {"target": target, "reason": reason}


def build_block(network: str, *, jkt: str, from_index: int) -> Payload:
    """Records of this pseudonym are refused from this index on."""
    return _payload("block", network) | {"jkt": jkt, "from_index": from_index}


# Payloads by pseudonyms ---------------------------------------------------------------------------------------------


def build_pseudonym(
    network: str, *, epoch: int, jwk: Mapping[str, Any], prepared_message: bytes, signature: bytes
) -> Payload:
    """Registers a pseudonym. prepared_message: what was blinded, randomizer included; signature: unblinded."""
    credential = {"msg": encode_base64url(prepared_message), "sig": encode_base64url(signature)}
    return _payload("pseudonym", network) | {"epoch": epoch, "jwk": public_jwk(jwk), "credential": credential}


def build_record(network: str, *, epoch: int, kind: str, blob_sha256: str) -> Payload:
    return _payload("record", network) | {"epoch": epoch, "kind": kind, "blob_sha256": blob_sha256}


def build_retract(network: str, *, target: str, reason: str) -> Payload:
    """target: the id of a record by the same pseudonym; reason: withdrawn or corrected."""
    return _payload("retract", network) | {"target": target, "reason": reason}


def _payload(t: str, network: str) -> Payload:
    return {"t": t, "v": WIRE_VERSION, "network": network}
