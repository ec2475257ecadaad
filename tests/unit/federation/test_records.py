import pytest

from federation.errors import Untrusted
from federation.keys import thumbprint
from federation.leaves import read_leaf, verify_leaf
from federation.records import read_blob, seal_record, verify_agreement
from schemas.canonical import canonical_bytes, read_json, sha256_hex
from schemas.document import InvalidDocument
from schemas.limits import BLOB_MAX_BYTES
from schemas.problem import Code
from tests.fakes.network_log import NETWORK, PRACTICE, pseudonym_key

KEY = pseudonym_key("ada")
SALT = bytes(range(32))


def sealed(kind="practice", payload=PRACTICE, salt=SALT):
    return seal_record(kind, payload, KEY, network=NETWORK, epoch=4, salt=salt)


def test_leaf_and_blob_belong_together():
    record = sealed()
    leaf = read_leaf(record.leaf)
    verify_leaf(leaf, KEY)
    assert leaf.payload == {
        "t": "record", "v": 1, "network": NETWORK, "epoch": 4, "kind": "practice", "blob_sha256": record.blob_sha256,
    }  # fmt: skip
    blob = read_blob(record.blob, blob_sha256=record.blob_sha256)
    assert record.blob == canonical_bytes(blob)
    assert (blob["jkt"], blob["payload"]) == (thumbprint(KEY), PRACTICE)
    verify_agreement(blob, kind="practice", network=NETWORK, epoch=4, jkt=leaf.kid)


def test_the_leaf_says_nothing_of_the_blob_but_its_hash():
    assert sealed() == sealed()
    assert sealed().blob_sha256 != sealed(salt=SALT[::-1]).blob_sha256
    assert b"Morning" not in sealed().leaf


@pytest.mark.parametrize("salt", [b"", SALT[:31], SALT + b"x"])
def test_a_salt_has_32_bytes(salt):
    with pytest.raises(ValueError, match="32 bytes"):
        sealed(salt=salt)


def test_what_is_not_by_the_schema_is_not_sealed():
    with pytest.raises(InvalidDocument):
        sealed(payload=PRACTICE | {"school": "PS 1"})
    with pytest.raises(InvalidDocument):
        sealed(kind="poem")


def test_a_blob_of_48_kib_passes_and_one_byte_more_does_not():
    # Only the size is looked at here: the content of either is not a blob.
    for size, code in ((BLOB_MAX_BYTES, Code.NOT_JSON), (BLOB_MAX_BYTES + 1, Code.BLOB_TOO_LARGE)):
        data = b"x" * size
        with pytest.raises(Untrusted) as refusal:
            read_blob(data, blob_sha256=sha256_hex(data))
        assert refusal.value.code is code


def test_the_hash_comes_before_the_content():
    with pytest.raises(Untrusted) as refusal:
        read_blob(b"x", blob_sha256="0" * 64)
    assert refusal.value.code is Code.BLOB_HASH_WRONG


@pytest.mark.parametrize(
    "changed", [{"kind": "flag"}, {"network": "https://other.example"}, {"epoch": 5}, {"jkt": "A" * 43}]
)
def test_a_difference_between_blob_and_leaf_is_named(changed):
    blob = read_json(sealed().blob, max_bytes=BLOB_MAX_BYTES)
    leaf = {"kind": "practice", "network": NETWORK, "epoch": 4, "jkt": thumbprint(KEY)}
    verify_agreement(blob, **leaf)
    with pytest.raises(Untrusted) as refusal:
        verify_agreement(blob, **leaf | changed)
    assert refusal.value.code is Code.BLOB_LEAF_MISMATCH
    assert next(iter(changed)) in refusal.value.detail
