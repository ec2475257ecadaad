"""Leaves by the network's leaf key: what each may say, given the log before it.

Each rule answers the rows that the leaf establishes and the alarms that it raises, or raises Untrusted. What costs
little is asked first, signatures last.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from federation.epochs import EpochStatus, read_epoch, verify_issue_request
from federation.errors import Untrusted
from federation.judge.rows import BlockRow, EpochRow, GenesisRow, IssuedRow, MemberRow, Row
from federation.judge.state import MODERATED, LogState, Pins
from federation.keys import thumbprint
from federation.leaves import Leaf, verify_leaf
from federation.tlog.checkpoint import read_checkpoint
from federation.tlog.note import ED25519, parse_vkey
from schemas.ids import build_log_origin
from schemas.problem import Code
from schemas.states import APPLIED, APPROVED, SUSPENDED, is_legal_move

Findings = tuple[tuple[Row, ...], tuple[Code, ...]]

ADMITTED = (APPROVED, SUSPENDED)
"""Who is in one of these states belongs to the network; whoever is in none comes in by 'applied' to 'approved'."""


def judge_genesis(pins: Pins, leaf: Leaf) -> GenesisRow:
    """Entry 0: the keys of everything that follows.

    Raises:
        Untrusted: GENESIS_MISSING, KEY_NOT_PINNED, LEAF_NETWORK_WRONG, GENERATION_WRONG, CHECKPOINT_ORIGIN_WRONG,
            LEAF_SIGNER_WRONG, KEY_INVALID, SIGNATURE_INVALID, CHECKPOINT_MALFORMED. The log as a whole is refused.
    """
    payload = leaf.payload
    if leaf.t != "genesis":
        raise Untrusted(Code.GENESIS_MISSING, "The log does not begin with its genesis leaf.")
    if pins.network not in (None, payload["network"]):
        raise Untrusted(Code.LEAF_NETWORK_WRONG, "The log is that of another network.")
    if pins.generation not in (None, payload["generation"]):
        raise Untrusted(Code.GENERATION_WRONG, "The log is of another generation than the one that is known.")
    if pins.leaf_jkt not in (None, thumbprint(payload["leaf_jwk"])) or pins.log_key not in (None, payload["log_key"]):
        raise Untrusted(Code.KEY_NOT_PINNED, "The log's entry 0 names other keys than those that are pinned.")
    origin = _verify_log_key(payload)
    _verify_predecessor(payload)
    verify_leaf(leaf, payload["leaf_jwk"])
    return GenesisRow(
        network=payload["network"],
        generation=payload["generation"],
        origin=origin,
        log_key=payload["log_key"],
        leaf_jwk=payload["leaf_jwk"],
        predecessor=payload.get("predecessor"),
    )


def _verify_log_key(payload: Mapping[str, Any]) -> str:
    key = parse_vkey(payload["log_key"])
    if key.key_type != ED25519 or thumbprint(key.jwk) == thumbprint(payload["leaf_jwk"]):
        raise Untrusted(Code.KEY_INVALID, "The log's key must be an Ed25519 key of its own.")
    if key.name != build_log_origin(payload["network"], payload["generation"]):
        raise Untrusted(Code.CHECKPOINT_ORIGIN_WRONG, "The log's key does not bear the name of this log.")
    return key.name


def _verify_predecessor(payload: Mapping[str, Any]) -> None:
    """That it names one log. Whether that log's key signed the checkpoint, only who knew that log can tell."""
    predecessor = payload.get("predecessor")
    if predecessor is not None and read_checkpoint(predecessor["checkpoint"].encode()).origin != predecessor["origin"]:
        raise Untrusted(Code.CHECKPOINT_ORIGIN_WRONG, "The predecessor's checkpoint is that of another log.")


def judge_late_genesis(state: LogState, index: int, leaf: Leaf) -> Findings:
    raise Untrusted(Code.GENESIS_MISPLACED, "A genesis leaf is entry 0 and nothing else.")


def judge_epoch(state: LogState, index: int, leaf: Leaf) -> Findings:
    epoch = read_epoch(leaf.payload)
    # A successor goes on with the numbers of the log that was lost, which not everybody knows.
    is_first_of_successor = not state.epochs and state.required_genesis.generation > 1
    if not is_first_of_successor and epoch.number != max(state.epochs, default=0) + 1:
        raise Untrusted(Code.EPOCH_INVALID, f"Epoch {epoch.number} is not the next one: epochs count up by one.")
    for known in state.epochs.values():
        if any(known.payload[name] == leaf.payload[name] for name in ("rsa_jwk", "submission_key")):
            raise Untrusted(Code.EPOCH_INVALID, "An epoch uses a key of another one, which should be erased.")
        _verify_beside(known, leaf.payload)
    _verify_network_signature(state, leaf)
    return (EpochRow(epoch.number, index, leaf.payload),), ()


def _verify_beside(known: EpochRow, payload: Mapping[str, Any]) -> None:
    """That an epoch which would run beside another one is a supplement to it: members agreed to that one's policy.

    Raises:
        Untrusted: EPOCH_SUPPLEMENT_WRONG.
    """
    beside = known.payload
    is_apart = payload["active_to"] <= beside["active_from"] or beside["active_to"] <= payload["active_from"]
    if known.status is EpochStatus.VOID or is_apart:
        return
    if any(payload[name] != beside[name] for name in ("policy_sha256", "active_to")):
        detail = f"An epoch beside epoch {known.number} has to keep its policy, and to end with it."
        raise Untrusted(Code.EPOCH_SUPPLEMENT_WRONG, detail)


def judge_issued(state: LogState, index: int, leaf: Leaf) -> Findings:
    request = verify_issue_request(leaf.payload["jws"])
    if request.network != state.required_genesis.network:
        raise Untrusted(Code.ISSUE_REQUEST_INVALID, "A request for a credential was made to another network.")
    epoch = state.require_epoch(request.epoch)
    if epoch.status is not EpochStatus.ANNOUNCED:
        raise Untrusted(Code.EPOCH_NOT_ISSUING, f"Epoch {request.epoch} issues no credentials any more.")
    member = state.rows.find_member_by_jkt(request.jkt)
    if member is None or member.state != APPROVED:
        raise Untrusted(Code.NOT_A_MEMBER, "A credential was issued to somebody who is no approved member.")
    if state.rows.has_issued(request.epoch, member.entity):
        raise Untrusted(Code.ISSUED_ALREADY, "A member was issued a second credential in an epoch.")
    _verify_network_signature(state, leaf)
    return (IssuedRow(request.epoch, member.entity, index), replace(epoch, issued=epoch.issued + 1)), ()


def judge_open(state: LogState, index: int, leaf: Leaf) -> Findings:
    epoch = _verify_counted(state, leaf)
    if epoch.issued < epoch.payload["min_issued"]:
        raise Untrusted(Code.EPOCH_COUNT_WRONG, "An epoch was opened with fewer members than it needs.")
    alarms = []
    if epoch.registered > epoch.issued:
        alarms.append(Code.REGISTERED_SURPLUS)
    if epoch.issued > state.approved_members:
        alarms.append(Code.ISSUED_SURPLUS)
    lattice_sha256 = leaf.payload["lattice_sha256"]
    opened = replace(epoch, status=EpochStatus.OPEN, open_index=index, lattice_sha256=lattice_sha256)
    return (opened,), tuple(alarms)


def judge_void(state: LogState, index: int, leaf: Leaf) -> Findings:
    return (replace(_verify_counted(state, leaf), status=EpochStatus.VOID),), ()


def _verify_counted(state: LogState, leaf: Leaf) -> EpochRow:
    """An epoch that is still announced, of which the network counted what everybody can count."""
    epoch = state.require_epoch(leaf.payload["epoch"])
    if epoch.status is not EpochStatus.ANNOUNCED:
        raise Untrusted(Code.EPOCH_NOT_REGISTERING, f"Epoch {epoch.number} was opened before.")
    if (epoch.issued, epoch.registered) != (leaf.payload["issued"], leaf.payload["registered"]):
        raise Untrusted(Code.EPOCH_COUNT_WRONG, "The network counted other numbers than the log shows.")
    _verify_network_signature(state, leaf)
    return epoch


def judge_member(state: LogState, index: int, leaf: Leaf) -> Findings:
    entity, jkt, from_state, to_state = (leaf.payload[name] for name in ("entity", "jkt", "from", "to"))
    before = state.rows.find_member(entity)
    held = before.state if before is not None and before.state in ADMITTED else APPLIED
    is_new_key = before is not None and (from_state, to_state) == (APPROVED, APPROVED) and jkt != before.jkt
    if from_state != held or not (is_new_key or is_legal_move(from_state, to_state)):
        raise Untrusted(Code.ILLEGAL_MOVE, f"A membership can't move from {from_state} to {to_state} here.")
    if held == APPLIED and to_state != APPROVED:
        raise Untrusted(Code.ILLEGAL_MOVE, "The log tells of nobody who was not admitted.")
    holder = state.rows.find_member_by_jkt(jkt)
    if holder is not None and holder.entity != entity:
        raise Untrusted(Code.KEY_INVALID, "A member's key is already that of another member.")
    _verify_network_signature(state, leaf)
    return (MemberRow(entity, jkt, to_state, index),), ()


def judge_moderate(state: LogState, index: int, leaf: Leaf) -> Findings:
    record = state.require_living_record(leaf.payload["target"])
    _verify_network_signature(state, leaf)
    return (record._replace(gone=MODERATED),), ()


def judge_block(state: LogState, index: int, leaf: Leaf) -> Findings:
    pseudonym = state.require_pseudonym(leaf.payload["jkt"])
    _verify_network_signature(state, leaf)
    return (BlockRow(pseudonym.jkt, leaf.payload["from_index"], index),), ()


def _verify_network_signature(state: LogState, leaf: Leaf) -> None:
    verify_leaf(leaf, state.required_genesis.leaf_jwk)
