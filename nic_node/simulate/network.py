"""The network's server: takes envelopes, sequences each slot's records together, has checkpoints cosigned, shows them.

Judging is the sequencer's own (`nic_node.network.log.candidates`); storage is memory, and one writer is the only one.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from federation.envelope import Submission, open_envelope
from federation.epochs import EpochStatus
from federation.judge import RecordRow
from federation.tlog.checkpoint import sign_checkpoint
from federation.tlog.note import NoteSignature, add_signatures
from nic_node.network.log.candidates import Candidate, Judged, judge_candidates
from nic_node.network.log.envelopes import find_epoch
from nic_node.simulate.founding import Founding
from nic_node.simulate.history import History
from nic_node.simulate.witnessing import Witness, ask
from schemas.code import Code


@dataclass(slots=True)
class LogServer:
    """`shown` is the history that is shown to everybody, but for those to whom a forked log shows `other`.

    Attributes:
        logged: sha256 of every leaf in the log.
        copies: how many leaves came again and were dropped.
        refused: codes of what was not let in.
    """

    founding: Founding
    rng: random.Random
    shown: History
    other: History | None = None
    sees_other: set[int] = field(default_factory=set)
    logged: set[str] = field(default_factory=set)
    copies: int = 0
    refused: list[Code] = field(default_factory=list)
    _envelopes: dict[int, dict[bytes, None]] = field(default_factory=dict)
    _opened: dict[bytes, tuple[int, Submission | None]] = field(default_factory=dict)
    _witnesses: dict[int, Witness] = field(default_factory=dict)

    def __post_init__(self) -> None:
        privates = self.founding.witness_keys
        for number, key in enumerate(self.founding.witnesses):
            self._witnesses[number] = Witness(key, privates[number], self.shown.checkpoint)

    @property
    def slot_seconds(self) -> int:
        seconds: int = self.founding.policy["slot_seconds"]
        return seconds

    def shows(self, school: int) -> History:
        return self.other if self.other is not None and school in self.sees_other else self.shown

    # Taking ------------------------------------------------------------------------------------------------------

    def take_envelope(self, envelope: bytes, now: float) -> None:
        """One that is there already, brought again, changes nothing."""
        if envelope not in self._opened:
            keys = {number: term.submission_key for number, term in self.founding.terms.items()}
            origin = self.founding.origin
            epoch = find_epoch(keys, envelope, origin=origin)
            self._opened[envelope] = epoch, open_envelope(keys[epoch], envelope, origin=origin, epoch=epoch)
        self._envelopes.setdefault(int(now) // self.slot_seconds, {})[envelope] = None

    def _due(self, now: float) -> list[Candidate]:
        """Of all slots that have ended, each in a random order."""
        candidates: list[Candidate] = []
        for slot in sorted(number for number in self._envelopes if (number + 1) * self.slot_seconds <= now):
            held = [self._opened[envelope][1] for envelope in self._envelopes.pop(slot)]
            real = [submission for submission in held if submission is not None]
            self.rng.shuffle(real)
            began, ended = (datetime.fromtimestamp(end * self.slot_seconds, UTC) for end in (slot, slot + 1))
            candidates += [
                Candidate(leaf=one.leaf, blob=one.blob or None, began_at=began, ended_at=ended, is_submitted=True)
                for one in real
            ]
        # A network that was gone sequences in the middle of a slot, into which others have come already.
        to_come = {envelope for held in self._envelopes.values() for envelope in held}
        kept = [envelope for envelope, (_, real) in self._opened.items() if real is None or envelope in to_come]
        self._opened = {envelope: self._opened[envelope] for envelope in kept}
        return candidates

    # Writing -----------------------------------------------------------------------------------------------------

    def sequence_due(self, now: float) -> Judged:
        """Let in what may enter of the slots that have ended; it is written, not published yet."""
        candidates = self._due(now)
        judged = judge_candidates(self.shown.state, candidates, self.founding.documents, self.logged)
        self.refused += [refused.code for refused in judged.refused]
        self.copies += len(candidates) - len(judged.leaves) - len(judged.refused)
        self.logged |= {sha256(leaf).hexdigest() for leaf in judged.leaves}
        self.shown.append(judged.leaves)
        self.shown.blobs |= judged.blobs
        return judged

    def append(self, leaves: Sequence[bytes]) -> None:
        """Leaves of the network's own."""
        self.shown.accept(leaves)
        self.logged |= {sha256(leaf).hexdigest() for leaf in leaves}

    def publish(self, now: float, can_reach: Callable[[int], bool]) -> None:
        """Sign what is written, have it cosigned by the witnesses that can be reached, and show it."""
        self.shown.note = self._signed(self.shown, now, can_reach)

    def _signed(self, history: History, now: float, can_reach: Callable[[int], bool]) -> bytes:
        note = sign_checkpoint(history.checkpoint, self.founding.log_private)
        signatures: list[NoteSignature] = []
        for number, witness in self._witnesses.items():
            if can_reach(number):
                signatures += ask(witness, history, note, self.founding.log_key, now)
        return add_signatures(note, signatures) if signatures else note

    # Terms -------------------------------------------------------------------------------------------------------

    def open_term(self, number: int) -> None:
        """Log `open`, or `void`, with what the log itself counted."""
        row = self.shown.state.epochs[number]
        if row.status is EpochStatus.ANNOUNCED:
            self.append([self.founding.open(number, issued=row.issued, registered=row.registered)])

    # A dishonest log -----------------------------------------------------------------------------------------------

    def fork(self, before: History, leaves: Sequence[bytes], now: float, sees_other: set[int]) -> None:
        """Sign the last leaves in another order too, and show that to some.

        Args:
            before: a branch of the history from before these leaves.
        """
        blobs = {sha256(blob).hexdigest(): blob for blob in self.shown.blobs.values()}
        for verdict in before.accept(list(reversed(leaves))):
            before.blobs |= {row.index: blobs[row.blob_sha256] for row in verdict.rows if isinstance(row, RecordRow)}
        before.note = self._signed(before, now, lambda _: True)
        self.other, self.sees_other = before, sees_other

    def end_fork(self) -> None:
        """From now on everybody is shown the same again."""
        self.other = None
