import hashlib
import json

import pytest

from federation.errors import Untrusted
from federation.keys import (
    JWS_ALGORITHM,
    build_jwks,
    decode_base64url,
    ed25519_jwk,
    generate_private_jwk,
    load_private,
    load_public,
    public_jwk,
    raw_ed25519,
    read_jwks,
    sign_bytes,
    thumbprint,
    verify_bytes,
)
from schemas.base64url import encode_base64url
from schemas.code import Code

PRIME = 2**255 - 19

# RFC 8037 appendix A: an Ed25519 key, its thumbprint, and the JWK Thumbprint example of RFC 7638 section 3.1.
RFC8037_PRIVATE = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
RFC8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
RFC7638_KEY = {
    "kty": "RSA",
    "n": (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o"
        "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZH"
        "zu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEg"
        "U8awapJzKnqDKgw"
    ),
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}


@pytest.fixture(scope="module")
def rsa_key():
    return generate_private_jwk("RSA-3072")


def edwards_point(y: int, sign: int = 0) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url((y | sign << 255).to_bytes(32, "little"))}


def refusal(act) -> Code:
    with pytest.raises(Untrusted) as caught:
        act()
    return caught.value.code


def test_thumbprints_are_those_of_the_rfcs():
    assert thumbprint(RFC8037_PRIVATE) == RFC8037_THUMBPRINT
    assert thumbprint(RFC7638_KEY) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_rfc8037_signature_is_made_and_verified():
    signature = sign_bytes(RFC8037_PRIVATE, b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
    assert encode_base64url(signature) == (
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    verify_bytes(RFC8037_PRIVATE, b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature)


@pytest.mark.parametrize("kind", ["ES256", "Ed25519", "X25519"])
def test_generated_keys_load_and_hold_strings_only(kind):
    jwk = generate_private_jwk(kind)
    assert all(isinstance(value, str) for value in jwk.values())
    assert load_private(jwk).kind == load_public(jwk).kind == kind
    assert load_private(jwk).jkt == thumbprint(public_jwk(jwk))
    assert "d" not in load_public(jwk).jwk


def test_rsa_key_round_trip(rsa_key):
    assert load_private(rsa_key).public == public_jwk(rsa_key) == {k: rsa_key[k] for k in ("e", "kty", "n")}


def test_private_key_shows_nothing_of_itself():
    jwk = generate_private_jwk("Ed25519")
    assert jwk["d"] not in repr(load_private(jwk))


@pytest.mark.parametrize("kind", ["ES256", "Ed25519"])
def test_signature_over_bytes(kind):
    jwk = generate_private_jwk(kind)
    signature = sign_bytes(jwk, b"message")
    assert len(signature) == 64
    verify_bytes(public_jwk(jwk), b"message", signature)
    assert refusal(lambda: verify_bytes(jwk, b"massage", signature)) is Code.SIGNATURE_INVALID
    assert refusal(lambda: verify_bytes(jwk, b"message", signature[:-1])) is Code.SIGNATURE_INVALID
    other = generate_private_jwk(kind)
    assert refusal(lambda: verify_bytes(other, b"message", signature)) is Code.SIGNATURE_INVALID


def test_keys_for_other_jobs_do_not_sign(rsa_key):
    for jwk in (generate_private_jwk("X25519"), rsa_key):
        with pytest.raises(ValueError, match="does not sign"):
            sign_bytes(jwk, b"message")
        assert refusal(lambda jwk=jwk: verify_bytes(jwk, b"message", bytes(64))) is Code.KEY_INVALID


def test_small_order_points_are_no_keys():
    order_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    assert is_small_order(order_8)
    for y in (0, 1, PRIME - 1, order_8, PRIME - order_8, PRIME, PRIME + 1):
        for sign in (0, 1):
            assert refusal(lambda y=y, sign=sign: load_public(edwards_point(y, sign))) is Code.KEY_INVALID


def is_small_order(y: int) -> bool:
    """Whether 8 times the point with this y is the neutral element (-x^2 + y^2 = 1 + d x^2 y^2)."""
    d = -121665 * pow(121666, -1, PRIME) % PRIME
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, PRIME) % PRIME
    for _ in range(3):
        curve = d * x_squared * y * y % PRIME
        x_squared, y = (
            4 * x_squared * y * y * pow((1 + curve) ** 2, -1, PRIME) % PRIME,
            (y * y + x_squared) * pow(1 - curve, -1, PRIME) % PRIME,
        )
    return y == 1 and x_squared == 0


@pytest.mark.parametrize(
    "x", [bytes(32).hex(), "01" + "00" * 31, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"]
)
def test_nobody_receives_at_a_point_of_small_order(x):
    jwk = {"kty": "OKP", "crv": "X25519", "x": encode_base64url(bytes.fromhex(x))}
    assert refusal(lambda: load_public(jwk)) is Code.KEY_INVALID


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": ["EC"]},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": encode_base64url(bytes(32)), "y": encode_base64url(bytes(32))},
        {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
        {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(bytes(31))},
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_PRIVATE["x"] + "="},
        {"kty": "OKP", "crv": "Ed448", "x": RFC8037_PRIVATE["x"]},
        RFC7638_KEY,  # 2,048 bits
        {"kty": "RSA", "n": "AAAA", "e": "AQAB"},
        {"kty": "RSA", "n": "", "e": ""},
    ],
)
def test_what_is_no_key_of_ours(jwk):
    assert refusal(lambda: load_public(jwk)) is Code.KEY_INVALID


def test_rsa_exponent_is_fixed(rsa_key):
    assert refusal(lambda: load_public({**rsa_key, "e": "Aw"})) is Code.KEY_INVALID


@pytest.mark.parametrize("kind", ["ES256", "Ed25519", "X25519"])
def test_private_halves_must_belong_together(kind):
    one, other = generate_private_jwk(kind), generate_private_jwk(kind)
    with pytest.raises(ValueError, match="damaged"):
        load_private({**one, "d": other["d"]})
    with pytest.raises(ValueError, match="damaged"):
        load_private({**one, "d": "short"})
    with pytest.raises(ValueError, match="damaged"):
        load_private(public_jwk(one))


def test_key_set_round_trip():
    keys = [generate_private_jwk("ES256"), generate_private_jwk("Ed25519"), generate_private_jwk("X25519")]
    document = build_jwks(keys)
    assert [entry["use"] for entry in document["keys"]] == ["sig", "sig", "enc"]
    assert [entry.get("alg") for entry in document["keys"]] == ["ES256", "EdDSA", None]
    assert read_jwks(document) == {thumbprint(jwk): public_jwk(jwk) for jwk in keys[:2]}
    assert set(read_jwks(document, kinds=("X25519",))) == {thumbprint(keys[2])}


def test_key_sets_that_are_refused():
    entry = build_jwks([generate_private_jwk("ES256")])["keys"][0]
    private = generate_private_jwk("ES256")
    for document in (
        None,
        [],
        {},
        {"keys": {}},
        {"keys": ["x"]},
        {"keys": [entry] * 33},
        {"keys": [entry, entry]},
        {"keys": [{**entry, "kid": "key-1"}]},
        {"keys": [{k: v for k, v in entry.items() if k != "kid"}]},
        {"keys": [{**entry, "alg": "EdDSA"}]},
        {"keys": [{**private, "kid": thumbprint(private)}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]},
        {"keys": [{**entry, "x": "AAAA"}]},
    ):
        assert refusal(lambda document=document: read_jwks(document)) is Code.KEY_INVALID


def test_keys_of_unknown_kinds_are_passed_over():
    entry = build_jwks([generate_private_jwk("ES256")])["keys"][0]
    foreign = [{"kty": "EC", "crv": "P-521", "kid": "a", "x": "", "y": ""}, {"kty": "AKP", "kid": "b"}, RFC7638_KEY]
    assert set(read_jwks({"keys": [*foreign, entry]})) == {entry["kid"]}


def test_raw_ed25519_keys():
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert ed25519_jwk(raw) == public_jwk(RFC8037_PRIVATE)
    assert raw_ed25519(RFC8037_PRIVATE) == raw
    assert refusal(lambda: ed25519_jwk(raw[:-1])) is Code.KEY_INVALID
    assert refusal(lambda: raw_ed25519(generate_private_jwk("X25519"))) is Code.KEY_INVALID


def test_base64url_has_one_spelling_and_a_size():
    assert decode_base64url("-_8", max_bytes=2) == b"\xfb\xff"
    for text in ("-_9", "+/8", "-_8=", "-_8\n", " -_8", "-", "é", None, b"-_8"):
        assert refusal(lambda text=text: decode_base64url(text, max_bytes=9)) is Code.TOKEN_MALFORMED
    assert refusal(lambda: decode_base64url("-_8A", max_bytes=2)) is Code.TOKEN_MALFORMED


def test_thumbprint_hashes_the_canonical_members_only():
    members = json.dumps({k: RFC8037_PRIVATE[k] for k in ("crv", "kty", "x")}, separators=(",", ":"))
    assert thumbprint({**RFC8037_PRIVATE, "kid": "other", "use": "sig"}) == encode_base64url(
        hashlib.sha256(members.encode()).digest()
    )
    assert set(JWS_ALGORITHM) == {"ES256", "Ed25519"}
