"""Two signed notes that no honest log could both have made, and what proves it to anybody who has the log's key.

Of one size, two roots are proof enough. Of two sizes it takes the root that the longer tree had at the shorter one's
size, and the path from there (RFC 6962 section 2.1.2): a root that the longer note vouches for and the shorter denies.
Who shows it need not be trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from federation.errors import Untrusted
from federation.tlog.checkpoint import Checkpoint, is_fork, verify_checkpoint
from federation.tlog.merkle import HashAt, build_consistency_proof, hash_range, verify_consistency
from federation.tlog.note import VerifierKey
from schemas.base64url import decode_base64url, encode_base64url
from schemas.problem import Code

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ForkProof:
    """root: of the longer tree, when it had the shorter one's size; path: the consistency proof from there."""

    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """The notes as they were signed. proof: None where both are of one size."""

    first: bytes
    second: bytes
    proof: ForkProof | None = None


def build_fork_proof(shorter: Checkpoint, longer: Checkpoint, hash_at: HashAt) -> ForkProof | None:
    """What shows that the longer tree is none that grew from the shorter one; None where nothing does.

    Args:
        hash_at: of the longer tree, as its source claims; wrong hashes prove nothing.
    """
    if not 0 < shorter.size < longer.size:
        return None
    root = hash_range(0, shorter.size, hash_at)
    proof = ForkProof(root, tuple(build_consistency_proof(shorter.size, longer.size, hash_at)))
    return proof if _holds(shorter, longer, proof) else None


def verify_fork(fork: Fork, log_key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    """Both checkpoints, once it is proven that the key's owner signed two histories.

    Raises:
        Untrusted: what `verify_checkpoint` finds in either note; FORK_UNPROVEN.
    """
    first, second = (verify_checkpoint(note, log_key).checkpoint for note in (fork.first, fork.second))
    shorter, longer = sorted((first, second), key=lambda each: each.size)
    if is_fork(first, second) or (fork.proof is not None and _holds(shorter, longer, fork.proof)):
        return first, second
    raise Untrusted(Code.FORK_UNPROVEN, "These two notes can both belong to one history: they prove nothing.")


def _holds(shorter: Checkpoint, longer: Checkpoint, proof: ForkProof) -> bool:
    """Whether the longer root contains another beginning than the shorter one."""
    if not 0 < shorter.size < longer.size or proof.root == shorter.root:
        return False
    try:
        verify_consistency(shorter.size, proof.root, longer.size, longer.root, proof.path)
    except Untrusted:
        return False
    return True


def build_fork_document(fork: Fork, *, origin: str, seen_at: int) -> dict[str, Any]:
    """As `schemas.membership.FORK` has it; the notes as bytes, so that none of them is lost on the way."""
    document = {
        "origin": origin,
        "seen_at": seen_at,
        "first": encode_base64url(fork.first),
        "second": encode_base64url(fork.second),
    }
    return document if fork.proof is None else document | {"proof": build_proof_document(fork.proof)}


def build_proof_document(proof: ForkProof) -> dict[str, Any]:
    return {"root": encode_base64url(proof.root), "path": [encode_base64url(node) for node in proof.path]}


def read_fork(document: Document) -> Fork:
    """The fork of a loaded document; nothing verified."""
    return Fork(
        decode_base64url(document["first"]),
        decode_base64url(document["second"]),
        read_proof(document.get("proof")),
    )


def read_proof(document: Document | None) -> ForkProof | None:
    if document is None:
        return None
    return ForkProof(decode_base64url(document["root"]), tuple(decode_base64url(node) for node in document["path"]))
