"""The days of a simulated federation: members decide to publish, slots end, the network sequences, terms follow."""

from collections.abc import Sequence
from functools import partial

from federation.judge import RecordRow
from nic_node.simulate.history import History
from nic_node.simulate.plan import DAY, HOUR, Plan
from nic_node.simulate.reading import Line
from nic_node.simulate.world import World
from schemas.ids import build_record_id

SEQUENCING = 1.0
"""Seconds after a slot's end until what came in it is published."""


class Course:
    def __init__(self, world: World, plan: Plan) -> None:
        self.world = world
        self.plan = plan
        self.fork_to: set[int] = set()
        """To whom the leaves of the next slot with two or more are shown in another order."""

    # Founding ----------------------------------------------------------------------------------------------------

    def found(self, lines: list[Line]) -> None:
        """Members, their first term, their pseudonyms; then every node begins to read."""
        founding, server = self.world.founding, self.world.server
        server.append([founding.genesis(), *(founding.admit(number) for number in range(self.plan.nodes))])
        server.append([founding.announce(1)])
        made = [founding.issue(1, author) for author in range(self.plan.authors)]
        server.append([issued for issued, _ in made])
        server.append([registered for _, registered in made])
        server.open_term(1)
        for line in lines:
            self.world.add_school(line)
        self.world.publish()

    # Days --------------------------------------------------------------------------------------------------------

    def schedule(self, days: int, publishing_days: list[int]) -> None:
        """Slots are days; on these days members decide to publish."""
        for day in range(days):
            self.world.loop.call_at(self.plan.at(day), partial(self._begin_day, day, is_open=day in publishing_days))
            self.world.loop.call_at(self.plan.at(day + 1) + SEQUENCING, self.sequence)

    def _begin_day(self, day: int, *, is_open: bool) -> None:
        world = self.world
        world.publishing.begin_slot(int(world.loop.now) // world.server.slot_seconds)
        if not is_open:
            return
        authors = self._authors()
        for author in sorted(world.rng.sample(authors, min(self.plan.records_a_day, len(authors)))):
            moment = self.plan.at(day) + DAY * world.rng.random()
            world.loop.call_at(moment, partial(self._release, author))

    def _release(self, author: int) -> None:
        if author in self.world.reach.running & self.world.members:
            self.world.publishing.release(author)

    def _authors(self) -> list[int]:
        """Members with a pseudonym in the newest term that has opened."""
        opened = [term for term in self.world.founding.terms.values() if self._is_open(term.epoch.number)]
        if not opened:
            return []
        return [author for author in opened[-1].pseudonyms if author in self.world.reach.running & self.world.members]

    def _is_open(self, number: int) -> bool:
        return self.world.server.shown.state.epochs[number].open_index is not None

    def sequence(self) -> None:
        """What came in slots that have ended is written and published together, once the network's server is there."""
        world = self.world
        if not world.reach.is_network_up:
            return
        before = world.server.shown.branch() if self.fork_to else None
        judged = world.server.sequence_due(world.loop.now)
        if judged.leaves:
            world.publish()
        # One leaf has one order.
        if before is not None and len(judged.leaves) > 1:
            self._fork(before, judged.leaves)
        for row in judged.rows:
            if isinstance(row, RecordRow):
                world.figures.sequenced(row.blob_sha256, build_record_id(row.origin, row.index), world.loop.now)

    def _fork(self, before: History, leaves: Sequence[bytes]) -> None:
        """In the same moment in which the leaves are shown, so that nobody has read in between; it lasts a slot."""
        world = self.world
        world.change(partial(world.server.fork, before, leaves, world.loop.now, set(self.fork_to)))
        self.fork_to.clear()
        world.loop.call_at(world.loop.now + DAY - SEQUENCING / 2, partial(world.change, world.server.end_fork))

    # A second term -----------------------------------------------------------------------------------------------

    def schedule_second_term(self) -> None:
        """Announced, issued and registered while the first one runs, open as it ends."""
        windows = self.world.founding.windows_of(2)
        loop = self.world.loop
        loop.call_at(windows.issue_from.timestamp(), self._announce)
        loop.call_at(windows.issue_to.timestamp() - HOUR, self._issue)
        loop.call_at(windows.active_from.timestamp() + 2 * SEQUENCING, self._open)

    def _announce(self) -> None:
        self.world.server.append([self.world.founding.announce(2)])
        self.world.publish()

    def _issue(self) -> None:
        for author in self._authors():
            issued, registered = self.world.founding.issue(2, author)
            self.world.server.append([issued])
            self.world.publishing.register(author, 2, registered)
        self.world.publish()

    def _open(self) -> None:
        self.world.server.open_term(2)
        self.world.publish()
