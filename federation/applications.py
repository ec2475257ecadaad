"""The application for membership: a JWT that a school's node signs by the federation key that it encloses.

Being signed by its own key proves only that the applicant holds that key. That the entity's host serves the same keys,
and that the school is who it says, is what the coordinator checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from federation.entities import CLOCK_LEEWAY, FEDERATION_KEYS, read_time, verify_entity_id
from federation.errors import Untrusted, untrusted_document
from federation.jws import peek_jws, sign_jws, verify_peeked
from federation.keys import Jwk, KeyKind, PrivateKey, build_jwks, read_jwks
from schemas.code import Code
from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.limits import APPLICATION_MAX_BYTES
from schemas.membership import APPLICATION, APPLICATION_TYP, SCHOOL_TYPE

APPLICATION_LIFETIME: Final = timedelta(hours=1)
HTTP_KEYS: Final[tuple[KeyKind, ...]] = ("Ed25519",)


@dataclass(frozen=True)
class Application:
    """What a school asks and says of itself; `keys` and `http_keys` are public keys by kid."""

    entity: str
    jti: str
    issued_at: datetime
    kid: str
    keys: Mapping[str, Jwk]
    http_keys: Mapping[str, Jwk]
    contact: Mapping[str, Any]
    profile: Mapping[str, Any]
    policy_sha256: str
    charter_sha256: str
    invitation: str | None
    entity_type: str
    token: str = field(repr=False)


def build_application(
    private: Jwk | PrivateKey,
    *,
    entity: str,
    network: str,
    keys: Iterable[Mapping[str, Any]],
    http_keys: Iterable[Mapping[str, Any]],
    contact: Mapping[str, Any],
    profile: Mapping[str, Any],
    policy_sha256: str,
    charter_sha256: str,
    jti: str,
    issued_at: datetime,
    invitation: str | None = None,
    entity_type: str = SCHOOL_TYPE,
) -> str:
    """The body of `POST {net}/v1/applications`; the same jti again is the same application.

    Raises:
        ValueError: what was given makes no valid application.
    """
    payload = {
        "iss": entity,
        "aud": network,
        "jti": jti,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + APPLICATION_LIFETIME).timestamp()),
        "jwks": build_jwks(keys),
        "http_jwks": build_jwks(http_keys),
        "contact": dict(contact),
        "profile": dict(profile),
        "policy_sha256": policy_sha256,
        "charter_sha256": charter_sha256,
    }
    payload |= {"invitation": invitation} if invitation is not None else {}
    payload |= {"entity_type": entity_type} if entity_type != SCHOOL_TYPE else {}
    load_document(APPLICATION, payload)
    return sign_jws(payload, private, typ=APPLICATION_TYP)


def verify_application(
    token: str | bytes, *, network: str, now: datetime, allow_insecure_loopback: bool = False
) -> Application:
    """An application to `network`, signed by a federation key that it encloses.

    Raises:
        Untrusted: what `peek_jws` and `verify_peeked` raise; APPLICATION_INVALID, ENTITY_ID_INVALID, AUDIENCE_WRONG,
            APPLICATION_EXPIRED.
    """
    unverified = peek_jws(token, typ=APPLICATION_TYP, max_bytes=APPLICATION_MAX_BYTES)
    claims = _checked_claims(unverified.payload)
    entity = verify_entity_id(claims["iss"], allow_insecure_loopback=allow_insecure_loopback)
    keys = read_jwks(claims["jwks"], kinds=FEDERATION_KEYS)
    verify_peeked(unverified, keys.get)
    if claims["aud"] != network:
        raise Untrusted(Code.AUDIENCE_WRONG, "This application is addressed to another network.")
    http_keys = read_jwks(claims["http_jwks"], kinds=HTTP_KEYS)
    if not http_keys:
        raise Untrusted(Code.APPLICATION_INVALID, "The application encloses no Ed25519 key for signed requests.")
    issued_at, expires_at = read_time(claims["iat"]), read_time(claims["exp"])
    if expires_at <= now or issued_at > now + CLOCK_LEEWAY:
        raise Untrusted(Code.APPLICATION_EXPIRED, "This application has expired, or a clock is wrong; apply again.")
    return Application(
        entity=entity,
        jti=claims["jti"],
        issued_at=issued_at,
        kid=unverified.kid,
        keys=keys,
        http_keys=http_keys,
        contact=claims["contact"],
        profile=claims["profile"],
        policy_sha256=claims["policy_sha256"],
        charter_sha256=claims["charter_sha256"],
        invitation=claims.get("invitation"),
        entity_type=claims.get("entity_type", SCHOOL_TYPE),
        token=token if isinstance(token, str) else token.decode("ascii"),
    )


def _checked_claims(payload: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return load_document(APPLICATION, payload)
    except InvalidDocument as error:
        raise untrusted_document(error, Code.APPLICATION_INVALID) from error
