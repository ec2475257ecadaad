"""Members that cosign: the witness protocol itself, both its sides, between a log's files and a witness's memory."""

from dataclasses import dataclass

from federation.errors import Untrusted
from federation.keys import PrivateKey
from federation.tlog.checkpoint import Checkpoint, consistency_tiles
from federation.tlog.merkle import build_consistency_proof
from federation.tlog.note import NoteSignature, VerifierKey
from federation.tlog.tiles import TileHashes
from federation.tlog.witness import (
    AddCheckpoint,
    build_add_checkpoint,
    cosign,
    parse_add_checkpoint,
    read_cosignatures,
    verify_add_checkpoint,
)
from nic_node.simulate.history import History


@dataclass(slots=True)
class Witness:
    """`last` is what it cosigned last: it never signs what does not extend that."""

    key: VerifierKey
    private: PrivateKey
    last: Checkpoint

    def add_checkpoint(self, body: bytes, log_key: VerifierKey, now: float) -> bytes:
        """Raises Untrusted: it can't be cosigned."""
        request = parse_add_checkpoint(body)
        self.last = verify_add_checkpoint(request, log_key, self.last).checkpoint
        return cosign(request.note, self.private, self.key.name, int(now))


def ask(witness: Witness, history: History, note: bytes, log_key: VerifierKey, now: float) -> list[NoteSignature]:
    """The witness's line under a note over the end of a history; none where it refuses."""
    old, new = witness.last, history.checkpoint
    proof: list[bytes] = []
    if 0 < old.size < new.size:
        files = {tile.path: history.files[tile.path] for tile in consistency_tiles(old, new)}
        proof = build_consistency_proof(old.size, new.size, TileHashes(files, new.size).hash_at)
    request = build_add_checkpoint(AddCheckpoint(old.size, tuple(proof), note))
    try:
        return read_cosignatures(note, witness.add_checkpoint(request, log_key, now), witness.key)
    except Untrusted:
        return []
