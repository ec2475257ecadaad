"""Signed requests between nodes verified a second, against the bare Ed25519 verification inside each."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.pairs import Result, compare
from federation.keys import generate_private_jwk, load_public, public_jwk, sign_bytes
from nic_node.peerhttp.client import new_nonce
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.peerhttp.verifying import verify_signature

N = 200
URL = "https://network.example/net/north/v1/submissions"
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)


def run() -> Result:
    private = generate_private_jwk("Ed25519")
    public = public_jwk(private)
    signer = RequestSigner("https://alder.example", private)
    headers = build_signature_headers(signer, method="POST", target_uri=URL, body=b"{}", now=NOW, nonce=new_nonce())
    base = b"x" * sum(len(name) + len(value) for name, value in headers.items())
    signature = sign_bytes(private, base)
    key = load_public(public).handle
    assert isinstance(key, Ed25519PublicKey)

    def verify_requests() -> None:
        for _ in range(N):
            verify_signature(method="POST", target_uri=URL, headers=headers, find_key=lambda _: public, now=NOW)

    def verify_bare() -> None:
        for _ in range(N):
            key.verify(signature, base)

    return compare("signed-request", verify_requests, verify_bare, n=N).rates()
