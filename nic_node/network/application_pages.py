"""Applications with their checks side by side; each decision is one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor, actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve
from nic_node.network.directory import count_directory
from nic_node.network.forms import ApproveForm, SettleForm, TogetherForm, picks_of
from nic_node.network.members import approvals_by_member, member_of, waiting_members
from nic_node.network.overview import overview_of
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.size import size_of
from nic_node.network.tables import Member, Network
from nic_node.network.together import Outcome, approve_together, take_back_approval
from nic_node.network.vet import ask_host, reopen_check, settle_check, vettings_of
from nic_node.network.vetting import CHECK_LABELS, CHECK_MEANINGS, SETTLED_BY_PERSON, Vetting
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPROVED

SHOWN_AT_ONCE = 3
"""Columns that stand beside each other; more schools wait on the next page."""
MOST_VETTED = 200
SENDING_ROUTE = "network.applications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One school that waits.

    Attributes:
        is_mine: whether whoever looks has approved it already.
    """

    member: Member
    vetting: Vetting
    approvals: int
    is_mine: bool
    days: int

    @property
    def settleable(self) -> list[str]:
        """Checks that wait for a person to look into them."""
        return [check.name for check in self.vetting.checks if check.state != "ok" and check.name in SETTLED_BY_PERSON]

    @property
    def is_ready(self) -> bool:
        return self.vetting.passes and not self.is_mine


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an act that this page answers at once has to say.

    Attributes:
        code: (member id, a code that was just given), shown once.
        outcomes: what became of each school that was approved together.
    """

    code: tuple[int, str] | None = None
    problem: str = ""
    outcomes: Sequence[Outcome] = ()


async def show_applications(request: web.Request) -> web.Response:
    return await _page(request, Said())


async def _page(request: web.Request, said: Said, *, status: int = 200) -> web.Response:
    moment, start = now(request), _start(request)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        waiting = await waiting_members(session, network.id, limit=MOST_VETTED)
        columns = await _columns(session, network, waiting, actor_of(request), moment)
        overview = await overview_of(session, network, moment)
        size = await size_of(session, network)
        has_directory = await count_directory(session, network.id) > 0
    beyond = start + SHOWN_AT_ONCE
    values: dict[str, Any] = {
        "columns": columns[start:beyond],
        "waiting": overview.waiting,
        "ready": [column for column in columns if column.is_ready],
        "labels": CHECK_LABELS,
        "meanings": CHECK_MEANINGS,
        "overview": overview,
        "size": size,
        "has_directory": has_directory,
        "start": start,
        "next_start": beyond if len(columns) > beyond else None,
        "said": said,
        **coordinator_shell(request, network, SENDING_ROUTE),
    }
    return await render(request, "network/applications.html", values, status=status)


def _start(request: web.Request) -> int:
    text = request.query.get("start", "0")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


async def _columns(
    session: AsyncSession, network: Network, members: Sequence[Member], actor: Actor, moment: datetime
) -> list[Column]:
    vettings = await vettings_of(session, network, members)
    approvals = await approvals_by_member(session, [member.id for member in members])
    return [
        Column(
            member=member,
            vetting=vettings[member.id],
            approvals=len(approvals[member.id]),
            is_mine=any(approval.person_id == actor.person_id for approval in approvals[member.id]),
            days=(moment - member.applied_at).days,
        )
        for member in members
    ]


async def take_together(request: web.Request) -> web.Response:
    """Approve all that were shown with every check green; the answer says what became of each."""
    form = await read_form(request, TogetherForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    outcomes = await approve_together(
        local_node(request),
        network_id=network.id,
        picks=picks_of(form.data["ready"]),
        actor=actor_of(request),
        now=now(request),
    )
    wake_worker(request)
    return await _page(request, Said(outcomes=outcomes))


async def take_approval(request: web.Request) -> web.Response:
    form = await read_form(request, ApproveForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            member = await approve(
                session,
                local_node(request),
                network_id=network.id,
                member_id=_member_id(request),
                actor=actor_of(request),
                version=form.data["version"],
                note=form.data["note"],
                now=now(request),
            )
    except Conflict as error:
        return await _page(request, Said(problem=error.sentence), status=409)
    except Untrusted as error:
        return await _page(request, Said(problem=error.detail), status=409)
    wake_worker(request)
    is_member = member.state == APPROVED
    said = (
        N_("The school is a member now.") if is_member else N_("Your approval counts; another coordinator's is needed.")
    )
    return flash.say(see_other(request, SENDING_ROUTE, id=network.id), said)


async def take_code_wish(request: web.Request) -> web.Response:
    """The answer shows the code, once."""
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    member_id = _member_id(request)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        code = await give_code(
            session,
            node=local_node(request),
            network_id=network.id,
            member_id=member_id,
            actor=actor_of(request),
            now=now(request),
        )
    return await _page(request, Said(code=(member_id, code)))


async def take_settlement(request: web.Request) -> web.Response:
    form = await read_form(request, SettleForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await settle_check(
            session,
            network_id=network.id,
            member_id=_member_id(request),
            check=form.data["check"],
            note=form.data["note"],
            actor=actor_of(request),
            now=now(request),
        )
    response = see_other(request, SENDING_ROUTE, id=network.id)
    return flash.say(response, N_("Settled. Your name and your note stand with it."))


async def take_reopening(request: web.Request) -> web.Response:
    """Undo a settlement."""
    form = await read_form(request, SettleForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await reopen_check(
            session,
            network_id=network.id,
            member_id=_member_id(request),
            check=form.data["check"],
            actor=actor_of(request),
            now=now(request),
        )
    return flash.say(see_other(request, SENDING_ROUTE, id=network.id), N_("The check is open again."))


async def take_approval_back(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await take_back_approval(
            session, network_id=network.id, member_id=_member_id(request), actor=actor_of(request), now=now(request)
        )
    return flash.say(see_other(request, SENDING_ROUTE, id=network.id), N_("Your approval is taken back."))


async def take_recheck(request: web.Request) -> web.Response:
    """Ask the applicant's host once more."""
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        member = await member_of(session, network.id, _member_id(request))
    await ask_host(local_node(request), member.id)
    return see_other(request, SENDING_ROUTE, id=network.id)


def _member_id(request: web.Request) -> int:
    return int(request.match_info["member_id"])
