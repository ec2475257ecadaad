"""Applications with their checks side by side; each decision is one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve
from nic_node.network.directory import count_directory
from nic_node.network.forms import ApproveForm, SettleForm
from nic_node.network.members import approvals_of, member_of, waiting_members
from nic_node.network.overview import overview_of
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.tables import Member, Network
from nic_node.network.vet import ask_host, settle_check, vettings_of
from nic_node.network.vetting import CHECK_LABELS, SETTLED_BY_PERSON, Vetting
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPROVED

SHOWN_AT_ONCE = 3
"""Columns that stand beside each other; more schools wait on the next page."""
SENDING_ROUTE = "network.applications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One school that waits."""

    member: Member
    vetting: Vetting
    approvals: int
    days: int

    @property
    def settleable(self) -> list[str]:
        """Checks that wait for a person to look into them."""
        return [check.name for check in self.vetting.checks if check.state != "ok" and check.name in SETTLED_BY_PERSON]


async def show_applications(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request, *, code: tuple[int, str] | None = None, problem: str = "", status: int = 200
) -> web.Response:
    """`code` is a code that was just given: (member id, code), shown once."""
    moment = now(request)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        waiting = await waiting_members(session, network.id)
        shown = _shown(request, waiting)
        columns = await _columns(session, network, shown, moment)
        overview = await overview_of(session, network, moment)
        has_directory = await count_directory(session, network.id) > 0
    values: dict[str, Any] = {
        "columns": columns,
        "waiting": overview.waiting,
        "ready": sum(column.vetting.passes for column in columns),
        "labels": CHECK_LABELS,
        "overview": overview,
        "has_directory": has_directory,
        "next_start": _start(request) + SHOWN_AT_ONCE if len(waiting) > _start(request) + SHOWN_AT_ONCE else None,
        "start": _start(request),
        "code": code,
        "problem": problem,
        **coordinator_shell(request, network, "network.applications"),
    }
    return await render(request, "network/applications.html", values, status=status)


def _start(request: web.Request) -> int:
    text = request.query.get("start", "0")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _shown(request: web.Request, waiting: Sequence[Member]) -> Sequence[Member]:
    return waiting[_start(request) : _start(request) + SHOWN_AT_ONCE]


async def _columns(
    session: AsyncSession, network: Network, members: Sequence[Member], moment: datetime
) -> list[Column]:
    vettings = await vettings_of(session, network, members)
    return [
        Column(
            member=member,
            vetting=vettings[member.id],
            approvals=len(await approvals_of(session, member.id)),
            days=(moment - member.applied_at).days,
        )
        for member in members
    ]


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
        return await _page(request, problem=error.sentence, status=409)
    except Untrusted as error:
        return await _page(request, problem=error.detail, status=409)
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
    return await _page(request, code=(member_id, code))


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
            actor=actor_of(request),
            now=now(request),
        )
    return see_other(request, SENDING_ROUTE, id=network.id)


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
