"""Comments and files as JSON; a file's content is base64."""

import base64
import binascii
from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.discussion.pages import UPLOAD_BYTES, subject_of
from nic_node.school.discussion.read import beside
from nic_node.school.discussion.write import LONGEST_NAME, add_comment, attach_file
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call, api_of


class CommentValuesSchema(ApiSchema):
    text = fields.String(required=True, metadata={"description": "@Name tells whoever has it."})


class CommentSchema(CommentValuesSchema):
    id = fields.Integer()
    created_by = fields.Integer(allow_none=True)
    created_at = fields.AwareDateTime()


class AttachmentSchema(ApiSchema):
    id = fields.Integer()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "bytes"})
    sha256 = fields.String()
    created_by = fields.Integer(allow_none=True)
    created_at = fields.AwareDateTime()


class FileValuesSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    content = fields.String(required=True, metadata={"description": "base64, at most 5 MB decoded"})


class BesideSchema(ApiSchema):
    title = fields.String()
    comments = fields.List(fields.Nested(CommentSchema))
    files = fields.List(fields.Nested(AttachmentSchema))


def api_routes() -> list[Api]:
    operation = api_of(
        "projects",
        "/beside/{kind}/{id}",
        read="discussion.read",
        write="discussion.write",
        answer=BesideSchema(),
        named="discussion",
    )
    comment = {"body": CommentValuesSchema(), "answer": CommentSchema(), "status": 201}
    file = {"body": FileValuesSchema(), "answer": AttachmentSchema(), "status": 201, "max_bytes": 2 * UPLOAD_BYTES}
    return [
        operation(
            "GET", "", "show", read_beside, "Comments and files of a project, meeting, cycle, measure, community."
        ),
        operation("POST", "/comments", "comment", post_comment, "Write a comment.", **comment),
        operation("POST", "/files", "attach", post_file, "Attach a file.", **file),
    ]


async def read_beside(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await beside(session, *subject_of(call.request))


async def post_comment(call: Call) -> Any:
    kind, subject_id = subject_of(call.request)
    async with database(call.request).writing() as session:
        made = await add_comment(
            session,
            actor=actor_of(call.request),
            kind=kind,
            subject_id=subject_id,
            text=call.body["text"],
            now=now(call.request),
        )
    wake_worker(call.request)
    return made


async def post_file(call: Call) -> Any:
    kind, subject_id = subject_of(call.request)
    try:
        content = base64.b64decode(call.body["content"], validate=True)
    except binascii.Error as error:
        raise InvalidInput({"content": [N_("Send the file as base64.")]}) from error
    try:
        async with database(call.request).writing() as session:
            return await attach_file(
                session,
                actor=actor_of(call.request),
                kind=kind,
                subject_id=subject_id,
                name=call.body["name"],
                content=content,
                now=now(call.request),
            )
    except InvalidInput as error:
        raise InvalidInput({"content": error.fields["file"]}) from error
