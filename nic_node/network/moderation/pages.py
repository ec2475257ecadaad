"""Moderation: what members flagged with the record beside it, what is proposed, what was decided."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.in_force import policy_in_force
from nic_node.network.moderation.decide import (
    dismiss_flags,
    propose_block,
    propose_moderation,
    second,
    take_back_voice,
)
from nic_node.network.moderation.forms import BlockForm, DismissalForm, ModerationForm, VoiceForm
from nic_node.network.moderation.incidents import told_incidents
from nic_node.network.moderation.read import CaseView, Flagged, decided_cases, flagged_records, open_cases
from nic_node.network.moderation.states import Act, CaseState
from nic_node.network.moderation.words import ACTS, KINDS, STATES, code_words, reason_words, record_lines
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.vocab import MODERATION_REASONS

PAGE = "network.moderation"
WAITS = N_("Proposed. It is done when as many coordinators say yes as the policy asks for.")
MODERATED = N_("The record is being taken down. Its content is erased here within moments.")
BLOCKED = N_("The pseudonym is being blocked. It may still take its own records back.")
DISMISSED = N_("It stays as it is. If somebody flags it again, it stands here again.")
TAKEN_BACK = N_("Your yes is taken back.")
MOOT = N_("The record was taken back meanwhile; there is nothing left to do.")

Verb = Callable[[AsyncSession, Form], Awaitable[CaseView]]


async def show_moderation(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    moderation: Form | None = None,
    blocking: Form | None = None,
    problem: str = "",
    status: int = 200,
) -> web.Response:
    catalogue = i18n.translations(language_of(request))
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        flagged = await flagged_records(session, network.id)
        waiting = await open_cases(session, network.id)
        decided = await decided_cases(session, network.id)
        told = await told_incidents(session, network.id)
        needed = (await policy_in_force(session, network.id))["approvals_required"]
    values: dict[str, Any] = {
        "flagged": [_flagged(one, waiting, catalogue) for one in flagged],
        "waiting": [_case(view, catalogue) for view in waiting],
        "decided": [_case(view, catalogue) for view in decided],
        "needed": needed,
        "told": told,
        "person_id": actor_of(request).person_id,
        "reasons": [(entry.id, entry.label) for entry in MODERATION_REASONS.values()],
        "moderation": moderation or blank_form(),
        "blocking": blocking or blank_form(),
        "blank": blank_form(),
        "problem": problem,
        **coordinator_shell(request, network, PAGE),
    }
    return await render(request, "network/moderation/moderation.html", values, status=status)


def _flagged(one: Flagged, waiting: list[CaseView], catalogue: Any) -> dict[str, Any]:
    return {
        "record": one.record,
        "kind": KINDS[one.record.kind],
        "lines": record_lines(one.record.payload, catalogue),
        "codes": code_words(one.codes, catalogue),
        "pseudonyms": one.pseudonyms,
        "proposed": {view.case.act for view in waiting if view.case.record == one.record.record_id},
    }


def _case(view: CaseView, catalogue: Any) -> dict[str, Any]:
    return {
        "view": view,
        "case": view.case,
        "act": ACTS[view.case.act],
        "reason": reason_words(view.case.reason, catalogue),
        "state": STATES.get(view.case.state, ("", "")),
        "lines": record_lines(view.record.payload if view.record is not None else None, catalogue),
    }


async def take_moderation(request: web.Request) -> web.Response:
    async def propose(session: AsyncSession, form: Form) -> CaseView:
        return await propose_moderation(
            session, operator_key=local_node(request).operator_key, **_of(request), **form.data
        )

    form = await read_form(request, ModerationForm(), max_bytes=FORM_BYTES)
    view = await _try(request, form, "record", propose)
    if view is None:
        return await _page(request, moderation=form, status=422)
    return _said(request, view)


async def take_block(request: web.Request) -> web.Response:
    async def propose(session: AsyncSession, form: Form) -> CaseView:
        return await propose_block(session, operator_key=local_node(request).operator_key, **_of(request), **form.data)

    form = await read_form(request, BlockForm(), max_bytes=FORM_BYTES)
    view = await _try(request, form, "jkt", propose)
    if view is None:
        return await _page(request, blocking=form, status=422)
    return _said(request, view)


async def take_dismissal(request: web.Request) -> web.Response:
    async def dismiss(session: AsyncSession, form: Form) -> CaseView:
        return await dismiss_flags(session, **_of(request), **form.data)

    form = await read_form(request, DismissalForm(), max_bytes=FORM_BYTES)
    view = await _try(request, form, "record", dismiss)
    if view is None:
        return await _page(request, problem=_first(form), status=409)
    return _said(request, view)


async def take_second(request: web.Request) -> web.Response:
    async def say_yes(session: AsyncSession, form: Form) -> CaseView:
        given: dict[str, Any] = {
            "case_id": int(request.match_info["case_id"]),
            "operator_key": local_node(request).operator_key,
        }
        return await second(session, **given, **_of(request), **form.data)

    return await _take_voice(request, say_yes)


async def take_voice_back(request: web.Request) -> web.Response:
    async def undo(session: AsyncSession, form: Form) -> CaseView:
        case_id = int(request.match_info["case_id"])
        return await take_back_voice(session, case_id=case_id, **_of(request), **form.data)

    return await _take_voice(request, undo)


async def _take_voice(request: web.Request, verb: Verb) -> web.Response:
    form = await read_form(request, VoiceForm(), max_bytes=FORM_BYTES)
    view = await _try(request, form, "version", verb)
    if view is None:
        return await _page(request, problem=_first(form), status=409)
    return _said(request, view)


async def _try(request: web.Request, form: Form, name: str, verb: Verb) -> CaseView | None:
    """None where it was refused: then the form says why, beside field `name` where the verb names none."""
    if not form.ok:
        return None
    try:
        async with database(request).writing() as session:
            view = await verb(session, form)
    except InvalidInput as error:
        form.refuse(error)
        return None
    except (Conflict, NotFound) as error:
        form.errors[name] = [error.sentence]
        return None
    wake_worker(request)
    return view


def _said(request: web.Request, view: CaseView) -> web.Response:
    return flash.say(see_other(request, PAGE, id=int(request.match_info["id"])), _words(request, view))


def _words(request: web.Request, view: CaseView) -> str:
    if view.case.act == Act.DISMISS:
        return DISMISSED
    is_mine = actor_of(request).person_id in view.said
    words = {
        CaseState.OPEN: WAITS if is_mine else TAKEN_BACK,
        CaseState.WITHDRAWN: TAKEN_BACK,
        CaseState.MOOT: MOOT,
        CaseState.DONE: BLOCKED if view.case.act == Act.BLOCK else MODERATED,
    }
    return words[CaseState(view.case.state)]


def _first(form: Form) -> str:
    return next((said for sentences in form.errors.values() for said in sentences), "")


def _of(request: web.Request) -> dict[str, Any]:
    return {"network_id": int(request.match_info["id"]), "actor": actor_of(request), "now": now(request)}
