"""Signed requests between nodes: our profile of HTTP Message Signatures (RFC 9421).

A signature covers `@method`, `@target-uri` and, with a body, `content-digest` (RFC 9530); its parameters are
`created`, `keyid` = `{entity}#{kid}`, `nonce`, `alg` and `tag`. It holds for 60 s before and after our clock's time,
and its nonce is remembered for longer than that, so that it holds once. This module knows the rules; the bytes are
handled by nic_node.peerhttp.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.errors import Untrusted
from schemas.problem import Code

TAG: Final = "nic-v1"
ALGORITHM: Final = "ed25519"
COVERED: Final = ("@method", "@target-uri")
CONTENT_DIGEST: Final = "content-digest"
MAX_AGE: Final = timedelta(seconds=60)
MAX_SKEW: Final = timedelta(seconds=60)
NONCE_KEPT: Final = timedelta(minutes=10)
NONCE_MIN_CHARACTERS: Final = 16
NONCE_MAX_CHARACTERS: Final = 128

_STRING_PARAMETERS: Final = ("keyid", "nonce", "alg", "tag")


@dataclass(frozen=True, slots=True)
class SignatureParameters:
    """Who says to have signed, when and with which nonce; not yet a proof of anything."""

    entity_id: str
    kid: str
    key_id: str
    nonce: str
    created: datetime


def build_key_id(entity_id: str, kid: str) -> str:
    return f"{entity_id}#{kid}"


def split_key_id(key_id: str) -> tuple[str, str]:
    """(entity id, kid).

    Raises:
        Untrusted: REQUEST_MALFORMED.
    """
    entity_id, mark, kid = key_id.partition("#")
    if not entity_id or not mark or not kid or "#" in kid:
        raise Untrusted(Code.REQUEST_MALFORMED, "The request's keyid must be the entity's id, '#' and the key's kid.")
    return entity_id, kid


def verify_parameters(
    components: Collection[str], parameters: Mapping[str, Any], *, now: datetime
) -> SignatureParameters:
    """Check all that can be checked before any key is looked up.

    `components` are the covered components that carry no parameters of their own, `parameters` those of the signature
    as RFC 8941 types them.

    Raises:
        Untrusted: REQUEST_MALFORMED, REQUEST_TAG_WRONG, ALGORITHM_REFUSED, REQUEST_COMPONENT_MISSING, REQUEST_STALE,
            REQUEST_FROM_FUTURE.
    """
    key_id, nonce, algorithm, tag = (_text(parameters, name) for name in _STRING_PARAMETERS)
    if tag != TAG:
        raise Untrusted(Code.REQUEST_TAG_WRONG, f"The request's signature must carry the tag {TAG}.")
    if algorithm != ALGORITHM:
        raise Untrusted(Code.ALGORITHM_REFUSED, f"The request must be signed with {ALGORITHM}.")
    for component in COVERED:
        if component not in components:
            raise Untrusted(Code.REQUEST_COMPONENT_MISSING, f"The request's signature must cover {component}.")
    if not NONCE_MIN_CHARACTERS <= len(nonce) <= NONCE_MAX_CHARACTERS:
        raise Untrusted(
            Code.REQUEST_MALFORMED,
            f"The request's nonce must have {NONCE_MIN_CHARACTERS} to {NONCE_MAX_CHARACTERS} characters.",
        )
    created = _moment(parameters, "created", now)
    _verify_time(created, _moment(parameters, "expires", now) if "expires" in parameters else None, now)
    entity_id, kid = split_key_id(key_id)
    return SignatureParameters(entity_id=entity_id, kid=kid, key_id=key_id, nonce=nonce, created=created)


def _text(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name)
    if value is None:
        raise Untrusted(Code.REQUEST_COMPONENT_MISSING, f"The request's signature must carry the parameter {name}.")
    # A Token is a kind of str to the parser; RFC 9421 section 2.3 wants a String.
    if type(value) is not str:
        raise Untrusted(Code.REQUEST_MALFORMED, f"The signature parameter {name} must be a string.")
    return value


def _moment(parameters: Mapping[str, Any], name: str, now: datetime) -> datetime:
    value = parameters.get(name)
    if value is None:
        raise Untrusted(Code.REQUEST_COMPONENT_MISSING, f"The request's signature must carry the parameter {name}.")
    if type(value) is not int:
        raise Untrusted(Code.REQUEST_MALFORMED, f"The signature parameter {name} must be an integer.")
    try:
        return datetime.fromtimestamp(value, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        raise Untrusted(Code.REQUEST_MALFORMED, f"The signature parameter {name} is no time of ours.") from error


def _verify_time(created: datetime, expires: datetime | None, now: datetime) -> None:
    if now - created > MAX_AGE or (expires is not None and expires < now):
        raise Untrusted(
            Code.REQUEST_STALE, f"The request was signed more than {MAX_AGE.seconds} seconds ago by this node's clock."
        )
    if created - now > MAX_SKEW:
        raise Untrusted(
            Code.REQUEST_FROM_FUTURE,
            f"The request is signed more than {MAX_SKEW.seconds} seconds ahead of this node's clock.",
        )
