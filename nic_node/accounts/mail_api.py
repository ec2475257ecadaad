"""Outgoing e-mail as JSON; a network's coordinators have the same of their network."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.mail_pages import settle_all, settle_mail
from nic_node.mail.read import list_mails, mail_of
from nic_node.mail.states import STATES
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.routes import Api, ApiHandler, Call

FindDesk = Callable[[web.Request, AsyncSession], Awaitable[str | None]]


class OutgoingMailSchema(ApiSchema):
    id = fields.Integer()
    event = fields.String()
    to_address = fields.String()
    to_name = fields.String()
    subject = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    problem = fields.String(metadata={"description": "Why it was not sent; '' for nothing."})
    code = fields.Integer(allow_none=True, metadata={"description": "The mail server's answer."})
    tries = fields.Integer()
    made_at = fields.AwareDateTime()
    next_try_at = fields.AwareDateTime(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)


class OutgoingMailWithTextSchema(OutgoingMailSchema):
    text = fields.String(metadata={"description": "Empty once a text that holds a link was sent."})


class OutgoingMailsSchema(ApiSchema):
    items = fields.List(fields.Nested(OutgoingMailSchema))
    next = fields.Integer(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class OutgoingMailsQuery(PageQuery):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoors:
    """The operations over one desk.

    Attributes:
        find_desk: which desk a request means; refuses who does not look after it.
    """

    find_desk: FindDesk

    async def list(self, call: Call) -> Any:
        async with database(call.request).reading() as session:
            desk = await self.find_desk(call.request, session)
            return await list_mails(session, desk=desk, **call.query)

    async def show(self, call: Call) -> Any:
        async with database(call.request).reading() as session:
            desk = await self.find_desk(call.request, session)
            return await mail_of(session, call.path_id("mail_id"), desk=desk)

    async def send(self, call: Call) -> Any:
        return await self._settle(call, "send")

    async def note_sent(self, call: Call) -> Any:
        return await self._settle(call, "sent")

    async def send_all(self, call: Call) -> None:
        async with database(call.request).writing() as session:
            desk = await self.find_desk(call.request, session)
            await settle_all(
                session, config(call.request), actor=actor_of(call.request), desk=desk, now=now(call.request)
            )
        wake_worker(call.request)

    async def _settle(self, call: Call, act: str) -> Any:
        async with database(call.request).writing() as session:
            desk = await self.find_desk(call.request, session)
            mail = await settle_mail(
                session,
                config(call.request),
                actor=actor_of(call.request),
                mail_id=call.path_id("mail_id"),
                act=act,
                desk=desk,
                now=now(call.request),
            )
        wake_worker(call.request)
        return mail


def mail_operations(prefix: str, name: str, tag: str, permit: str, find_desk: FindDesk) -> list[Api]:
    """The operations under `prefix`/mails."""
    doors = MailDoors(find_desk=find_desk)
    one, shown = f"{prefix}/mails/{{mail_id}}", OutgoingMailWithTextSchema()

    def operation(method: str, path: str, what: str, handler: ApiHandler, summary: str, **more: Any) -> Api:
        return Api(
            method=method,
            path=path,
            name=f"{name}.{what}",
            handler=handler,
            permit=permit,
            tag=tag,
            summary=summary,
            **more,
        )

    listed = {"query": OutgoingMailsQuery(), "answer": OutgoingMailsSchema()}
    return [
        operation("GET", f"{prefix}/mails", "list", doors.list, "Outgoing e-mail, newest first", **listed),
        operation("GET", one, "show", doors.show, "One e-mail with its text", answer=shown),
        operation("POST", f"{prefix}/mails/send", "send_all", doors.send_all, "Try all that were not sent again"),
        operation("POST", f"{one}/send", "send", doors.send, "Try to send an e-mail again", answer=shown),
        operation("POST", f"{one}/sent", "sent", doors.note_sent, "Note that it was sent by hand", answer=shown),
    ]


async def _whole_node(request: web.Request, session: AsyncSession) -> str | None:
    return None


def node_mail_operations() -> list[Api]:
    return mail_operations("", "api.mails", "operations", "mail.manage", _whole_node)
