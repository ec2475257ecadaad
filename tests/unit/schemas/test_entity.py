import pytest

from schemas.document import load_document
from schemas.entity import (
    ENTITY_STATEMENT,
    NETWORK_METADATA,
    NODE_METADATA,
    TRUST_MARK_ROLES,
    federation_error_document,
    trust_mark_type,
)
from schemas.invalid import InvalidDocument
from schemas.jwk import ED25519_JWK, ES256_JWK, JWKS, RSA_3072_JWK, X25519_JWK
from tests.unit.schemas.protocol_examples import example


def refused_path(schema, document):
    with pytest.raises(InvalidDocument) as refused:
        load_document(schema, document)
    return refused.value.path


@pytest.mark.parametrize("claim", ["iss", "sub", "iat", "exp", "jwks"])
def test_claims_that_every_statement_has(claim):
    statement = example("subordinate-statement")
    del statement[claim]
    assert refused_path(ENTITY_STATEMENT, statement) == f"/{claim}"


def test_metadata_of_other_entity_types_passes_unread():
    statement = example("school-configuration")
    statement["metadata"]["openid_relying_party"] = {"redirect_uris": []}
    assert load_document(ENTITY_STATEMENT, statement) == statement


@pytest.mark.parametrize("schema", [NODE_METADATA, NETWORK_METADATA])
def test_our_metadata_has_its_fields(schema):
    kind, name = ("nic_node", "school") if schema is NODE_METADATA else ("nic_network", "network")
    metadata = example(f"{name}-configuration")["metadata"][kind]
    assert load_document(schema, metadata) == metadata
    for field in {"jwks", "versions", "log_key", "leaf_jwk", "charter_sha256", "policy_sha256"} & metadata.keys():
        assert refused_path(schema, {key: value for key, value in metadata.items() if key != field}) == f"/{field}"


def test_trust_mark_types_begin_with_the_network():
    network = "https://networks.example/net/valley"
    assert [trust_mark_type(network, role) for role in TRUST_MARK_ROLES] == [
        f"{network}/marks/publisher",
        f"{network}/marks/witness",
        f"{network}/marks/mirror",
    ]
    with pytest.raises(ValueError, match="roles are"):
        trust_mark_type(network, "king")


def test_errors_of_the_standard_only():
    with pytest.raises(ValueError, match="not an error"):
        federation_error_document("oh_no", "text")


KEYS = {
    "ES256": (ES256_JWK, {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}),
    "Ed25519": (ED25519_JWK, {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}),
    "X25519": (X25519_JWK, {"kty": "OKP", "crv": "X25519", "x": "A" * 43}),
    "RSA-3072": (RSA_3072_JWK, {"kty": "RSA", "n": "A" * 512, "e": "AQAB"}),
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_have_exactly_their_public_members(kind):
    schema, key = KEYS[kind]
    assert load_document(schema, key) == key
    assert refused_path(schema, key | {"d": "AAAA"}) == "/d"
    assert refused_path(schema, key | {"kid": "a"}) == "/kid"
    for other, (_, foreign) in KEYS.items():
        if other != kind:
            refused_path(schema, foreign)


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_key_set_holds_no_private_member(member):
    _, key = KEYS["Ed25519"]
    assert refused_path(JWKS, {"keys": [key | {"kid": "a", member: "AAAA"}]}) == "/keys/0"


def test_a_key_set_names_each_key_once():
    _, key = KEYS["Ed25519"]
    assert load_document(JWKS, {"keys": [key | {"kid": "a"}, key | {"kid": "b", "x5t": "ignored"}]})
    assert refused_path(JWKS, {"keys": [key | {"kid": "a"}, key | {"kid": "a"}]}) == "/keys"
    assert refused_path(JWKS, {"keys": [key]}) == "/keys/0/kid"
    assert refused_path(JWKS, {"keys": []}) == "/keys"
