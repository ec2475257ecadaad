"""Every reason to refuse a leaf, shown on real signed leaves; and that a refused leaf harms nothing after it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from federation import leaves
from federation.errors import Untrusted
from federation.judge import LogState, Outcome, Pins, judge_leaf
from federation.jws import sign_jws
from federation.keys import public_jwk, thumbprint
from federation.leaves import sign_leaf
from federation.tlog.note import COSIGNATURE_V1, build_vkey
from schemas.leaf import ISSUE_TYP, LEAF_TYP
from schemas.problem import Code
from tests.fakes.network_log import (
    NETWORK,
    NetworkLog,
    announced_log,
    federation_key,
    open_log,
    pseudonym_key,
    registered_log,
    shared_key,
)

STRANGER = shared_key("Ed25519", "stranger")
OTHER_NETWORK = "https://net.example/net/south"


@dataclass(frozen=True)
class Attack:
    name: str
    code: Code
    log: Callable[[], NetworkLog]
    entry: Callable[[NetworkLog], bytes]
    outcome: Outcome = Outcome.REFUSED


def unsigned_type(log, **changes):
    """A leaf that our own builder would not sign."""
    payload = leaves.build_retract(log.network, target=log.record_id(1), reason="withdrawn") | changes
    return sign_jws(payload, log.leaf_private, typ=LEAF_TYP).encode()


def flipped(entry: bytes, at: int) -> bytes:
    letter = b"A" if entry[at : at + 1] != b"A" else b"B"
    return entry[:at] + letter + entry[at + 1 :]


def with_record(log_of=open_log, author="ada"):
    def build():
        log = log_of()
        log.publish(author)
        return log

    return build


def taken(entry_of):
    """A log whose record 12 was retracted or moderated."""

    def build():
        log = with_record()()
        log.append(entry_of(log))
        return log

    return build


def two_epochs():
    """Epoch 1 open, epoch 2 announced."""
    log = open_log()
    log.append(log.epoch(2))
    return log


def short_log():
    log = announced_log()
    log.append(log.issued("ada"), log.issued("ben"), log.pseudonym("ada"), log.pseudonym("ben"))
    return log


def voided():
    log = registered_log()
    log.append(log.void())
    return log


def blocked():
    log = with_record()()
    log.append(log.block("ada", 13))
    return log


def resigned(log, entry, key):
    """The same payload by another key."""
    return sign_leaf(leaves.read_leaf(entry).payload, key)


def relogged(log, author):
    """Record 12's hash under another pseudonym."""
    payload = leaves.read_leaf(log.entries[12]).payload
    return sign_leaf(payload, pseudonym_key(author))


def enclosing(log, enclosed, signer=None, **request):
    payload = {"network": log.network, "epoch": 1, "blinded_msg": "A" * 512} | request
    header = {} if enclosed is None else {"jwk": enclosed}
    jws = sign_jws(payload, signer or federation_key("ada"), typ=ISSUE_TYP, extra_header=header)
    return log.by_network(leaves.build_issued(log.network, jws=jws))


def witnesses(*pairs):
    return tuple(build_vkey(name, shared_key("Ed25519", key), COSIGNATURE_V1) for name, key in pairs)


ATTACKS = [
    # Form
    Attack("leaf of 4,097 bytes", Code.LEAF_TOO_LARGE, open_log, lambda _: b"a" * 4097),
    Attack("no token", Code.TOKEN_MALFORMED, open_log, lambda _: b"what"),
    Attack("empty", Code.TOKEN_MALFORMED, open_log, lambda _: b""),
    Attack("another typ", Code.TOKEN_TYPE_WRONG, open_log, lambda _: sign_jws({"t": "x"}, STRANGER, typ="JWT").encode()),
    Attack("ES256", Code.ALGORITHM_REFUSED, open_log, lambda _: sign_jws(leaves.build_void(NETWORK, epoch=1, issued=3, registered=3), federation_key("ada"), typ=LEAF_TYP).encode()),
    Attack("unknown type", Code.LEAF_TYPE_UNKNOWN, open_log, lambda log: unsigned_type(log, t="praise")),
    Attack("unknown field", Code.INVALID_DOCUMENT, open_log, lambda log: unsigned_type(log, note="me")),
    Attack("a time of its own", Code.INVALID_DOCUMENT, open_log, lambda log: unsigned_type(log, time=1)),
    Attack("version 2", Code.UNSUPPORTED_VERSION, open_log, lambda log: unsigned_type(log, v=2), Outcome.NEWER),
    Attack("another network's", Code.LEAF_NETWORK_WRONG, open_log, lambda _: NetworkLog(network=OTHER_NETWORK).record("ada").leaf),
    Attack("second genesis", Code.GENESIS_MISPLACED, open_log, lambda log: log.genesis()),
    Attack("genesis of the next generation", Code.GENESIS_MISPLACED, open_log, lambda log: log.genesis(generation=2, predecessor={"origin": "x/log/1", "checkpoint": "y"})),
    # Signatures
    Attack("record tampered with", Code.SIGNATURE_INVALID, open_log, lambda log: flipped(log.record("ada").leaf, -4)),
    Attack("epoch by a stranger", Code.LEAF_SIGNER_WRONG, two_epochs, lambda log: resigned(log, log.epoch(3), STRANGER)),
    Attack("open by a pseudonym", Code.LEAF_SIGNER_WRONG, registered_log, lambda log: resigned(log, log.open(), pseudonym_key("ada"))),
    Attack("open tampered with", Code.SIGNATURE_INVALID, registered_log, lambda log: flipped(log.open(), -4)),
    Attack("void by a stranger", Code.LEAF_SIGNER_WRONG, registered_log, lambda log: resigned(log, log.void(), STRANGER)),
    Attack("issued by a stranger", Code.LEAF_SIGNER_WRONG, announced_log, lambda log: resigned(log, log.issued("ada"), STRANGER)),
    Attack("member by a stranger", Code.LEAF_SIGNER_WRONG, open_log, lambda log: resigned(log, log.member("eve"), STRANGER)),
    Attack("moderated by a stranger", Code.LEAF_SIGNER_WRONG, with_record(), lambda log: resigned(log, log.moderate(12), STRANGER)),
    Attack("blocked by a stranger", Code.LEAF_SIGNER_WRONG, open_log, lambda log: resigned(log, log.block("ada", 12), STRANGER)),
    Attack("pseudonym signed by another key", Code.LEAF_SIGNER_WRONG, announced_log, lambda log: resigned(log, log.pseudonym("ada"), STRANGER)),
    # Epochs
    Attack("epoch out of order", Code.EPOCH_INVALID, open_log, lambda log: log.epoch(3)),
    Attack("second key for an epoch", Code.EPOCH_INVALID, announced_log, lambda log: log.epoch(1, keys=2)),
    Attack("epoch key used again", Code.EPOCH_INVALID, open_log, lambda log: log.epoch(2, keys=1)),
    Attack("epoch beside another under another policy", Code.EPOCH_SUPPLEMENT_WRONG, open_log, lambda log: log.supplement(policy_sha256="0" * 64)),
    Attack("epoch beside one that is announced", Code.EPOCH_SUPPLEMENT_WRONG, announced_log, lambda log: log.supplement(policy_sha256="0" * 64)),
    Attack("epoch beside another and beyond its end", Code.EPOCH_SUPPLEMENT_WRONG, open_log, lambda log: log.by_network(leaves.build_epoch(log.epoch_of(2)) | {"active_from": int(log.epoch_of(1).windows.active_to.timestamp()) - 1})),
    Attack("one witness under two names", Code.EPOCH_INVALID, open_log, lambda log: log.epoch(2, witnesses=witnesses(("a", "w1"), ("b", "w1")))),
    Attack("two keys under one name", Code.EPOCH_INVALID, open_log, lambda log: log.epoch(2, witnesses=witnesses(("a", "w1"), ("a", "w2")))),
    Attack("witness with a log's key", Code.EPOCH_INVALID, open_log, lambda log: log.epoch(2, witnesses=(log.log_key,))),
    Attack("window beyond the calendar", Code.EPOCH_INVALID, open_log, lambda log: log.by_network(leaves.build_epoch(log.epoch_of(2)) | {"active_to": 2**53 - 1})),
    Attack("RSA key that is none", Code.KEY_INVALID, open_log, lambda log: log.by_network(leaves.build_epoch(log.epoch_of(2)) | {"rsa_jwk": {"kty": "RSA", "e": "AQAB", "n": "A" * 512}})),
    Attack("open of an unknown epoch", Code.EPOCH_UNKNOWN, registered_log, lambda log: log.open(2)),
    Attack("opened twice", Code.EPOCH_NOT_REGISTERING, open_log, lambda log: log.open()),
    Attack("voided after opening", Code.EPOCH_NOT_REGISTERING, open_log, lambda log: log.void()),
    Attack("opened after voiding", Code.EPOCH_VOID, voided, lambda log: log.open()),
    Attack("opened too small", Code.EPOCH_COUNT_WRONG, short_log, lambda log: log.open(issued=2, registered=2)),
    Attack("issued miscounted", Code.EPOCH_COUNT_WRONG, short_log, lambda log: log.open(issued=3, registered=2)),
    Attack("registered miscounted", Code.EPOCH_COUNT_WRONG, registered_log, lambda log: log.open(registered=2)),
    Attack("void miscounted", Code.EPOCH_COUNT_WRONG, short_log, lambda log: log.void(issued=0, registered=2)),
    # Members
    Attack("admitted twice", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("ada")),
    Attack("rejection told", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("eve", "applied", "rejected")),
    Attack("suspended before admitted", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("eve", "approved", "suspended")),
    Attack("back to applied", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("ada", "approved", "applied")),
    Attack("same key again", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("ada", "approved", "approved")),
    Attack("new key for nobody", Code.ILLEGAL_MOVE, open_log, lambda log: log.member("eve", "approved", "approved")),
    Attack("another member's key", Code.KEY_INVALID, open_log, lambda log: log.member("eve", key="ada")),
    # Issuing
    Attack("credential for a stranger", Code.NOT_A_MEMBER, announced_log, lambda log: log.issued("eve")),
    Attack("second credential in an epoch", Code.ISSUED_ALREADY, registered_log, lambda log: log.issued("ada")),
    Attack("credential after opening", Code.EPOCH_NOT_ISSUING, open_log, lambda log: log.issued("ada")),
    Attack("credential of no epoch", Code.EPOCH_UNKNOWN, open_log, lambda log: log.issued("ada", 2)),
    Attack("request to another network", Code.ISSUE_REQUEST_INVALID, announced_log, lambda log: log.issued("ada", network=OTHER_NETWORK)),
    Attack("request without its key", Code.ISSUE_REQUEST_INVALID, announced_log, lambda log: enclosing(log, None)),
    Attack("request with a private key", Code.ISSUE_REQUEST_INVALID, announced_log, lambda log: enclosing(log, federation_key("ada"))),
    Attack("request that encloses another's key", Code.KEY_INVALID, announced_log, lambda log: enclosing(log, public_jwk(federation_key("ben")))),
    Attack("request without an epoch", Code.ISSUE_REQUEST_INVALID, announced_log, lambda log: enclosing(log, public_jwk(federation_key("ada")), epoch=0)),
    # Pseudonyms
    Attack("pseudonym of no epoch", Code.EPOCH_UNKNOWN, announced_log, lambda log: log.pseudonym("ada", 2)),
    Attack("late pseudonym", Code.PSEUDONYM_LATE, open_log, lambda log: log.pseudonym("dan")),
    Attack("pseudonym of a void epoch", Code.EPOCH_VOID, voided, lambda log: log.pseudonym("dan")),
    Attack("pseudonym twice", Code.PSEUDONYM_DUPLICATE, registered_log, lambda log: log.pseudonym("ada")),
    Attack("credential of another network", Code.CREDENTIAL_NETWORK_WRONG, announced_log, lambda log: log.pseudonym("ada", network=OTHER_NETWORK)),
    Attack("credential of another epoch", Code.CREDENTIAL_EPOCH_WRONG, announced_log, lambda log: log.pseudonym("ada", said_epoch=2)),
    Attack("credential of another pseudonym", Code.CREDENTIAL_KEY_WRONG, announced_log, lambda log: log.pseudonym("ada", jkt=thumbprint(STRANGER))),
    Attack("credential by another key", Code.CREDENTIAL_INVALID, announced_log, lambda log: log.pseudonym("ada", keys=2)),
    # Records
    Attack("record of no epoch", Code.EPOCH_UNKNOWN, open_log, lambda log: log.record("ada", epoch=2).leaf),
    Attack("record before opening", Code.EPOCH_NOT_OPEN, registered_log, lambda log: log.record("ada").leaf),
    Attack("record in a void epoch", Code.EPOCH_VOID, voided, lambda log: log.record("ada").leaf),
    Attack("record by a non-member", Code.PSEUDONYM_UNKNOWN, open_log, lambda log: log.record("eve").leaf),
    Attack("record under the leaf key", Code.PSEUDONYM_UNKNOWN, open_log, lambda log: resigned(log, log.record("ada").leaf, log.leaf_private)),
    Attack("record twice", Code.RECORD_DUPLICATE, with_record(), lambda log: log.entries[12]),
    Attack("blob under another pseudonym", Code.RECORD_DUPLICATE, with_record(), lambda log: relogged(log, "ben")),
    Attack("retracted blob logged again", Code.RECORD_DUPLICATE, taken(lambda log: log.retract("ada", 12)), lambda log: log.entries[12]),
    Attack("record by the blocked", Code.PSEUDONYM_BLOCKED, blocked, lambda log: log.record("ada").leaf),
    # Retractions, moderation, blocks
    Attack("retraction of nothing", Code.TARGET_UNKNOWN, open_log, lambda log: log.retract("ada", 12)),
    Attack("retraction of another kind of leaf", Code.TARGET_UNKNOWN, open_log, lambda log: log.retract("ada", 8)),
    Attack("retraction by another", Code.TARGET_NOT_OWN, with_record(), lambda log: log.retract("ben", 12)),
    Attack("retraction by a stranger", Code.TARGET_NOT_OWN, with_record(), lambda log: resigned(log, log.retract("ada", 12), STRANGER)),
    Attack("retraction tampered with", Code.SIGNATURE_INVALID, with_record(), lambda log: flipped(log.retract("ada", 12), -4)),
    Attack("retracted twice", Code.BLOB_RETRACTED, taken(lambda log: log.retract("ada", 12)), lambda log: log.retract("ada", 12)),
    Attack("retracted after moderation", Code.BLOB_MODERATED, taken(lambda log: log.moderate(12)), lambda log: log.retract("ada", 12)),
    Attack("moderation of nothing", Code.TARGET_UNKNOWN, open_log, lambda log: log.moderate(12)),
    Attack("moderated twice", Code.BLOB_MODERATED, taken(lambda log: log.moderate(12)), lambda log: log.moderate(12)),
    Attack("block of nobody", Code.PSEUDONYM_UNKNOWN, open_log, lambda log: log.block("eve", 12)),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_refused_with_its_code_and_without_harm(attack):
    log = attack.log()
    state = log.judged()
    honest = log.record("ben").leaf if state.epochs[1].status == "open" else log.epoch(2)
    expected = judge_leaf(state, state.size, honest).code
    before = (dict(state.epochs), dict(state.blocks), state.approved_members)
    verdict = judge_leaf(state, state.size, attack.entry(log))
    assert (verdict.outcome, verdict.code) == (attack.outcome, attack.code)
    assert verdict.rows == ()
    assert verdict.detail
    state.apply(verdict)
    assert (dict(state.epochs), dict(state.blocks), state.approved_members) == before
    assert judge_leaf(state, state.size, honest).code is expected


def test_a_pseudonym_of_one_epoch_writes_in_no_other():
    log = open_log()
    log.append(log.epoch(2), *(log.issued(name, 2) for name in ("ada", "ben", "cem")), log.pseudonym("ada", 2))
    log.append(log.open(2, registered=1))
    state = log.judged()
    old_key = sign_leaf(
        leaves.build_record(NETWORK, epoch=2, kind="practice", blob_sha256="0" * 64), pseudonym_key("ada", 1)
    )
    assert judge_leaf(state, state.size, old_key).code is Code.PSEUDONYM_UNKNOWN
    assert judge_leaf(state, state.size, log.record("ada", epoch=2).leaf).outcome is Outcome.ACCEPTED


def test_a_refused_leaf_does_not_take_its_blobs_place():
    log = open_log()
    sealed = log.record("ada")
    thief = sign_leaf(leaves.read_leaf(sealed.leaf).payload, STRANGER)
    log.append(thief)
    assert judge_leaf(log.judged(), 13, sealed.leaf).outcome is Outcome.ACCEPTED


# Entry 0: nothing after it can be judged without it ------------------------------------------------------------------


def other_log_key(log):
    return build_vkey("net.example/net/other/log/1", log.log_private).text


GENESES = [
    pytest.param(Pins(), lambda log: log.epoch(), Code.GENESIS_MISSING, id="an epoch"),
    pytest.param(Pins(), lambda _: b"x", Code.TOKEN_MALFORMED, id="garbage"),
    pytest.param(Pins(), lambda log: unsigned_type(log, t="genesis", v=2), Code.UNSUPPORTED_VERSION, id="newer"),
    pytest.param(Pins(), lambda log: resigned(log, log.genesis(), STRANGER), Code.LEAF_SIGNER_WRONG, id="by a stranger"),
    pytest.param(Pins(), lambda log: flipped(log.genesis(), -4), Code.SIGNATURE_INVALID, id="tampered with"),
    pytest.param(Pins(), lambda log: log.genesis(log_key=other_log_key(log)), Code.CHECKPOINT_ORIGIN_WRONG, id="another origin"),
    pytest.param(Pins(), lambda log: log.genesis(log_key=build_vkey(log.origin, log.leaf_private).text), Code.KEY_INVALID, id="one key for two jobs"),
    pytest.param(Pins(), lambda log: log.genesis(log_key=build_vkey(log.origin, log.log_private, COSIGNATURE_V1).text), Code.KEY_INVALID, id="a witness's key"),
    pytest.param(Pins(leaf_jkt=thumbprint(STRANGER)), lambda log: log.genesis(), Code.KEY_NOT_PINNED, id="leaf key not pinned"),
    pytest.param(Pins(log_key="other+00000000+A"), lambda log: log.genesis(), Code.KEY_NOT_PINNED, id="log key not pinned"),
    pytest.param(Pins(network=OTHER_NETWORK), lambda log: log.genesis(), Code.LEAF_NETWORK_WRONG, id="another network"),
    pytest.param(Pins(generation=2), lambda log: log.genesis(), Code.GENERATION_WRONG, id="another generation"),
]  # fmt: skip


@pytest.mark.parametrize(("pins", "entry_of", "code"), GENESES)
def test_a_log_without_its_genesis_is_refused_as_a_whole(pins, entry_of, code):
    log = NetworkLog()
    with pytest.raises(Untrusted) as refusal:
        judge_leaf(LogState(pins), 0, entry_of(log))
    assert refusal.value.code is code


def test_the_predecessors_checkpoint_must_be_its_own():
    log = NetworkLog(generation=2)
    before = NetworkLog()
    before.append(before.genesis())
    other = {"origin": "elsewhere.example/log", "checkpoint": before.signed_checkpoint().decode()}
    with pytest.raises(Untrusted) as refusal:
        judge_leaf(LogState(), 0, log.genesis(predecessor=other))
    assert refusal.value.code is Code.CHECKPOINT_ORIGIN_WRONG
