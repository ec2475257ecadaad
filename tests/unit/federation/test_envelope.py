from itertools import pairwise

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from federation import envelope
from federation.envelope import Submission, open_envelope, seal_dummy, seal_envelope
from federation.errors import Untrusted
from federation.keys import generate_private_jwk, load_private, load_public, public_jwk
from schemas.code import Code

KEY = generate_private_jwk("X25519")
WHERE = {"origin": "net.example/net/x/log/1", "epoch": 3}


def seal_plaintext(plaintext: bytes) -> bytes:
    """An envelope with any plaintext, as a dishonest node could seal it."""
    return envelope._suite().encrypt(plaintext, load_public(KEY).handle, info=envelope._info(**WHERE))


def refusal(sealed: bytes, key=KEY, **where) -> Code:
    with pytest.raises(Untrusted) as caught:
        open_envelope(key, sealed, **(WHERE | where))
    return caught.value.code


def test_rfc9180_vector_a_1_1_opens_with_our_suite():
    """RFC 9180 appendix A.1.1.1, sequence number 0, which has associated data that we never use."""
    private = x25519.X25519PrivateKey.from_private_bytes(
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    )
    enc = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    ciphertext = bytes.fromhex(
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    )
    info = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
    opened = openssl.hpke._decrypt_with_aad(envelope._suite(), enc + ciphertext, private, info=info, aad=b"Count-0")
    assert opened == b"Beauty is truth, truth beauty"


def test_a_record_arrives():
    sealed = seal_envelope(public_jwk(KEY), leaf=b"l" * 4096, blob=b"b" * 49152, **WHERE)
    assert len(sealed) == 65536
    assert open_envelope(KEY, sealed, **WHERE) == Submission(b"l" * 4096, b"b" * 49152)


def test_a_leaf_without_a_blob_arrives():
    sealed = seal_envelope(load_public(KEY), leaf=b"leaf", **WHERE)
    assert open_envelope(load_private(KEY), sealed, **WHERE) == Submission(b"leaf", b"")


def test_dummies_have_the_same_size_and_nothing_in_common():
    sealed = [seal_dummy(public_jwk(KEY), **WHERE) for _ in range(3)]
    sealed.append(seal_envelope(public_jwk(KEY), leaf=b"leaf", **WHERE))
    assert {len(one) for one in sealed} == {65536}
    assert all(sum(a == b for a, b in zip(one, other, strict=True)) < 600 for one, other in pairwise(sealed))
    assert open_envelope(KEY, sealed[0], **WHERE) is None


def test_info_is_what_the_protocol_says():
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    plaintext = suite.decrypt(
        seal_envelope(KEY, leaf=b"leaf", blob=b"blob", **WHERE),
        load_private(KEY).handle,
        info=b"nic-submission-v1\x00net.example/net/x/log/1\x003",
    )
    assert plaintext == b"\x00\x00\x00\x04leaf\x00\x00\x00\x04blob" + bytes(65536 - 48 - 16)


@pytest.mark.parametrize("where", [{"epoch": 4}, {"origin": "net.example/net/y/log/1"}, {"epoch": 31}])
def test_sealed_for_another_epoch_or_network(where):
    assert refusal(seal_dummy(KEY, **WHERE), **where) is Code.ENVELOPE_UNOPENED


def test_sealed_for_another_key_or_garbage():
    assert refusal(seal_dummy(KEY, **WHERE), key=generate_private_jwk("X25519")) is Code.ENVELOPE_UNOPENED
    assert refusal(b"\xa5" * 65536) is Code.ENVELOPE_UNOPENED
    assert refusal(bytes(65536)) is Code.ENVELOPE_UNOPENED


@pytest.mark.parametrize("position", [0, 31, 32, 40_000, 65_535])
def test_one_flipped_bit(position):
    sealed = bytearray(seal_dummy(KEY, **WHERE))
    sealed[position] ^= 1
    assert refusal(bytes(sealed)) is Code.ENVELOPE_UNOPENED


@pytest.mark.parametrize("length", [0, 48, 65_535, 65_537])
def test_any_other_size_is_refused_before_it_is_opened(length):
    assert refusal(bytes(length)) is Code.ENVELOPE_MALFORMED


@pytest.mark.parametrize(
    "start",
    [
        b"\x00\x00\x10\x01",  # a leaf of 4,097 bytes
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x01l\x00\x00\xc0\x01",  # a blob of 49,153 bytes
        b"\x00\x00\x00\x00\x00\x00\x00\x01b",  # a blob without a leaf
        b"\x00\x00\x00\x01l\x00\x00\x00\x00\x01",  # a mark behind the blob
    ],
)
def test_plaintexts_laid_out_wrongly(start):
    assert refusal(seal_plaintext(start.ljust(65536 - 48, b"\x00"))) is Code.ENVELOPE_MALFORMED


def test_what_is_too_large_is_not_sealed():
    with pytest.raises(ValueError, match="at most 4096"):
        seal_envelope(KEY, leaf=b"l" * 4097, **WHERE)
    with pytest.raises(ValueError, match="blob 49152"):
        seal_envelope(KEY, leaf=b"l", blob=b"b" * 49153, **WHERE)
    with pytest.raises(ValueError, match="dummy"):
        seal_envelope(KEY, leaf=b"", **WHERE)


def test_other_kinds_of_key_neither_seal_nor_open():
    with pytest.raises(Untrusted):
        seal_dummy(generate_private_jwk("Ed25519"), **WHERE)
    with pytest.raises(TypeError, match="X25519"):
        open_envelope(generate_private_jwk("Ed25519"), bytes(65536), **WHERE)
