"""Outgoing e-mail: what was sent, what waits, what a person has to send. The node's page, and each network's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, actor_of
from nic_node.accounts.audit import record_audit
from nic_node.accounts.forms import EmptyForm
from nic_node.config import Config
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.mail.read import list_mails, mail_of
from nic_node.mail.settle import mark_sent, send_again, send_all_again
from nic_node.mail.states import DEAD, HELD, PROBLEMS, SENT, STATES, WAITING
from nic_node.mail.tables import Mail
from nic_node.web import context, flash
from nic_node.web.forms import FormSchema, load_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

MAILS_A_PAGE = 50
STATE_LABELS = {
    HELD: (N_("Not sent"), "warn"),
    WAITING: (N_("On its way"), "acc"),
    SENT: (N_("Sent"), "good"),
    DEAD: (N_("Given up"), "stop"),
}
ACTS = ("send", "sent")


class MailsQuery(FormSchema):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    after = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1))


class MailActForm(FormSchema):
    act = fields.String(required=True, validate=validate.OneOf(ACTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whose mail a page shows.

    Attributes:
        name: as in `Mail.desk`; None for all of the node.
        routes: name of the route that 'list', 'one' and 'all' stand for; `parts` go into each address.
        shell: what takes the place of the school's shell.
    """

    name: str | None
    routes: Mapping[str, str]
    parts: Mapping[str, object] = field(default_factory=dict)
    shell: Mapping[str, Any] = field(default_factory=dict)


NODE_DESK = Desk(name=None, routes={"list": "accounts.mails", "one": "accounts.mail", "all": "accounts.mails_send"})


async def show_mails(request: web.Request) -> web.Response:
    return await mails_page(request, NODE_DESK)


async def show_mail(request: web.Request) -> web.Response:
    return await mail_page(request, NODE_DESK)


async def take_mail(request: web.Request) -> web.Response:
    return await take_mail_act(request, NODE_DESK)


async def take_all(request: web.Request) -> web.Response:
    return await take_send_all(request, NODE_DESK)


async def mails_page(request: web.Request, desk: Desk) -> web.Response:
    query = load_form(request.query, MailsQuery())
    asked = query.data if query.ok else MailsQuery().load({})
    async with context.database(request).reading() as session:
        page = await list_mails(session, desk=desk.name, state=asked["state"], after=asked["after"], limit=MAILS_A_PAGE)
    values = {
        "mails": page,
        "asked": asked,
        "state_labels": STATE_LABELS,
        "open": page.counts[HELD] + page.counts[DEAD],
        **_around(request, desk),
    }
    return await render(request, "accounts/mails.html", values)


async def mail_page(request: web.Request, desk: Desk) -> web.Response:
    async with context.database(request).reading() as session:
        mail = await mail_of(session, _mail_id(request), desk=desk.name)
    values = {"mail": mail, "state_labels": STATE_LABELS, "problems": PROBLEMS, **_around(request, desk)}
    return await render(request, "accounts/mail.html", values)


async def take_mail_act(request: web.Request, desk: Desk) -> web.Response:
    form = await read_form(request, MailActForm(), max_bytes=FORM_BYTES)
    response = see_other(request, desk.routes["one"], mail_id=_mail_id(request), **desk.parts)
    if not form.ok:
        return flash.say(response, N_("Choose what to do with this e-mail."), kind="error")
    try:
        async with context.database(request).writing() as session:
            await settle_mail(
                session,
                context.config(request),
                actor=actor_of(request),
                mail_id=_mail_id(request),
                act=form.data["act"],
                desk=desk.name,
                now=context.now(request),
            )
    except Conflict as error:
        return flash.say(response, error.sentence, kind="error")
    context.wake_worker(request)
    said = N_("It is on its way.") if form.data["act"] == "send" else N_("Noted: you sent it yourself.")
    return flash.say(response, said)


async def take_send_all(request: web.Request, desk: Desk) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    response = see_other(request, desk.routes["list"], **desk.parts)
    try:
        async with context.database(request).writing() as session:
            await settle_all(
                session,
                context.config(request),
                actor=actor_of(request),
                desk=desk.name,
                now=context.now(request),
            )
    except Conflict as error:
        return flash.say(response, error.sentence, kind="error")
    context.wake_worker(request)
    return flash.say(response, N_("They are on their way."))


async def settle_mail(
    session: AsyncSession, config: Config, *, actor: Actor, mail_id: int, act: str, desk: str | None, now: datetime
) -> Mail:
    """'send' it again, or note it as 'sent' by hand; who did so stands in the audit log.

    Raises:
        NotFound, Conflict: as `send_again` and `mark_sent`.
    """
    if act == "send":
        mail = await send_again(session, config, mail_id, desk=desk, now=now)
    else:
        mail = await mark_sent(session, mail_id, desk=desk, now=now)
    action = "mail.sent-again" if act == "send" else "mail.sent-by-hand"
    await _note(session, actor, action, mail_id, {"event": mail.event}, now)
    return mail


async def settle_all(session: AsyncSession, config: Config, *, actor: Actor, desk: str | None, now: datetime) -> int:
    """Send all that a person has to look after; how many. Raises Conflict without a mail server."""
    count = await send_all_again(session, config, desk=desk, now=now)
    await _note(session, actor, "mail.sent-again", None, {"mails": count}, now)
    return count


async def _note(
    session: AsyncSession, actor: Actor, action: str, mail_id: int | None, after: Mapping[str, Any], now: datetime
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="mail", subject_id=mail_id, before=None, after=after, now=now
    )


def _around(request: web.Request, desk: Desk) -> dict[str, Any]:
    has_server = context.config(request).smtp is not None
    return {"desk": desk, "has_server": has_server, **desk.shell}


def _mail_id(request: web.Request) -> int:
    return int(request.match_info["mail_id"])
