"""The simulated federation: schools that poll, a network that publishes, and who wakes when something changes."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from federation.errors import Unreachable, Untrusted
from federation.judge import Pins
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.mirror.believe import Forked
from nic_node.mirror.find_mirrors import FIND_EVERY, LISTED_SHARE, MIRRORS_KEPT
from nic_node.mirror.sources import ASKED_A_RUN
from nic_node.simulate.figures import Figures, Standing
from nic_node.simulate.founding import GENERATION, NETWORK, Founding
from nic_node.simulate.history import History
from nic_node.simulate.loop import VirtualLoop
from nic_node.simulate.network import LogServer
from nic_node.simulate.payloads import Writer
from nic_node.simulate.plan import SETTLING, Plan
from nic_node.simulate.publishing import Publishing
from nic_node.simulate.quiet import QuietPolls
from nic_node.simulate.reach import Reach
from nic_node.simulate.reading import (
    ANSWER_HEAD_BYTES,
    REQUEST_HEAD_BYTES,
    UNCHANGED_BYTES,
    Line,
    Purpose,
    Shown,
    Visit,
)
from nic_node.simulate.rounds import Audience, Rounds
from nic_node.simulate.school import LOG, Rules, School, follow, new_state
from nic_node.simulate.sharing import Verdicts

MIRRORS_A_NETWORK: Final = 100
"""So many members have the role, or all where they are fewer."""
ENTITY_BYTES: Final = 40
"""Of one in a list of members."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """What a school's node serves: the tree that it read itself, under the checkpoint that it believed."""

    school: School
    history: History

    def file(self, path: str) -> tuple[bytes, int] | None:
        if path == CHECKPOINT_PATH:
            return self.school.note, len(self.school.note)
        return self.history.file(path)


class World:
    def __init__(self, plan: Plan, capacity: int) -> None:
        """capacity: how many nodes there will ever be."""
        self.plan = plan
        self.rng = random.Random(plan.seed)  # noqa: S311 - a seeded world, nothing secret
        self.loop = VirtualLoop(plan.opens_at - SETTLING)
        self.figures = Figures(capacity)
        self.reach = Reach()
        self.schools: list[School] = []
        self.members: set[int] = set()
        self.founding = Founding(plan, self.rng)
        self.server = LogServer(self.founding, self.rng, History(self.founding.origin))
        self.pins = Pins(
            leaf_jkt=self.founding.leaf_private.jkt,
            log_key=self.founding.log_key.text,
            network=NETWORK,
            generation=GENERATION,
        )
        self._mirrors: dict[int, list[int]] = {}
        self._looking: set[int] = set()
        self._due: dict[int, float] = {}
        self._visiting: set[int] = set()
        self._visit_again: set[int] = set()
        self._silent: dict[int, float] = {}
        verdicts = Verdicts(is_shared=plan.is_shared)
        self.rules = Rules(
            log_key=self.founding.log_key, pins=self.pins, documents=self.founding.documents, verdicts=verdicts
        )
        self.quiet = QuietPolls(np.random.default_rng(plan.seed), plan.poll_seconds, capacity, self._charge_polls)
        audience = Audience(
            members=lambda: sorted(self.members),
            silent_since=self._silent.get,
            seconds=lambda number: self.schools[number].line.seconds,
            tell=self._hint,
        )
        self.rounds = Rounds(self.loop, self.rng, plan.poll_seconds, audience)
        self.publishing = Publishing(
            loop=self.loop,
            rng=self.rng,
            reach=self.reach,
            founding=self.founding,
            server=self.server,
            figures=self.figures,
            schools=self.schools,
            members=self.members,
            writer=Writer(self.rng),
            is_shared=plan.is_shared,
        )

    # Nodes -------------------------------------------------------------------------------------------------------

    def add_school(self, line: Line | None = None) -> School:
        """A new node with an empty mirror; it runs from now on and polls for the first time within a poll."""
        number = len(self.schools)
        line = line or Line.drawn(self.rng)
        school = School(number=number, line=line, started_at=self.loop.now, state=new_state(self.pins))
        self.schools.append(school)
        self.members.add(number)
        self.reach.running.add(number)
        self.quiet.pace[number] = line.seconds
        self._schedule(number, self.loop.now + self.plan.poll_seconds * self.rng.random())
        self._look_later(number)
        return school

    def switch_off(self, numbers: set[int]) -> None:
        def change() -> None:
            self.reach.running -= numbers
            self._silent |= dict.fromkeys(numbers, self.loop.now)
            for number in numbers:
                self.quiet.unpark(number)
                self._due.pop(number, None)

        self.change(change)

    def switch_on(self, numbers: set[int]) -> None:
        """A node that starts pulls at once."""
        self.reach.running |= numbers
        for number in sorted(numbers):
            self._silent.pop(number, None)
            self.schools[number].started_at = self.loop.now
            self._schedule(number, self.loop.now)
            self._look_later(number)

    def cut_off(self, numbers: set[int]) -> None:
        """They reach each other, and nobody else reaches them."""

        def change() -> None:
            self.reach.cut_off |= numbers
            self._silent |= dict.fromkeys(numbers, self.loop.now)

        self.change(change)

    def join_again(self, numbers: set[int]) -> None:
        def change() -> None:
            self.reach.cut_off -= numbers
            for number in numbers:
                self._silent.pop(number, None)

        self.change(change)

    def wipe(self, number: int) -> None:
        """A node begins again with an empty mirror."""
        school = self.schools[number]
        fresh = School(number, school.line, school.started_at, new_state(self.pins))
        for name in School.__slots__:
            setattr(school, name, getattr(fresh, name))
        self.figures.forget(number)

    def standing(self) -> Standing:
        going = [s.number for s in self.schools if not s.is_frozen and s.number in self.reach.running & self.members]
        return Standing(started_at=[school.started_at for school in self.schools], following=going)

    def _size_of_lists(self) -> int:
        """Who serves a copy, where that is asked, and who has erased what was taken back: nothing was."""
        listed = MIRRORS_A_NETWORK * ENTITY_BYTES + ANSWER_HEAD_BYTES if self.rng.random() < LISTED_SHARE else 0
        return listed + ANSWER_HEAD_BYTES

    # Changes -----------------------------------------------------------------------------------------------------

    def change(self, what: Callable[[], None]) -> None:
        """Something that decides what a poll brings; until now polls brought nothing, from now on they may."""
        self.quiet.settle(self.loop.now)
        what()
        for number in self.quiet.parked():
            if self._is_behind(self.schools[number]):
                self.quiet.unpark(number)
                self._schedule(number, float(self.quiet.due[number]))

    def publish(self) -> None:
        """Show what is written to everybody, and begin to tell them."""
        self.change(lambda: self.server.publish(self.loop.now, self.reach.to_network))
        self.rounds.grown(self.server.shown.edge.size)

    def _is_behind(self, school: School) -> bool:
        if self.reach.to_network(school.number):
            return school.note != self.server.shows(school.number).note or not school.is_complete
        size = -1 if school.believed is None else school.believed.size
        return any(self._size_of(mirror) > size for mirror in self._mirrors_of(school.number))

    # Polls and hints ---------------------------------------------------------------------------------------------

    def _schedule(self, number: int, when: float) -> None:
        self._due[number] = when
        self.loop.call_at(when, partial(self._poll, number, when))

    def _poll(self, number: int, when: float) -> None:
        if self._due.get(number) == when and number in self.reach.running:
            self._begin_visit(number)

    def _begin_visit(self, number: int) -> None:
        self._due.pop(number, None)
        if number in self._visiting:
            self._visit_again.add(number)
            return
        self.quiet.unpark(number)
        self._visiting.add(number)
        self.loop.spawn(self._visit(self.schools[number]))

    def _hint(self, number: int, size: int) -> None:
        school = self.schools[number]
        if not self.reach.to_network(number) or self.rng.random() < school.line.loss:
            return
        self.figures.bill(number, Purpose.HINTS, REQUEST_HEAD_BYTES)
        if school.is_frozen or school.edge.size >= size:
            return
        self._begin_visit(number)

    async def _visit(self, school: School) -> None:
        self.figures.polls[school.number] += 1
        await self._pull(school)
        self._visiting.discard(school.number)
        self.publishing.settle(school)
        if school.is_frozen or school.number not in self.reach.running:
            return
        if school.number in self._visit_again:
            self._visit_again.discard(school.number)
            self._schedule(school.number, self.loop.now)
            return
        due = self.loop.now + self.quiet.wait()
        if self._is_behind(school):
            self._schedule(school.number, due)
        else:
            self.quiet.park(school.number, due)

    async def _pull(self, school: School) -> None:
        """The log, then members' copies until one answers with what is of use."""
        if await self._pull_from(school, LOG, lambda: self._log_for(school)):
            return
        mirrors = self._mirrors_of(school.number)
        for mirror in self.rng.sample(mirrors, min(len(mirrors), ASKED_A_RUN - 1)):
            before = school.edge.size
            if await self._pull_from(school, mirror, partial(self._copy_for, school, mirror)):
                self.figures.from_mirrors += school.edge.size > before
                return

    async def _pull_from(self, school: School, source: int, find: Callable[[], Shown | None]) -> bool:
        """Whether the source answered."""
        held = school.shown.get(source, b"")
        bill = partial(self.figures.bill, school.number)
        visit = Visit(line=school.line, find=find, bill=bill, rng=self.rng, held=held)
        believed = school.note
        try:
            for row in await follow(school, visit, self.rules):
                self.figures.hold(row.blob_sha256, school.number, self.loop.now)
        except Forked as fork:
            school.evidence = (believed, fork.note)
        except Untrusted as error:
            school.refused.append(error.code)
            return False
        except Unreachable:
            return False
        school.shown[source] = school.note
        return True

    # Looking at copies -------------------------------------------------------------------------------------------

    def _look_later(self, number: int) -> None:
        if number not in self._looking:
            self._looking.add(number)
            wait = FIND_EVERY.total_seconds() * (0.5 + self.rng.random())
            self.loop.call_at(self.loop.now + wait, partial(self._look, number))

    def _look(self, number: int) -> None:
        """What copies are there, and what each shows: only its cost, while all of them show the same history."""
        self._looking.discard(number)
        school = self.schools[number]
        if number not in self.reach.running or school.is_frozen:
            return
        size = self._size_of_lists() if self.reach.to_network(number) else 0
        for mirror in self._mirrors_of(number):
            note = self.schools[mirror].note
            size += UNCHANGED_BYTES if school.shown.get(mirror) == note else len(note) + ANSWER_HEAD_BYTES
            school.shown[mirror] = note
        self.figures.bill(number, Purpose.COPIES, size)
        self._look_later(number)

    # Sources -----------------------------------------------------------------------------------------------------

    def _log_for(self, school: School) -> History | None:
        return self.server.shows(school.number) if self.reach.to_network(school.number) else None

    def _copy_for(self, school: School, mirror: int) -> _Copy | None:
        other = self.schools[mirror]
        if not self.reach.between(school.number, mirror) or not other.is_complete:
            return None
        return _Copy(other, self.server.shows(mirror))

    def _mirrors_of(self, number: int) -> list[int]:
        if number not in self._mirrors:
            mirrors = min(self.plan.nodes, MIRRORS_A_NETWORK)
            others = self.rng.sample(range(mirrors), min(mirrors, MIRRORS_KEPT + 1))
            self._mirrors[number] = [other for other in others if other != number][:MIRRORS_KEPT]
        return [mirror for mirror in self._mirrors[number] if self.reach.between(number, mirror)]

    def _size_of(self, mirror: int) -> int:
        school = self.schools[mirror]
        return school.believed.size if school.believed is not None and school.is_complete else -1

    def _charge_polls(self, counts: NDArray[np.int64]) -> None:
        """Polls that brought nothing: the same checkpoint again, from the log or from a member."""
        self.figures.polls += counts
        polls = self.figures.received[Purpose.POLLS]
        for number in map(int, np.flatnonzero(counts)):
            if self.reach.to_network(number) or self._mirrors_of(number):
                polls[number] += counts[number] * UNCHANGED_BYTES
