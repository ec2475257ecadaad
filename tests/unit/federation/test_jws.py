import hashlib
import hmac
import json

import jwt
import pytest
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from federation.errors import Untrusted
from federation.jws import peek_jws, sign_jws, verify_jws
from federation.keys import generate_private_jwk, public_jwk, sign_bytes, thumbprint
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes
from schemas.code import Code

TYP = "test+jwt"
KEYS = {kind: generate_private_jwk(kind) for kind in ("ES256", "Ed25519")}
KNOWN = {thumbprint(jwk): public_jwk(jwk) for jwk in KEYS.values()}
PAYLOAD = {"b": [1, 2], "a": "ü"}


def verify(token, **keywords):
    return verify_jws(token, KNOWN.get, **({"typ": TYP, "max_bytes": 4096} | keywords))


def refusal(token, **keywords) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify(token, **keywords)
    return caught.value.code


def forge(header=None, payload=b"{}", *, kind="ES256", **header_changes) -> str:
    """A token with any header and payload, truly signed by a known key."""
    jwk = KEYS[kind]
    if header is None:
        alg = {"ES256": "ES256", "Ed25519": "EdDSA"}[kind]
        fields = {"alg": alg, "kid": thumbprint(jwk), "typ": TYP, **header_changes}
        header = json.dumps({k: v for k, v in fields.items() if v is not None}).encode()
    signing_input = f"{encode_base64url(header)}.{encode_base64url(payload)}"
    return f"{signing_input}.{encode_base64url(sign_bytes(jwk, signing_input.encode()))}"


@pytest.mark.parametrize("kind", ["ES256", "Ed25519"])
def test_round_trip(kind):
    token = sign_jws(PAYLOAD, KEYS[kind], typ=TYP)
    verified = verify(token)
    assert verified.payload == PAYLOAD
    assert verified.kid == thumbprint(KEYS[kind])
    assert verified.header == {"alg": {"ES256": "ES256", "Ed25519": "EdDSA"}[kind], "kid": verified.kid, "typ": TYP}
    assert verify(token.encode()) == verified


def test_payload_is_canonical_and_ed25519_tokens_repeat():
    token = sign_jws(PAYLOAD, KEYS["Ed25519"], typ=TYP)
    assert token.split(".")[1] == encode_base64url(canonical_bytes(PAYLOAD))
    assert token == sign_jws(dict(reversed(PAYLOAD.items())), KEYS["Ed25519"], typ=TYP)


@pytest.mark.parametrize(("kind", "algorithm"), [("ES256", ECAlgorithm), ("Ed25519", OKPAlgorithm)])
def test_pyjwt_and_we_read_each_other(kind, algorithm):
    jwk = KEYS[kind]
    public = algorithm.from_jwk(public_jwk(jwk))
    name = {"ES256": "ES256", "Ed25519": "EdDSA"}[kind]
    assert json.loads(jwt.api_jws.decode(sign_jws(PAYLOAD, jwk, typ=TYP), public, algorithms=[name])) == PAYLOAD
    token = jwt.encode(PAYLOAD, algorithm.from_jwk(jwk), name, headers={"typ": TYP, "kid": thumbprint(jwk)})
    assert verify(token).payload == PAYLOAD


def test_extra_header_members_only_where_expected():
    token = sign_jws(PAYLOAD, KEYS["ES256"], typ=TYP, extra_header={"jwk": public_jwk(KEYS["ES256"])})
    assert refusal(token) is Code.TOKEN_MALFORMED
    assert verify(token, extra_header_names=("jwk",)).header["jwk"] == public_jwk(KEYS["ES256"])
    assert verify(token, extra_header_names=None).payload == PAYLOAD


def test_extra_header_can_not_replace_our_own_members():
    token = sign_jws(PAYLOAD, KEYS["ES256"], typ=TYP, extra_header={"alg": "none", "typ": "x", "kid": "y"})
    assert verify(token).header["alg"] == "ES256"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (forge(alg="none"), Code.ALGORITHM_REFUSED),
        (forge(alg="None"), Code.ALGORITHM_REFUSED),
        (forge(alg=None), Code.ALGORITHM_REFUSED),
        (forge(alg=["ES256"]), Code.ALGORITHM_REFUSED),
        (forge(alg="RS256"), Code.ALGORITHM_REFUSED),
        (forge(alg="EdDSA"), Code.ALGORITHM_REFUSED),
        (forge(alg="ES256", kind="Ed25519"), Code.ALGORITHM_REFUSED),
        (forge(typ="JWT"), Code.TOKEN_TYPE_WRONG),
        (forge(typ="TEST+JWT"), Code.TOKEN_TYPE_WRONG),
        (forge(typ=None), Code.TOKEN_TYPE_WRONG),
        (forge(kid=None), Code.TOKEN_MALFORMED),
        (forge(kid=7), Code.TOKEN_MALFORMED),
        (forge(kid="other"), Code.KEY_UNKNOWN),
        (forge(crit=["exp"], exp=1), Code.CRITICAL_HEADER_UNKNOWN),
        (forge(crit=[]), Code.CRITICAL_HEADER_UNKNOWN),
        (forge(crit=["b64"], b64=False), Code.CRITICAL_HEADER_UNKNOWN),
        (forge(jku="https://evil.example/jwks"), Code.TOKEN_MALFORMED),
        (forge(payload=b"[]"), Code.TOKEN_MALFORMED),
        (forge(payload=b"null"), Code.TOKEN_MALFORMED),
        (forge(payload=b'{"a": 1, "a": 2}'), Code.DUPLICATE_KEY),
        (forge(payload=b'{"a": NaN}'), Code.NOT_JSON),
        (forge(payload=b"\xff"), Code.NOT_JSON),
        (forge(payload=b"[" * 2000), Code.TOO_DEEP),
        (forge(header=b"[]"), Code.TOKEN_MALFORMED),
        (forge(header=b'{"alg":"ES256","alg":"none"}'), Code.DUPLICATE_KEY),
    ],
)
def test_tokens_signed_yet_refused(token, code):
    assert refusal(token) is code


def test_b64_without_crit_is_refused_where_any_header_may_stand():
    assert refusal(forge(b64=False), extra_header_names=None) is Code.CRITICAL_HEADER_UNKNOWN


def test_hmac_with_the_public_key_as_secret_is_refused():
    jwk = KEYS["ES256"]
    header = {"alg": "HS256", "kid": thumbprint(jwk), "typ": TYP}
    signing_input = f"{encode_base64url(canonical_bytes(header))}.{encode_base64url(b'{}')}"
    secret = canonical_bytes(public_jwk(jwk))
    mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    assert refusal(f"{signing_input}.{encode_base64url(mac)}") is Code.ALGORITHM_REFUSED


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_change_in_any_part_is_noticed(part):
    parts = forge().split(".")
    data = bytearray(json.dumps({"alg": "ES256", "kid": thumbprint(KEYS["ES256"]), "typ": TYP}).encode())
    changed = {0: bytes(data), 1: b'{"a":1}', 2: bytes(64)}[part]
    parts[part] = encode_base64url(changed)
    if part == 0:
        parts[0] = encode_base64url(bytes(data).replace(b": ", b":"))
    assert refusal(".".join(parts)) is Code.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        forge() + ".x",
        forge() + "=",
        forge() + "\n",
        " " + forge(),
        "é" + forge(),
        b"\xff..",
    ],
)
def test_malformed_tokens(token):
    assert refusal(token) in {Code.TOKEN_MALFORMED, Code.NOT_JSON}


def test_second_spelling_of_the_same_signature_is_refused():
    token = forge()
    # 64 bytes leave 4 spare bits in the last character.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]
    assert refusal(twin) is Code.TOKEN_MALFORMED


def test_size_is_checked_first():
    token = sign_jws({"a": "x" * 2**20}, KEYS["ES256"], typ=TYP)
    assert refusal(token) is Code.TOKEN_TOO_LARGE
    assert refusal(token, max_bytes=len(token) - 1) is Code.TOKEN_TOO_LARGE
    assert refusal(forge(x="y" * 4000), max_bytes=10_000, extra_header_names=None) is Code.TOKEN_MALFORMED


def test_a_key_found_under_a_wrong_name_is_refused():
    token = forge()
    with pytest.raises(Untrusted) as caught:
        verify_jws(token, lambda _: public_jwk(KEYS["Ed25519"]), typ=TYP, max_bytes=4096)
    assert caught.value.code is Code.KEY_INVALID


def test_peeking_reads_but_proves_nothing():
    token = forge(kid="nobody")
    assert peek_jws(token, typ=TYP, max_bytes=4096).kid == "nobody"


def test_keys_for_other_jobs_do_not_sign():
    with pytest.raises(ValueError, match="does not sign"):
        sign_jws(PAYLOAD, generate_private_jwk("X25519"), typ=TYP)
