"""What members tell: two notes that this network's own key signed, of two histories. Checked here, before it is kept.

Every coordinator is written to. What happens then is theirs: to find out which server, backup or key it was, and to
go on with the next generation of the log (`network.recover`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from marshmallow import fields
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted, untrusted_document
from federation.tlog.checkpoint import MIN_WITNESSES
from federation.tlog.fork import read_fork, verify_fork
from federation.tlog.note import VerifierKey, parse_vkey
from nic_node.accounts.actor import Actor, actor_of, peer_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.people import person_names
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.mirror.forks.api import SignedNoteSchema
from nic_node.mirror.forks.read import NoteView, view_note
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.letters import tell_of_fork
from nic_node.network.log.cosigners import asked_witnesses
from nic_node.network.log.tables import Log, ToldFork
from nic_node.network.requests import READERS, MemberRequest, member_request
from nic_node.network.tables import Member
from nic_node.web import flash
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, page, peer
from nic_node.web.templating import see_other
from nic_node.web.visitor import PEER
from schemas.canonical import sha256_hex
from schemas.code import Code
from schemas.document import InvalidDocument, load_document
from schemas.leaf import quorum_of
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import FORK

COORDINATE: Final = "network.coordinate"
MOST_A_MEMBER: Final = 20
"""Who has a key that signs two histories can make as many pairs as it likes; each tells the same."""
LISTED: Final = 50
NO_FORK: Final = N_("No member told of such a fork.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert as coordinators see it; both notes were verified with the log's own key when it came.

    Attributes:
        first: of the history that the school follows; second: the other one.
        witnesses: how many the newest term names. seen_by: who looks after it, "" for nobody yet.
    """

    id: int
    member_id: int
    school: str
    origin: str
    first: NoteView
    second: NoteView
    witnesses: int
    told_at: datetime
    seen_by: str
    seen_at: datetime | None


async def take_fork(request: web.Request) -> web.Response:
    """202, once or again; who is suspended may tell too."""
    sent = await member_request(request, slug=request.match_info["slug"], max_bytes=REQUEST_MAX_BYTES, states=READERS)
    try:
        document = load_document(FORK, sent.body)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    node = local_node(request)
    told_at = node.clock()
    async with node.database.reading() as session:
        log = await session.scalar(
            select(Log).where(Log.network_id == sent.network.id, Log.origin == document["origin"])
        )
    if log is None:
        raise Untrusted(Code.LOG_UNKNOWN, "This network never had such a log.")
    fork = read_fork(document)
    verify_fork(fork, parse_vkey(log.log_key))
    pair = sha256_hex(b"".join(sorted((fork.first, fork.second))))
    async with node.database.writing() as session:
        is_first = not await count_unseen(session, sent.network.id)
        if await _keep(session, sent, document, pair, told_at):
            if is_first:  # of many members that tell the same, one letter is enough
                await tell_of_fork(session, node, sent.network, sent.member, now=told_at)
            after = {"origin": log.origin, "pair_sha256": pair}
            await _audit(session, peer_actor(sent.member.entity), "fork.told", after, told_at)
    node.wake()
    return web.Response(status=202)


async def _keep(
    session: AsyncSession, sent: MemberRequest, document: dict[str, Any], pair: str, told_at: datetime
) -> bool:
    """Whether it is news: a member tells the same once."""
    await session.get_one(Member, sent.member.id, with_for_update=True)
    of_member = select(ToldFork.pair_sha256).where(ToldFork.member_id == sent.member.id)
    known = set(await session.scalars(of_member))
    if pair in known or len(known) >= MOST_A_MEMBER:
        return False
    values: dict[str, Any] = {"document": document, "pair_sha256": pair, "told_at": told_at}
    session.add(ToldFork(network_id=sent.network.id, member_id=sent.member.id, **values))
    await session.flush()
    return True


async def told_forks(session: AsyncSession, network_id: int, *, limit: int, after: int | None = None) -> list[Told]:
    """The newest first, from the one before `after` (an id) on."""
    chosen = _of_network(network_id).order_by(ToldFork.id.desc())
    return await _read(session, network_id, chosen if after is None else chosen.where(ToldFork.id < after), limit)


async def forks_to_see(session: AsyncSession, network_id: int, *, limit: int) -> list[Told]:
    """Those that nobody looks after first, then the newest first. Of thousands that tell the same, a few are enough."""
    nobody = ToldFork.seen_at.is_(None)
    return await _read(session, network_id, _of_network(network_id).order_by(nobody.desc(), ToldFork.id.desc()), limit)


def _of_network(network_id: int) -> Select[ToldFork, Member]:
    chosen = select(ToldFork, Member).join(Member, Member.id == ToldFork.member_id)
    return chosen.where(ToldFork.network_id == network_id)


async def _read(session: AsyncSession, network_id: int, chosen: Select[ToldFork, Member], limit: int) -> list[Told]:
    rows = (await session.execute(chosen.limit(limit))).all()
    if not rows:
        return []
    names = await person_names(session, {row.seen_by for row, _ in rows if row.seen_by})
    logs = (await session.scalars(select(Log).where(Log.network_id == network_id))).all()
    witnesses = {log.origin: await _witnesses(session, log) for log in logs}
    return [_told(row, member, names, witnesses[row.document["origin"]]) for row, member in rows]


async def _witnesses(session: AsyncSession, log: Log) -> list[VerifierKey]:
    """Those that the newest term names."""
    asked = await asked_witnesses(session, log.id)
    newest = max((row.epoch for row in asked), default=0)
    return [parse_vkey(row.vkey) for row in asked if row.epoch == newest]


def _told(row: ToldFork, member: Member, names: dict[int, str], witnesses: list[VerifierKey]) -> Told:
    fork, quorum = read_fork(row.document), quorum_of(len(witnesses)) if len(witnesses) >= MIN_WITNESSES else 0
    return Told(
        id=row.id,
        member_id=member.id,
        school=member.name,
        origin=row.document["origin"],
        first=view_note(fork.first, witnesses, quorum),
        second=view_note(fork.second, witnesses, quorum),
        witnesses=len(witnesses),
        told_at=row.told_at,
        seen_by=names.get(row.seen_by or 0, ""),
        seen_at=row.seen_at,
    )


async def count_unseen(session: AsyncSession, network_id: int) -> int:
    """Members that told of a fork which nobody has looked after."""
    members = select(func.count(ToldFork.member_id.distinct()))
    return await session.scalar(members.where(ToldFork.network_id == network_id, ToldFork.seen_at.is_(None))) or 0


async def count_told(session: AsyncSession, network_id: int) -> tuple[int, int]:
    """How many alerts there are, and of how many members."""
    counted = select(func.count(), func.count(ToldFork.member_id.distinct())).where(ToldFork.network_id == network_id)
    alerts, members = (await session.execute(counted)).one()
    return alerts, members


async def see_fork(session: AsyncSession, *, actor: Actor, network_id: int, fork_id: int, now: datetime) -> None:
    """Note that a coordinator looks after it, and after all that was told of the same log so far; the first one stays.

    Raises:
        NotFound; NotAllowed: somebody else's network.
    """
    await verify_coordinator(session, network_id, actor)
    row = await session.get(ToldFork, fork_id, with_for_update=True)
    if row is None or row.network_id != network_id:
        raise NotFound(NO_FORK)
    if row.seen_at is None:
        of_log = ToldFork.document["origin"].as_string() == row.document["origin"]
        told = update(ToldFork).where(ToldFork.network_id == network_id, ToldFork.seen_at.is_(None), of_log)
        await session.execute(told.values(seen_by=actor.person_id, seen_at=now))
        await _audit(session, actor, "fork.seen", {"pair_sha256": row.pair_sha256}, now)


async def _audit(session: AsyncSession, actor: Actor, action: str, after: dict[str, Any], moment: datetime) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="fork", subject_id=None, before=None, after=after, now=moment
    )


# Doors ----------------------------------------------------------------------------------------------------------------


class ToldForkSchema(ApiSchema):
    id = fields.Integer()
    member_id = fields.Integer()
    school = fields.String()
    origin = fields.String()
    first = fields.Nested(SignedNoteSchema, metadata={"description": "Of the history that the school follows."})
    second = fields.Nested(SignedNoteSchema)
    witnesses = fields.Integer()
    told_at = fields.AwareDateTime()
    seen_by = fields.String()
    seen_at = fields.AwareDateTime(allow_none=True)


class ToldForkListSchema(ApiSchema):
    items = fields.List(fields.Nested(ToldForkSchema))
    next = fields.Integer(allow_none=True)


def fork_peer_routes() -> list[Route]:
    return [peer("POST", "/net/{slug}/v1/forks", "network.forks", take_fork, PEER, REQUEST_MAX_BYTES)]


def fork_page_routes() -> list[Route]:
    return [page("POST", "/network/{id}/forks/{fork_id}/seen", "network.see_fork", take_seen, COORDINATE)]


def fork_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/forks",
            name="network.api_forks",
            handler=list_told,
            permit=COORDINATE,
            tag="network",
            summary="What members told of two histories of this network's log, verified; the newest first.",
            query=PageQuery(),
            answer=ToldForkListSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/forks/{fork_id}/seen",
            name="network.api_see_fork",
            handler=note_seen,
            permit=COORDINATE,
            tag="network",
            summary="Note that a coordinator looks after a fork, and all that was told of the same log so far.",
            answer=ToldForkListSchema(),
        ),
    ]


async def take_seen(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    network_id, fork_id = int(request.match_info["id"]), int(request.match_info["fork_id"])
    async with database(request).writing() as session:
        await see_fork(session, actor=actor_of(request), network_id=network_id, fork_id=fork_id, now=now(request))
    return flash.say(see_other(request, "network.log", id=network_id, anchor="forks"), N_("You look after it."))


async def list_told(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        return await _page(session, call.path_id(), **call.query)


async def _page(session: AsyncSession, network_id: int, *, after: int | None = None, limit: int) -> dict[str, Any]:
    found = await told_forks(session, network_id, after=after, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


async def note_seen(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        given: dict[str, Any] = {"network_id": call.path_id(), "now": now(call.request)}
        await see_fork(session, actor=actor_of(call.request), fork_id=call.path_id("fork_id"), **given)
        return await _page(session, call.path_id(), limit=LISTED)
