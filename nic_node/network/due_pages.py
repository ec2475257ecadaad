"""What waits for coordinators beside applications: members who ask for another term, schools that appeal."""

from datetime import datetime
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.appeal import GRANTED, OPEN, AppealView, open_appeals, voice_appeal
from nic_node.network.forms import AppealForm, DeclineForm, RenewForm
from nic_node.network.members import moves_of
from nic_node.network.renew import decline_renewal, ending_soon, renew, waiting_renewals
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.tables import Transition
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import REVOKED
from schemas.vocab import MEMBERSHIP_REASONS

DUE = "network.due"
CHOOSE = N_("Tick the schools whose membership goes on.")


async def show_due(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request, *, form: Form | None = None, appealing: int | None = None, status: int = 200
) -> web.Response:
    """`form` is one that was refused: of the appeal of member `appealing`, else of the renewals."""
    moment, person_id = now(request), actor_of(request).person_id
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        asking = await waiting_renewals(session, network.id)
        ending = await ending_soon(session, network.id, moment)
        appeals = await open_appeals(session, network.id)
        revoked = {view.member.id: _revocation(await moves_of(session, view.member.id)) for view in appeals}
    values: dict[str, Any] = {
        "asking": asking,
        "ending": ending,
        "appeals": appeals,
        "revoked": revoked,
        "may": {view.member.id: _may(view, person_id, moment) for view in appeals},
        "person_id": person_id,
        "reason_entries": MEMBERSHIP_REASONS,
        "form": form if form is not None and appealing is None else blank_form(),
        "refused": {appealing: form} if form is not None and appealing is not None else {},
        "blank": blank_form(),
        "now": moment,
        **coordinator_shell(request, network, DUE),
    }
    return await render(request, "network/due.html", values, status=status)


def _revocation(moves: list[Transition]) -> Transition | None:
    return next((move for move in reversed(moves) if move.to_state == REVOKED and move.from_state != REVOKED), None)


def _may(view: AppealView, person_id: int | None, moment: datetime) -> dict[str, bool]:
    said = person_id in view.said
    return {"decline": not said, "grant": not said and (view.earliest is None or moment >= view.earliest)}


async def take_renewals(request: web.Request) -> web.Response:
    """All that are ticked, in one act."""
    form = await read_form(request, RenewForm(), max_bytes=FORM_BYTES)
    if form.ok and not form.data["members"]:
        form.errors["members"] = [CHOOSE]
    if not form.ok:
        return await _page(request, form=form, status=422)
    versions = dict(form.data["members"])
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await renew(
                session,
                local_node(request),
                network_id=network.id,
                versions=versions,
                actor=actor_of(request),
                now=now(request),
            )
    except Conflict as error:
        form.errors["members"] = [error.sentence]
        return await _page(request, form=form, status=409)
    return flash.say(see_other(request, DUE, id=network.id), N_("Renewed. The new term starts where the old one ends."))


async def take_decline(request: web.Request) -> web.Response:
    form = await read_form(request, DeclineForm(), max_bytes=FORM_BYTES)
    response = see_other(request, DUE, id=int(request.match_info["id"]))
    if not form.ok:
        raise InvalidInput(form.errors)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            await decline_renewal(
                session,
                local_node(request),
                network_id=network.id,
                member_id=int(request.match_info["member_id"]),
                version=form.data["version"],
                note=form.data["note"],
                actor=actor_of(request),
                now=now(request),
            )
    except Conflict as error:
        return flash.say(response, error.sentence, kind="error")
    return flash.say(response, N_("Not renewed. It ends with its term; the school reads that now."))


async def take_voice(request: web.Request) -> web.Response:
    """One coordinator's word about an appeal."""
    form = await read_form(request, AppealForm(), max_bytes=FORM_BYTES)
    member_id = int(request.match_info["member_id"])
    if not form.ok:
        return await _page(request, form=form, appealing=member_id, status=422)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            view = await voice_appeal(
                session,
                local_node(request),
                network_id=network.id,
                member_id=member_id,
                grants=form.data["say"] == "grant",
                note=form.data["note"],
                version=form.data["version"],
                actor=actor_of(request),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form=form, appealing=member_id, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _page(request, form=form, appealing=member_id, status=409)
    wake_worker(request)
    return flash.say(see_other(request, DUE, id=network.id), _said(view))


def _said(view: AppealView) -> str:
    if view.appeal.state == OPEN:
        return N_("Kept. Another coordinator has to say yes or no, too.")
    if view.appeal.state == GRANTED:
        return N_("Granted. The school is an applicant again; its checks start anew.")
    return N_("Declined. The school reads your note.")
