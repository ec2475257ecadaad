import pytest

from federation.applications import APPLICATION_LIFETIME, build_application, verify_application
from federation.errors import Untrusted
from federation.jws import peek_jws, sign_jws
from federation.keys import build_jwks, generate_private_jwk, public_jwk, thumbprint
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.membership import APPLICATION_TYP
from tests.unit.federation.parties import HOUR, NOW, Party

SCHOOL = Party("https://school-a.example")
NETWORK = "https://hub.example/net/north"
HTTP_KEY = generate_private_jwk("Ed25519")
VALUES = {
    "entity": SCHOOL.entity,
    "network": NETWORK,
    "keys": [SCHOOL.public],
    "http_keys": [public_jwk(HTTP_KEY)],
    "contact": {"name": "Ada Beispiel", "email": "ada@school-a.example"},
    "profile": {"name": "Birch Hollow School", "level": "elementary", "enrolment": 412},
    "policy_sha256": "ab" * 32,
    "charter_sha256": "cd" * 32,
    "jti": "0f3c8f1e-application",
    "issued_at": NOW,
}


def build(*, signed_by=SCHOOL.private, **changes) -> str:
    return build_application(signed_by, **(VALUES | changes))


def changed(**claims) -> str:
    """An application with some claims replaced or, by None, removed; truly signed."""
    payload = peek_jws(build(), typ=APPLICATION_TYP, max_bytes=9999).payload | claims
    return sign_jws({k: v for k, v in payload.items() if v is not None}, SCHOOL.private, typ=APPLICATION_TYP)


def refusal(token, **keywords) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify_application(token, **({"network": NETWORK, "now": NOW} | keywords))
    return caught.value.code


def test_an_application_says_what_was_built():
    token = build(invitation="inv-1")
    application = verify_application(token, network=NETWORK, now=NOW)
    assert application.entity == SCHOOL.entity
    assert application.jti == VALUES["jti"]
    assert application.kid == SCHOOL.jkt
    assert application.keys == {SCHOOL.jkt: SCHOOL.public}
    assert application.http_keys == {thumbprint(HTTP_KEY): public_jwk(HTTP_KEY)}
    assert application.contact == VALUES["contact"]
    assert application.profile == VALUES["profile"]
    assert (application.policy_sha256, application.charter_sha256) == ("ab" * 32, "cd" * 32)
    assert application.invitation == "inv-1"
    assert application.token == token
    assert verify_application(build().encode(), network=NETWORK, now=NOW).invitation is None


def test_times():
    late = NOW + APPLICATION_LIFETIME
    assert refusal(build(), now=late) is Code.APPLICATION_EXPIRED
    assert refusal(build(), now=NOW - HOUR) is Code.APPLICATION_EXPIRED
    assert refusal(changed(exp=2**53 - 1)) is Code.STATEMENT_INVALID


def test_addressed_to_another_network():
    assert refusal(build(network="https://hub.example/net/south")) is Code.AUDIENCE_WRONG


def test_signed_by_a_key_that_it_does_not_enclose():
    assert refusal(build(signed_by=generate_private_jwk("ES256"))) is Code.KEY_UNKNOWN


def test_signed_by_the_key_for_requests():
    token = build(signed_by=HTTP_KEY, keys=[SCHOOL.public, public_jwk(HTTP_KEY)])
    assert refusal(token) is Code.KEY_UNKNOWN


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://School-a.example"}, Code.APPLICATION_INVALID),
        ({"iss": "http://127.0.0.1:8001"}, Code.ENTITY_ID_INVALID),
        ({"jti": None}, Code.APPLICATION_INVALID),
        ({"contact": {"name": "Ada Beispiel"}}, Code.APPLICATION_INVALID),
        ({"profile": {"name": "x", "level": "castle"}}, Code.APPLICATION_INVALID),
        ({"policy_sha256": "ab"}, Code.APPLICATION_INVALID),
        ({"surplus": 1}, Code.APPLICATION_INVALID),
        ({"http_jwks": build_jwks([SCHOOL.private])}, Code.APPLICATION_INVALID),
        ({"jwks": {"keys": [{**SCHOOL.public, "kid": "mine"}]}}, Code.KEY_INVALID),
    ],
)
def test_claims_that_are_refused(claims, code):
    assert refusal(changed(**claims)) is code


def test_other_tokens_are_no_applications():
    assert refusal(SCHOOL.configuration()) is Code.TOKEN_TYPE_WRONG
    assert refusal(build() + "x") is Code.TOKEN_MALFORMED
    assert refusal("x" * 40_000) is Code.TOKEN_TOO_LARGE


def test_our_own_mistakes_are_not_signed():
    with pytest.raises(InvalidDocument):
        build(contact={})
