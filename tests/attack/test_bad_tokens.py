"""Tokens and names that are no tokens and no names: each is refused with its code, wherever a statement is read."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.chain import verify_chain
from federation.entities import verify_entity_configuration, verify_subordinate_statement
from federation.errors import Untrusted
from federation.jws import sign_jws
from federation.keys import build_jwks, load_public
from schemas.code import Code
from schemas.entity import ENTITY_STATEMENT_TYP
from tests.unit.federation.parties import NOW, Party, hint

SCHOOL = Party("https://school-a.example")
NETWORK = Party("https://hub.example/net/north")
GOOD = SCHOOL.configuration(**hint(NETWORK))
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")
MEGABYTE = 1024**2


def b64(data: bytes | dict[str, Any]) -> str:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def with_header(**changes: Any) -> str:
    header = {"alg": "ES256", "kid": SCHOOL.jkt, "typ": ENTITY_STATEMENT_TYP, **changes}
    return f"{b64(header)}.{PAYLOAD}.{SIGNATURE}"


def unsigned(alg: str) -> str:
    return f"{b64({'alg': alg, 'kid': SCHOOL.jkt, 'typ': ENTITY_STATEMENT_TYP})}.{PAYLOAD}."


def signed_with_the_public_key(secret: bytes) -> str:
    """What a verifier would take that feeds its public key to whatever algorithm the header names."""
    signing_input = f"{b64({'alg': 'HS256', 'kid': SCHOOL.jkt, 'typ': ENTITY_STATEMENT_TYP})}.{PAYLOAD}"
    return f"{signing_input}.{b64(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"


def public_pem() -> bytes:
    return load_public(SCHOOL.public).handle.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def stating(**claims: Any) -> str:
    return SCHOOL.raw(**claims)


def about(entity: str) -> str:
    """A configuration of an entity by that name, truly signed."""
    return stating(iss=entity, sub=entity)


TWICE = f'{{"alg":"ES256","alg":"none","kid":"{SCHOOL.jkt}","typ":"{ENTITY_STATEMENT_TYP}"}}'
TOKENS: list[tuple[str, Callable[[], str | bytes], Code]] = [
    ("nothing", lambda: "", Code.TOKEN_MALFORMED),
    ("one part", lambda: HEADER, Code.TOKEN_MALFORMED),
    ("two parts", lambda: f"{HEADER}.{PAYLOAD}", Code.TOKEN_MALFORMED),
    ("four parts", lambda: f"{GOOD}.x", Code.TOKEN_MALFORMED),
    ("padded", lambda: f"{HEADER}=.{PAYLOAD}.{SIGNATURE}", Code.TOKEN_MALFORMED),
    ("a space", lambda: f" {GOOD}", Code.TOKEN_MALFORMED),
    ("a new line", lambda: f"{GOOD}\n", Code.TOKEN_MALFORMED),
    ("not ascii", lambda: GOOD.encode() + b"\xff", Code.TOKEN_MALFORMED),
    ("header no object", lambda: f"{b64(b'[]')}.{PAYLOAD}.{SIGNATURE}", Code.TOKEN_MALFORMED),
    ("payload no object", lambda: f"{HEADER}.{b64(b'7')}.{SIGNATURE}", Code.TOKEN_MALFORMED),
    ("payload no JSON", lambda: f"{HEADER}.{b64(b'{')}.{SIGNATURE}", Code.NOT_JSON),
    ("header's key twice", lambda: f"{b64(TWICE.encode())}.{PAYLOAD}.{SIGNATURE}", Code.DUPLICATE_KEY),
    ("deep nesting", lambda: f"{HEADER}.{b64(b'[' * 9000 + b']' * 9000)}.{SIGNATURE}", Code.TOO_DEEP),
    ("a megabyte", lambda: f"{HEADER}.{'A' * MEGABYTE}.{SIGNATURE}", Code.TOKEN_TOO_LARGE),
    ("a megabyte of dots", lambda: "." * MEGABYTE, Code.TOKEN_TOO_LARGE),
    ("a megabyte that is signed", lambda: stating(note="x" * MEGABYTE), Code.TOKEN_TOO_LARGE),
    ("alg none", lambda: unsigned("none"), Code.ALGORITHM_REFUSED),
    ("alg None", lambda: unsigned("None"), Code.ALGORITHM_REFUSED),
    ("alg NONE with a signature", lambda: with_header(alg="NONE"), Code.ALGORITHM_REFUSED),
    ("alg missing", lambda: with_header(alg=None), Code.ALGORITHM_REFUSED),
    ("HMAC with the public key as PEM", lambda: signed_with_the_public_key(public_pem()), Code.ALGORITHM_REFUSED),
    ("HMAC with the public key as JWK",
     lambda: signed_with_the_public_key(json.dumps(SCHOOL.public).encode()), Code.ALGORITHM_REFUSED),
    ("EdDSA for a P-256 key", lambda: with_header(alg="EdDSA"), Code.ALGORITHM_REFUSED),
    ("RS256", lambda: with_header(alg="RS256"), Code.ALGORITHM_REFUSED),
    ("no signature", lambda: f"{HEADER}.{PAYLOAD}.", Code.SIGNATURE_INVALID),
    ("zeros for a signature", lambda: f"{HEADER}.{PAYLOAD}.{b64(bytes(64))}", Code.SIGNATURE_INVALID),
    ("another's signature", lambda: f"{HEADER}.{PAYLOAD}.{NETWORK.configuration().split('.')[2]}",
     Code.SIGNATURE_INVALID),
    ("its own key in the header", lambda: with_header(jwk=SCHOOL.public, kid="x"), Code.KEY_UNKNOWN),
    ("kid missing", lambda: with_header(kid=None), Code.TOKEN_MALFORMED),
    ("kid a number", lambda: with_header(kid=7), Code.TOKEN_MALFORMED),
    ("crit", lambda: with_header(crit=["exp"]), Code.CRITICAL_HEADER_UNKNOWN),
    ("b64 false", lambda: with_header(b64=False), Code.CRITICAL_HEADER_UNKNOWN),
    ("kid twice", lambda: stating(jwks={"keys": [SCHOOL.public | {"kid": SCHOOL.jkt}] * 2}), Code.STATEMENT_INVALID),
    ("kid twice, two keys",
     lambda: stating(jwks={"keys": [k | {"kid": SCHOOL.jkt} for k in (SCHOOL.public, NETWORK.public)]}),
     Code.STATEMENT_INVALID),
    ("kid that is not the thumbprint",
     lambda: stating(jwks={"keys": [NETWORK.public | {"kid": SCHOOL.jkt}]}), Code.KEY_INVALID),
    ("private key", lambda: stating(jwks={"keys": [SCHOOL.private | {"kid": SCHOOL.jkt}]}), Code.STATEMENT_INVALID),
    *[(f"entity id {name}", lambda name=name: about(name), Code.ENTITY_ID_INVALID) for name in (
        "https://user@school-a.example", "https://user:secret@school-a.example", "https://a.example@school-a.example",
        "https://school-a.example:443", "https://school-a.example:0", "https://school-a.example:65536",
        "https://school-a.example:", "https://school-a.example:08443", "https://school-a.example:-1",
        "https://school-a.example/", "https://school-a.example//", "https://school-a.example/net/",
        "https://School-A.example", "HTTPS://school-a.example", "https://SCHOOL-A.EXAMPLE",
        "https://xn--schule--8wa.example", "https://a.xn--p1ai", "https://schule-ä.example", "https://school-a.example.",
        "https://school-a.example?x", "https://school-a.example#x", "https://school-a.example/%2e%2e",
        "https://school-a.example/..", "http://school-a.example", "https://2130706433", "https://127.1", "", "school",
        7, ["https://school-a.example"], {"a": "b"},
    )],
]  # fmt: skip
IDS = [str(row[0]) for row in TOKENS]


@pytest.mark.parametrize(("what", "make", "code"), TOKENS, ids=IDS)
def test_each_is_refused_with_its_code(what: str, make: Callable[[], str | bytes], code: Code) -> None:
    with pytest.raises(Untrusted) as refused:
        verify_entity_configuration(make(), now=NOW)
    assert refused.value.code == code


def test_the_token_that_they_spoil_is_good() -> None:
    assert verify_entity_configuration(GOOD, now=NOW).subject == SCHOOL.entity


def about_a_subordinate(name: object) -> str:
    return NETWORK.raw(sub=name, jwks=build_jwks([SCHOOL.public]))


@pytest.mark.parametrize(
    "name",
    ["https://u@school-a.example", "https://school-a.example/", "https://School-a.example", "https://a.xn--p1ai"],
)
def test_a_superior_s_word_makes_no_name_better(name: str) -> None:
    with pytest.raises(Untrusted) as refused:
        verify_subordinate_statement(
            about_a_subordinate(name), issuer=NETWORK.entity, issuer_keys={NETWORK.jkt: NETWORK.public}, now=NOW
        )
    assert refused.value.code == Code.ENTITY_ID_INVALID


# Whatever comes, nothing but ours leaves -----------------------------------------------------------------------------

SPLICES = st.sampled_from(
    [HEADER, PAYLOAD, SIGNATURE, b64(b"{}"), b64(b"[]"), b64({"alg": "none"}), ".", "..", "=", "A", "\x00", "é"]
)
NAMES = st.sampled_from(
    [
        "https://",
        "http://",
        "school-a.example",
        "xn--",
        "@",
        ":",
        "443",
        "/",
        "//",
        ".",
        "..",
        "[",
        "]",
        "::1",
        "%",
        "#",
        "?",
        "A",
        "é",
        "127.1",
        "0x7f",
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ES256", "EdDSA", "none", "HS256", "", "ES384"])
        | st.none()
        | st.integers()
        | st.lists(st.text()),
        "kid": st.sampled_from([SCHOOL.jkt, NETWORK.jkt, ""]) | st.none() | st.integers(),
        "typ": st.sampled_from([ENTITY_STATEMENT_TYP, "JWT", ""]) | st.none(),
        "crit": st.none() | st.lists(st.text(max_size=3), max_size=2),
        "b64": st.booleans(),
        "jwk": st.just(SCHOOL.public),
        "trust_chain": st.lists(st.text(max_size=3), max_size=2),
    },
)


def read_everywhere(token: str | bytes) -> None:
    """One token in every place where a stranger's token is read."""
    anchors = {NETWORK.entity: {NETWORK.jkt}}
    with suppress(Untrusted):
        verify_entity_configuration(token, now=NOW)
    with suppress(Untrusted):
        verify_subordinate_statement(token, issuer=NETWORK.entity, issuer_keys={NETWORK.jkt: NETWORK.public}, now=NOW)
    chain = [GOOD, NETWORK.about(SCHOOL), NETWORK.configuration()]
    for position in range(len(chain)):
        with suppress(Untrusted):
            spoilt: list[Any] = [*chain]
            spoilt[position] = token
            verify_chain(spoilt, anchors=anchors, now=NOW)


@settings(deadline=None, max_examples=60)  # two cores are shared
@given(st.lists(SPLICES, max_size=6).map("".join) | st.text(max_size=60) | st.binary(max_size=60))
def test_no_other_exception_leaves_whatever_the_token_is(token: str | bytes) -> None:
    read_everywhere(token)


@settings(deadline=None, max_examples=60)  # two cores are shared
@given(HEADERS, st.integers(0, len(PAYLOAD) - 1), st.sampled_from("AZaz09-_.=\x00"))
def test_no_other_exception_leaves_whatever_the_header_says(header: dict[str, Any], at: int, letter: str) -> None:
    read_everywhere(f"{b64(header)}.{PAYLOAD}.{SIGNATURE}")
    read_everywhere(f"{HEADER}.{PAYLOAD[:at]}{letter}{PAYLOAD[at + 1 :]}.{SIGNATURE}")


@settings(deadline=None, max_examples=60)  # two cores are shared
@given(st.lists(NAMES, max_size=6).map("".join))
def test_no_other_exception_leaves_whatever_the_names_are(name: str) -> None:
    for claims in ({"iss": name, "sub": name}, {"authority_hints": [name]}, {"trust_mark_issuers": {"x": [name]}}):
        read_everywhere(sign_jws(claims | {"iat": 0, "exp": 2**40}, SCHOOL.private, typ=ENTITY_STATEMENT_TYP))
        read_everywhere(SCHOOL.raw(**claims))
