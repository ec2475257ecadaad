"""The witness protocol (C2SP tlog-witness): a log asks for a cosignature, a witness sees that the tree only grew.

The request is a text: 'old N', the lines of a consistency proof from N on in base64, an empty line, and the signed
checkpoint. The answer is one line or more of signatures, as they stand in a note.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import Untrusted
from federation.keys import PrivateKey
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint, parse_size, verify_checkpoint
from federation.tlog.merkle import HASH_BYTES, verify_consistency
from federation.tlog.note import Note, NoteSignature, VerifierKey, cosign_note, format_note, parse_note, verify_note
from schemas.limits import CHECKPOINT_MAX_BYTES
from schemas.problem import Code

MAX_PROOF_LINES: Final = 63
ADD_CHECKPOINT_MAX_BYTES: Final = CHECKPOINT_MAX_BYTES + 64 * (MAX_PROOF_LINES + 1)
SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"
"""Of the answer to an 'old' that is not the witness's own: its size and a newline."""
MAX_SIZE_BYTES: Final = 32
MAX_COSIGNATURES_BYTES: Final = CHECKPOINT_MAX_BYTES

_OLD: Final = "old "


@dataclass(frozen=True)
class AddCheckpoint:
    """What a log asks: that the checkpoint of `note` extends the witness's own at `old_size`, by this proof."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes


class WitnessConflict(Untrusted):
    """The log counted on another size than the witness cosigned last; `size` is that one."""

    def __init__(self, size: int) -> None:
        super().__init__(Code.WITNESS_CONFLICT, f"This witness cosigned {size} entries of the log last.")
        self.size = size


# The request --------------------------------------------------------------------------------------------------------


def build_add_checkpoint(request: AddCheckpoint) -> bytes:
    lines = [f"{_OLD}{request.old_size}", *(b64encode(node).decode() for node in request.proof), "", ""]
    return "\n".join(lines).encode() + request.note


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Raises Untrusted: WITNESS_REQUEST_MALFORMED."""
    head, separator, note = body.partition(b"\n\n")
    old, *proof = head.decode("ascii", errors="replace").split("\n")
    malformed = Untrusted(
        Code.WITNESS_REQUEST_MALFORMED, "A request to a witness is 'old N', a proof, an empty line, a checkpoint."
    )
    if not separator or not old.startswith(_OLD) or len(proof) > MAX_PROOF_LINES:
        raise malformed
    try:
        return AddCheckpoint(parse_size(old.removeprefix(_OLD)), tuple(_parse_hash(line) for line in proof), note)
    except (ValueError, Untrusted) as error:
        raise malformed from error


def _parse_hash(line: str) -> bytes:
    node = b64decode(line, validate=True)
    if len(node) != HASH_BYTES or b64encode(node).decode() != line:
        raise ValueError("not the base64 of 32 bytes")
    return node


def verify_add_checkpoint(request: AddCheckpoint, log_key: VerifierKey, held: Checkpoint) -> VerifiedCheckpoint:
    """The checkpoint that the witness may cosign.

    Args:
        log_key: of the log that the checkpoint names.
        held: what the witness cosigned last, or the empty tree.

    Raises:
        Untrusted: what `verify_checkpoint` finds (no signature by the log's key); WITNESS_REQUEST_MALFORMED, 'old' is
            beyond the checkpoint; WITNESS_CONFLICT (a `WitnessConflict`); LOG_FORKED, the same size with another root;
            CONSISTENCY_WRONG.
    """
    verified = verify_checkpoint(request.note, log_key)
    new = verified.checkpoint
    if request.old_size > new.size:
        raise Untrusted(Code.WITNESS_REQUEST_MALFORMED, "The old size is beyond that of the checkpoint.")
    if request.old_size != held.size:
        raise WitnessConflict(held.size)
    if new.size == held.size and new.root != held.root:
        raise Untrusted(Code.LOG_FORKED, "The log signed two different histories of the same length.")
    verify_consistency(held.size, held.root, new.size, new.root, request.proof)
    return verified


def parse_size_answer(body: bytes) -> int:
    """The size in an answer of type `SIZE_CONTENT_TYPE`. Raises Untrusted: CHECKPOINT_MALFORMED."""
    return parse_size(body.decode("ascii", errors="replace").removesuffix("\n"))


# The answer ---------------------------------------------------------------------------------------------------------


def cosign(note: bytes, private: Mapping[str, Any] | PrivateKey, name: str, timestamp: int) -> bytes:
    """The line that answers a request whose checkpoint may be cosigned."""
    return _lines([cosign_note(parse_note(note).text, private, name, timestamp)])


def read_cosignatures(note: bytes, answer: bytes, witness: VerifierKey) -> list[NoteSignature]:
    """The witness's own lines of an answer, verified; those of other keys are passed over.

    Raises:
        Untrusted: CHECKPOINT_MALFORMED, SIGNATURE_INVALID; CHECKPOINT_UNWITNESSED, no line is by this witness.
    """
    text = parse_note(note).text
    signatures = parse_note(text.encode() + b"\n" + answer).signatures
    own = [line for line in signatures if (line.name, line.key_id) == (witness.name, witness.key_id)]
    if not verify_note(Note(text, tuple(own)), [witness]):
        raise Untrusted(Code.CHECKPOINT_UNWITNESSED, "A witness answered without a cosignature by its own key.")
    return own[:1]


def _lines(signatures: Sequence[NoteSignature]) -> bytes:
    return format_note(Note("", tuple(signatures))).removeprefix(b"\n")
