"""Signing outgoing requests by RFC 9421, over the profile in `federation.requests`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from federation.keys import Jwk, PrivateKey, load_private
from federation.requests import COVERED, TAG, build_key_id

LABEL = "nic"


@dataclass(frozen=True, slots=True)
class RequestSigner:
    """One of this node's entities and its http key (Ed25519); build it once, after each rotation anew.

    Raises:
        ValueError: the key is damaged or of another kind.
    """

    entity_id: str
    private_jwk: Jwk = field(repr=False)
    key: PrivateKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        key = load_private(self.private_jwk)
        if key.kind != "Ed25519":
            raise ValueError(f"requests are signed with an Ed25519 key, not {key.kind}")
        object.__setattr__(self, "key", key)

    @property
    def key_id(self) -> str:
        return build_key_id(self.entity_id, self.key.jkt)


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """The view of a request that http-message-signatures takes. `url` is the whole target URI."""

    method: str
    url: str
    headers: Any


def build_signature_headers(
    signer: RequestSigner, *, method: str, target_uri: str, body: bytes | None, now: datetime, nonce: str
) -> dict[str, str]:
    """The headers to add: Signature-Input, Signature and, with a body, Content-Digest (SHA-256).

    `method` in capitals; `target_uri` exactly as it goes out, without a fragment; `nonce` fresh, 16 to 128 characters.
    """
    headers: dict[str, str] = {}
    handle: Any = signer.key.handle
    keys = MappingKeyResolver(public_keys={}, private_keys={signer.key_id: handle})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys).sign(
        SignedMessage(method, target_uri, headers),
        key_id=signer.key_id,
        created=now,
        nonce=nonce,
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body,
    )
    return headers
