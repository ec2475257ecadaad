"""Entities of an invented federation, each with a real key, that state whatever a test wants."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from federation.entities import build_entity_configuration, build_subordinate_statement
from federation.jws import sign_jws
from federation.keys import Jwk, build_jwks, generate_private_jwk, public_jwk, thumbprint
from federation.trust_marks import build_trust_mark
from schemas.entity import ENTITY_STATEMENT_TYP

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Party:
    entity: str
    private: Jwk = field(default_factory=lambda: generate_private_jwk("ES256"))

    @property
    def public(self) -> Jwk:
        return public_jwk(self.private)

    @property
    def jkt(self) -> str:
        return thumbprint(self.private)

    def configuration(self, **changes: Any) -> str:
        values = {
            "entity": self.entity,
            "keys": [self.public],
            "metadata": {"federation_entity": {"organization_name": "Invented School"}},
            "issued_at": NOW - HOUR,
            "expires_at": NOW + 24 * HOUR,
            **changes,
        }
        return build_entity_configuration(values.pop("signed_by", self.private), **values)

    def about(self, other: "Party", **changes: Any) -> str:
        values = {
            "issuer": self.entity,
            "subject": other.entity,
            "keys": [other.public],
            "issued_at": NOW - HOUR,
            "expires_at": NOW + 24 * HOUR,
            **changes,
        }
        return build_subordinate_statement(values.pop("signed_by", self.private), **values)

    def mark(self, other: "Party", role: str, **changes: Any) -> str:
        values = {
            "network": self.entity,
            "subject": other.entity,
            "role": role,
            "issued_at": NOW - HOUR,
            "expires_at": NOW + 24 * HOUR,
            **changes,
        }
        return build_trust_mark(values.pop("signed_by", self.private), **values)

    def raw(self, *, typ: str = ENTITY_STATEMENT_TYP, **claims: Any) -> str:
        """A statement about itself, or whatever the claims make of it, that no builder would build."""
        payload = {
            "iss": self.entity,
            "sub": self.entity,
            "iat": int(NOW.timestamp()) - 60,
            "exp": int(NOW.timestamp()) + 3600,
            "jwks": build_jwks([self.public]),
            **claims,
        }
        return sign_jws({k: v for k, v in payload.items() if v is not None}, self.private, typ=typ)


def hint(*superiors: Party) -> dict[str, Any]:
    return {"authority_hints": [superior.entity for superior in superiors]}
