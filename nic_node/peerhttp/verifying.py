"""Verifying incoming requests, in the order of what they cost a stranger and us.

Form, tag and time (nothing is looked up); the key, from copies kept here; the signature; the body's digest; last the
nonce, in the database, so that nobody without a key can write there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import http_sf
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from federation.errors import Untrusted
from federation.keys import FindKey, load_public
from federation.requests import CONTENT_DIGEST, TAG, verify_parameters
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.signing import SignedMessage
from schemas.problem import Code


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds; `content_digest` is the header's covered value, None if it covers none."""

    entity_id: str
    key_id: str
    nonce: str
    content_digest: str | None


class OwnClockVerifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        """Left to `verify_parameters`, which goes by the node's clock and not by the machine's."""


async def verify_request(
    *,
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    read_body: Callable[[str], Awaitable[bytes]],
    find_key: FindKey,
    nonces: NonceStore,
    now: datetime,
) -> tuple[str, bytes]:
    """(id of the entity whose key signed the request, body); `read_body` gets that id, once the signature holds.

    Whether that entity may do what it asks is for the caller to say.

    Raises:
        Untrusted: the codes of `verify_signature` and `verify_body`, what `read_body` raises, and REQUEST_REPLAYED.
    """
    signature = verify_signature(method=method, target_uri=target_uri, headers=headers, find_key=find_key, now=now)
    body = await read_body(signature.entity_id)
    verify_body(signature, headers, body)
    await nonces.remember(signature.key_id, signature.nonce, now=now)
    return signature.entity_id, body


def verify_signature(
    *, method: str, target_uri: str, headers: Mapping[str, str], find_key: FindKey, now: datetime
) -> VerifiedSignature:
    """Check the signature without the body; nothing is fetched, nothing is stored.

    `target_uri` comes from the configured public address and the request line, never from `Host`; `headers` give all
    field lines by `items()`; `find_key` maps a keyid `{entity}#{kid}` to its JWK, as kept here.

    Raises:
        Untrusted: REQUEST_UNSIGNED, those of `verify_parameters`, SIGNER_UNKNOWN, SIGNATURE_INVALID.
    """
    label, components, parameters = _nic_signature(headers)
    claimed = verify_parameters(components, parameters, now=now)
    jwk = find_key(claimed.key_id)
    if jwk is None:
        raise Untrusted(
            Code.SIGNER_UNKNOWN,
            f"The request is signed by a key of {claimed.entity_id} that isn't known here as a member's.",
        )
    key = load_public(jwk)
    if key.kind != "Ed25519":
        raise Untrusted(Code.KEY_INVALID, "Requests are signed with Ed25519, and this key is of another kind.")
    handle: Any = key.handle
    keys = MappingKeyResolver(public_keys={claimed.key_id: handle}, private_keys={})
    verifier = OwnClockVerifier(signature_algorithm=ED25519, key_resolver=keys)
    try:
        (result,) = verifier.verify(
            SignedMessage(method, target_uri, headers), max_age=None, expect_tag=TAG, expect_label=label
        )
    except HTTPMessageSignaturesException as error:
        raise Untrusted(
            Code.SIGNATURE_INVALID,
            f"The signature doesn't match the request: method, address or headers were altered on the way to"
            f" {target_uri}, or another key signed.",
        ) from error
    digest = result.covered_components.get(f'"{CONTENT_DIGEST}"')
    return VerifiedSignature(claimed.entity_id, claimed.key_id, claimed.nonce, digest)


def verify_body(signature: VerifiedSignature, headers: Mapping[str, str], body: bytes) -> None:
    """Check that the body is the one that was signed (RFC 9530 over the content as it was sent).

    Raises:
        Untrusted: REQUEST_DIGEST_MISSING: a body, or a digest header, that the signature doesn't cover;
            REQUEST_BODY_ALTERED.
    """
    if signature.content_digest is None:
        if body or any(name.lower() == CONTENT_DIGEST for name in headers):
            raise Untrusted(
                Code.REQUEST_DIGEST_MISSING, "The request has a body, and its signature must cover content-digest."
            )
        return
    try:
        ContentDigest.verify(signature.content_digest, body)
    except HTTPMessageSignaturesException as error:
        raise Untrusted(Code.REQUEST_BODY_ALTERED, "The request's body isn't the one that was signed.") from error


def _nic_signature(headers: Mapping[str, str]) -> tuple[str, set[str], dict[str, Any]]:
    """(label, covered components without parameters, parameters) of the one signature that is meant for us.

    A proxy may add signatures of its own, under other tags.
    """
    lines = [value for name, value in headers.items() if name.lower() == "signature-input"]
    if not lines or not any(name.lower() == "signature" for name in headers):
        raise Untrusted(Code.REQUEST_UNSIGNED, "The request must be signed (RFC 9421), and carries no signature.")
    try:
        parsed: Any = http_sf.parse(", ".join(lines).encode("ascii"), tltype="dictionary")
    except ValueError as error:
        raise _malformed() from error
    found: list[tuple[str, set[str], dict[str, Any]]] = []
    for label, (members, parameters) in parsed.items():
        if not isinstance(members, list):
            raise _malformed()
        if parameters.get("tag") == TAG:
            found.append((label, {name for name, qualifiers in members if not qualifiers}, parameters))
    if not found:
        raise Untrusted(Code.REQUEST_TAG_WRONG, f"The request must carry a signature with the tag {TAG}.")
    if len(found) > 1:
        raise _malformed()
    return found[0]


def _malformed() -> Untrusted:
    return Untrusted(
        Code.REQUEST_MALFORMED, f"The request's signature headers can't be read, or hold {TAG} more than once."
    )
