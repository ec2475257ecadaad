"""A blind signature, with its masked exponentiation and the check of s^e, against OpenSSL's plain RSA-3072 one."""

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.pairs import Result, compare
from federation.blindrsa import blind, blind_sign, prepare, private_key
from federation.keys import generate_private_jwk, load_private

N = 10


def run() -> Result:
    jwk = generate_private_jwk("RSA-3072")
    private, handle = private_key(jwk), load_private(jwk).handle
    assert isinstance(handle, rsa.RSAPrivateKey)
    prepared = prepare(b"a pseudonym", secrets.token_bytes(32))
    blinded = blind(private.public, prepared, random=secrets.token_bytes).message
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)

    def sign_blindly() -> None:
        for _ in range(N):
            blind_sign(private, blinded, random=secrets.token_bytes)

    def sign_plainly() -> None:
        for _ in range(N):
            handle.sign(prepared, pss, hashes.SHA384())

    return compare("blind-sign", sign_blindly, sign_plainly, n=N)
