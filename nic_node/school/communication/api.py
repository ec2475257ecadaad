"""Messages as JSON, each with how plainly it reads."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.communication.plain import read_plainly
from nic_node.school.communication.tables import Message
from nic_node.school.communication.write import change_message, message_of, messages, send_message, write_message
from nic_node.school.known_names import KnownNames, known_names
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.routes import Api, Call, api_of


class MessageValuesSchema(ApiSchema):
    title = fields.String()
    audience = fields.String(metadata={"description": "staff, families or district"})
    body = fields.String()


class ChangedMessageSchema(MessageValuesSchema):
    version = fields.Integer(strict=True, required=True)


class MessageLineSchema(ChangedMessageSchema):
    id = fields.Integer()
    written_on = fields.Date()
    sent_at = fields.AwareDateTime(allow_none=True)


class MessageSchema(MessageLineSchema):
    grade = fields.Float(allow_none=True, metadata={"description": "Flesch-Kincaid; null for a short text."})
    gives_away = fields.List(fields.String(), metadata={"description": "What must be reworded before it is sent."})


class MessagesSchema(ApiSchema):
    items = fields.List(fields.Nested(MessageLineSchema))


class MessageSentSchema(ApiSchema):
    sent = fields.Integer()


def api_routes() -> list[Api]:
    at, tag = "/communication", "communication"
    operation = api_of(tag, at, read="communication.read", write="communication.write", answer=MessageSchema())
    return [
        operation("GET", "", "list", read_messages, "Messages, the newest first.", answer=MessagesSchema()),
        operation("POST", "", "write", post_message, "Write one.", body=MessageValuesSchema(), status=201),
        operation("GET", "/{id}", "show", read_message, "One, and how plainly it reads."),
        operation("PATCH", "/{id}", "change", patch_message, "Change one.", body=ChangedMessageSchema()),
        operation("POST", "/{id}/send", "send", post_sending, "To all staff.", answer=MessageSentSchema()),
    ]


def _described(row: Message, names: KnownNames) -> dict[str, Any]:
    reading = read_plainly(f"{row.title}\n{row.body}", names)
    columns = {name: getattr(row, name) for name in MessageLineSchema().fields}
    return {**columns, "grade": reading.grade, "gives_away": reading.gives_away}


async def read_messages(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await messages(session)}


async def read_message(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return _described(await message_of(session, call.path_id()), await known_names(call.request, session))


async def post_message(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        today = school_day(request)
        row = await write_message(session, actor=actor_of(request), values=call.body, today=today, now=now(request))
        return _described(row, await known_names(request, session))


async def patch_message(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        row = await change_message(
            session,
            actor=actor_of(request),
            message_id=call.path_id(),
            values=values,
            version=version,
            now=now(request),
        )
        return _described(row, await known_names(request, session))


async def post_sending(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        sent = await send_message(
            session,
            config(request),
            actor=actor_of(request),
            message_id=call.path_id(),
            names=await known_names(request, session),
            now=now(request),
        )
    wake_worker(request)
    return {"sent": sent}
