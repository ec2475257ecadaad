"""Leaves by pseudonyms: one approved member each, and nobody knows which."""

from dataclasses import replace

from federation.epochs import EpochStatus, verify_credential
from federation.errors import Untrusted
from federation.judge.by_network import Findings
from federation.judge.rows import PseudonymRow, RecordRow
from federation.judge.state import LogState, verify_unblocked
from federation.keys import load_ed25519
from federation.leaves import Leaf, verify_leaf
from schemas.problem import Code


def judge_pseudonym(state: LogState, index: int, leaf: Leaf) -> Findings:
    payload, genesis = leaf.payload, state.required_genesis
    epoch = state.require_epoch(payload["epoch"])
    if epoch.status is EpochStatus.OPEN:
        raise Untrusted(Code.PSEUDONYM_LATE, f"A pseudonym was registered after epoch {epoch.number} had opened.")
    if state.rows.find_pseudonym(leaf.kid) is not None:
        raise Untrusted(Code.PSEUDONYM_DUPLICATE, "A pseudonym was registered before.")
    verify_leaf(leaf, payload["jwk"])
    verify_credential(
        payload["credential"],
        rsa_jwk=epoch.payload["rsa_jwk"],
        network=genesis.network,
        epoch=epoch.number,
        jkt=leaf.kid,
    )
    row = PseudonymRow(genesis.origin, leaf.kid, epoch.number, payload["jwk"]["x"], index)
    return (row, replace(epoch, registered=epoch.registered + 1)), ()


def judge_record(state: LogState, index: int, leaf: Leaf) -> Findings:
    payload, genesis = leaf.payload, state.required_genesis
    epoch = state.require_epoch(payload["epoch"])
    if epoch.status is not EpochStatus.OPEN:
        raise Untrusted(Code.EPOCH_NOT_OPEN, f"Epoch {epoch.number} has not opened yet.")
    pseudonym = state.require_pseudonym(leaf.kid)
    if (pseudonym.origin, pseudonym.epoch) != (genesis.origin, epoch.number):
        raise Untrusted(Code.PSEUDONYM_UNKNOWN, "A pseudonym is registered in another epoch than its record names.")
    verify_unblocked(state, leaf.kid, index)
    if state.rows.has_blob(payload["blob_sha256"]):
        raise Untrusted(Code.RECORD_DUPLICATE, "The same blob was logged before.")
    _verify_signer(leaf, pseudonym)
    row = RecordRow(
        origin=genesis.origin,
        index=index,
        kind=payload["kind"],
        jkt=leaf.kid,
        epoch=epoch.number,
        blob_sha256=payload["blob_sha256"],
    )
    return (row,), ()


def judge_retract(state: LogState, index: int, leaf: Leaf) -> Findings:
    """By the record's own pseudonym, also after its epoch, and also when it is blocked."""
    record = state.require_living_record(leaf.payload["target"])
    if record.jkt != leaf.kid:
        raise Untrusted(Code.TARGET_NOT_OWN, "A record can be taken back by its own pseudonym only.")
    _verify_signer(leaf, state.require_pseudonym(leaf.kid))
    return (record._replace(gone=leaf.payload["reason"]),), ()


def _verify_signer(leaf: Leaf, pseudonym: PseudonymRow) -> None:
    """The pseudonym was found by the leaf's kid, its key's thumbprint: a verified leaf holds under that key already."""
    if not leaf.is_verified:
        verify_leaf(leaf, load_ed25519(pseudonym.x))
