"""Whatever a peer sends instead of a token: no exception but ours leaves."""

import json
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from federation.errors import Untrusted
from federation.jws import peek_jws, sign_jws, verify_jws
from federation.keys import (
    build_jwks,
    decode_base64url,
    generate_private_jwk,
    load_public,
    public_jwk,
    read_jwks,
    sign_bytes,
    thumbprint,
)
from schemas.base64url import encode_base64url

TYP = "test+jwt"
PRIVATE = {"ES256": generate_private_jwk("ES256"), "EdDSA": generate_private_jwk("Ed25519")}
KNOWN = {thumbprint(jwk): public_jwk(jwk) for jwk in PRIVATE.values()}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=10), below, max_size=4),
    max_leaves=12,
)
# Numbers and texts that a canonical document can hold, so that signing can't refuse them.
signable = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10),
    st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    max_size=6,
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ES256", "EdDSA", "none", "HS256"]) | json_values,
        "kid": st.sampled_from(sorted(KNOWN)) | json_values,
        "typ": st.just(TYP) | json_values,
        "crit": json_values,
        "b64": json_values,
        "x": json_values,
    },
)
jwk_members = st.fixed_dictionaries(
    {"kty": st.sampled_from(["EC", "OKP", "RSA", "oct"]) | json_values},
    optional={
        name: st.sampled_from(["P-256", "Ed25519", "X25519", "AQAB", "ES256", "EdDSA", *KNOWN])
        | st.binary(max_size=400).map(encode_base64url)
        | st.binary(min_size=32, max_size=32).map(encode_base64url)
        | json_values
        for name in ("crv", "x", "y", "n", "e", "d", "kid", "alg", "use")
    },
)


def verify(token):
    return verify_jws(token, KNOWN.get, typ=TYP, max_bytes=100_000, extra_header_names=None)


def sign_anything(alg: str, header: object, payload: object) -> str:
    parts = [encode_base64url(json.dumps(part).encode("utf-8", "surrogatepass")) for part in (header, payload)]
    signing_input = ".".join(parts)
    return f"{signing_input}.{encode_base64url(sign_bytes(PRIVATE[alg], signing_input.encode()))}"


@given(st.text() | st.binary())
@example("eyJhbGciOiJub25lIn0.e30.")
@example("\ud800..")
def test_any_text_or_bytes_are_refused(token):
    with suppress(Untrusted):
        verify(token)
        raise AssertionError("an unsigned token was accepted")


@given(st.sampled_from(sorted(PRIVATE)), headers | json_values, json_values)
def test_signed_tokens_of_any_shape_are_accepted_or_refused_by_us(alg, header, payload):
    with suppress(Untrusted):
        verified = verify(sign_anything(alg, header, payload))
        assert verified.header["alg"] == alg
        assert isinstance(verified.payload, dict)


@given(signable, st.sampled_from(sorted(PRIVATE)))
def test_what_is_signed_is_what_is_verified(payload, alg):
    assert verify(sign_jws(payload, PRIVATE[alg], typ=TYP)).payload == payload


@given(st.data())
def test_no_changed_token_passes(data):
    token = sign_jws({"a": 1}, PRIVATE[data.draw(st.sampled_from(sorted(PRIVATE)))], typ=TYP)
    position = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters())
    changed = token[:position] + character + token[position + 1 :]
    if changed == token:
        verify(changed)
    else:
        with suppress(Untrusted):
            verify(changed)
            raise AssertionError("a changed token was accepted")


@given(st.text() | st.binary() | json_values)
def test_base64url_is_decoded_or_refused(text):
    with suppress(Untrusted):
        assert encode_base64url(decode_base64url(text, max_bytes=64)) == text


@given(jwk_members)
def test_any_members_make_a_key_or_are_refused(members):
    with suppress(Untrusted):
        key = load_public(members)
        assert thumbprint(members) == key.jkt


@given(json_values | st.fixed_dictionaries({"keys": st.lists(jwk_members, max_size=4) | json_values}))
def test_any_json_is_a_key_set_or_refused(document):
    with suppress(Untrusted):
        assert all(thumbprint(jwk) == kid for kid, jwk in read_jwks(document).items())


@given(st.sets(st.sampled_from(["ES256", "Ed25519", "X25519"]), max_size=3))
def test_key_sets_round_trip(kinds):
    keys = [generate_private_jwk(kind) for kind in kinds]
    assert read_jwks(build_jwks(keys), kinds=("ES256", "Ed25519", "X25519")) == {
        thumbprint(jwk): public_jwk(jwk) for jwk in keys
    }


@given(st.text(), st.integers(0, 200))
def test_peeking_never_costs_more_than_the_size_allows(text, max_bytes):
    with suppress(Untrusted):
        peek_jws(text, typ=TYP, max_bytes=max_bytes)
        assert len(text) <= max_bytes
