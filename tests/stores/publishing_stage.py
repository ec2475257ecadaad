"""A school with a closed project, two people and a network that really issues, takes and logs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from secrets import token_bytes

from federation.keys import thumbprint
from nic_node.accounts.actor import Actor
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.keys import federation_private, make_missing_keys
from nic_node.membership.local import LocalNode
from nic_node.mirror.pull import pull
from nic_node.peerhttp.nonces import NonceStore
from nic_node.publishing.decide import approve, decide
from nic_node.publishing.drafts import draft_of, send_to_review, start_draft
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.preview import Preview, preview
from nic_node.publishing.relays.tables import RelayDraw
from nic_node.publishing.roster import RosterEntry, keep_roster
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.tables import Release
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.write import add_measure
from nic_node.school.profile.describe import describe_school
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.close import close_project
from nic_node.school.projects.read import project_of
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project, replace_steps
from tests.conftest import TestClock
from tests.fakes.issuing_network import IssuingNetwork
from tests.fakes.member_mirrors import MemberMirrors
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import MEMBERS, START, NetworkLog, shared_key
from tests.unit.accounts.stage import first_person, join

ADA = Actor(person_id=1, name="Ada Field", kind="person")
BEN = Actor(person_id=2, name="Ben Stone", kind="person")
STARTS_ON = date(2025, 10, 6)
SCHOOL = "Rivermouth School"
PROJECT = {
    "title": "Advisory homework start",
    "starts_on": STARTS_ON,
    "problem_category": "course-failure",
    "problem_statement": "Many students in grade 7 fail a course.",
    "grade_bands": ["6-8"],
    "subject": "math",
    "aim_measure": "course-failure",
    "aim_better": "down",
    "idea_category": "advisory",
    "idea_summary": "The first ten minutes of advisory go to starting homework.",
    "dose": {"weeks": 6, "sessions_a_week": 5, "minutes": 10},
}
STEPS = [{"who": "teacher", "does": "writes the three assignments on the board", "how_often": "daily", "core": True}]
COUNTS = {-14: (23, 61), -7: (24, 61), 14: (19, 61), 21: (18, 61), 35: (14, 61), 42: (13, 61)}


class World:
    """`node` is a member of `network`; Ada (1) writes, Ben (2) reviews."""

    def __init__(self, node: LocalNode, network: IssuingNetwork, clock: TestClock) -> None:
        self.node = node
        self.network = network
        self.clock = clock
        self.membership_id = 0

    @property
    def database(self) -> Database:
        return self.node.database

    @property
    def name(self) -> str:
        return self.network.network

    async def join(self) -> None:
        async with self.database.writing() as session:
            row = membership_row(self.network.log, self.network.log_url, self.clock)
            session.add(row)
            await session.flush()
            self.membership_id = row.id
            key = await federation_private(self.node, session)
            relays = self.network.relays
            session.add(RelayDraw(network=self.name, epoch=1, relays=relays, direct=False, drawn_at=self.clock()))
        self.network.admit(self.node.entity_id, thumbprint(key))
        for relay in relays:
            self.network.admit(relay, thumbprint(shared_key("ES256", relay[-7:])))

    async def pull(self) -> None:
        report = await pull(self.node, self.membership_id)
        assert report.trouble is None

    async def follow(self) -> None:
        await self.pull()
        await follow_networks(self.node)

    async def slot(self) -> None:
        """The next slot: one envelope, sequenced and mirrored."""
        self.clock.forward(seconds=61)
        await send_in_slot(self.node, self.name)
        self.network.sequence()
        await self.follow()

    async def open_epoch(self) -> None:
        """Issue, register, open: afterwards this school can publish."""
        await self.learn_of_opening()
        await self.follow()

    async def learn_of_opening(self) -> None:
        """As far as the `open` leaf in the mirror; its lattice is not here yet."""
        self.clock.now = START + timedelta(days=1)
        await self.join()
        log = self.network.log
        log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
        await self.follow()
        self.clock.now = START + timedelta(days=15)
        await self.slot()
        log.append(log.open(issued=4, registered=4))
        self.clock.now = START + timedelta(days=22)
        await self.pull()

    async def closed_project(self, **changes: object) -> int:
        now = self.clock()
        values = PROJECT | {
            name: value for name, value in changes.items() if name not in {"origin_record", "lessons", "n"}
        }
        async with self.database.writing() as session:
            project = await open_project(session, actor=ADA, values=values, now=now, today=now.date())
            await replace_steps(
                session, actor=ADA, project_id=project.id, steps=STEPS, version=project.version, now=now
            )
            measure = await add_measure(session, actor=ADA, values=measure_values(project), now=now)
            for day, (x, n) in COUNTS.items():
                period = STARTS_ON + timedelta(days=day)
                counted = {"x": x, "n": changes.get("n", n)}
                await add_observation(
                    session, actor=ADA, measure_id=measure.id, period=period, given=counted, now=now, today=now.date()
                )
            project = await project_of(session, project.id)
            project.origin_record = changes.get("origin_record")
            await session.flush()
            await close(session, project, self.clock, **changes.get("lessons", {}))
            return project.id

    async def fill_roster(self, *names: str) -> None:
        entries = [RosterEntry(name) for name in names or ("Castellanos, Lucia", "Ngo, Tran Minh")]
        async with self.database.writing() as session:
            await keep_roster(
                session,
                operator_key=self.node.operator_key,
                actor=ADA,
                entries=entries,
                today=self.clock().date(),
                now=self.clock(),
            )

    async def drafted(self, project_id: int, *, actor: Actor = ADA) -> int:
        """In review."""
        async with self.database.writing() as session:
            row = await start_draft(session, self.node, actor=actor, project_id=project_id, now=self.clock())
            await send_to_review(
                session, self.node, actor=actor, draft_id=row.id, version=row.version, now=self.clock()
            )
            return row.id

    async def preview(self, draft_id: int) -> Preview:
        async with self.database.reading() as session:
            return await preview(session, self.node, await draft_of(session, draft_id), self.clock())

    async def decide_all(self, draft_id: int, *, actor: Actor = BEN) -> None:
        items = (await self.preview(draft_id)).items
        decisions = {item.key: item.choices[0][0] for item in items if item.open}
        async with self.database.writing() as session:
            await decide(session, self.node, actor=actor, draft_id=draft_id, decisions=decisions, now=self.clock())

    async def approve(self, draft_id: int, *, actor: Actor = BEN, **changes: object) -> Release:
        given = {"sha256": (await self.preview(draft_id)).sha256, "names_anyone": False}
        given |= {"confirmation": "nobody can be named"} | changes
        async with self.database.writing() as session:
            return await approve(session, self.node, actor=actor, draft_id=draft_id, now=self.clock(), **given)

    async def approved(self, **changes: object) -> int:
        """A project on its way out: its draft's id."""
        draft_id = await self.drafted(await self.closed_project(**changes))
        await self.decide_all(draft_id)
        await self.approve(draft_id)
        return draft_id


def measure_values(project: Project) -> dict:
    return {
        "project_id": project.id,
        "name": "Failing a course",
        "vocabulary": "course-failure",
        "cadence": "week",
        "group_name": "grade 7",
    }


async def close(session, project: Project, clock: TestClock, **lessons: str) -> None:
    await close_project(
        session,
        actor=ADA,
        project_id=project.id,
        decision="adopt",
        aim_result="partly",
        worked=lessons.get("worked", "Students started at once."),
        would_change=lessons.get("would_change", ""),
        watch_out=lessons.get("watch_out", ""),
        closed_on=STARTS_ON + timedelta(days=44),
        early_because="",
        version=project.version,
        now=clock(),
        today=clock().date(),
    )


@asynccontextmanager
async def publishing_world(database: Database, folder: Path, clock: TestClock) -> AsyncIterator[World]:
    """Epoch 1 announced, nobody asked yet; the school is set up, its roster filled."""
    clock.now = START + timedelta(days=1)
    network = IssuingNetwork()
    client = MemberMirrors(network, clock=clock, allow_insecure_loopback=True)
    async with network.running(), client:
        network.log = log = NetworkLog(network=network.network)
        log.append(log.genesis(), *(log.member(name) for name in MEMBERS), log.epoch())
        node = LocalNode(
            config=read_config(folder, {"NIC_POLL_SECONDS": "60"}),
            database=database,
            operator_key=OperatorKey(b"k" * 32),
            client=client,
            nonces=NonceStore(database),
            clock=clock,
            random_bytes=token_bytes,
            wake=lambda: None,
        )
        await make_missing_keys(node)
        world = World(node, network, clock)
        await first_person(database, clock)
        await join(database, clock, "ben@school.example", "reviewer", name="Ben Stone")
        async with database.writing() as session:
            await set_school_name(session, actor=ADA, school_name=SCHOOL, now=clock())
            profile = {"level": "middle", "enrolment": 420, "lunch_percent": 55.0}
            await describe_school(session, actor=ADA, values=profile, version=1, today=clock().date(), now=clock())
        await world.fill_roster()
        yield world
