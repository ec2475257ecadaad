"""Who decides for a network, what each of them decided, and taking back what a stolen account decided."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDict

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.words import STATE_WORDS
from nic_node.network.approvals import list_approvals
from nic_node.network.coordinators import add_coordinator, coordinators_of, deciding_ids, remove_coordinator
from nic_node.network.decisions import Span, deciders_of, list_decisions
from nic_node.network.forms import CoordinatorForm, DecisionsQuery, ReversalForm
from nic_node.network.member_pages import STATE_LABELS
from nic_node.network.named import list_namings
from nic_node.network.reverse import reverse_decisions
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.network.voices import list_voices
from nic_node.web import flash
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.forms import Form, blank_form, load_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.vocab import MEMBERSHIP_REASONS

SURE = N_("Tick that these decisions were not the coordinators' own.")
REMOVED = N_("They decide nothing here any more. What they decided stands until you take it back.")
NOT_EVERYWHERE = N_("Taken back, but not everywhere: look at the schools that were decided about since.")
NOTHING = N_("There was nothing to take back in that time.")


async def show_coordinators(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request, *, form: Form | None = None, reversal: Form | None = None, status: int = 200
) -> web.Response:
    query = load_form(request.query if reversal is None else _as_query(reversal), DecisionsQuery())
    wanted = query.data if query.ok else {"by": None, "since": None, "until": None}
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        people = await coordinators_of(session, network.id)
        deciding = await deciding_ids(session, network.id)
        deciders = await deciders_of(session, network.id)
        span = span_of(wanted, zone=config(request).time_zone)
        decisions = await list_decisions(session, network.id, by=wanted["by"], span=span)
        voices = await list_voices(session, network.id, by=wanted["by"], span=span)
        approvals = await list_approvals(session, network.id, by=wanted["by"], span=span)
        namings = await list_namings(session, network.id, by=wanted["by"], span=span)
    chosen = next((each for each in deciders if each.person_id == wanted["by"]), None)
    values: dict[str, Any] = {
        "form": form or blank_form(),
        "query": query,
        "reversal": reversal or blank_form(query.values),
        "people": people,
        "deciding": deciding,
        "deciders": [(each.person_id, each.name) for each in deciders],
        "decisions": decisions,
        "voices": voices,
        "approvals": approvals,
        "namings": namings,
        "chosen": chosen,
        "may_reverse": chosen is not None and not chosen.decides and chosen.person_id != actor_of(request).person_id,
        "state_labels": STATE_LABELS,
        "state_words": STATE_WORDS,
        "reason_entries": MEMBERSHIP_REASONS,
        **coordinator_shell(request, network, "network.coordinators"),
    }
    return await render(request, "network/coordinators.html", values, status=status if query.ok else 422)


def _as_query(form: Form) -> MultiDict[str]:
    return MultiDict({name: form.values[name] for name in ("by", "since", "until") if form.values.get(name)})


def span_of(wanted: Mapping[str, Any], *, zone: str) -> Span:
    """From the first moment of one day to the last of another, at the school."""
    since, until = wanted["since"], wanted["until"]
    return Span(since=_start_of(since, zone), until=_start_of(until and until + timedelta(days=1), zone))


def _start_of(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


async def take_coordinator(request: web.Request) -> web.Response:
    form = await read_form(request, CoordinatorForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                network = await coordinated_network(request, session)
                await add_coordinator(
                    session,
                    actor=actor_of(request),
                    network_id=network.id,
                    email=form.data["email"],
                    now=now(request),
                )
            response = see_other(request, "network.coordinators", id=network.id)
            return flash.say(response, N_("Added. They decide for this network from now on."))
        except InvalidInput as error:
            form.refuse(error)
    return await _page(request, form=form, status=422)


async def take_removal(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    actor, person_id = actor_of(request), int(request.match_info["person_id"])
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    response = see_other(request, "network.coordinators", id=network.id)
    try:
        async with database(request).writing() as session:
            await remove_coordinator(session, actor=actor, network_id=network.id, person_id=person_id, now=now(request))
    except (Conflict, NotFound) as error:
        return flash.say(response, error.sentence, kind="error")
    if person_id == actor.person_id:
        response = see_other(request, "network.index")
    return flash.say(response, REMOVED)


async def take_reversal(request: web.Request) -> web.Response:
    """All that one person decided in a span of days, in one act."""
    form = await read_form(request, ReversalForm(), max_bytes=FORM_BYTES)
    if form.ok and not form.data["sure"]:
        form.errors["sure"] = [SURE]
    if not form.ok:
        return await _page(request, reversal=form, status=422)
    try:
        async with database(request).writing() as session:
            network = await coordinated_network(request, session)
            done = await reverse_decisions(
                session,
                local_node(request),
                network_id=network.id,
                person_id=form.data["by"],
                span=span_of(form.data, zone=config(request).time_zone),
                actor=actor_of(request),
                now=now(request),
            )
    except (Conflict, NotFound) as error:
        form.errors[""] = [error.sentence]
        return await _page(request, reversal=form, status=409)
    wake_worker(request)
    response = see_other(request, "network.coordinators", id=network.id)
    if not (done.undone or done.left or done.invitations or done.voices):
        return flash.say(response, NOTHING)
    if done.left:
        return flash.say(response, NOT_EVERYWHERE)
    return flash.say(response, N_("Taken back. Each school stands where it stood before."))
