import pytest

from schemas.base64url import decode_base64url
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.leaf import LEAVES, NETWORK_LEAVES, PSEUDONYM_LEAVES, load_leaf_payload, quorum_of
from schemas.limits import LEAF_MAX_BYTES
from tests.unit.schemas.protocol_examples import example

JKT = "A" * 43
VERIFIER_KEY = "a.example/witness+0123abcd+" + "B" * 44


def refused_path(payload):
    with pytest.raises(InvalidDocument) as refused:
        load_leaf_payload(payload)
    assert refused.value.code is Code.INVALID_DOCUMENT
    return refused.value.path


def test_every_leaf_is_of_the_network_or_of_a_pseudonym():
    assert set(LEAVES) == NETWORK_LEAVES | PSEUDONYM_LEAVES
    assert not NETWORK_LEAVES & PSEUDONYM_LEAVES


@pytest.mark.parametrize("leaf_type", ["unheard-of", "", None, 7, ["void"]])
def test_an_unknown_type_has_its_own_code(leaf_type):
    with pytest.raises(InvalidDocument) as refused:
        load_leaf_payload({**example("void"), "t": leaf_type})
    assert (refused.value.code, refused.value.path) == (Code.LEAF_TYPE_UNKNOWN, "/t")


@pytest.mark.parametrize(("witnesses", "quorum"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (12, 7)])
def test_quorum(witnesses, quorum):
    assert quorum_of(witnesses) == quorum


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"issue_to": 1788220800}, "/issue_from"),
        ({"active_from": 1}, "/issue_from"),
        ({"active_to": 2}, "/issue_from"),
        ({"quorum": 1}, "/quorum"),
        ({"witnesses": [VERIFIER_KEY] * 3}, "/witnesses"),
        ({"min_issued": 2}, "/min_issued"),
        ({"epoch": 0}, "/epoch"),
        ({"rsa_jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, "/rsa_jwk/n"),
        ({"policy_sha256": "A" * 64}, "/policy_sha256"),
        ({"submission_key": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}}, "/submission_key/crv"),
    ],
)
def test_an_epoch_that_contradicts_itself_is_refused(change, path):
    assert refused_path(example("epoch") | change) == path


def test_a_private_key_never_stands_in_a_leaf():
    for leaf, key in (("epoch", "rsa_jwk"), ("epoch", "submission_key"), ("pseudonym", "jwk"), ("genesis", "leaf_jwk")):
        payload = example(leaf)
        payload[key] |= {"d": "AAAA"}
        assert refused_path(payload) == f"/{key}/d"


def test_only_a_following_log_names_a_predecessor():
    predecessor = example("genesis-successor")["predecessor"]
    assert refused_path(example("genesis") | {"predecessor": predecessor}) == "/predecessor"
    assert refused_path(example("genesis") | {"generation": 2}) == "/predecessor"
    assert refused_path(example("genesis") | {"entity": "https://elsewhere.example"}) == "/entity"


def test_the_prepared_message_ends_with_the_credential_message():
    prepared = decode_base64url(example("pseudonym")["credential"]["msg"])
    assert prepared[32:] == canonical_bytes(example("credential-message"))


def test_reserved_words_are_read_as_they_travel():
    assert load_leaf_payload(example("member"))["from"] == "applied"


def test_the_largest_epoch_leaf_fits_into_a_leaf():
    witnesses = [f"{'w' * 28}{number:02}.example/witness+0123abcd+" + "B" * 44 for number in range(12)]
    payload = load_leaf_payload(example("epoch") | {"witnesses": witnesses, "quorum": 7})
    header, signature = canonical_bytes(example("leaf-header")), bytes(64)
    assert sum(-(-4 * len(part) // 3) for part in (header, canonical_bytes(payload), signature)) + 2 <= LEAF_MAX_BYTES


def test_bytes_of_more_than_a_leaf_are_not_parsed():
    with pytest.raises(InvalidDocument) as refused:
        load_leaf_payload(b" " * (LEAF_MAX_BYTES + 1))
    assert refused.value.code is Code.DOCUMENT_TOO_LARGE
