"""What goes out is what RFC 9421 says: the signature base is written out by hand here and checked without a library."""

import base64
import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.keys import generate_private_jwk, public_jwk, raw_ed25519, thumbprint
from nic_node.peerhttp.client import new_nonce
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers

ENTITY = "https://maple.example.org"
URL = "https://hub.example.org/net/reading/v1/hints?a=%20b"
NOW = datetime(2026, 10, 27, 12, 0, 0, 900_000, tzinfo=UTC)
PRIVATE = generate_private_jwk("Ed25519")
SIGNER = RequestSigner(ENTITY, PRIVATE)


def verify_by_hand(headers: dict[str, str], base: str) -> None:
    signature = re.fullmatch(r"nic=:([A-Za-z0-9+/=]+):", headers["Signature"])
    assert signature
    key = Ed25519PublicKey.from_public_bytes(raw_ed25519(public_jwk(PRIVATE)))
    key.verify(base64.b64decode(signature[1]), base.encode())


def test_a_get_covers_method_and_target() -> None:
    headers = build_signature_headers(
        SIGNER, method="GET", target_uri=URL, body=None, now=NOW, nonce="0123456789abcdef"
    )
    parameters = (
        f'("@method" "@target-uri");created={int(NOW.timestamp())};keyid="{ENTITY}#{thumbprint(PRIVATE)}"'
        ';alg="ed25519";nonce="0123456789abcdef";tag="nic-v1"'
    )
    assert headers.keys() == {"Signature-Input", "Signature"}
    assert headers["Signature-Input"] == f"nic={parameters}"
    verify_by_hand(headers, f'"@method": GET\n"@target-uri": {URL}\n"@signature-params": {parameters}')


def test_a_post_covers_the_digest_of_its_body() -> None:
    body = b'{"hello": "world"}'
    # RFC 9421 section 2.1.2 and RFC 9530 appendix: the SHA-256 of exactly this body.
    digest = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
    headers = build_signature_headers(SIGNER, method="POST", target_uri=URL, body=body, now=NOW, nonce="n" * 16)
    assert headers["Content-Digest"] == digest
    parameters = headers["Signature-Input"].removeprefix("nic=")
    assert parameters.startswith('("@method" "@target-uri" "content-digest");created=')
    verify_by_hand(
        headers,
        f'"@method": POST\n"@target-uri": {URL}\n"content-digest": {digest}\n"@signature-params": {parameters}',
    )


def test_an_empty_body_is_covered_too() -> None:
    headers = build_signature_headers(SIGNER, method="POST", target_uri=URL, body=b"", now=NOW, nonce="n" * 16)
    assert headers["Content-Digest"] == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_a_signer_shows_no_secret_and_takes_no_other_kind_of_key() -> None:
    assert PRIVATE["d"] not in repr(SIGNER)
    with pytest.raises(ValueError, match="Ed25519 key, not ES256"):
        RequestSigner(ENTITY, generate_private_jwk("ES256"))


def test_nonces_are_fresh() -> None:
    nonces = {new_nonce() for _ in range(1000)}
    assert len(nonces) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{24}", nonce) for nonce in nonces)
