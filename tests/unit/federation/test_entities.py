from datetime import timedelta

import pytest

from federation.entities import (
    build_configuration_url,
    build_subordinate_statement,
    verify_entity_configuration,
    verify_entity_id,
    verify_subordinate_statement,
)
from federation.errors import Untrusted
from federation.jws import peek_jws, sign_jws
from federation.keys import build_jwks, generate_private_jwk, public_jwk, thumbprint
from schemas.code import Code
from schemas.entity import ENTITY_STATEMENT_TYP
from schemas.invalid import InvalidDocument
from tests.unit.federation.parties import HOUR, NOW, Party, hint

SCHOOL = Party("https://school-a.example")
NETWORK = Party("https://hub.example/net/north")


def refusal(token, **keywords) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify_entity_configuration(token, **({"now": NOW} | keywords))
    return caught.value.code


def subordinate_refusal(token, **keywords) -> Code:
    values = {"issuer": NETWORK.entity, "issuer_keys": {NETWORK.jkt: NETWORK.public}, "now": NOW, **keywords}
    with pytest.raises(Untrusted) as caught:
        verify_subordinate_statement(token, **values)
    return caught.value.code


def test_entity_configuration_says_what_was_built():
    mark = NETWORK.mark(SCHOOL, "publisher")
    kind = f"{NETWORK.entity}/marks/publisher"
    statement = verify_entity_configuration(
        SCHOOL.configuration(**hint(NETWORK), trust_marks={kind: mark}), now=NOW, pinned={SCHOOL.jkt}
    )
    assert statement.issuer == statement.subject == SCHOOL.entity
    assert statement.keys == {SCHOOL.jkt: SCHOOL.public}
    assert statement.authority_hints == (NETWORK.entity,)
    assert statement.trust_marks == ({"trust_mark_type": kind, "trust_mark": mark},)
    assert statement.expires_at == NOW + 24 * HOUR
    assert statement.issued_at == NOW - HOUR
    assert statement.metadata["federation_entity"] == {"organization_name": "Invented School"}


def test_header_and_claims_are_those_of_the_specification():
    unverified = peek_jws(NETWORK.about(SCHOOL), typ=ENTITY_STATEMENT_TYP, max_bytes=9999)
    assert unverified.header == {"alg": "ES256", "kid": NETWORK.jkt, "typ": "entity-statement+jwt"}
    assert set(unverified.payload) == {"iss", "sub", "iat", "exp", "jwks"}
    assert unverified.payload["jwks"] == {"keys": [SCHOOL.public | {"kid": SCHOOL.jkt, "use": "sig", "alg": "ES256"}]}


def test_subordinate_statement_says_what_was_built():
    policy = {"nic_node": {"organization_name": {"essential": True}}}
    statement = verify_subordinate_statement(
        NETWORK.about(
            SCHOOL,
            metadata_policy=policy,
            constraints={"max_path_length": 0},
            source_endpoint=f"{NETWORK.entity}/federation/fetch",
        ),
        issuer=NETWORK.entity,
        issuer_keys={NETWORK.jkt: NETWORK.public},
        now=NOW,
    )
    assert (statement.issuer, statement.subject) == (NETWORK.entity, SCHOOL.entity)
    assert statement.metadata_policy == policy
    assert statement.constraints == {"max_path_length": 0}


def test_new_key_of_a_pinned_entity_is_accepted_from_a_statement_of_the_pinned_one():
    new = generate_private_jwk("ES256")
    both = SCHOOL.configuration(keys=[SCHOOL.public, public_jwk(new)])
    statement = verify_entity_configuration(both, now=NOW, pinned={SCHOOL.jkt})
    assert set(statement.keys) == {SCHOOL.jkt, thumbprint(new)}
    by_new = SCHOOL.configuration(keys=[SCHOOL.public, public_jwk(new)], signed_by=new)
    assert refusal(by_new, pinned={SCHOOL.jkt}) is Code.KEY_NOT_PINNED
    verify_entity_configuration(by_new, now=NOW, pinned=set(statement.keys))


def test_a_key_that_is_not_listed_signs_nothing():
    other = generate_private_jwk("ES256")
    assert refusal(SCHOOL.configuration(signed_by=other)) is Code.KEY_UNKNOWN
    assert subordinate_refusal(NETWORK.about(SCHOOL, signed_by=other)) is Code.KEY_UNKNOWN


def test_times():
    assert refusal(SCHOOL.configuration(expires_at=NOW)) is Code.STATEMENT_EXPIRED
    verify_entity_configuration(SCHOOL.configuration(expires_at=NOW + timedelta(seconds=1)), now=NOW)
    verify_entity_configuration(SCHOOL.configuration(issued_at=NOW + timedelta(seconds=60)), now=NOW)
    assert refusal(SCHOOL.configuration(issued_at=NOW + timedelta(seconds=61))) is Code.STATEMENT_NOT_YET_VALID
    assert subordinate_refusal(NETWORK.about(SCHOOL, expires_at=NOW - HOUR)) is Code.STATEMENT_EXPIRED


@pytest.mark.parametrize("exp", [2**53 - 1, 253_402_300_800])
def test_times_beyond_any_calendar(exp):
    assert refusal(SCHOOL.raw(exp=exp)) is Code.STATEMENT_INVALID


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": NETWORK.entity}, Code.ISSUER_SUBJECT_MISMATCH),
        ({"iss": None}, Code.STATEMENT_INVALID),
        ({"exp": None}, Code.STATEMENT_INVALID),
        ({"exp": "tomorrow"}, Code.STATEMENT_INVALID),
        ({"iat": True}, Code.STATEMENT_INVALID),
        ({"jwks": None}, Code.STATEMENT_INVALID),
        ({"jwks": {"keys": []}}, Code.STATEMENT_INVALID),
        ({"jwks": build_jwks([generate_private_jwk("Ed25519")])}, Code.STATEMENT_INVALID),
        ({"jwks": {"keys": [{**SCHOOL.public, "kid": "mine"}]}}, Code.KEY_INVALID),
        ({"jwks": {"keys": [{**SCHOOL.private, "kid": SCHOOL.jkt}]}}, Code.STATEMENT_INVALID),
        ({"crit": ["jti"], "jti": "x"}, Code.CRITICAL_HEADER_UNKNOWN),
        ({"aud": NETWORK.entity}, Code.STATEMENT_INVALID),
        ({"trust_anchor": NETWORK.entity}, Code.STATEMENT_INVALID),
        ({"authority_hints": []}, Code.STATEMENT_INVALID),
        ({"constraints": {"max_path_length": 1}}, Code.STATEMENT_INVALID),
        ({"metadata_policy": {"nic_node": {}}}, Code.STATEMENT_INVALID),
        ({"metadata_policy_crit": ["regexp"]}, Code.STATEMENT_INVALID),
        ({"source_endpoint": "https://hub.example/fetch"}, Code.STATEMENT_INVALID),
        ({"metadata": {"other": 5}}, Code.STATEMENT_INVALID),
        ({"metadata": {"other": {"name": None}}, "x": 1}, Code.STATEMENT_INVALID),
    ],
)
def test_claims_that_are_refused(claims, code):
    assert refusal(SCHOOL.raw(**claims)) is code


@pytest.mark.parametrize(
    "claim", ["authority_hints", "trust_anchor_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"]
)
def test_claims_that_a_subordinate_statement_must_not_have(claim):
    value = [NETWORK.entity] if claim.endswith("hints") else [] if claim == "trust_marks" else {}
    token = NETWORK.raw(sub=SCHOOL.entity, jwks=build_jwks([SCHOOL.public]), **{claim: value})
    assert subordinate_refusal(token) is Code.STATEMENT_INVALID


def test_a_subordinate_statement_is_by_the_superior_and_about_another():
    assert subordinate_refusal(NETWORK.configuration()) is Code.ISSUER_SUBJECT_MISMATCH
    assert subordinate_refusal(SCHOOL.about(NETWORK)) is Code.ISSUER_SUBJECT_MISMATCH
    assert refusal(NETWORK.about(SCHOOL)) is Code.ISSUER_SUBJECT_MISMATCH
    with pytest.raises(ValueError, match="somebody else"):
        build_subordinate_statement(
            NETWORK.private,
            issuer="https://a.example",
            subject="https://a.example",
            keys=[],
            issued_at=NOW,
            expires_at=NOW,
        )


@pytest.mark.parametrize("typ", ["JWT", "trust-mark+jwt", "application/entity-statement+jwt"])
def test_type_is_exact(typ):
    assert refusal(SCHOOL.raw(typ=typ)) is Code.TOKEN_TYPE_WRONG


def test_a_chain_in_the_header_is_refused_and_other_members_are_not():
    payload = peek_jws(SCHOOL.configuration(), typ=ENTITY_STATEMENT_TYP, max_bytes=9999).payload
    for name in ("trust_chain", "peer_trust_chain"):
        token = sign_jws(payload, SCHOOL.private, typ=ENTITY_STATEMENT_TYP, extra_header={name: []})
        assert refusal(token) is Code.STATEMENT_INVALID
    verify_entity_configuration(
        sign_jws(payload, SCHOOL.private, typ=ENTITY_STATEMENT_TYP, extra_header={"x": 1}), now=NOW
    )


def test_a_statement_of_64_kib_is_the_largest():
    assert refusal(SCHOOL.raw(note="x" * 2**16)) is Code.TOKEN_TOO_LARGE


def test_our_own_mistakes_are_not_signed():
    with pytest.raises(InvalidDocument):
        SCHOOL.configuration(metadata={"nic_node": {"versions": [1]}})
    with pytest.raises(InvalidDocument):
        NETWORK.about(SCHOOL, subject="school-a.example")


@pytest.mark.parametrize(
    "text",
    [
        "https://school-a.example",
        "https://hub.example/net/north",
        "https://hub.example:8443/net/north",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
    ],
)
def test_entity_ids(text):
    assert verify_entity_id(text) == text
    assert build_configuration_url(text) == text + "/.well-known/openid-federation"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "school-a.example",
        "http://school-a.example",
        "ftp://school-a.example",
        "https://",
        "https:///net",
        "https://user@school-a.example",
        "https://user:pass@school-a.example",
        "https://school-a.example?x",
        "https://school-a.example#x",
        "https://school-a.example/",
        "https://school-a.example/net/",
        "https://school-a.example//net",
        "https://school-a.example/../net",
        "https://school-a.example/.",
        "https://School-a.example",
        "HTTPS://school-a.example",
        "https://school-a.example:443",
        "https://school-a.example:0443",
        "https://school-a.example:",
        "https://school-a.example:0",
        "https://school-a.example:65536",
        "https://school-a.example.",
        "https://school..example",
        "https://-school.example",
        "https://schule-ä.example",
        "https://xn--schule--8wa.example",
        "https://a.xn--p1ai",
        "https://2130706433",
        "https://0x7f000001",
        "https://0177.0.0.1",
        "https://127.1",
        "https://1.2.3.256",
        "https://[2001:DB8::1]",
        "https://[2001:db8:0::1]",
        "https://[::::]",
        "https://[::1",
        "https://school-a.example\n",
        "https://school-a.example/%2e%2e",
        "https://school-a.example/\u0000",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 120 + "example",
    ],
)
def test_what_is_no_entity_id(text):
    for allowed in (False, True):
        with pytest.raises(Untrusted) as caught:
            verify_entity_id(text, allow_insecure_loopback=allowed)
        assert caught.value.code is Code.ENTITY_ID_INVALID


@pytest.mark.parametrize("text", ["http://127.0.0.1:8001", "http://localhost:8001/net/north", "http://[::1]:8001"])
def test_plain_http_for_loopback_only_and_only_when_allowed(text):
    assert verify_entity_id(text, allow_insecure_loopback=True) == text
    with pytest.raises(Untrusted):
        verify_entity_id(text)
    node = Party(text)
    verify_entity_configuration(node.configuration(), now=NOW, allow_insecure_loopback=True)
    assert refusal(node.configuration()) is Code.ENTITY_ID_INVALID
