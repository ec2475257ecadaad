"""Sealing and opening envelopes, against the one key agreement and the two passes over 64 KiB inside it."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.pairs import Result, compare
from federation.envelope import open_envelope, seal_dummy
from federation.keys import generate_private_jwk, load_private, load_public
from schemas.limits import ENVELOPE_BYTES

N = 200
ORIGIN = "network.example/net/north/log/1"


def run() -> Result:
    jwk = generate_private_jwk("X25519")
    private, public = load_private(jwk), load_public(jwk)

    def seal_and_open() -> None:
        for _ in range(N):
            open_envelope(private, seal_dummy(public, origin=ORIGIN, epoch=1), origin=ORIGIN, epoch=1)

    own, other = X25519PrivateKey.generate(), X25519PrivateKey.generate().public_key()
    cipher, plain = AESGCM(bytes(16)), bytes(ENVELOPE_BYTES)

    def agree_and_encrypt() -> None:
        for number in range(N):
            own.exchange(other)
            nonce = number.to_bytes(12, "big")
            cipher.decrypt(nonce, cipher.encrypt(nonce, plain, None), None)

    return compare("envelope-seal-open", seal_and_open, agree_and_encrypt, n=N)
