import pytest

from federation import leaves
from federation.errors import Untrusted
from federation.keys import generate_private_jwk, public_jwk, thumbprint
from federation.leaves import read_leaf, sign_leaf, verify_leaf
from federation.tlog.note import COSIGNATURE_V1, build_vkey
from schemas.document import InvalidDocument
from schemas.leaf import LEAVES, NETWORK_LEAVES, PSEUDONYM_LEAVES, WITNESSES_MAX
from schemas.problem import Code
from tests.fakes.network_log import NETWORK, NetworkLog, epoch_keys, pseudonym_key

LOG = NetworkLog()
BY_TYPE = {
    "genesis": LOG.genesis,
    "epoch": LOG.epoch,
    "issued": lambda: LOG.issued("ada"),
    "open": LOG.open,
    "void": LOG.void,
    "member": lambda: LOG.member("ada"),
    "moderate": lambda: LOG.moderate(12),
    "block": lambda: LOG.block("ada", 12),
    "pseudonym": lambda: LOG.pseudonym("ada"),
    "record": lambda: LOG.record("ada").leaf,
    "retract": lambda: LOG.retract("ada", 12),
}


def test_every_type_of_leaf_is_tested_here():
    assert set(BY_TYPE) == set(LEAVES) == NETWORK_LEAVES | PSEUDONYM_LEAVES


@pytest.mark.parametrize("t", sorted(BY_TYPE))
def test_leaves_read_back_and_verify(t):
    data = BY_TYPE[t]()
    leaf = read_leaf(data)
    key = LOG.leaf_private if t in NETWORK_LEAVES else pseudonym_key("ada")
    assert (leaf.t, leaf.kid) == (t, thumbprint(key))
    assert leaf.payload["network"] == NETWORK
    assert len(data) <= 4096
    verify_leaf(leaf, public_jwk(key))
    with pytest.raises(Untrusted) as refusal:
        verify_leaf(leaf, public_jwk(generate_private_jwk("Ed25519")))
    assert refusal.value.code is Code.LEAF_SIGNER_WRONG


@pytest.mark.parametrize("t", sorted(BY_TYPE))
def test_any_altered_byte_of_a_leaf_is_noticed(t):
    data = BY_TYPE[t]()
    key = public_jwk(LOG.leaf_private if t in NETWORK_LEAVES else pseudonym_key("ada"))
    for at in range(0, len(data), 37):
        altered = bytearray(data)
        altered[at] ^= 1
        with pytest.raises(Untrusted):
            verify_leaf(read_leaf(bytes(altered)), key)


def test_an_epoch_leaf_bears_as_many_witnesses_as_its_schema_allows():
    keys = [generate_private_jwk("Ed25519") for _ in range(WITNESSES_MAX)]
    names = [f"node-{n}.district.example" for n in range(WITNESSES_MAX)]
    witnesses = tuple(build_vkey(name, key, COSIGNATURE_V1) for name, key in zip(names, keys, strict=True))
    assert len(LOG.epoch(witnesses=witnesses)) <= 4096


def test_a_successors_genesis_carries_the_last_checkpoint():
    before = NetworkLog()
    before.append(before.genesis())
    note = before.signed_checkpoint()
    successor = NetworkLog(generation=2)
    payload = leaves.build_genesis(
        NETWORK,
        generation=2,
        log_key=successor.log_key,
        leaf_jwk=successor.leaf_private,
        predecessor=(before.origin, note),
    )
    read = read_leaf(sign_leaf(payload, successor.leaf_private)).payload
    assert read["predecessor"] == {"origin": before.origin, "checkpoint": note.decode()}
    assert "d" not in read["leaf_jwk"]


def test_we_sign_nothing_that_others_would_refuse():
    with pytest.raises(InvalidDocument):
        sign_leaf(leaves.build_block(NETWORK, jkt="short", from_index=1), LOG.leaf_private)
    with pytest.raises(ValueError, match="4096"):
        too_long = {"origin": "o", "checkpoint": "line\n" * 399 + "end"}
        network = "https://net.example/" + "n" * 180
        log = NetworkLog(network=network, generation=2)
        log.genesis(predecessor=too_long | {"origin": "o" * 200})
    with pytest.raises(ValueError, match="does not sign"):
        sign_leaf(leaves.build_void(NETWORK, epoch=1, issued=0, registered=0), epoch_keys(1)[1])
