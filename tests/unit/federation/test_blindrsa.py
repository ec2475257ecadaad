import random as pseudo_random
from dataclasses import replace
from secrets import token_bytes

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from federation import blindrsa
from federation.blindrsa import blind, blind_sign, finalize, is_signature, prepare, verify_signature
from federation.errors import Untrusted
from federation.keys import generate_private_jwk, load_public, public_jwk
from schemas.code import Code

MESSAGE = b'{"epoch":1,"jkt":"...","network":"https://net.example/net/x","v":1}'


@pytest.fixture(scope="module")
def issuer_jwk():
    return generate_private_jwk("RSA-3072")


@pytest.fixture(scope="module")
def private(issuer_jwk):
    return blindrsa.private_key(issuer_jwk)


@pytest.fixture(scope="module")
def public(issuer_jwk):
    return blindrsa.public_key(public_jwk(issuer_jwk))


def refusal(act) -> Code:
    with pytest.raises(Untrusted) as caught:
        act()
    return caught.value.code


def test_round_trip_is_a_plain_pss_signature(private, public, issuer_jwk):
    prepared = prepare(MESSAGE, token_bytes(32))
    blinded = blind(public, prepared, random=token_bytes)
    signature = finalize(public, prepared, blind_sign(private, blinded.message, random=token_bytes), blinded.inverse)
    verify_signature(public, prepared, signature)
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    load_public(issuer_jwk).handle.verify(signature, prepared, pss, hashes.SHA384())


def test_same_request_gets_the_same_answer(private, public):
    blinded = blind(public, prepare(MESSAGE, bytes(32)), random=token_bytes)
    answers = {blind_sign(private, blinded.message, random=token_bytes) for _ in range(3)}
    assert len(answers) == 1


def test_blinding_hides_the_message(public):
    seeded = pseudo_random.Random(9474)
    prepared = prepare(MESSAGE, bytes(32))
    seen = {blind(public, prepared, random=seeded.randbytes).message for _ in range(20)}
    assert len(seen) == 20
    assert {len(message) for message in seen} == {384}


def test_signature_is_bound_to_message_and_key(private, public):
    prepared = prepare(MESSAGE, token_bytes(32))
    blinded = blind(public, prepared, random=token_bytes)
    answer = blind_sign(private, blinded.message, random=token_bytes)
    signature = finalize(public, prepared, answer, blinded.inverse)
    flipped = signature[:-1] + bytes([signature[-1] ^ 1])
    assert refusal(lambda: verify_signature(public, prepared + b"x", signature)) is Code.CREDENTIAL_INVALID
    assert refusal(lambda: verify_signature(public, prepared, flipped)) is Code.CREDENTIAL_INVALID
    assert refusal(lambda: verify_signature(public, prepared, b"")) is Code.CREDENTIAL_INVALID
    assert not is_signature(public, prepared, signature, salt_bytes=0)
    other = prepare(MESSAGE, token_bytes(32))
    assert refusal(lambda: finalize(public, other, answer, blinded.inverse)) is Code.BLIND_SIGNATURE_INVALID
    assert refusal(lambda: finalize(public, prepared, answer[1:], blinded.inverse)) is Code.BLIND_SIGNATURE_INVALID
    wrong = bytes(383) + b"\x02"
    assert refusal(lambda: finalize(public, prepared, wrong, blinded.inverse)) is Code.BLIND_SIGNATURE_INVALID


@pytest.mark.parametrize("case", ["zero", "one", "n - 1", "n", "n + 1", "multiple of p", "short", "long", "empty"])
def test_what_no_honest_client_sends_is_not_signed(private, case):
    modulus = private.public.modulus
    sent = {
        "zero": bytes(384),
        "one": (1).to_bytes(384, "big"),
        "n - 1": (modulus - 1).to_bytes(384, "big"),
        "n": modulus.to_bytes(384, "big"),
        "n + 1": (modulus + 1).to_bytes(384, "big"),
        "multiple of p": (private.p * 3).to_bytes(384, "big"),
        "short": b"\x05" * 383,
        "long": b"\x00" + b"\x05" * 384,
        "empty": b"",
    }[case]
    assert refusal(lambda: blind_sign(private, sent, random=token_bytes)) is Code.BLIND_MESSAGE_INVALID


def test_a_faulty_exponent_gives_no_answer(private, public):
    blinded = blind(public, prepare(MESSAGE, bytes(32)), random=token_bytes)
    faulty = replace(private, d=private.d ^ 2)
    with pytest.raises(ValueError, match="faulty"):
        blind_sign(faulty, blinded.message, random=token_bytes)


def test_the_exponentiated_number_is_not_the_clients(private, public, monkeypatch):
    """The base that meets the secret exponent changes from call to call, for the same request."""
    bases = []

    def spy(base, exponent, modulus):
        if modulus in (private.p, private.q) and exponent != -1:
            bases.append(base)
        return pow(base, exponent, modulus)

    blinded = blind(public, prepare(MESSAGE, bytes(32)), random=token_bytes)
    monkeypatch.setattr(blindrsa, "pow", spy, raising=False)
    for _ in range(2):
        blind_sign(private, blinded.message, random=token_bytes)
    assert len(bases) == 4
    assert len(set(bases)) == 2
    assert int.from_bytes(blinded.message, "big") not in bases


def test_blinding_factor_is_drawn_again_until_it_fits(public):
    draws = [b"\xff" * 384, bytes(384), b"\x07" * 384]
    drawn = []

    def random(length):
        drawn.append(draws.pop(0))
        return drawn[-1]

    factor, inverse = blindrsa._draw_blinding(public.modulus, random)
    assert factor == int.from_bytes(b"\x07" * 384, "big")
    assert factor * inverse % public.modulus == 1
    assert len(drawn) == 3


def test_keys_of_another_size_or_kind_issue_nothing(issuer_jwk):
    assert refusal(lambda: blindrsa.public_key(generate_private_jwk("Ed25519"))) is Code.KEY_INVALID
    with pytest.raises(ValueError, match="damaged"):
        blindrsa.private_key({**issuer_jwk, "p": issuer_jwk["q"]})
    with pytest.raises(ValueError, match="damaged"):
        blindrsa.private_key(public_jwk(issuer_jwk))


def test_randomizer_has_32_bytes():
    assert prepare(b"m", b"r" * 32) == b"r" * 32 + b"m"
    with pytest.raises(ValueError, match="32 bytes"):
        prepare(b"m", b"r" * 31)


def test_secrets_do_not_show(private, public):
    blinded = blind(public, prepare(MESSAGE, bytes(32)), random=token_bytes)
    assert str(private.p) not in repr(private)
    assert "inverse" not in repr(blinded)
