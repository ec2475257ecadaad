"""Verbs that read before they write, each with a rival at the same moment, on both databases."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.sessions import end_session, end_sessions_of, open_session
from nic_node.accounts.tables import AccessToken, SignInSession
from nic_node.accounts.tokens import create_token, revoke_token, revoke_tokens_of
from nic_node.db.engine import Database
from nic_node.db.jobs import Job, enqueue
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.invite import revoke_invitation, use_invitation
from nic_node.network.log.acks import keep_ack
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import LogAck
from nic_node.network.tables import Invitation
from nic_node.publishing.roster import RosterEntry, keep_roster
from nic_node.publishing.tables import RosterRow
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import note_cycle, plan_cycle
from nic_node.school.discussion.tables import AttachedFile
from nic_node.school.discussion.write import attach_file, prune_files, read_attachment
from nic_node.school.projects.close import close_project
from nic_node.school.projects.read import steps_of
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import change_project, mark_step, open_project, replace_steps
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, staged
from tests.stores.racing import DONE, Verb, overlapping
from tests.unit.accounts.stage import ADA

ORPHAN = b"Bus times"
KEY = OperatorKey(bytes(range(32)))
STEPS = [{"who": "aide", "does": "Text each family"}, {"who": "leader", "does": "Read the replies"}]
CONFLICT, NOT_FOUND, UNTRUSTED = "Conflict", "NotFound", "Untrusted"


@dataclass
class Made:
    """What the verbs work on, and the verbs by name."""

    stage: Stage
    project: Project
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Each verb comes a second later than the one before."""
        return self.stage.clock.forward(seconds=1)

    # The school's projects

    def plan(self) -> Verb:
        values = {"question": "Do they answer?", "prediction": "Half", "starts_on": self.now.date()}
        return lambda session: plan_cycle(
            session, actor=ADA, project_id=1, values=values, now=self.now, today=self.now.date()
        )

    def note(self) -> Verb:
        values = {"did": "Texted."}
        return lambda session: note_cycle(
            session, actor=ADA, cycle_id=1, values=values, version=1, now=self.now, today=self.now.date()
        )

    def mark(self) -> Verb:
        day = self.now.date()
        return lambda session: mark_step(
            session, actor=ADA, step_id=self.ids["step"], done=True, today=day, now=self.now
        )

    def replace(self) -> Verb:
        version = self.project.version
        return lambda session: replace_steps(
            session, actor=ADA, project_id=1, steps=STEPS[1:], version=version, now=self.now
        )

    def change(self) -> Verb:
        values, version = {"title": "A text at nine"}, self.project.version
        return lambda session: change_project(
            session, actor=ADA, project_id=1, values=values, version=version, now=self.now, today=self.now.date()
        )

    def close(self) -> Verb:
        said = {"decision": "adopt", "aim_result": "reached", "worked": "It did.", "would_change": "", "watch_out": ""}
        ended = {"closed_on": self.now.date() + timedelta(days=44), "early_because": ""}
        return lambda session: close_project(
            session,
            actor=ADA,
            project_id=1,
            version=self.project.version,
            now=self.now,
            today=self.now.date(),
            **said,
            **ended,
        )

    # The network

    def use(self) -> Verb:
        return lambda session: use_invitation(session, self.stage.network.id, self.ids["invitation"], self.now)

    def take_back(self) -> Verb:
        return lambda session: revoke_invitation(
            session, network_id=self.stage.network.id, invitation_id=1, actor=ADA, now=self.now
        )

    def ack(self, erased_to: int) -> Verb:
        async def keep(session: AsyncSession) -> None:
            log = await log_of(session, self.stage.network.id)
            await keep_ack(session, log, entity="https://school-1.example", erased_to=erased_to)

        return keep

    def attach(self) -> Verb:
        named = {"kind": "project", "subject_id": 1, "name": "bus.txt", "content": ORPHAN}
        return lambda session: attach_file(session, actor=ADA, now=self.now, **named)

    def prune(self) -> Verb:
        return prune_files

    # People, names, jobs

    def end(self) -> Verb:
        return lambda session: end_session(session, actor=ADA, session_id=self.ids["session"], now=self.now)

    def end_all(self) -> Verb:
        return lambda session: end_sessions_of(session, 1, actor=ADA, now=self.now)

    def revoke(self) -> Verb:
        return lambda session: revoke_token(session, actor=ADA, token_id=self.ids["token"], now=self.now)

    def revoke_all(self) -> Verb:
        return lambda session: revoke_tokens_of(session, 1, actor=ADA, now=self.now)

    def names(self, *texts: str) -> Verb:
        entries, today = [RosterEntry(text) for text in texts], self.now.date()
        return lambda session: keep_roster(
            session, operator_key=KEY, actor=ADA, entries=entries, today=today, now=self.now
        )

    def ask(self) -> Verb:
        return lambda session: enqueue(session, kind="tests.job", key="one", run_at=self.now)


@pytest.fixture
async def made(database: Database, clock: TestClock, tmp_path: Path) -> Made:
    stage = await staged(database, clock, tmp_path)
    token = await stage.invite(uses=1)
    async with database.writing() as session:
        values = {"title": "Same-day text", "starts_on": clock().date()}
        project = await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())
        steps = await replace_steps(session, actor=ADA, project_id=1, steps=STEPS, version=project.version, now=clock())
        opened = await open_session(session, actor=ADA, user_agent="Firefox/140.0", now=clock())
        asked = {"name": "script", "scopes": ["plan.read"], "allowed": frozenset({"plan.read"}), "days": 1}
        made_token = await create_token(session, actor=ADA, now=clock(), **asked)
    ids = {"invitation": token, "step": steps[1].id, "session": opened.session_id, "token": made_token.id}
    run = Made(stage, project, ids)
    async with database.writing() as session:
        await run.plan()(session)
        log = await log_of(session, stage.network.id)
        log.size = log.signed_size = 9
        session.add(AttachedFile(sha256=hashlib.sha256(ORPHAN).hexdigest(), content=ORPHAN))
    return run


Kept = Callable[[AsyncSession], Awaitable[Any]]


def column(chosen: Any) -> Kept:
    async def read(session: AsyncSession) -> Any:
        return sorted(await session.scalars(select(chosen)), key=str)

    return read


def rows(table: Any, *where: Any) -> Kept:
    async def read(session: AsyncSession) -> Any:
        return await session.scalar(select(func.count()).select_from(table).where(*where))

    return read


async def steps_done(session: AsyncSession) -> Any:
    return [(step.does, step.done_on is not None) for step in await steps_of(session, 1)]


@dataclass(frozen=True)
class Race:
    """Verb and rival, how both end, and what is there afterwards."""

    name: str
    verb: Callable[[Made], Verb]
    rival: Callable[[Made], Verb]
    ends: tuple[str, str]
    kept: Kept
    value: Any


async def attached(session: AsyncSession) -> Any:
    """What stands under the attachment's name."""
    return (await read_attachment(session, 1))[1]


MARKED = [("Text each family", False), ("Read the replies", True)]
RACES: Sequence[Race] = [
    Race("use, use", Made.use, Made.use, (DONE, UNTRUSTED), column(Invitation.used), [1]),
    Race("use, take back", Made.use, Made.take_back, (DONE, DONE), column(Invitation.used), [1]),
    Race("take back, use", Made.take_back, Made.use, (DONE, UNTRUSTED), column(Invitation.used), [0]),
    Race("plan, plan", Made.plan, Made.plan, (DONE, DONE), column(Cycle.number), [1, 2, 3]),
    Race("close, plan", Made.close, Made.plan, (DONE, CONFLICT), column(Cycle.number), [1]),
    Race("note, note", Made.note, Made.note, (DONE, CONFLICT), column(Cycle.version), [2]),
    Race("mark, mark", Made.mark, Made.mark, (DONE, DONE), steps_done, MARKED),
    Race("mark, replace", Made.mark, Made.replace, (DONE, DONE), steps_done, MARKED[1:]),
    Race("replace, mark", Made.replace, Made.mark, (DONE, NOT_FOUND), steps_done, [("Read the replies", False)]),
    Race("replace, replace", Made.replace, Made.replace, (DONE, CONFLICT), rows(Cycle), 1),
    Race("change, replace", Made.change, Made.replace, (DONE, CONFLICT), column(Project.title), ["A text at nine"]),
    Race("replace, change", Made.replace, Made.change, (DONE, CONFLICT), column(Project.title), ["Same-day text"]),
    Race("mark, change", Made.mark, Made.change, (DONE, DONE), steps_done, MARKED),
    Race("change, mark", Made.change, Made.mark, (DONE, DONE), steps_done, MARKED),
    Race("ack, ack", lambda m: m.ack(4), lambda m: m.ack(2), (DONE, DONE), column(LogAck.erased_to), [4]),
    Race("late ack", lambda m: m.ack(2), lambda m: m.ack(4), (DONE, DONE), column(LogAck.erased_to), [4]),
    Race("end, end", Made.end, Made.end, (DONE, NOT_FOUND), rows(SignInSession), 0),
    Race("end, end all", Made.end, Made.end_all, (DONE, DONE), rows(SignInSession), 0),
    Race("end all, end", Made.end_all, Made.end, (DONE, NOT_FOUND), rows(SignInSession), 0),
    Race("revoke, revoke", Made.revoke, Made.revoke, (DONE, NOT_FOUND), rows(AccessToken), 1),
    Race("revoke all, revoke", Made.revoke_all, Made.revoke, (DONE, NOT_FOUND), rows(AccessToken), 1),
    Race(
        "names", lambda m: m.names("A B"), lambda m: m.names("C D", "E F"), (DONE, DONE), column(RosterRow.entries), [2]
    ),
    Race("attach, prune", Made.attach, Made.prune, (DONE, DONE), attached, ORPHAN),
    Race("prune, attach", Made.prune, Made.attach, (DONE, DONE), attached, ORPHAN),
    Race("ask, ask", Made.ask, Made.ask, (DONE, DONE), rows(Job, Job.kind == "tests.job"), 1),
]


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name.replace(", ", "-").replace(" ", "_"))
async def test_of_two_at_once_neither_spoils_the_other(made: Made, race: Race) -> None:
    database = made.stage.database
    assert await overlapping(database, race.verb(made), race.rival(made)) == race.ends
    async with database.reading() as session:
        assert await race.kept(session) == race.value
