"""Trust marks: OpenID Federation 1.0, section 7. A network states by them which roles a member has.

    {network}/marks/publisher    may publish records
    {network}/marks/witness      cosigns checkpoints
    {network}/marks/mirror       serves a copy of the log

The type begins with the network's own entity id, so that only that network is entitled to issue it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from federation.chain import ResolvedChain
from federation.entities import CLOCK_LEEWAY, read_time
from federation.errors import Untrusted, untrusted_document
from federation.jws import sign_jws, verify_jws
from federation.keys import Jwk, PrivateKey
from schemas.code import Code
from schemas.document import load_document
from schemas.entity import TRUST_MARK, TRUST_MARK_ROLES, TRUST_MARK_TYP, trust_mark_type
from schemas.invalid import InvalidDocument
from schemas.limits import TRUST_MARK_MAX_BYTES

TRUST_MARK_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True)
class TrustMark:
    """A role that `issuer` gives to `subject`."""

    issuer: str
    subject: str
    role: str
    issued_at: datetime
    expires_at: datetime
    token: str = field(repr=False)


def build_trust_mark(
    private: Jwk | PrivateKey, *, network: str, subject: str, role: str, issued_at: datetime, expires_at: datetime
) -> str:
    """A mark signed by the network's federation key.

    Raises:
        ValueError: what was given makes no valid mark.
    """
    payload = {
        "iss": network,
        "sub": subject,
        "trust_mark_type": trust_mark_type(network, role),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    load_document(TRUST_MARK, payload)
    return sign_jws(payload, private, typ=TRUST_MARK_TYP)


def verify_trust_mark(
    token: str, *, network: str, network_keys: Mapping[str, Jwk], subject: str, now: datetime
) -> TrustMark:
    """The role that `network`, whose federation keys are known by kid, gives to `subject`.

    Raises:
        Untrusted: what `verify_jws` raises; TRUST_MARK_INVALID, TRUST_MARK_NOT_ENTITLED, TRUST_MARK_EXPIRED,
            ISSUER_SUBJECT_MISMATCH.
    """
    verified = verify_jws(
        token, network_keys.get, typ=TRUST_MARK_TYP, max_bytes=TRUST_MARK_MAX_BYTES, extra_header_names=None
    )
    claims = _checked_claims(verified.payload)
    if claims["iss"] != network or "delegation" in claims:
        raise Untrusted(Code.TRUST_MARK_NOT_ENTITLED, f"Only {network} itself may issue its trust marks.")
    if claims["sub"] != subject:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, f"A trust mark is not about {subject}.")
    mark = TrustMark(
        issuer=network,
        subject=subject,
        role=_read_role(claims["trust_mark_type"], network),
        issued_at=read_time(claims["iat"]),
        expires_at=read_time(claims["exp"]),
        token=token,
    )
    if mark.expires_at <= now or mark.issued_at > now + CLOCK_LEEWAY:
        raise Untrusted(Code.TRUST_MARK_EXPIRED, "A trust mark is not valid now; a fresh one is needed.")
    return mark


def verify_trust_marks(chain: ResolvedChain, *, network: str, now: datetime) -> dict[str, TrustMark]:
    """The roles of the chain's subject, by name: of the marks in its configuration those that hold.

    The network must stand on the chain. Marks of others, expired and broken ones give no role and do no harm.

    Raises:
        Untrusted: TRUST_MARK_NOT_ENTITLED when the network is not on the chain or the anchor reserves its marks for
            somebody else.
    """
    network_keys = chain.keys_of.get(network)
    if network_keys is None:
        raise Untrusted(Code.TRUST_MARK_NOT_ENTITLED, f"{network} is not a superior of {chain.subject}.")
    _verify_entitled(chain.anchor_configuration.payload, network)
    ours = {trust_mark_type(network, role) for role in TRUST_MARK_ROLES}
    tokens = (mark for mark in chain.configuration.trust_marks if mark["trust_mark_type"] in ours)
    return {
        mark.role: mark
        for mark in _marks_that_hold(tokens, network=network, network_keys=network_keys, subject=chain.subject, now=now)
    }


def _marks_that_hold(
    marks: Iterable[Mapping[str, str]], *, network: str, network_keys: Mapping[str, Jwk], subject: str, now: datetime
) -> Iterable[TrustMark]:
    for wrapped in marks:
        try:
            mark = verify_trust_mark(
                wrapped["trust_mark"], network=network, network_keys=network_keys, subject=subject, now=now
            )
        except Untrusted:
            continue
        # Section 3.1.2: the wrapper must say what is inside.
        if wrapped["trust_mark_type"] == trust_mark_type(network, mark.role):
            yield mark


def _verify_entitled(anchor_claims: Mapping[str, Any], network: str) -> None:
    """An anchor may name issuers (empty: anybody) and owners of a type; types that it does not name are free."""
    for role in TRUST_MARK_ROLES:
        kind = trust_mark_type(network, role)
        issuers = anchor_claims.get("trust_mark_issuers", {}).get(kind, [])
        if (issuers and network not in issuers) or kind in _owned_types(anchor_claims):
            raise Untrusted(Code.TRUST_MARK_NOT_ENTITLED, f"The anchor does not let {network} issue {kind}.")


def _owned_types(anchor_claims: Mapping[str, Any]) -> Collection[str]:
    """Types that belong to somebody else, who would have to delegate them: no network of ours does."""
    owners = anchor_claims.get("trust_mark_owners", {})
    return owners if isinstance(owners, Mapping) else ()


def _checked_claims(payload: Mapping[str, Any]) -> dict[str, Any]:
    try:
        claims = load_document(TRUST_MARK, payload)
    except InvalidDocument as error:
        raise untrusted_document(error, Code.TRUST_MARK_INVALID) from error
    if "exp" not in claims:
        raise Untrusted(Code.TRUST_MARK_INVALID, "A trust mark that never expires gives no role here.")
    return claims


def _read_role(kind: str, network: str) -> str:
    for role in TRUST_MARK_ROLES:
        if kind == trust_mark_type(network, role):
            return role
    raise Untrusted(Code.TRUST_MARK_INVALID, f"{kind} is no role in {network}.")
