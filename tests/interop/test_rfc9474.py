"""RFC 9474 appendix A: every variant's vector, step by step."""

import json
from pathlib import Path

import pytest

from federation import blindrsa
from federation.blindrsa import IssuerPrivateKey, build_public_key

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "vectors" / "rfc9474.json").read_text())


def number(text: str) -> int:
    return int(text, 16)


def issuer(vector) -> IssuerPrivateKey:
    public = build_public_key(number(vector["n"]), number(vector["e"]))
    return IssuerPrivateKey(public, number(vector["p"]), number(vector["q"]), number(vector["d"]))


def replay(*draws: bytes):
    """The randomness of the vector, in the order in which it is drawn."""
    remaining = list(draws)

    def random(length: int) -> bytes:
        drawn = remaining.pop(0)
        assert len(drawn) == length
        return drawn

    return random


def test_all_four_variants_are_there():
    assert [vector["name"] for vector in VECTORS] == [
        "RSABSSA-SHA384-PSS-Randomized",
        "RSABSSA-SHA384-PSSZERO-Randomized",
        "RSABSSA-SHA384-PSS-Deterministic",
        "RSABSSA-SHA384-PSSZERO-Deterministic",
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_step_by_step(vector):
    private = issuer(vector)
    public = private.public
    salt, prefix = bytes.fromhex(vector["salt"]), bytes.fromhex(vector["msg_prefix"])
    message = bytes.fromhex(vector["msg"])
    inverse = number(vector["inv"]).to_bytes(public.modulus_bytes, "big")
    factor = pow(number(vector["inv"]), -1, public.modulus).to_bytes(public.modulus_bytes, "big")

    prepared = blindrsa.prepare(message, prefix) if prefix else message
    assert prepared.hex() == vector["input_msg"]
    if "encoded_msg" in vector:
        encoded = blindrsa._emsa_pss_encode(prepared, public.modulus.bit_length() - 1, salt)
        assert encoded.hex() == vector["encoded_msg"]

    blinded = blindrsa.blind(public, prepared, random=replay(salt, factor), salt_bytes=len(salt))
    assert blinded.message.hex() == vector["blinded_msg"]
    assert blinded.inverse == inverse

    blind_signature = blindrsa.blind_sign(private, blinded.message, random=replay(b"\x05" * public.modulus_bytes))
    assert blind_signature.hex() == vector["blind_sig"]

    signature = blindrsa.finalize(public, prepared, blind_signature, blinded.inverse, salt_bytes=len(salt))
    assert signature.hex() == vector["sig"]
    blindrsa.verify_signature(public, prepared, signature, salt_bytes=len(salt))
