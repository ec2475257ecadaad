"""How fresh the library is, for everybody; and what was refused, for those who run the node."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.forms import EmptyForm
from nic_node.i18n import N_, translations
from nic_node.membership.read import network_with_log
from nic_node.mirror.forks.read import forks
from nic_node.mirror.freshness import Freshness, build_age, build_freshness
from nic_node.mirror.pull import pull_soon
from nic_node.mirror.sources import ask_source_again
from nic_node.mirror.states import RecordState
from nic_node.mirror.status import LogStatus, log_sources, log_statuses, refusals
from nic_node.web import context, flash
from nic_node.web.forms import FormSchema, load_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

OPERATE: Final = "log.read"
REFUSALS_A_PAGE: Final = 50
WHAT: Final = {
    "leaf": N_("Entry"),
    "blob": N_("Content"),
    "source": N_("The log's own answer"),
    "alarm": N_("Alarm at entry"),
}


class RefusalsQuery(FormSchema):
    after = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1))


class SourceForm(FormSchema):
    url = fields.String(required=True, validate=validate.Length(min=1, max=250))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCard:
    """One network on the page."""

    status: LogStatus
    freshness: Freshness
    silent: Freshness | None
    living: int
    gone: int
    withheld: int


def _card(status: LogStatus, now: datetime) -> LogCard:
    records = status.records
    return LogCard(
        status=status,
        freshness=build_freshness(status.state, status.current_at, now),
        silent=None if status.silence is None else build_age(status.silence.since, now),
        living=records.get(RecordState.LIVING, 0),
        gone=records.get(RecordState.GONE, 0) + records.get(RecordState.BLOCKED, 0),
        withheld=records.get(RecordState.WITHHELD, 0),
    )


async def show_log(request: web.Request) -> web.Response:
    who = visitor(request)
    is_operator = who is not None and OPERATE in who.permissions
    query = load_form(request.query, RefusalsQuery())
    after = query.data.get("after") if query.ok else None
    now = context.now(request)
    async with context.database(request).reading() as session:
        statuses = await log_statuses(session, now=now)
        seen = await forks(session)
        found = await refusals(session, after=after, limit=REFUSALS_A_PAGE + 1) if is_operator else []
        read_from = await log_sources(session) if is_operator else []
    catalogue = translations(language_of(request))
    values = {
        "logs": [_card(status, now) for status in statuses],
        "forks": {log: [one for one in seen if one.log_id == log] for log in {one.log_id for one in seen}},
        "is_operator": is_operator,
        "read_from": {one.log_id: one for one in read_from},
        "refusals": found[:REFUSALS_A_PAGE],
        "older_than": found[REFUSALS_A_PAGE - 1].id if len(found) > REFUSALS_A_PAGE else None,
        "after": after,
        "what_words": {what: catalogue.gettext(label) for what, label in WHAT.items()},
    }
    return await render(request, "mirror/log.html", values)


async def take_ask_again(request: web.Request) -> web.Response:
    """A source that was stopped is asked again."""
    form = await read_form(request, SourceForm(), max_bytes=FORM_BYTES)
    membership_id, now = int(request.match_info["id"]), context.now(request)
    async with context.database(request).writing() as session:
        await ask_source_again(session, membership_id, form.data.get("url", ""))
        await pull_soon(session, membership_id=membership_id, now=now)
    context.wake_worker(request)
    said = translations(language_of(request)).gettext(N_("It is asked again."))
    return flash.say(see_other(request, "log.show"), said)


async def take_pull(request: web.Request) -> web.Response:
    """'Fetch now': the worker does it."""
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    membership_id = int(request.match_info["id"])
    async with context.database(request).writing() as session:
        await network_with_log(session, membership_id)
        await pull_soon(session, membership_id=membership_id, now=context.now(request))
    context.wake_worker(request)
    said = translations(language_of(request)).gettext(N_("The log is being fetched."))
    return flash.say(see_other(request, "log.show"), said)
