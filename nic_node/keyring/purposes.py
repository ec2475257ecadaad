"""What keys are for: never one key for two jobs."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from federation.keys import Jwk, KeyKind, generate_private_jwk


class KeyPurpose(StrEnum):
    FEDERATION = "federation"  # entity statements, trust marks
    HTTP = "http"  # request signatures
    LOG = "log"  # checkpoints
    LEAF = "leaf"  # the network's own leaves
    WITNESS = "witness"  # cosignatures
    SUBMISSION = "submission"  # envelopes of one epoch
    CREDENTIAL = "credential"  # blind signatures of one epoch
    PSEUDONYM = "pseudonym"  # a school's records in one epoch


KEY_KINDS: Mapping[KeyPurpose, KeyKind] = MappingProxyType(
    {
        KeyPurpose.FEDERATION: "ES256",
        KeyPurpose.HTTP: "Ed25519",
        KeyPurpose.LOG: "Ed25519",
        KeyPurpose.LEAF: "Ed25519",
        KeyPurpose.WITNESS: "Ed25519",
        KeyPurpose.SUBMISSION: "X25519",
        KeyPurpose.CREDENTIAL: "RSA-3072",
        KeyPurpose.PSEUDONYM: "Ed25519",
    }
)


async def generate_key(purpose: KeyPurpose) -> Jwk:
    """A new private key for one purpose; in a thread, since RSA takes seconds.

    To be called before a transaction is opened: a writer on SQLite would keep all others waiting.
    """
    return await asyncio.to_thread(generate_private_jwk, KEY_KINDS[purpose])
