"""Entities and what is stated of them: OpenID Federation 1.0, sections 3 and 9.

An entity configuration is a statement of an entity about itself; a subordinate statement is its superior's about it.
Both are JWS of the same type; which one a token is follows from iss and sub alone, and each has claims that the other
must not have.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from federation.errors import Untrusted, untrusted_document
from federation.jws import UnverifiedJws, peek_jws, sign_jws, verify_peeked
from federation.keys import Jwk, KeyKind, PrivateKey, build_jwks, read_jwks
from schemas.code import Code
from schemas.document import load_document
from schemas.entity import ENTITY_STATEMENT, ENTITY_STATEMENT_TYP, WELL_KNOWN_PATH
from schemas.ids import is_entity_id
from schemas.invalid import InvalidDocument
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES

SUBORDINATE_LIFETIME: Final = timedelta(hours=24)
REISSUE_BEFORE: Final = timedelta(hours=6)
CLOCK_LEEWAY: Final = timedelta(seconds=60)
FEDERATION_KEYS: Final[tuple[KeyKind, ...]] = ("ES256",)

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_CONFIGURATION_ONLY: Final = frozenset(
    {"authority_hints", "trust_anchor_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"}
)
_SUBORDINATE_ONLY: Final = frozenset({"constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"})
# Claims and headers that belong to client registration, which no node does (sections 3.1.4, 3.1.5 and 4.3).
_REGISTRATION: Final = frozenset({"aud", "trust_anchor"})
_FOREIGN_HEADERS: Final = frozenset({"trust_chain", "peer_trust_chain"})


@dataclass(frozen=True)
class EntityStatement:
    """A statement whose signature holds; `keys` are the subject's federation keys, by kid."""

    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    kid: str
    keys: Mapping[str, Jwk]
    metadata: Mapping[str, Any]
    payload: Mapping[str, Any] = field(repr=False)
    token: str = field(repr=False)

    @property
    def authority_hints(self) -> tuple[str, ...]:
        return tuple(self.payload.get("authority_hints", ()))

    @property
    def trust_marks(self) -> tuple[Mapping[str, str], ...]:
        """{trust_mark_type, trust_mark} as they stand there; none of them is verified yet."""
        return tuple(self.payload.get("trust_marks", ()))

    @property
    def metadata_policy(self) -> Mapping[str, Any]:
        policy: Mapping[str, Any] = self.payload.get("metadata_policy", {})
        return policy

    @property
    def constraints(self) -> Mapping[str, Any]:
        constraints: Mapping[str, Any] = self.payload.get("constraints", {})
        return constraints


# Entity identifiers ---------------------------------------------------------------------------------------------


def verify_entity_id(text: object, *, allow_insecure_loopback: bool = False) -> str:
    """An entity identifier in its one spelling: https, lower-case host, no user, query, fragment or trailing slash.

    Raises:
        Untrusted: ENTITY_ID_INVALID, also for http unless loopback is allowed and the host is a loopback address.
    """
    if not isinstance(text, str) or not is_entity_id(text) or not _is_plain_address(text):
        raise Untrusted(Code.ENTITY_ID_INVALID, "An entity id must be an https address in its plainest spelling.")
    if text.startswith("http:") and not allow_insecure_loopback:
        raise Untrusted(Code.ENTITY_ID_INVALID, "An entity id must start with https://.")
    return text


def _is_plain_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_default_port = port == _DEFAULT_PORTS[parts.scheme]
    segments = parts.path.split("/")[1:]
    return not (is_default_port or text.endswith("/") or {".", ".."} & set(segments)) and _is_plain_host(
        parts.hostname or ""
    )


def _is_plain_host(host: str) -> bool:
    """A host name whose labels say what they show (no punycode), or an address in its canonical form."""
    if ":" in host or _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ip_address(host)) == host
        except ValueError:
            return False
    return all(_LABEL.fullmatch(label) and not label.startswith("xn--") for label in host.split("."))


def build_configuration_url(entity: str) -> str:
    """Where an entity publishes its configuration (section 9)."""
    return entity + WELL_KNOWN_PATH


# Building -------------------------------------------------------------------------------------------------------


def build_entity_configuration(
    private: Jwk | PrivateKey,
    *,
    entity: str,
    keys: Iterable[Mapping[str, Any]],
    metadata: Mapping[str, Any],
    issued_at: datetime,
    expires_at: datetime,
    authority_hints: Iterable[str] = (),
    trust_marks: Mapping[str, str] | None = None,
    trust_mark_issuers: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """A statement of `entity` about itself.

    `keys` are all its public federation keys, old ones included while they overlap; `trust_marks` are tokens by type;
    `trust_mark_issuers` is for trust anchors. What is empty is left out, as the specification demands.

    Raises:
        ValueError: what was given makes no valid statement.
    """
    payload = _common_claims(entity, entity, keys, issued_at, expires_at)
    payload |= {"metadata": dict(metadata)}
    payload |= {"authority_hints": list(authority_hints)}
    marks = (trust_marks or {}).items()
    payload |= {"trust_marks": [{"trust_mark_type": kind, "trust_mark": token} for kind, token in marks]}
    payload |= {"trust_mark_issuers": {kind: list(ids) for kind, ids in (trust_mark_issuers or {}).items()}}
    return _sign(private, payload)


def build_subordinate_statement(
    private: Jwk | PrivateKey,
    *,
    issuer: str,
    subject: str,
    keys: Iterable[Mapping[str, Any]],
    issued_at: datetime,
    expires_at: datetime,
    metadata: Mapping[str, Any] | None = None,
    metadata_policy: Mapping[str, Any] | None = None,
    constraints: Mapping[str, Any] | None = None,
    source_endpoint: str | None = None,
) -> str:
    """A statement of a superior about a subordinate, whose federation keys it vouches for.

    Raises:
        ValueError: what was given makes no valid statement.
    """
    if issuer == subject:
        raise ValueError("a subordinate statement is about somebody else")
    payload = _common_claims(issuer, subject, keys, issued_at, expires_at)
    payload |= {"metadata": dict(metadata or {}), "metadata_policy": dict(metadata_policy or {})}
    payload |= {"constraints": dict(constraints or {}), "source_endpoint": source_endpoint}
    return _sign(private, payload)


def _common_claims(
    issuer: str, subject: str, keys: Iterable[Mapping[str, Any]], issued_at: datetime, expires_at: datetime
) -> dict[str, Any]:
    times = {"iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp())}
    return {"iss": issuer, "sub": subject, "jwks": build_jwks(keys)} | times


def _sign(private: Jwk | PrivateKey, payload: Mapping[str, Any]) -> str:
    statement = {name: value for name, value in payload.items() if value not in (None, {}, [])}
    load_document(ENTITY_STATEMENT, statement)
    return sign_jws(statement, private, typ=ENTITY_STATEMENT_TYP)


# Verifying ------------------------------------------------------------------------------------------------------


def verify_entity_configuration(
    token: str | bytes,
    *,
    now: datetime,
    pinned: Collection[str] | None = None,
    allow_insecure_loopback: bool = False,
) -> EntityStatement:
    """An entity's statement about itself, signed by one of the keys in it.

    With `pinned`, the key that signed must be one of these jkt; all keys in the statement may then be relied on, which
    is how a pinned entity hands over to a new key.

    Raises:
        Untrusted: what `peek_jws` and `verify_peeked` raise; STATEMENT_INVALID, ENTITY_ID_INVALID,
            ISSUER_SUBJECT_MISMATCH, KEY_NOT_PINNED, STATEMENT_EXPIRED, STATEMENT_NOT_YET_VALID.
    """
    statement, unverified = _read_statement(token, now=now, allow_insecure_loopback=allow_insecure_loopback)
    if statement.issuer != statement.subject:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, "An entity configuration must be about its own issuer.")
    if pinned is not None and statement.kid not in pinned:
        raise Untrusted(Code.KEY_NOT_PINNED, "An entity's statement is not signed by the key that was agreed on.")
    verify_peeked(unverified, statement.keys.get)
    return statement


def verify_subordinate_statement(
    token: str | bytes,
    *,
    issuer: str,
    issuer_keys: Mapping[str, Jwk],
    now: datetime,
    allow_insecure_loopback: bool = False,
) -> EntityStatement:
    """The statement of `issuer`, whose federation keys are known by kid, about a subordinate.

    Raises:
        Untrusted: what `peek_jws` and `verify_peeked` raise; STATEMENT_INVALID, ENTITY_ID_INVALID,
            ISSUER_SUBJECT_MISMATCH, STATEMENT_EXPIRED, STATEMENT_NOT_YET_VALID.
    """
    statement, unverified = _read_statement(token, now=now, allow_insecure_loopback=allow_insecure_loopback)
    if statement.issuer != issuer or statement.subject == issuer:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, f"A statement of {issuer} about a subordinate is wanted here.")
    verify_peeked(unverified, issuer_keys.get)
    return statement


def _read_statement(
    token: str | bytes, *, now: datetime, allow_insecure_loopback: bool
) -> tuple[EntityStatement, UnverifiedJws]:
    """Every check of section 3.2 but the signature's."""
    unverified = peek_jws(
        token, typ=ENTITY_STATEMENT_TYP, max_bytes=ENTITY_STATEMENT_MAX_BYTES, extra_header_names=None
    )
    # Before the schema, so that a bad name is refused as one.
    for claim in ("iss", "sub"):
        if claim in unverified.payload:
            verify_entity_id(unverified.payload[claim], allow_insecure_loopback=allow_insecure_loopback)
    payload = _checked_claims(unverified)
    statement = EntityStatement(
        issuer=payload["iss"],
        subject=payload["sub"],
        issued_at=read_time(payload["iat"]),
        expires_at=read_time(payload["exp"]),
        kid=unverified.kid,
        keys=read_jwks(payload["jwks"], kinds=FEDERATION_KEYS),
        metadata=payload.get("metadata", {}),
        payload=payload,
        token=token if isinstance(token, str) else token.decode("ascii"),
    )
    _verify_claims_of_kind(statement)
    verify_times(statement.issued_at, statement.expires_at, now=now)
    return statement, unverified


def _checked_claims(unverified: UnverifiedJws) -> dict[str, Any]:
    if unverified.header.keys() & _FOREIGN_HEADERS:
        raise Untrusted(Code.STATEMENT_INVALID, "An entity statement must not carry a trust chain in its header.")
    if unverified.payload.get("crit"):
        # Section 13.4: claims that must be understood, beyond those of the specification. None is.
        raise Untrusted(Code.CRITICAL_HEADER_UNKNOWN, "A statement demands a claim that this program does not know.")
    try:
        return load_document(ENTITY_STATEMENT, unverified.payload)
    except InvalidDocument as error:
        raise untrusted_document(error, Code.STATEMENT_INVALID) from error


def _verify_claims_of_kind(statement: EntityStatement) -> None:
    foreign = _SUBORDINATE_ONLY if statement.issuer == statement.subject else _CONFIGURATION_ONLY
    misplaced = sorted(statement.payload.keys() & (foreign | _REGISTRATION))
    if misplaced:
        raise Untrusted(Code.STATEMENT_INVALID, f"A statement of this kind must not have: {', '.join(misplaced)}.")
    if not statement.keys:
        raise Untrusted(Code.STATEMENT_INVALID, "A statement names no federation key that this program can use.")
    # Section 5: what superiors override and policies change must be objects, without null in them.
    if any(not isinstance(values, Mapping) or None in values.values() for values in statement.metadata.values()):
        raise Untrusted(Code.STATEMENT_INVALID, "A statement's metadata must be objects without null values.")


def read_time(seconds: float) -> datetime:
    """A NumericDate (RFC 7519 section 2) as a time; Untrusted: STATEMENT_INVALID where no calendar reaches."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Untrusted(Code.STATEMENT_INVALID, "A statement's times lie outside of any calendar.") from error


def verify_times(issued_at: datetime, expires_at: datetime, *, now: datetime) -> None:
    """Raises Untrusted: STATEMENT_EXPIRED; STATEMENT_NOT_YET_VALID when issued over a minute ahead of our clock."""
    if expires_at <= now:
        raise Untrusted(Code.STATEMENT_EXPIRED, "A statement has expired; a fresh one is needed.")
    if issued_at > now + CLOCK_LEEWAY:
        raise Untrusted(Code.STATEMENT_NOT_YET_VALID, "A statement was issued in the future; one clock is wrong.")
