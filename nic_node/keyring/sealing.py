"""Sealing with AES-256-GCM (NIST SP 800-38D) under the operator's key.

A sealed value is `version (1) || fingerprint of the operator's key (8) || nonce (12) || ciphertext and tag`. The
context, a name for the place where the value lives, is bound as associated data: a value that is copied to
another row or another use doesn't open. Nonces are random; the 2^32 values that one key may seal so are out of
reach of a node.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nic_node.keyring.errors import SealBroken, WrongOperatorKey
from nic_node.keyring.operator_key import FINGERPRINT_BYTES, OperatorKey

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = len(VERSION) + FINGERPRINT_BYTES


def seal_bytes(operator_key: OperatorKey, plaintext: bytes, *, context: str) -> bytes:
    """Encrypt for the place that `context` names; 37 bytes longer than what went in."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    header = VERSION + operator_key.fingerprint
    ciphertext = AESGCM(operator_key.secret).encrypt(nonce, plaintext, _associated_data(header, context))
    return header + nonce + ciphertext


def open_bytes(operator_key: OperatorKey, sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal_bytes` made for the same context.

    Raises:
        WrongOperatorKey: it was sealed under another operator's key.
        SealBroken: it was altered, cut, or sealed for another place.
    """
    header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    if header[:1] != VERSION or len(rest) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("A sealed value in the database is damaged. Restore the latest backup.")
    if header[1:] != operator_key.fingerprint:
        raise WrongOperatorKey(
            "The operator's key isn't the one that this node's private keys were sealed under. Put back the earlier"
            " file operator.key or the earlier value of NIC_OPERATOR_KEY."
        )
    try:
        return AESGCM(operator_key.secret).decrypt(
            rest[:NONCE_BYTES], rest[NONCE_BYTES:], _associated_data(header, context)
        )
    except InvalidTag as error:
        raise SealBroken(
            "A sealed value in the database was altered or stands in another's place. Restore the latest backup."
        ) from error


def tag_bytes(operator_key: OperatorKey, text: str, *, context: str) -> bytes:
    """32 bytes by which a value is found again without standing in the database: HMAC-SHA256 under the key."""
    return hmac.digest(operator_key.secret, f"nic tag\x00{context}\x00{text}".encode(), "sha256")


def _associated_data(header: bytes, context: str) -> bytes:
    return header + context.encode()
