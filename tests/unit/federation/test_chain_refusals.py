"""Chains that must not hold, one row a way to spoil a good one: school -> district's network -> state.

Foreign programs judge our good chains (tests/interop); these judge us, each by its code.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from federation.chain import ResolvedChain, verify_chain
from federation.errors import Untrusted
from federation.jws import sign_jws
from federation.keys import build_jwks
from federation.trust_marks import verify_trust_marks
from schemas.code import Code
from schemas.entity import ENTITY_STATEMENT_TYP, TRUST_MARK_TYP
from tests.unit.federation.parties import HOUR, NOW, Party, hint

SCHOOL = Party("https://school-a.example")
NETWORK = Party("https://hub.example/net/north")
STATE = Party("https://state.example")
THIEF = Party("https://thief.example")
MARK = f"{NETWORK.entity}/marks/publisher"


@dataclass
class Chain:
    """A good chain, statement by statement; a row changes what it wants before it is verified."""

    school: dict[str, Any] = field(default_factory=lambda: {**hint(NETWORK), "metadata": {"nic_other": {"a": "x"}}})
    about_school: dict[str, Any] = field(default_factory=dict)
    about_network: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    tokens: dict[int, str] = field(default_factory=dict)

    def verify(self) -> ResolvedChain:
        statements = [
            SCHOOL.configuration(trust_marks={MARK: NETWORK.mark(SCHOOL, "publisher")}, **self.school),
            NETWORK.about(SCHOOL, **self.about_school),
            STATE.about(NETWORK, **self.about_network),
            STATE.configuration(**self.state),
        ]
        for position, token in self.tokens.items():
            statements[position] = token
        chain = verify_chain(statements, anchors={STATE.entity: {STATE.jkt}}, now=NOW)
        verify_trust_marks(chain, network=NETWORK.entity, now=NOW)
        return chain


def claims(of: Party, about: Party | None = None, **changes: Any) -> dict[str, Any]:
    about = about or of
    seconds = int(NOW.timestamp())
    times = {"iat": seconds - 60, "exp": seconds + 3600}
    return {"iss": of.entity, "sub": about.entity, "jwks": build_jwks([about.public]), **times, **changes}


def signed(of: Party, about: Party | None = None, *, typ: str = ENTITY_STATEMENT_TYP, **changes: Any) -> str:
    return sign_jws(claims(of, about, **changes), of.private, typ=typ)


def policy(**operators: Any) -> dict[str, Any]:
    return {"metadata_policy": {"nic_other": {"a": operators}}}


Spoil = Callable[[Chain], Any]
REFUSALS: list[tuple[str, Spoil, Code]] = [
    ("forged anchor key", lambda c: c.state.update(keys=[THIEF.public], signed_by=THIEF.private), Code.KEY_NOT_PINNED),
    ("forged superior key", lambda c: c.about_school.update(signed_by=THIEF.private), Code.KEY_UNKNOWN),
    ("forged anchor statement", lambda c: c.about_network.update(signed_by=THIEF.private), Code.KEY_UNKNOWN),
    ("superior's key swapped above", lambda c: c.about_network.update(keys=[THIEF.public]), Code.KEY_UNKNOWN),
    ("swapped leaf key", lambda c: c.school.update(keys=[THIEF.public], signed_by=THIEF.private), Code.KEY_UNKNOWN),
    ("leaf key beside the true one",
     lambda c: c.school.update(keys=[SCHOOL.public, THIEF.public], signed_by=THIEF.private), Code.KEY_UNKNOWN),
    ("other leaf key vouched for", lambda c: c.about_school.update(keys=[THIEF.public]), Code.KEY_UNKNOWN),
    ("typ of a leaf's JWT", lambda c: c.tokens.update({0: signed(SCHOOL, typ="JWT")}), Code.TOKEN_TYPE_WRONG),
    ("typ of a statement", lambda c: c.tokens.update({1: signed(NETWORK, SCHOOL, typ=TRUST_MARK_TYP)}),
     Code.TOKEN_TYPE_WRONG),
    ("typ of the anchor", lambda c: c.tokens.update({3: signed(STATE, typ="application/entity-statement+jwt")}),
     Code.TOKEN_TYPE_WRONG),
    ("leaf about another", lambda c: c.tokens.update({0: signed(SCHOOL, THIEF)}), Code.ISSUER_SUBJECT_MISMATCH),
    ("statement by another", lambda c: c.tokens.update({1: signed(STATE, SCHOOL)}), Code.ISSUER_SUBJECT_MISMATCH),
    ("statement about itself", lambda c: c.tokens.update({1: signed(NETWORK)}), Code.ISSUER_SUBJECT_MISMATCH),
    ("statement about another school", lambda c: c.tokens.update({1: signed(NETWORK, THIEF)}), Code.CHAIN_BROKEN),
    ("statement about another network", lambda c: c.tokens.update({2: signed(STATE, THIEF)}),
     Code.ISSUER_SUBJECT_MISMATCH),
    ("anchor about another", lambda c: c.tokens.update({3: signed(STATE, NETWORK)}), Code.ISSUER_SUBJECT_MISMATCH),
    ("expired leaf", lambda c: c.school.update(expires_at=NOW), Code.STATEMENT_EXPIRED),
    ("expired intermediate", lambda c: c.about_network.update(expires_at=NOW), Code.STATEMENT_EXPIRED),
    ("expired statement", lambda c: c.about_school.update(expires_at=NOW), Code.STATEMENT_EXPIRED),
    ("expired anchor", lambda c: c.state.update(expires_at=NOW), Code.STATEMENT_EXPIRED),
    ("intermediate of tomorrow",
     lambda c: c.about_network.update(issued_at=NOW + HOUR, expires_at=NOW + 2 * HOUR), Code.STATEMENT_NOT_YET_VALID),
    ("unknown crit in a leaf", lambda c: c.tokens.update({0: signed(SCHOOL, crit=["x"], **hint(NETWORK))}),
     Code.CRITICAL_HEADER_UNKNOWN),
    ("unknown crit in a statement", lambda c: c.tokens.update({1: signed(NETWORK, SCHOOL, crit=["x"])}),
     Code.CRITICAL_HEADER_UNKNOWN),
    ("unknown critical operator",
     lambda c: c.tokens.update({2: signed(STATE, NETWORK, metadata_policy_crit=["regexp"], **policy(regexp="x"))}),
     Code.METADATA_POLICY_CONFLICT),
    ("policy and metadata conflict", lambda c: c.about_school.update(policy(one_of=["y"])),
     Code.METADATA_POLICY_CONFLICT),
    ("policies of two superiors conflict",
     lambda c: (c.about_school.update(policy(value="x")), c.about_network.update(policy(value="y"))),
     Code.METADATA_POLICY_CONFLICT),
    ("operators that exclude each other", lambda c: c.about_network.update(policy(add=["x"], one_of=["x"])),
     Code.METADATA_POLICY_CONFLICT),
    ("essential is missing", lambda c: c.about_network.update(metadata_policy={"nic_other": {"b": {"essential": True}}}),
     Code.METADATA_POLICY_CONFLICT),
    ("path too long for the state", lambda c: c.about_network.update(constraints={"max_path_length": 0}),
     Code.CONSTRAINT_VIOLATED),
    ("host outside of what the state may name",
     lambda c: c.about_network.update(constraints={"naming_constraints": {"permitted": ["hub.example"]}}),
     Code.CONSTRAINT_VIOLATED),
    ("host that the network may not name",
     lambda c: c.about_school.update(constraints={"naming_constraints": {"excluded": [".example"]}}),
     Code.CONSTRAINT_VIOLATED),
    ("superior that the leaf does not name", lambda c: c.school.update(hint(STATE)), Code.SUPERIOR_NOT_HINTED),
    ("marks by an issuer that is not entitled",
     lambda c: c.state.update(trust_mark_issuers={MARK: [STATE.entity]}), Code.TRUST_MARK_NOT_ENTITLED),
    ("anchor's own claims in a statement", lambda c: c.tokens.update({1: signed(NETWORK, SCHOOL, trust_marks=[])}),
     Code.STATEMENT_INVALID),
    ("superior's claims in a leaf", lambda c: c.tokens.update({0: signed(SCHOOL, constraints={"max_path_length": 9})}),
     Code.STATEMENT_INVALID),
    ("no keys", lambda c: c.tokens.update({1: signed(NETWORK, SCHOOL, jwks={"keys": []})}), Code.STATEMENT_INVALID),
    ("the same key twice",
     lambda c: c.tokens.update({1: signed(NETWORK, SCHOOL, jwks={"keys": [SCHOOL.public, SCHOOL.public]})}),
     Code.STATEMENT_INVALID),
]  # fmt: skip


def test_the_chain_that_they_spoil_is_good() -> None:
    chain = Chain(state={"trust_mark_issuers": {MARK: [NETWORK.entity]}}).verify()
    assert chain.path == (SCHOOL.entity, NETWORK.entity, STATE.entity)


@pytest.mark.parametrize(("what", "spoil", "code"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_each_is_refused_with_its_code(what: str, spoil: Spoil, code: Code) -> None:
    chain = Chain()
    spoil(chain)
    with pytest.raises(Untrusted) as refused:
        chain.verify()
    assert refused.value.code == code
