"""Each school's outbox and its one envelope a slot, through relays, by the rules of `nic_node.publishing`."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from federation.envelope import seal_dummy, seal_envelope
from federation.epochs import EpochStatus, seals_records
from federation.keys import PrivateKey
from federation.records import seal_record
from nic_node.peerhttp.client import CONNECT_SECONDS
from nic_node.publishing.outbox import goes_again
from nic_node.publishing.relays.draw import RELAYS_AN_EPOCH
from nic_node.publishing.slots import LATEST_SHARE, TRIED_AGAIN_SHARE
from nic_node.simulate.figures import Figures, Release
from nic_node.simulate.founding import NETWORK, Founding
from nic_node.simulate.loop import VirtualLoop, pause
from nic_node.simulate.network import LogServer
from nic_node.simulate.payloads import Writer
from nic_node.simulate.reach import Reach
from nic_node.simulate.reading import REQUEST_HEAD_BYTES, Purpose
from nic_node.simulate.school import School
from schemas.blob import SALT_BYTES
from schemas.limits import ENVELOPE_BYTES

REPLICATIONS: Final = 1 / 3
"""Of what is published."""


@dataclass(slots=True)
class Outbox:
    """`registering`: epoch -> the leaf of its pseudonym, and the slot in which it was sent."""

    releases: list[Release] = field(default_factory=list)
    registering: dict[int, tuple[bytes, int | None]] = field(default_factory=dict)
    relays: list[int] = field(default_factory=list)
    replicated: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not self.registering and all(release.is_found for release in self.releases)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """What goes into an envelope: of a release, or (epoch) a pseudonym."""

    leaf: bytes
    blob: bytes
    release: Release | None = None
    epoch: int | None = None


@dataclass(slots=True)
class Publishing:
    loop: VirtualLoop
    rng: random.Random
    reach: Reach
    founding: Founding
    server: LogServer
    figures: Figures
    schools: list[School]
    members: set[int]
    writer: Writer
    is_shared: bool
    outboxes: dict[int, Outbox] = field(default_factory=dict)
    _passed_on: dict[tuple[int, int], int] = field(default_factory=dict)
    """(relay, sender) -> the slot in which that relay passed on an envelope of that sender."""
    _dummies: dict[int, bytes] = field(default_factory=dict)

    # Deciding to publish -----------------------------------------------------------------------------------------

    def outbox(self, school: int) -> Outbox:
        return self.outboxes.setdefault(school, Outbox())

    def release(self, author: int) -> None:
        """A school decides to publish something now."""
        release = Release(number=len(self.figures.releases), author=author, made_at=self.loop.now)
        self.figures.add(release)
        self.outbox(author).releases.append(release)

    def register(self, school: int, epoch: int, leaf: bytes) -> None:
        self.outbox(school).registering[epoch] = (leaf, None)

    def settle(self, school: School) -> None:
        """Look for what was sent in this school's own mirror."""
        outbox = self.outboxes.get(school.number)
        if outbox is None:
            return
        for release in outbox.releases:
            if not release.is_found and release.sealed is not None:
                release.is_found = self.figures.is_held(release, school.number)
        for epoch in list(outbox.registering):
            pseudonym = self.founding.terms[epoch].pseudonyms[school.number]
            if school.state.rows.find_pseudonym(pseudonym.jkt) is not None:
                del outbox.registering[epoch]

    # One envelope a slot -----------------------------------------------------------------------------------------

    def begin_slot(self, slot: int) -> None:
        """Each member's node draws its moment, uniform over the first nine tenths."""
        for number in sorted(self.members):
            moment = (slot + LATEST_SHARE * self.rng.random()) * self.server.slot_seconds
            self.loop.call_at(moment, partial(self._begin_sending, number, slot))

    def _begin_sending(self, number: int, slot: int) -> None:
        self.loop.spawn(self._send_in_slot(number, slot))

    async def _send_in_slot(self, number: int, slot: int) -> None:
        school = self.schools[number]
        if number not in self.reach.running or number not in self.members or not school.state.epochs:
            return
        if school.is_frozen:
            return  # whose key an envelope would be sealed to, nobody knows then
        outgoing = self._next(school, slot)
        envelope = self._seal(school, outgoing)
        while not await self._hand_over(number, slot, envelope):
            left = (slot + LATEST_SHARE) * self.server.slot_seconds - self.loop.now
            if left <= TRIED_AGAIN_SHARE * self.server.slot_seconds:
                self._unsend(number, outgoing)
                return
            await pause(left * self.rng.random())

    def _next(self, school: School, slot: int) -> _Outgoing | None:
        """A pseudonym first, then what is late, then the oldest that can be sealed."""
        outbox = self.outboxes.get(school.number)
        if outbox is None:
            return None
        for epoch, (leaf, sent_slot) in outbox.registering.items():
            is_late = goes_again(sent_slot, slot)
            row = school.state.epochs.get(epoch)
            if row is not None and row.status is EpochStatus.ANNOUNCED and is_late:
                outbox.registering[epoch] = (leaf, slot)
                return _Outgoing(leaf, b"", epoch=epoch)
        waiting = [release for release in outbox.releases if not release.is_found]
        for release in waiting:
            if release.sealed is not None and (goes_again(release.sent_slot, slot)):
                return self._sent(release, slot)
        for release in waiting:
            if release.sealed is None and self._seal_record(school, release, outbox):
                return self._sent(release, slot)
        return None

    def _sent(self, release: Release, slot: int) -> _Outgoing:
        assert release.sealed is not None
        release.sent_slot = slot
        return _Outgoing(*release.sealed, release=release)

    def _unsend(self, number: int, outgoing: _Outgoing | None) -> None:
        """Nobody took it: the same bytes go in the next slot."""
        if outgoing is not None and outgoing.release is not None:
            outgoing.release.sent_slot = None
        elif outgoing is not None and outgoing.epoch in self.outbox(number).registering:
            self.outbox(number).registering[outgoing.epoch] = (outgoing.leaf, None)

    # Sealing -----------------------------------------------------------------------------------------------------

    def _seal_record(self, school: School, release: Release, outbox: Outbox) -> bool:
        """Under the pseudonym of the newest term that takes records; False where there is none now."""
        found = self._writable(school)
        if found is None:
            return False
        epoch, pseudonym = found
        origin = self._origin_for(school, outbox) if self.rng.random() < REPLICATIONS else None
        release.kind = "practice" if origin is None else "replication"
        payload = self.writer.practice() if origin is None else self.writer.replication(origin)
        salt = self.rng.randbytes(SALT_BYTES)
        sealed = seal_record(release.kind, payload, pseudonym, network=NETWORK, epoch=epoch, salt=salt)
        release.sealed = (sealed.leaf, sealed.blob)
        self.figures.by_blob[sealed.blob_sha256] = release
        return True

    def _writable(self, school: School) -> tuple[int, PrivateKey] | None:
        now = datetime.fromtimestamp(self.loop.now, UTC)
        for number in sorted(self.founding.terms, reverse=True):
            term, row = self.founding.terms[number], school.state.epochs.get(number)
            pseudonym = term.pseudonyms.get(school.number)
            if pseudonym is None or row is None or school.state.rows.find_pseudonym(pseudonym.jkt) is None:
                continue
            if seals_records(term.epoch.windows, row.status, now, slot_seconds=self.server.slot_seconds):
                return number, pseudonym
        return None

    def _origin_for(self, school: School, outbox: Outbox) -> str | None:
        """A practice of somebody else's that stands in this school's library and was not replicated by it yet."""
        found = [
            release.record_id
            for release in self.figures.releases
            if release.record_id is not None
            and release.kind == "practice"
            and release.author != school.number
            and release.record_id not in outbox.replicated
            and self.figures.is_held(release, school.number)
        ]
        if not found:
            return None
        origin = self.rng.choice(found)
        outbox.replicated.add(origin)
        return origin

    def _seal(self, school: School, outgoing: _Outgoing | None) -> bytes:
        """For the newest epoch that this node knows of. Nodes that share verdicts share one dummy too."""
        number = max(school.state.epochs)
        key, origin = dict(self.founding.terms[number].epoch.submission_key), self.founding.origin
        if outgoing is not None:
            return seal_envelope(key, origin=origin, epoch=number, leaf=outgoing.leaf, blob=outgoing.blob)
        if not self.is_shared:
            return seal_dummy(key, origin=origin, epoch=number)
        if number not in self._dummies:
            self._dummies[number] = seal_dummy(key, origin=origin, epoch=number)
        return self._dummies[number]

    # Relays ------------------------------------------------------------------------------------------------------

    def _relays_of(self, number: int) -> list[int]:
        """Drawn once; who is no member any more is replaced, nobody else."""
        outbox = self.outbox(number)
        outbox.relays = [relay for relay in outbox.relays if relay in self.members]
        wanted = min(RELAYS_AN_EPOCH, len(self.members) - 1)
        while len(outbox.relays) < wanted:
            drawn = self.rng.randrange(len(self.schools))
            if drawn in self.members and drawn != number and drawn not in outbox.relays:
                outbox.relays.append(drawn)
        return outbox.relays

    async def _hand_over(self, sender: int, slot: int, envelope: bytes) -> bool:
        """Try one relay after the other until the envelope is taken."""
        for relay in self._relays_of(sender):
            if await self._relay(sender, relay, slot, envelope):
                return True
        return False

    async def _relay(self, sender: int, relay: int, slot: int, envelope: bytes) -> bool:
        if not self.reach.between(sender, relay):
            await pause(CONNECT_SECONDS)
            return False
        await pause(self.schools[sender].line.takes(ENVELOPE_BYTES))
        self.figures.bill(relay, Purpose.RELAYED, ENVELOPE_BYTES + REQUEST_HEAD_BYTES)
        if self._passed_on.get((relay, sender)) == slot:
            return True
        if not self.reach.to_network(relay):
            await pause(CONNECT_SECONDS)
            return False
        self._passed_on[relay, sender] = slot
        self.server.take_envelope(envelope, self.loop.now)
        await pause(self.schools[relay].line.takes(ENVELOPE_BYTES))
        # The answer may be lost on the way back: then the next relay brings the same bytes again.
        return self.rng.random() >= self.schools[sender].line.loss

    def waiting(self, numbers: Sequence[int]) -> int:
        """What these schools decided to publish and their own nodes have not found in the log yet."""
        boxes = [self.outboxes[number] for number in numbers if number in self.outboxes]
        return sum(not release.is_found for box in boxes for release in box.releases)
